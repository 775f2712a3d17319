"""The dollar: a change of the exchange rate by itself, and the part of a tariff that a dearer dollar answers."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import field_validator

from tradecalc.account import Account
from tradecalc.beliefs import ROLES, Distribution, Ramp
from tradecalc.levers.setting import Array, Dial, Laid, Setting
from tradecalc.levers.shape import Lever
from tradecalc.markets import Abroad, Border
from tradecalc.terms import InputError

_CHEAPER = 0.3  # further than that, constant elasticities say nothing
_LEFT = 0.1  # what must be left of the dollar


class ExchangeRate(Lever):
    """A change of the dollar: ``dollar`` 0.1 is a tenth dearer, against the partner's currency or against all."""

    field: ClassVar[str] = "exchange_rate"
    word: ClassVar[str] = "exchange rate"
    single: ClassVar[bool] = True
    roles: ClassVar[tuple[str, ...]] = ROLES["dollar"]
    no_world: ClassVar[str] = (
        "a world in relative prices has no currencies: wages in one numeraire already take the real exchange rate's "
        "place and are solved for, so a change of it cannot be given"
    )

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

    @classmethod
    def active(cls, question: Any) -> bool:
        """Say whether the dollar moves: by its own lever, or in answer to tariffs."""
        answers = any(parameter.role == "dollar_offset" for parameter in question.parameters.values())
        return bool(cls.held(question)) or answers

    @classmethod
    def couples(cls, here: Setting) -> bool:
        """Say whether the dollar answers tariffs."""
        return here.role("dollar_offset") is not None

    @classmethod
    def at_the_border(cls, border: Border, standing: Laid, here: Setting) -> Border:
        """Return the border with the dollar dearer in each seller's currency."""
        dearer = _dearer(border, standing, here)
        if dearer is None:
            return border
        foreign, lever = here.markets.foreign, standing.get("")
        partner = np.arange(len(here.markets.origins)) == here.markets.partner
        by_itself = foreign if lever is not None and lever.against == "all" else partner
        moved = (1 + dearer[0][:, None] * by_itself) * (1 + dearer[1][:, None] * foreign) - 1
        return replace(border, dollar=np.asarray(moved))

    @classmethod
    def abroad(cls, abroad: Abroad, standing: Laid, border: Border, here: Setting) -> Abroad:
        """Return the partner's markets with the reporter's goods dearer in its currency and cheaper in USD.

        Volumes answer by ``fx_elasticity_exports``; without it by the elasticities of tariffs.
        """
        both = _dearer(border, standing, here)
        if both is None:
            return abroad
        share, elasticity = here.sold.fx_share, here.sold.fx_elasticity
        if np.isnan(share).any():
            raise InputError(
                f"{here.name}: the dollar moves, but no parameter gives fx_exports, the share of it that reaches the "
                "price of exports in the partner's currency; add one."
            )
        dearer = ((1 + both[0]) * (1 + both[1]))[:, None]
        passed = dearer**share
        own = np.isfinite(elasticity)
        return replace(
            abroad,
            cost_hat=abroad.cost_hat * np.where(own, 1.0, passed),
            price_hat=abroad.price_hat * passed / dearer,
            quantity_hat=abroad.quantity_hat * np.where(own, passed ** -np.where(own, elasticity, 0.0), 1.0),
        )

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial that makes the dollar cheaper."""
        grid = -_CHEAPER * np.linspace(0.0, 1.0, 201)
        return {"": Dial("exchange_rate.dollar", "fraction", grid)} if cls.held(question) else {}


def _dearer(border: Border, standing: Laid, here: Setting) -> tuple[Array, Array] | None:
    """Return how much dearer the dollar is by its own lever and in answer to tariffs, each (draw,), or None."""
    lever, offset = standing.get(""), here.role("dollar_offset")
    if lever is None and offset is None:
        return None
    zero = here.everywhere(0.0)
    own = zero if lever is None else here.values["exchange_rate.dollar"] * here.in_place(lever.ramp)
    if offset is None:
        return own, zero
    foreign = here.markets.value * here.markets.foreign
    rise = ((border.rates - here.before) * (foreign / foreign.sum())).sum(axis=(1, 2))
    if (offset * rise <= _LEFT - 1).any():
        raise InputError(
            f"{here.name}: dollar_offset takes more than nine tenths off the dollar, and no market is known at such a "
            "price; bring it closer to zero."
        )
    return own, offset * rise
