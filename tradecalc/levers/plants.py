"""Plants in place of shipments: what an investment makes instead of importing, and what else it moves."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal

import numpy as np
from pydantic import Field, model_validator

from tradecalc.account import Account
from tradecalc.beliefs import Amount, Ramp, Share, Strict, overlap
from tradecalc.levers.setting import Array, Dial, Laid, Left, Setting
from tradecalc.levers.shape import Lever
from tradecalc.markets import Side

FLOWS: Final[dict[str, str]] = {
    "not_shipped": "goods that plants make instead, a year",
    "parts": "parts shipped for the plants, a year",
    "equipment": "machinery shipped in the period",
    "equipment_in_all": "machinery shipped while the plants are built, in all",
    "capital": "the investment, in all; capital, not goods",
    "profits": "profits paid abroad, a year; income account, not goods",
}


class Moved(Strict):
    """How much a year is made in the reporter's plants at the full ramp; ``stated: false`` where nobody named it."""

    amount: float = Field(ge=0)
    unit: Literal["units_per_year", "usd_bn_per_year"]
    stated: bool = True


class Parts(Strict):
    """Parts that the partner ships for what is made in the reporter's plants, as a share of the value of the good."""

    product: str
    share: Share


class Makes(Strict):
    """How many pieces a year capital makes: the share of it that adds capacity, over what a piece a year costs."""

    capacity_share: Share
    usd_per_unit: Amount

    @model_validator(mode="after")
    def _positive(self) -> "Makes":
        if self.usd_per_unit.bounds[0] <= 0:
            raise ValueError("usd_per_unit starts at 0, but capacity for a piece costs something.")
        return self


class Equipment(Strict):
    """Machinery that the partner ships once: a share of the capital, spread evenly over calendar years."""

    product: str
    share: Share
    first: int = Field(ge=2000, le=2100)
    last: int = Field(ge=2000, le=2100)

    @model_validator(mode="after")
    def _in_order(self) -> "Equipment":
        if self.last < self.first:
            raise ValueError(
                f"the building years run from {self.first} back to {self.last}; put the earlier one first."
            )
        return self


