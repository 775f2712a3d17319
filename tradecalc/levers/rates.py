"""The tariff law: of a day or of a period, as known on another day, with whatever a scenario changes in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from tradecalc.account import Account
from tradecalc.beliefs import Strict
from tradecalc.levers.quotas import Quota, Rate
from tradecalc.levers.setting import Array, Dial, Laid, Setting, WorldSetting, WorldShock
from tradecalc.levers.shape import Lever
from tradecalc.markets import Border, average_rates
from tradecalc.tariffs import Override, TariffSchedule, load_tariffs
from tradecalc.terms import InputError
from tradecalc.worlds import sector_rates

_PARTNER = "partner"  # as an origin: that of the account
_SMALL = 1e-12  # a contribution below it is rounding


class LawChange(Strict):
    """A hypothetical change of one authority for some origins and goods in a window; see `tariffs.Override`.

    The origin ``partner`` is that of the account that is asked; ``reference`` says who spoke of the change.
    """

    kind: Literal["rate", "floor", "quota", "remove", "extend_pause"]
    authority: str
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    origin: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    rate: Rate | None = None
    within: Rate | None = None
    over: Rate | None = None
    reference: str | None = None

    @field_validator("origin", "hs", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        """Let a single origin or code stand without a list."""
        return [value] if isinstance(value, str) else value


class TariffQuestion(Lever):
    """Which law is asked about: a day, the day it is known on, and what is changed in it.

    ``others`` is the day whose law all origins but the partner pay; without it they pay that of ``on`` too. ``blocks``
    name products whose part of what the law does is told apart.
    """

    field: ClassVar[str] = "tariffs"
    word: ClassVar[str] = "tariffs"
    single: ClassVar[bool] = True

    on: date
    as_of: date | None = None
    others: date | None = None
    assessed: Literal["first", "final", "legal"] = "final"
    overrides: tuple[LawChange, ...] = ()
    quotas: tuple[Quota, ...] = ()
    blocks: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def of_partner_alone(self, reference: "TariffQuestion", partner: str) -> "TariffQuestion":
        """Return this law for the partner's goods only: others pay that of the reference's day, without its changes."""
        mine = [change for change in self.overrides if not change.origin or {_PARTNER, partner} & set(change.origin)]
        changes = tuple(change.model_copy(update={"origin": (_PARTNER,)}) for change in mine)
        return self.model_copy(update={"others": reference.others or reference.on, "overrides": changes})

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the products of the blocks."""
        for block, goods in question.tariffs.blocks.items():
            yield from ((("tariffs", "blocks", block), good) for good in goods)

    @classmethod
    def lay(cls, question: Any, here: Setting) -> Laid:
        """Return the average rates (1 or draw, product, origin) on the day asked about, or over a period of a path."""
        asked = question.tariffs
        schedule = here.schedule or schedule_of(question, here.account)

        def rates(on: date, held: bool) -> Array:
            if here.timeline is None or here.when is None:
                return average_rates(here.markets, schedule, on=on, assessed=asked.assessed)
            last = on if held else date.max
            return mean_rates(here, schedule, [min(day, last) for day in here.when.days], asked.assessed)

        held = here.timeline is not None and here.timeline.law == "held"
        mine = rates(asked.on, held)
        theirs = None if asked.others is None else rates(asked.others, held=True)
        return {"": cls._swept(_but_one(mine, theirs, here.markets.partner)[None], here)}

    @classmethod
    def _swept(cls, rates: Array, here: Setting) -> Array:
        """Return rates of which the partner's on one product runs over a grid, where a sweep asks for it."""
        if here.moved is None or not here.moved[0].startswith("rate: "):
            return rates
        parameter, grid = here.moved
        row = here.markets.row(parameter.removeprefix("rate: "), "sweep")
        if not (np.isfinite(grid) & (grid >= 0) & (grid <= 10)).all():
            raise InputError(
                f"sweep: {parameter} runs over {grid.min():g} to {grid.max():g}; a rate is a fraction from 0 to 10."
            )
        rates = np.repeat(rates, 1 + grid.size, axis=0)
        rates[1:, row, here.markets.partner] = grid
        return rates

    @classmethod
    def same(cls, new: Any, old: Any) -> bool:
        """Say whether all rates are the same."""
        return np.array_equal(new, old)

    @classmethod
    def at_the_border(cls, border: Border, standing: Laid, here: Setting) -> Border:
        """Return the border with these rates."""
        return replace(border, rates=standing[""])

    @classmethod
    def channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], questions: tuple[Any, Any], here: Setting
    ) -> dict[str, Array]:
        """Return what the law contributes by the scenario's blocks of products; none of a block that has no market."""
        products, goods = here.markets.products, len(here.sold.goods)
        law = shares.get(cls.word, np.zeros((1, len(products) + goods)))
        left = np.arange(law.shape[1]) < len(products)
        out = {}
        for block, named in questions[0].tariffs.blocks.items():
            rows = [products.index(product) for product in named if product in products]
            if not rows:
                continue
            chosen = np.isin(np.arange(law.shape[1]), rows)
            out[f"tariffs: {block}"] = law[:, chosen].sum(axis=1)
            left &= ~chosen
        out["tariffs: other goods"] = law[:, left].sum(axis=1)
        if np.abs(law[:, len(products) :]).max(initial=0.0) > _SMALL:
            out["tariffs: exports"] = law[:, len(products) :].sum(axis=1)
        return out

    @classmethod
    def lay_in_world(cls, question: Any, here: WorldSetting) -> Laid:
        """Return the average rates (sector, region) on the day asked about."""
        schedule = here.schedule or schedule_of(question, here.account)
        asked, world = question.tariffs, here.world
        days = (asked.on, asked.others)
        mine, theirs = (d and sector_rates(world, schedule, on=d, assessed=asked.assessed) for d in days)
        return {"": _but_one(mine, theirs, world.partner)}

    @classmethod
    def in_world(cls, shock: WorldShock, standing: Laid, here: WorldSetting) -> WorldShock:
        """Return the shock with these rates."""
        return replace(shock, rates=standing[""])

    @classmethod
    def world_channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], here: WorldSetting
    ) -> dict[str, Array]:
        """Return what the law does to imports and to exports."""
        law = shares.get(cls.word, np.zeros((here.draws, 2)))
        return {"tariffs: imports": law[:, 0], "tariffs: exports": -law[:, 1]}

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial of the partner's rate on each product, from nothing to ten times the value."""
        grid = np.concatenate([np.linspace(0.0, 1.0, 201), np.linspace(1.05, 10.0, 180)])
        return {product: Dial(f"rate: {product}", "fraction", grid, swept=True) for product in account.products}

    @classmethod
    def dialled(cls, name: str) -> str:
        """Return how the rate of a product is called."""
        return f"rate: {name}"

    @classmethod
    def sweeps(cls, question: Any) -> list[str]:
        """Return the one form of all rates."""
        return ["rate: PRODUCT"]


