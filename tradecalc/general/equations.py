"""Equations of one world: what is given, what is iterated, and one full pass over them; see ``general``.

Capital letters follow the methods page. Shapes: (s, o, d) bilateral, (s, c) by sector and country, (c) by country,
(c, s, k) inputs of sector k used by sector s of country c.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
_KERNELS = sorted(Path(__file__).parent.glob("*.py"))
_SOURCES: Final = "_" + sha256(b"".join(path.read_bytes() for path in _KERNELS)).hexdigest()[:12]
_F = TypeVar("_F", bound=Callable[..., Any])

BALANCED: Final = 0
FIXED: Final = 1
PROPORTIONAL: Final = 2


def compiled(function: _F) -> _F:
    """Compile with numba, cached on disk, releasing the interpreter lock so that a batch uses every core.

    Sums may be reordered, which vectorises them; infinities and NaN keep their meaning. numba looks for changes in a
    function's own file only, so its name in the cache carries the digest of every kernel file.
    """
    relaxed = {"reassoc", "contract", "arcp"}
    function.__qualname__ += _SOURCES
    return cast(_F, njit(cache=True, nogil=True, error_model="numpy", fastmath=relaxed)(function))


class World(NamedTuple):
    """One calibrated world with its shock: what stays put while wages, prices and spending are iterated."""

    A: Array  # (s, o, d) spending shares times kappa^-theta
    B: Array  # (s, o, d) A / (1 + tariff_after): the part that reaches the exporter
    theta: Array  # (s)
    g: Array  # (s, c) value-added share
    G: Array  # (c, s, k) input shares of gross output
    alpha: Array  # (s, c) shares of final spending
    value_added: Array  # (c) baseline
    deficit: Array  # (c) baseline
    ratio: Array  # (c) final spending over wages and revenue at the baseline
    closure: int


class State(NamedTuple):
    """One pass over the equations: what goes in, and what comes out."""

    log_wage: Array  # (c) in
    log_price: Array  # (s, c) in
    spending: Array  # (s, c) in
    log_cost: Array  # (s, c)
    power: Array  # (s, c) unit cost ^ -theta
    phi: Array  # (s, c) sum_o A power
    psi: Array  # (s, c) sum_o B power
    output: Array  # (s, c)
    wages: Array  # (c) wage bill
    earned: Array  # (c) value added that sales imply
    revenue: Array  # (c)
    income: Array  # (c) final spending
    new_price: Array  # (s, c) log
    new_spending: Array  # (s, c)


@compiled
def new_world(S: int, N: int, closure: int) -> World:
    """Return a world of zeros."""
    A, B, G = np.zeros((S, N, N)), np.zeros((S, N, N)), np.zeros((N, S, S))
    g, alpha = np.zeros((S, N)), np.zeros((S, N))
    return World(A, B, np.zeros(S), g, G, alpha, np.zeros(N), np.zeros(N), np.zeros(N), closure)


@compiled
def new_state(S: int, N: int) -> State:
    """Return a state of zeros."""
    X, Y, log_price, log_cost = np.zeros((S, N)), np.zeros((S, N)), np.zeros((S, N)), np.zeros((S, N))
    power, phi, psi = np.zeros((S, N)), np.zeros((S, N)), np.zeros((S, N))
    new_price, new_spending = np.zeros((S, N)), np.zeros((S, N))
    log_wage, wages, earned, revenue, income = np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N)
    return State(
        log_wage, log_price, X, log_cost, power, phi, psi, Y, wages, earned, revenue, income, new_price, new_spending
    )


@compiled
def close(world: World, state: State) -> None:
    """Set final spending from the wage bill and revenue, so that world trade balances sum to zero."""
    wages, revenue, income = state.wages, state.revenue, state.income
    earned, stretched = 0.0, 0.0
    for c in range(wages.size):
        earned += wages[c] + revenue[c]
        stretched += world.ratio[c] * (wages[c] + revenue[c])
    for c in range(wages.size):
        income[c] = wages[c] + revenue[c]
        if world.closure == FIXED:
            income[c] += world.deficit[c]
        elif world.closure == PROPORTIONAL:
            income[c] *= world.ratio[c] * earned / stretched


@compiled
def set_cost(world: World, state: State, column: Array) -> None:
    """Set log unit costs from wages and prices: ``log c = g log w + sum_k G_k log P_k``."""
    S, N = world.g.shape
    for c in range(N):
        for k in range(S):
            column[k] = state.log_price[k, c]
        for s in range(S):
            inputs = 0.0
            for k in range(S):
                inputs += world.G[c, s, k] * column[k]
            state.log_cost[s, c] = world.g[s, c] * state.log_wage[c] + inputs


@compiled
def set_spending(world: World, state: State, column: Array) -> None:
    """Set the spending that income and output imply: ``X_k = alpha_k I + sum_s G_k Y_s``."""
    S, N = world.g.shape
    for c in range(N):
        for k in range(S):
            column[k] = world.alpha[k, c] * state.income[c]
        for s in range(S):
            made = state.output[s, c]
            for k in range(S):
                column[k] += world.G[c, s, k] * made
        for k in range(S):
            state.new_spending[k, c] = column[k]


@compiled
def evaluate(world: World, state: State) -> None:
    """Make one full pass: costs, prices, shares, output, revenue, spending, and the value added that sales imply."""
    A, B, g = world.A, world.B, world.g
    S, N = g.shape
    column, per_phi = np.empty(S), np.empty(N)
    state.earned[:] = 0.0
    state.revenue[:] = 0.0
    set_cost(world, state, column)
    for s in range(S):
        theta, phi, psi, power = world.theta[s], state.phi[s], state.psi[s], state.power[s]
        phi[:] = 0.0
        psi[:] = 0.0
        for o in range(N):
            power[o] = np.exp(-theta * state.log_cost[s, o])
            factor, spent, received = power[o], A[s, o], B[s, o]
            for d in range(N):
                phi[d] += spent[d] * factor
                psi[d] += received[d] * factor
        for d in range(N):
            used = phi[d] > 0.0  # nobody buys this good here: its price does not matter and stays put
            state.new_price[s, d] = -np.log(phi[d]) / theta if used else 0.0
            per_phi[d] = state.spending[s, d] / phi[d] if used else 0.0
            state.revenue[d] += state.spending[s, d] - psi[d] * per_phi[d]
        for o in range(N):
            sales, received = 0.0, B[s, o]
            for d in range(N):
                sales += received[d] * per_phi[d]
            state.output[s, o] = power[o] * sales
            state.earned[o] += g[s, o] * state.output[s, o]
    for c in range(N):
        state.wages[c] = world.value_added[c] * np.exp(state.log_wage[c])
    close(world, state)
    set_spending(world, state, column)
