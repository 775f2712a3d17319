"""A world under one law and one set of purchases, for all draws; and the subsidy that makes the partner buy more."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradecalc.general import GeneralSolution, solve_general
from tradecalc.terms import ConvergenceError
from tradecalc.worlds.world import World

Array = NDArray[np.float64]
_STEPS = 40
_CLOSE = 1e-9  # of sales, in logarithms
_TIGHT = 1e-12  # of any equation: what is left must not be seen in a change of a deficit, on any machine


@dataclass(frozen=True)
class WorldSide:
    """The reporter's trade in one counterfactual; arrays (draw, ...), values in USD bn of the account's year.

    ``imports`` and ``exports`` (draw, sector, region); ``income`` (draw, region) is final spending; ``real_income_hat``
    and ``real_wage_hat`` (draw, region); ``revenue`` (draw) of the reporter from the partner's goods, ``revenue_all``
    from everybody's; ``subsidy`` (draw, sector) on its sales to the partner, as a fraction of customs value.
    """

    imports: Array
    exports: Array
    income: Array
    real_income_hat: Array
    real_wage_hat: Array
    price_hat: Array
    revenue: Array
    revenue_all: Array
    subsidy: Array
    converged: NDArray[np.bool_]
    iterations: NDArray[np.int64]
    residual: Array
    adding_up: Array


@dataclass(frozen=True, eq=False)
class Baseline:
    """What every counterfactual of a run starts from: the world, its trade, the law of the account and the closure."""

    world: World
    trade: Array
    tariff: Array
    theta: Array
    closure: str


def baseline(world: World, rates: Array, theta: Array, closure: str) -> Baseline:
    """Return the baseline; under ``balanced`` all deficits are first taken out of it, at the central elasticities."""
    tariff = tariffs(world, rates)
    trade = world.trade
    if closure == "balanced":
        purged = solve_general(
            trade,
            theta=theta[0],
            tariff_before=tariff,
            tariff_after=tariff,
            value_added_share=world.value_added_share,
            input_share=world.input_share,
            closure="balanced",
        )
        trade = purged.trade
    return Baseline(world, trade, tariff, theta, closure)


def tariffs(world: World, rates: Array) -> Array:
    """Return the tariff (sector, origin, destination) that rates (sector, origin) of the reporter mean."""
    out = np.zeros(world.trade.shape)
    out[:, :, world.reporter] = rates
    return out


Wedges = tuple[Array, Array]


def solve(base: Baseline, rates: Array, subsidy: Array | None = None, wedges: Wedges | None = None) -> WorldSide:
    """Return the world under the reporter's rates (sector, region) and a subsidy (draw, sector) of the partner.

    ``wedges``: the partner's duty and the change in barrier cost on the reporter's goods, each (draw, sector).
    """
    paid = np.zeros((len(base.theta), len(base.world.sectors))) if subsidy is None else subsidy
    return _read(base, _solved(base, *borders(base, rates, subsidy, wedges)), rates, paid)


def borders(base: Baseline, rates: Array, subsidy: Array | None, wedges: Wedges | None) -> tuple[Array, Array | float]:
    """Return tariffs after and the change in barrier cost, (draw or none, sector, origin, destination)."""
    world, n = base.world, len(base.theta)
    after = tariffs(world, rates)
    if subsidy is None and wedges is None:
        return after, 1.0
    after = np.repeat(after[None], n, axis=0)
    duty = 0.0 if wedges is None else wedges[0]
    after[:, :, world.reporter, world.partner] = (1.0 + duty) * (1.0 - (0.0 if subsidy is None else subsidy)) - 1.0
    if wedges is None or (wedges[1] == 1.0).all():
        return after, 1.0
    cost = np.ones(after.shape)
    cost[:, :, world.reporter, world.partner] = wedges[1]
    return after, cost


def solve_purchases(base: Baseline, rates: Array, wanted: Array, wedges: Wedges | None = None) -> Array:
    """Return the subsidy (draw, sector) at which sales to the partner exceed those without it by ``wanted`` USD bn.

    ``wedges`` as in `solve`. Each sector's subsidy moves along its own secant in logarithms until sales are met; NaN
    where a draw failed.
    """
    world, us, jp = base.world, base.world.reporter, base.world.partner
    chosen = np.flatnonzero((wanted > 0).any(axis=0))
    bought = np.zeros((len(base.theta), len(world.sectors)))
    if not chosen.size:
        return bought
    free = _solved(base, *borders(base, rates, bought, wedges)).trade[..., us, jp]
    target = np.log(free + wanted)[:, chosen]
    x = np.zeros(target.shape)  # minus log(1 - subsidy)
    slope = np.broadcast_to(base.theta[:, chosen], target.shape).copy()
    gap = target - np.log(free[:, chosen])
    for _ in range(_STEPS):
        close = not np.nanmax(np.abs(gap), initial=0.0) > _CLOSE
        step = np.clip(gap / slope, -0.5, 0.5)
        x = x + step
        bought[:, chosen] = -np.expm1(-x)
        new = target - np.log(_solved(base, *borders(base, rates, bought, wedges)).trade[..., us, jp][:, chosen])
        size = np.abs(step)  # of a small step, what other sectors do to this one hides its own slope
        moved = (size > 0.1 * size.max(axis=1, keepdims=True)) & (size > 1e-7)
        secant = np.divide(gap - new, step, out=slope.copy(), where=moved)
        slope = np.clip(secant, 0.2 * base.theta[:, chosen], 2.0 * base.theta[:, chosen])
        gap = new
        if close:  # one step beyond, so that the last digits of a machine do not decide where it ends
            break
    else:
        if not abs(gap[0]).max() < 1e-6:
            raise ConvergenceError(
                f"purchases: sales to {world.regions[jp]} miss their amount by {abs(gap[0]).max():.1e} after {_STEPS} "
                "steps; ask for less."
            )
        x[np.abs(gap).max(axis=1) >= 1e-6] = np.nan
    out = np.zeros((len(base.theta), len(world.sectors)))
    out[:, chosen] = -np.expm1(-x)
    return out


def _solved(base: Baseline, after: Array, cost_hat: Array | float = 1.0) -> GeneralSolution:
    """Return the solution for every draw; a draw with a missing subsidy is solved without it and fails afterwards."""
    world = base.world
    out = solve_general(
        base.trade,
        theta=base.theta,
        tariff_before=base.tariff,
        tariff_after=np.nan_to_num(after),
        cost_hat=cost_hat,
        value_added_share=world.value_added_share,
        input_share=world.input_share,
        closure=base.closure,  # type: ignore[arg-type]
        tol=_TIGHT,
    )
    if not out.converged[0]:
        raise ConvergenceError(
            f"{world.name}, closure {base.closure}: the central case did not converge (residual {out.residual[0]:.1e} "
            f"after {out.iterations[0]} evaluations); take a smaller shock or another closure."
        )
    return out


def _read(base: Baseline, solved: GeneralSolution, rates: Array, subsidy: Array) -> WorldSide:
    world = base.world
    us, jp = world.reporter, world.partner
    imports = solved.trade[..., us].copy()
    exports = solved.trade[..., us, :].copy()
    imports[..., us] = exports[..., us] = 0.0
    failed = np.isnan(subsidy).any(axis=-1)
    imports[failed] = exports[failed] = np.nan
    return WorldSide(
        imports=imports,
        exports=exports,
        income=solved.income,
        real_income_hat=solved.welfare_hat,
        real_wage_hat=solved.real_wage_hat,
        price_hat=solved.price_hat[..., us],
        revenue=(imports[..., jp] * rates[:, jp]).sum(axis=-1),
        revenue_all=(imports * rates).sum(axis=(-2, -1)),
        subsidy=subsidy,
        converged=np.asarray(solved.converged) & ~failed,
        iterations=np.asarray(solved.iterations),
        residual=np.asarray(solved.residual),
        adding_up=np.asarray(solved.adding_up),
    )
