"""Blocks of markets for the kernel of the market engine: their work space, how it is filled and what is read off it.

Work space: ``w[origin][ROW + lane]`` and ``m[ROW + lane]``, with the rows named below; a lane is one market.
"""

from typing import Any, Final

import numpy as np

from tradecalc._partial_math import compiled, exp, exp_parts, log

INPUTS: Final = (
    "value", "tariff_before", "tariff_after", "supply", "cost_hat", "origin_cost_hat", "pass_through", "quota",
    "tariff_in_quota", "sigma", "sigma_home", "eta", "demand_hat",
)  # fmt: skip
LANES: Final = 128
ORIGIN_INPUTS, ORIGIN_ROWS, MARKET_ROWS = 9, 22, 34
# Rows of w: the inputs by origin in the order of INPUTS, then coefficients of
# ln d = min(outside + slope a, max(inside + slope a, (a - ln K) / sigma)), then the solution.
(VALUE, BEFORE, AFTER, SUPPLY, COST, ORIGIN_COST, PASS, QUOTA, RATE_INSIDE,
 SHARE, WEDGE, OUTSIDE, INSIDE, SLOPE, LOG_QUOTA,
 PRICE, QUANTITY, DELIVERED, SALES, DUTY, RENT, SURPLUS) = range(0, ORIGIN_ROWS * LANES, LANES)  # fmt: skip
# Rows of m: the inputs by market, then coefficients, then the state of the solver.
(SIGMA, SIGMA_HOME, ETA, DEMAND, LOG_DEMAND,
 SPENDING, HOME_SHARE, GAP, GAP_HOME, LEAST, SCALE,
 A, B, IMPORTS, TOTAL, INDEX, INDEX_SLOPE, INDEX_BEND, LOG_TOTAL, BY_IMPORTS, BY_B, HOME_SLOPE, B_NEXT,
 LOW, HIGH, LAST, RESIDUAL, ITERATIONS, OPEN, BAD, Z, Z1, DZ, DDZ) = range(0, MARKET_ROWS * LANES, LANES)  # fmt: skip

_LOG_LIMIT = 1e-30  # 1 - elasticity where the elasticity is one: the CES forms then equal their log limit to rounding
_MOST = 1.7976931348623157e308  # the largest finite number
_TIE = 1e-12  # log distance within which a quota counts as exactly filled


@compiled
def _copy(flat: Any, step: Any, across: Any, first: int, last: int, row: int, w: Any) -> None:
    for j in range(LANES):
        start = np.uint64(min(first + j, last - 1)) * step  # unsigned: no check for negative indices
        for k in range(len(w)):
            w[k, row + j] = flat[start + np.uint64(k) * across]


@compiled
def read(fresh: bool, first: int, last: int, rows: int, data: Any, steps: Any, w: Any, m: Any) -> None:
    """Copy markets ``first ... last`` into the work space; idle lanes repeat the last one."""
    for name in range(len(data)):
        if fresh or steps[name, 0] > 0:  # an input common to all markets is read once
            step, across = steps[name, 0], steps[name, 1]
            if name >= ORIGIN_INPUTS:
                row, flat = (name - ORIGIN_INPUTS) * LANES, data[name]
                for j in range(LANES):
                    m[row + j] = flat[np.uint64(min(first + j, last - 1)) * step]
            elif name < rows:
                _copy(data[name], step, across, first, last, name * LANES, w)


@compiled
def log_gap(elasticity: float) -> float:
    return _LOG_LIMIT if elasticity == 1.0 else 1.0 - elasticity