def schedule_of(question: Any, account: Account) -> TariffSchedule:
    """Return the law a scenario asks about: as known on its ``as_of``, with its own changes."""
    schedule = load_tariffs(account.definition.law, as_of=question.tariffs.as_of)
    changes = question.tariffs.overrides
    if not changes:
        return schedule
    return schedule.override([_override(change, account.partner) for change in changes])


def _but_one(mine: Array, theirs: Array | None, partner: int) -> Array:
    """Return rates (row, origin) of which only the partner's are ``mine``; all are where there are no others."""
    if theirs is None:
        return mine
    out = theirs.copy()
    out[:, partner] = mine[:, partner]
    return out


def _override(change: LawChange, partner: str) -> Override:
    told = change.model_dump(exclude_defaults=True, exclude={"reference"})
    origins = tuple(partner if origin == _PARTNER else origin for origin in change.origin)
    return Override(**told | ({"origin": origins} if origins else {}))


def mean_rates(here: Setting, schedule: TariffSchedule, days: Iterable[date], assessed: str) -> Array:
    """Return the mean over days of the average rates (product, origin)."""
    counted: dict[int, tuple[Array, int]] = {}
    for day in days:
        rates = average_rates(here.markets, schedule, on=day, assessed=assessed)
        counted[id(rates)] = (rates, counted.get(id(rates), (rates, 0))[1] + 1)
    total = sum(number for _, number in counted.values())
    return np.asarray(sum(rates * (number / total) for rates, number in counted.values()), float)
