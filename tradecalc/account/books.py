"""One bilateral balance in two countries' books: what the reporter calls its deficit, the partner its surplus."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from tradecalc.files import read_table
from tradecalc.terms import InputError

_OURS: Final = "history/us-japan-annual.csv"
_THEIRS: Final = "history/japan-us-trade-yen-annual.csv"
_RATE: Final = "history/usd-jpy-monthly.csv"
_MONTHS: Final = 12


def two_books(years: Iterable[int] | None = None) -> pd.DataFrame:
    """Return the US goods deficit with Japan beside Japan's surplus with the US, one row a year.

    The US counts imports at customs value and exports f.a.s.; Japan exports f.o.b. and imports c.i.f., in yen. Yen are
    turned into USD at the plain mean of the twelve monthly rates. What was not read is NaN.

    Args:
        years: calendar years; None takes those that both books hold.

    Returns:
        Columns year, us_deficit_usd_bn, japan_exports_jpy_bn, japan_imports_jpy_bn, japan_surplus_jpy_bn, usd_jpy,
        japan_surplus_usd_bn and gap_usd_bn (deficit less surplus), from the latest vintage of each book.

    Raises:
        InputError: a year of which the US book does not hold twelve months.
    """
    book = read_table(_OURS).set_index("year")
    ours = book.loc[book["months"] == _MONTHS, "deficit_usd_bn"]
    theirs = read_table(_THEIRS).set_index("year")
    asked = [int(year) for year in ours.index.intersection(theirs.index)] if years is None else [int(y) for y in years]
    missing = [year for year in asked if year not in ours.index]
    if missing:
        raise InputError(
            f"two_books: data/{_OURS} does not hold all of {missing[0]}; use years from {ours.index.min():g} to "
            f"{ours.index.max():g}."
        )
    rate = yen_by_year().reindex(asked)
    yen = theirs[["exports_jpy_bn", "imports_jpy_bn", "surplus_jpy_bn"]].reindex(asked).add_prefix("japan_")
    out = pd.DataFrame({"us_deficit_usd_bn": ours.reindex(asked), **yen, "usd_jpy": rate}, index=asked)
    out["japan_surplus_usd_bn"] = out["japan_surplus_jpy_bn"] / out["usd_jpy"]
    out["gap_usd_bn"] = out["us_deficit_usd_bn"] - out["japan_surplus_usd_bn"]
    return out.rename_axis("year").reset_index()


def yen_by_year() -> "pd.Series[float]":
    """Return yen per USD by year, the mean of its months; NaN where a month is missing."""
    table = read_table(_RATE)
    months = table.groupby(table["month"].dt.year)["usd_jpy"]
    return months.mean().where(months.count() == _MONTHS, np.nan)
