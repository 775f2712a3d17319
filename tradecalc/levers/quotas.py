"""Tariff-rate quotas on the partner's goods: so many units a year at the within-quota rate."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import AfterValidator, Field

from tradecalc.account import Account
from tradecalc.levers.setting import Array, Dial, Laid, Setting
from tradecalc.levers.shape import Lever
from tradecalc.markets import Border
from tradecalc.terms import InputError

_SMALL = 1e-12  # a contribution below it is rounding


def _fraction(rate: float) -> float:
    if not 0 <= rate <= 3:
        raise ValueError(f"{rate:g} is not a fraction of customs value from 0 to 3; 27.5 per cent is written 0.275.")
    return rate


Rate = Annotated[float, AfterValidator(_fraction)]


class Quota(Lever):
    """A tariff-rate quota on the partner's goods: so many units a year at the within-quota rate.

    It stands among the law of a scenario, under ``tariffs:``, and starts on the day that the scenario asks about.
    """

    field: ClassVar[str] = "quotas"
    word: ClassVar[str] = "quota"
    top: ClassVar[bool] = False
    no_world: ClassVar[str] = (
        "its engine charges every unit of a flow one rate, and a quota charges the units inside less than those outside"
    )

    product: str
    units: float = Field(ge=0)
    within: Rate
    reference: str

    @classmethod
    def held(cls, question: Any) -> dict[str, Any]:
        """Return the quotas of a scenario by product."""
        return {quota.product: quota for quota in question.tariffs.quotas}

    @classmethod
    def put(cls, question: Any, levers: Mapping[str, Any]) -> Any:
        """Return a scenario with these quotas."""
        law = question.tariffs.model_copy(update={"quotas": tuple(levers.values())})
        return question.model_copy(update={"tariffs": law})

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the products under a quota."""
        for i, quota in enumerate(question.tariffs.quotas):
            yield ("tariffs", "quotas", i, "product"), quota.product

    @classmethod
    def lay(cls, question: Any, here: Setting) -> Laid:
        """Return sizes in baseline quantities (inf: none) and within-quota rates, (1 or draw, product, origin)."""
        size = np.full((1, *here.markets.value.shape), np.inf)
        within = np.full(size.shape, np.nan)
        for quota in question.tariffs.quotas:
            row = here.markets.row(quota.product, "tariffs.quotas.product")
            size[:, row, here.markets.partner] = quota.units / here.account.units(quota.product)
            within[:, row, here.markets.partner] = quota.within
        if here.since is not None and here.when is not None and here.when.middle < here.since:
            size = np.full_like(size, np.inf)
        return {"": cls._swept(size, within, here)}

    @classmethod
    def _swept(cls, size: Array, within: Array, here: Setting) -> tuple[Array, Array]:
        if here.moved is None or not here.moved[0].startswith("quota: "):
            return size, within
        parameter, grid = here.moved
        product = parameter.removeprefix("quota: ")
        row = here.markets.row(product, "sweep")
        if not (np.isfinite(grid) & (grid >= 0)).all():
            raise InputError(
                f"sweep: {parameter} runs over {grid.min():g} to {grid.max():g}; a number of units is 0 or more."
            )
        size, within = (np.repeat(array, 1 + grid.size, axis=0) for array in (size, within))
        size[1:, row, here.markets.partner] = grid / here.account.units(product)
        return size, within

    @classmethod
    def same(cls, new: Any, old: Any) -> bool:
        """Say whether all sizes and rates are the same."""
        return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(new, old, strict=True))

    @classmethod
    def at_the_border(cls, border: Border, standing: Laid, here: Setting) -> Border:
        """Return the border with these quotas."""
        size, within = standing[""]
        return replace(border, quota=size, within=within)

    @classmethod
    def channels(
        cls, shares: Mapping[str, Array], laid: tuple[Laid, Laid], questions: tuple[Any, Any], here: Setting
    ) -> dict[str, Array]:
        """Return what quotas contribute by product."""
        limited = list(dict.fromkeys(quota.product for asked in questions for quota in asked.tariffs.quotas))
        by_quota = shares.get(cls.word, np.zeros((1, len(here.markets.products) + len(here.sold.goods))))
        out = {f"quota: {product}": by_quota[:, here.markets.products.index(product)] for product in limited}
        elsewhere = by_quota.sum(axis=1) - sum(out.values()) if limited else np.zeros(1)
        return out | ({"quota: other goods": elsewhere} if np.abs(elsewhere).max() > _SMALL else {})

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial of each quota, from nothing to twice what was shipped."""
        fine = np.linspace(0.0, 1.0, 201)
        return {
            product: Dial(f"quota: {product}", "units", fine * 2 * account.units(product), swept=True)
            for product in cls.held(question)
        }

    @classmethod
    def sweeps(cls, question: Any) -> list[str]:
        """Return the quotas of a scenario."""
        return [f"quota: {product}" for product in cls.held(question)]
