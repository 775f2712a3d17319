"""The law as data: authorities, dated rates, references and product lists, read from YAML and tables."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

FOREVER = date(9999, 12, 31)
ANY = "*"
BASE = "mfn"
Origins = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class Strict(BaseModel):
    """A part of a law file: no unknown field, no change after reading; ``from`` and ``to`` are inclusive days."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Window(Strict):
    """Something that holds from a day to a day, both inclusive; no ``to`` means until something else is said."""

    start: date = Field(alias="from")
    end: date = Field(default=FOREVER, alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> "Window":
        if self.end < self.start:
            raise ValueError(f"`to: {self.end}` lies before `from: {self.start}`; exchange them or drop one.")
        return self

    def covers(self, day: date) -> bool:
        """Say whether a day lies inside."""
        return self.start <= day <= self.end


class Reference(Strict):
    """One instrument or source: what it is called, where it was read, and its days."""

    title: str
    citation: str
    announced: date | None = None
    signed: date | None = None
    published: date | None = None
    effective: date | None = None
    retrieved: date
    source: str
    address: str | None = None
    status: Literal["official", "non_official", "assumed"]
    confidence: Literal["high", "medium", "low", "assumed"]
    note: str = ""

    @property
    def known(self) -> date:
        """The day from which the instrument counts as signed: signature, else publication, announcement, effect."""
        return self.signed or self.published or self.announced or self.effective or date.min


class Item(Strict):
    """One part of a scope: a product list by name or HS prefixes, always or for a declared use only.

    ``aircraft``: it counts only where the good enters as civil aircraft or a part of one (general note 6).
    """

    list: str | None = None
    hs: tuple[str, ...] = ()
    start: date = Field(default=date.min, alias="from")
    end: date = Field(default=FOREVER, alias="to")
    use: str | None = None
    unless_use: str | None = None
    aircraft: bool = False
    minus: bool = False
    reference: str

    @field_validator("hs")
    @classmethod
    def _digits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(code.replace(".", "") for code in value)
        for code, digits in zip(value, bare, strict=True):
            if not (digits.isdigit() and 2 <= len(digits) <= 10):
                raise ValueError(f"{code!r} is no HS code; write two to ten digits in quotes.")
        return bare

    def holds(self, day: date, use: str | None, aircraft: bool = False) -> bool:
        """Say whether the item counts on a day for a declared use."""
        fits = self.use in (None, use) and (self.unless_use is None or self.unless_use != use)
        return fits and (aircraft or not self.aircraft) and self.start <= day <= self.end


class Rate(Window):
    """What an authority charges on goods of some origins in a window, under the instrument in ``reference``.

    ``programme``: the rate of each line stands in the table of free-trade rates, under this code; a line without one
    keeps its column 1 general rate.
    """

    scope: str = "goods"
    origin: Origins = (ANY,)
    rule: Literal["add", "floor", "replace", "none"] = "add"
    rate: float = Field(default=0.0, ge=0)
    programme: str | None = None
    base: Literal["customs_value", "steel_share", "aluminium_share", "copper_share", "non_us_content"] | None = None
    preference: bool | None = None
    quota: str | None = None
    in_quota: bool | None = None
    pause: bool = False
    collected_from: date | None = None
    reference: str
    confidence: Literal["high", "medium", "low", "assumed"] | None = None
    note: str = ""
    hypothetical: bool = False

    @field_validator("rate")
    @classmethod
    def _fraction(cls, value: float) -> float:
        if value > 3:
            raise ValueError(f"{value:g} looks like per cent; write a fraction of customs value, {value / 100:g}.")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Rate":
        if self.programme is not None and (self.rule != "replace" or "rate" in self.model_fields_set):
            raise ValueError("`programme:` takes its rates from a table; give it `rule: replace` and no `rate:`.")
        if "rate" not in self.model_fields_set and self.rule != "none" and self.programme is None:
            raise ValueError("`rate:` is missing; write it as a fraction, a rate of zero too.")
        if (self.quota is None) != (self.in_quota is None):
            raise ValueError("`quota:` and `in_quota:` belong together; write both or neither.")
        return self


class Exemption(Item):
    """Goods that an authority leaves out, for some origins, in a window; not collected before ``collected_from``.

    ``ended_by``: the instrument that set ``to``; where it is not known, the exemption goes on.
    """

    origin: Origins = (ANY,)
    collected_from: date | None = None
    ended_by: str | None = None
    note: str = ""


class Quota(Strict):
    """A tariff-rate quota: how much a year, and on which side tables put trade whose side is not known."""

    title: str
    quantity: float
    unit: str
    period: str
    tables_assume_in_quota: bool
    why: str
    reference: str


class Stacking(Strict):
    """How an authority meets the others: what it keeps out of the value it claims, and what it stands beside."""

    excludes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    reference: str
    why: str


class Authority(Strict):
    """One authority of one file: its goods, its dated rates and its place among the others."""

    authority: str
    name: str
    group: str
    unit: Literal["fraction of customs value"]
    base: Literal["customs_value", "steel_share", "aluminium_share", "copper_share"] = "customs_value"
    void: str | None = None
    stacking: Stacking
    scope: dict[str, tuple[Item, ...]]
    rates: tuple[Rate, ...]
    exempt: tuple[Exemption, ...] = ()
    quotas: dict[str, Quota] = Field(default_factory=dict)
    note: str = ""

    @model_validator(mode="after")
    def _closed(self) -> "Authority":
        for row in self.rates:
            if row.scope not in self.scope:
                raise ValueError(f"the rate from {row.start} names the scope {row.scope!r}; declare it under `scope:`.")
            if row.quota is not None and row.quota not in self.quotas:
                raise ValueError(f"the rate from {row.start} names quota {row.quota!r}; declare it under `quotas:`.")
        return self

    def items(self) -> Iterator[Item]:
        """Give every part of a scope and every exemption."""
        yield from (item for items in self.scope.values() for item in items)
        yield from self.exempt

    def references(self) -> Iterator[str]:
        """Give every reference the file cites."""
        yield self.stacking.reference
        yield from (row.reference for row in self.rates)
        yield from (item.reference for items in self.scope.values() for item in items)
        yield from (item.reference for item in self.exempt)
        yield from (item.ended_by for item in self.exempt if item.ended_by)
        yield from (quota.reference for quota in self.quotas.values())
        if self.void:
            yield self.void


class Country(Strict):
    """An origin the law is compiled for; ``member_of`` lends it the rates of a group where it has none of its own."""

    name: str
    member_of: str | None = None


class Schedule(Strict):
    """What a reporter's folder holds: the first day, the day to which instruments were collected, tables, origins."""

    reporter: str
    first_date: date
    compiled_to: date
    lines: str
    mfn: str
    lists: tuple[str, ...]
    metal_shares: str
    programmes: str
    claims: str
    aircraft_use: str
    collected: str
    uses: dict[str, str]
    origins: dict[str, Country]

    def tables(self) -> tuple[str, ...]:
        """Return the tables that rates rest on, below the data folder."""
        return (self.mfn, self.metal_shares, self.lines, self.programmes, self.claims, self.aircraft_use, *self.lists)


def clashes(authority: Authority, known: dict[str, date]) -> Iterator[tuple[Rate, Rate]]:
    """Give each pair of rates of one authority that claim the same goods on one day with nothing to choose by.

    Order within an authority: the rate that names the origin more closely, then the instrument signed later.
    """
    for one, two in combinations(authority.rates, 2):
        equal = known[one.reference] == known[two.reference]
        same = equal and one.scope == two.scope and bool(set(one.origin) & set(two.origin))
        sides = one.in_quota is None or two.in_quota is None or one.in_quota == two.in_quota
        claims = one.preference is None or two.preference is None or one.preference == two.preference
        if same and sides and claims and max(one.start, two.start) <= min(one.end, two.end):
            yield one, two
