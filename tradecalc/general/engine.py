"""World equilibrium in exact changes: many countries, one or many sectors, inputs, tariffs and deficits.

Caliendo and Parro (2015), Review of Economic Studies 82:1-44, solved in ratios of counterfactual to baseline as in
Dekle, Eaton and Kortum (2008), IMF Staff Papers 55:511-540. docs/methods.md pairs equations with functions.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.general.equations import Array
from tradecalc.general.inputs import Checked, check, check_options, closure_code, refuse_world
from tradecalc.general.worlds import NOT_CONVERGED, SOLVED, Outputs, solve_worlds
from tradecalc.terms import ConvergenceError, InputError

_CORES = os.cpu_count() or 1
_SOLUTION = (
    "wage_hat", "price_hat", "final_price_hat", "unit_cost_hat", "trade", "expenditure", "tariff_revenue", "income",
    "deficit", "adding_up",
)  # fmt: skip
_PER_THREAD = 50_000  # cells of trade below which a second thread costs more than it saves


@dataclass(frozen=True)
class GeneralSolution:
    """A counterfactual world. Hats are ratios to the baseline; leading axes of every field are the batch.

    A world that did not converge holds NaN, with ``converged`` False; its ``residual`` and ``iterations`` are kept.
    Values are in the units of the input trade. Where nobody buys a good, its price stays put (hat one).
    """

    wage_hat: Array  # (..., c)
    price_hat: Array  # (..., s, c) price of sector s to buyers in c
    final_price_hat: Array  # (..., c) price of final demand
    trade: Array  # (..., s, o, d) customs value, domestic sales on the diagonal
    expenditure: Array  # (..., s, c) duty-inclusive spending, final and intermediate
    tariff_revenue: Array  # (..., c)
    real_wage_hat: Array  # (..., c) wage_hat / final_price_hat
    welfare_hat: Array  # (..., c) income / baseline_income / final_price_hat
    residual: Array  # (...) largest relative error of any equation; a price counts theta-fold
    adding_up: Array  # (...) largest gap in trade balances, budgets and their sum, over world value added
    iterations: NDArray[np.int64]  # (...) evaluations: full passes over prices, shares, expenditure and wages, all told
    converged: NDArray[np.bool_]  # (...)
    unit_cost_hat: Array  # (..., s, c)
    income: Array  # (..., c) final spending: wages, tariff revenue and deficit
    deficit: Array  # (..., c) imports - exports at customs value
    baseline_trade: Array  # (..., s, o, d) the input, or the model's own zero-shock solution where demand was clipped
    baseline_expenditure: Array  # (..., s, c)
    baseline_income: Array  # (..., c)


@dataclass(frozen=True)
class WelfareParts:
    """First-order welfare effect of each country as fractions of its baseline income, (..., c)."""

    terms_of_trade: Array
    volume_of_trade: Array

    @property
    def welfare(self) -> Array:
        """Return the sum of the two parts."""
        return self.terms_of_trade + self.volume_of_trade


def solve_general(
    trade: ArrayLike,
    *,
    theta: ArrayLike,
    tariff_before: ArrayLike = 0.0,
    tariff_after: ArrayLike = 0.0,
    cost_hat: ArrayLike = 1.0,
    value_added_share: ArrayLike = 1.0,
    input_share: ArrayLike | None = None,
    closure: Literal["balanced", "fixed", "proportional"] = "fixed",
    negative_final: Literal["error", "clip"] = "error",
    tol: float = 1e-10,
) -> GeneralSolution:
    """Return the world equilibrium after a change in tariffs and trade costs, in ratios to the baseline.

    Parameters
    ----------
    trade: (..., s, o, d) customs value, domestic sales on the diagonal; empty cells are zero and stay zero.
    theta: scalar or (..., s), trade elasticity, sigma - 1.
    tariff_before, tariff_after: (..., s, o, d) ad valorem fraction of customs value; none on the diagonal.
    cost_hat: (..., s, o, d) change of iceberg costs, inside customs value.
    value_added_share: (..., s, c) value added over gross output.
    input_share: (..., k, s, c) share of sector k in the intermediate spending of sector s; sums to one over k, or to
        zero where the value-added share is one (within 1e-4: then rescaled). May be left out for one sector, or where
        no sector uses inputs.
    closure: "balanced" (every deficit goes to zero), "fixed" (each deficit is constant in the numeraire) or
        "proportional" (final spending stays the same multiple of wages and revenue, up to one scalar for the world).
    negative_final: "clip" sets implied negative final demand to zero and rescales the other shares; the baseline of
        every hat is then the model's own solution without shock, at the deficits of the data.
    tol: largest relative error of any equation.

    With unit cost ``c = w^g prod_k P_k^(g_k)`` and ``kappa = cost_hat (1+t')/(1+t)``::

        P_sd = (sum_o pi_sod (kappa_sod c_so)^-theta)^(-1/theta)
        X_kd = alpha_kd I_d + sum_s g_ksd Y_sd,   Y_so = sum_d pi'_sod X_sd / (1+t'_sod),   I = w L + R + D

    World value added is the numeraire, so wages and values are in its units. Leading axes of all arguments broadcast.

    Raises InputError for arguments that cannot be a world, naming country and sector by index, and
    ConvergenceError for one world that does not converge; in a batch such a world is NaN.
    """
    code = closure_code(closure)
    check_options(negative_final, tol)
    checked = check(trade, tariff_before, tariff_after, cost_hat, theta, value_added_share, input_share)
    out = _solve(checked, code, negative_final == "clip", float(tol))
    if out.status.any():
        for i in np.flatnonzero(out.status > NOT_CONVERGED):
            place = (int(out.place[i, 0]), int(out.place[i, 1]))
            refuse_world(int(out.status[i]), place, tuple(int(j) for j in np.unravel_index(i, checked.batch)))
        if not checked.batch:
            raise ConvergenceError(
                f"solve_general: residual {out.residual[0]:.1e} after {out.iterations[0]} evaluations "
                f"(tolerance {tol:.0e}), worst in country {out.place[0, 1]}; take the shock in smaller steps."
            )
        for name in _SOLUTION:
            getattr(out, name)[out.status == NOT_CONVERGED] = np.nan

    def shaped(array: NDArray[Any]) -> Any:
        return array.reshape((*checked.batch, *array.shape[1:])) if checked.batch else array[0]

    parts = {name: shaped(array) for name, array in out._asdict().items() if name not in ("status", "place")}
    return GeneralSolution(
        **parts,
        real_wage_hat=parts["wage_hat"] / parts["final_price_hat"],
        welfare_hat=parts["income"] / parts["baseline_income"] / parts["final_price_hat"],
        converged=shaped(out.status == SOLVED),
    )


def _solve(checked: Checked, closure: int, clip: bool, tol: float) -> Outputs:
    """Solve every world of the batch, on every core where that pays."""
    S, N, n = checked.sectors, checked.countries, len(checked.arguments.rows)

    def blank(*tail: int) -> Array:
        return np.empty((n, *tail))

    out = Outputs(
        wage_hat=blank(N),
        price_hat=blank(S, N),
        final_price_hat=blank(N),
        unit_cost_hat=blank(S, N),
        trade=blank(S, N, N),
        expenditure=blank(S, N),
        tariff_revenue=blank(N),
        income=blank(N),
        deficit=blank(N),
        baseline_trade=blank(S, N, N),
        baseline_expenditure=blank(S, N),
        baseline_income=blank(N),
        residual=blank(),
        adding_up=blank(),
        iterations=np.zeros(n, dtype=np.int64),
        status=np.zeros(n, dtype=np.int64),
        place=np.zeros((n, 2), dtype=np.int64),
    )

    def solve(first: int, last: int) -> None:
        solve_worlds(checked.arguments, first, last, closure, clip, tol, out)

    threads = max(1, min(_CORES, n, n * S * N * N // _PER_THREAD))
    if threads == 1:
        solve(0, n)
    else:
        cuts = np.linspace(0, n, 4 * threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(solve, cuts[:-1], cuts[1:]))
    return out


def decompose_welfare(solution: GeneralSolution, *, tariff_before: ArrayLike = 0.0) -> WelfareParts:
    """Return the terms-of-trade and the volume-of-trade effect of each country, as fractions of baseline income.

    ``tariff_before``: (..., s, o, d), as given to ``solve_general``. With exports E, imports M at baseline customs
    values, unit costs c, baseline income I, and each dln x taken as x_hat - 1, as the published figures of Caliendo
    and Parro (2015, table 2) take it::

        ToT_n = (1/I_n) sum_si (E_sni dln c_sn - M_sin dln c_si)
        VoT_n = (1/I_n) sum_si t_sin M_sin (dln M_sin - dln c_si)

    The two sum to the welfare change to first order only; ``solution.welfare_hat`` is the exact one, and the two
    differ much where trade more than doubles. A flow that is empty before has no volume effect.
    """
    before, after = solution.baseline_trade, solution.trade
    tariff = np.asarray(tariff_before, dtype=np.float64)
    try:
        duty = np.broadcast_to(tariff, np.broadcast_shapes(tariff.shape, before.shape)) * before
    except ValueError:
        raise InputError(
            f"tariff_before has shape {tariff.shape}, which does not fit the trade of the solution, {before.shape}."
        ) from None
    cost = solution.unit_cost_hat - 1.0
    sold = (before.sum(axis=-1) * cost).sum(axis=-2)
    bought = (before * cost[..., None]).sum(axis=(-3, -2))
    change = np.divide(after, before, out=np.ones_like(after), where=before > 0.0) - 1.0 - cost[..., None]
    return WelfareParts(
        terms_of_trade=(sold - bought) / solution.baseline_income,
        volume_of_trade=(duty * change).sum(axis=(-3, -2)) / solution.baseline_income,
    )


def own_share_gain(solution: GeneralSolution, *, theta: ArrayLike) -> Array:
    """Return ``(own share after / own share before)^(-1/theta)``, (..., s, c): unit cost over price, in changes.

    It holds wherever a country's own goods kept their domestic cost, and equals ``unit_cost_hat / price_hat``. In a
    world of one sector without inputs it is ``real_wage_hat``: the gains identity of Arkolakis, Costinot and
    Rodriguez-Clare (2012), American Economic Review 102:94-130. NaN where a country buys nothing of its own.
    """
    elasticity = np.asarray(theta, dtype=np.float64)
    if not (elasticity > 0.0).all():
        raise InputError("theta: every element must be positive; it is the trade elasticity, sigma - 1.")
    before = np.diagonal(solution.baseline_trade, axis1=-2, axis2=-1)
    after = np.diagonal(solution.trade, axis1=-2, axis2=-1)
    scale = after * solution.baseline_expenditure
    ratio = np.divide(before * solution.expenditure, scale, out=np.full(scale.shape, np.nan), where=scale > 0.0)
    return np.asarray(ratio ** (1.0 / (elasticity[..., None] if elasticity.ndim else elasticity)))
