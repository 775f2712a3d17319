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
    "not_goods": "less: services and licences, not goods",
    "elsewhere": "less: bought, but shipped to others",
    "not_additional": "less: replaces other purchases from the same seller",
    "over_capacity": "less: more than the seller can supply",
    "over_market": "less: more than the buyer takes",
    "additional": "additional imports from the seller",
}


@dataclass(frozen=True)
class PledgeAccount:
    """The steps from a headline to additional imports; every field has the shape of the broadcast arguments.

    ``headline + contracted + would_have_come + not_goods + elsewhere + not_additional + over_capacity + over_market ==
    additional``; the seven steps between are zero or negative. Unit: that of the headline. ``room`` is the buyer's
    room, NaN where it is not known: nothing is cut there, and ``additional`` then has no ceiling that anybody knows.
    """

    headline: Array
    contracted: Array
    would_have_come: Array
    not_goods: Array
    elsewhere: Array
    not_additional: Array
    over_capacity: Array
    over_market: Array
    additional: Array
    room: Array


def account_for(
    headline: ArrayLike,
    *,
    contracted: ArrayLike = 0.0,
    would_have_come: ArrayLike = 0.0,
    in_goods: ArrayLike = 1.0,
    to_partner: ArrayLike = 1.0,
    additionality: ArrayLike = 1.0,
    capacity: ArrayLike = np.inf,
    market: ArrayLike = np.inf,
) -> PledgeAccount:
    """Return the steps from ``headline`` to additional imports.

    ``additional = min(in_goods * to_partner * additionality * max(headline - contracted - would_have_come, 0),
    capacity, market)``, without the market where it is not known.

    Args:
        headline: what was promised, any shape and any unit that the other amounts share.
        contracted: the part that contracts signed before the pledge already cover.
        would_have_come: the part that trade without the pledge would have brought.
        in_goods: share of the rest that customs record as goods, 0 to 1; what is left out is services and licences.
        to_partner: share of that which is shipped to the partner, 0 to 1; contracts may let the buyer resell elsewhere.
        additionality: share of what is left that adds to imports from this seller, 0 to 1.
        capacity: what the seller can supply beyond what it supplies already.
        market: what the buyer can take beyond what it already takes from this seller; NaN where nobody knows.

    Raises:
        InputError: a negative or missing number (``market`` may miss), a share outside 0 to 1, shapes that do not fit.
    """
    given = {
        "headline": headline,
        "contracted": contracted,
        "would_have_come": would_have_come,
        "in_goods": in_goods,
        "to_partner": to_partner,
        "additionality": additionality,
        "capacity": capacity,
        "market": market,
    }
    arrays = {name: np.asarray(value, float) for name, value in given.items()}
    for name, array in arrays.items():
        if (np.isnan(array).any() and name != "market") or (array < 0).any():
            raise InputError(f"pledges: {name} is {_worst(array)}; numbers of 0 or more are allowed.")
    for name in ("in_goods", "to_partner", "additionality"):
        if (arrays[name] > 1).any():
            raise InputError(f"pledges: {name} is {np.max(arrays[name]):g}; it is a share, so 0 to 1 is allowed.")
    if np.isinf(arrays["headline"]).any():
        raise InputError("pledges: headline is infinite; give the amount that was promised.")
    try:
        said, before, anyway, goods, here, share, capacity, market = np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise InputError(f"pledges: the shapes {shapes} do not fit together; give scalars or equal shapes.") from None
    after_contracts = np.maximum(said - before, 0.0)
    new = np.maximum(after_contracts - anyway, 0.0)
    recorded = goods * new
    shipped = here * recorded
    wanted = share * shipped
    supplied = np.minimum(wanted, capacity)
    taken = np.fmin(supplied, market)  # fmin: a market that is not known cuts nothing
    return PledgeAccount(
        headline=said.copy(),
        contracted=after_contracts - said,
        would_have_come=new - after_contracts,
        not_goods=recorded - new,
        elsewhere=shipped - recorded,
        not_additional=wanted - shipped,
        over_capacity=supplied - wanted,
        over_market=taken - supplied,
        additional=taken,
        room=np.where(np.isinf(market), np.nan, market),
    )


def additional_imports(
    headline: ArrayLike,
    *,
    contracted: ArrayLike = 0.0,
    would_have_come: ArrayLike = 0.0,
    in_goods: ArrayLike = 1.0,
    to_partner: ArrayLike = 1.0,
    additionality: ArrayLike = 1.0,
    capacity: ArrayLike = np.inf,
    market: ArrayLike = np.inf,
) -> Array:
    """Return the imports that a pledge adds; see `account_for` for the formula, the arguments and the errors."""
    return account_for(
        headline,
        contracted=contracted,
        would_have_come=would_have_come,
        in_goods=in_goods,
        to_partner=to_partner,
        additionality=additionality,
        capacity=capacity,
        market=market,
    ).additional


def _worst(array: Array) -> str:
    return "not a number" if np.isnan(array).any() else f"{np.min(array):g}"
