"""Blocks of markets for the kernel of the market engine: how they are read, prepared, and what is read off them.

Inputs and outputs lie market by market, and what needs one origin at a time is done there: ``x[ROW][market, origin]``.
The solver instead works on many markets side by side: ``w[origin][ROW + lane]`` and ``m[ROW + lane]``, where a lane is
one market. The rows are named below.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tradecalc.partial.arithmetic import exp, exp_parts, inner, log

INPUTS: Final = (
    "value", "tariff_before", "tariff_after", "supply", "cost_hat", "origin_cost_hat", "pass_through", "quota",
    "tariff_in_quota", "sigma", "sigma_home", "eta", "demand_hat",
)  # fmt: skip
LANES: Final = 64
ORIGIN_INPUTS, FLAT_ROWS, ORIGIN_ROWS, MARKET_ROWS = 9, 5, 5, 36
# Rows of x, by market and origin; the last line is their content once the market is solved.
SPENT, WEDGE, LOG_PRICE, CHEAPER, LOG_LIMIT = range(FLAT_ROWS)
LOG_DELIVERED, LOG_QUANTITY = SPENT, LOG_PRICE
# Rows of w: the baseline share, then the coefficients of
# ln d = min(outside + slope a, max(inside + slope a, (a - ln K) / sigma)); once the market is solved, ln d and ln q.
SHARE, OUTSIDE, SLOPE, INSIDE, LOG_QUOTA = range(0, ORIGIN_ROWS * LANES, LANES)
SOLVED_DELIVERED, SOLVED_QUANTITY = SHARE, LOG_QUOTA
# Rows of m: the inputs by market, then coefficients, then the state of the solver.
(SIGMA, SIGMA_HOME, ETA, DEMAND, LOG_DEMAND,
 SPENDING, HOME_SHARE, GAP, GAP_HOME, BY_GAP, BY_GAP_HOME, BY_LEAST, SCALE,
 A, B, IMPORTS, TOTAL, INDEX, INDEX_SLOPE, INDEX_BEND, LOG_TOTAL, BY_IMPORTS, BY_B, HOME_SLOPE, B_NEXT,
 LOW, HIGH, LAST, RESIDUAL, ITERATIONS, OPEN, BAD, Z, Z1, DZ, DDZ) = range(0, MARKET_ROWS * LANES, LANES)  # fmt: skip

_ONE_GAP = 1e-30  # 1 - elasticity where the elasticity is one: the CES forms then equal their log limit to rounding
_TIE = 1e-12  # log distance within which a quota counts as exactly filled
_MOST = 1.7976931348623157e308  # the largest finite number


def work_space(origins: int) -> tuple[NDArray[Any], ...]:
    """Return ``w``, ``m``, ``x`` and the places of the inputs, for markets of ``origins`` origins."""
    w, x = np.empty((origins, ORIGIN_ROWS * LANES)), np.empty((FLAT_ROWS, origins * LANES))
    return w, np.empty(MARKET_ROWS * LANES), x, np.empty(len(INPUTS), dtype=np.uint64)


@inner
def read(at: Any, size: int, quotas: Any, passes: bool, data: Any, x: Any) -> bool:
    """Fill the rows of ``x`` for ``size`` numbers, input ``n`` from ``at[n]`` on; return whether all are allowed."""
    value, before, after, supply, cost, own_cost = data[0], data[1], data[2], data[3], data[4], data[5]
    at_value, at_before, at_after, at_supply, at_cost, at_own = at[0], at[1], at[2], at[3], at[4], at[5]
    fine = True
    for i in range(np.uint64(size)):  # unsigned: no check for negative indices
        v, s, c, oc = value[at_value + i], supply[at_supply + i], cost[at_cost + i], own_cost[at_own + i]
        was, now = 1.0 + before[at_before + i], 1.0 + after[at_after + i]
        # The sum is at or below the largest number when no term is infinite or NaN.
        fine &= (was > 0.0) & (now > 0.0) & (c > 0.0) & (oc > 0.0) & (v >= 0.0) & (s >= 0.0)
        fine &= v + was + now + c + oc <= _MOST
        wedge = now / was * c
        x[SPENT, i], x[WEDGE, i], x[LOG_PRICE, i] = v * was, wedge, log(wedge * oc)
    if passes:
        given, at_given = data[6], at[6]
        for i in range(np.uint64(size)):
            rho, c = given[at_given + i], cost[at_cost + i]
            passed = rho * log(x[WEDGE, i] / c * own_cost[at_own + i]) + log(c)
            x[LOG_PRICE, i] = passed if rho == rho else x[LOG_PRICE, i]
    if quotas is not None:
        given, quota, inside = data[6], data[7], data[8]
        at_given, at_quota, at_inside = at[6], at[7], at[8]
        for i in range(np.uint64(size)):
            rho, limit, within = given[at_given + i], quota[at_quota + i], 1.0 + inside[at_inside + i]
            fine &= (limit >= 0.0) & (within > 0.0) & (within <= _MOST)
            cheaper = log(within / (1.0 + after[at_after + i])) * (rho if rho == rho else 1.0)
            x[CHEAPER, i] = cheaper if limit < np.inf else 0.0
            x[LOG_LIMIT, i] = -np.inf if limit == 0.0 else log(limit) if limit < np.inf else np.inf
    return fine


@inner
def log_gap(elasticity: float) -> float:
    """Return one minus an elasticity, or the least gap where it is one."""
    return _ONE_GAP if elasticity == 1.0 else 1.0 - elasticity


@inner
def prepare(at: Any, count: int, home: int, quotas: Any, data: Any, x: Any, w: Any, m: Any) -> bool:
    """Turn ``count`` markets into shares and coefficients; return whether all is allowed.

    Idle lanes repeat the last market.
    """
    sigma_in, sigma_home_in, eta_in, demand_in, supply = data[9], data[10], data[11], data[12], data[3]
    at_sigma, at_sigma_home, at_eta, at_demand, at_supply = at[9], at[10], at[11], at[12], at[3]
    for j in range(LANES):
        lane = np.uint64(j if j < count else count - 1)
        m[SIGMA + j], m[ETA + j] = sigma_in[at_sigma + lane], eta_in[at_eta + lane]
        m[DEMAND + j] = demand_in[at_demand + lane]
        m[SIGMA_HOME + j] = sigma_home_in[at_sigma_home + lane] if home >= 0 else m[SIGMA + j]
        start = lane * np.uint64(len(w))
        for k in range(len(w)):
            w[k, SHARE + j] = x[SPENT, start]
            w[k, OUTSIDE + j] = x[LOG_PRICE, start]
            w[k, SLOPE + j] = supply[at_supply + start]
            start += np.uint64(1)
        if quotas is not None:
            start = lane * np.uint64(len(w))
            for k in range(len(w)):
                w[k, INSIDE + j] = x[CHEAPER, start]
                w[k, LOG_QUOTA + j] = x[LOG_LIMIT, start]
                start += np.uint64(1)
    for j in range(LANES):
        sigma, nest, eta, demand = m[SIGMA + j], m[SIGMA_HOME + j], m[ETA + j], m[DEMAND + j]
        m[GAP + j], m[GAP_HOME + j] = log_gap(sigma), log_gap(nest)
        m[BY_GAP + j], m[BY_GAP_HOME + j] = 1.0 / m[GAP + j], 1.0 / m[GAP_HOME + j]
        least = min(min(eta, nest) / sigma, eta / nest)
        m[BY_LEAST + j] = 1.0 / (least if least < 1.0 else 1.0)
        m[LOG_DEMAND + j] = log(demand)
        m[SPENDING + j] = 0.0
        allowed = (sigma > 0.0) & (nest > 0.0) & (demand > 0.0) & (eta >= 0.0) & (sigma + nest + eta + demand <= _MOST)
        m[BAD + j] = 0.0 if allowed else 1.0
    for k in range(len(w)):
        o, own = w[k], (SIGMA_HOME if k == home else SIGMA)
        for j in range(LANES):
            m[SPENDING + j] += o[SHARE + j]
            o[SLOPE + j] = 1.0 / (o[SLOPE + j] + m[own + j])
            o[OUTSIDE + j] *= 1.0 - m[own + j] * o[SLOPE + j]
        if quotas is not None:
            for j in range(LANES):
                o[INSIDE + j] = o[OUTSIDE + j] + (1.0 - m[own + j] * o[SLOPE + j]) * o[INSIDE + j]
    bad = 0.0
    for j in range(LANES):
        home_spending = w[home, SHARE + j] if home >= 0 else 0.0
        m[HOME_SHARE + j] = home_spending / m[SPENDING + j]
        m[Z + j] = 1.0 / (m[SPENDING + j] - home_spending)
        allowed = (m[SPENDING + j] > 0.0) & ((home < 0) | (home_spending > 0.0))
        bad += m[BAD + j] if allowed else 1.0
    for k in range(len(w)):
        o = w[k]
        for j in range(LANES):  # an import nest without trade has no shares: equal ones keep its hats defined
            o[SHARE + j] = o[SHARE + j] * m[Z + j] if m[Z + j] < np.inf else 1.0 / (len(w) - 1 if len(w) > 1 else 1)
    return bad == 0.0


@inner
def segment(quotas: Any, outside: float, inside: float, slope: float, log_quota: float, sigma: float, a: float) -> Any:
    """Return level and slope in ``a`` of the line on which the log change of a delivered price lies."""
    if quotas is not None:
        by_sigma = 1.0 / sigma
        binding = (a - log_quota) * by_sigma
        within = max(inside + slope * a, binding)
        over = outside + slope * a < within
        filled = (not over) & (within == binding)
        level = outside if over else -log_quota * by_sigma if filled else inside
        return level, by_sigma if filled else slope
    return outside, slope


@inner
def outcome(
    first: int, count: int, home: int, quotas: Any, tol: float,
    w: Any, m: Any, x: Any, regime: Any, market_out: Any, iterations: Any,
) -> None:  # fmt: skip
    """Write what is known by market, the regimes of the quotas, and log prices and quantities to ``x``."""
    for j in range(LANES):
        gap = log_gap(m[ETA + j])
        scale, part = exp_parts(gap * m[TOTAL + j])
        m[DZ + j] = -m[SPENDING + j] * m[DEMAND + j] * (scale * part + (scale - 1.0)) / gap
        m[Z + j], m[Z1 + j] = exp(m[TOTAL + j]), exp(m[IMPORTS + j])
    for k in range(len(w)):
        o, own, shift = (w[k], SIGMA_HOME, B) if k == home else (w[k], SIGMA, A)
        if quotas is not None:
            for j in range(count):
                a, sigma, most = m[shift + j], m[own + j], o[LOG_QUOTA + j] + _TIE
                under = a - sigma * (o[INSIDE + j] + o[SLOPE + j] * a) <= most
                over = a - sigma * (o[OUTSIDE + j] + o[SLOPE + j] * a) > most
                regime[(first + j) * len(w) + k] = 0 if most == np.inf else 1 if under else 3 if over else 2
        for j in range(LANES):
            a = m[shift + j]
            level, slope = segment(quotas, o[OUTSIDE + j], o[INSIDE + j], o[SLOPE + j], o[LOG_QUOTA + j], m[own + j], a)
            d = level + slope * a
            o[SOLVED_DELIVERED + j], o[SOLVED_QUANTITY + j] = d, a - m[own + j] * d
    at = np.uint64(0)
    for j in range(count):
        i, met = first + j, 1.0 if m[RESIDUAL + j] <= tol else np.nan
        market_out[0, i], market_out[1, i] = m[Z + j] * met, m[Z1 + j] * met
        market_out[2, i], market_out[3, i] = m[DZ + j] * met, m[RESIDUAL + j]
        iterations[i] = m[ITERATIONS + j]
        for k in range(len(w)):
            x[LOG_DELIVERED, at] = w[k, SOLVED_DELIVERED + j]
            x[LOG_QUANTITY, at] = w[k, SOLVED_QUANTITY + j]
            at += np.uint64(1)


@inner
def write(to: Any, size: int, at: Any, data: Any, x: Any, out: Any) -> None:
    """Write ``size`` numbers of every kind from ``to`` on as if no quota were set; the rents stay as they are."""
    price_out, quantity_out, delivered_out, sales_out, duty_out, _rent, surplus_out = out
    value, after, supply, own_cost, given = data[0], data[2], data[3], data[5], data[6]
    at_value, at_after, at_supply, at_own, at_given = at[0], at[2], at[3], at[5], at[6]
    for i in range(np.uint64(size)):
        v, s, oc, rho = value[at_value + i], supply[at_supply + i], own_cost[at_own + i], given[at_given + i]
        delivered, quantity = exp(x[LOG_DELIVERED, i]), exp(x[LOG_QUANTITY, i])
        passed = rho == rho
        price = delivered / x[WEDGE, i] if (s < np.inf) | passed else oc
        sales = price * quantity
        surplus = (sales - 1.0) / (1.0 + s)
        price_out[to + i], quantity_out[to + i], delivered_out[to + i] = price, quantity, delivered
        sales_out[to + i], duty_out[to + i] = v * sales, v * sales * after[at_after + i]
        surplus_out[to + i] = v * (quantity * (price - oc) if passed else surplus)
