"""Dated law becomes rates by line, origin and day, as known on another day.

In: one authority a file, product lists, MFN rates. Out: a `TariffSchedule` that answers rate, explain and calendar.
Start with `load_tariffs` in schedule.py; stack.py is how authorities meet on a line, law.py what their files may say,
collected.py how the law compares with what was collected.
"""

from tradecalc.tariffs.checks import check_tariffs
from tradecalc.tariffs.collected import (
    gap_reasons,
    statutory_by_industry,
    statutory_by_month,
    statutory_by_origin,
    statutory_on,
)
from tradecalc.tariffs.duty import average_rate, marginal_rate, quota_duty
from tradecalc.tariffs.lawbook import LawBook
from tradecalc.tariffs.overrides import Override
from tradecalc.tariffs.schedule import TariffSchedule, load_tariffs

__all__ = [
    "LawBook",
    "Override",
    "TariffSchedule",
    "average_rate",
    "check_tariffs",
    "gap_reasons",
    "load_tariffs",
    "marginal_rate",
    "quota_duty",
    "statutory_by_industry",
    "statutory_by_month",
    "statutory_by_origin",
    "statutory_on",
]
