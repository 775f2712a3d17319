"""Why real income moves in the world engine, part by part along the way, beside what the market engine says."""

from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.beliefs import sample
from tradecalc.general import decompose_welfare, solve_general
from tradecalc.scenario import Scenario
from tradecalc.study.asked import beliefs_of, reference_of, stand_on
from tradecalc.study.payers import who_pays
from tradecalc.study.runs import with_options
from tradecalc.study.standing import players
from tradecalc.study.world import WorldPackage, lay_world
from tradecalc.terms import InputError
from tradecalc.worlds import borders

Array = NDArray[np.float64]
PARTS: Final[dict[str, str]] = {
    "prices": "buyers: prices of final demand against the own wage",
    "duty": "treasury: duty, in own wages",
    "foreign savings": "the trade deficit that others finance, in own wages",
    "real income": "sum of the three: real income",
    "terms of trade": "what is sold for what is bought, at customs value",
    "volume": "more or less of what is taxed, at the duty it pays",
    "deficit": "change of the deficit itself, in world value added",
}


def decompose_income(
    scenario: str | Path | Scenario,
    *,
    account: Account | str | None = None,
    partner: str | None = None,
    steps: int = 8,
) -> pd.DataFrame:
    """Return why the reporter's real income moves in the world engine, in USD bn, at the central beliefs.

    With the own wage w, final demand F at prices P, revenue R, deficit D, customs values E and M, unit costs c::

        dI - I dln P = [-sum F dln(P/w)] + [dR - R dln w] + [dD - D dln w]            by pocket
                     = [sum E dln c_own - sum M dln c_other] + [sum t M dln(M/c)] + dD   by cause

    summed over ``steps`` equal steps of tariffs and costs from the reference to the scenario, which together are the
    exact change of real income but for ``rest``. Rows are ``PARTS`` and ``rest``; columns ``label``, ``world``, and
    ``market``: buyers, treasury (goods of all origins) and their sum in the market engine, by cause the border prices
    that makers concede (``terms of trade``) and what is left (``volume``). In the market engine the wage stands still
    and trade need not balance, which is why it has no ``foreign savings``.

    Raises:
        InputError: a tree, fewer than one step, a lever that a world does not hold, or purchases, whose wedge the
            partner pays.
        ConvergenceError: the world did not converge.
    """
    if steps < 1:
        raise InputError(f"decompose_income: steps is {steps}; one or more are allowed.")
    asked, ground = stand_on(scenario, account, partner)
    if asked.branches:
        raise InputError(f"decompose_income: {asked.name} is a tree; name the scenario of one branch.")
    world = with_options(asked, draws=0, seed=None, engine="general", year=None)
    reference = reference_of(world, ground)
    values = sample(beliefs_of(world, reference, ground), n=0, seed=0)
    package = lay_world(world, reference, ground, values)
    found = _along(package, steps)
    market = who_pays(asked, account=ground.account, draws=0, engine="partial")["everybody"]
    given = market[["makers: price", "makers: volume", "rivals"]].sum()
    both = market["buyers"] + market["treasury"]
    told = {
        "prices": market["buyers"],
        "duty": market["treasury"],
        "foreign savings": 0.0,
        "real income": both,
        "terms of trade": -given,
        "volume": both + given,
        "deficit": 0.0,
    }
    rows = [{"part": name, "label": label, "world": found[name], "market": told[name]} for name, label in PARTS.items()]
    rows.append({"part": "rest", "label": "exact change less the sum", "world": found["rest"], "market": np.nan})
    return pd.DataFrame(rows).set_index("part")


def _along(package: WorldPackage, steps: int) -> dict[str, float]:
    """Return the parts in USD bn, summed over steps; each step takes the mean of what it does seen from both ends."""
    base, us = package.base, package.here.world.reporter
    chosen = frozenset(players(package.laid))
    ends = []
    for shock in (package.shock(frozenset()), package.shock(chosen)):
        if shock.wanted.any():
            raise InputError("decompose_income: purchases move the world by a wedge that the partner pays; leave them.")
        after, cost = borders(base, shock.rates, None, (shock.duty, shock.cost))
        ends.append((after[0], np.broadcast_to(cost, after.shape)[0]))
    states = []
    for share in np.linspace(0.0, 1.0, steps + 1):
        after = np.exp((1 - share) * np.log1p(ends[0][0]) + share * np.log1p(ends[1][0])) - 1.0
        cost = ends[0][1] ** (1 - share) * ends[1][1] ** share
        states.append((after, cost))
    theta = base.theta[0]
    fixed: dict[str, Any] = {
        "theta": theta,
        "value_added_share": base.world.value_added_share,
        "input_share": base.world.input_share,
        "closure": base.closure,
    }
    start = solve_general(
        base.trade, tariff_before=base.tariff, tariff_after=states[0][0], cost_hat=states[0][1], **fixed
    )
    trade, income0 = start.trade, float(start.income[us])
    out = dict.fromkeys(("prices", "duty", "foreign savings", "terms of trade", "volume", "deficit"), 0.0)
    real = 1.0
    for (before, cost_before), (after, cost_after) in pairwise(states):
        step = solve_general(
            trade,
            tariff_before=before,
            tariff_after=after,
            cost_hat=cost_after / cost_before,
            **fixed,
        )
        back = solve_general(
            step.trade,
            tariff_before=after,
            tariff_after=before,
            cost_hat=cost_before / cost_after,
            **fixed,
        )
        weight = income0 * real
        there, here = decompose_welfare(step, tariff_before=before), decompose_welfare(back, tariff_before=after)
        real_after = real * float(step.welfare_hat[us])
        back_weight = income0 * real_after
        for name, part in (("terms of trade", "terms_of_trade"), ("volume", "volume_of_trade")):
            out[name] += (weight * getattr(there, part)[us] - back_weight * getattr(here, part)[us]) / 2
        wage = float(np.log(step.wage_hat[us]))
        price = float(np.log(step.final_price_hat[us]))
        scale = (weight / float(step.baseline_income[us]) + back_weight / float(step.income[us])) / 2
        revenue = float(_revenue(trade, before, us)), float(step.tariff_revenue[us])
        gap = _deficit(trade, us), float(step.deficit[us])
        out["prices"] -= (weight + back_weight) / 2 * (price - wage)
        out["duty"] += scale * (revenue[1] - revenue[0] - (revenue[0] + revenue[1]) / 2 * wage)
        out["foreign savings"] += scale * (gap[1] - gap[0] - (gap[0] + gap[1]) / 2 * wage)
        out["deficit"] += scale * (gap[1] - gap[0])
        trade, real = step.trade, real_after
    exact = income0 * (real - 1.0)
    out["real income"] = exact
    out["rest"] = exact - (out["terms of trade"] + out["volume"] + out["deficit"])
    return {name: float(value) for name, value in out.items()}


def _revenue(trade: Array, tariff: Array, us: int) -> float:
    return float((trade * tariff)[:, :, us].sum())


def _deficit(trade: Array, us: int) -> float:
    return float(trade[:, :, us].sum() - trade[:, us, :].sum())
