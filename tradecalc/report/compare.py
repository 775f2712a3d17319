"""Stored outputs of a notebook against those of a fresh run, on this or another machine: one sentence a difference.

Text must agree to the letter; a figure must have the same alternative text, the same table within `agree`, and the same
look (looks.py).
"""

import csv
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from tradecalc.report.looks import look_difference

if TYPE_CHECKING:
    from nbformat import NotebookNode

RELATIVE: Final = 2e-8
"""Of a number: its ninth digit may round the other way, which is 1e-8 of it; solvers disagree by 1e-10 or so."""
OF_LARGEST: Final = 1e-8
"""Of the table's largest number: what is left of large numbers that cancel, as in a balance that is held fixed, is
noise of their size; a world solved in one iteration more moves it by some 1e-9 of the largest bar."""
_TOLD: Final = 3
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?|-?inf")
_PNG: Final = "image/png"


def place(name: str, notebook: "NotebookNode", index: int) -> str:
    """Return a cell in words: its notebook, its place among all cells and its number among those of code."""
    return f"{name}, cell {index + 1} (In [{sum(c.cell_type == 'code' for c in notebook.cells[: index + 1])}])"


def notebook_differences(name: str, stored: "NotebookNode", fresh: "NotebookNode") -> list[str]:
    """Return one sentence for each difference between the outputs of two runs of a notebook, naming its cell."""
    return [
        f"{place(name, fresh, index)}: {problem}"
        for index, before, after in _pairs(stored, fresh)
        for problem in output_differences(before, after)
    ]


def output_differences(stored: Sequence[Any], fresh: Sequence[Any]) -> list[str]:
    """Return one sentence for each difference between the stored outputs of a cell and fresh ones."""
    if len(stored) != len(fresh):
        return [f"{len(stored)} outputs are stored, a fresh run gives {len(fresh)}."]
    return [problem for old, new in zip(stored, fresh, strict=True) for problem in _compare(old, new)]


def keep_figures(stored: "NotebookNode", fresh: "NotebookNode") -> None:
    """Put what is stored of every unchanged figure into ``fresh``: its table, and with the same look its bytes.

    A notebook that is written anew on another machine then differs only where a reader would see it.
    """
    for _, before, after in _pairs(stored, fresh):
        for old, new in zip(before, after, strict=False):
            was, now = _figure(old), _figure(new)
            if was is not None and now is not None and not table_differences(was.get("table"), now.get("table")):
                if "table" in was:
                    now["table"] = was["table"]
                if not look_difference(old.data[_PNG], new.data[_PNG]):
                    new.data[_PNG] = old.data[_PNG]


def table_differences(stored: Sequence[str] | None, fresh: Sequence[str] | None) -> list[str]:
    """Return one sentence for each cell in which two tables of a figure differ, the first few; labels to the letter."""
    if stored is None or fresh is None:
        has = "a table is stored with the figure, a fresh run gives none."
        hasnt = "no table is stored with the figure, a fresh run gives one; run `tradecalc notebooks`."
        return [] if stored is fresh else [has if fresh is None else hasnt]
    (head, *before), (now_head, *after) = (list(csv.reader(lines)) or [[]] for lines in (stored, fresh))
    if head != now_head:
        columns, now = ", ".join(head), ", ".join(now_head)
        return [f"the table of the figure is stored with the columns {columns}; a fresh run gives {now}."]
    if [len(row) for row in before] != [len(row) for row in after]:
        return [f"the table of the figure is stored with {len(before)} rows, a fresh run gives {len(after)}."]
    largest = max((abs(float(x)) for row in before for x in row if _is_number(x) and "inf" not in x), default=0.0)
    apart = [
        f"the table of the figure, column {column!r}, row {i + 1} ({row[0]!r}): {was or 'nothing'} is stored, "
        f"a fresh run gives {now or 'nothing'}."
        for i, (row, now_row) in enumerate(zip(before, after, strict=True))
        for column, was, now in zip(head, row, now_row, strict=True)
        if not agree(was, now, largest=largest)
    ]
    more = len(apart) - _TOLD
    return apart if more <= 0 else [*apart[:_TOLD], f"{more} more cells of this table differ."]


def agree(stored: str, fresh: str, *, largest: float) -> bool:
    """Return whether two cells of a table say the same: numbers within `RELATIVE` or `OF_LARGEST`, labels exactly."""
    if stored == fresh:
        return True
    if not (_is_number(stored) and _is_number(fresh)):
        return False
    return math.isclose(float(stored), float(fresh), rel_tol=RELATIVE, abs_tol=OF_LARGEST * largest)


def _is_number(cell: str) -> bool:
    """Return whether a cell was a number with decimals, not a label such as a year: see `tradecalc.plots.picture`."""
    return bool(_NUMBER.fullmatch(cell)) and bool(set(cell) & set(".en"))


def _pairs(stored: "NotebookNode", fresh: "NotebookNode") -> "list[tuple[int, list[Any], list[Any]]]":
    """Return the code cells that both have at the same place with the same source: index and both lists of outputs."""
    both = enumerate(zip(stored.cells, fresh.cells, strict=False))
    return [
        (i, old.outputs, new.outputs)
        for i, (old, new) in both
        if old.cell_type == new.cell_type == "code" and old.source == new.source
    ]


def _figure(output: Any) -> dict[str, Any] | None:
    """Return the metadata of an output's picture; None where it has no picture."""
    if _PNG not in output.get("data", {}):
        return None
    found: dict[str, Any] = output.get("metadata", {}).get(_PNG, {})
    return found


def _compare(old: Any, new: Any) -> list[str]:
    was, now = _texts(old), _texts(new)
    if was.keys() != now.keys():
        return [f"stored as {', '.join(sorted(was))}, a fresh run gives {', '.join(sorted(now))}."]
    lines: Iterable[str] = (_line(kind, was[kind], now[kind]) for kind in was if kind != _PNG)
    found = [line for line in lines if line]
    if _PNG in was:
        found += table_differences(*((_figure(output) or {}).get("table") for output in (old, new)))
        difference = look_difference(was[_PNG], now[_PNG])
        found += [f"the figure looks different: {difference}."] if difference else []
    return found


def _texts(output: Any) -> dict[str, str]:
    if output.output_type == "stream":
        return {output.name: output.text}
    if output.output_type == "error":
        return {"error": f"{output.ename}: {output.evalue}"}
    kinds = {kind: value if isinstance(value, str) else json.dumps(value) for kind, value in output.data.items()}
    alt = (_figure(output) or {}).get("alt")
    return kinds | ({"alternative text": alt} if alt is not None else {})


def _line(kind: str, old: str, new: str) -> str:
    if old == new:
        return ""
    before, after = old.splitlines(), new.splitlines()
    at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    was, now = (repr(lines[at][:100]) if at < len(lines) else "nothing" for lines in (before, after))
    return f"{kind}, line {at + 1}: {was} is stored, a fresh run gives {now}."
