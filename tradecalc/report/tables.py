"""One formatter for every printed table: rounded, with labels and units from the registry; missing stays missing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from tradecalc.digits import printed, settled
from tradecalc.terms import VARIABLES

MISSING = "–"
_HEADS = {"p5": "5th percentile", "p95": "95th percentile", "usd_bn": "USD bn", "hs": "HS", "sha256": "SHA-256"}


@dataclass(frozen=True)
class Table:
    """A table as text, ready to be shown.

    Attributes:
        head: column headings.
        body: rows of cells; the first ``row_heads`` cells of a row name it.
        row_heads: how many leading columns are row headings.
        caption: what the table shows; may be empty.
    """

    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    row_heads: int = 0
    caption: str = ""

    def _repr_html_(self) -> str:
        """Return the table as HTML, without style, class or identifier."""
        rows = ["".join(f"<{t}>{escape(c)}</{t}>" for t, c in self._tagged(row)) for row in self.body]
        head = "".join(f"<th>{escape(name)}</th>" for name in self.head)
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        body = "\n".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table>{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def _tagged(self, row: tuple[str, ...]) -> list[tuple[str, str]]:
        return [("th" if i < self.row_heads else "td", cell) for i, cell in enumerate(row)]

    def __repr__(self) -> str:
        """Return the table as plain text in columns."""
        lines = [self.head, *self.body]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def table(rows: pd.DataFrame | Sequence[Mapping[str, Any]], *, digits: int = 2, caption: str = "") -> Table:
    """Return rows for display, each column rounded to ``digits`` decimals, or to none where it reaches thousands.

    Registered variables carry their label and unit, other columns their name in words; a missing cell shows a dash.
    The index is shown where it says something: where it is named or holds words.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    named = [n for n in frame.index.names if n is not None]
    keep = len(frame.index.names) if named or not pd.api.types.is_integer_dtype(frame.index.dtype) else 0
    flat = frame.reset_index() if keep else frame
    columns = [_cells(flat.iloc[:, i], digits) for i in range(flat.shape[1])]
    head = tuple(_head(name, i < keep and not named) for i, name in enumerate(flat.columns))
    return Table(head, tuple(zip(*columns, strict=True)), keep, caption)


def _head(name: Any, unnamed: bool) -> str:
    word = VARIABLES.get(str(name))
    if unnamed:
        return ""
    if word:
        return word.label if word.unit in ("ratio", "fraction") else f"{word.label} ({word.unit})"
    text = str(name)
    return _HEADS.get(text, text.removesuffix("_usd_bn").replace("_", " ") + (" (USD bn)" * text.endswith("_usd_bn")))


def _cells(column: "pd.Series[Any]", digits: int) -> list[str]:
    values = column.tolist()
    numbers = [abs(v) for v in values if isinstance(v, float) and math.isfinite(v)]
    places = 0 if settled(max(numbers, default=0)) >= 1000 else digits
    return [_cell(value, places) for value in values]


def _cell(value: Any, places: int) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return (f"{value:,}" if abs(value) >= 10_000 else str(value)).replace("-", "−")
    if isinstance(value, float):
        return printed(value, f",.{places}f").replace("-", "−")
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return f"{value:%Y-%m-%d}"
    if isinstance(value, date | pd.Period):
        return str(value)
    return " ".join(str(value).split())
