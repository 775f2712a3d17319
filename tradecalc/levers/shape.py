"""The shape that all levers share: what a file may say, what is laid out, and what it changes in either engine.

A lever is a class; what a file says of it are instances. Everything that a study asks of levers goes through the class
methods here, each of which has an answer for levers that do not reach that far.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from tradecalc.account import Account
from tradecalc.beliefs import Fixed, Strict
from tradecalc.levers.setting import Array, Dial, Laid, Left, Setting, WorldSetting, WorldShock
from tradecalc.markets import Abroad, Border, Side
from tradecalc.terms import InputError


class Lever(Strict):
    """One lever of a deal. A subclass holds all that is special to it; a file's entries are its instances.

    Attributes:
        field: the key in a scenario file.
        word: how channels and dials call it.
        single: there is one of it, not one a name.
        top: it stands at the top of a file.
        shared: it belongs to the markets, so that a scenario and its reference are both solved with the scenario's.
        roles: roles of parameters that nothing but this lever uses.
        no_world: why no world holds it, for the refusal.
        undrawn_in_world: beliefs of it that a world finds by itself.
    """

    field: ClassVar[str]
    word: ClassVar[str]
    single: ClassVar[bool] = False
    top: ClassVar[bool] = True
    shared: ClassVar[bool] = False
    roles: ClassVar[tuple[str, ...]] = ()
    no_world: ClassVar[str] = "nobody has said what it would be there"
    undrawn_in_world: ClassVar[tuple[str, ...]] = ()

    # What a file says

    @classmethod
    def held(cls, question: Any) -> dict[str, Any]:
        """Return the levers of this kind that a scenario holds, by name."""
        found = getattr(question, cls.field)
        if cls.single:
            return {} if found is None else {"": found}
        return dict(found)

    @classmethod
    def put(cls, question: Any, levers: Mapping[str, Any]) -> Any:
        """Return a scenario that holds these levers of this kind and no others."""
        return question.model_copy(update={cls.field: levers.get("") if cls.single else dict(levers)})

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield every good that a scenario's levers of this kind name, with its place in the file."""
        for name, lever in cls.held(question).items():
            yield from (((cls.field, name, "goods"), good) for good in getattr(lever, "goods", ()))

    @classmethod
    def check(cls, levers: Mapping[str, Any]) -> None:
        """Raise ValueError where levers of this kind contradict each other."""

    @classmethod
    def amounts(cls, question: Any) -> dict[str, float]:
        """Return the amounts that were named or stand for one, by dotted name: what `sweep` moves beside beliefs."""
        return {}

    @classmethod
    def active(cls, question: Any) -> bool:
        """Say whether a scenario pulls this lever."""
        return bool(cls.held(question))

    # What is laid out before anything is solved

    @classmethod
    def player(cls, name: str) -> str:
        """Return how a lever is called among those that meet: its word and its name."""
        return f"{cls.word}: {name}" if name else cls.word

    @classmethod
    def lay(cls, question: Any, here: Setting) -> Laid:
        """Return what stands of this lever in a scenario, ready for the market engine."""
        return cls.held(question)

    @classmethod
    def lay_in_world(cls, question: Any, here: WorldSetting) -> Laid:
        """Return what stands of this lever in a scenario, ready for the world engine.

        Raises:
            InputError: the scenario holds it and a world does not.
        """
        if cls.held(question):
            raise InputError(
                f"{question.name}: the world engine has no `{cls.field}:`, because {cls.no_world}; take "
                "`engine: partial`, or leave it out."
            )
        return {}

    @classmethod
    def same(cls, new: Any, old: Any) -> bool:
        """Say whether what stands under one name is the same in a scenario and its reference."""
        return bool(new == old)

    # What it changes

    @classmethod
    def at_the_border(cls, border: Border, standing: Laid, here: Setting) -> Border:
        """Return the reporter's border with this lever."""
        return border

    @classmethod
    def after_the_border(cls, side: Side, standing: Laid, here: Setting) -> Side:
        """Return the solved import markets with this lever."""
        return side

    @classmethod
    def abroad(cls, abroad: Abroad, standing: Laid, border: Border, here: Setting) -> Abroad:
        """Return what changes in the partner's markets with this lever."""
        return abroad

    @classmethod
    def bought(cls, standing: Laid) -> dict[str, Array]:
        """Return sales that come on top, dollar for dollar whatever the other levers do, by name (draw,)."""
        return {}

    @classmethod
    def in_world(cls, shock: WorldShock, standing: Laid, here: WorldSetting) -> WorldShock:
        """Return the shock of a world with this lever."""
        return shock

    @classmethod
    def couples(cls, here: Setting) -> bool:
        """Say whether the partner's markets also follow what stands at the reporter's border."""
        return False

    # How it is told

    @classmethod
    def channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], questions: tuple[Any, Any], here: Setting
    ) -> dict[str, Array]:
        """Return what this lever contributes by channel (draw,); ``shares``: Shapley values (draw, product + good)."""
        players = (cls.player(name) for name in {**laid[0], **laid[1]})
        return {player: shares[player].sum(axis=1) for player in players if player in shares}

    @classmethod
    def world_channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], here: WorldSetting
    ) -> dict[str, Array]:
        """Return what this lever contributes in a world; ``shares``: Shapley values of imports, exports (draw, 2)."""
        players = (cls.player(name) for name in {**laid[0], **laid[1]})
        return {player: shares[player] @ np.array([1.0, -1.0]) for player in players if player in shares}

    @classmethod
    def leaves(cls, standing: Laid, side: Side, here: Setting) -> Left:
        """Return what this lever leaves in a result of the market engine; ``side``: the markets just before it."""
        return Left({}, {})

    @classmethod
    def leaves_in_world(cls, standing: Laid, here: WorldSetting) -> Left:
        """Return what this lever leaves in a result of the world engine."""
        return Left({}, {})

    # What a sweep and a target move

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dials of a scenario's levers of this kind, by the name of the lever."""
        return {}

    @classmethod
    def dialled(cls, name: str) -> str:
        """Return how a dial is called; that of a lever is called like the lever."""
        return cls.player(name)

    @classmethod
    def sweeps(cls, question: Any) -> list[str]:
        """Return the parameters that a sweep knows beside beliefs and amounts, for messages."""
        return []

    @classmethod
    def turned(cls, lever: Any, key: str, amount: float) -> Any:
        """Return a lever whose number ``key`` is another: a belief becomes fixed."""
        belief = Fixed(dist="fixed", value=amount, reference=getattr(lever, key).reference)
        return lever.model_copy(update={key: belief})

    @classmethod
    def reaches(cls, stage: str) -> bool:
        """Say whether this kind of lever has an own answer for a method, such as ``"abroad"``."""
        return getattr(cls, stage).__func__ is not getattr(Lever, stage).__func__
