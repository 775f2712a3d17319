"""Who pays: buyers, treasury, licence holders, the partner's makers and everybody else's, in one scope at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account, partner_name, yen_by_year
from tradecalc.beliefs import sample
from tradecalc.levers import Setting
from tradecalc.markets import ByOrigin, beliefs_on
from tradecalc.scenario import Scenario
from tradecalc.study.asked import beliefs_of, reference_of, stand_on
from tradecalc.study.market import Package, lay_package
from tradecalc.study.prepared import Prepared
from tradecalc.study.runs import run, with_options
from tradecalc.study.world import MOST_DRAWS
from tradecalc.terms import InputError

Array = NDArray[np.float64]
SCOPES: Final[dict[str, str]] = {
    "partner": "goods of the partner, under the law that the scenario takes for every origin",
    "everybody": "goods of all origins, under that law",
    "partner_alone": "goods of all origins, where only the partner's law changes and all others keep the reference's",
}
_CURRENCY: Final = {"JPN": "JPY"}
_MAKERS: Final = ("makers: price", "makers: volume")


def who_pays(
    scenario: str | Path | Scenario,
    *,
    account: Account | str | None = None,
    partner: str | None = None,
    draws: int | None = None,
    engine: str | None = None,
    margin: float = 0.0,
) -> pd.DataFrame:
    """Return what each side gains (or, negative, pays) under a scenario against its reference, in USD bn a year.

    Columns: kind, name, then the three scopes of ``SCOPES``, each followed by ``_p5`` and ``_p95`` where there are
    draws, and ``currency_bn``, the makers' rows of ``partner`` in the partner's currency at the mean rate of the
    account's year (NaN where none is known). Rows of kind

    * ``side`` sum to ``all``: buyers (their surplus, split by whose delivered price moved: `partial.gain_by_seller`),
      treasury, importers and exporters that hold licences, the makers of the partner by price (the cut of the border
      price on what they still sell) and by volume (surplus on what they no longer sell along a supply curve; under a
      given pass-through ``margin`` times it; and costs that a dearer dollar lowers), producers at home, rivals;
    * ``borne``: buyers and exporters bear the change in duty and rents, less the account's duty on the change in
      volume: ``buyers + exporters - licences + base = treasury``;
    * ``rival``: what each other origin's makers gain; ``sales``: the change in sales, customs value;
    * ``world``: the reporter's real income in the world engine, with ``engine="general"``.

    What does not belong to a scope is NaN. Attributes of the table: reference, account, currency, rate, failed_draws,
    ``no_world`` where the world engine refuses, and
    ``no_partner_alone`` where others cannot be left with the reference's law by its date alone.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        account, partner, draws: as in `run`.
        engine: "general" adds the world engine's real income; None takes the scenario's.
        margin: the makers' margin in the account's year, as a share of their price. Where the border price is given by
            a pass-through the market engine takes none, so that lost volume costs them nothing.

    Raises:
        InputError: a tree, a margin outside 0 to 1, or as `run`.
    """
    if not 0.0 <= margin < 1.0:
        raise InputError(f"who_pays: margin is {margin:g}; a share of the price from 0 to below 1 is allowed.")
    asked, ground = stand_on(scenario, account, partner)
    if asked.branches:
        raise InputError(f"who_pays: {asked.name} is a tree; name the scenario of one branch.")
    world = (engine or asked.engine) == "general"
    asked = with_options(asked, draws=draws, seed=None, engine="partial", year=None)
    reference = reference_of(asked, ground)
    values = sample(beliefs_of(asked, reference, ground), n=asked.draws.n, seed=asked.draws.seed)
    alone = partner_alone(asked, reference, ground.account)
    packages = [lay_package(question, reference, ground, values) for question in (asked, alone)]
    old = _end(packages[0], frozenset())
    ends = [_end(package, frozenset(package.levers)) for package in packages]
    rows = _Rows(packages[0].here, margin, old)
    found = {
        "partner": rows.of_the_partner(ends[0]),
        "everybody": rows.of_all(ends[0]),
        "partner_alone": rows.of_all(ends[1]) if (kept := _keeps(packages[1])) else {},
    }
    attributes: dict[str, Any] = {}
    if not kept:
        attributes["no_partner_alone"] = (
            f"{reference.name} changes the law of other origins itself, or was known otherwise on its day"
        )
    if world:
        for scope, question in (("everybody", asked), ("partner_alone", alone)):
            found[scope] |= _real_income(question, ground, attributes)
    table = _table(found, ground)
    rate = _rate(ground.account)
    at = table.index.isin(_MAKERS)
    table["currency_bn"] = np.where(at, table["partner"] * rate, np.nan)
    told: dict[str, Any] = {
        "scenario": asked.name,
        "reference": reference.name,
        "account": ground.account.name,
        "currency": _CURRENCY.get(ground.account.partner, ""),
        "rate": rate,
        "failed_draws": int(np.isnan(found["everybody"]["all"][1:]).sum()),
    }
    table.attrs.update(told | attributes)
    return table


def partner_alone(asked: Scenario, reference: Scenario, account: Account) -> Scenario:
    """Return a scenario in which all origins but the partner keep the law of the day that the reference asks about."""
    law = asked.tariffs.of_partner_alone(reference.tariffs, account.partner)
    return asked.model_copy(update={"tariffs": law})


def _keeps(package: Package) -> bool:
    """Say whether all origins but the partner pay what they pay in the reference."""
    new, old = (package.border(chosen).rates for chosen in (frozenset(package.levers), frozenset[str]()))
    others = np.arange(new.shape[-1]) != package.here.markets.partner
    return bool(np.allclose(new[..., others], old[..., others], rtol=0.0, atol=1e-12))


def _end(package: Package, chosen: frozenset[str]) -> ByOrigin:
    here = package.here
    found = ByOrigin.solve(
        here.markets,
        here.parameters,
        here.values,
        before=here.before,
        border=package.border(chosen),
        name=here.name,
    )
    return found.with_partner(package.side(chosen), here.markets.partner)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of the table, each (draw,), of a new state against the old one."""

    here: Setting
    margin: float
    old: ByOrigin

    def of_the_partner(self, new: ByOrigin) -> dict[str, Array]:
        """Return what the partner's goods do to each side."""
        j, nothing = self.here.markets.partner, np.full(len(new.sales), np.nan)
        change = {name: part[..., j].sum(axis=1) for name, part in self._changes(new).items()}
        sides = {
            "buyers": change["buyers"],
            "treasury": change["duty"],
            "licences: importers": change["rent_to_importer"],
            "licences: exporters": change["rent_to_exporter"],
            **self._makers(new),
        }
        return {
            **sides,
            "home producers": nothing,
            "rivals": nothing,
            "all": np.sum(list(sides.values()), axis=0),
            **_borne(change),
            "sales: partner": change["sales"],
        }

    def of_all(self, new: ByOrigin) -> dict[str, Array]:
        """Return what the goods of all origins do to each side."""
        markets = self.here.markets
        by_origin = {name: part.sum(axis=1) for name, part in self._changes(new).items()}
        change = {name: part.sum(axis=1) for name, part in by_origin.items()}
        others = [i for i in range(len(markets.origins)) if i not in (markets.partner, markets.home)]
        surplus, sales = by_origin["surplus"], by_origin["sales"]
        sides = {
            "buyers": (new.consumer_gain - self.old.consumer_gain).sum(axis=1),
            "treasury": change["duty"],
            "licences: importers": change["rent_to_importer"],
            "licences: exporters": change["rent_to_exporter"],
            **self._makers(new),
            "home producers": surplus[:, markets.home],
            "rivals": surplus[:, others].sum(axis=1),
        }
        return {
            **sides,
            "all": np.sum(list(sides.values()), axis=0),
            **_borne({name: part[:, markets.foreign].sum(axis=1) for name, part in by_origin.items()}),
            **{f"rival: {markets.origins[i]}": surplus[:, i] for i in others},
            "sales: partner": sales[:, markets.partner],
            "sales: rivals": sales[:, others].sum(axis=1),
            "sales: home": sales[:, markets.home],
            **{f"sales: {markets.origins[i]}": sales[:, i] for i in others},
        }

    def _changes(self, new: ByOrigin) -> dict[str, Array]:
        names = (
            "sales",
            "duty",
            "buyers_bear",
            "exporters_bear",
            "rent_to_importer",
            "rent_to_exporter",
            "base_effect",
            "surplus",
        )
        here = self.here
        gain = new.buyers_gain_from(self.old, here.markets, here.parameters, here.values, here.before)
        return {"buyers": gain, **{name: getattr(new, name) - getattr(self.old, name) for name in names}}

    def _makers(self, new: ByOrigin) -> dict[str, Array]:
        """Return what the partner's makers lose by price and by volume."""
        markets, j, old = self.here.markets, self.here.markets.partner, self.old
        price = -(new.exporters_bear - old.exporters_bear)[..., j]
        surplus = (new.surplus - old.surplus)[..., j]
        shipped = markets.value[:, j] * (new.quantity_hat - old.quantity_hat)[..., j]
        roles = beliefs_on(markets, self.here.parameters, self.here.values)
        passed = roles["pass_through"]
        at_margin = np.zeros(shipped.shape, bool) if passed is None else np.isfinite(passed)
        volume = surplus - price + self.margin * np.where(at_margin, shipped, 0.0)
        return dict(zip(_MAKERS, (price.sum(axis=1), volume.sum(axis=1)), strict=True))


