"""One scenario in, one result out: `run`."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from tradecalc.account import Account
from tradecalc.beliefs import sample
from tradecalc.result import Result
from tradecalc.scenario import Scenario, on_account
from tradecalc.study.asked import beliefs_of, reference_of, solve, stand_on
from tradecalc.study.prepared import Prepared
from tradecalc.study.through_time import with_path
from tradecalc.study.tree import run_tree
from tradecalc.study.world import MOST_DRAWS
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError


def run(
    scenario: str | Path | Scenario,
    *,
    account: Account | str | None = None,
    partner: str | None = None,
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
        partner: ISO-3 code of the partner, in place of its account.
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
    asked, ground = stand_on(scenario, account, partner)
    asked = with_options(asked, draws=draws, seed=seed, engine=engine, year=year)
    return run_on(ground, asked, tariffs=tariffs, path=path)


def run_on(ground: Prepared, asked: Scenario, *, tariffs: TariffSchedule | None, path: bool) -> Result:
    """Return the result of a scenario on an account that is laid out; a tree runs each of its outcomes."""
    if not asked.branches:
        return _run(asked, ground, tariffs=tariffs, path=path)
    options = {"engine": asked.engine, "year": asked.year}

    @cache
    def tree(path: bool) -> Result:
        found = run_tree(asked, lambda leaf: _run(leaf.model_copy(update=options), ground, tariffs=tariffs, path=path))
        return replace(found, scenario=on_account(asked, ground.account))

    return tree(True) if path else replace(tree(False), solve_path=lambda: tree(True))


def _run(asked: Scenario, ground: Prepared, *, tariffs: TariffSchedule | None, path: bool) -> Result:
    asked = on_account(asked, ground.account)
    reference = reference_of(asked, ground)
    values = sample(beliefs_of(asked, reference, ground), n=asked.draws.n, seed=asked.draws.seed)
    result = solve(asked, reference, ground, values, schedule=tariffs)

    @cache
    def along() -> Result:
        return with_path(result, asked, reference, ground, values, schedule=tariffs)

    return along() if path else replace(result, solve_path=along)


def with_options(
    scenario: Scenario, *, draws: int | None, seed: int | None, engine: str | None, year: int | None
) -> Scenario:
    """Return a scenario with what a run was asked for in place of its own.

    Raises:
        InputError: not an engine, a number that is not whole or below 0, or a year outside 2000 to 2100.
    """
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
