"""Barriers to the reporter's goods in the partner's market, as ad valorem equivalents that fall."""

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


class Barrier(Lever):
    """A barrier to the reporter's goods in the partner's market that falls: its ad valorem equivalent, ``ave``."""

    field: ClassVar[str] = "barriers"
    word: ClassVar[str] = "barrier"

    goods: tuple[str, ...] = Field(min_length=1)
    ave: Amount
    ramp: Ramp = ()
    reference: str

    @classmethod
    def abroad(cls, abroad: Abroad, standing: Laid, border: Border, here: Setting) -> Abroad:
        """Return the partner's markets in which the goods cost less behind the border: ``1 / (1 + ave)``."""
        cost = abroad.cost_hat.copy()
        for name, lever in standing.items():
            at = here.sold.columns(lever.goods, here.account, f"{cls.field}.{name}.goods")
            fallen = here.values[f"{cls.field}.{name}.ave"] * here.in_place(lever.ramp)
            cost[:, at] /= 1.0 + fallen[:, None]
        return replace(abroad, cost_hat=cost)

    @classmethod
    def lay_in_world(cls, question: Any, here: WorldSetting) -> Mapping[str, Any]:
        """Return the barriers of a scenario."""
        return cls.held(question)

    @classmethod
    def in_world(cls, shock: WorldShock, standing: Laid, here: WorldSetting) -> WorldShock:
        """Return the shock with iceberg costs lower by the goods' weight in what the partner buys of a sector."""
        cost = shock.cost
        for name, lever in standing.items():
            weight = weight_of_goods(here.world, lever.goods, f"{cls.field}.{name}")
            cost = cost / (1.0 + np.outer(here.values[f"{cls.field}.{name}.ave"] * share_at(lever.ramp, None), weight))
        return replace(shock, cost=cost)

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial of each barrier; no more can fall than is believed to be there."""
        fine = np.linspace(0.0, 1.0, 201)
        return {
            name: Dial(
                f"{cls.field}.{name}.ave",
                "fraction",
                fine * lever.ave.bounds[1],
                ends=(("the range of the belief", np.inf),),
            )
            for name, lever in cls.held(question).items()
        }
