"""The way of a question: what it is measured against, what is drawn, and the engine that answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.levers import kinds, schedule_of
from tradecalc.result import Result
from tradecalc.scenario import Scenario, load_scenario, on_account
from tradecalc.study.answer import answer
from tradecalc.study.market import lay_package
from tradecalc.study.prepared import Prepared, prepared
from tradecalc.study.world import answer_world, lay_world, world_beliefs
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError

Array = NDArray[np.float64]


def scenario_of(scenario: str | Path | Scenario) -> Scenario:
    """Return a scenario that may be given by name or path."""
    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def stand_on(
    scenario: str | Path | Scenario, account: Account | str | None, partner: str | None = None
) -> tuple[Scenario, Prepared]:
    """Return a scenario as asked of an account or a partner, and that account laid out; None takes the scenario's own.

    A tree stays as it is: each of its outcomes is asked of the account when it is solved.

    Raises:
        InputError: no such scenario, account or partner, or a lever on a good that the account does not hold.
    """
    asked = scenario_of(scenario)
    own = asked.account if account is None and partner is None else account
    ground = prepared(own, partner=partner)
    return asked if asked.branches else on_account(asked, ground.account), ground


def reference_of(asked: Scenario, ground: Prepared) -> Scenario:
    """Return the scenario that another is measured against, on the same account.

    Raises:
        InputError: a tree, or the two hold different levers of one name, whose beliefs could not be told apart.
    """
    if asked.branches:
        raise InputError(
            f"{asked.name} is a tree, whose own law does not count; name the scenario of one branch, or use `run`."
        )
    if asked.relative_to == asked.name:
        return asked
    reference = on_account(load_scenario(asked.relative_to), ground.account)
    if reference.branches:
        raise InputError(f"{asked.name}: relative_to names the tree {reference.name}; name one scenario.")
    for kind in (kind for kind in kinds() if kind.top and not kind.shared and kind.field != "tariffs"):
        new, old = kind.held(asked), kind.held(reference)
        for name in sorted(set(new) & set(old)):
            if new[name] != old[name]:
                raise InputError(
                    f"{asked.name}: {kind.field} {name or kind.field!r} differs from that of {reference.name}, which "
                    "it is measured against; give it another name."
                )
    return reference


def beliefs_of(asked: Scenario, reference: Scenario, ground: Prepared) -> dict[str, Any]:
    """Return every distribution that the engine of a scenario draws."""
    if asked.engine == "general":
        return world_beliefs(asked, reference, ground)
    return reference.beliefs() | asked.beliefs()


def solve(
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    values: Mapping[str, Array],
    *,
    schedule: TariffSchedule | None = None,
    moved: tuple[str, Array] | None = None,
) -> Result:
    """Return the labelled result for given values of every belief, the central case first.

    ``moved``: a rate or a quota of the asked scenario that takes one value a draw, see `sweep`.
    """
    law = schedule or schedule_of(asked, ground.account)
    if asked.engine == "general":
        if moved is not None:
            raise InputError("sweep: the rate of a product runs in the market engine only; take `engine: partial`.")
        return answer_world(lay_world(asked, reference, ground, values, schedule=schedule), asked, reference, law)
    return answer(lay_package(asked, reference, ground, values, schedule=schedule, moved=moved), values, law)
