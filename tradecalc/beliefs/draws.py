"""Samples of the beliefs: stratified, one named random stream a parameter, the central vector first."""

from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def stream(name: str, *, seed: int) -> np.random.Generator:
    """Return the random stream of one named parameter; adding a parameter leaves every other stream as it was."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()),)))


def uniforms(name: str, *, n: int, seed: int) -> Array:
    """Return ``n`` numbers in (0, 1), one in each of ``n`` equal strata, in the random order of the named stream."""
    rng = stream(name, seed=seed)
    return (rng.permutation(n) + rng.uniform(1e-9, 1 - 1e-9, n)) / max(n, 1)


def quantile(belief: Any, u: Array) -> Array:
    """Return the quantiles ``u`` of a belief; the lowest ``zero`` share of ``u`` is exactly 0 where there is one."""
    if belief.dist == "chance":
        return np.asarray(u >= 1 - belief.probability, float)
    if getattr(belief, "zero", 0.0):
        some = belief.model_copy(update={"zero": 0.0})
        rest = np.clip((u - belief.zero) / (1 - belief.zero), 0.0, 1.0)
        return np.where(u < belief.zero, 0.0, quantile(some, rest))
    if belief.dist == "fixed":
        return np.full(u.shape, float(belief.value))
    if belief.dist == "triangular":
        low, mode, high = belief.low, belief.mode, belief.high
        at_mode = (mode - low) / (high - low)
        rising = low + np.sqrt(u * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
        return np.asarray(np.where(u < at_mode, rising, falling), float)
    from scipy.special import ndtri

    return np.asarray(belief.median * np.exp(belief.sigma * ndtri(u)), float)


def sample(beliefs: dict[str, Any], *, n: int, seed: int) -> dict[str, Array]:
    """Return each belief as an array of shape ``(1 + n,)``: the central value first, then ``n`` draws."""
    return {
        name: np.concatenate([[belief.central], quantile(belief, uniforms(name, n=n, seed=seed))])
        for name, belief in beliefs.items()
    }
