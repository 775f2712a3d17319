"""Draw, stack arrays, solve, label: one scenario in, one result out."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc._answer import lay_package
from tradecalc._draws import sample
from tradecalc._market_table import market_table
from tradecalc._path import with_path
from tradecalc._shapley import interactions as second_differences
from tradecalc._solving import reference_of, solve
from tradecalc._sweep import sweep
from tradecalc._targets import frontier, solve_for
from tradecalc._tree import branch_table, run_tree
from tradecalc._world_run import MOST_DRAWS, beliefs_of
from tradecalc.account import Account, load_account
from tradecalc.result import Result
from tradecalc.scenario import Scenario, list_scenarios, load_scenario
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError

__all__ = [
    "branch_table",
    "frontier",
    "headline_table",
    "interactions",
    "market_table",
    "run",
    "solve_for",
    "sweep",
]

Array = NDArray[np.float64]


def run(
    scenario: str | Path | Scenario,
    *,
    account: Account | str | None = None,
    tariffs: TariffSchedule | None = None,
    draws: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    year: int | None = None,
    path: bool = False,
) -> Result:
    """Return what a scenario does to the bilateral deficit, against the scenario it is measured by.

    Both are solved from the account at the law of the account's own year, on common draws of the scenario's beliefs. A
    scenario with ``branches`` is answered by the expectation over them, see `branch_table`.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        account: an account or its name; None takes the scenario's.
        tariffs: a schedule that stands for both scenarios; None takes the law as known on each one's ``as_of``.
        draws: number of draws; None takes the scenario's; 0 solves the central case only.
        seed: of the draws; None takes the scenario's.
        engine: "partial" (the reporter's import markets) or "general" (the world; 100 draws where none are asked for);
            None takes the scenario's.
        year: a calendar year, in which ramps and short-run elasticities count; None takes the scenario's, and where it
            names none, the long run with everything in place.
        path: solve the scenario's timeline at once, so that a saved result holds it; without, `Result.path` does
            when it is asked for.

    Raises:
        InputError: an unknown scenario, product or engine, a pledge whose baseline is not known, negative draws, a path
            without a timeline.
        ConvergenceError: the central case did not converge.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    asked = _with_options(asked, draws=draws, seed=seed, engine=engine, year=year)
    book = account if isinstance(account, Account) else load_account(account or asked.account)
    if asked.branches:
        options = {"engine": asked.engine, "year": asked.year}

        @cache
        def tree(path: bool) -> Result:
            return run_tree(
                asked, lambda leaf: _run(leaf.model_copy(update=options), book=book, tariffs=tariffs, path=path)
            )

        return tree(True) if path else replace(tree(False), solve_path=lambda: tree(True))
    return _run(asked, book=book, tariffs=tariffs, path=path)


def _run(asked: Scenario, *, book: Account, tariffs: TariffSchedule | None, path: bool) -> Result:
    reference = reference_of(asked)
    values = sample(beliefs_of(asked, reference, book), n=asked.draws.n, seed=asked.draws.seed)
    result = solve(asked, reference, book, values, tariffs=tariffs)

    @cache
    def along() -> Result:
        return with_path(result, asked, reference, book, values, tariffs=tariffs)

    return along() if path else replace(result, solve_path=along)


def interactions(scenario: str | Path | Scenario, *, account: Account | str | None = None) -> pd.DataFrame:
    """Return what pairs of levers do together beyond what each does alone, in USD bn, at the central beliefs.

    Rows and columns are the levers that meet in a market; the diagonal is each lever alone. Purchases interact with
    nothing: they add to sales dollar for dollar.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    reference = reference_of(asked)
    book = account if isinstance(account, Account) else load_account(account or asked.account)
    package = lay_package(asked, reference, book, sample(beliefs_of(asked, reference, book), n=0, seed=0))
    names = list(package.levers)
    found = second_differences(names, lambda chosen: package.value(chosen).sum(axis=1)[0])
    return pd.DataFrame(found, index=pd.Index(names, name="lever"), columns=names)


def headline_table(
    names: Iterable[str] | None = None, *, account: str = "us-japan-2024", draws: int | None = None
) -> pd.DataFrame:
    """Return one row a scenario: the change in the deficit with its 90 per cent interval, duty and buyers' gain.

    Args:
        names: shipped names or paths; None takes all shipped scenarios that rest on ``account``.
        account: as in `load_account`.
        draws: as in `run`.
    """
    rows = []
    books: dict[str, Account] = {}
    for name in names if names is not None else list_scenarios(account):
        scenario = load_scenario(name)
        if scenario.account not in books:
            books[scenario.account] = load_account(scenario.account)
        result = run(scenario, account=books[scenario.account], draws=draws)
        low, high = result.interval("deficit_change_usd_bn")
        rows.append(
            {
                "scenario": result.scenario.name,
                "question": result.scenario.question,
                "deficit_change_usd_bn": result.deficit_change_usd_bn,
                "p5": low,
                "p95": high,
                "deficit_change_vs_account_usd_bn": result.deficit_change_vs_account_usd_bn,
                "duty_change_usd_bn": float(result.central["duty_change_usd_bn"]),
                "consumer_gain_usd_bn": float(result.central.get("consumer_gain_usd_bn", np.nan)),
                "failed_draws": result.failed_draws,
            }
        )
    return pd.DataFrame(rows).set_index("scenario")


def _with_options(
    scenario: Scenario, *, draws: int | None, seed: int | None, engine: str | None, year: int | None
) -> Scenario:
    if engine not in (None, "partial", "general"):
        raise InputError(f"run: {engine!r} is not an engine here; use 'partial' or 'general'.")
    chosen_engine = engine or scenario.engine
    if draws is None and chosen_engine == "general":
        draws = min(scenario.draws.n, MOST_DRAWS)
    for name, value in (("draws", draws), ("seed", seed), ("year", year)):
        if value is not None and (isinstance(value, bool) or value != int(value) or value < 0):
            raise InputError(f"run: {name} is {value!r}; a whole number of 0 or more is allowed.")
    if year is not None and not 2000 <= year <= 2100:
        raise InputError(f"run: year is {year}; a calendar year from 2000 to 2100 is allowed.")
    chosen = {key: int(value) for key, value in (("n", draws), ("seed", seed)) if value is not None}
    options = {"engine": chosen_engine, "year": scenario.year if year is None else int(year)}
    return scenario.model_copy(update={"draws": scenario.draws.model_copy(update=chosen), **options})
