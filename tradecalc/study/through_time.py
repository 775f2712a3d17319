"""A scenario through time: months and years, the law by date, ramps, and elasticities that need time."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tradecalc.beliefs import Period, periods
from tradecalc.result import Result, annotate
from tradecalc.scenario import Scenario
from tradecalc.study.market import Package, lay_package
from tradecalc.study.prepared import Prepared
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError

Array = NDArray[np.float64]
PAID_BACK = 3  # months over which a purchase brought forward is missing afterwards


def with_path(
    result: Result,
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    values: Mapping[str, Array],
    *,
    schedule: TariffSchedule | None = None,
) -> Result:
    """Return a result with its path: deficit, duty and average tariff by month and year, at annual rates.

    In every period both scenarios are solved from the account at the law of that period. A month is the account's year
    at that month's law: seasons are not modelled.

    Raises:
        InputError: the scenario has no timeline, or asks about one year already.
    """
    if asked.timeline is None or asked.year is not None or asked.engine != "partial":
        raise InputError(
            f"{asked.name}: a path needs `timeline:`, no `year:` and the market engine; extend status-quo-2025-06 or "
            "add one."
        )
    spans = periods(asked.timeline)
    packages = [
        lay_package(asked, reference, ground, values, schedule=schedule, when=when, dated=True) for when in spans
    ]
    sides = [[_flows(package, i) for package in packages] for i in (0, 1)]
    shifts = [_brought_forward(asked, values, side, ground.markets.partner, spans) for side in sides]
    levels = [
        np.stack([imports.sum(axis=1) - sold for imports, sold, _, _ in side], axis=1) + shift
        for side, shift in zip(sides, shifts, strict=True)
    ]
    own = ground.markets.value[:, ground.markets.partner]
    baseline = float(own.sum()) - float(packages[0].here.sold.usd_bn.sum())
    rates = [np.array([r[:, ground.markets.partner] @ (own / own.sum()) for *_, r in side]) for side in sides]
    return attach(
        result,
        {
            "path_deficit_change_usd_bn": levels[0] - levels[1],
            "path_deficit_usd_bn": ground.account.deficit_usd_bn + levels[0] - baseline,
            "path_duty_usd_bn": np.stack([duty for _, _, duty, _ in sides[0]], axis=1),
        },
        {"path_rate": rates[0], "path_rate_reference": rates[1]},
        [span.name for span in spans],
    )


def attach(result: Result, drawn: dict[str, Array], fixed: dict[str, Array], names: list[str]) -> Result:
    """Return a result with variables over ``period``: ``drawn`` (draw, period) and ``fixed`` (period)."""
    data = {name: (("draw", "period"), array) for name, array in drawn.items()}
    data |= {name: (("period",), array) for name, array in fixed.items()}  # type: ignore[misc]
    extra = annotate(xr.Dataset(data, coords={"period": names}))
    return replace(
        result,
        central=result.central.merge(extra.isel(draw=0)),
        draws=result.draws.merge(extra.isel(draw=slice(1, None))),
    )


def _flows(package: Package, i: int) -> tuple[Array, Array, Array, Array]:
    """Return imports (draw, product), exports, duty (draw) and rates (product, origin) of scenario (0) or reference."""
    chosen = frozenset(package.levers) if i == 0 else frozenset[str]()
    side = package.side(chosen)
    sold = package.sales(chosen).sum(axis=1) + package.bought(i)
    return side.imports, sold, side.duty.sum(axis=1), package.border(chosen).rates[0]


def _brought_forward(
    asked: Scenario,
    values: Mapping[str, Array],
    flows: list[tuple[Array, Array, Array, Array]],
    partner: int,
    spans: list[Period],
) -> Array:
    """Return the imports (draw, period) that importers bring forward before a rise and miss in the months after it.

    ``f d ln(1 + rate)`` of a month's imports; a fall puts them off instead. They see a change one month ahead.
    """
    named = [name for name, p in asked.parameters.items() if p.role == "front_loading"]
    out = np.zeros((len(flows[0][0]), len(spans)))
    if not named:
        return out
    eager = values[named[0]]
    months = [i for i, span in enumerate(spans) if len(span.name) > 4]
    for i in months[:-1]:
        step = np.log1p(flows[i + 1][3][:, partner]) - np.log1p(flows[i][3][:, partner])
        early = eager * (flows[i][0] @ step)
        out[:, i] += early
        later = [k for k in months if i < k <= i + PAID_BACK]
        for k in later:
            out[:, k] -= early / len(later)
    return out
