"""What an account file says of a partner beside what its frame says of all, and the file as a checked definition."""

from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field

from tradecalc.account.frame import (
    Detail,
    Frame,
    Industries,
    MarketSources,
    Model,
    frames,
    partners_of,
    read_frame,
    refuse_partner,
)
from tradecalc.files import Stamp, data_root, read_table, read_yaml, stamp, validate
from tradecalc.terms import InputError, nearest

FLOWS: Final = ("imports", "exports")
TOTAL: Final = "00"  # the code of all chapters together


class Vintage(Model):
    """The totals that the publisher gave at one time."""

    title: str
    exports_usd_m: Annotated[float, Field(gt=0)]
    imports_usd_m: Annotated[float, Field(gt=0)]
    source: str
    confidence: str
    note: str = ""

    def total(self, flow: str) -> float:
        """Return the published total of a flow in USD million."""
        return self.imports_usd_m if flow == "imports" else self.exports_usd_m


class TableValue(Model):
    """A table and the column of it that counts."""

    table: str
    value: str


class UnitCount(Model):
    """How many pieces a value stands for."""

    count: Annotated[float, Field(gt=0)]
    source: str
    note: str = ""


class Definition(Model):
    """One account: who, when, under which law, and the files that hold its figures.

    ``cells`` are figures of its own, which come before those that the shared tables give; ``lines`` and ``headings``
    likewise. Without ``vintages`` the totals are the sums of the shared tables.
    """

    name: str
    title: str
    frame: str | None = None
    reporter: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    partner: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    called: str = ""
    member_of: str | None = None
    detail: Detail = "lines"
    year: int
    law: str
    law_on: date
    default_vintage: str
    basis: str
    vintages: dict[str, Vintage]
    cells: str | None = None
    products: str
    concordance: str
    exports_by_chapter: str | None = None
    industries: Industries | None = None
    headings: TableValue | None = None
    lines: TableValue | None = None
    market: MarketSources
    units: dict[str, UnitCount] = Field(default_factory=dict)
    partner_demand: str | None = None
    unit_values: str | None = None
    seller_capacity: str | None = None
    published: str | None = None

    @property
    def in_a_sentence(self) -> str:
        """The partner as a sentence names it."""
        return self.called or self.partner

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins with a row of their own in a market, the partner among them."""
        named = self.market.origins
        return named if self.partner in named else (self.partner, *named)

    @property
    def by_industry(self) -> Industries | None:
        """The tables of a coarse account, whose imports are known by industry only; None for any other."""
        return self.industries if self.detail == "industries" else None

    def files(self) -> tuple[str, ...]:
        """Return every table that the account is made from, below the data folder, each once."""
        coarse, m = self.by_industry, self.market
        named = (
            self.cells,
            self.products,
            self.concordance,
            self.headings.table if self.headings else None,
            self.lines.table if self.lines else None,
            self.partner_demand,
            self.unit_values,
            self.seller_capacity,
            *((coarse.imports, coarse.of_line, coarse.products) if coarse else ()),
            *(m.by_line, m.by_chapter, m.by_commodity, m.home, self.exports_by_chapter, self.published),
        )
        return tuple(dict.fromkeys(file for file in named if file is not None))

    def rules(self) -> tuple[str, ...]:
        """Return the files that say how the account is made: its own, where it has one, and its frame."""
        own = f"account/{self.name}.yaml"
        frame = () if self.frame is None else (f"account/frames/{self.frame}.yaml",)
        return (own, *frame) if (data_root() / own).is_file() else frame


def own_files() -> list[str]:
    """Return the names of the accounts that have a file of their own."""
    files = (data_root() / "account").glob("*.yaml")
    return sorted(file.stem for file in files if not file.name.endswith(".origin.yaml"))


def account_names() -> list[str]:
    """Return the names of all accounts: those with a file, and those that the tables of a frame give."""
    built = [frame.account_name(code) for frame in frames().values() for code in partners_of(frame)]
    return sorted({*own_files(), *built})


def account_exists(name: str) -> bool:
    """Say whether there is an account of this name, without reading the tables where it has a file."""
    return name in own_files() or name in account_names()


def account_of(partner: str) -> str:
    """Return the name of a partner's account.

    Raises:
        InputError: it has none; the message says what is missing, or the nearest, and how to make one.
    """
    for frame in frames().values():
        if partner in frame.partners and (frame.account_name(partner) in own_files() or not frame.lacks(partner)):
            return frame.account_name(partner)
    known = accounts_by_partner()
    return known[partner] if partner in known else refuse_partner(partner, known)


def accounts_by_partner() -> dict[str, str]:
    """Return the name of the account of each partner that has one."""
    return {read_definition(name).partner: name for name in account_names()}


def read_definition(name: str) -> Definition:
    """Return what ``data/account/NAME.yaml`` and its frame say, or the frame alone where there is no such file.

    Raises:
        InputError: no such account (with the nearest, or the table that lacks its partner), or a field that is missing,
            unknown or of the wrong kind.
    """
    if name not in own_files():
        return _built(name)
    shown = f"data/account/{name}.yaml"
    value, lines = read_yaml(data_root() / "account" / f"{name}.yaml", name=shown)
    if isinstance(value, dict) and "frame" in value:
        value = _completed(value, read_frame(str(value["frame"])), name)
    definition = validate(Definition, value, lines, name=shown)
    if definition.name != name:
        raise InputError(f"{shown}:{lines['name',]}: name is {definition.name!r}; use the name of the file, {name!r}.")
    if definition.default_vintage not in definition.vintages:
        raise InputError(
            f"{shown}:{lines['default_vintage',]}: default_vintage is {definition.default_vintage!r}; "
            f"use {joined(list(definition.vintages))}."
        )
    return definition


def _built(name: str) -> Definition:
    for frame in frames().values():
        for code in frame.partners:
            if frame.account_name(code) == name:
                if frame.lacks(code):
                    refuse_partner(code, {})
                return Definition.model_validate(_completed({"name": name, "partner": code}, frame, name))
    known = account_names()
    raise InputError(
        f"{name!r} is not an account; use {joined(known) or 'none: there is none'}.{nearest(name, known)} To make one, "
        f"write data/account/{name}.yaml (docs/account.md says how)."
    )


def _completed(own: dict[str, Any], frame: Frame, name: str) -> dict[str, Any]:
    """Return the fields of an account: its own, then those of its frame, then what its tables add up to."""
    code = own.get("partner")
    if not isinstance(code, str) or code not in frame.partners:
        codes = sorted(frame.partners)
        raise InputError(
            f"data/account/{name}.yaml: partner is {code!r}; use an ISO-3 code of data/account/frames/"
            f"{frame.frame}.yaml, or add it there.{nearest(str(code), codes)}"
        )
    partner = frame.partners[code]
    fields = {
        **frame.shared(frame.detail(code)),
        "title": f"{frame.law.upper()} goods trade with {partner.in_a_sentence}, {frame.year}",
        "called": partner.in_a_sentence,
        "member_of": partner.member_of,
        **own,
    }
    if "vintages" not in own:
        fields |= {"default_vintage": frame.release.vintage, "vintages": _summed(frame, code)}
    return fields


def _summed(frame: Frame, code: str) -> dict[str, Any]:
    """Return the one vintage whose totals are sums of the tables: all exports, and imports for consumption."""
    exports = read_table(frame.exports_by_chapter)
    here = (exports["year"] == frame.year) & (exports["destination"] == code) & (exports["hs2"] == TOTAL)
    if frame.detail(code) == "lines":
        table = read_table(frame.market.by_line)
        imports = table.loc[table["origin"] == code, "imports_for_consumption_usd"]
    else:
        table = read_table(frame.industries.imports)
        rows = (table["origin"] == code) & (table["period"] == str(frame.year)) & (table["naics3"] != TOTAL)
        imports = table.loc[rows, "imports_for_consumption_usd"]
    release = frame.release
    sums = {"exports_usd_m": exports.loc[here, "exports_usd"].sum(), "imports_usd_m": imports.sum()}
    totals = {name: float(usd) / 1e6 for name, usd in sums.items()}
    return {release.vintage: {**release.model_dump(exclude={"vintage"}), **totals}}


def stamps_of(definition: Definition) -> tuple[Stamp, ...]:
    """Return the provenance of the files that say how the account is made, and of every table they name."""
    return tuple(stamp(data_root() / path) for path in (*definition.rules(), *definition.files()))


def joined(words: list[str]) -> str:
    """Return the words with commas between them and an ``or`` before the last."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
