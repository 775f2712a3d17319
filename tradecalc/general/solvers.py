"""The two solvers of the world engine: Newton for one sector, Anderson's method for many.

Both stop when the largest relative error of any equation is below the tolerance, and return that error, the country
where it sits and the number of evaluations: full passes over prices, shares, expenditure and wages, none left out.
"""

from typing import Final

import numpy as np

from tradecalc.general.equations import FIXED, PROPORTIONAL, Array, State, World, compiled, evaluate

MEMORY: Final = 10  # differences that the Anderson step keeps
MOST_EVALUATIONS: Final = 600
MOST_NEWTON: Final = 200
FARTHEST: Final = 1.0  # Newton step in logs of unit costs
LARGEST_STEP: Final = 0.5  # in logs of wages and prices; spending at most doubles or halves
RIDGE: Final = 1e-13  # on the normalised Gram matrix


@compiled
def solve_one_sector(world: World, state: State, tol: float) -> tuple[float, int, int]:
    """Solve for log unit costs u with Newton's method; all else is closed-form in u.

    ``P`` follows from u, ``w = (c / P^(1-g))^(1/g)``, output is ``w L / g``, and imports at customs value are output
    plus deficit. The conditions are trade balances in logs, nearly linear in u even where trade is rare. One of them
    is redundant, so an extra unknown joins them: zero at the solution by Walras' law or, if spending is proportional
    to income, the log of the common scalar.
    """
    N = world.value_added.size
    point, trial, step = np.zeros(N + 1), np.zeros(N + 1), np.zeros(N + 1)
    gap, trade = np.zeros(N + 1), np.zeros((N, N))
    accepted, scale, evaluation = np.inf, 1.0, 0
    best, worst = np.inf, 0
    while evaluation < MOST_NEWTON and scale > 1e-9:
        for i in range(N + 1):
            trial[i] = point[i] + scale * step[i]
        residual, where = _clear(world, state, trial, gap, trade)
        evaluation += 1
        if residual < best:
            best, worst = residual, where
        if residual < tol:
            break
        merit = np.max(np.abs(gap)) if residual < np.inf else np.inf
        if merit < accepted:
            accepted = merit
            point[:] = trial
            step[:] = np.linalg.solve(_slope(world, state, trial, trade).T, -gap)
            scale = min(1.0, FARTHEST / np.max(np.abs(step[:N])))
        else:
            scale *= 0.5
    return best, worst, evaluation


@compiled
def _clear(world: World, state: State, unknown: Array, gap: Array, trade: Array) -> tuple[float, int]:
    """Set state, trade (diagonal in ``state.new_spending``) and gaps from log unit costs; return residual, country."""
    N, theta, g = world.value_added.size, world.theta[0], world.g[0]
    A, B, X, own = world.A[0], world.B[0], state.spending[0], state.new_spending[0]
    power, phi, psi = state.power[0], state.phi[0], state.psi[0]
    phi[:] = 0.0
    psi[:] = 0.0
    for o in range(N):
        power[o] = np.exp(-theta * unknown[o])
        state.log_cost[0, o] = unknown[o]
        for d in range(N):
            phi[d] += A[o, d] * power[o]
            psi[d] += B[o, d] * power[o]
    world_wages = 0.0
    for c in range(N):
        log_price = -np.log(phi[c]) / theta
        state.log_price[0, c] = state.new_price[0, c] = log_price
        state.log_wage[c] = (unknown[c] - (1.0 - g[c]) * log_price) / g[c]
        wages = world.value_added[c] * np.exp(state.log_wage[c])
        output = wages / g[c]
        if world.closure == PROPORTIONAL:
            stretch = world.ratio[c] * np.exp(unknown[N])
            X[c] = (stretch * wages + output - wages) / (1.0 - stretch * (1.0 - psi[c] / phi[c]))
        else:
            imports = output + (world.deficit[c] if world.closure == FIXED else 0.0)
            X[c] = imports * phi[c] / psi[c]
        if not 0.0 < X[c] < np.inf:
            return np.inf, c
        state.revenue[c] = X[c] * (1.0 - psi[c] / phi[c])
        state.income[c] = X[c] - output + wages
        state.wages[c], state.output[0, c] = wages, output
        world_wages += wages
    imports, per_phi = np.zeros(N), X / phi
    for o in range(N):
        for d in range(N):
            trade[o, d] = B[o, d] * power[o] * per_phi[d]
        own[o] = trade[o, o]
        trade[o, o] = 0.0
        for d in range(N):
            imports[d] += trade[o, d]
    worst, where = 0.0, 0
    for c in range(N):
        exports, output = trade[c].sum(), state.output[0, c]
        deficit = psi[c] * per_phi[c] - output
        closed = exports + imports[c] == 0.0
        gap[c] = 0.0 if closed else np.log((exports + max(deficit, 0.0)) / (imports[c] + max(-deficit, 0.0)))
        clearing = abs(np.log((exports + own[c]) / output))
        if not clearing <= worst:
            worst, where = clearing, c
        if world.closure != PROPORTIONAL and not closed:
            gap[c] += unknown[N]
    gap[N] = np.log(world_wages / world.value_added.sum())
    return max(worst, abs(gap[N])), where


