"""How much of a lever reaches a target, or that no amount does; and pairs of levers that reach it together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc._beliefs import Fixed
from tradecalc._layout import check_product
from tradecalc._solving import reference_of
from tradecalc._sweep import run_over
from tradecalc.account import Account, load_account
from tradecalc.scenario import Scenario, load_scenario
from tradecalc.terms import InputError, nearest

Array = NDArray[np.float64]
_PLEDGED = 1e5  # USD bn, or as much in pieces: beyond any trade there is
_CHEAPER = 0.3  # the dollar: further than that, constant elasticities say nothing
_ROUNDS, _POINTS = 8, 33


@dataclass(frozen=True)
class Dial:
    """A number that a lever turns: the parameter that `sweep` runs, its unit, and the grid from nothing to the most.

    ``alone`` is the scenario with this lever only, at the law of the scenario it is measured against.
    """

    lever: str
    parameter: str
    unit: str
    grid: Array
    endless: bool
    alone: Scenario


def solve_for(scenario: str | Path | Scenario, *, lever: str, target_usd_bn: float, alone: bool = True) -> pd.DataFrame:
    """Return the smallest amount of a lever that narrows the deficit by a target, at the central beliefs.

    A lever runs as far as it can go: a barrier to the highest equivalent that is believed of it, a rate to ten, plants
    to five times what is shipped, the dollar to three tenths cheaper, a promise without end.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario that holds the lever.
        lever: ``"pledge: NAME"``, ``"barrier: NAME"``, ``"retaliation: NAME"``, ``"localisation: NAME"``,
            ``"exchange rate"`` or ``"quota: PRODUCT"`` of the scenario, or ``"rate: PRODUCT"``, the partner's rate.
        target_usd_bn: by how much the deficit is to narrow against ``relative_to``, USD bn a year, above 0.
        alone: this lever by itself at the reference's law; False keeps everything else that the scenario holds.

    Returns:
        One row: lever, target_usd_bn, amount and its unit (NaN where no amount does), reached, most_usd_bn (the most
        the lever narrows the deficit over its whole range; inf where it has no end), most_at (the amount that does).

    Raises:
        InputError: not a lever of the scenario (with the nearest), a target that is not above 0, a lever that only the
            market engine has.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if not (np.isfinite(target_usd_bn) and target_usd_bn > 0):
        raise InputError(f"solve_for: target_usd_bn is {target_usd_bn:g}; an amount above 0 is allowed.")
    book = load_account(asked.account)
    dial = dial_of(asked, lever, book)
    question = dial.alone if alone else asked
    reference, grid = reference_of(question), dial.grid

    def narrowed(amounts: Array) -> Array:
        return -run_over(question, reference, book, dial.parameter, amounts)["deficit_change_usd_bn"].to_numpy()

    done = narrowed(grid)
    best = int(np.nanargmax(done))
    endless = dial.endless and bool(done[-1] > 1.01 * done[-2])
    hit = np.flatnonzero(done >= target_usd_bn - 1e-12)
    amount = float("nan")
    if hit.size:
        low, high = (grid[hit[0] - 1], grid[hit[0]]) if hit[0] else (grid[0], grid[0])
        for _ in range(_ROUNDS if high != low else 0):
            fine = np.linspace(low, high, _POINTS)
            first = int(np.argmax(narrowed(fine) >= target_usd_bn - 1e-12))
            low, high = (fine[first - 1], fine[first]) if first else (fine[0], fine[0])
        amount = float(high)
    return pd.DataFrame(
        {
            "lever": [lever],
            "target_usd_bn": [float(target_usd_bn)],
            "amount": [amount],
            "unit": [dial.unit],
            "reached": [bool(hit.size)],
            "most_usd_bn": [np.inf if endless else float(max(done[best], 0.0))],
            "most_at": [np.nan if endless else float(grid[best])],
        }
    )


