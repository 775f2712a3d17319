"""From what was promised to what is additional: the accounting of purchase pledges."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.terms import InputError

__all__ = ["STEPS", "PledgeAccount", "account_for", "additional_imports"]

Array = NDArray[np.float64]

STEPS: Final[dict[str, str]] = {
    "headline": "what was said",
    "contracted": "less: contracted before the pledge",
    "would_have_come": "less: would have come anyway",
    "not_additional": "less: replaces other purchases from the same seller",
    "over_capacity": "less: more than the seller can supply",
    "over_market": "less: more than the buyer takes",
    "additional": "additional imports from the seller",
}


@dataclass(frozen=True)
class PledgeAccount:
    """The steps from a headline to additional imports; every field has the shape of the broadcast arguments.

    ``headline + contracted + would_have_come + not_additional + over_capacity + over_market == additional``;
    the five steps between are zero or negative. Unit: that of the headline.
    """

    headline: Array
    contracted: Array
    would_have_come: Array
    not_additional: Array
    over_capacity: Array
    over_market: Array
    additional: Array


def account_for(
    headline: ArrayLike,
    *,
    contracted: ArrayLike = 0.0,
    would_have_come: ArrayLike = 0.0,
    additionality: ArrayLike = 1.0,
    capacity: ArrayLike = np.inf,
    market: ArrayLike = np.inf,
) -> PledgeAccount:
    """Return the steps from ``headline`` to additional imports.

    ``additional = min(additionality * max(headline - contracted - would_have_come, 0), capacity, market)``

    Args:
        headline: what was promised, any shape and any unit that the other amounts share.
        contracted: the part that contracts signed before the pledge already cover.
        would_have_come: the part that trade without the pledge would have brought.
        additionality: share of the rest that adds to imports from this seller, 0 to 1.
        capacity: what the seller can supply beyond what it supplies already.
        market: what the buyer can take beyond what it already takes from this seller.

    Raises:
        InputError: a negative or missing number, an additionality outside 0 to 1, shapes that do not broadcast.
    """
    given = {
        "headline": headline,
        "contracted": contracted,
        "would_have_come": would_have_come,
        "additionality": additionality,
        "capacity": capacity,
        "market": market,
    }
    arrays = {name: np.asarray(value, float) for name, value in given.items()}
    for name, array in arrays.items():
        if np.isnan(array).any() or (array < 0).any():
            raise InputError(f"pledges: {name} is {_worst(array)}; numbers of 0 or more are allowed.")
    if (arrays["additionality"] > 1).any():
        raise InputError(
            f"pledges: additionality is {np.max(arrays['additionality']):g}; it is a share, so 0 to 1 is allowed."
        )
    if np.isinf(arrays["headline"]).any():
        raise InputError("pledges: headline is infinite; give the amount that was promised.")
    try:
        said, before, anyway, share, capacity, market = np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InputError(f"pledges: the shapes {shapes} do not fit together; give scalars or equal shapes.") from None
    after_contracts = np.maximum(said - before, 0.0)
    new = np.maximum(after_contracts - anyway, 0.0)
    wanted = share * new
    supplied = np.minimum(wanted, capacity)
    taken = np.minimum(supplied, market)
    return PledgeAccount(
        headline=said.copy(),
        contracted=after_contracts - said,
        would_have_come=new - after_contracts,
        not_additional=wanted - new,
        over_capacity=supplied - wanted,
        over_market=taken - supplied,
        additional=taken,
    )


def additional_imports(
    headline: ArrayLike,
    *,
    contracted: ArrayLike = 0.0,
    would_have_come: ArrayLike = 0.0,
    additionality: ArrayLike = 1.0,
    capacity: ArrayLike = np.inf,
    market: ArrayLike = np.inf,
) -> Array:
    """Return the imports that a pledge adds; see `account_for` for the formula, the arguments and the errors."""
    return account_for(
        headline,
        contracted=contracted,
        would_have_come=would_have_come,
        additionality=additionality,
        capacity=capacity,
        market=market,
    ).additional


def _worst(array: Array) -> str:
    return "not a number" if np.isnan(array).any() else f"{np.min(array):g}"
