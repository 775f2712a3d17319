"""Retaliation: an extra duty of the partner on the reporter's goods."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from tradecalc.account import Account
from tradecalc.beliefs import Amount, Ramp, share_at
from tradecalc.levers.setting import Dial, Laid, Setting, WorldSetting, WorldShock
from tradecalc.levers.shape import Lever
from tradecalc.markets import Abroad, Border
from tradecalc.worlds import weight_of_goods


class Retaliation(Lever):
    """An extra duty of the partner on the reporter's goods, as a fraction of value."""

    field: ClassVar[str] = "retaliation"
    word: ClassVar[str] = "retaliation"

    goods: tuple[str, ...] = Field(min_length=1)
    rate: Amount
    ramp: Ramp = ()
    reference: str

    @classmethod
    def abroad(cls, abroad: Abroad, standing: Laid, border: Border, here: Setting) -> Abroad:
        """Return the partner's markets with the duty on top of what the goods pay already."""
        tariff = abroad.tariff.copy()
        for name, lever in standing.items():
            at = here.sold.columns(lever.goods, here.account, f"{cls.field}.{name}.goods")
            rate = here.values[f"{cls.field}.{name}.rate"] * here.in_place(lever.ramp)
            tariff[:, at] += rate[:, None]
        return replace(abroad, tariff=tariff)

    @classmethod
    def lay_in_world(cls, question: Any, here: WorldSetting) -> Mapping[str, Any]:
        """Return the retaliation of a scenario."""
        return cls.held(question)

    @classmethod
    def in_world(cls, shock: WorldShock, standing: Laid, here: WorldSetting) -> WorldShock:
        """Return the shock with the duty, by the goods' weight in what the partner buys of a sector."""
        duty = shock.duty
        for name, lever in standing.items():
            weight = weight_of_goods(here.world, lever.goods, f"{cls.field}.{name}")
            duty = duty + np.outer(here.values[f"{cls.field}.{name}.rate"] * share_at(lever.ramp, None), weight)
        return replace(shock, duty=duty)

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial of each duty, from nothing to the whole value."""
        fine = np.linspace(0.0, 1.0, 201)
        return {name: Dial(f"{cls.field}.{name}.rate", "fraction", fine) for name in cls.held(question)}
