"""Set the law against what was collected: by month, by origin and by industry. Nothing is fitted to collections."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.files import data_root, read_table, read_yaml, shown, validate
from tradecalc.tariffs.law import Strict
from tradecalc.tariffs.question import Day, day_of
from tradecalc.tariffs.schedule import HasLines, TariffSchedule
from tradecalc.terms import InputError

YEAR = "2024"
COLLECTED = "history/collected-by-origin.csv"
BY_INDUSTRY = "history/us-imports-naics3-by-origin.csv.gz"
INDUSTRIES = "markets/us-hs10-to-naics3.csv.gz"
REASONS = "history/gap-reasons.yaml"
WORLD = "WLD"
VALUE = "imports_for_consumption_usd"
Array = NDArray[np.float64]


class Reason(Strict):
    """Why the law and what was collected differ for an origin in some months; the first kind named weighs most.

    ``industries`` hold at least half of what the move of trade between industries does not explain.
    """

    origin: str
    months: tuple[str, ...]
    kinds: tuple[Literal["preference use", "composition", "lists", "timing"], ...]
    industries: tuple[str, ...] = ()
    reason: str


class Reasons(Strict):
    """Every reason that is known."""

    reasons: tuple[Reason, ...]


def statutory_by_month(
    schedule: TariffSchedule, account: HasLines, *, collected: pd.DataFrame | None = None, **options: Any
) -> pd.DataFrame:
    """Return the statutory average of each month, the rate collected, and the gap: statutory minus collected.

    The statutory rate is the mean over the days of the month at the account's HS10 weights. ``collected``: columns
    month and collected_rate; None reads the table that the schedule names; options as for `TariffSchedule.rates`, such
    as another metal content. Columns month, statutory, collected, gap, in fractions of customs value.
    """
    paid = read_table(schedule.law.schedule.collected) if collected is None else collected
    months = pd.PeriodIndex(pd.DatetimeIndex(paid["month"]), freq="M")
    lines = account.hs10
    by_line = schedule.rates(list(lines["hs10"]), origin=account.partner, dates=_days(months), **options)
    usd = lines["usd"].to_numpy(np.float64)
    statutory = _by_month(by_line, months) @ (usd / usd.sum())
    rate = paid["collected_rate"].to_numpy(np.float64)
    return pd.DataFrame(
        {"month": months.to_timestamp(), "statutory": statutory, "collected": rate, "gap": statutory - rate}
    )


def statutory_on(
    schedule: TariffSchedule, days: Iterable[Day], *, origins: Sequence[str] | None = None, **options: Any
) -> pd.DataFrame:
    """Return the statutory average of each origin on each day, at its own imports of 2024.

    Args, weights and origins as for `statutory_by_origin`; options as for `TariffSchedule.rates`.

    Returns:
        One row a day and origin: day, origin, statutory (fraction of customs value).

    Raises:
        InputError: a day before the law compiled here begins, or an origin without collections.
    """
    asked = [day_of(day, "days") for day in days]
    lines = {origin: _lines(schedule, origin) for origin in _origins(origins, read_table(COLLECTED))}
    rates = schedule.rates_by_origin({o: list(own["hs10"]) for o, own in lines.items()}, dates=asked, **options)
    average = {o: rates[o] @ (own["usd"] / own["usd"].sum()).to_numpy(np.float64) for o, own in lines.items()}
    rows = [(pd.Timestamp(day), o, float(average[o][i])) for i, day in enumerate(asked) for o in lines]
    return pd.DataFrame(rows, columns=["day", "origin", "statutory"])


def statutory_by_origin(
    schedule: TariffSchedule, months: Iterable[Day], *, origins: Sequence[str] | None = None, **options: Any
) -> pd.DataFrame:
    """Return the statutory average of each origin in each month, the rate collected, and the gap.

    ``statutory = mean over days of sum over lines of (imports of 2024 of the line / all) x rate``, as assessed first:
    what was signed, and collected, by each day. ``then`` is the same with each industry at its imports of the month, so
    that ``statutory - then`` is what the move of trade between industries explains. A member of a union without lines
    of its own has those of the union, each industry at the member's own imports of 2024.

    Args:
        schedule: the law.
        months: any day of each month, as for `TariffSchedule.rate`, or ``YYYY-MM``.
        origins: ISO-3 codes; None takes all with collections but the world.
        options: as for `TariffSchedule.rates`; ``assessed`` is "first" where it is not given.

    Returns:
        One row a month and origin: month, origin, statutory, then, collected (fractions of customs value), gap
        (statutory minus collected, percentage points). Collections are calculated duty over imports for consumption.

    Raises:
        InputError: a month or an origin without collections.

    Source: US Census Bureau, `data/history/collected-by-origin.csv`.
    """
    paid = read_table(COLLECTED)
    asked = _months(months, paid)
    names = _origins(origins, paid)
    keys = zip(paid["month"].dt.strftime("%Y-%m"), paid["origin"], strict=True)
    found = dict(zip(keys, paid["collected"], strict=True))
    lines = {origin: _lines(schedule, origin) for origin in names}
    codes = {origin: list(own["hs10"]) for origin, own in lines.items()}
    rates = schedule.rates_by_origin(codes, dates=_days(asked), **{"assessed": "first", **options})
    rows = []
    for origin in names:
        own, by_month = lines[origin], _by_month(rates[origin], asked)
        usd = own["usd"].to_numpy(np.float64)
        for month, by_line in zip(asked, by_month, strict=True):
            now = _scaled(own, _imports(origin, str(month)))
            law, then = by_line @ (usd / usd.sum()), by_line @ (now / now.sum())
            rate = float(found[str(month), origin])
            rows.append((month.to_timestamp(), origin, law, then, rate, 100 * (law - rate)))
    return pd.DataFrame(rows, columns=["month", "origin", "statutory", "then", "collected", "gap"])


def statutory_by_industry(
    schedule: TariffSchedule, months: Iterable[Day], *, origin: str = "JPN", **options: Any
) -> pd.DataFrame:
    """Return the statutory average of each three-digit industry of an origin in each month, and the rate collected.

    Args and weights as for `statutory_by_origin`, for one origin.

    Returns:
        One row a month and industry (NAICS): month, naics3, share (of the lines' imports of 2024), share_then (of
        imports of the month), statutory, collected (fractions of customs value; NaN without trade), gap (percentage
        points). ``share x statutory`` sums to the statutory average of the origin, ``share_then x collected`` to what
        was collected.

    Raises:
        InputError: a month or an origin without collections.

    Source: US Census Bureau, `data/history/us-imports-naics3-by-origin.csv.gz`; industries of lines as in
    `data/markets/us-hs10-to-naics3.csv.gz`.
    """
    paid = read_table(COLLECTED)
    asked, (name,) = _months(months, paid), _origins([origin], paid)
    lines = _lines(schedule, name)
    rates = schedule.rates(list(lines["hs10"]), origin=name, dates=_days(asked), **{"assessed": "first", **options})
    tables = []
    for month, by_line in zip(asked, _by_month(rates, asked), strict=True):
        usd = lines["usd"].groupby(lines["naics3"]).sum()
        law = (lines["usd"] * by_line).groupby(lines["naics3"]).sum()
        border = _border(name, str(month))
        frame = pd.DataFrame({"usd": usd, "law": law}).join(border, how="outer")
        value = frame[VALUE]
        table = pd.DataFrame({"month": month.to_timestamp(), "naics3": frame.index})
        table["share"] = (frame["usd"] / frame["usd"].sum()).fillna(0.0).to_numpy()
        table["share_then"] = (value / value.sum()).fillna(0.0).to_numpy()
        table["statutory"] = (frame["law"] / frame["usd"].where(frame["usd"] > 0)).to_numpy()
        table["collected"] = (frame["duty_usd"] / value.where(value > 0)).to_numpy()
        tables.append(table.assign(gap=100 * (table["statutory"] - table["collected"])))
    return pd.concat(tables, ignore_index=True)


def gap_reasons() -> pd.DataFrame:
    """Return why law and collections differ, a row an origin and month: month, origin, kinds, industries, reason."""
    path = data_root() / REASONS
    told = validate(Reasons, *read_yaml(path, name=shown(path)), name=shown(path))
    rows = [(pd.Timestamp(m), r.origin, r.kinds, r.industries, r.reason) for r in told.reasons for m in r.months]
    return pd.DataFrame(rows, columns=["month", "origin", "kinds", "industries", "reason"])


def _days(months: Iterable[pd.Period]) -> list[date]:
    return [day.date() for month in months for day in pd.date_range(month.start_time, month.end_time, freq="D")]


def _by_month(rates: Array, months: pd.PeriodIndex) -> Array:
    """Return the means (month, line) of rates (day, line), whose days follow one another month by month."""
    starts = np.cumsum([0, *(month.days_in_month for month in months[:-1])])
    return np.asarray(np.add.reduceat(rates, starts, axis=0) / np.array([m.days_in_month for m in months])[:, None])


def _months(months: Iterable[Day], paid: pd.DataFrame) -> pd.PeriodIndex:
    known = pd.PeriodIndex(sorted(set(paid["month"].dt.to_period("M"))))
    asked = [_month(month) for month in months]
    for month in asked:
        if month not in known:
            raise InputError(
                f"months: nothing is known of collections in {str(month)!r}; use months from {known[0]} to {known[-1]}."
            )
    return pd.PeriodIndex(asked, freq="M")


def _month(month: object) -> pd.Period:
    text = f"{month}-01" if isinstance(month, str) and len(month) == 7 else month
    return pd.Period(day_of(text, "months"), freq="M")


def _origins(origins: Sequence[str] | None, paid: pd.DataFrame) -> list[str]:
    known = sorted(set(paid["origin"]) - {WORLD})
    for origin in origins or ():
        if origin not in known:
            raise InputError(
                f"origins: nothing is known of collections from {origin!r}; use some of {', '.join(known)}."
            )
    return known if origins is None else list(origins)


def _border(origin: str, period: str) -> pd.DataFrame:
    table = read_table(BY_INDUSTRY)
    rows = table[(table["origin"] == origin) & (table["period"] == period)]
    return rows.set_index("naics3")[[VALUE, "duty_usd"]]


def _imports(origin: str, period: str) -> "pd.Series[float]":
    return _border(origin, period)[VALUE]


def _lines(schedule: TariffSchedule, origin: str) -> pd.DataFrame:
    """Return the lines of an origin in 2024: hs10, usd, naics3."""
    table = read_table(schedule.law.schedule.lines).rename(columns={VALUE: "usd"})
    table = table.merge(read_table(INDUSTRIES)[["hs10", "naics3"]], on="hs10", how="left", validate="many_to_one")
    union = schedule.law.schedule.origins[origin].member_of
    own = table[table["origin"] == origin]
    if own.empty and union is not None:
        own = table[table["origin"] == union]
        own = own.assign(usd=_scaled(own, _imports(origin, YEAR)))
    return own[own["usd"] > 0][["hs10", "usd", "naics3"]].reset_index(drop=True)


def _scaled(lines: pd.DataFrame, imports: "pd.Series[float]") -> Array:
    """Return the values of lines (L,), each industry scaled to its imports; none where it had none."""
    sums = lines["usd"].groupby(lines["naics3"]).sum()
    factor = (imports.reindex(sums.index).fillna(0.0) / sums).reindex(lines["naics3"]).to_numpy(np.float64)
    return np.asarray(lines["usd"].to_numpy(np.float64) * factor)
