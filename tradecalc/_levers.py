"""What a scenario may pull: the law of a day and changes of it, quotas, and promises to buy."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from tradecalc._beliefs import Distribution, Strict
from tradecalc._calendar import Ramp


def _fraction(rate: float) -> float:
    if not 0 <= rate <= 3:
        raise ValueError(f"{rate:g} is not a fraction of customs value from 0 to 3; 27.5 per cent is written 0.275.")
    return rate


Rate = Annotated[float, AfterValidator(_fraction)]


class Quota(Strict):
    """A tariff-rate quota on the partner's goods: so many units a year at the within-quota rate."""

    product: str
    units: float = Field(ge=0)
    within: Rate
    reference: str


class LawChange(Strict):
    """A hypothetical change of one authority for some origins and goods in a window; see `tariffs.Override`."""

    kind: Literal["rate", "floor", "quota", "remove", "extend_pause"]
    authority: str
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    origin: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    rate: Rate | None = None
    within: Rate | None = None
    over: Rate | None = None

    @field_validator("origin", "hs", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        """Let a single origin or code stand without a list."""
        return [value] if isinstance(value, str) else value


class TariffQuestion(Strict):
    """Which law is asked about: a day, the day it is known on, and what is changed in it."""

    on: date
    as_of: date | None = None
    assessed: Literal["first", "final", "legal"] = "final"
    overrides: tuple[LawChange, ...] = ()
    quotas: tuple[Quota, ...] = ()
    blocks: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Headline(Strict):
    """What was said: an amount and its unit; ``stated: false`` where nobody named an amount and this one measures.

    A unit that ends in ``total`` is spread evenly over ``years``. Physical units need the USD that one of them is
    worth: from the account where it knows, else from ``unit_value_usd`` of the pledge.
    """

    amount: float = Field(ge=0)
    unit: Literal[
        "usd_bn_per_year",
        "usd_bn_total",
        "share_of_baseline",
        "tonnes_per_year",
        "tonnes_total",
        "cars_per_year",
        "aircraft_per_year",
        "aircraft_total",
    ]
    years: float | None = Field(default=None, gt=0)
    stated: bool = True

    @model_validator(mode="after")
    def _years(self) -> "Headline":
        if self.unit.endswith("_total") != (self.years is not None):
            raise ValueError("`years:` belongs to units that end in _total, and only to them; say over how many years.")
        return self

    @property
    def piece(self) -> str:
        """The physical unit that is counted, such as ``tonnes``; empty where the amount is money or a share."""
        word = self.unit.split("_")[0]
        return word if word in ("tonnes", "cars", "aircraft") else ""


class Pledge(Strict):
    """A promise to buy goods of the reporter."""

    goods: tuple[str, ...] = Field(min_length=1)
    headline: Headline
    basis: Literal["new", "within_quota", "already_contracted"]
    contracted_usd_bn: Distribution | None = None
    would_have_come_usd_bn: Distribution | None = None
    additionality: Distribution
    capacity_usd_bn: Distribution | None = None
    diversion: Distribution | None = None
    unit_value_usd: Distribution | None = None
    ramp: Ramp = ()
    reference: str

    @model_validator(mode="before")
    @classmethod
    def _one_good(cls, value: Any) -> Any:
        """Let a pledge of one product say ``good:`` instead of ``goods:``."""
        if isinstance(value, dict) and "good" in value and "goods" not in value:
            return {("goods" if k == "good" else k): ([v] if k == "good" else v) for k, v in value.items()}
        return value

    @field_validator("additionality", "diversion")
    @classmethod
    def _share(cls, belief: Any) -> Any:
        if belief is not None and not (belief.bounds[0] >= 0 and belief.bounds[1] <= 1):
            raise ValueError(f"runs from {belief.bounds[0]:g} to {belief.bounds[1]:g}, but a share lies in 0 to 1.")
        return belief

    @model_validator(mode="after")
    def _pieces(self) -> "Pledge":
        if self.headline.piece and len(self.goods) > 1:
            raise ValueError(
                f"{self.headline.piece} of several goods have no one value; make one pledge for each good."
            )
        if self.unit_value_usd is not None and not self.headline.piece:
            raise ValueError(
                f"`unit_value_usd:` belongs to an amount in pieces; the headline is in {self.headline.unit}."
            )
        return self

    @field_validator("contracted_usd_bn", "would_have_come_usd_bn", "capacity_usd_bn", "unit_value_usd")
    @classmethod
    def _amount(cls, belief: Any) -> Any:
        if belief is not None and belief.bounds[0] < 0:
            raise ValueError(f"starts at {belief.bounds[0]:g}, but an amount is 0 or more.")
        return belief
