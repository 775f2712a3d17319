"""When a lever works: ramps, the years and months of a path, and how much of a response time has let through."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from tradecalc.beliefs.distributions import Strict

Array = NDArray[np.float64]


class Step(Strict):
    """A day and the share of a lever that works on it."""

    on: date
    share: float = Field(ge=0, le=1)


def _forward(ramp: tuple[Step, ...]) -> tuple[Step, ...]:
    for before, after in pairwise(ramp):
        if after.on <= before.on:
            raise ValueError(f"the ramp goes from {before.on} back to {after.on}; list its days in the order of time.")
    return ramp


Ramp = Annotated[tuple[Step, ...], AfterValidator(_forward)]


class Timeline(Strict):
    """What a path covers: years, of which the first ones month by month, and which law stands in it.

    ``law: held`` follows the dated law up to the day a scenario asks about and keeps the law of that day afterwards;
    ``dated`` follows the dates throughout. Elasticities count their time from ``responds_from``.
    """

    first: int = Field(ge=2000, le=2100)
    last: int = Field(ge=2000, le=2100)
    monthly_to: int = Field(ge=2000, le=2100)
    responds_from: date
    law: Literal["held", "dated"] = "held"

    @model_validator(mode="after")
    def _in_order(self) -> "Timeline":
        if not self.first <= self.monthly_to <= self.last:
            raise ValueError(
                f"first {self.first}, monthly_to {self.monthly_to}, last {self.last} must not go back in time."
            )
        return self


@dataclass(frozen=True)
class Period:
    """A span of whole days and its name; both days belong to it."""

    name: str
    start: date
    end: date

    @classmethod
    def of_year(cls, number: int) -> "Period":
        """Return a calendar year."""
        return cls(str(number), date(number, 1, 1), date(number, 12, 31))

    @property
    def middle(self) -> date:
        """The day in its middle."""
        return self.start + (self.end - self.start) / 2

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.start + timedelta(days=i) for i in range((self.end - self.start).days + 1)]


def month(number: int, of: int) -> Period:
    """Return one month of a year."""
    after = date(of + number // 12, number % 12 + 1, 1)
    return Period(f"{of}-{number:02d}", date(of, number, 1), after - timedelta(days=1))


def periods(timeline: Timeline) -> list[Period]:
    """Return the months, then the years, of a timeline."""
    months = [month(m, y) for y in range(timeline.first, timeline.monthly_to + 1) for m in range(1, 13)]
    return months + [Period.of_year(y) for y in range(timeline.monthly_to + 1, timeline.last + 1)]


def share_at(ramp: tuple[Step, ...], when: Period | None, since: date | None = None) -> float:
    """Return the mean share of a lever that works in a period; without a period, the last share of its ramp.

    Before its first day a ramp is 0, between two days it is linear, after the last it stays. Without a ramp a lever
    works in full from ``since`` on, or throughout where that is None.
    """
    if when is None:
        return ramp[-1].share if ramp else 1.0
    if not ramp:
        return 1.0 if since is None else float(np.mean([day >= since for day in when.days]))
    at, shares = [step.on.toordinal() for step in ramp], [step.share for step in ramp]
    days = [day.toordinal() for day in when.days]
    return float(np.interp(days, at, shares, left=0.0).mean())


def response(short_run: Array, speed: Array, responds_from: date, when: Period | None) -> Array:
    """Return elasticities over their long-run values in a period, ``r + (1 - r)(1 - exp(-k t))``; 1 without a period.

    Args:
        short_run: r, the share reached at once, any shape.
        speed: k, a year.
        responds_from: day from which the years t count; before it, t is 0.
        when: the period; t runs to its middle.
    """
    if when is None:
        return np.ones(np.broadcast_shapes(short_run.shape, speed.shape))
    years = max((when.middle - responds_from).days, 0) / 365.25
    return np.asarray(short_run + (1 - short_run) * -np.expm1(-speed * years), float)


def overlap(first: int, last: int, when: Period | None) -> float:
    """Return the share of a period that lies in the calendar years ``first`` to ``last``; 0 without a period."""
    if when is None:
        return 0.0
    return float(np.mean([first <= day.year <= last for day in when.days]))
