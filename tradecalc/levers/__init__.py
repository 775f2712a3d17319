"""One file a lever: what a file may say of it, what it believes, and what it changes in either engine.

In: a scenario's entries, laid-out markets or a world. Out: borders, sales, shocks, channels, dials, what results keep.
Start with `Lever` in shape.py, then any one lever; registry.py lists them in the order in which they act.
"""

from tradecalc.levers.barriers import Barrier
from tradecalc.levers.dollar import ExchangeRate
from tradecalc.levers.links import Link
from tradecalc.levers.plants import Localisation
from tradecalc.levers.purchases import Pledge
from tradecalc.levers.quotas import Quota
from tradecalc.levers.rates import LawChange, TariffQuestion, schedule_of
from tradecalc.levers.registry import join, kinds, leave
from tradecalc.levers.retaliation import Retaliation
from tradecalc.levers.setting import Dial, Left, Setting, WorldSetting, WorldShock
from tradecalc.levers.shape import Lever
from tradecalc.levers.vehicle import Investment

__all__ = [
    "Barrier",
    "Dial",
    "ExchangeRate",
    "Investment",
    "LawChange",
    "Left",
    "Lever",
    "Link",
    "Localisation",
    "Pledge",
    "Quota",
    "Retaliation",
    "Setting",
    "TariffQuestion",
    "WorldSetting",
    "WorldShock",
    "join",
    "kinds",
    "leave",
    "schedule_of",
]
