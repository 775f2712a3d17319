"""Kernel of the market engine: the equations of ``partial.solve_partial`` for blocks of markets side by side.

Write ``a = ln(q d^sigma)`` for the demand shifter that all foreign origins share, ``b`` for that of the home origin.
Given ``a`` every delivered price is closed-form, hence the import index ``M(a)``, ``b = a - (sigma - sigma_home) M``,
the total index ``L`` and one equation in one unknown, ``b - ln demand_hat - (sigma_home - eta) L = 0``. It rises with
``a`` at a slope of at least ``min(1, eta/sigma, eta/sigma_home, sigma_home/sigma)``: the root is unique and the first
evaluation brackets it. A step of Newton's or Halley's method that leaves the bracket or does not halve the error is
replaced by bisection.

Markets that are done are frozen, so what is computed for a market depends neither on its neighbours nor on threads.
Work space: ``w[origin][ROW + lane]`` and ``m[ROW + lane]``, see ``_partial_block``. ``quotas`` is None where there are
none.
"""

from typing import Any

import numpy as np

from tradecalc.partial.arithmetic import compiled, exp_parts, inner, log
from tradecalc.partial.block import (  # fmt: skip
    B_NEXT,
    BY_B,
    BY_GAP,
    BY_GAP_HOME,
    BY_IMPORTS,
    BY_LEAST,
    DDZ,
    DZ,
    ETA,
    GAP,
    GAP_HOME,
    HIGH,
    HOME_SHARE,
    HOME_SLOPE,
    IMPORTS,
    INDEX,
    INDEX_BEND,
    INDEX_SLOPE,
    INSIDE,
    ITERATIONS,
    LANES,
    LAST,
    LOG_DEMAND,
    LOG_QUOTA,
    LOG_TOTAL,
    LOW,
    OPEN,
    OUTSIDE,
    RESIDUAL,
    SCALE,
    SHARE,
    SIGMA,
    SIGMA_HOME,
    SLOPE,
    TOTAL,
    Z1,
    A,
    B,
    Z,
    outcome,
    prepare,
    read,
    segment,
    write,
)

_MAX_ITERATIONS = 200


@inner
def _log_sum(z: float, z1: float, by_z: float) -> float:
    """Return ``ln z``, by way of ``z1 = z - 1`` where that is the more accurate; ``by_z = 1 / z``."""
    near = abs(z1) < 0.5
    u = 1.0 + z1 if near else z
    return log(u) + ((z1 - (u - 1.0)) * by_z if near else 0.0)  # type: ignore[no-any-return]


@inner
def _import_index(home: int, quotas: Any, w: Any, m: Any) -> None:
    """Set INDEX to ``M(a)``, the log of the import index, INDEX_SLOPE and INDEX_BEND to its first two derivatives."""
    for j in range(LANES):
        m[Z + j], m[Z1 + j], m[DZ + j], m[DDZ + j] = 0.0, 0.0, 0.0, 0.0
    for k in range(len(w)):
        if k != home:
            o = w[k]
            for j in range(LANES):
                level, by_a = segment(
                    quotas, o[OUTSIDE + j], o[INSIDE + j], o[SLOPE + j], o[LOG_QUOTA + j], m[SIGMA + j], m[A + j]
                )
                share = o[SHARE + j]
                scale, part = exp_parts(m[GAP + j] * (level + by_a * m[A + j]) - m[SCALE + j])
                change = scale * part
                term = share * (scale + change)
                m[Z + j] += term
                m[Z1 + j] += share * (change + (scale - 1.0))
                m[DZ + j] += term * by_a
                m[DDZ + j] += term * by_a * by_a
    for j in range(LANES):
        by_z = 1.0 / m[Z + j]
        m[INDEX + j] = (m[SCALE + j] + _log_sum(m[Z + j], m[Z1 + j], by_z)) * m[BY_GAP + j]
        m[B_NEXT + j] = m[A + j] - (m[SIGMA + j] - m[SIGMA_HOME + j]) * m[INDEX + j]
        m[INDEX_SLOPE + j] = m[DZ + j] * by_z
        m[INDEX_BEND + j] = m[GAP + j] * (m[DDZ + j] * by_z - m[INDEX_SLOPE + j] * m[INDEX_SLOPE + j])


