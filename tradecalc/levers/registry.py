"""Which levers there are, in the order in which they act: a new one is a file and its name here, or it joins."""

from tradecalc.levers.barriers import Barrier
from tradecalc.levers.dollar import ExchangeRate
from tradecalc.levers.links import Link
from tradecalc.levers.plants import Localisation
from tradecalc.levers.purchases import Pledge
from tradecalc.levers.quotas import Quota
from tradecalc.levers.rates import TariffQuestion
from tradecalc.levers.retaliation import Retaliation
from tradecalc.levers.shape import Lever
from tradecalc.levers.vehicle import Investment
from tradecalc.terms import InputError

_KINDS: list[type[Lever]] = [
    TariffQuestion,  # the border first: rates, then quotas, then the dollar, which answers rates
    Quota,
    ExchangeRate,
    Link,  # then what is done to the solved import markets
    Localisation,
    Investment,
    Barrier,  # then the partner's markets, and last what comes on top
    Retaliation,
    Pledge,
]


def kinds() -> tuple[type[Lever], ...]:
    """Return every kind of lever, in the order in which they act."""
    return tuple(_KINDS)


def join(kind: type[Lever]) -> type[Lever]:
    """Add a kind of lever, so that scenario files may hold it, and return it.

    Raises:
        InputError: another kind already has its field or its word.
    """
    for other in _KINDS:
        if kind.field == other.field or kind.word == other.word:
            raise InputError(f"join: {other.__name__} has the field or the word of {kind.__name__}; take others.")
    _KINDS.append(kind)
    return kind


def leave(kind: type[Lever]) -> None:
    """Take a kind of lever away again."""
    _KINDS.remove(kind)
