"""What a scenario believes, what is merely assumed first."""

from typing import Any

import pandas as pd

from tradecalc.beliefs import ROLES, load_references
from tradecalc.levers import kinds
from tradecalc.scenario.scenario import Scenario
from tradecalc.scenario.words import partner_of


def assumptions(scenario: Scenario, *, path: bool = False) -> pd.DataFrame:
    """Return what a scenario believes, what is merely assumed first: one row a distribution that its answer uses.

    A belief that was chosen for another partner says so in its note. Columns: parameter, holds for, central, low, high
    (percentiles 5 and 95 of a lognormal), source, status, note.

    Args:
        scenario: the question.
        path: with what only a path uses, as `Scenario.year` does.
    """
    known = load_references()
    rows: list[dict[str, Any]] = []
    for name, belief in scenario.beliefs().items():
        parameter, reference = scenario.parameters.get(name), known[belief.reference]
        if parameter and parameter.role in _idle(scenario, path=path):
            continue
        low, high = belief.bounds
        named = ", ".join(parameter.products + parameter.sectors) if parameter else "the lever"
        rows.append(
            {
                "parameter": name,
                "holds for": named or "all other products",
                "central": belief.central,
                "low": low,
                "high": high,
                "source": reference.citation,
                "status": reference.status,
                "note": ". ".join(filter(None, (reference.note.rstrip("."), _taken_over(scenario, name)))),
            }
        )
    merely_assumed = [row for row in rows if row["status"] == "assumed"]
    return pd.DataFrame(merely_assumed + [row for row in rows if row["status"] != "assumed"])


def _taken_over(scenario: Scenario, name: str) -> str:
    chosen_for = scenario.taken_over.get(name)
    if chosen_for is None:
        return ""
    return f"Chosen for {chosen_for}; nothing better is known of {partner_of(scenario.account)}."


def _idle(scenario: Scenario, *, path: bool) -> set[str]:
    """Return the roles of parameters that do not enter the answer of a scenario."""
    pulled = [kind for kind in kinds() if kind.active(scenario)]
    abroad = any(kind.reaches("abroad") or kind.reaches("bought") for kind in pulled)
    idle = set() if abroad else set(ROLES["partner"])
    idle |= {role for kind in kinds() for role in kind.roles if kind not in pulled}
    return idle | (set() if path else {"front_loading"} if scenario.year else set(ROLES["time"]))