@compiled
def _slope(world: World, state: State, unknown: Array, trade: Array) -> Array:
    """Return the derivative of gap c with respect to unknown n, at [n, c]; ``trade`` has no diagonal.

    With customs shares b and spending shares a, ``dlog w_d = (du_d - (1-g_d) sum_n a_nd du_n) / g_d``, and
    ``dlog trade_od = -theta du_o + sum_n pull_nd du_n`` with ``pull_nd du_n = theta b_nd du_n + dlog imports_d``.
    """
    N, theta, g, closure = world.value_added.size, world.theta[0], world.g[0], world.closure
    A, B, power, phi, psi = world.A[0], world.B[0], state.power[0], state.phi[0], state.psi[0]
    X, output = state.spending[0], state.output[0]
    wage, pull, bought = np.empty((N, N)), np.zeros((N + 1, N)), np.zeros((N, N))
    by_wage, by_share, customs, imports = output / (X * psi / phi), np.zeros(N), X * psi / phi, np.zeros(N)
    if closure == PROPORTIONAL:
        for d in range(N):
            kept, stretch = psi[d] / phi[d], world.ratio[d] * np.exp(unknown[N])
            bottom = 1.0 - stretch * (1.0 - kept)
            by_wage[d], by_share[d] = 1.0, theta * (1.0 - stretch * kept / bottom)
            pull[N, d] = stretch * (state.wages[d] / X[d] + 1.0 - kept) / bottom
    for n in range(N):
        for d in range(N):
            a, b = A[n, d] * power[n] / phi[d], B[n, d] * power[n] / psi[d]
            wage[n, d] = ((1.0 if n == d else 0.0) - (1.0 - g[d]) * a) / g[d]
            pull[n, d] = theta * b + by_wage[d] * wage[n, d] + by_share[d] * (a - b)
            bought[n, d] = theta * b * customs[d] + output[d] * wage[n, d]  # what leaves the deficit unchanged
            imports[d] += trade[n, d]
    moved = np.dot(pull, trade.T)
    slope = np.zeros((N + 1, N + 1))
    slope[:N, N] = np.dot(wage, state.wages) / state.wages.sum()
    for c in range(N):
        exports, deficit = trade[c].sum(), customs[c] - output[c]
        if exports + imports[c] == 0.0:  # a closed country has no relative wage: its unit cost stays put
            slope[c, c] = 1.0
            continue
        more, less = 1.0 / (exports + max(deficit, 0.0)), 1.0 / (imports[c] + max(-deficit, 0.0))
        side = more if deficit > 0.0 else less
        for n in range(N + 1):
            slope[n, c] = moved[n, c] * more - imports[c] * pull[n, c] * less + side * customs[c] * pull[n, c]
            if n < N:
                slope[n, c] += theta * trade[n, c] * less - side * bought[n, c]
        slope[c, c] -= theta * exports * more
        if closure != PROPORTIONAL:
            slope[N, c] += 1.0
    return slope


