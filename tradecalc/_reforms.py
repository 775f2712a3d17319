"""Levers beside tariffs and purchases: barriers, retaliation, plants instead of shipments, the dollar, branches."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from tradecalc._beliefs import Distribution, Strict
from tradecalc._calendar import Ramp


def _at_least(belief: Any, floor: float, what: str) -> Any:
    if belief is not None and belief.bounds[0] < floor:
        raise ValueError(f"starts at {belief.bounds[0]:g}, but {what} is {floor:g} or more.")
    return belief


def _share(belief: Any) -> Any:
    if belief is not None and not (belief.bounds[0] >= 0 and belief.bounds[1] <= 1):
        raise ValueError(f"runs from {belief.bounds[0]:g} to {belief.bounds[1]:g}, but a share lies in 0 to 1.")
    return belief


class Barrier(Strict):
    """A barrier to the reporter's goods in the partner's market that falls: its ad valorem equivalent, ``ave``."""

    goods: tuple[str, ...] = Field(min_length=1)
    ave: Distribution
    ramp: Ramp = ()
    reference: str

    @field_validator("ave")
    @classmethod
    def _positive(cls, belief: Any) -> Any:
        return _at_least(belief, 0.0, "an ad valorem equivalent")


class Retaliation(Strict):
    """An extra duty of the partner on the reporter's goods, as a fraction of value."""

    goods: tuple[str, ...] = Field(min_length=1)
    rate: Distribution
    ramp: Ramp = ()
    reference: str

    @field_validator("rate")
    @classmethod
    def _positive(cls, belief: Any) -> Any:
        return _at_least(belief, 0.0, "an extra duty")


class Moved(Strict):
    """How much a year is made in the reporter's plants at the full ramp; ``stated: false`` where nobody named it."""

    amount: float = Field(ge=0)
    unit: Literal["units_per_year", "usd_bn_per_year"]
    stated: bool = True


class Parts(Strict):
    """Parts that the partner ships for what is made in the reporter's plants, as a share of the value of the good."""

    product: str
    share: Distribution

    @field_validator("share")
    @classmethod
    def _fraction(cls, belief: Any) -> Any:
        return _share(belief)


class Equipment(Strict):
    """Machinery that the partner ships once: a share of the capital, spread evenly over calendar years."""

    product: str
    share: Distribution
    first: int = Field(ge=2000, le=2100)
    last: int = Field(ge=2000, le=2100)

    @field_validator("share")
    @classmethod
    def _fraction(cls, belief: Any) -> Any:
        return _share(belief)

    @model_validator(mode="after")
    def _in_order(self) -> "Equipment":
        if self.last < self.first:
            raise ValueError(
                f"the building years run from {self.first} back to {self.last}; put the earlier one first."
            )
        return self


class Localisation(Strict):
    """Goods made in the reporter's plants instead of being shipped, with what else the investment moves.

    ``displacement``: the share of the new output that takes the place of shipments from the partner; the rest takes the
    place of others. ``capital_usd_bn`` is money, not goods: it enters through ``equipment`` and ``profit_rate`` only.
    """

    product: str
    moved: Moved
    displacement: Distribution
    parts: Parts | None = None
    capital_usd_bn: Distribution | None = None
    equipment: Equipment | None = None
    profit_rate: Distribution | None = None
    ramp: Ramp = ()
    reference: str

    @field_validator("displacement")
    @classmethod
    def _fraction(cls, belief: Any) -> Any:
        return _share(belief)

    @field_validator("capital_usd_bn", "profit_rate")
    @classmethod
    def _positive(cls, belief: Any) -> Any:
        return _at_least(belief, 0.0, "an amount")

    @model_validator(mode="after")
    def _capital(self) -> "Localisation":
        if self.capital_usd_bn is None and (self.equipment or self.profit_rate):
            raise ValueError("equipment and profits follow from capital; add `capital_usd_bn:`.")
        return self


class Link(Strict):
    """Shipments that follow when another good is not shipped: parts for the plants that make it in the partner's place.

    ``share``: USD of ``to`` for each USD, at the account's prices, by which shipments of ``source`` fall short of the
    account's year. It belongs to the markets, so the scenario and its reference are both solved with it.
    """

    source: str = Field(alias="from")
    to: str
    share: Distribution
    reference: str

    @field_validator("share")
    @classmethod
    def _fraction(cls, belief: Any) -> Any:
        return _share(belief)


class ExchangeRate(Strict):
    """A change of the dollar: ``dollar`` 0.1 is a tenth dearer, against the partner's currency or against all."""

    dollar: Distribution
    against: Literal["partner", "all"] = "partner"
    ramp: Ramp = ()
    reference: str

    @field_validator("dollar")
    @classmethod
    def _possible(cls, belief: Any) -> Any:
        if belief.bounds[0] <= -0.9:
            raise ValueError(
                f"starts at {belief.bounds[0]:g}; a change above -0.9 is allowed, such as 0.1 for a tenth."
            )
        return belief


class Branch(Strict):
    """One outcome of a tree: a scenario and its probability, or further branches below it."""

    probability: float = Field(ge=0, le=1)
    scenario: str | None = None
    branches: "dict[str, Branch]" = Field(default_factory=dict)
    reference: str

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Branch":
        if (self.scenario is None) == (not self.branches):
            raise ValueError("a branch has either `scenario:` or `branches:`; give one of them.")
        check_sum(self.branches)
        return self


def check_sum(branches: dict[str, Branch]) -> dict[str, Branch]:
    """Return branches whose probabilities sum to one; the shares may miss it by a rounding of 1e-9."""
    total = sum(branch.probability for branch in branches.values())
    if branches and abs(total - 1) > 1e-9:
        parts = ", ".join(f"{name} {branch.probability:g}" for name, branch in branches.items())
        raise ValueError(f"the probabilities {parts} sum to {total:g}; they must sum to 1.")
    return branches


def leaves(
    branches: Mapping[str, Branch], before: str = "", probability: float = 1.0
) -> Iterator[tuple[str, float, str]]:
    """Yield the name, the probability and the scenario of every outcome at the end of a tree."""
    for name, branch in branches.items():
        full, share = f"{before}{name}", probability * branch.probability
        if branch.scenario is not None:
            yield full, share, branch.scenario
        else:
            yield from leaves(branch.branches, f"{full}, ", share)
