"""Tables that say where they come from and are checked when they are read."""

import gzip
import hashlib
import io
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from tradecalc.files.paths import data_files, data_root, sha256, shown
from tradecalc.files.yaml import read_yaml, validate
from tradecalc.terms import InputError, nearest


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


def table_files() -> list[Path]:
    """Return every table below the data folder, packed or not, in the order of their names."""
    return sorted([*data_files("**/*.csv"), *data_files("**/*.csv.gz")])


def origin_path(table: Path) -> Path:
    """Return where the origin of a table stands, ``NAME.origin.yaml`` beside ``NAME.csv`` or ``NAME.csv.gz``."""
    return table.with_name(table.name.removesuffix(".gz").removesuffix(".csv") + ".origin.yaml")


def read_origin(table: Path) -> Origin:
    """Return what ``TABLE.origin.yaml`` says of a table.

    Raises:
        InputError: there is no such file, or it lacks a field.
    """
    path = origin_path(table)
    if not path.is_file():
        raise InputError(f"{shown(table)} has no origin; add {path.name} with publisher, series, licence and sha256.")
    value, lines = read_yaml(path, name=shown(path))
    return validate(Origin, value, lines, name=shown(path))


def read_table(relative: str) -> pd.DataFrame:
    """Return a table below the data folder, after checking its hash and each column against its origin.

    Codes and names are text, ``integer`` and ``number`` are float64 (blank is NaN), ``date`` is datetime64.

    Raises:
        InputError: no such table (with the nearest name), a changed or truncated file (both hashes are shown),
            a column that is missing, unexpected, of the wrong type, or blank where it must not be.
    """
    path = data_root() / relative
    if not path.is_file():
        known = {p.relative_to(data_root()).as_posix() for p in table_files()}
        raise InputError(f"{relative} is not a table of the data folder.{nearest(relative, known)}")
    origin = origin_path(path)
    content = (sha256(path), sha256(origin) if origin.is_file() else "")
    return _table(path, content).copy()


@lru_cache(maxsize=128)
def _table(path: Path, _content: tuple[str, str]) -> pd.DataFrame:
    """Return a table, kept by its path and the content of both its files."""
    origin = read_origin(path)
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != origin.sha256:
        raise InputError(
            f"{shown(path)}: the file has changed: its origin expects sha256 {origin.sha256}, found {found}; "
            f"restore the file, or record the new hash and its reason in {origin_path(path).name}."
        )
    try:
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        frame = pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError, OSError, EOFError) as err:
        raise InputError(f"{shown(path)}: not a readable CSV table ({str(err).splitlines()[0]}).") from None
    wrong = [c for c in frame.columns if c not in origin.columns] + [c for c in origin.columns if c not in frame]
    if wrong:
        raise InputError(f"{shown(path)}: columns {wrong} stand in the table or in its origin, but not in both.")
    return pd.DataFrame({c: _typed(frame[c], col, f"{shown(path)}, column {c!r}") for c, col in origin.columns.items()})


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
            if path.name.endswith((".csv", ".csv.gz")):
                read_table(path.relative_to(data_root()).as_posix())
            elif path.name.endswith(".origin.yaml") and path not in {origin_path(table) for table in table_files()}:
                raise InputError(f"{shown(path)}: its table is missing; add it or remove the origin.")
            elif path.suffix == ".yaml":
                read_yaml(path, name=shown(path))
        except InputError as err:
            found.append(str(err))
    return found