def frontier(
    scenario: str | Path | Scenario, *, levers: tuple[str, str], target_usd_bn: float, points: int = 9
) -> pd.DataFrame:
    """Return pairs of amounts of two levers that reach one target together, each pair a row.

    The first lever runs from nothing to what reaches the target alone, or to its most; for each of its amounts the
    second column says how much of the other is still needed, NaN where none is enough. Everything else stays as in the
    reference. Columns are named by the levers, then ``reached``.

    Raises:
        InputError: as `solve_for`, one lever twice, or a first lever that is a rate or a quota: name it second.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if levers[0] == levers[1]:
        raise InputError(f"frontier: both levers are {levers[0]!r}; name two.")
    book = load_account(asked.account)
    one, two = (dial_of(asked, lever, book) for lever in levers)
    if one.parameter.startswith(("rate: ", "quota: ")):
        raise InputError(f"frontier: {levers[0]!r} runs in steps of a grid only; name it as the second lever.")
    first = solve_for(asked, lever=levers[0], target_usd_bn=target_usd_bn)
    end = float(first["amount"].iloc[0] if first["reached"].iloc[0] else first["most_at"].iloc[0])
    both = _with(two.alone, asked, levers[0])
    rows = []
    for amount in np.linspace(0.0, end, points):
        fixed = set_amount(both, one.parameter, float(amount))
        needed = solve_for(fixed, lever=levers[1], target_usd_bn=target_usd_bn, alone=False)
        rows.append((float(amount), float(needed["amount"].iloc[0]), bool(needed["reached"].iloc[0])))
    return pd.DataFrame(rows, columns=[levers[0], levers[1], "reached"])


def set_amount(scenario: Scenario, parameter: str, amount: float) -> Scenario:
    """Return a scenario whose lever has another amount: a belief becomes fixed, a headline is replaced."""
    field, *rest = parameter.split(".")
    if field == "exchange_rate":
        lever = scenario.exchange_rate
        assert lever is not None
        return scenario.model_copy(update={field: _fixed(lever, rest[0], amount)})
    name, key = rest[0], rest[1]
    levers = getattr(scenario, field)
    old = levers[name]
    if key in ("headline", "moved"):
        new = old.model_copy(update={key: getattr(old, key).model_copy(update={"amount": amount})})
    else:
        new = _fixed(old, key, amount)
    return scenario.model_copy(update={field: {**levers, name: new}})


def _fixed(lever: Any, key: str, amount: float) -> Any:
    belief = Fixed(dist="fixed", value=amount, reference=getattr(lever, key).reference)
    return lever.model_copy(update={key: belief})


def dial_of(asked: Scenario, lever: str, book: Account) -> Dial:
    """Return the dial of a lever of a scenario.

    Raises:
        InputError: the scenario has no such lever (with the nearest).
    """
    if asked.engine != "partial":
        raise InputError(
            f"solve_for: {asked.name} asks for the world engine; levers are dialled in the market engine only."
        )
    bare = _bare(asked)
    fine = np.linspace(0.0, 1.0, 201)
    kind, _, name = lever.partition(": ")
    if kind == "rate" and name:
        check_product(name, book.products, "solve_for")
        return Dial(lever, lever, "fraction", np.concatenate([fine, np.linspace(1.05, 10.0, 180)]), False, bare)
    if kind == "quota" and name in [q.product for q in asked.tariffs.quotas]:
        alone = bare.model_copy(update={"tariffs": bare.tariffs.model_copy(update={"quotas": asked.tariffs.quotas})})
        return Dial(lever, lever, "units", fine * 2 * book.units(name), False, alone)
    known = _dials(asked, book, fine)
    if lever not in known:
        names = [*known, *(f"quota: {q.product}" for q in asked.tariffs.quotas), "rate: PRODUCT"]
        raise InputError(
            f"solve_for: {lever!r} is not a lever of {asked.name}; it has {', '.join(names)}."
            f"{nearest(lever, set(names))}"
        )
    parameter, unit, grid, endless = known[lever]
    return Dial(lever, parameter, unit, grid, endless, _with(bare, asked, lever))


def _dials(asked: Scenario, book: Account, fine: Array) -> dict[str, tuple[str, str, Array, bool]]:
    promised = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 160)])
    out: dict[str, tuple[str, str, Array, bool]] = {}
    for name, pledge in asked.pledges.items():
        unit = pledge.headline.unit
        scale = 1e9 if pledge.headline.piece else _PLEDGED
        out[f"pledge: {name}"] = (f"pledges.{name}.headline", unit, promised**2 * scale, True)
    for name, barrier in asked.barriers.items():  # no more can fall than is believed to be there
        out[f"barrier: {name}"] = (f"barriers.{name}.ave", "fraction", fine * barrier.ave.bounds[1], False)
    for name in asked.retaliation:
        out[f"retaliation: {name}"] = (f"retaliation.{name}.rate", "fraction", fine, False)
    for name, plant in asked.localisation.items():
        counted = plant.moved.unit == "units_per_year"
        most = book.units(plant.product) if counted else float(book.imports_usd_bn[plant.product])
        out[f"localisation: {name}"] = (f"localisation.{name}.moved", plant.moved.unit, fine * 5 * most, False)
    if asked.exchange_rate is not None:
        out["exchange rate"] = ("exchange_rate.dollar", "fraction", -_CHEAPER * fine, False)
    return out


def _bare(asked: Scenario) -> Scenario:
    """Return a scenario without levers: the law and all levers of what it is measured against, beliefs of its own."""
    reference = reference_of(asked)
    fields = ("pledges", "localisation", "barriers", "retaliation", "exchange_rate", "tariffs")
    return asked.model_copy(update={field: getattr(reference, field) for field in fields})


def _with(bare: Scenario, asked: Scenario, lever: str) -> Scenario:
    """Return a scenario with one named lever of another added."""
    if lever == "exchange rate":
        return bare.model_copy(update={"exchange_rate": asked.exchange_rate})
    kind, _, name = lever.partition(": ")
    field = {"pledge": "pledges", "barrier": "barriers"}.get(kind, kind)
    if not hasattr(bare, field):
        return bare
    return bare.model_copy(update={field: {**getattr(bare, field), name: getattr(asked, field)[name]}})