@compiled
def prepare(home: int, quotas: bool, passes: bool, w: Any, m: Any) -> None:
    """Turn inputs into shares and coefficients; mark in BAD the markets with a number that is not allowed."""
    for j in range(LANES):
        m[SIGMA_HOME + j] = m[SIGMA_HOME + j] if home >= 0 else m[SIGMA + j]
        sigma, nest, eta = m[SIGMA + j], m[SIGMA_HOME + j], m[ETA + j]
        m[GAP + j], m[GAP_HOME + j] = log_gap(sigma), log_gap(nest)
        m[LEAST + j] = min(1.0, min(eta, nest) / sigma, eta / nest)
        m[LOG_DEMAND + j] = log(m[DEMAND + j])
        m[SPENDING + j] = 0.0
        least, total = min(min(sigma, nest), m[DEMAND + j]), sigma + nest + eta + m[DEMAND + j]
        m[BAD + j] = 0.0 if least > 0.0 and eta >= 0.0 and total <= _MOST else 1.0
    for k in range(len(w)):
        o, own = w[k], (SIGMA_HOME if k == home else SIGMA)
        for j in range(LANES):  # sums, because no comparison with NaN or with infinity then holds
            least = min(min(1.0 + o[BEFORE + j], 1.0 + o[AFTER + j]), min(o[COST + j], o[ORIGIN_COST + j]))
            total = o[VALUE + j] + o[BEFORE + j] + o[AFTER + j] + o[COST + j] + o[ORIGIN_COST + j]
            total += min(o[SUPPLY + j], 1.0)
            bad = m[BAD + j] if least > 0.0 else 1.0
            bad = bad if min(o[VALUE + j], o[SUPPLY + j]) >= 0.0 else 1.0
            m[BAD + j] = bad if total <= _MOST else 1.0
        for j in range(LANES):
            before = 1.0 + o[BEFORE + j]
            o[SHARE + j] = o[VALUE + j] * before
            m[SPENDING + j] += o[SHARE + j]
            o[WEDGE + j] = (1.0 + o[AFTER + j]) / before * o[COST + j]
            o[SLOPE + j] = 1.0 / (o[SUPPLY + j] + m[own + j])
            o[OUTSIDE + j] = (1.0 - m[own + j] * o[SLOPE + j]) * log(o[WEDGE + j] * o[ORIGIN_COST + j])
        if passes:
            for j in range(LANES):
                given = o[PASS + j] == o[PASS + j]
                price = o[WEDGE + j] / o[COST + j] * o[ORIGIN_COST + j]
                o[OUTSIDE + j] = o[PASS + j] * log(price) + log(o[COST + j]) if given else o[OUTSIDE + j]
                o[SLOPE + j] = 0.0 if given else o[SLOPE + j]
        if quotas:
            for j in range(LANES):
                given = o[PASS + j] == o[PASS + j]
                cheaper = log((1.0 + o[RATE_INSIDE + j]) / (1.0 + o[AFTER + j])) if o[QUOTA + j] < np.inf else 0.0
                weight = o[PASS + j] if given else 1.0 - m[own + j] * o[SLOPE + j]
                o[INSIDE + j] = o[OUTSIDE + j] + weight * cheaper
                o[LOG_QUOTA + j] = np.log(o[QUOTA + j])
                allowed = o[QUOTA + j] >= 0.0 and -1.0 < o[RATE_INSIDE + j] <= _MOST
                m[BAD + j] = max(m[BAD + j], 0.0 if allowed else 1.0)
    for j in range(LANES):
        home_spending = w[home][SHARE + j] if home >= 0 else 0.0
        m[HOME_SHARE + j] = home_spending / m[SPENDING + j]
        m[Z + j] = 1.0 / (m[SPENDING + j] - home_spending)
        bad = m[BAD + j] if m[SPENDING + j] > 0.0 else 1.0
        m[BAD + j] = bad if home < 0 or home_spending > 0.0 else 1.0
    for k in range(len(w)):
        for j in range(LANES):  # an import nest without trade has no shares: equal ones keep its hats defined
            w[k][SHARE + j] = w[k][SHARE + j] * m[Z + j] if m[Z + j] < np.inf else 1.0 / max(1, len(w) - 1)


@compiled
def log_delivered(
    quotas: bool, outside: float, inside: float, slope: float, log_quota: float, sigma: float, a: float
) -> Any:
    """Return the log change of a delivered price and its slope in ``a``."""
    d = outside + slope * a
    if quotas:
        binding = (a - log_quota) / sigma
        d = min(d, max(inside + slope * a, binding))
        slope = 1.0 / sigma if d == binding else slope
    return d, slope


@compiled
def outcome(home: int, quotas: bool, passes: bool, tol: float, w: Any, m: Any) -> None:
    """Fill the solution rows as if no quota were set; NaN where the residual stayed above the tolerance."""
    for j in range(LANES):
        m[Z + j] = 1.0 if m[RESIDUAL + j] <= tol else np.nan
        gap = log_gap(m[ETA + j])
        scale, part = exp_parts(gap * m[TOTAL + j])
        m[DZ + j] = -m[Z + j] * m[SPENDING + j] * m[DEMAND + j] * (scale * part + (scale - 1.0)) / gap
        m[Z1 + j] = m[Z + j] * exp(m[TOTAL + j])
        m[INDEX + j] = m[Z + j] * exp(m[IMPORTS + j])
    for k in range(len(w)):
        o, own, shift = (w[k], SIGMA_HOME, B) if k == home else (w[k], SIGMA, A)
        for j in range(LANES):
            d, _slope = log_delivered(
                quotas, o[OUTSIDE + j], o[INSIDE + j], o[SLOPE + j], o[LOG_QUOTA + j], m[own + j], m[shift + j]
            )
            o[DELIVERED + j] = m[Z + j] * exp(d)
            o[QUANTITY + j] = m[Z + j] * exp(m[shift + j] - m[own + j] * d)
        for j in range(LANES):
            price = o[DELIVERED + j] / o[WEDGE + j]
            price = price if o[SUPPLY + j] < np.inf else o[ORIGIN_COST + j] * m[Z + j]
            sales = price * o[QUANTITY + j]
            o[PRICE + j], o[SALES + j], o[RENT + j] = price, o[VALUE + j] * sales, 0.0 * m[Z + j]
            o[DUTY + j] = o[VALUE + j] * sales * o[AFTER + j]
            o[SURPLUS + j] = o[VALUE + j] * (sales - 1.0) / (1.0 + o[SUPPLY + j])
        if passes:
            for j in range(LANES):
                if o[PASS + j] == o[PASS + j]:
                    _sell(o, j, o[DELIVERED + j] / o[WEDGE + j], o[QUANTITY + j], o[AFTER + j])


