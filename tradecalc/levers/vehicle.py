"""An investment vehicle by sector: machinery that it buys first, and what is known of its goods afterwards."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final, Literal

import numpy as np
from pydantic import Field, model_validator

from tradecalc.beliefs import Amount, Share, overlap
from tradecalc.levers.plants import Equipment
from tradecalc.levers.setting import Array, Laid, Left, Setting
from tradecalc.levers.shape import Lever
from tradecalc.markets import Side

FLOWS: Final[dict[str, str]] = {
    "machinery": "machinery shipped in the period",
    "machinery_in_all": "machinery shipped while it is built, in all",
    "goods_afterwards": "goods trade with the partner afterwards, a year; NaN where nobody knows",
    "capital": "the investment promised, in all; capital, not goods",
    "capital_spent": "what of it is spent, in all; capital, not goods",
    "profits": "profits paid abroad, a year; income account, not goods",
}


class Investment(Lever):
    """One part of an investment vehicle: the sectors it may go to, its capital, and what it means for goods.

    ``arrives``: the share of the capital that is spent at all. ``afterwards``: ``none`` for what makes nothing that the
    partner would ship (power, pipelines), ``not_known`` where nobody said what is made; an effect that is not known
    counts as nothing in the deficit and stands as NaN among the flows.
    """

    field: ClassVar[str] = "investment"
    word: ClassVar[str] = "investment"
    no_world: ClassVar[str] = (
        "there trade moves only by relative costs and each overall deficit stays where its closure puts it, so capital "
        "that comes in has no place"
    )

    sectors: tuple[str, ...] = Field(min_length=1)
    capital_usd_bn: Amount
    arrives: Share
    equipment: Equipment | None = None
    afterwards: Literal["none", "not_known"]
    profit_rate: Amount | None = None
    reference: str

    @model_validator(mode="after")
    def _once(self) -> "Investment":
        if len(set(self.sectors)) < len(self.sectors):
            raise ValueError("`sectors:` names one twice; name each once.")
        return self

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the machinery that is shipped."""
        for name, part in cls.held(question).items():
            if part.equipment:
                yield (cls.field, name, "equipment", "product"), part.equipment.product

    @classmethod
    def after_the_border(cls, side: Side, standing: Laid, here: Setting) -> Side:
        """Return the import markets with the machinery of the period, at what it costs."""
        if not standing:
            return side
        imports = side.imports.copy()
        for name, part in standing.items():
            if part.equipment:
                row = here.markets.row(part.equipment.product, f"{cls.field}.{name}.equipment.product")
                imports[:, row] += _flows(name, part, here)["machinery"]
        return side.with_imports(imports, here.baseline_duty)

    @classmethod
    def leaves(cls, standing: Laid, side: Side, here: Setting) -> Left:
        """Return the flows of each part; nothing without a vehicle."""
        if not standing:
            return Left({}, {})
        flows = [np.stack(list(_flows(name, part, here).values()), axis=-1) for name, part in standing.items()]
        return Left(
            {"vehicle_usd_bn": (("draw", "vehicle", "use"), np.stack(flows, axis=1))},
            {"vehicle": tuple(standing), "use": tuple(FLOWS)},
        )


def _flows(name: str, part: Investment, here: Setting) -> dict[str, Array]:
    """Return the flows of one part, USD bn, each (draw,)."""
    own = f"{Investment.field}.{name}"
    capital = here.values[f"{own}.capital_usd_bn"]
    spent = capital * here.values[f"{own}.arrives"]
    in_all = a_year = here.everywhere(0.0)
    if part.equipment:
        first, last = part.equipment.first, part.equipment.last
        in_all = here.values[f"{own}.equipment.share"] * spent
        a_year = in_all / (last - first + 1) * overlap(first, last, here.when)
    found = {
        "machinery": a_year,
        "machinery_in_all": in_all,
        "goods_afterwards": here.everywhere(0.0 if part.afterwards == "none" else np.nan),
        "capital": capital,
        "capital_spent": spent,
        "profits": spent * here.values.get(f"{own}.profit_rate", np.nan),
    }
    return {flow: found[flow] for flow in FLOWS}
