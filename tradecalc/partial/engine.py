"""Market engine: nested CES demand, export supply or pass-through, and tariff-rate quotas, exactly and in changes.

One product in one importing market. Hats are ratios of counterfactual to baseline. Trailing axes are origins ``S``, any
leading axes are batch and broadcast. All elasticities are given as positive numbers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.partial.block import INPUTS, LANES, work_space
from tradecalc.partial.inputs import floats, in_parallel, lay_out, refuse
from tradecalc.partial.kernel import solve_markets
from tradecalc.partial.purchase import asked_price, purchased_quantity
from tradecalc.partial.quota import fail, settle
from tradecalc.partial.solution import PartialSolution
from tradecalc.terms import ConvergenceError, InputError

Floats = NDArray[np.float64]


def solve_partial(
    value: ArrayLike,
    *,
    tariff_before: ArrayLike,
    tariff_after: ArrayLike,
    sigma: ArrayLike,
    eta: ArrayLike,
    home: int | None,
    sigma_home: ArrayLike | None = None,
    supply: ArrayLike = np.inf,
    pass_through: ArrayLike | None = None,
    cost_hat: ArrayLike = 1.0,
    origin_cost_hat: ArrayLike = 1.0,
    demand_hat: ArrayLike = 1.0,
    quota: ArrayLike | None = None,
    tariff_in_quota: ArrayLike | None = None,
    tol: float = 1e-12,
) -> PartialSolution:
    """Return the counterfactual equilibrium of a market, or of a batch of markets.

    With spending shares ``s``, ``tau = (1 + tariff_after)/(1 + tariff_before)`` and delivered price
    ``d = p tau cost_hat``: ``q = (d/P_M)^-sigma (P_M/P)^-sigma_home P^-eta demand_hat`` abroad,
    ``q = (d/P)^-sigma_home P^-eta demand_hat`` at home, ``q = (p/origin_cost_hat)^supply``, and CES indices ``P_M`` of
    imports and ``P`` of the market; elasticities of one are the logarithmic limits.

    Args:
        value: (..., S) customs value in the baseline; any money unit, which the result keeps.
        tariff_before: (..., S) ad valorem rate in the baseline, a fraction of customs value above -1.
        tariff_after: (..., S) rate under the shock; outside the quota where there is one.
        sigma: (...) elasticity of substitution between foreign origins.
        eta: (...) price elasticity of total demand, without its minus sign.
        home: index of the home origin, or None when there is none.
        sigma_home: (...) elasticity of substitution between home goods and imports; None means ``sigma``.
        supply: (..., S) export supply elasticity; inf for a given border price, 0 for a given quantity.
        pass_through: (..., S) in place of a supply elasticity, the share rho of a duty change that reaches the
            duty-inclusive price: ``p = x^rho tau^(rho - 1)`` with ``x = origin_cost_hat``. NaN where not given.
        cost_hat: (..., S) cost behind the border, outside customs value; a barrier removed is below 1.
        origin_cost_hat: (..., S) the exporter's own cost in the importer's currency.
        demand_hat: (...) shift of total demand.
        quota: (..., S) tariff-rate quota in multiples of the baseline quantity; inf is none: ``tariff_after``.
        tariff_in_quota: (..., S) rate inside the quota; None means ``tariff_after``.
        tol: largest residual that counts as converged.

    Raises:
        InputError: an argument is not what it must be.
        ConvergenceError: a single market did not converge; in a batch it is NaN and flagged instead.
    """
    if quota is None and tariff_in_quota is not None:
        raise InputError("solve_partial: tariff_in_quota is given without a quota; give quota, or leave it out.")
    if not tol > 0.0:
        raise InputError(f"solve_partial: tol is {tol!r}; give a number above zero, such as 1e-12.")
    inside = tariff_after if tariff_in_quota is None else tariff_in_quota
    arguments: tuple[ArrayLike, ...] = (
        value, tariff_before, tariff_after, supply, cost_hat, origin_cost_hat,
        np.nan if pass_through is None else pass_through, np.inf if quota is None else quota, inside,
        sigma, sigma if sigma_home is None else sigma_home, eta, demand_hat,
    )  # fmt: skip
    return _solve("solve_partial", home, dict(zip(INPUTS, arguments, strict=True)), tol)


def _solve(
    where: str, home: int | None, arguments: dict[str, ArrayLike], tol: float, forced: bool = False
) -> PartialSolution:
    """Return the solution for ``arguments`` by the names in ``INPUTS``; ``forced`` lets numbers be out of range."""
    layout = lay_out(where, home, arguments)
    # None in place of False: numba then leaves the quotas out of what it compiles.
    quotas = None if (layout.data[INPUTS.index("quota")] == np.inf).all() else True
    passes = not np.isnan(layout.data[INPUTS.index("pass_through")]).all()
    markets, origins = int(np.prod(layout.batch, dtype=np.int64)), layout.origins
    out = tuple(np.zeros(markets * origins) if n == 5 else np.empty(markets * origins) for n in range(7))
    regime, by_market = np.zeros(markets * origins, dtype=np.int8), np.empty((4, markets))
    iterations = np.empty(markets, dtype=np.int64)
    size = -(-max(markets, 1) // (32 * LANES)) * LANES  # whole blocks: nothing depends on how many threads there are

    def work(start: int) -> bool:
        stop = min(start + size, markets)
        fine = solve_markets(
            start, stop, layout.home, quotas, passes, tol, layout.data, layout.steps, work_space(origins),
            out, regime, by_market, iterations,
        )  # fmt: skip
        here = slice(start * origins, stop * origins)
        fail(~(by_market[3, start:stop] <= tol), [array[here] for array in out], regime[here])
        if quotas:
            with np.errstate(all="ignore"):  # as in the kernel, numbers may run out of range
                settle(start, layout, [array[here] for array in out], regime[here])
        return bool(fine)

    if not all(in_parallel(work, list(range(0, markets, size)), markets * origins)) and not forced:
        refuse(where, home, arguments)
    index, imports, gain, residual = (row.reshape(layout.batch) for row in by_market)
    price, quantity, delivered, sales, duty, rent, surplus = (array.reshape(*layout.batch, origins) for array in out)
    solution = PartialSolution(
        price_hat=price,
        quantity_hat=quantity,
        delivered_hat=delivered,
        value=sales,
        duty=duty,
        quota_rent=rent,
        exporter_surplus=surplus,
        regime=regime.reshape(*layout.batch, origins),
        index_hat=index,
        import_index_hat=imports,
        consumer_gain=gain,
        residual=residual,
        iterations=iterations.reshape(layout.batch),
        converged=np.asarray(residual <= tol),
    )
    if solution.converged.ndim == 0 and not solution.converged:
        raise ConvergenceError(
            f"{where}: residual {residual:.1e} after {iterations[0]} iterations (tolerance {tol:.0e}); "
            "an equilibrium needs eta, or the supply of some origin, above zero: raise one, or raise tol."
        )
    return solution


@dataclass(frozen=True)
class PurchaseSolution:
    """A market in which the buyer's side takes a set quantity of one origin, next to the same market without it."""

    wedge: (
        Floats  #: (...) share of that origin's delivered price that the buyer's side pays so that the market takes it
    )
    subsidy_cost: Floats  #: (...) what this costs, in the unit of ``value``; a negative wedge is an implicit tax
    quantity_change: Floats  #: (..., S) change in quantity at baseline customs prices: who is displaced
    value_change: Floats  #: (..., S) change in customs value
    price_effect: Floats  #: (...) price index of the market with the purchase over without it
    solution: PartialSolution  #: the market with the purchase; its consumer gain does not count the subsidy cost
    without: PartialSolution  #: the same market without it


