"""Plants in place of shipments: imports after localisation and the links between goods, on a solved side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradecalc._calendar import Period, overlap, share_at
from tradecalc._layout import Markets, check_product
from tradecalc._reforms import Localisation
from tradecalc._sides import Side
from tradecalc.account import Account
from tradecalc.scenario import Scenario

Array = NDArray[np.float64]

FLOWS: Final[dict[str, str]] = {
    "not_shipped": "goods that plants make instead, a year",
    "parts": "parts shipped for the plants, a year",
    "equipment": "machinery shipped in the period",
    "equipment_in_all": "machinery shipped while the plants are built, in all",
    "capital": "the investment, in all; capital, not goods",
    "profits": "profits paid abroad, a year; income account, not goods",
}
_WITH_QUANTITY: Final = (
    "duty",
    "quantity_hat",
    "surplus",
    "rent",
    "buyers_bear",
    "exporters_bear",
    "licences_keep",
)


@dataclass(frozen=True)
class Plant:
    """One localisation at its draws: every flow of `FLOWS` in USD bn, (draw,); those not asked for are NaN.

    The change in goods imports is ``-not_shipped + parts + equipment``.
    """

    not_shipped: Array
    parts: Array
    equipment: Array
    equipment_in_all: Array
    capital: Array
    profits: Array


def linked(side: Side, scenario: Scenario, markets: Markets, before: Array, values: Mapping[str, Array]) -> Side:
    """Return a side with what follows when another good is not shipped; ``before`` holds the account's rates."""
    imports = side.imports.copy()
    for name, link in scenario.links.items():
        source, to = (_row(markets, p, f"links.{name}") for p in (link.source, link.to))
        missing = markets.value[source, markets.partner] * (1.0 - side.quantity_hat[:, source])
        follow = values[f"links.{name}.share"] * missing * side.price_hat[:, to]
        imports[:, to] = np.maximum(imports[:, to] + follow, 0.0)
    return _with_imports(side, imports, (markets.value * before)[:, markets.partner])


def moved(
    side: Side,
    plants: Mapping[str, Localisation],
    markets: Markets,
    before: Array,
    account: Account,
    values: Mapping[str, Array],
    when: Period | None = None,
    since: date | None = None,
) -> tuple[Side, dict[str, Plant]]:
    """Return a side after plants took over part of the shipments, and the flows of each; at most all is taken over.

    ``when`` and ``since`` as in `share_at`.
    """
    imports, left = side.imports.copy(), side.quantity_hat.copy()
    a_piece = np.divide(side.imports, side.quantity_hat, out=np.zeros_like(imports), where=left > 0)
    found = {}
    for name, plant in plants.items():
        row = _row(markets, plant.product, f"localisation.{name}.product")
        base = float(markets.value[row, markets.partner])
        ramp = share_at(plant.ramp, when, since)
        made = _made(name, plant, account, values, base) * ramp  # in multiples of the baseline
        gone = np.minimum(made * values[f"localisation.{name}.displacement"], left[:, row])
        left[:, row] -= gone
        imports[:, row] -= gone * a_piece[:, row]
        parts, equipment, in_all = np.zeros(made.shape), np.zeros(made.shape), np.zeros(made.shape)
        if plant.parts:
            to = _row(markets, plant.parts.product, f"localisation.{name}.parts.product")
            parts = values[f"localisation.{name}.parts.share"] * made * base * side.price_hat[:, to]
            imports[:, to] += parts
        capital = values.get(f"localisation.{name}.capital_usd_bn", np.full(made.shape, np.nan))
        if plant.equipment:
            to = _row(markets, plant.equipment.product, f"localisation.{name}.equipment.product")
            in_all = values[f"localisation.{name}.equipment.share"] * capital
            years = plant.equipment.last - plant.equipment.first + 1
            equipment = in_all / years * overlap(plant.equipment.first, plant.equipment.last, when)
            imports[:, to] += equipment
        found[name] = Plant(
            not_shipped=gone * a_piece[:, row],
            parts=parts,
            equipment=equipment,
            equipment_in_all=in_all,
            capital=capital,
            profits=capital * values.get(f"localisation.{name}.profit_rate", np.nan) * ramp,
        )
    return _with_imports(side, imports, (markets.value * before)[:, markets.partner]), found


def _made(name: str, plant: Localisation, account: Account, values: Mapping[str, Array], base: float) -> Array:
    """Return what plants make a year at the full ramp, in multiples of the baseline imports of the good."""
    n = next(iter(values.values())).size
    amount = values.get(f"localisation.{name}.moved", np.full(n, plant.moved.amount))
    return amount / (account.units(plant.product) if plant.moved.unit == "units_per_year" else base)


def _with_imports(side: Side, imports: Array, duty_before: Array) -> Side:
    """Return a side with other imports: all that goes with a quantity grows with it, prices and rates stay."""
    grown = np.divide(imports, side.imports, out=np.ones_like(imports), where=side.imports > 0)
    scaled = {name: getattr(side, name) * grown for name in _WITH_QUANTITY}
    base_effect = side.base_effect + duty_before * side.quantity_hat * (grown - 1.0)
    return replace(side, imports=imports, base_effect=base_effect, **scaled)


def _row(markets: Markets, product: str, where: str) -> int:
    check_product(product, markets.products, where)
    return markets.products.index(product)