@inner
def _total_index(home: int, quotas: Any, w: Any, m: Any) -> None:
    """Set LOG_TOTAL, the log of the total index at INDEX and B_NEXT, and its derivatives in both."""
    if home < 0:
        for j in range(LANES):
            m[LOG_TOTAL + j], m[BY_IMPORTS + j], m[BY_B + j], m[HOME_SLOPE + j] = m[INDEX + j], 1.0, 0.0, 0.0
        return
    o = w[home]
    for j in range(LANES):
        level, slope = segment(
            quotas, o[OUTSIDE + j], o[INSIDE + j], o[SLOPE + j], o[LOG_QUOTA + j], m[SIGMA_HOME + j], m[B_NEXT + j]
        )
        y_home, y_imports = m[GAP_HOME + j] * (level + slope * m[B_NEXT + j]), m[GAP_HOME + j] * m[INDEX + j]
        top = max(y_home, y_imports) if max(abs(y_home), abs(y_imports)) > 0.5 else 0.0
        h = m[HOME_SHARE + j]
        scale_h, part_h = exp_parts(y_home - top)
        scale_m, part_m = exp_parts(y_imports - top)
        z_home, z_imports = h * (scale_h + scale_h * part_h), (1.0 - h) * (scale_m + scale_m * part_m)
        z1 = h * (scale_h * part_h + (scale_h - 1.0)) + (1.0 - h) * (scale_m * part_m + (scale_m - 1.0))
        z = z_home + z_imports
        by_z = 1.0 / z
        m[LOG_TOTAL + j] = (top + _log_sum(z, z1, by_z)) * m[BY_GAP_HOME + j]
        m[BY_IMPORTS + j], m[BY_B + j], m[HOME_SLOPE + j] = z_imports * by_z, z_home * by_z * slope, slope


