"""Tables over scenarios, over pairs of levers, and over the sellers in one market."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.beliefs import sample
from tradecalc.markets import Border, beliefs_on, check_product, solve_markets
from tradecalc.partial import PartialSolution, RentSplit
from tradecalc.scenario import Scenario, list_scenarios
from tradecalc.study.asked import beliefs_of, reference_of, stand_on
from tradecalc.study.by_date import levels
from tradecalc.study.market import lay_package
from tradecalc.study.prepared import Prepared
from tradecalc.study.runs import run
from tradecalc.study.shapley import interactions as second_differences
from tradecalc.terms import InputError


def headline_table(
    names: Iterable[str] | None = None, *, account: str = "us-japan-2024", draws: int | None = None
) -> pd.DataFrame:
    """Return one row a scenario: its names, the change in the deficit with its spread, levels, duty and buyers' gain.

    Beside each change its 5th and 95th percentile over draws: ``p5`` and ``p95`` against the reference,
    ``vs_account_p5`` and ``vs_account_p95`` against the account. ``narrows_in`` is the share of draws in which the
    deficit narrows against the reference (NaN without draws). ``deficit_usd_bn`` is the level in the long run,
    ``deficit_first_year_usd_bn`` that of the first full year at the central beliefs, see `levels` (NaN for a tree or
    where a year is asked about). ``consumer_gain_usd_bn`` counts goods of all origins, ``duty_change_usd_bn`` those of
    the partner: `who_pays` puts both in one scope.

    Args:
        names: shipped names or paths; None takes all shipped scenarios that rest on ``account``.
        account: as in `load_account`.
        draws: as in `run`.
    """
    rows = []
    for name in names if names is not None else list_scenarios(account):
        result = run(name, draws=draws)
        low, high = result.interval("deficit_change_usd_bn")
        account_low, account_high = result.interval("deficit_change_vs_account_usd_bn")
        rows.append(
            {
                "scenario": result.scenario.name,
                "title": result.scenario.title,
                "short": result.scenario.short,
                "question": result.scenario.question,
                "deficit_change_usd_bn": result.deficit_change_usd_bn,
                "p5": low,
                "p95": high,
                "narrows_in": result.narrows_in,
                "deficit_change_vs_account_usd_bn": result.deficit_change_vs_account_usd_bn,
                "vs_account_p5": account_low,
                "vs_account_p95": account_high,
                "deficit_usd_bn": float(result.central["deficit_usd_bn"]),
                "deficit_first_year_usd_bn": _first_year(result.scenario),
                "duty_change_usd_bn": float(result.central["duty_change_usd_bn"]),
                "consumer_gain_usd_bn": float(result.central.get("consumer_gain_usd_bn", np.nan)),
                "failed_draws": result.failed_draws,
            }
        )
    return pd.DataFrame(rows).set_index("scenario")


def _first_year(scenario: Scenario) -> float:
    if scenario.branches or scenario.year is not None or scenario.engine != "partial":
        return float("nan")
    return float(levels(scenario, draws=0)["deficit_usd_bn"].loc["first full year, scenario"])


def interactions(scenario: str | Path | Scenario, *, account: Account | str | None = None) -> pd.DataFrame:
    """Return what pairs of levers do together beyond what each does alone, in USD bn, at the central beliefs.

    Rows and columns are the levers that meet in a market; the diagonal is each lever alone. Purchases interact with
    nothing: they add to sales dollar for dollar.
    """
    asked, ground = stand_on(scenario, account)
    reference = reference_of(asked, ground)
    package = lay_package(asked, reference, ground, sample(beliefs_of(asked, reference, ground), n=0, seed=0))
    names = list(package.levers)
    found = second_differences(names, lambda chosen: package.value(chosen).sum(axis=1)[0])
    return pd.DataFrame(found, index=pd.Index(names, name="lever"), columns=names)


@dataclass(frozen=True, eq=False)
class SolvedMarkets:
    """All import markets of one scenario at the central beliefs: the account's rates, the border, what was solved."""

    before: NDArray[np.float64]
    border: Border
    solution: PartialSolution
    recorded: RentSplit


def solved_markets(asked: Scenario, ground: Prepared) -> SolvedMarkets:
    """Return every import market under a scenario, at the central beliefs; law and quotas count."""
    values = sample(asked.beliefs(), n=0, seed=0)
    package = lay_package(asked, asked, ground, values)
    before, border = package.here.before, package.border(frozenset())
    roles = beliefs_on(ground.markets, asked.parameters, values)
    solved, recorded, _ = solve_markets(ground.markets, roles, before, border.rates, (border.quota, border.within))
    return SolvedMarkets(before, border, solved, recorded)


def market_table(
    scenario: str | Path | Scenario,
    product: str,
    *,
    account: Account | str | None = None,
) -> pd.DataFrame:
    """Return the reporter's market of one product under a scenario, at the central beliefs; one row an origin.

    Columns: origin; ``rate_before``, ``rate_after`` (fractions); ``before_usd_bn``, ``after_usd_bn`` and
    ``change_usd_bn`` (customs value, home at basic prices); ``price_hat``, ``delivered_hat``, ``quantity_hat``;
    ``units_after`` where the account counts pieces of that origin (NaN elsewhere); ``duty_usd_bn``. Before is the
    account's year and law. Law and quotas count; plants, links and the dollar are not in it.

    Raises:
        InputError: a tree, or not a product of the account with a market (with the nearest).
    """
    asked, ground = stand_on(scenario, account)
    if asked.branches:
        raise InputError(f"market_table: {asked.name} is a tree; name the scenario of one branch.")
    book, markets = ground.account, ground.markets
    check_product(product, markets.products, "market_table")
    row = markets.products.index(product)
    at = solved_markets(asked, ground)
    before, after, solved, recorded = at.before, at.border.rates[0], at.solution, at.recorded
    value, home = markets.value[row], markets.home
    counted = product in book.definition.units
    units = np.full(value.shape, np.nan)
    if counted:
        units[markets.partner] = book.units(product) * solved.quantity_hat[0, row, markets.partner]
    table = pd.DataFrame(
        {
            "origin": markets.origins,
            "rate_before": before[row],
            "rate_after": after[row],
            "before_usd_bn": value,
            "after_usd_bn": recorded.recorded_value[0, row],
            "change_usd_bn": recorded.recorded_value[0, row] - value,
            "price_hat": solved.price_hat[0, row],
            "delivered_hat": solved.delivered_hat[0, row],
            "quantity_hat": solved.quantity_hat[0, row],
            "units_after": units,
            "duty_usd_bn": recorded.recorded_duty[0, row],
        }
    )
    return table.assign(origin=[f"{o} (home)" if i == home else o for i, o in enumerate(markets.origins)])
