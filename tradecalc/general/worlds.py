"""From arguments to worlds to solutions: calibrate each world of a batch, solve it, write its outputs."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tradecalc.general.equations import FIXED, Array, State, World, compiled, new_state, new_world, set_spending
from tradecalc.general.solvers import solve_many, solve_one_sector

Whole = NDArray[np.int64]

SOLVED: Final = 0
NOT_CONVERGED: Final = 1
NO_VALUE_ADDED: Final = 2
NO_SUPPLIER: Final = 3
NEGATIVE_FINAL: Final = 4
NO_FINAL: Final = 5
NOTHING_SOLD: Final = 6
ROUNDING: Final = 1e-6  # implied final demand above minus this share of spending is rounding of the data


class Arguments(NamedTuple):
    """Every argument as (row, economic axes); ``rows[i]`` names the row of each that world i uses."""

    rows: Whole  # (world, argument)
    trade: Array  # (row, s, o, d)
    tariff_before: Array  # (row, s, o, d)
    tariff_after: Array  # (row, s, o, d)
    cost_hat: Array  # (row, s, o, d)
    theta: Array  # (row, s)
    value_added_share: Array  # (row, s, c)
    input_share: Array  # (row, k, s, c)


class Outputs(NamedTuple):
    """What is written for each world; the first axis is the world."""

    wage_hat: Array  # (c)
    price_hat: Array  # (s, c)
    final_price_hat: Array  # (c)
    unit_cost_hat: Array  # (s, c)
    trade: Array  # (s, o, d)
    expenditure: Array  # (s, c)
    tariff_revenue: Array  # (c)
    income: Array  # (c)
    deficit: Array  # (c)
    baseline_trade: Array  # (s, o, d)
    baseline_expenditure: Array  # (s, c)
    baseline_income: Array  # (c)
    residual: Array
    adding_up: Array
    iterations: Whole
    status: Whole
    place: Whole  # (sector, country) that is worst


@compiled
def extent(values: Array) -> tuple[float, float]:
    """Return the smallest and the largest value; both are NaN if any value is."""
    low = high = values[0] if values.size else 1.0
    for value in values:
        if value != value:
            return value, value
        low, high = min(low, value), max(high, value)
    return low, high


@compiled
def solve_worlds(
    arguments: Arguments, first: int, last: int, closure: int, clip: bool, tol: float, out: Outputs
) -> None:
    """Solve the worlds ``first`` to ``last``."""
    S, N = out.price_hat.shape[1:]
    world, state, many = new_world(S, N, closure), new_state(S, N), S > 1
    calm = World(*world[:-1], FIXED)  # the same arrays, closed by the deficits of the data
    log_wage, log_price, log_cost = np.zeros(N), np.zeros((S, N)), np.zeros((S, N))
    for i in range(first, last):
        r = arguments.rows[i]
        trade, before, after = arguments.trade[r[0]], arguments.tariff_before[r[1]], arguments.tariff_after[r[2]]
        cost = arguments.cost_hat[r[3]]
        world.theta[:] = arguments.theta[r[4]]
        world.g[:] = arguments.value_added_share[r[5]]
        status, sector, country, clipped = _calibrate(
            trade, before, arguments.input_share[r[6]], clip, world, state, out.baseline_expenditure[i]
        )
        out.status[i], out.place[i, 0], out.place[i, 1] = status, sector, country
        if status != SOLVED:
            continue
        evaluations, residual = 0, 0.0
        log_wage[:] = 0.0
        log_price[:] = 0.0
        log_cost[:] = 0.0
        out.baseline_trade[i] = trade
        out.baseline_income[i] = state.income
        if clipped:
            _set_shares(trade, before, before, cost, False, world)
            residual, country, evaluations = solve_many(calm, state, tol)
            log_wage[:] = state.log_wage
            log_price[:] = state.new_price
            log_cost[:] = state.log_cost
            _bilateral(world, state, out.baseline_trade[i])
            out.baseline_expenditure[i] = state.spending
            out.baseline_income[i] = state.income
            world.ratio[:] = state.income / (state.wages + state.revenue)
        _set_shares(trade, before, after, cost, True, world)
        passes = 0
        if many and (residual < tol):
            residual, country, passes = solve_many(world, state, tol)
        elif not many:
            residual, country, passes = solve_one_sector(world, state, tol)
        out.residual[i] = residual
        out.iterations[i] = evaluations + passes
        out.place[i, 1] = country
        if not residual < tol:
            out.status[i] = NOT_CONVERGED
            continue
        out.wage_hat[i] = np.exp(state.log_wage - log_wage)
        out.unit_cost_hat[i] = np.exp(state.log_cost - log_cost)
        for c in range(N):
            total = 0.0
            for s in range(S):
                change = state.new_price[s, c] - log_price[s, c]
                out.price_hat[i, s, c] = np.exp(change)
                total += world.alpha[s, c] * change
            out.final_price_hat[i, c] = np.exp(total)
        _bilateral(world, state, out.trade[i])
        out.expenditure[i] = state.spending
        out.tariff_revenue[i] = state.revenue
        out.income[i] = state.income
        out.deficit[i] = state.income - state.wages - state.revenue
        out.adding_up[i] = _adding_up(world, out.trade[i], out.expenditure[i], out.income[i], out.deficit[i])


@compiled
def _calibrate(
    trade: Array, tariff: Array, inputs: Array, clip: bool, world: World, state: State, spending: Array
) -> tuple[int, int, int, bool]:
    """Set all of the world but its bilateral shares; return a status with its place, and whether demand was clipped."""
    S, N = world.g.shape
    world.value_added[:] = 0.0
    world.deficit[:] = 0.0
    state.log_wage[:] = 0.0
    state.log_price[:] = 0.0
    state.output[:] = 0.0
    state.revenue[:] = 0.0
    spending[:] = 0.0
    for s in range(S):
        for o in range(N):
            for d in range(N):
                value = trade[s, o, d]
                state.output[s, o] += value
                spending[s, d] += value * (1.0 + tariff[s, o, d])
                state.revenue[d] += value * tariff[s, o, d]
                world.deficit[d] += value
    for c in range(N):
        for s in range(S):
            world.value_added[c] += world.g[s, c] * state.output[s, c]
            world.deficit[c] -= state.output[s, c]
            total = 0.0
            for k in range(S):
                total += inputs[k, s, c]
            for k in range(S):
                world.G[c, s, k] = inputs[k, s, c] * (1.0 - world.g[s, c]) / total if total > 0.0 else 0.0
        if not state.output[:, c].sum() > 0.0:
            return NOTHING_SOLD, 0, c, False
        if not world.value_added[c] > 0.0:
            return NO_VALUE_ADDED, 0, c, False
    state.income[:] = world.value_added + state.revenue + world.deficit
    world.ratio[:] = state.income / (world.value_added + state.revenue)
    world.alpha[:] = 0.0
    set_spending(world, state, np.empty(S))  # with alpha = 0 these are the inputs bought
    clipped = False
    for k in range(S):
        for c in range(N):
            inputs_bought = state.new_spending[k, c]
            world.alpha[k, c] = spending[k, c] - inputs_bought
            if spending[k, c] <= 0.0 and inputs_bought > ROUNDING * world.value_added[c]:
                return NO_SUPPLIER, k, c, False
            if world.alpha[k, c] < -ROUNDING * spending[k, c]:
                if not clip:
                    return NEGATIVE_FINAL, k, c, False
                clipped = True
    for c in range(N):
        total = 0.0
        for k in range(S):
            if clipped:
                world.alpha[k, c] = max(world.alpha[k, c], 0.0)
            total += world.alpha[k, c]
        if not (total > 0.0 and state.income[c] > 0.0):
            return NO_FINAL, 0, c, False
        for k in range(S):
            world.alpha[k, c] /= total
    set_spending(world, state, np.empty(S))
    state.spending[:] = state.new_spending
    return SOLVED, 0, 0, clipped


@compiled
def _set_shares(trade: Array, before: Array, after: Array, cost: Array, shocked: bool, world: World) -> None:
    """Set ``A = pi kappa^-theta`` and ``B = A / (1 + tariff_after)``, with ``kappa = cost_hat (1+t')/(1+t)``."""
    S, N = world.g.shape
    total = np.empty(N)
    for s in range(S):
        total[:] = 0.0
        for o in range(N):
            for d in range(N):
                world.A[s, o, d] = trade[s, o, d] * (1.0 + before[s, o, d])
                total[d] += world.A[s, o, d]
        for o in range(N):
            for d in range(N):
                if world.A[s, o, d] > 0.0:
                    kappa = cost[s, o, d] * (1.0 + after[s, o, d]) / (1.0 + before[s, o, d]) if shocked else 1.0
                    world.A[s, o, d] *= (kappa ** -world.theta[s] if kappa != 1.0 else 1.0) / total[d]
                world.B[s, o, d] = world.A[s, o, d] / (1.0 + after[s, o, d])


@compiled
def _bilateral(world: World, state: State, trade: Array) -> None:
    """Write trade at customs value from shares and spending."""
    S, N = world.g.shape
    for s in range(S):
        for o in range(N):
            for d in range(N):
                flow = world.B[s, o, d] * state.power[s, o]
                trade[s, o, d] = flow * state.spending[s, d] / state.phi[s, d] if flow > 0.0 else 0.0


@compiled
def _adding_up(world: World, trade: Array, spending: Array, income: Array, deficit: Array) -> float:
    """Return the largest gap, as a share of world value added, in trade balances, budgets and their world sum."""
    S, N = world.g.shape
    worst, total = 0.0, 0.0
    for c in range(N):
        balance, final = 0.0, 0.0
        for s in range(S):
            output = trade[s, c].sum()
            balance += trade[s, :, c].sum() - output
            final += spending[s, c] - (1.0 - world.g[s, c]) * output
        worst = max(worst, abs(balance - deficit[c]), abs(final - income[c]))
        total += deficit[c]
    return float(max(worst, abs(total)) / world.value_added.sum())
