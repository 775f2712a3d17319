"""What a quantity pays under a tariff-rate quota: in all, on average, and at the margin."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rates = NDArray[np.float64]


def quota_duty(quantity: ArrayLike, *, quota: ArrayLike, within: ArrayLike, over: ArrayLike) -> Rates:
    """Return duty on ``quantity``: ``within`` up to the quota, ``over`` on the rest."""
    q, low, high = (np.asarray(x, np.float64) for x in (quantity, within, over))
    inside = np.minimum(q, np.asarray(quota, np.float64))
    return np.asarray(inside * low + (q - inside) * high)


def average_rate(quantity: ArrayLike, *, quota: ArrayLike, within: ArrayLike, over: ArrayLike) -> Rates:
    """Return duty over quantity; at a quantity of zero, what the first unit pays."""
    q = np.asarray(quantity, np.float64)
    some = np.where(q > 0, q, 1.0)
    first = marginal_rate(0.0, quota=quota, within=within, over=over)
    mean = quota_duty(some, quota=quota, within=within, over=over) / some
    mean = np.clip(mean, np.minimum(within, over), np.maximum(within, over))  # a duty below the smallest number rounds
    return np.where(q > 0, mean, first)


def marginal_rate(quantity: ArrayLike, *, quota: ArrayLike, within: ArrayLike, over: ArrayLike) -> Rates:
    """Return what the next unit pays: ``within`` below the quota, ``over`` from it on."""
    q, k, low, high = (np.asarray(x, np.float64) for x in (quantity, quota, within, over))
    return np.where(q < k, low, high)
