"""What all accounts of one reporter and year share, and which partners have an account by it."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from tradecalc.files import data_root, read_table, read_yaml, sha256, validate
from tradecalc.terms import InputError, nearest

FOLDER: Final = "account/frames"
Detail = Literal["lines", "industries"]
_NAMES: Final = {"ROW": "Rest of the world", "USA": "United States"}
_MEMBERS_TOO: Final = "a member counts inside its union: do not add the two"


class Model(BaseModel):
    """A mapping of a file: what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MarketSources(Model):
    """Where the reporter's imports by origin and its home sales stand."""

    origins: tuple[str, ...]
    by_line: str
    by_chapter: str
    by_commodity: str
    home: str


class Industries(Model):
    """Imports by origin and three-digit industry, the industry of each line, and industries as products."""

    imports: str
    of_line: str
    products: str


class Partner(Model):
    """How a partner is called: by name, in a sentence, in the name of its account; the union it counts inside."""

    name: str
    called: str = ""
    file: str = ""
    member_of: str | None = None

    @property
    def in_a_sentence(self) -> str:
        """The name as a sentence takes it, such as ``the European Union``."""
        return self.called or self.name

    @property
    def slug(self) -> str:
        """The name as an account carries it, such as ``european-union``."""
        return self.file or self.name.lower().replace(" ", "-")


class Release(Model):
    """What is said of totals that are sums of the shipped tables."""

    vintage: str
    title: str
    source: str
    confidence: str
    note: str


class Frame(Model):
    """The content of ``data/account/frames/NAME.yaml``."""

    frame: str
    reporter: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    year: int
    law: str
    law_on: date
    products: str
    concordance: str
    exports_by_chapter: str
    market: MarketSources
    industries: Industries
    release: Release
    basis: dict[Detail, str]
    partners: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Partner]

    def account_name(self, code: str) -> str:
        """Return the name of a partner's account, such as ``us-vietnam-2024``."""
        return f"{self.law}-{self.partners[code].slug}-{self.year}"

    def shared(self, detail: Detail) -> dict[str, object]:
        """Return the fields of an account that it takes over where it says nothing itself."""
        own = self.model_dump(exclude={"release", "basis", "partners"})
        return {**own, "basis": self.basis[detail], "detail": detail}

    def lacks(self, code: str) -> list[str]:
        """Return the tables that hold nothing of a partner without which there is no account; none where there is."""
        found = _known(self.market.by_line, self.industries.imports, self.exports_by_chapter, self.year)
        lines, industries, exports = (code in codes for codes in found)
        out = [] if exports else [f"exports by chapter (data/{self.exports_by_chapter})"]
        if not lines and not (industries and self.partners[code].member_of):
            out.append(f"imports by line (data/{self.market.by_line})")
        return out

    def detail(self, code: str) -> Detail:
        """Return whether imports from a partner are known by line, or only by industry."""
        lines = _known(self.market.by_line, self.industries.imports, self.exports_by_chapter, self.year)[0]
        return "lines" if code in lines else "industries"


def frames() -> dict[str, Frame]:
    """Return all frames of the data folder by name; none where there is no such folder."""
    return {path.stem: read_frame(path.stem) for path in sorted((data_root() / FOLDER).glob("*.yaml"))}


def read_frame(name: str) -> Frame:
    """Return what ``data/account/frames/NAME.yaml`` says.

    Raises:
        InputError: there is none (with the nearest), or a field is missing, unknown or of the wrong kind.
    """
    path = data_root() / FOLDER / f"{name}.yaml"
    if not path.is_file():
        known = [other.stem for other in sorted(path.parent.glob("*.yaml"))]
        raise InputError(f"{name!r} is not a frame of data/{FOLDER}; use {', '.join(known)}.{nearest(name, known)}")
    return _read(path, sha256(path))


@lru_cache(maxsize=8)
def _read(path: Path, _content: str) -> Frame:
    value, lines = read_yaml(path, name=(shown := f"data/{FOLDER}/{path.name}"))
    frame = validate(Frame, value, lines, name=shown)
    if frame.frame != path.stem:
        raise InputError(f"{shown}:{lines['frame',]}: frame is {frame.frame!r}; use the name of the file.")
    return frame


def partners_of(frame: Frame) -> list[str]:
    """Return the codes of the partners that have an account by the tables of a frame."""
    return [code for code in frame.partners if not frame.lacks(code)]


def partner_name(code: str) -> str:
    """Return how a partner or origin is called; the code where no frame names it."""
    found = (frame.partners[code].name for frame in frames().values() if code in frame.partners)
    return next(found, _NAMES.get(code, code))


def refuse_partner(code: str, known: Mapping[str, str]) -> NoReturn:
    """Raise InputError for a partner without an account: what is missing, or the nearest, and how to make one.

    Args:
        code: ISO-3 code of the partner.
        known: the accounts there are, by partner.
    """
    for frame in frames().values():
        if code in frame.partners:
            named = frame.partners[code].in_a_sentence
            raise InputError(
                f"there is no account of {named} ({code}): {' and '.join(frame.lacks(code))} hold nothing of it; add "
                f"its rows there with their origin, or write data/account/{frame.account_name(code)}.yaml with tables "
                "of its own."
            )
    meant = [c for frame in frames().values() for c, p in frame.partners.items() if code.lower() in _words(c, p)]
    hint = f" Did you mean {meant[0]!r}?" if meant else ""
    raise InputError(
        f"there is no account of {code!r}; use one of {', '.join(sorted(known))}, or write data/account/NAME.yaml with "
        f"its tables (docs/account.md says how).{hint or nearest(code, set(known))}"
    )


def _words(code: str, partner: Partner) -> set[str]:
    return {word.lower() for word in (code, partner.name, partner.slug, partner.in_a_sentence)}


def refuse_double(codes: list[str], where: str) -> None:
    """Raise InputError where a list of partners that is to be added up holds a union and a member of it."""
    for frame in frames().values():
        for code in codes:
            union = frame.partners[code].member_of if code in frame.partners else None
            if union in codes:
                raise InputError(
                    f"{where}: {code} ({frame.partners[code].name}) is counted in {union} already; "
                    f"{_MEMBERS_TOO}; leave one of them out of the total."
                )


def _known(by_line: str, by_industry: str, by_chapter: str, year: int) -> tuple[frozenset[str], ...]:
    tables = (by_line, by_industry, by_chapter)
    return _codes(by_line, by_industry, by_chapter, year, tuple(sha256(data_root() / table) for table in tables))


@lru_cache(maxsize=8)
def _codes(
    by_line: str, by_industry: str, by_chapter: str, year: int, _content: tuple[str, ...]
) -> tuple[frozenset[str], ...]:
    industries: pd.DataFrame = read_table(by_industry)
    exports = read_table(by_chapter)
    return (
        frozenset(read_table(by_line)["origin"].unique()),
        frozenset(industries.loc[industries["period"] == str(year), "origin"].unique()),
        frozenset(exports.loc[(exports["year"] == year) & (exports["kind"] != "total"), "destination"].unique()),
    )