def _borne(change: dict[str, Array]) -> dict[str, Array]:
    return {
        "borne: buyers": change["buyers_bear"],
        "borne: exporters": change["exporters_bear"],
        "borne: licences": change["rent_to_importer"] + change["rent_to_exporter"],
        "borne: base": change["base_effect"],
    }


def _real_income(question: Scenario, ground: Prepared, attributes: dict[str, Any]) -> dict[str, Array]:
    """Return the world engine's real income of the reporter, (draw,); where it refuses, why in ``attributes``."""
    n = question.draws.n
    try:
        result = run(question, account=ground.account, engine="general", draws=min(n, MOST_DRAWS))
    except InputError as refused:
        attributes["no_world"] = str(refused)
        return {}
    name = "real_income_change_usd_bn"
    return {"real income": np.append(result.central[name].to_numpy(), result.draws[name].to_numpy())}


def _table(found: dict[str, dict[str, Array]], ground: Prepared) -> pd.DataFrame:
    """Return one row a side, each scope with its interval where there are draws."""
    names = list(dict.fromkeys(name for scope in ("everybody", "partner_alone", "partner") for name in found[scope]))
    rows = []
    for name in names:
        row: dict[str, Any] = {"row": name, "kind": _kind(name), "name": _words(name, ground)}
        for scope in SCOPES:
            drawn = found[scope].get(name, np.full(1, np.nan))
            row[scope] = float(drawn[0])
            if len(found["everybody"]["all"]) > 1:
                known = len(drawn) > 1 and not np.isnan(drawn[1:]).all()
                low, high = np.nanquantile(drawn[1:], [0.05, 0.95]) if known else (np.nan, np.nan)
                row |= {f"{scope}_p5": float(low), f"{scope}_p95": float(high)}
        rows.append(row)
    return pd.DataFrame(rows).set_index("row")


