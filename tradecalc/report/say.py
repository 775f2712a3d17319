"""Numbers and verbs for computed prose: what a sentence says follows from the figure it is given."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tradecalc.digits import printed, settled
from tradecalc.terms import InputError

_NOTHING = 1e-9
"""Below this an amount is rounding noise: a dollar where the unit is USD bn, and no share that anybody counts."""


def moves(change: Any, *, threshold: float = 0.05) -> str:
    """Return the verb for a change in a deficit in USD bn; within ``threshold`` it does not move."""
    value = settled(_number(change, "moves"))
    if abs(value) < threshold:
        return "does not move"
    return "narrows" if value < 0 else "widens"


def usd_bn(x: Any, *, signed: bool = False) -> str:
    """Return an amount in USD bn as words, such as ``USD 8.1 bn``: its size, and with ``signed`` also its sign."""
    value = _number(x, "usd_bn")
    size = settled(abs(value))
    if size < _NOTHING:
        return "USD 0 bn"
    if size < 0.005:
        return "less than USD 0.01 bn"
    digits = 2 if size < 0.995 else 1 if size < 999.95 else 0
    sign = ("−" if value < 0 else "+") if signed else ""
    return f"USD {sign}{printed(size, f',.{digits}f')} bn"


def share(part: Any, whole: Any) -> str:
    """Return the size of ``part`` against ``whole`` in per cent, such as ``12 %``.

    Raises:
        InputError: the whole is zero, or a number is missing.
    """
    total = _number(whole, "share")
    if total == 0:
        raise InputError("say.share: the whole is 0; a share of nothing cannot be said.")
    return _percent(abs(_number(part, "share") / total))


def share_of_draws(mask: ArrayLike) -> str:
    """Return in how many draws something holds, such as ``97 % of draws``; a NaN (a draw that failed) is left out.

    Raises:
        InputError: there is no draw.
    """
    values = np.asarray(mask, float)
    known = values[~np.isnan(values)]
    if not known.size:
        raise InputError("say.share_of_draws: there is no draw; run the scenario with draws=1000 or so.")
    held = float(np.count_nonzero(known)) / known.size
    return {0.0: "none of the draws", 1.0: "all draws"}.get(held, f"{_percent(held)} of draws")


def _percent(fraction: float) -> str:
    percent = settled(100 * fraction)
    if percent < _NOTHING:
        return "0 %"
    if percent < 0.05:
        return "less than 0.1 %"
    if 99.5 <= percent < 100:
        return f"{printed(percent, '.1f')} %" if percent < 99.95 else "more than 99.9 %"
    return f"{printed(percent, ',.0f' if percent >= 9.95 else '.1f')} %"


def _number(x: Any, verb: str) -> float:
    try:
        value = float(x)
    except (TypeError, ValueError):
        raise InputError(f"say.{verb}: got {x!r}; one number is allowed.") from None
    if not math.isfinite(value):
        raise InputError(f"say.{verb}: got {value}; a known number is needed, so say in words that it is missing.")
    return value