def solve_purchase(
    value: ArrayLike,
    *,
    origin: int,
    quantity_hat: ArrayLike | None = None,
    value_after: ArrayLike | None = None,
    **market: Any,
) -> PurchaseSolution:
    """Return the wedge that makes a market take a set quantity, or customs value, of one origin.

    The wedge ``w`` acts as a cost behind the border: users pay ``d = p tau cost_hat (1 - w)`` and the buyer's side pays
    the rest, ``subsidy_cost = value (1 + tariff_before) q (p tau cost_hat - d)``. The exporter's price ``p`` follows
    from the quantity along its supply curve (or its pass-through), and ``d`` from demand at that quantity.

    Args:
        value: (..., S) customs value in the baseline.
        origin: index of the origin that is bought from.
        quantity_hat: (...) quantity bought over the baseline quantity; give this or ``value_after``.
        value_after: (...) customs value bought, in the unit of ``value``.
        **market: every other keyword of ``solve_partial``.

    Raises:
        InputError: an argument is not what it must be, or the origin has no baseline value or a supply of 0.
        ConvergenceError: a single market did not converge; in a batch it is NaN and flagged instead.
    """
    without = solve_partial(value, **market)
    origins = without.price_hat.shape[-1]
    if isinstance(origin, bool) or not isinstance(origin, int | np.integer) or not -origins <= origin < origins:
        raise InputError(f"solve_purchase: origin is {origin!r}; give the index of an origin, from 0 to {origins - 1}.")
    if (quantity_hat is None) == (value_after is None):
        raise InputError("solve_purchase: give quantity_hat or value_after, and not both.")
    given: dict[str, Any] = {"value": value} | {name: array for name, array in market.items() if array is not None}
    sigma, home, tol = given["sigma"], market["home"], given.get("tol", 1e-12)
    missing = {"supply": np.inf, "pass_through": np.nan, "quota": np.inf, "tariff_in_quota": given["tariff_after"]}
    given = missing | {"cost_hat": 1.0, "origin_cost_hat": 1.0, "sigma_home": sigma, "demand_hat": 1.0} | given
    if quantity_hat is not None:
        target = floats("quantity_hat", quantity_hat, "solve_purchase")
    elif value_after is not None:
        target = floats("value_after", value_after, "solve_purchase")
    shape = (*np.broadcast_shapes(without.index_hat.shape, target.shape), origins)
    full = {name: np.array(np.broadcast_to(given[name], shape), dtype=float) for name in INPUTS[:9]}
    here = {name: array[..., origin].copy() for name, array in full.items()}
    quantity = purchased_quantity(here, target, value_after is not None)
    asked = asked_price(here, quantity)

    def solved(by_origin: dict[str, Any], forced: bool) -> PartialSolution:
        arrays = {name: by_origin.get(name, given[name]) for name in INPUTS}
        return _solve("solve_purchase", home, arrays, tol, forced)

    # Demand at that quantity: a quota that is filled at the price inside and not overfilled at the price outside.
    forced = {name: array.copy() for name, array in full.items()}
    fixed = {"tariff_in_quota": -1.0, "tariff_after": 1e150, "supply": np.inf, "pass_through": np.nan}
    for name, number in {"quota": quantity, **fixed}.items():
        forced[name][..., origin] = number
    wedge = 1.0 - solved(forced, forced=True).delivered_hat[..., origin] / asked
    full["cost_hat"][..., origin] *= 1.0 - wedge
    solution = solved(full, forced=True)
    spending = here["value"] * (1.0 + here["tariff_before"]) * solution.quantity_hat[..., origin]
    return PurchaseSolution(
        wedge=np.asarray(wedge),
        subsidy_cost=np.asarray(spending * asked * wedge),
        quantity_change=full["value"] * (solution.quantity_hat - without.quantity_hat),
        value_change=solution.value - without.value,
        price_effect=np.asarray(solution.index_hat / without.index_hat),
        solution=solution,
        without=without,
    )
