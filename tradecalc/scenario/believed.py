"""What a scenario believes, what is merely assumed first."""

from typing import Any

import pandas as pd

from tradecalc.beliefs import ROLES, load_references
from tradecalc.levers import kinds
from tradecalc.scenario.scenario import Scenario
from tradecalc.scenario.words import partner_of


def assumptions(scenario: Scenario, *, path: bool = False) -> pd.DataFrame:
    """Return what a scenario believes, what is merely assumed first: one row a distribution that its answer uses.

    The status says bound by bound what a source gives: ``derived; likeliest and highest assumed`` stands behind what is
    assumed in full and before what is not. A belief that was chosen for another partner says so in its note. Columns:
    parameter, holds for, central, low, high (percentiles 5 and 95 of a lognormal), source, status, note.

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
                "status": reference.status_of(belief),
                "note": ". ".join(
                    filter(None, (_outcomes(belief), reference.note.rstrip("."), _taken_over(scenario, name)))
                ),
            }
        )
    rows.sort(key=_rank)
    return pd.DataFrame(rows)


def _rank(row: dict[str, Any]) -> tuple[bool, bool]:
    """Return the place of a belief: what is assumed, then what is assumed in part, then what a source gives in full."""
    return row["status"] != "assumed", "assumed" not in row["status"]


def _outcomes(belief: Any) -> str:
    """Return in words what low and high cannot say: the probability of an outcome."""
    if belief.dist == "chance":
        return f"True with probability {belief.probability:g}"
    zero = getattr(belief, "zero", 0.0)
    return f"Exactly 0 with probability {zero:g}" if zero else ""


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
