"""What `tradecalc estimate` does: fit the components of each flow once, with standard errors and weaknesses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import pandas as pd

from tradecalc.evidence.estimates import Fit, Flows, NoChangeEstimate, Parameter, Parameters, Sample, Source, command
from tradecalc.evidence.structural import FIVE_YEARS, FLOWS, PARAMETERS, TABLE, Array, components, flows, month
from tradecalc.files import data_root, sha256
from tradecalc.terms import ConvergenceError, InputError

_STEP: Final = 0.002  # of a logarithm: moves a maximum by 1e-6 of its standard error, and that by 1e-6 of itself
_AT_BOUND: Final = 1e-4  # a variance without which the log likelihood falls by less than this is zero
_NEWTON: Final = 6  # steps at most, from where Powell's method ends
_NEAR: Final = 1e-6  # of a standard error: what the last of them may move
_DOUBTED: Final = 2.0  # standard errors above zero below which a variance is called near its bound
_SPECIFICATION: Final = (
    "Each flow by itself: its logarithm is a random-walk level with a constant slope, a trigonometric season of "
    "twelve months with six harmonics of one variance, and an irregular; all disturbances normal and independent "
    "(Harvey, 1989). Maximum likelihood with an exactly diffuse first state (Durbin and Koopman, 2012), by Powell's "
    "method and then Newton's. Standard errors from the curvature of the log likelihood at its maximum."
)


@dataclass(frozen=True)
class _Maximum:
    """Variances by parameter, in squared logarithms, their standard errors (NaN at zero) and what each one adds."""

    variances: Array
    standard_errors: Array
    log_likelihood: float
    added: Array


def estimate_no_change(*, since: str = "1985-01", until: str = "2025-03") -> NoChangeEstimate:
    """Return the parameters of the no-change path, estimated from the months ``since`` to ``until``.

    Args:
        since: first month used, YYYY-MM.
        until: last month used, YYYY-MM.

    Raises:
        InputError: months out of order or outside the data, or fewer than five years.
        ConvergenceError: the likelihood of a flow was not maximised.
    """
    data = flows()
    first, last = (month(text, asked="estimate") for text in (since, until))
    if not (data.index[0] <= first and first + FIVE_YEARS - 1 <= last <= data.index[-1]):
        raise InputError(
            f"estimate: since {first}, until {last}; the data run from {data.index[0]} to {data.index[-1]}, "
            "and five years are needed."
        )
    used = data.loc[first:last]
    sample = Sample(since=str(first), until=str(last))
    return NoChangeEstimate(
        what="variances of the disturbances of US goods exports to and imports from Japan, by month",
        command=command(sample),
        day=date.today(),
        packages={name: version(name) for name in ("tradecalc", "statsmodels", "numpy", "scipy")},
        sample=sample,
        input=Source(path=TABLE, sha256=sha256(data_root() / TABLE)),
        specification=_SPECIFICATION,
        unit="squared logarithms",
        flows=Flows(**{flow: _fit(flow, used[flow]) for flow in FLOWS}),
    )


def _fit(flow: str, values: "pd.Series[Any]") -> Fit:
    found = _maximum(flow, components(values.to_numpy(), exact=True))
    parameters = {
        name: Parameter(estimate=_shown(variance), standard_error=_shown(error) if variance > 0 else None)
        for name, variance, error in zip(PARAMETERS, found.variances, found.standard_errors, strict=True)
    }
    return Fit(
        series=f"{flow}_usd_bn",
        parameters=Parameters(**parameters),
        log_likelihood=_shown(found.log_likelihood),
        converged=True,
        weaknesses=_weaknesses(found),
    )


def _shown(number: float) -> float:
    return float(f"{number:.12g}")


def _maximum(flow: str, model: Any) -> _Maximum:
    """Return where the likelihood of a model is largest: Powell's method, then steps of Newton's.

    Raises:
        ConvergenceError: an optimiser stopped early, or the likelihood is not curved as at a maximum.
    """
    assert list(model.param_names) == list(PARAMETERS.values())
    # Powell's method needs no gradient: numerical ones of this flat likelihood stop a line search on some machines.
    fit = model.fit(method="powell", disp=False, maxiter=500, xtol=1e-10, ftol=1e-14, cov_type="none")
    variances = np.asarray(fit.params, float)
    keep = np.eye(len(variances))
    added = np.array([fit.llf - model.loglike(variances * (1 - row)) for row in keep])
    inside = added > _AT_BOUND
    variances = np.where(inside, variances, 0.0)
    moved = np.inf
    for _ in range(_NEWTON):
        if moved < _NEAR:
            break
        slope, curvature = _derivatives(_in_logs(model, variances, keep[inside]), int(inside.sum()))
        if not (np.linalg.eigvalsh(curvature) < 0).all():
            break
        covariance = np.linalg.inv(-curvature)
        errors = np.sqrt(np.diag(covariance))
        step = covariance @ slope
        moved = float(np.abs(step / errors).max())
        variances = variances * np.exp(step @ keep[inside])
    if not fit.mle_retvals["converged"] or not moved < _NEAR:
        raise ConvergenceError(
            f"estimate: the likelihood of {flow} was not maximised in {fit.mle_retvals['iterations']} iterations "
            f"(the last step moved {moved:.1e} of a standard error, tolerance {_NEAR:.0e}); use a longer sample."
        )
    standard_errors = np.full(len(variances), np.nan)
    standard_errors[inside] = variances[inside] * errors  # of the logarithm, times the variance
    return _Maximum(variances, standard_errors, float(model.loglike(variances)), added)


def _in_logs(model: Any, variances: Array, rows: Array) -> Callable[[Array], float]:
    """Return the log likelihood as a function of the logarithms of those variances that are above zero."""
    return lambda logs: float(model.loglike(variances * np.exp(logs @ rows)))


def _derivatives(function: Callable[[Array], float], n: int) -> tuple[Array, Array]:
    """Return the slope and the curvature of a function of ``n`` numbers at zero, by central differences."""
    steps = _STEP * np.eye(n)
    ahead, behind = (np.array([function(sign * step) for step in steps]) for sign in (1, -1))
    centre = function(np.zeros(n))
    curvature = np.diag((ahead + behind - 2 * centre) / _STEP**2)
    for i in range(n):
        for j in range(i):
            corners = [
                sign * other * function(sign * steps[i] + other * steps[j]) for sign in (1, -1) for other in (1, -1)
            ]
            curvature[i, j] = curvature[j, i] = sum(corners) / (4 * _STEP**2)
    return (ahead - behind) / (2 * _STEP), curvature


def _weaknesses(found: _Maximum) -> tuple[str, ...]:
    """Return in words which variances lie at or near zero, and what no number of this file covers."""
    said = []
    for name, variance, error, added in zip(
        PARAMETERS, found.variances, found.standard_errors, found.added, strict=True
    ):
        if variance == 0:
            said.append(f"The variance of the {name} is zero, its bound, so it has no standard error.")
        elif variance < _DOUBTED * error:
            said.append(
                f"The variance of the {name} lies {variance / error:.1f} standard errors above zero, its bound: its "
                "distribution is skewed and its standard error says how flat the likelihood is, not how far it may be "
                f"wrong on either side; at zero the log likelihood is {added:.1f} lower."
            )
    return (*said, "Normal disturbances of constant variance are assumed over the whole sample, crises included.")
