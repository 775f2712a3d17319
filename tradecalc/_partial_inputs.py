"""Inputs of the market engine: checked one by one, broadcast, and laid out flat for the kernel."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc._partial_block import INPUTS, ORIGIN_INPUTS
from tradecalc._partial_math import bounds
from tradecalc.terms import InputError

__all__ = ["Layout", "floats", "in_parallel", "lay_out"]

# name: least, whether the least itself is allowed, greatest, whether it is allowed itself, what to write instead
_ALLOWED: Final[dict[str, tuple[float, bool, float, bool, str]]] = {
    "value": (0.0, True, np.inf, False, "at or above zero and finite; write 0 for an origin that sells nothing"),
    "tariff_before": (-1.0, False, np.inf, False, "fractions of customs value above -1 and finite (0.25 for 25 %)"),
    "tariff_after": (-1.0, False, np.inf, False, "fractions of customs value above -1 and finite (0.25 for 25 %)"),
    "tariff_in_quota": (-1.0, False, np.inf, False, "fractions of customs value above -1 and finite (0.25 for 25 %)"),
    "supply": (0.0, True, np.inf, True, "export supply elasticities at or above zero; inf for a given border price"),
    "pass_through": (0.0, True, 1.0, True, "between 0 and 1; nan where none is given"),
    "cost_hat": (0.0, False, np.inf, False, "ratios above zero and finite; 1 for no change"),
    "origin_cost_hat": (0.0, False, np.inf, False, "ratios above zero and finite; 1 for no change"),
    "demand_hat": (0.0, False, np.inf, False, "ratios above zero and finite; 1 for no change"),
    "quota": (0.0, True, np.inf, True, "multiples of the baseline quantity at or above zero; inf for no quota"),
    "sigma": (0.0, False, np.inf, False, "elasticities of substitution above zero and finite"),
    "sigma_home": (0.0, False, np.inf, False, "elasticities of substitution above zero and finite"),
    "eta": (
        0.0,
        True,
        np.inf,
        False,
        "price elasticities of demand at or above zero and finite, the minus sign left out",
    ),
}


class Layout(NamedTuple):
    """Flat inputs for the kernel: market ``i``, origin ``k`` of ``data[n]`` sits at ``i steps[n,0] + k steps[n,1]``."""

    batch: tuple[int, ...]
    origins: int
    home: int
    data: tuple[NDArray[np.float64], ...]
    steps: NDArray[np.uint64]


def floats(name: str, array: ArrayLike, where: str) -> NDArray[np.float64]:
    """Return ``array`` as floats, or raise ``InputError``."""
    try:
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{where}: {name} is {array!r}; give a number or an array of numbers.") from None


def in_parallel(work: Callable[[Any], Any], pieces: list[Any], size: int) -> list[Any]:
    """Return ``[work(piece) for piece in pieces]``, on all processors when ``size`` numbers are worth it."""
    threads = min(len(pieces), cpu_count() or 1)
    if threads < 2 or size < 100_000:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, pieces))


def _first(array: NDArray[np.float64], bad: NDArray[np.bool_], name: str) -> str:
    index = _index(bad)
    return f"{name}{index if index else ''} is {array[tuple(index)]}"


def _check_range(name: str, array: NDArray[np.float64], where: str) -> float:
    """Return the least number in ``array``; raise ``InputError`` for one that is not allowed."""
    low, low_in, high, high_in, allowed = _ALLOWED[name]
    flat = array.reshape(-1) if array.flags.c_contiguous else array.ravel()
    least, greatest, has_nan = bounds(flat if flat.flags.writeable else flat.copy())
    too_low, too_high = (
        least < low or (least == low and not low_in),
        greatest > high or (greatest == high and not high_in),
    )
    if (has_nan and name != "pass_through") or too_low or too_high:
        bad = (array < low) | (array > high) | ((array == low) & (not low_in)) | ((array == high) & (not high_in))
        bad |= np.isnan(array) & (name != "pass_through")
        raise InputError(f"{where}: {_first(array, bad, name)}; {name} must be {allowed}.")
    return float(least)


def _check_pairs(where: str, raw: dict[str, NDArray[np.float64]]) -> None:
    given = np.isfinite(raw["pass_through"])
    bad = given & np.isfinite(raw["supply"]) if given.any() else given
    if bad.any():
        raise InputError(
            f"{where}: origin {_index(bad)} has a finite supply and a pass_through; give one of them: "
            "supply=inf where the pass-through is given, pass_through=nan where the supply is."
        )
    limited = np.isfinite(raw["quota"])
    above = limited & (raw["tariff_in_quota"] > raw["tariff_after"]) if limited.any() else limited
    if above.any():
        inside, outside = np.broadcast_arrays(raw["tariff_in_quota"], raw["tariff_after"], above)[:2]
        at = tuple(np.argwhere(above)[0])
        raise InputError(
            f"{where}: tariff_in_quota {inside[at]} of origin {_index(above)} is above tariff_after {outside[at]}, "
            "the rate outside the quota; give an in-quota rate at or below it."
        )


def _check_home(where: str, home: int | None, value: NDArray[np.float64], zeros: bool) -> None:
    origins = value.shape[-1]
    if home is None:
        empty = ~value.any(axis=-1) if zeros else np.False_
        if origins == 0 or empty.any():
            raise InputError(
                f"{where}: value is 0 for every origin{_in_market(empty)}; leave out markets without trade."
            )
        return
    if isinstance(home, bool) or not isinstance(home, int | np.integer) or not -origins <= home < origins:
        raise InputError(
            f"{where}: home is {home!r}; give the index of the home origin, an integer from 0 to {origins - 1}, "
            "or None when no home origin is in the data."
        )
    if origins < 2:
        raise InputError(f"{where}: home is {home} and value has no other origin; give at least one foreign origin.")
    empty = value[..., home] == 0.0 if zeros else np.False_
    if empty.any():
        raise InputError(
            f"{where}: value of the home origin (index {home}) is 0{_in_market(empty)}, so there is no home share; "
            "give the domestic sales, or home=None."
        )


def _index(bad: NDArray[np.bool_]) -> list[int]:
    return [int(i) for i in np.argwhere(bad)[0]]


def _in_market(bad: NDArray[np.bool_] | np.bool_) -> str:
    return f" in market {_index(bad)}" if np.ndim(bad) else ""


def lay_out(where: str, home: int | None, arrays: dict[str, ArrayLike], trusted: bool = False) -> Layout:
    """Check the arguments named in ``INPUTS``, raising ``InputError``, and lay them out; ``trusted`` skips values."""
    raw = {name: floats(name, arrays[name], where) for name in INPUTS}
    given, value = dict(raw), raw["value"]
    if value.ndim == 0:
        raise InputError(f"{where}: value has shape (); give one number per origin along its last axis.")
    origins, batch = value.shape[-1], value.shape[:-1]
    for name in INPUTS:
        array, axes = given[name], given[name].shape
        by_origin = INPUTS.index(name) < ORIGIN_INPUTS
        try:
            if by_origin and axes and axes[-1] not in (1, origins):
                raise ValueError
            batch = np.broadcast_shapes(batch, axes[:-1] if by_origin else axes)
        except ValueError:
            tail = f"; its last axis must be the {origins} origins of value" if by_origin else ""
            raise InputError(
                f"{where}: {name} of shape {axes} does not fit value of shape {value.shape}{tail}, "
                f"and leading axes must broadcast to {batch}."
            ) from None
        given[name] = array.reshape(axes or (1,)) if by_origin else array[..., np.newaxis]
    if not trusted:
        least = in_parallel(lambda name: _check_range(name, raw[name], where), list(INPUTS), value.size)
        _check_pairs(where, raw)
        _check_home(where, home, value, least[0] == 0.0)
    place = -1 if home is None else int(home) % origins
    markets = int(np.prod(batch, dtype=np.int64))
    data, steps = [], np.zeros((len(INPUTS), 2), dtype=np.uint64)
    for n, name in enumerate(INPUTS):
        array, width = given[name], given[name].shape[-1]
        if array.size != width:  # differs between markets
            if array.size != markets * width:
                array = np.broadcast_to(array, (*batch, width))
            steps[n, 0] = width
        steps[n, 1] = int(width > 1)
        flat = np.ascontiguousarray(array).reshape(-1)
        data.append(flat if flat.flags.writeable else flat.copy())
    return Layout(batch, origins, place, tuple(data), steps)
