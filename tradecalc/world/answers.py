"""Where the trade goes: answers of the world engine by partner and by closure, beside those of the market engine."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tradecalc.files import read_table
from tradecalc.result import Result
from tradecalc.scenario import Scenario, assumptions, load_scenario
from tradecalc.study import prepare, run
from tradecalc.terms import InputError
from tradecalc.worlds import World, load_world, names_of_countries, read_world, world_names, world_parameters
from tradecalc.worlds import elasticities as theta_of

CLOSURES: Final[dict[str, str]] = {
    "fixed": "every overall deficit stays, in units of world income",
    "proportional": "spending stays the same multiple of wages and tariff revenue",
    "balanced": "no country has a deficit, before or after",
}


def with_world(scenario: str | Path | Scenario, **choice: Any) -> Scenario:
    """Return a scenario for the world engine; ``choice``: ``name`` of the world, ``closure``.

    Raises:
        InputError: a closure that does not exist.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    unknown = sorted(set(choice) - {"name", "closure"})
    if unknown or choice.get("closure", "fixed") not in CLOSURES:
        raise InputError(
            f"with_world: got {choice!r}; a `name` of {', '.join(world_names())} and a `closure` of "
            f"{', '.join(CLOSURES)} are allowed."
        )
    return asked.model_copy(update={"engine": "general", "world": asked.world.model_copy(update=choice)})


def believed(scenario: Scenario) -> pd.DataFrame:
    """Return what the world engine believes in a scenario, what is merely assumed first; columns as `assumptions`.

    Diversion is no belief here: the world finds it.
    Elasticities that no parameter names stand in the table of sectors, see `elasticities`.
    """
    world = _world_of(scenario)
    table = assumptions(scenario.model_copy(update={"parameters": world_parameters(world, scenario.parameters)}))
    return table[~table["parameter"].str.endswith(".diversion")].reset_index(drop=True)


def elasticities(scenario: Scenario) -> pd.DataFrame:
    """Return the central trade elasticity of each sector of a scenario's world, with its source and status."""
    world = _world_of(scenario)
    parameters = world_parameters(world, scenario.parameters)
    central = {name: np.array([parameter.belief.central]) for name, parameter in parameters.items()}
    used = theta_of(world, parameters, central)[0]
    table = pd.DataFrame({"sector": world.sectors, "label": world.labels, "theta": used})
    file = read_world(world.name)
    named = {sector: name for name, parameter in parameters.items() for sector in parameter.sectors}
    listed = read_table(file.sectors).set_index("sector") if file.sectors else pd.DataFrame()
    for column in ("theta_status", "theta_source"):
        own = listed[column].reindex(world.sectors).to_numpy() if file.sectors else [""] * len(used)
        table[column] = ["see " + named[s] if s in named else v for s, v in zip(world.sectors, own, strict=True)]
    return table


def partners(result: Result) -> pd.DataFrame:
    """Return where the trade goes: one row a partner, the deficit that widens most first, and their sum.

    Columns: name, and in USD bn imports, exports and deficit in goods, deficit in services, both together. The last row
    holds the overall change, which is zero by construction under ``fixed`` and ``balanced``.

    Raises:
        InputError: the result is not of the world engine.
    """
    central = result.central
    if "partner_deficit_change_usd_bn" not in central:
        raise InputError("partners: the market engine has one partner; run the scenario with engine='general'.")
    table = pd.DataFrame(
        {
            "imports": central["partner_imports_change_usd_bn"].to_series(),
            "exports": central["partner_exports_change_usd_bn"].to_series(),
            "goods_deficit": central["partner_deficit_change_usd_bn"].to_series(),
            "services_deficit": central["partner_services_deficit_change_usd_bn"].to_series(),
        }
    )
    table["deficit"] = table["goods_deficit"] + table["services_deficit"]
    table = table.sort_values("goods_deficit", ascending=False, kind="stable")
    table = pd.concat([table, table.sum().rename("all partners").to_frame().T]).rename_axis("country")
    table.insert(0, "name", [country_names(result).get(str(code), str(code)) for code in table.index])
    return table