@compiled
def _sell(o: Any, j: int, price: float, quantity: float, rate: float) -> None:
    """Record price, quantity, value, duty, and the exporter's surplus (change in margin under a given pass-through)."""
    sales = o[VALUE + j] * price * quantity
    o[PRICE + j], o[QUANTITY + j], o[SALES + j], o[DUTY + j] = price, quantity, sales, sales * rate
    if o[PASS + j] == o[PASS + j]:
        o[SURPLUS + j] = o[VALUE + j] * quantity * (price - o[ORIGIN_COST + j])
    else:
        o[SURPLUS + j] = (sales - o[VALUE + j]) / (1.0 + o[SUPPLY + j])


@compiled
def _fill_quota(o: Any, j: int, sigma: float, shift: float) -> int:
    """Settle price, quantity, duty and rent of an origin with a quota; return the regime."""
    quota, inside, outside, rho, supply = o[QUOTA + j], o[RATE_INSIDE + j], o[AFTER + j], o[PASS + j], o[SUPPLY + j]
    given, delivered = rho == rho, o[DELIVERED + j]
    if shift - sigma * (o[INSIDE + j] + o[SLOPE + j] * shift) <= o[LOG_QUOTA + j] + _TIE:
        price = delivered / (o[WEDGE + j] * (1.0 + inside) / (1.0 + outside))
        _sell(o, j, o[PRICE + j] if supply == np.inf and not given else price, o[QUANTITY + j], inside)
        return 1
    if shift - sigma * (o[OUTSIDE + j] + o[SLOPE + j] * shift) > o[LOG_QUOTA + j] + _TIE:
        within = o[VALUE + j] * o[PRICE + j] * quota
        o[DUTY + j] -= within * (outside - inside)
        o[RENT + j] = within * (outside - inside)
        return 3
    price = o[ORIGIN_COST + j]
    if given:
        price = delivered / o[COST + j] / (delivered / (price**rho * o[COST + j])) ** (1.0 / rho)
    elif supply < np.inf:
        price *= quota ** (1.0 / supply)
    _sell(o, j, price, quota, inside)
    rate = (1.0 + o[BEFORE + j]) * delivered / (price * o[COST + j]) - 1.0
    o[RENT + j] = o[SALES + j] * max(0.0, rate - inside)
    return 2


@compiled
def _store(first: int, last: int, row: int, w: Any, flat: Any) -> None:
    for j in range(last - first):
        start = np.uint64(first + j) * np.uint64(len(w))
        for k in range(len(w)):
            flat[start + np.uint64(k)] = w[k, row + j]


@compiled
def write(
    first: int, last: int, home: int, quotas: bool, w: Any, m: Any,
    out: Any, regime: Any, market_out: Any, iterations: Any,
) -> None:  # fmt: skip
    """Settle the quotas and write markets ``first ... last``; a market above the tolerance has NaN and regime -1."""
    size = last - first
    market_out[0, first:last], market_out[1, first:last] = m[Z1 : Z1 + size], m[INDEX : INDEX + size]
    market_out[2, first:last], market_out[3, first:last] = m[DZ : DZ + size], m[RESIDUAL : RESIDUAL + size]
    for j in range(size):
        i, failed = first + j, m[Z + j] != m[Z + j]
        iterations[i] = m[ITERATIONS + j]
        for k in range(len(w) if failed or quotas else 0):
            if failed:
                regime[i, k], out[5][i * len(w) + k] = -1, np.nan
            elif w[k][QUOTA + j] < np.inf:
                own, shift = (SIGMA_HOME, B) if k == home else (SIGMA, A)
                regime[i, k] = _fill_quota(w[k], j, m[own + j], m[shift + j])
    for n in range(len(out)):
        if quotas or n != 5:  # without quotas the rents are the zeros they were made of
            _store(first, last, PRICE + n * LANES, w, out[n])
