"""Answers of the world engine: where the trade goes, by partner and closure, beside the market engine's.

In: scenarios and results; or a tidy table of flows. Out: tables a reader can compare.
Start with `by_closure` in answers.py; tables.py is the engine from table to table.
"""

from tradecalc.plots import partners as figure
from tradecalc.plots import partners_table as figure_table
from tradecalc.study import decompose_income
from tradecalc.world.answers import (
    CLOSURES,
    believed,
    by_closure,
    combined,
    country_names,
    elasticities,
    partners,
    side_by_side,
    with_world,
)
from tradecalc.world.tables import WorldTables, solve_flows
from tradecalc.worlds import world_names

__all__ = [
    "CLOSURES",
    "WorldTables",
    "believed",
    "by_closure",
    "combined",
    "country_names",
    "decompose_income",
    "elasticities",
    "figure",
    "figure_table",
    "partners",
    "side_by_side",
    "solve_flows",
    "with_world",
    "world_names",
]