def country_names(result: Result) -> dict[str, str]:
    """Return the names in words of the partners that a result of the world engine shows."""
    return names_of_countries(result.scenario.world.name)


def by_closure(
    scenario: str | Path | Scenario, *, names: Iterable[str] = ("world-2014",), draws: int = 0
) -> pd.DataFrame:
    """Return bilateral and overall change in the deficit under each closure and world, in USD bn.

    ``bilateral`` (goods), ``others_goods`` and ``services`` sum to ``overall``; ``duty`` is what all imports pay. Real
    incomes of the reporter and the partner are in per cent.
    """
    rows = []
    for name in names:
        for closure in CLOSURES:
            result = run(with_world(scenario, name=name, closure=closure), draws=draws)
            rows.append({"world": name, "closure": closure, **_answer(result)})
    return pd.DataFrame(rows).set_index(["world", "closure"])


def side_by_side(names: Iterable[str | Path | Scenario], *, draws: int = 0, **choice: Any) -> pd.DataFrame:
    """Return bilateral and overall change in the deficit by scenario: market engine, then world engine, in USD bn."""
    rows = []
    for name in names:
        market = run(name, draws=draws, engine="partial")
        world = run(with_world(name, **choice), draws=draws)
        rows.append({"scenario": world.scenario.name, "market": market.deficit_change_usd_bn, **_answer(world)})
    return pd.DataFrame(rows).set_index("scenario")


def combined(market: Result, world: Result) -> pd.DataFrame:
    """Return one table of both engines: the bilateral answer by product from one, third countries from the other.

    Columns: part ("bilateral", "product", "third country", "overall"), name, market and world, each the change in the
    deficit in USD bn; blank where an engine has no answer. Products are imports of the partner; purchases are exports.

    Raises:
        InputError: the two results are not of one scenario and account, or not of the two engines.
    """
    same = market.scenario.name == world.scenario.name and market.account == world.account
    if not same or market.scenario.engine != "partial" or world.scenario.engine != "general":
        raise InputError("combined: give the results of one scenario, first engine='partial', then engine='general'.")
    rows: list[tuple[str, str, float | None, float | None]] = [
        ("bilateral", world.account["partner"], market.deficit_change_usd_bn, world.deficit_change_usd_bn)
    ]
    by_product = market.central["imports_change_by_product_usd_bn"].to_series()
    rows += [("product", str(product), float(value), None) for product, value in by_product.items() if value]
    rows += [("product", "purchases", -float(market.central["exports_change_usd_bn"]), None)]
    third = partners(world).drop([world.account["partner"], "all partners"])
    rows += [("third country", str(name), None, float(value)) for name, value in third["goods_deficit"].items()]
    services = float(world.central["partner_services_deficit_change_usd_bn"].sum())
    rows += [("third country", "services, all partners", None, services)]
    rows += [("overall", "all partners", None, float(world.central["overall_deficit_change_usd_bn"]))]
    return pd.DataFrame(rows, columns=["part", "name", "market", "world"])


def _answer(result: Result) -> dict[str, float]:
    central, account = result.central, result.account
    bilateral, goods = result.deficit_change_usd_bn, float(central["overall_goods_deficit_change_usd_bn"])
    low, high = result.interval("deficit_change_usd_bn")
    real = 100 * (central["real_income_hat"] - 1)
    return {
        "bilateral": bilateral,
        "p5": low,
        "p95": high,
        "others_goods": goods - bilateral,
        "services": float(central["partner_services_deficit_change_usd_bn"].sum()),
        "overall": float(central["overall_deficit_change_usd_bn"]),
        "duty": float(central["overall_duty_change_usd_bn"]),
        "real_income_reporter": float(real.sel(region=account["reporter"])),
        "real_income_partner": float(real.sel(region=account["partner"])),
    }


def _world_of(scenario: Scenario) -> World:
    return load_world(scenario.world.name, prepare(scenario.account).account)
