"""Average rates by product and origin on a day, at the partner's HS-line weights."""

from bisect import bisect_right
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tradecalc.markets.layout import Markets, Rival
from tradecalc.tariffs import LawBook, TariffSchedule

Array = NDArray[np.float64]


def average_rates(markets: Markets, schedule: TariffSchedule, *, on: date, assessed: str) -> Array:
    """Return the average rate (product, origin) on a day, at the partner's HS-line weights; home pays none.

    The array is kept and shared: it is not to be written to.
    """
    days = change_days(schedule.law)
    window = bisect_right(days, on)
    return _averages(markets, schedule.law, schedule.as_of, days[window - 1] if window else on, assessed)


@lru_cache(maxsize=64)
def change_days(law: LawBook) -> tuple[date, ...]:
    """Return every day on which any rule may change."""
    return TariffSchedule(law.schedule.reporter, None, law).change_dates


@lru_cache(maxsize=512)
def _averages(markets: Markets, law: LawBook, as_of: date | None, on: date, assessed: str) -> Array:
    schedule = TariffSchedule(law.schedule.reporter, as_of, law)
    out = np.zeros(markets.value.shape)
    by_law: dict[str, Array] = {}
    for column, origin in enumerate(markets.origins):
        if column == markets.home:
            continue
        rival = markets.rivals.get(origin, Rival(law=origin, why="its own"))
        key = f"{rival.law} {rival.options()}"
        if key not in by_law:
            by_line = schedule.rates(markets.lines, origin=rival.law, dates=[on], assessed=assessed, **rival.options())
            by_law[key] = markets.weights @ by_line[0]
        out[:, column] = by_law[key]
    out.flags.writeable = False
    return out
