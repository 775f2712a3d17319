"""How a number is printed, so that the processor does not show in the last digit.

In: a number and what is to be shown of it. Out: its text.
"""

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

SETTLED_DIGITS: Final = 10


def settled(x: float) -> float:
    """Return a number at ten significant digits, never minus zero: what thresholds of wording are tested on."""
    return float(f"{x:.{SETTLED_DIGITS - 1}e}") + 0.0


def printed(x: float, spec: str) -> str:
    """Return a number as text: first at ten significant digits, then rounded half away from zero to ``spec``.

    Two processors agree on a number to about 1e-12 of it. Where data are round, so are results: 12.5 per cent of a
    round value stands exactly between two texts, and a disturbance of 1e-13 would choose one. At ten digits both
    processors have the same number again, and the same text; a number that rounds to zero has no sign.

    It cannot guard three things. A number that differs by more than 5e-10 of itself, such as an optimum that was not
    found more closely. A number between two *ten-digit* values, 5e-10 beside the edge: edges are moved away from where
    round data put numbers, not removed. And a difference that should be zero and is noise: noise has no digits to
    agree on, so fixed decimals show it as zero, significant digits do not.

    Args:
        x: the number.
        spec: such as ``.1f``, ``+.2f``, ``,.0f`` or ``.3g``.
    """
    if not math.isfinite(x):
        return format(x, spec)
    value = Decimal(f"{x:.{SETTLED_DIGITS - 1}e}")
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        text = format(value, spec)
        if not float(text.replace(",", "")):
            text = format(Decimal(0), spec)
    return format(float(text), spec) if spec.endswith("g") else text  # no trailing zeros, as floats have it