class Localisation(Lever):
    """Goods made in the reporter's plants instead of being shipped, with what else the investment moves.

    ``displacement``: the share of the new output that takes the place of shipments from the partner; the rest takes the
    place of others. What is made is ``moved``, or what the capital ``makes``. ``capital_usd_bn`` is money, not goods:
    it enters through these, ``equipment`` and ``profit_rate`` only.
    """

    field: ClassVar[str] = "localisation"
    word: ClassVar[str] = "localisation"
    no_world: ClassVar[str] = (
        "there trade moves only by relative costs, and a plant is an amount that somebody decides to make at home: the "
        "wedge that would bring it about is paid by nobody, and would make the good dearer instead"
    )

    product: str
    moved: Moved | None = None
    makes: Makes | None = None
    displacement: Share
    parts: Parts | None = None
    capital_usd_bn: Amount | None = None
    equipment: Equipment | None = None
    profit_rate: Amount | None = None
    ramp: Ramp = ()
    reference: str

    @model_validator(mode="after")
    def _capital(self) -> "Localisation":
        if self.capital_usd_bn is None and (self.equipment or self.profit_rate or self.makes):
            raise ValueError("equipment and profits follow from capital; add `capital_usd_bn:`.")
        if self.moved is None and self.makes is None:
            raise ValueError("nothing says what is made; add `moved:`, or `makes:` for what the capital makes.")
        return self

    @property
    def output(self) -> Moved:
        """What is made a year at the full ramp: as named, or what the capital makes at the central beliefs."""
        if self.moved is not None:
            return self.moved
        assert self.makes is not None
        assert self.capital_usd_bn is not None
        made = self.capital_usd_bn.central * 1e9 * self.makes.capacity_share.central / self.makes.usd_per_unit.central
        return Moved(amount=made, unit="units_per_year", stated=False)

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield what plants make, and what is shipped for them."""
        for name, plant in cls.held(question).items():
            yield (cls.field, name, "product"), plant.product
            for part in ("parts", "equipment"):
                if getattr(plant, part):
                    yield (cls.field, name, part, "product"), getattr(plant, part).product

    @classmethod
    def amounts(cls, question: Any) -> dict[str, float]:
        """Return what plants make a year."""
        return {f"{cls.field}.{name}.moved": plant.output.amount for name, plant in cls.held(question).items()}

    @classmethod
    def after_the_border(cls, side: Side, standing: Laid, here: Setting) -> Side:
        """Return the import markets after plants took over part of the shipments; at most all is taken over."""
        return taken_over(side, standing, here)[0]

    @classmethod
    def leaves(cls, standing: Laid, side: Side, here: Setting) -> Left:
        """Return the flows of each plant."""
        plants = taken_over(side, standing, here)[1]
        flows = [np.stack([plant[flow] for flow in FLOWS], axis=-1) for plant in plants.values()]
        table = np.stack(flows, axis=1) if flows else np.zeros((here.draws, 0, len(FLOWS)))
        return Left(
            {"plant_usd_bn": (("draw", "plant", "flow"), table)}, {"plant": tuple(plants), "flow": tuple(FLOWS)}
        )

    @classmethod
    def dials(cls, question: Any, account: Account) -> dict[str, Dial]:
        """Return the dial of each plant, from nothing to five times what is shipped."""
        fine, out = np.linspace(0.0, 1.0, 201), {}
        for name, plant in cls.held(question).items():
            counted = plant.output.unit == "units_per_year"
            most = account.units(plant.product) if counted else float(account.imports_usd_bn[plant.product])
            out[name] = Dial(f"{cls.field}.{name}.moved", plant.output.unit, fine * 5 * most)
        return out

    @classmethod
    def turned(cls, lever: Any, key: str, amount: float) -> Any:
        """Return a plant that makes another amount, whatever its capital, or believes another number."""
        if key != "moved":
            return super().turned(lever, key, amount)
        return lever.model_copy(update={"moved": lever.output.model_copy(update={"amount": amount})})


def taken_over(
    side: Side, plants: Mapping[str, Localisation], here: Setting
) -> tuple[Side, dict[str, dict[str, Array]]]:
    """Return a side after plants took over part of the shipments, and the flows of each in USD bn, (draw,).

    The change in goods imports is ``-not_shipped + parts + equipment``; flows that are not asked for are NaN.
    """
    imports, left = side.imports.copy(), side.quantity_hat.copy()
    a_piece = np.divide(side.imports, side.quantity_hat, out=np.zeros_like(imports), where=left > 0)
    found = {}
    for name, plant in plants.items():
        own = f"localisation.{name}"
        row = here.markets.row(plant.product, f"{own}.product")
        base = float(here.markets.value[row, here.markets.partner])
        ramp = here.in_place(plant.ramp)
        made = _made(name, plant, here, base) * ramp  # in multiples of the baseline
        gone = np.minimum(made * here.values[f"{own}.displacement"], left[:, row])
        left[:, row] -= gone
        imports[:, row] -= gone * a_piece[:, row]
        parts, equipment, in_all = here.everywhere(0.0), here.everywhere(0.0), here.everywhere(0.0)
        if plant.parts:
            to = here.markets.row(plant.parts.product, f"{own}.parts.product")
            parts = here.values[f"{own}.parts.share"] * made * base * side.price_hat[:, to]
            imports[:, to] += parts
        capital = here.values.get(f"{own}.capital_usd_bn", here.everywhere(np.nan))
        if plant.equipment:
            to = here.markets.row(plant.equipment.product, f"{own}.equipment.product")
            in_all = here.values[f"{own}.equipment.share"] * capital
            years = plant.equipment.last - plant.equipment.first + 1
            equipment = in_all / years * overlap(plant.equipment.first, plant.equipment.last, here.when)
            imports[:, to] += equipment
        found[name] = {
            "not_shipped": gone * a_piece[:, row],
            "parts": parts,
            "equipment": equipment,
            "equipment_in_all": in_all,
            "capital": capital,
            "profits": capital * here.values.get(f"{own}.profit_rate", np.nan) * ramp,
        }
    return side.with_imports(imports, here.baseline_duty), found


def _made(name: str, plant: Localisation, here: Setting, base: float) -> Array:
    """Return what plants make a year at the full ramp, in multiples of the baseline imports of the good."""
    own, unit = f"localisation.{name}", plant.output.unit
    amount = here.values.get(f"{own}.moved")
    if amount is None and plant.moved is None:
        capital, cost = here.values[f"{own}.capital_usd_bn"] * 1e9, here.values[f"{own}.makes.usd_per_unit"]
        amount = capital * here.values[f"{own}.makes.capacity_share"] / cost
    if amount is None:
        amount = here.everywhere(plant.output.amount)
    return amount / (here.account.units(plant.product) if unit == "units_per_year" else base)
