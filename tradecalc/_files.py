"""Where data live, what a data file must say of itself, and tables that are checked when they are read."""

import hashlib
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from tradecalc._yaml import parse_yaml, read_yaml, validate
from tradecalc.terms import InputError, nearest

__all__ = [
    "Column",
    "Origin",
    "Stamp",
    "check_files",
    "data_files",
    "data_root",
    "parse_yaml",
    "read_origin",
    "read_table",
    "read_yaml",
    "sha256",
    "shipped",
    "stamp",
    "validate",
    "write_atomic",
]


class Column(BaseModel):
    """One column of a table: its type, its unit and whether a cell may be blank (blank means unknown, never zero)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["text", "number", "integer", "date"]
    unit: str = ""
    definition: str = ""
    blank: bool = False


class Origin(BaseModel):
    """Who published a table, where it was read, under which licence, how far it is trusted, and its hash."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    publisher: str
    series: str
    read_at: str
    address: str | None = None
    retrieved: date
    licence: str
    confidence: Literal["high", "medium", "low", "assumed"]
    sources: Literal["single", "several", "mixed"]
    kind: Literal["published", "derived", "assumed"] = "published"
    note: str = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    columns: dict[str, Column]


@dataclass(frozen=True)
class Stamp:
    """A file that a run read: its path below the data folder and its SHA-256."""

    path: str
    sha256: str


def shipped(folder: str) -> Path:
    """Return a folder that travels with the package: beside it in a checkout, inside it when installed."""
    here = Path(__file__).resolve().parent
    beside = here.parent / folder
    return beside if (here.parent / "pyproject.toml").is_file() and beside.is_dir() else here / "_shipped" / folder


def data_root() -> Path:
    """Return the data folder: ``TRADECALC_DATA`` if set, else the one that travels with the package."""
    own = os.environ.get("TRADECALC_DATA")
    return Path(own) if own else shipped("data")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stamp(path: Path) -> Stamp:
    """Return the provenance of a file: its path below the data folder (elsewhere its name alone) and its hash."""
    root = data_root().resolve()
    full = path.resolve()
    return Stamp(full.relative_to(root).as_posix() if full.is_relative_to(root) else path.name, sha256(path))


def data_files(pattern: str = "**/*") -> list[Path]:
    """Return the data files below the data folder, in the order of their names."""
    return sorted(p for p in data_root().glob(pattern) if p.is_file() and not p.name.startswith("."))


def read_origin(table: Path) -> Origin:
    """Return what ``TABLE.origin.yaml`` says of a table.

    Raises:
        InputError: there is no such file, or it lacks a field.
    """
    path = table.with_suffix(".origin.yaml")
    if not path.is_file():
        raise InputError(f"{_shown(table)} has no origin; add {path.name} with publisher, series, licence and sha256.")
    value, lines = read_yaml(path, name=_shown(path))
    return validate(Origin, value, lines, name=_shown(path))


def read_table(relative: str) -> pd.DataFrame:
    """Return a table below the data folder, after checking its hash and each column against its origin.

    Codes and names are text, ``integer`` and ``number`` are float64 (blank is NaN), ``date`` is datetime64.

    Raises:
        InputError: no such table (with the nearest name), a changed or truncated file (both hashes are shown),
            a column that is missing, unexpected, of the wrong type, or blank where it must not be.
    """
    path = data_root() / relative
    if not path.is_file():
        known = {p.relative_to(data_root()).as_posix() for p in data_files("**/*.csv")}
        raise InputError(f"{relative} is not a table of the data folder.{nearest(relative, known)}")
    return _table(path, path.stat().st_mtime_ns, path.stat().st_size).copy()


@lru_cache(maxsize=64)
def _table(path: Path, mtime_ns: int, size: int) -> pd.DataFrame:
    origin = read_origin(path)
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != origin.sha256:
        raise InputError(
            f"{_shown(path)}: the file has changed: its origin expects sha256 {origin.sha256}, found {found}; "
            f"restore the file, or record the new hash and its reason in {path.with_suffix('.origin.yaml').name}."
        )
    try:
        frame = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as err:
        raise InputError(f"{_shown(path)}: not a readable CSV table ({str(err).splitlines()[0]}).") from None
    wrong = [c for c in frame.columns if c not in origin.columns] + [c for c in origin.columns if c not in frame]
    if wrong:
        raise InputError(f"{_shown(path)}: columns {wrong} stand in the table or in its origin, but not in both.")
    return pd.DataFrame(
        {c: _typed(frame[c], col, f"{_shown(path)}, column {c!r}") for c, col in origin.columns.items()}
    )


def _typed(cells: "pd.Series[Any]", column: Column, where: str) -> "pd.Series[Any]":
    blank = cells == ""
    if blank.any() and not column.blank:
        raise InputError(
            f"{where}: row {int(blank.to_numpy().argmax()) + 2} is blank; fill it, or allow blanks in the origin."
        )
    if column.type == "text":
        return cells.astype(object)
    filled = cells.where(~blank, None)
    try:
        if column.type == "date":
            return pd.to_datetime(filled, format="ISO8601").astype("datetime64[ns]")
        numbers = pd.to_numeric(filled).astype(float)
    except (ValueError, TypeError) as err:
        raise InputError(f"{where}: a cell is not a {column.type} ({str(err).splitlines()[0]}).") from None
    if column.type == "integer" and bool((numbers.dropna() % 1 != 0).any()):
        raise InputError(f"{where}: holds a number with a fraction; integers are allowed.")
    return numbers


def check_files(paths: Iterable[Path] | None = None) -> list[str]:
    """Return one sentence for each data table that is not what its origin says, and each origin without a table."""
    found = []
    for path in paths if paths is not None else data_files():
        try:
            if path.suffix == ".csv":
                read_table(path.relative_to(data_root()).as_posix())
            elif path.name.endswith(".origin.yaml") and not path.with_name(path.name[:-12] + ".csv").is_file():
                raise InputError(f"{_shown(path)}: its table is missing; add it or remove the origin.")
            elif path.suffix == ".yaml":
                read_yaml(path, name=_shown(path))
        except InputError as err:
            found.append(str(err))
    return found


def write_atomic(path: Path, content: str | bytes) -> Path:
    """Write a file whole or not at all, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(path)
    return path


def _shown(path: Path) -> str:
    root = data_root()
    return f"data/{path.relative_to(root).as_posix()}" if path.is_relative_to(root) else path.name
