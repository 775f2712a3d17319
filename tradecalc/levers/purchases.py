"""Promises to buy goods of the reporter: what was said, what it adds to sales, and what markets make of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from tradecalc.account import Account
from tradecalc.beliefs import Amount, Chance, Ramp, Share, Strict
from tradecalc.levers.bought import Effect, accounts_of, effects, ends_of
from tradecalc.levers.setting import Array, Dial, Laid, Left, Setting, WorldSetting, WorldShock
from tradecalc.levers.shape import Lever
from tradecalc.markets import Side
from tradecalc.pledges import STEPS, PledgeAccount
from tradecalc.worlds import sectors_of_goods

_MOST, _MOST_PIECES = 1e5, 1e9  # USD bn and pieces: beyond any trade there is


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


class Pledge(Lever):
    """A promise to buy goods of the reporter.

    ``new`` is the belief that the sum comes on top of what is bought anyway. Where it does not, what would have come
    anyway is taken off first: ``would_have_come_usd_bn``, else what the account's year shows of the goods.
    ``in_goods`` is the share that customs record as goods, ``to_partner`` the share that is shipped to the partner.
    """

    field: ClassVar[str] = "pledges"
    word: ClassVar[str] = "pledge"
    undrawn_in_world: ClassVar[tuple[str, ...]] = ("diversion",)  # the world finds who loses the goods

    goods: tuple[str, ...] = Field(min_length=1)
    headline: Headline
    basis: Literal["new", "within_quota", "already_contracted"]
    new: Chance | None = None
    contracted_usd_bn: Amount | None = None
    would_have_come_usd_bn: Amount | None = None
    in_goods: Share | None = None
    to_partner: Share | None = None
    additionality: Share
    capacity_usd_bn: Amount | None = None
    diversion: Share | None = None
    unit_value_usd: Amount | None = None
    ramp: Ramp = ()
    reference: str

    @model_validator(mode="before")
    @classmethod
    def _one_good(cls, value: Any) -> Any:
        """Let a pledge of one product say ``good:`` instead of ``goods:``."""
        if isinstance(value, dict) and "good" in value and "goods" not in value:
            return {("goods" if k == "good" else k): ([v] if k == "good" else v) for k, v in value.items()}
        return value

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
        if self.new is not None and self.basis != "new":
            raise ValueError(f"`new:` is the belief that the basis is new; the basis is {self.basis}.")
        return self

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield every good that is promised, with its place in the file."""
        for name, pledge in cls.held(question).items():
            word = "good" if len(pledge.goods) == 1 else "goods"
            yield from (((cls.field, name, word), good) for good in pledge.goods)

    @classmethod
    def check(cls, levers: Mapping[str, Any]) -> None:
        """Raise ValueError where a good is promised twice, whose room would then count twice."""
        promised: dict[str, str] = {}
        for name, pledge in levers.items():
            for good in pledge.goods:
                if promised.get(good) == name:
                    raise ValueError(f"pledge {name!r} names {good} twice; once is enough.")
                if good in promised:
                    raise ValueError(
                        f"pledges {promised[good]!r} and {name!r} both name {good}, whose room they would count twice; "
                        "make them one pledge or name other goods."
                    )
                promised[good] = name

    @classmethod
    def amounts(cls, question: Any) -> dict[str, float]:
        """Return the headlines, each in its own unit."""
        return {f"{cls.field}.{name}.headline": pledge.headline.amount for name, pledge in cls.held(question).items()}

    @classmethod
    def lay(cls, question: Any, here: Setting) -> Laid:
        """Return the accounting of each pledge in USD bn a year, and the pledge itself."""
        found = accounts_of(cls.held(question), here.account, here.values, here.when, here.since)
        return {name: (cls.held(question)[name], account) for name, account in found.items()}

    @classmethod
    def same(cls, new: Any, old: Any) -> bool:
        """Say whether a world is asked for the same sales; a market feels none, since they come on top of the rest."""
        return not isinstance(new, _Wanted) or new == old

    @classmethod
    def bought(cls, standing: Laid) -> dict[str, Array]:
        """Return the additional sales of each pledge."""
        return {name: account.additional for name, (_, account) in standing.items()}

    @classmethod
    def channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], questions: tuple[Any, Any], here: Setting
    ) -> dict[str, Array]:
        """Return minus the additional purchases of each pledge, less those of the reference."""
        if questions[0] is questions[1]:
            return {}
        new, old = (cls.bought(side) for side in laid)
        zero = np.zeros(1)
        return {f"pledge: {name}": old.get(name, zero) - new.get(name, zero) for name in {**new, **old}}

    @classmethod
    def leaves(cls, standing: Laid, side: Side, here: Setting) -> Left:
        """Return the steps of each pledge, and what it does to the partner's market."""
        pledges = {name: pledge for name, (pledge, _) in standing.items()}
        accounts = {name: account for name, (_, account) in standing.items()}
        found = effects(pledges, accounts, here.sold, here.values, here.account)
        table = _steps(pledges, accounts, here.draws)
        zero = here.everywhere(0.0)
        left: dict[str, tuple[tuple[str, ...], Array]] = {
            "additional_usd_bn": (("draw",), sum((a.additional for a in accounts.values()), zero)),
            "diverted_usd_bn": (("draw",), sum((effect.diverted for effect in found.values()), zero)),
            "diverted_derived_usd_bn": (("draw",), sum((effect.diverted_derived for effect in found.values()), zero)),
            **table.variables,
        }
        for name in Effect.__dataclass_fields__:
            parts = [np.broadcast_to(getattr(effect, name), here.draws) for effect in found.values()]
            columns = np.stack(parts, axis=-1) if parts else np.zeros((here.draws, 0))
            left[f"pledge_{name}"] = (("draw", "pledge"), columns)
        return Left(left, table.coordinates)

    @classmethod
    def lay_in_world(cls, question: Any, here: WorldSetting) -> Laid:
        """Return the additional sales (draw, sector) that are wanted, and the accounting of each pledge."""
        pledges = cls.held(question)
        accounts = accounts_of(pledges, here.account, here.values)
        wanted = np.zeros((here.draws, len(here.world.sectors)))
        for name, account in accounts.items():
            shares = sectors_of_goods(here.world, pledges[name].goods, f"pledges.{name}")
            wanted += np.broadcast_to(account.additional, here.draws)[:, None] * shares
        return {"": _Wanted(wanted, pledges, accounts)}

    @classmethod
    def in_world(cls, shock: WorldShock, standing: Laid, here: WorldSetting) -> WorldShock:
        """Return the shock with what is wanted; the subsidy that brings it about is found by solving."""
        return replace(shock, wanted=shock.wanted + standing[""].usd_bn)

    @classmethod
    def world_channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], here: WorldSetting
    ) -> dict[str, Array]:
        """Return what each pledge adds to sales, and everything else that they set off."""
        new, old = (side[""].accounts for side in laid)
        if not new and not old:
            return {}
        zero = np.zeros(here.draws)
        added = {
            f"pledge: {name}": _additional(old, name, zero) - _additional(new, name, zero) for name in {**new, **old}
        }
        part = shares.get(cls.word, np.zeros((here.draws, 2)))
        return {**added, "pledges: repercussions": part[:, 0] - part[:, 1] - sum(added.values())}

    @classmethod
    def leaves_in_world(cls, standing: Laid, here: WorldSetting) -> Left:
        """Return the steps of each pledge."""
        return _steps(standing[""].pledges, standing[""].accounts, here.draws)

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial of each promise; nobody names its end, and what the buyer takes or the seller has ends it."""
        grid = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 160)]) ** 2
        return {
            name: Dial(
                f"{cls.field}.{name}.headline",
                pledge.headline.unit,
                grid * (_MOST_PIECES if pledge.headline.piece else _MOST),
                ends=ends_of(pledge, account),
            )
            for name, pledge in cls.held(question).items()
        }

    @classmethod
    def turned(cls, lever: Any, key: str, amount: float) -> Any:
        """Return a pledge of another amount, or of another belief."""
        if key != "headline":
            return super().turned(lever, key, amount)
        return lever.model_copy(update={"headline": lever.headline.model_copy(update={"amount": amount})})


@dataclass(frozen=True, eq=False)
class _Wanted:
    """Purchases as a world meets them: sales (draw, sector) in USD bn, and the pledges and accounting behind them."""

    usd_bn: Array
    pledges: Mapping[str, Pledge]
    accounts: Mapping[str, PledgeAccount]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Wanted) and np.array_equal(self.usd_bn, other.usd_bn)

    def __hash__(self) -> int:
        return id(self)


def _steps(pledges: Mapping[str, Pledge], accounts: Mapping[str, PledgeAccount], draws: int) -> Left:
    """Return the steps from headline to additional sales, (draw, pledge, step), the room, and who named an amount."""
    parts = [np.stack([getattr(account, step) for step in STEPS], axis=-1) for account in accounts.values()]
    parts = [np.broadcast_to(part, (draws, len(STEPS))) for part in parts]
    table = np.stack(parts, axis=1) if parts else np.zeros((draws, 0, len(STEPS)))
    rooms = [np.broadcast_to(account.room, draws) for account in accounts.values()]
    room = np.stack(rooms, axis=-1) if rooms else np.zeros((draws, 0))
    stated = np.tile([float(pledges[name].headline.stated) for name in accounts], (draws, 1))
    return Left(
        {
            "pledge_usd_bn": (("draw", "pledge", "step"), table),
            "pledge_room": (("draw", "pledge"), room),
            "pledge_stated": (("draw", "pledge"), stated),
        },
        {"pledge": tuple(accounts), "step": tuple(STEPS)},
    )


def _additional(accounts: Mapping[str, PledgeAccount], name: str, absent: Array) -> Array:
    return np.broadcast_to(accounts[name].additional, absent.shape) if name in accounts else absent
