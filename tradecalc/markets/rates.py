"""Average rates by product and origin on a day, each origin at its own HS-line weights."""

from bisect import bisect_right
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tradecalc.account import Lines
from tradecalc.markets.layout import Markets, Seller
from tradecalc.tariffs import TariffSchedule

Array = NDArray[np.float64]


def average_rates(markets: Markets, schedule: TariffSchedule, *, on: date, assessed: str) -> Array:
    """Return the average rate (product, origin) on a day, each origin at its own HS-line weights; home pays none.

    The rest of the world is the average of its countries under their own laws. Where an origin sells nothing of a
    product, what the rest of the world pays stands for it. The array is kept and shared: it is not to be written to.
    """
    days = schedule.change_dates
    window = bisect_right(days, on)
    return _averages(markets, schedule.kept, days[window - 1] if window else on, assessed)


@lru_cache(maxsize=512)
def _averages(markets: Markets, schedule: TariffSchedule, on: date, assessed: str) -> Array:
    out = mean_rates(markets.sellers, markets.value.shape, schedule, on, assessed)
    rest = np.nan_to_num(out[:, [markets.origins.index("ROW")]])
    out = np.where(np.isnan(out), rest, out)
    out[:, markets.home] = 0.0
    out.flags.writeable = False
    return out


def mean_rates(
    sellers: tuple[Seller, ...], shape: tuple[int, ...], schedule: TariffSchedule, on: date, assessed: str
) -> Array:
    """Return the average rate (row, column) that sellers pay on a day, each under its own law; NaN where none sells."""
    paid, usd = np.zeros(shape), np.zeros(shape)
    for seller in sellers:
        own = schedule.seen_by(seller.origin)
        days = own.change_dates_of(seller.origin)
        duty, value = _of_seller(seller, shape[0], own, days[bisect_right(days, on) - 1], assessed)
        paid[:, seller.column] += duty
        usd[:, seller.column] += value
    return np.asarray(np.divide(paid, usd, out=np.full(shape, np.nan), where=usd > 0), float)


@lru_cache(maxsize=8192)
def _of_seller(seller: Seller, rows: int, schedule: TariffSchedule, on: date, assessed: str) -> tuple[Array, Array]:
    """Return duty and value of one seller by row, USD; kept for every window in which its law stays the same."""
    rate = _by_line(seller.lines, seller.origin, seller.options, schedule, on, assessed)
    duty, value = (np.bincount(seller.row + 1, weights, rows + 1)[1:] for weights in (seller.usd * rate, seller.usd))
    return np.asarray(duty, float), np.asarray(value, float)


@lru_cache(maxsize=1024)
def _by_line(
    lines: Lines,
    origin: str,
    options: tuple[tuple[str, float | bool], ...],
    schedule: TariffSchedule,
    on: date,
    assessed: str,
) -> Array:
    """Return the rate (line) of each line of an origin on a day, shared by all accounts in which it sells them."""
    rates = schedule.rates(lines.hs10, origin=origin, dates=[on], assessed=assessed, **dict(options))
    return np.asarray(rates[0], float)