@inner
def _step(home: int, quotas: Any, tol: float, w: Any, m: Any) -> bool:
    """Evaluate the residual at IMPORTS and TOTAL; move the markets above tolerance one safeguarded Newton step."""
    _import_index(home, quotas, w, m)
    _total_index(home, quotas, w, m)
    still_open = False
    for j in range(LANES):
        nest, total, a = m[SIGMA + j] - m[SIGMA_HOME + j], m[SIGMA_HOME + j] - m[ETA + j], m[A + j]
        index, index_slope, index_bend = m[INDEX + j], m[INDEX_SLOPE + j], m[INDEX_BEND + j]
        by_imports, by_b, b_next = m[BY_IMPORTS + j], m[BY_B + j], m[B_NEXT + j]
        is_open, before, last = m[OPEN + j], m[RESIDUAL + j], m[LAST + j]
        # Moving LOG_TOTAL from (INDEX, B_NEXT) to (IMPORTS, B) along its tangent is exact at distances near rounding.
        off_imports, off_b = m[IMPORTS + j] - index, m[B + j] - b_next
        off_total = m[TOTAL + j] - m[LOG_TOTAL + j] - by_imports * off_imports - by_b * off_b
        residual = max(abs(off_imports), abs(off_total))
        residual = residual if residual < np.inf else np.inf
        # Below the tolerance go on only while rounding still lets the residual fall.
        done = (residual <= 0.02 * tol) | ((residual <= tol) & (residual >= 0.1 * before))
        # The import sum is taken relative to the last index; where it ran out of range, look again from there.
        scale = m[GAP + j] * index
        lost = abs(scale - m[SCALE + j]) > 300.0
        m[SCALE + j] = scale
        frozen = (is_open == 0.0) | (done & (not lost))
        m[RESIDUAL + j] = before if is_open == 0.0 else residual
        m[ITERATIONS + j] += is_open

        b_slope, b_bend = 1.0 - nest * index_slope, -nest * index_bend
        total_slope, total_bend = by_imports * index_slope + by_b * b_slope, by_imports * index_bend + by_b * b_bend
        apart = index_slope - m[HOME_SLOPE + j] * b_slope
        total_bend += m[GAP_HOME + j] * by_imports * (1.0 - by_imports) * apart * apart
        gap = b_next - m[LOG_DEMAND + j] - total * m[LOG_TOTAL + j]
        gap_slope, gap_bend = b_slope - total * total_slope, b_bend - total * total_bend
        by_slope = 1.0 / gap_slope
        step = -gap * by_slope if gap != 0.0 else 0.0
        halley = 1.0 + 0.5 * step * gap_bend * by_slope
        step = step / halley if abs(halley - 1.0) < 0.3 else step
        bound = a - 1.01 * gap * m[BY_LEAST + j]
        step = 0.0 if lost else step
        high = m[HIGH + j] if lost else a if gap > 0.0 else min(m[HIGH + j], bound)
        low = m[LOW + j] if lost else a if gap < 0.0 else max(m[LOW + j], bound)
        outside = (abs(gap) > 0.5 * last) | (a + step <= low) | (a + step >= high)
        bisect = outside & (abs(step) > 1e-9) & (high - low < np.inf)
        near = (abs(step) <= 0.05) & (not bisect) & (not lost)
        step = 0.5 * (low + high) - a if bisect else step
        imports = index + (index_slope + 0.5 * step * index_bend) * step if near else np.inf
        log_total = m[LOG_TOTAL + j] + (total_slope + 0.5 * step * total_bend) * step if near else np.inf
        b = m[LOG_DEMAND + j] + total * log_total if near else np.inf
        moved = b + nest * imports if near else a + min(max(step, -50.0), 50.0)
        m[IMPORTS + j] = m[IMPORTS + j] if frozen else imports
        m[TOTAL + j] = m[TOTAL + j] if frozen else log_total
        m[A + j] = a if frozen else moved
        m[B + j] = m[B + j] if frozen else b
        m[LOW + j], m[HIGH + j], m[LAST + j] = low, high, last if lost else abs(gap)
        m[OPEN + j] = 0.0 if frozen else 1.0
        still_open |= not frozen
    return still_open


@compiled
def solve_markets(
    start: int, stop: int, home: int, quotas: Any, passes: bool, tol: float, data: Any, steps: Any, space: Any,
    out: Any, regime: Any, market_out: Any, iterations: Any,
) -> bool:  # fmt: skip
    """Solve markets ``start ... stop``; return whether every number is allowed and every market has shares.

    ``data`` holds the flat arrays named in ``INPUTS``; market ``i`` of array ``n`` starts at ``i * steps[n]``. ``out``
    is the seven flat (n S) float arrays of ``PartialSolution`` in its order, ``regime`` (n, S), ``market_out`` (4, n):
    index, import index, consumer gain, residual, ``iterations`` (n). The rents are zeros before.
    """
    w, m, x, at = space
    fine = True
    for first in range(start, stop, LANES):
        count = LANES if stop - first > LANES else stop - first
        size = count * len(w)
        for n in range(len(data)):
            at[n] = np.uint64(first) * steps[n]
        fine &= read(at, size, quotas, passes, data, x)
        fine &= prepare(at, count, home, quotas, data, x, w, m)
        for j in range(LANES):
            m[A + j], m[B + j], m[IMPORTS + j], m[TOTAL + j], m[SCALE + j] = 0.0, np.inf, np.inf, np.inf, 0.0
            m[LOW + j], m[HIGH + j], m[LAST + j], m[RESIDUAL + j] = -np.inf, np.inf, np.inf, np.inf
            m[ITERATIONS + j], m[OPEN + j] = 0.0, 1.0
        for _ in range(_MAX_ITERATIONS):
            if not _step(home, quotas, tol, w, m):
                break
        outcome(first, count, home, quotas, tol, w, m, x, regime, market_out, iterations)
        write(np.uint64(first) * np.uint64(len(w)), size, at, data, x, out)
    return fine
