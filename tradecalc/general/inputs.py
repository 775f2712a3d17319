"""Checks of the world engine's arguments: each error is one sentence that names the argument and the place."""

import math
from dataclasses import dataclass
from typing import Final, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.general.equations import BALANCED, FIXED, PROPORTIONAL, Array
from tradecalc.general.worlds import (
    NEGATIVE_FINAL,
    NO_FINAL,
    NO_SUPPLIER,
    NO_VALUE_ADDED,
    NOTHING_SOLD,
    Arguments,
    extent,
)
from tradecalc.terms import InputError, nearest

CLOSURES: Final = {"balanced": BALANCED, "fixed": FIXED, "proportional": PROPORTIONAL}
_ECONOMIC: Final = {  # axes of each argument that are not batch
    "trade": 3, "tariff_before": 3, "tariff_after": 3, "cost_hat": 3, "theta": 1, "value_added_share": 2,
    "input_share": 3,
}  # fmt: skip
SHARE_ROUNDING: Final = 1e-4  # published shares carry four to six digits; within this they are rescaled to one


@dataclass(frozen=True)
class Checked:
    """Arguments in the kernel's form, and the batch shape they broadcast to."""

    arguments: Arguments
    batch: tuple[int, ...]
    sectors: int
    countries: int


def check(
    trade: ArrayLike,
    tariff_before: ArrayLike,
    tariff_after: ArrayLike,
    cost_hat: ArrayLike,
    theta: ArrayLike,
    value_added_share: ArrayLike,
    input_share: ArrayLike | None,
) -> Checked:
    """Return the arguments checked one by one and against each other's shapes."""
    flows = _numbers("trade", trade)
    if flows.ndim < 3 or flows.shape[-1] != flows.shape[-2] or 0 in flows.shape:
        raise InputError(f"trade has shape {flows.shape}; give (..., sector, origin, destination), countries squared.")
    S, N = flows.shape[-3:-1]
    arrays = {
        "trade": flows,
        "tariff_before": _stretch("tariff_before", tariff_before, (S, N, N), "sector, origin, destination"),
        "tariff_after": _stretch("tariff_after", tariff_after, (S, N, N), "sector, origin, destination"),
        "cost_hat": _stretch("cost_hat", cost_hat, (S, N, N), "sector, origin, destination"),
        "theta": _stretch("theta", theta, (S,), "sector"),
        "value_added_share": _stretch("value_added_share", value_added_share, (S, N), "sector, country"),
    }
    for name, array in arrays.items():
        _check_values(name, array)
    g = arrays["value_added_share"]
    if input_share is None and S > 1 and (g < 1.0).any():
        _refuse("value_added_share", g, g < 1.0, "is below one, so give input_share, the inputs' shares by sector")
    inputs = 1.0 / S if input_share is None else input_share
    arrays["input_share"] = _stretch("input_share", inputs, (S, S, N), "input sector, using sector, country")
    _check_values("input_share", arrays["input_share"])
    batch, rows, flat = _rows(arrays)
    if input_share is not None:
        total = arrays["input_share"].sum(axis=-3)
        wrong = (abs(total - 1.0) > SHARE_ROUNDING) & ~((g == 1.0) & (total == 0.0))  # no inputs need no shares
        if wrong.any():
            _refuse("input_share", np.broadcast_to(total, wrong.shape), wrong, "is the sum over input sectors, not one")
    return Checked(Arguments(rows, *flat), batch, S, N)


def _rows(arrays: dict[str, Array]) -> tuple[tuple[int, ...], NDArray[np.int64], list[Array]]:
    """Return the batch shape, the row of each argument that each world uses, and the arguments with one batch axis."""
    leads = {name: array.shape[: array.ndim - _ECONOMIC[name]] for name, array in arrays.items()}
    if not any(leads.values()):
        return (), np.zeros((1, len(arrays)), dtype=np.int64), [array[None] for array in arrays.values()]
    batch: tuple[int, ...] = ()
    for name, lead in leads.items():
        try:
            batch = np.broadcast_shapes(batch, lead)
        except ValueError:
            raise InputError(
                f"{name} has shape {arrays[name].shape}, whose leading axes {lead} do not broadcast with {batch} of "
                f"the arguments before it; trade has shape {arrays['trade'].shape}."
            ) from None
    rows = np.empty((math.prod(batch), len(arrays)), dtype=np.int64)
    for i, lead in enumerate(leads.values()):
        rows[:, i] = np.broadcast_to(np.arange(math.prod(lead)).reshape(lead), batch).ravel()
    return batch, rows, [array.reshape(-1, *array.shape[len(leads[name]) :]) for name, array in arrays.items()]


