"""Distributions with references become draws, one named stream each, and shares of a lever by period.

In: what files believe of numbers and times. Out: arrays of draws, the central value first; what works in a period.
Start with distributions.py; draws.py samples them, parameters.py holds their roles, calendar.py the time.
"""

from tradecalc.beliefs.calendar import Period, Ramp, Timeline, overlap, periods, response, share_at
from tradecalc.beliefs.distributions import (
    KINDS,
    Amount,
    Chance,
    Distribution,
    Fixed,
    Share,
    Strict,
    load_references,
    walk,
)
from tradecalc.beliefs.draws import sample
from tradecalc.beliefs.parameters import ROLES, Parameter, Parameters

__all__ = [
    "KINDS",
    "ROLES",
    "Amount",
    "Chance",
    "Distribution",
    "Fixed",
    "Parameter",
    "Parameters",
    "Period",
    "Ramp",
    "Share",
    "Strict",
    "Timeline",
    "load_references",
    "overlap",
    "periods",
    "response",
    "sample",
    "share_at",
    "walk",
]
