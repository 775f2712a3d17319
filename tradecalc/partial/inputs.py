"""Inputs of the market engine: checked one by one, broadcast, and laid out flat for the kernel."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.partial.block import INPUTS, LANES, ORIGIN_INPUTS
from tradecalc.terms import InputError

_SOME = np.nextafter(0.0, 1.0)
_MOST = np.finfo(np.float64).max
_RATE = (np.nextafter(-1.0, 0.0), _MOST, "a fraction of customs value above -1 and finite (0.25 for 25 %)")
_HAT = (_SOME, _MOST, "a ratio above zero and finite; 1 is no change")
_CES = (_SOME, _MOST, "an elasticity of substitution above zero and finite")
# name: least, greatest, what it must be
_ALLOWED: Final[dict[str, tuple[float, float, str]]] = {
    "value": (0.0, _MOST, "at or above zero and finite; write 0 for an origin that sells nothing"),
    "tariff_before": _RATE,
    "tariff_after": _RATE,
    "supply": (0.0, np.inf, "an export supply elasticity at or above zero; inf is a given border price"),
    "cost_hat": _HAT,
    "origin_cost_hat": _HAT,
    "pass_through": (0.0, 1.0, "between 0 and 1; nan where none is given"),
    "quota": (0.0, np.inf, "a multiple of the baseline quantity at or above zero; inf is no quota"),
    "tariff_in_quota": _RATE,
    "sigma": _CES,
    "sigma_home": _CES,
    "eta": (0.0, _MOST, "a price elasticity of demand at or above zero and finite, its minus sign left out"),
    "demand_hat": _HAT,
}


class Layout(NamedTuple):
    """Flat inputs for the kernel: market ``i`` of ``data[n]`` starts at ``i * steps[n]``.

    An input common to all markets has a step of 0 and is repeated for one block of markets.
    """

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


def refuse(where: str, home: int | None, arrays: Mapping[str, ArrayLike]) -> None:
    """Raise ``InputError`` for the first number that is not allowed, or for a market without shares."""
    raw = {name: floats(name, arrays[name], where) for name in INPUTS}
    for name, array in raw.items():
        low, high, must = _ALLOWED[name]
        bad = ~((array >= low) & (array <= high)) & ~(np.isnan(array) & (name == "pass_through"))
        if bad.any():
            raise InputError(f"{where}: {_first(array, bad, name)}; {name} must be {must}.")
    value = raw["value"]
    empty = ~value.any(axis=-1)
    if empty.any():
        raise InputError(f"{where}: value is 0 for every origin{_in_market(empty)}; leave out empty markets.")
    if home is not None and (value[..., home] == 0.0).any():
        raise InputError(
            f"{where}: value of the home origin (index {home}) is 0{_in_market(value[..., home] == 0.0)}, so there is "
            "no home share; give the domestic sales, or home=None."
        )


def _check_pairs(where: str, raw: dict[str, NDArray[np.float64]]) -> None:
    given = ~np.isnan(raw["pass_through"])
    if not np.all(~given | ((raw["pass_through"] >= 0.0) & (raw["pass_through"] <= 1.0))):
        refuse(where, None, raw)
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


def _check_home(where: str, home: int | None, origins: int) -> None:
    if home is None:
        return
    if isinstance(home, bool) or not isinstance(home, int | np.integer) or not -origins <= home < origins:
        raise InputError(
            f"{where}: home is {home!r}; give the index of the home origin, an integer from 0 to {origins - 1}, "
            "or None when no home origin is in the data."
        )
    if origins < 2:
        raise InputError(f"{where}: home is {home} and value has no other origin; give at least one foreign origin.")


def _index(bad: NDArray[np.bool_]) -> list[int]:
    return [int(i) for i in np.argwhere(bad)[0]]


def _in_market(bad: NDArray[np.bool_] | np.bool_) -> str:
    return f" in market {_index(np.asarray(bad))}" if np.ndim(bad) else ""


def lay_out(where: str, home: int | None, arrays: dict[str, ArrayLike]) -> Layout:
    """Check how the arguments named in ``INPUTS`` fit together, raising ``InputError``, and lay them out."""
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
    _check_pairs(where, raw)
    _check_home(where, home, origins)
    place = -1 if home is None else int(home) % origins
    markets = int(np.prod(batch, dtype=np.int64))
    data, steps = [], np.zeros(len(INPUTS), dtype=np.uint64)
    for n, name in enumerate(INPUTS):
        array, width = given[name], origins if n < ORIGIN_INPUTS else 1
        steps[n] = 0 if array.size == array.shape[-1] else width
        if array.size == 1:
            array = np.full(LANES * width, array.flat[0])
        elif not steps[n]:  # common to all markets
            array = np.tile(array.reshape(-1), LANES)
        elif array.size != markets * width:
            array = np.broadcast_to(array, (*batch, width))
        flat = np.ascontiguousarray(array).reshape(-1)
        data.append(flat if flat.flags.writeable else flat.copy())
    return Layout(batch, origins, place, tuple(data), steps)