def _numbers(name: str, value: ArrayLike) -> Array:
    try:
        return np.require(value, np.float64, ["C", "W"])
    except (TypeError, ValueError):
        raise InputError(f"{name} is not an array of numbers; got {type(value).__name__}.") from None


def _stretch(name: str, value: ArrayLike, tail: tuple[int, ...], axes: str) -> Array:
    """Return the value with its economic axes in full and its leading axes as they came."""
    array = _numbers(name, value)
    if array.shape[-len(tail) :] == tail:
        return array
    lead = array.shape[: max(array.ndim - len(tail), 0)]
    full = np.empty((*lead, *tail))
    try:
        full[...] = array
    except ValueError:
        raise InputError(f"{name} has shape {array.shape}, which does not fit the ({axes}) {tail} of trade.") from None
    return full


def _check_values(name: str, array: Array) -> None:
    """Refuse what no world can have in this argument."""
    low, high = extent(array.reshape(-1))
    if not (low > -math.inf and high < math.inf):
        _refuse(name, array, ~np.isfinite(array), "is not a finite number; fill what is missing")
    if name == "trade" and low < 0.0:
        _refuse(name, array, array < 0.0, "is negative; customs values are zero or positive")
    if name == "theta" and low <= 0.0:
        _refuse(name, array, array <= 0.0, "is not positive; theta is the trade elasticity, sigma - 1")
    if name == "cost_hat" and low <= 0.0:
        _refuse(name, array, array <= 0.0, "is not positive; it is a ratio of costs")
    if name == "value_added_share" and (low < 0.0 or high > 1.0):
        _refuse(name, array, (array < 0.0) | (array > 1.0), "is not between zero and one")
    if name.startswith("tariff") and (low < 0.0 or high > 0.0):
        if low <= -1.0:
            _refuse(name, array, array <= -1.0, "is a subsidy of the whole value or more; it must exceed -1")
        domestic = (array != 0.0) & np.eye(array.shape[-1], dtype=bool)
        if domestic.any():
            _refuse(name, array, domestic, "is a tariff on a domestic flow; the diagonal must be zero")


def _world(batch: tuple[int, ...]) -> str:
    return f" of world {batch if len(batch) > 1 else batch[0]}" if batch else ""


def _refuse(name: str, array: Array, wrong: np.ndarray, why: str) -> NoReturn:
    """Raise for the first wrong cell, naming its sector and countries."""
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    value = array[place]
    words = {"theta": ("sector",), "value_added_share": ("sector", "country")}.get(name)
    if words is None:
        words = ("sector", "origin country", "destination country")
    if name == "input_share":
        words = ("input sector", "using sector", "country")[-2 if "sum" in why else -3 :]
    at = ", ".join(f"{word} {i}" for word, i in zip(words, place[-len(words) :], strict=True))
    others = f" ({int(wrong.sum())} such cells)" if wrong.sum() > 1 else ""
    raise InputError(f"{name}: {value:.6g} at {at}{_world(place[: -len(words)])} {why}{others}.")


def closure_code(closure: str) -> int:
    """Return the kernel's number of a closure."""
    if closure not in CLOSURES:
        raise InputError(
            f"closure {closure!r} is not one; use balanced, fixed or proportional.{nearest(closure, set(CLOSURES))}"
        )
    return CLOSURES[closure]


def check_options(negative_final: str, tol: float) -> None:
    """Refuse what is not an option of negative final demand or a tolerance."""
    if negative_final not in ("error", "clip"):
        raise InputError(
            f"negative_final {negative_final!r} is not an option; use error or clip."
            f"{nearest(negative_final, {'error', 'clip'})}"
        )
    if not 0.0 < tol < 1.0:
        raise InputError(f"tol is {tol!r}; give a relative error between zero and one, such as 1e-10.")


def refuse_world(status: int, place: tuple[int, int], batch: tuple[int, ...]) -> NoReturn:
    """Raise for what only the calibration of a whole world can find."""
    sector, country = place
    where = f"country {country}{_world(batch)}"
    messages = {
        NOTHING_SOLD: f"trade: {where} sells nothing in any sector; leave it out or fill its flows.",
        NO_VALUE_ADDED: f"value_added_share: {where} earns no value added in any sector; give it a positive share.",
        NO_SUPPLIER: f"trade: {where} buys nothing of sector {sector}, but input_share says its sectors use it; "
        "set those shares to zero or fill the flow.",
        NEGATIVE_FINAL: f"trade: spending of {where} on sector {sector} is below what its own sectors use as input, so "
        "implied final demand is negative; correct the data or pass negative_final='clip'.",
        NO_FINAL: f"trade: implied final spending of {where}, over all sectors, is not positive; its deficit, tariff "
        "revenue and value added do not leave any.",
    }
    raise InputError(messages[status])
