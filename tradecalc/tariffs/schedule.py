"""Which rate is in force on a day, as known on another day; how authorities stack; what a quota charges."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from os import cpu_count
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.files import Stamp
from tradecalc.tariffs.blend import in_tables
from tradecalc.tariffs.explain import calendar_rows, explain_line
from tradecalc.tariffs.law import ANY
from tradecalc.tariffs.lawbook import LawBook, read_law
from tradecalc.tariffs.lines import Lines, lay_out
from tradecalc.tariffs.overrides import Override, changes_of
from tradecalc.tariffs.question import Day, change_dates, day_of, question, refuse_unknown_claims
from tradecalc.tariffs.stack import Stack, stack_on
from tradecalc.terms import InputError

Rates = NDArray[np.float64]


class HasLines(Protocol):
    """What the schedule asks of an account: its partner, its lines with weights, and its imports by product."""

    @property
    def partner(self) -> str:
        """ISO-3 code of the origin."""

    @property
    def hs10(self) -> pd.DataFrame:
        """Columns hs10, product, usd."""

    @property
    def imports_usd_bn(self) -> "pd.Series[float]":
        """Imports by product."""


@dataclass(frozen=True, eq=False)
class TariffSchedule:
    """The tariff law of a reporter, as known on a day, with whatever was overridden in it.

    Rates are fractions of customs value. ``law`` holds the files as read; nothing in a schedule changes.
    """

    reporter: str
    as_of: date | None
    law: LawBook
    overrides: tuple[Override, ...] = ()

    @property
    def first_date(self) -> date:
        """The first day the law is compiled for."""
        return self.law.schedule.first_date

    @property
    def compiled_to(self) -> date:
        """The day to which instruments were collected; tables of later days hold the law as it then stood."""
        return self.law.schedule.compiled_to

    @property
    def origins(self) -> tuple[Stamp, ...]:
        """The files the law was read from, with their hashes."""
        return self.law.stamps

    @property
    def change_dates(self) -> tuple[date, ...]:
        """Every day on which any rule may change, from the first day on."""
        return change_dates(self.law)

    def change_dates_of(self, origin: str) -> tuple[date, ...]:
        """Return every day on which a rule on the goods of an origin may change."""
        return change_dates(self.law, self.law.groups(origin))

    @property
    def kept(self) -> "TariffSchedule":
        """This schedule, as one object for all that ask the same, so that answers can be kept under it."""
        return _kept(self.reporter, self.as_of, self.law, self.overrides)

    def seen_by(self, origin: str) -> "TariffSchedule":
        """Return the schedule without the overrides that cannot concern an origin, as one object for all that ask."""
        return _seen_by(self.kept, self.law.groups(origin))

    def rate(self, hs: str, *, origin: str, on: Day, **options: Any) -> float:
        """Return the rate on a good of an origin on a day, as a fraction of customs value.

        Options: ``preference`` (claim a free-trade rate where there is one, default True), ``steel_share``,
        ``aluminium_share``, ``copper_share`` (fractions of value; beside a metal that is given, one that is not counts
        as none), ``us_content`` (None: no claim approved), ``in_quota``, ``assessed`` ("first", "final", "legal"),
        ``use`` (None, or a use of ``schedule.yaml``), ``aircraft_use`` (True: it enters as civil aircraft or a part of
        one under general note 6; None: not claimed).

        Raises:
            InputError: an argument is malformed or unknown, the law needs one that is missing or knows no such claim
                for the good, the day lies outside the law compiled here, or the lines below an HS prefix pay
                different rates (two of them are named).
        """
        return float(self._stack(hs, origin, on, options, strict=True).rate[0])

    def explain(self, hs: str, *, origin: str, on: Day, **options: Any) -> pd.DataFrame:
        """Return one row for each authority that bears on the good; options as for `rate`.

        ``applied`` says whether it charges, ``rate`` what it adds (the column sums to the total), ``displaced_by`` who
        takes all or part of the value before it, ``hypothetical`` whether an override put it there.
        """
        return explain_line(self._stack(hs, origin, on, options, strict=True), 0, self.law)

    def calendar(self, hs: str, *, origin: str, **options: Any) -> pd.DataFrame:
        """Return the windows in which a good pays one rate to the same authorities: from, to, rate, charged, assumed.

        Metal content and the side of a quota come from the data where they are not given, marked in ``assumed``.

        Raises:
            InputError: as `rate`; the lines below an HS prefix must pay one rate on every day.
        """
        days = list(self.change_dates_of(origin))
        return calendar_rows(days, [self._stack(hs, origin, day, options, strict=False) for day in days])

    def rates(self, hs10: Sequence[str], *, origin: str, dates: Iterable[Day], **options: Any) -> Rates:
        """Return the rates (date, line) of ten-digit lines in one call; options as for `rate`, shares also (line,).

        Metal content and the side of a quota come from the data where they are not given.
        """
        days = [self._on(day) for day in dates]
        lines = lay_out(tuple(hs10), self.law.book)
        edges = [day.toordinal() for day in change_dates(self.law, self.law.groups(origin))]
        window = np.searchsorted(edges, [day.toordinal() for day in days], side="right")
        out = np.empty((len(days), len(lines.text)))
        for number in np.unique(window):
            rows = np.flatnonzero(window == number)
            out[rows] = in_tables(self.law, lines, origin, days[rows[0]], self.as_of, options)[0]
        return out

    def rates_by_origin(
        self, lines: Mapping[str, Sequence[str]], *, dates: Iterable[Day], **options: Any
    ) -> dict[str, Rates]:
        """Return the rates (date, line) of many origins, each on its own ten-digit lines; options as for `rates`.

        Args:
            lines: ten-digit lines by origin (ISO-3).
            dates: days, common to all origins.
        """
        days = [self._on(day) for day in dates]
        with ThreadPoolExecutor(cpu_count() or 1) as pool:
            found = pool.map(lambda o: self.rates(lines[o], origin=o, dates=days, **options), lines)
            return dict(zip(lines, found, strict=True))

    def table(self, hs10: Sequence[str], *, origin: str, dates: Iterable[Day], **options: Any) -> pd.DataFrame:
        """Return `rates` as a table, a row a date and a column a line."""
        days = [self._on(day) for day in dates]
        found = self.rates(hs10, origin=origin, dates=days, **options)
        return pd.DataFrame(found, index=pd.DatetimeIndex(days, name="date"), columns=pd.Index(hs10, name="hs10"))

    def effective(
        self, account: HasLines, *, on: Day, assessed: Literal["first", "final", "legal"] = "final", **options: Any
    ) -> pd.DataFrame:
        """Return the average rate by product: columns product, baseline_usd_bn, rate; the last row is the total.

        Weights are the account's HS10 lines. A product without lines has no rate (NaN); the total is over all lines.
        Metal content and quota sides are those of the data: ``attrs["assumed_share_of_value"]`` says how much of the
        trade rests on them.
        """
        table = account.hs10
        lines = lay_out(tuple(table["hs10"]), self.law.book)
        options = {**options, "assessed": assessed}
        paid, assumed = in_tables(self.law, lines, account.partner, self._on(on), self.as_of, options)
        frame = pd.DataFrame({"product": table["product"].to_numpy(), "usd": table["usd"].to_numpy(np.float64)})
        frame["duty"] = frame["usd"] * paid
        baseline = account.imports_usd_bn
        sums = frame.groupby("product")[["usd", "duty"]].sum().reindex(baseline.index)
        rate = (sums["duty"] / sums["usd"].where(sums["usd"] > 0)).to_numpy(np.float64)
        total = float(frame["usd"].sum())
        out = pd.DataFrame(
            {
                "product": [*baseline.index, "total"],
                "baseline_usd_bn": [*baseline.to_numpy(np.float64), float(baseline.sum())],
                "rate": [*rate, float(frame["duty"].sum()) / total],
            }
        )
        out.attrs["assumed_share_of_value"] = float(frame["usd"][assumed].sum()) / total
        return out

    def override(self, overrides: Iterable[Override | Mapping[str, Any]]) -> "TariffSchedule":
        """Return a schedule with further hypothetical changes; `explain` marks each as such.

        Raises:
            InputError: an override names no authority, origin or HS code of this law, or is not whole.
            ScheduleError: two overrides change one authority for one good on one day.
        """
        every = (*self.overrides, *(Override.of(item) for item in overrides))
        return _overridden(self.reporter, self.as_of, self.law.pristine, every)

    def _on(self, on: Day, *, strict: bool = False) -> date:
        day = day_of(on)
        if day < self.first_date:
            raise InputError(f"on: {day} lies before the law compiled here begins; use {self.first_date} or later.")
        if strict and self.as_of is None and day > self.compiled_to:
            raise InputError(
                f"on: {day} lies after the law compiled here ends, {self.compiled_to}; use that day or an earlier "
                f"one, or as_of={str(self.compiled_to)!r} for what was then to follow."
            )
        return day

    def _stack(self, hs: str, origin: str, on: Day, options: dict[str, Any], *, strict: bool) -> Stack:
        """Return the stack of all lines below a code, which must pay one rate."""
        day = self._on(on, strict=strict)
        lines = Lines.of(self.law.book.under(hs), self.law.book)
        query, given = question(self.law, lines, origin, self.as_of, options, strict=strict)
        refuse_unknown_claims(self.law, lines, hs, day, query)
        stack = stack_on(self.law.rules, lines, day, query, given)
        low, high = int(stack.rate.argmin()), int(stack.rate.argmax())
        if stack.rate[high] - stack.rate[low] > 1e-9:
            raise InputError(
                f"hs: the lines of {hs!r} from {origin} do not pay one rate on {day}: {lines.text[low]} pays "
                f"{100 * stack.rate[low]:.4g} % and {lines.text[high]} pays {100 * stack.rate[high]:.4g} %; "
                "give more digits."
            )
        return stack


def load_tariffs(reporter: str = "us", *, as_of: Day | None = None) -> TariffSchedule:
    """Return the tariff law of a reporter.

    Args:
        reporter: a folder ``data/tariffs/REPORTER``.
        as_of: count only instruments signed by that day, each ending as it then said; None counts all.

    Raises:
        InputError: no such law, or a file that cannot be read, each problem with its line.
        ScheduleError: two rules claim one good on one day without a declared order.
    """
    return TariffSchedule(str(reporter), None if as_of is None else day_of(as_of, "as_of"), read_law(reporter))


@lru_cache(maxsize=256)
def _kept(reporter: str, as_of: date | None, law: LawBook, overrides: tuple[Override, ...]) -> TariffSchedule:
    return TariffSchedule(reporter, as_of, law, overrides)


@lru_cache(maxsize=256)
def _overridden(reporter: str, as_of: date | None, law: LawBook, overrides: tuple[Override, ...]) -> TariffSchedule:
    """Return a law with changes; the same changes of the same law are one object."""
    if not overrides:
        return _kept(reporter, as_of, law, ())
    changed = replace(law.rules, changes=changes_of(overrides, law, as_of))
    return TariffSchedule(reporter, as_of, replace(law, rules=changed, before=law), overrides)


@lru_cache(maxsize=4096)
def _seen_by(schedule: TariffSchedule, groups: tuple[str, ...]) -> TariffSchedule:
    near = {*groups, ANY}
    some = tuple(override for override in schedule.overrides if near & set(override.origin))
    return _overridden(schedule.reporter, schedule.as_of, schedule.law.pristine, some)
