"""The slow way to the same likelihood: a regression with variance components (Patterson and Thompson, 1971).

Levels, slopes and first seasons are regressors; what is left after them has the covariance ``sum_k variance_k V_k``.
No state, no filter and no statsmodels: the exactly diffuse likelihood is this one, up to a constant.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

ANGLES = 2 * np.pi * np.arange(1, 7) / 12


@dataclass(frozen=True, eq=False)
class Contrasts:
    """What months say once level, slope and season are regressed out: values (n,) and covariances (3, n, n)."""

    values: np.ndarray
    covariances: np.ndarray


def contrasts(logs):
    """Return the contrasts of logarithms by month; the components are irregular, level and season."""
    t = np.arange(len(logs))
    waves = [wave(angle * t) for angle in ANGLES[:5] for wave in (np.cos, np.sin)]
    regressors = np.column_stack([np.ones(len(t)), t - t.mean(), *waves, np.cos(ANGLES[5] * t)])
    rest = np.linalg.qr(regressors, mode="complete")[0][:, regressors.shape[1] :]
    walk = np.minimum.outer(t, t).astype(float)
    turning = np.cos(ANGLES[:, None, None] * np.subtract.outer(t, t)).sum(axis=0)
    return Contrasts(rest.T @ logs, np.array([rest.T @ v @ rest for v in (np.eye(len(t)), walk, walk * turning)]))


def likelihood(variances, data):
    """Return the log likelihood, less a constant, its slope and its curvature in the variances."""
    covariance = np.tensordot(variances, data.covariances, 1)
    inverse = np.linalg.inv(covariance)
    weighted = inverse @ data.values
    parts = data.covariances @ weighted
    products = inverse @ data.covariances
    value = -0.5 * (np.linalg.slogdet(covariance)[1] + data.values @ weighted)
    slope = 0.5 * (parts @ weighted - np.trace(products, axis1=1, axis2=2))
    traces = np.array([[np.sum(a * b.T) for b in products] for a in products])
    return value, slope, 0.5 * traces - parts @ inverse @ parts.T


def maximum(data, start):
    """Return the variances where the likelihood is largest, and their standard errors by its exact curvature.

    Newton's method in a trust region, in logarithms of the variances.
    """
    seen = {}

    def at(logs):
        key = logs.tobytes()
        if key not in seen:
            variances = np.exp(logs)
            value, slope, curvature = likelihood(variances, data)
            down = -variances * slope
            seen[key] = -value, down, np.diag(down) - curvature * np.outer(variances, variances)
        return seen[key]

    found = minimize(
        lambda x: at(x)[0],
        np.log(start),
        jac=lambda x: at(x)[1],
        hess=lambda x: at(x)[2],
        method="trust-exact",
        options={"gtol": 1e-5},
    )
    assert found.success, found.message
    variances = np.exp(found.x)
    return variances, np.sqrt(np.diag(np.linalg.inv(-likelihood(variances, data)[2])))