def _kind(name: str) -> str:
    head = name.split(":")[0]
    return {"all": "all", "real income": "world", "borne": "borne", "rival": "rival", "sales": "sales"}.get(
        head, "side"
    )


def _words(name: str, ground: Prepared) -> str:
    definition, us = ground.account.definition, "US" if ground.account.reporter == "USA" else ground.account.reporter
    known = {
        "buyers": f"{us} buyers",
        "treasury": f"{us} treasury, duty",
        "licences: importers": "importers with quota licences",
        "licences: exporters": "exporters with quota licences",
        "makers: price": f"makers of {definition.in_a_sentence}: price on what they still sell",
        "makers: volume": f"makers of {definition.in_a_sentence}: margin on lost sales (0 where none is named)",
        "home producers": f"{us} producers (0 by assumption: their price is held)",
        "rivals": "makers of all other origins",
        "all": "all sides together",
        "borne: buyers": "borne by buyers on what they still buy",
        "borne: exporters": "borne by exporters on what they still sell",
        "borne: licences": "kept by licence holders",
        "borne: base": "duty of the account's law on the change in volume",
        "real income": f"{us} real income, world engine",
        "sales: partner": f"sales of {definition.in_a_sentence}",
        "sales: rivals": "sales of all other origins",
        "sales: home": f"sales of {us} producers",
    }
    if name in known:
        return known[name]
    head, origin = name.split(": ")
    return f"{'makers' if head == 'rival' else 'sales'}: {partner_name(origin)}"


def _rate(account: Account) -> float:
    """Return the partner's currency per USD, the mean of the account's year; NaN where no rate is held."""
    return float(yen_by_year().get(account.year, np.nan)) if _CURRENCY.get(account.partner) == "JPY" else float("nan")
