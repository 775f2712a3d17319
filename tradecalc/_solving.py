"""One scenario in, one result out, for beliefs already drawn: the reference found, the engine chosen."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tradecalc._answer import answer, lay_package
from tradecalc._commitments import pledge_accounts
from tradecalc._layout import schedule_of
from tradecalc._world_run import run_world
from tradecalc.account import Account
from tradecalc.result import Result
from tradecalc.scenario import LEVERS, Scenario, load_scenario
from tradecalc.tariffs import TariffSchedule, load_tariffs
from tradecalc.terms import InputError

Array = NDArray[np.float64]


def reference_of(asked: Scenario) -> Scenario:
    """Return the scenario that another is measured against.

    Raises:
        InputError: a tree, or the two hold different levers of one name, whose beliefs could not be told apart.
    """
    if asked.branches:
        raise InputError(
            f"{asked.name} is a tree, whose own law does not count; name the scenario of one branch, or use `run`."
        )
    if asked.relative_to == asked.name:
        return asked
    reference = load_scenario(asked.relative_to)
    if reference.branches:
        raise InputError(f"{asked.name}: relative_to names the tree {reference.name}; name one scenario.")
    for field in LEVERS:
        new, old = getattr(asked, field) or {}, getattr(reference, field) or {}
        both = set(new) & set(old) if isinstance(new, dict) and isinstance(old, dict) else {"exchange_rate"}
        for name in sorted(both):
            same = new[name] == old[name] if isinstance(new, dict) and isinstance(old, dict) else new == old
            if new and old and not same:
                raise InputError(
                    f"{asked.name}: {field} {name!r} differs from that of {reference.name}, which it is measured "
                    "against; give it another name."
                )
    return reference


def solve(
    asked: Scenario,
    reference: Scenario,
    book: Account,
    values: Mapping[str, Array],
    *,
    tariffs: TariffSchedule | None = None,
    moved: tuple[str, Array] | None = None,
) -> Result:
    """Return the labelled result for given values of every belief, the central case first.

    ``moved``: a rate or a quota of the asked scenario that takes one value a draw, see `study.sweep`.
    """
    if asked.engine == "general":
        schedules = [tariffs or schedule_of(question, book) for question in (asked, reference)]
        laws = (schedules[0], schedules[1], tariffs or load_tariffs(book.definition.law))
        bought = (pledge_accounts(asked, book, values), pledge_accounts(reference, book, values))
        return run_world(asked, reference, book, laws=laws, pledges=bought, values=dict(values), moved=moved)
    package = lay_package(asked, reference, book, values, tariffs=tariffs, moved=moved)
    return answer(package, values, tariffs or schedule_of(asked, book))
