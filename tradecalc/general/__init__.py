"""The world engine: many countries and sectors in exact changes; arrays in, arrays out.

In: trade by sector, origin and destination, tariffs, shares and elasticities. Out: wages, prices, trade, welfare.
Start with `solve_general` in engine.py; equations.py pairs with docs/methods.md.
"""

from tradecalc.general.engine import GeneralSolution, WelfareParts, decompose_welfare, own_share_gain, solve_general

__all__ = ["GeneralSolution", "WelfareParts", "decompose_welfare", "own_share_gain", "solve_general"]