@compiled
def solve_many(world: World, state: State, tol: float) -> tuple[float, int, int]:
    """Iterate log wages, log prices and spending together, each pass an evaluation, with Anderson's method (type II).

    Anderson (1965), J. ACM 12:547-560; Walker and Ni (2011), SIAM J. Numer. Anal. 49:1715-1735.
    """
    S, N = world.g.shape
    n = N + 2 * S * N
    pull, base = np.empty(N), np.empty((S, N))
    for c in range(N):
        elastic = 0.0
        for s in range(S):
            elastic += world.g[s, c] * state.output[s, c] * world.theta[s]
            base[s, c] = state.spending[s, c] if state.spending[s, c] > 0.0 else 1.0
        pull[c] = 1.0 / (1.0 + 0.5 * elastic / world.value_added[c])
    step, last, move, weight = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(MEMORY)
    steps, moves, gram = np.zeros((MEMORY, n)), np.zeros((MEMORY, n)), np.zeros((MEMORY, MEMORY))
    kept, best, worst, evaluation = 0, np.inf, 0, 0
    while evaluation < MOST_EVALUATIONS:
        evaluate(world, state)
        evaluation += 1
        residual, where = _gaps(world, state, pull, base, step)
        if residual < best:
            best, worst = residual, where
        if residual < tol or not np.isfinite(residual):
            break
        if evaluation > 1:
            row = kept % MEMORY
            steps[row] = step - last
            moves[row] = move
            kept += 1
        if residual > 100.0 * best:  # the memory misleads: forget it
            kept = 0
        last[:] = step
        move[:] = step
        used = min(kept, MEMORY)
        if used > 0:
            _project(steps, step, gram, (kept - 1) % MEMORY, used, weight)
            for j in range(used):
                for i in range(n):
                    move[i] -= weight[j] * (steps[j, i] + moves[j, i])
        _advance(world, state, base, move)
    return best, worst, evaluation


@compiled
def _gaps(world: World, state: State, pull: Array, base: Array, step: Array) -> tuple[float, int]:
    """Write the step that each equation asks for; return the largest relative error and its country.

    The error of a price counts theta-fold: that is the error of the trade shares.
    """
    S, N = world.g.shape
    worst, where = 0.0, 0
    for c in range(N):
        gap = np.log(state.earned[c] / state.wages[c])
        step[c] = gap * pull[c]
        if not abs(gap) <= worst:
            worst, where = abs(gap), c
    for s in range(S):
        for c in range(N):
            price = N + s * N + c
            step[price] = state.new_price[s, c] - state.log_price[s, c]
            gap = world.theta[s] * abs(step[price])
            change = state.new_spending[s, c] - state.spending[s, c]
            step[price + S * N] = change / base[s, c]
            if state.spending[s, c] > 0.0:
                gap = max(gap, abs(change / state.spending[s, c]))
            if not gap <= worst:
                worst, where = gap, c
    return worst, where


@compiled
def _project(steps: Array, step: Array, gram: Array, row: int, used: int, weight: Array) -> None:
    """Set the weights of the least-squares projection of the step on the stored differences of steps."""
    norm, side, scaled = np.empty(used), np.empty(used), np.empty((used, used))
    for j in range(used):
        gram[row, j] = gram[j, row] = np.dot(steps[row], steps[j])
    for j in range(used):
        norm[j] = np.sqrt(gram[j, j]) if gram[j, j] > 0.0 else 1.0
        side[j] = np.dot(steps[j], step) / norm[j]
    for i in range(used):
        for j in range(used):
            scaled[i, j] = gram[i, j] / (norm[i] * norm[j])
        scaled[i, i] += RIDGE
    weight[:used] = np.linalg.solve(scaled, side) / norm


@compiled
def _advance(world: World, state: State, base: Array, move: Array) -> None:
    """Move the state within the largest step and restore the numeraire; leave in ``move`` what was done."""
    S, N = world.g.shape
    total = 0.0
    for c in range(N):
        move[c] = min(max(move[c], -LARGEST_STEP), LARGEST_STEP)
        total += world.value_added[c] * np.exp(state.log_wage[c] + move[c])
    shift = np.log(total / world.value_added.sum())
    for c in range(N):
        move[c] -= shift
        state.log_wage[c] += move[c]
    for s in range(S):
        for c in range(N):
            price = N + s * N + c
            move[price] = min(max(move[price], -LARGEST_STEP), LARGEST_STEP)
            state.log_price[s, c] += move[price]
            share = state.spending[s, c] / base[s, c]
            move[price + S * N] = min(max(move[price + S * N], -0.5 * share), share)
            state.spending[s, c] += move[price + S * N] * base[s, c]
