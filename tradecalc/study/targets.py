"""How much of a lever reaches a target, or that no amount does; and pairs of levers that reach it together."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.levers import Dial, Lever, kinds
from tradecalc.scenario import Scenario
from tradecalc.study.asked import reference_of, stand_on
from tradecalc.study.prepared import Prepared
from tradecalc.study.sweeps import run_over
from tradecalc.terms import InputError, nearest

Array = NDArray[np.float64]
_ROUNDS, _POINTS = 8, 33


@dataclass(frozen=True)
class Turn:
    """A dial of one lever of a scenario; ``alone``: this lever only, at the law of what the scenario is measured by."""

    lever: str
    kind: type[Lever]
    name: str
    dial: Dial
    alone: Scenario


def solve_for(
    scenario: str | Path | Scenario,
    *,
    lever: str,
    target_usd_bn: float,
    alone: bool = True,
    account: Account | str | None = None,
) -> pd.DataFrame:
    """Return the smallest amount of a lever that narrows the deficit by a target, at the central beliefs.

    A lever runs as far as it can go: a barrier to the highest equivalent that is believed of it, a rate to ten, plants
    to five times what is shipped, the dollar to three tenths cheaper, a promise to what the buyer takes from others and
    what the seller can supply. What the buyer takes is not known of every good: then no target is called reached.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario that holds the lever.
        lever: ``"pledge: NAME"``, ``"barrier: NAME"``, ``"retaliation: NAME"``, ``"localisation: NAME"``,
            ``"exchange rate"`` or ``"quota: PRODUCT"`` of the scenario, or ``"rate: PRODUCT"``, the partner's rate.
        target_usd_bn: by how much the deficit is to narrow against ``relative_to``, USD bn a year, above 0.
        alone: this lever by itself at the reference's law; False keeps everything else that the scenario holds.
        account: as in `run`.

    Returns:
        One row: lever, target_usd_bn, amount and its unit (NaN where no amount does), reached, most_usd_bn (the most
        the lever narrows the deficit over its whole range; NaN where nobody knows), most_at (the amount that does), and
        limit: what stops it short of the target ("the buyer's room", "the seller's capacity", "the range of the
        belief", "the range of the lever", "it does not narrow", "not known"), empty where it is reached.

    Raises:
        InputError: not a lever of the scenario (with the nearest), a target that is not above 0, a lever that only the
            market engine has.
    """
    asked, ground = stand_on(scenario, account)
    if not (np.isfinite(target_usd_bn) and target_usd_bn > 0):
        raise InputError(f"solve_for: target_usd_bn is {target_usd_bn:g}; an amount above 0 is allowed.")
    turn = dial_of(asked, lever, ground)
    question, dial = turn.alone if alone else asked, turn.dial
    reference, grid = reference_of(question, ground), dial.grid

    def narrowed(amounts: Array) -> Array:
        return -run_over(question, reference, ground, dial.parameter, amounts)["deficit_change_usd_bn"].to_numpy()

    done = narrowed(grid)
    best = int(np.nanargmax(done))
    word, known = _end(dial, float(done[best]))
    if not known:
        return _row(lever, target_usd_bn, dial.unit, limit=word)
    hit = np.flatnonzero(done >= target_usd_bn - 1e-12)
    if not hit.size:
        most = float(max(done[best], 0.0))
        return _row(lever, target_usd_bn, dial.unit, most=most, at=float(grid[best]), limit=word)
    low, high = (grid[hit[0] - 1], grid[hit[0]]) if hit[0] else (grid[0], grid[0])
    for _ in range(_ROUNDS if high != low else 0):
        fine = np.linspace(low, high, _POINTS)
        first = int(np.argmax(narrowed(fine) >= target_usd_bn - 1e-12))
        low, high = (fine[first - 1], fine[first]) if first else (fine[0], fine[0])
    return _row(lever, target_usd_bn, dial.unit, float(high), float(max(done[best], 0.0)), float(grid[best]))


def _end(dial: Dial, most: float) -> tuple[str, bool]:
    """Return in words what ends a lever at its most, and whether anybody knows how much that is."""
    if any(np.isnan(at) for _, at in dial.ends):
        return "not known", False
    word = min(dial.ends, key=lambda end: end[1])[0]
    return (word if most > 1e-12 else "it does not narrow"), True


def _row(
    lever: str,
    target: float,
    unit: str,
    amount: float = np.nan,
    most: float = np.nan,
    at: float = np.nan,
    limit: str = "",
) -> pd.DataFrame:
    """Return the answer of `solve_for` as a row."""
    return pd.DataFrame(
        {
            "lever": [lever],
            "target_usd_bn": [float(target)],
            "amount": [amount],
            "unit": [unit],
            "reached": [bool(np.isfinite(amount))],
            "most_usd_bn": [most],
            "most_at": [at],
            "limit": [limit],
        }
    )


def frontier(
    scenario: str | Path | Scenario, *, levers: tuple[str, str], target_usd_bn: float, points: int = 9
) -> pd.DataFrame:
    """Return pairs of amounts of two levers that reach one target together, each pair a row.

    The first lever runs from nothing to what reaches the target alone, or to its most; for each of its amounts the
    second column says how much of the other is still needed, NaN where none is enough. Everything else stays as in the
    reference. Columns are named by the levers, then ``reached`` and ``limit``, what stops the second; a first lever
    whose most is not known gives one row, not reached.

    Raises:
        InputError: as `solve_for`, one lever twice, or a first lever that is a rate or a quota: name it second.
    """
    asked, ground = stand_on(scenario, None)
    if levers[0] == levers[1]:
        raise InputError(f"frontier: both levers are {levers[0]!r}; name two.")
    one, two = (dial_of(asked, lever, ground) for lever in levers)
    if one.dial.swept:
        raise InputError(f"frontier: {levers[0]!r} runs in steps of a grid only; name it as the second lever.")
    first = solve_for(asked, lever=levers[0], target_usd_bn=target_usd_bn)
    end = float(first["amount"].iloc[0] if first["reached"].iloc[0] else first["most_at"].iloc[0])
    columns = [*levers, "reached", "limit"]
    if np.isnan(end):
        return pd.DataFrame([(np.nan, np.nan, False, str(first["limit"].iloc[0]))], columns=columns)
    both = _with(two.alone, asked, one.kind, one.name)
    rows = []
    for amount in np.linspace(0.0, end, points):
        fixed = set_amount(both, one.dial.parameter, float(amount))
        needed = solve_for(fixed, lever=levers[1], target_usd_bn=target_usd_bn, alone=False)
        answer = needed.iloc[0]
        rows.append((float(amount), float(answer["amount"]), bool(answer["reached"]), str(answer["limit"])))
    return pd.DataFrame(rows, columns=columns)


def set_amount(scenario: Scenario, parameter: str, amount: float) -> Scenario:
    """Return a scenario whose lever has another amount: a belief becomes fixed, a headline is replaced."""
    field, *names, key = parameter.split(".")
    kind = next(kind for kind in kinds() if kind.field == field)
    held, name = kind.held(scenario), names[0] if names else ""
    changed: Scenario = kind.put(scenario, {**held, name: kind.turned(held[name], key, amount)})
    return changed


def dial_of(asked: Scenario, lever: str, ground: Prepared) -> Turn:
    """Return the dial of a lever of a scenario.

    Raises:
        InputError: the scenario has no such lever (with the nearest).
    """
    if asked.engine != "partial":
        raise InputError(
            f"solve_for: {asked.name} asks for the world engine; levers are dialled in the market engine only."
        )
    book = ground.account
    known = {
        kind.dialled(name): (kind, name, dial) for kind in kinds() for name, dial in kind.dials(asked, book).items()
    }
    if lever not in known:
        swept = [form for kind in kinds() for form in kind.sweeps(asked)]
        names = [*(label for label, (_, _, dial) in known.items() if not dial.swept), *swept]
        raise InputError(
            f"solve_for: {lever!r} is not a lever of {asked.name}; it has {', '.join(names)}."
            f"{nearest(lever, set(known))}"
        )
    kind, name, dial = known[lever]
    bare = _bare(asked, ground)
    return Turn(lever, kind, name, dial, _with(bare, asked, kind, name) if name in kind.held(asked) else bare)


def _bare(asked: Scenario, ground: Prepared) -> Scenario:
    """Return a scenario without levers: the law and all levers of what it is measured against, beliefs of its own."""
    reference, bare = reference_of(asked, ground), asked
    for kind in (kind for kind in kinds() if not kind.shared):
        bare = kind.put(bare, kind.held(reference))
    return bare


def _with(bare: Scenario, asked: Scenario, kind: type[Lever], name: str) -> Scenario:
    """Return a scenario with one named lever of another added."""
    added: Scenario = kind.put(bare, {**kind.held(bare), name: kind.held(asked)[name]})
    return added
