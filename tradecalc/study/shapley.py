"""What each lever of a package contributes: Shapley values over all subsets, and pairwise interactions."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradecalc.terms import InputError

Array = NDArray[np.float64]
Value = Callable[[frozenset[str]], Array]
MOST_LEVERS: Final = 8


def shapley(levers: Sequence[str], value: Value) -> dict[str, Array]:
    """Return what each lever contributes to ``value(all) - value(none)``; the parts sum to it.

    ``phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))`` (Shapley 1953, Contributions to the
    Theory of Games II). Every subset is solved once.

    Args:
        levers: their names, at most eight: the work doubles with each.
        value: from a set of levers that are pulled to an array of any one shape.

    Raises:
        InputError: more than eight levers.
    """
    n = len(levers)
    if n > MOST_LEVERS:
        raise InputError(
            f"{n} levers meet in the same markets ({', '.join(levers)}); at most {MOST_LEVERS} are taken apart "
            "exactly, so join some of them."
        )
    out: dict[str, Array] = {}
    for size in range(n + 1):
        joins = factorial(size - 1) * factorial(n - size) / factorial(n) if size else 0.0
        stays_out = factorial(size) * factorial(n - size - 1) / factorial(n) if size < n else 0.0
        for chosen in combinations(levers, size):
            worth = value(frozenset(chosen))
            for lever in levers:
                part = worth * (joins if lever in chosen else -stays_out)
                out[lever] = out[lever] + part if lever in out else part
    return out


def interactions(levers: Sequence[str], value: Value) -> Array:
    """Return second differences (lever, lever): what two levers do together beyond what each does alone.

    ``v(i, j) - v(i) - v(j) + v(none)`` off the diagonal, ``v(i) - v(none)`` on it; ``value`` returns one number.
    """
    none = value(frozenset())
    alone = [value(frozenset((lever,))) - none for lever in levers]
    out = np.diag(np.array(alone, float)) if levers else np.zeros((0, 0))
    for i, j in combinations(range(len(levers)), 2):
        both = value(frozenset((levers[i], levers[j]))) - none
        out[i, j] = out[j, i] = float(both - alone[i] - alone[j])
    return out
