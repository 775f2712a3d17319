"""Results become figures, each with a table twin that holds exactly the numbers drawn.

In: a result, an account or a table. Out: axes with a description in words.
Start with `bridge` in figures.py; canvas.py holds the look, time.py paths and trees, where.py partners.
"""

from tradecalc.plots.canvas import style
from tradecalc.plots.figures import (
    bridge,
    bridge_table,
    composition,
    composition_table,
    curves,
    curves_table,
    series,
    series_table,
    spread,
    spread_table,
)
from tradecalc.plots.pictures import picture
from tradecalc.plots.time import branches, branches_table, path, path_table
from tradecalc.plots.where import by_partner, by_partner_table, partners, partners_table

__all__ = [
    "branches",
    "branches_table",
    "bridge",
    "bridge_table",
    "by_partner",
    "by_partner_table",
    "composition",
    "composition_table",
    "curves",
    "curves_table",
    "partners",
    "partners_table",
    "path",
    "path_table",
    "picture",
    "series",
    "series_table",
    "spread",
    "spread_table",
    "style",
]
