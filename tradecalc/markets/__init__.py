"""An account and its law become the markets that the market engine solves: the reporter's imports, the partner's.

In: an account, a schedule, beliefs. Out: arrays by draw, product and origin, and those markets solved behind a border.
Start with `lay_out` in layout.py; sides.py solves imports, by_origin.py tells their sellers apart, partner.py holds the
partner's markets, rates.py averages the law.
"""

from tradecalc.markets.by_origin import ByOrigin
from tradecalc.markets.layout import RIVALS, Markets, Seller, check_product, lay_out, read_rivals, sellers_of
from tradecalc.markets.one_law import solve_markets
from tradecalc.markets.partner import Abroad, Sales, market, sales, usd_bn_sold
from tradecalc.markets.rates import average_rates, mean_rates
from tradecalc.markets.sides import Border, Side, beliefs_on, solve_side

__all__ = [
    "RIVALS",
    "Abroad",
    "Border",
    "ByOrigin",
    "Markets",
    "Sales",
    "Seller",
    "Side",
    "average_rates",
    "beliefs_on",
    "check_product",
    "lay_out",
    "market",
    "mean_rates",
    "read_rivals",
    "sales",
    "sellers_of",
    "solve_markets",
    "solve_side",
    "usd_bn_sold",
]
