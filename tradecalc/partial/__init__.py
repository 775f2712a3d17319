"""The market engine: one product in one importing market, exactly and in changes; arrays in, arrays out.

In: baseline values, tariffs, elasticities, quotas, with any leading batch axes. Out: prices, quantities, duty, rents.
Start with `solve_partial` in engine.py; kernel.py holds the equations, incidence.py who bears what.
"""

from tradecalc.partial.engine import PurchaseSolution, solve_partial, solve_purchase
from tradecalc.partial.incidence import RentSplit, Welfare, gain_by_seller, split_rent, welfare
from tradecalc.partial.solution import PartialSolution

__all__ = [
    "PartialSolution",
    "PurchaseSolution",
    "RentSplit",
    "Welfare",
    "gain_by_seller",
    "solve_partial",
    "solve_purchase",
    "split_rent",
    "welfare",
]
