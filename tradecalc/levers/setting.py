"""What levers meet, change and leave: settings and shocks of both engines, dials, and parts of a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.beliefs import Parameter, Period, Ramp, Timeline, share_at
from tradecalc.markets import Markets, Sales
from tradecalc.tariffs import TariffSchedule
from tradecalc.worlds import World

Array = NDArray[np.float64]
Laid = Mapping[str, Any]  #: what stands of one lever: by name, or under "" where there is one of it


@dataclass(frozen=True, eq=False)
class Setting:
    """What levers meet in the market engine: the account laid out, the beliefs drawn, and the time asked about.

    ``before`` (product, origin) holds the account's rates; ``values`` each belief (draw,), the central value first;
    ``when`` is the period, None for the long run; ``since`` the day from which levers without a ramp work;
    ``moved`` a rate or a quota that takes one value a draw; ``name`` is that of the question, for messages.
    """

    name: str
    account: Account
    markets: Markets
    sold: Sales
    before: Array
    parameters: Mapping[str, Parameter]
    values: Mapping[str, Array]
    schedule: TariffSchedule | None = None
    when: Period | None = None
    since: date | None = None
    timeline: Timeline | None = None
    moved: tuple[str, Array] | None = None

    @property
    def draws(self) -> int:
        """How many values each belief has, the central one among them."""
        return int(next(iter(self.values.values())).size)

    @property
    def baseline_duty(self) -> Array:
        """The account's duty on the partner's goods at baseline value, (product,), USD bn."""
        return (self.markets.value * self.before)[:, self.markets.partner]

    def role(self, role: str) -> Array | None:
        """Return the values of the parameter that has a role, or None."""
        named = [name for name, parameter in self.parameters.items() if parameter.role == role]
        return self.values[named[0]] if named else None

    def in_place(self, ramp: Ramp) -> float:
        """Return the share of a lever that works in the period."""
        return share_at(ramp, self.when, self.since)

    def everywhere(self, amount: float) -> Array:
        """Return a number as one value a draw."""
        return np.full(self.draws, amount)


@dataclass(frozen=True, eq=False)
class WorldSetting:
    """What levers meet in the world engine; ``values`` as in `Setting`, ``schedule`` stands for every question."""

    account: Account
    world: World
    values: Mapping[str, Array]
    schedule: TariffSchedule | None = None

    @property
    def draws(self) -> int:
        """How many values each belief has, the central one among them."""
        return int(next(iter(self.values.values())).size)


@dataclass(frozen=True, eq=False)
class WorldShock:
    """What levers change in a world: rates (sector, region) of the reporter; the rest (draw, sector) on its sales.

    ``duty`` is the partner's, ``cost`` a change of iceberg cost, ``wanted`` sales to the partner beyond those that
    come without them, in USD bn.
    """

    rates: Array
    duty: Array
    cost: Array
    wanted: Array


@dataclass(frozen=True)
class Dial:
    """A number that a lever turns: the parameter that a sweep runs, its unit, and the grid from nothing to the most.

    ``ends`` says in words what stops the lever, and at how many USD bn where that is known before anything is solved;
    NaN is an end that nobody knows. ``swept``: it runs in a sweep only, since no entry of a file holds it.
    """

    parameter: str
    unit: str
    grid: Array
    ends: tuple[tuple[str, float], ...] = (("the range of the lever", np.inf),)
    swept: bool = False


@dataclass(frozen=True)
class Left:
    """What a lever leaves in a result: variables with their dimensions, and the names along them."""

    variables: Mapping[str, tuple[tuple[str, ...], Array]]
    coordinates: Mapping[str, tuple[str, ...]]
