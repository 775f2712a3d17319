"""The table that a figure was drawn from: kept with its axes, and written as lines of CSV beside its picture."""

import csv
import io
from datetime import date
from typing import Any, Final
from weakref import WeakKeyDictionary

import pandas as pd
from matplotlib.axes import Axes

TABLE_DIGITS: Final = 9
_DRAWN: Final["WeakKeyDictionary[Axes, pd.DataFrame]"] = WeakKeyDictionary()


def remember(ax: Axes, table: pd.DataFrame) -> None:
    """Keep the table that axes were drawn from for as long as the axes live; the last one counts."""
    _DRAWN[ax] = table


def table_lines(ax: Axes) -> list[str] | None:
    """Return the table that axes were drawn from as lines of CSV, the first with the columns; None without a table.

    A number has nine significant digits and a point or an exponent, by which it is told from a label such as a year or
    an HS code; what is missing is empty.
    """
    table = _DRAWN.get(ax)
    if table is None:
        return None
    columns = [table.iloc[:, i].tolist() for i in range(table.shape[1])]
    return [_line(table.columns), *(_line(row) for row in zip(*columns, strict=True))]


def _line(cells: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([_cell(cell) for cell in cells])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, float):
        text = f"{value + 0.0:.{TABLE_DIGITS}g}"
        return text if set(text) & set(".en") else f"{text}.0"
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return f"{value:%Y-%m-%d}"
    return str(value) if isinstance(value, date | pd.Period) else " ".join(str(value).split())
