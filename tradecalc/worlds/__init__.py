"""Tables of a world and an account become the arrays that the world engine takes, and worlds solved from them.

In: data/world/NAME.yaml with its tables, an account, rates by sector. Out: a `World`, and one side of a counterfactual.
Start with `load_world` in world.py; flows.py lays in the account's own trade, sides.py solves.
"""

from tradecalc.worlds.rates import elasticities, sector_rates, sectors_of_goods, weight_of_goods, world_parameters
from tradecalc.worlds.sides import Baseline, WorldSide, baseline, borders, solve, solve_purchases
from tradecalc.worlds.world import World, load_world, names_of_countries, read_world, world_names

__all__ = [
    "Baseline",
    "World",
    "WorldSide",
    "baseline",
    "borders",
    "elasticities",
    "load_world",
    "names_of_countries",
    "read_world",
    "sector_rates",
    "sectors_of_goods",
    "solve",
    "solve_purchases",
    "weight_of_goods",
    "world_names",
    "world_parameters",
]
