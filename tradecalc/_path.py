"""A scenario through time: months and years, the law by date, ramps, and elasticities that need time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tradecalc._answer import lay_package, purchases
from tradecalc._calendar import Period, Timeline, periods
from tradecalc._layout import Markets, average_rates, lay_out, schedule_of
from tradecalc._package import Package
from tradecalc.account import Account
from tradecalc.result import Result, annotate
from tradecalc.scenario import Scenario
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError

Array = NDArray[np.float64]
PAID_BACK = 3  # months over which a purchase brought forward is missing afterwards


@dataclass(frozen=True)
class _Law:
    """The partner's and everybody's average rates (product, origin) by period, of one scenario."""

    rates: tuple[Array, ...]


def with_path(
    result: Result,
    asked: Scenario,
    reference: Scenario,
    book: Account,
    values: Mapping[str, Array],
    *,
    tariffs: TariffSchedule | None = None,
) -> Result:
    """Return a result with its path: deficit, duty and average tariff by month and year, at annual rates.

    In every period both scenarios are solved from the account at the law of that period. A month is the account's year
    at that month's law: seasons are not modelled.

    Raises:
        InputError: the scenario has no timeline, or asks about one year already.
    """
    if asked.timeline is None or asked.year is not None or asked.engine != "partial":
        raise InputError(
            f"{asked.name}: a path needs `timeline:`, no `year:` and the market engine; extend status-quo-2025-06 or "
            "add one."
        )
    spans = periods(asked.timeline)
    markets = lay_out(book)
    laws = [_law(q, book, markets, asked.timeline, spans, tariffs) for q in (asked, reference)]
    packages = [
        lay_package(asked, reference, book, values, tariffs=tariffs, law=(one[None], two[None]), when=when, dated=True)
        for when, one, two in zip(spans, laws[0].rates, laws[1].rates, strict=True)
    ]
    sides = [[_flows(package, values, i) for package in packages] for i in (0, 1)]
    shifts = [_brought_forward(asked, values, laws[i], [flow[0] for flow in sides[i]], markets, spans) for i in (0, 1)]
    levels = [
        np.stack([f[0].sum(axis=1) - f[1] for f in side], axis=1) + shift
        for side, shift in zip(sides, shifts, strict=True)
    ]
    baseline = float(markets.value[:, markets.partner].sum()) - float(packages[0].sold.usd_bn.sum())
    weight = markets.value[:, markets.partner] / markets.value[:, markets.partner].sum()
    rates = [np.array([rate[:, markets.partner] @ weight for rate in law.rates]) for law in laws]
    return attach(
        result,
        {
            "path_deficit_change_usd_bn": levels[0] - levels[1],
            "path_deficit_usd_bn": book.deficit_usd_bn + levels[0] - baseline,
            "path_duty_usd_bn": np.stack([flow[2] for flow in sides[0]], axis=1),
        },
        {"path_rate": rates[0], "path_rate_reference": rates[1]},
        [span.name for span in spans],
    )


def attach(result: Result, drawn: dict[str, Array], fixed: dict[str, Array], names: list[str]) -> Result:
    """Return a result with variables over ``period``: ``drawn`` (draw, period) and ``fixed`` (period)."""
    data = {name: (("draw", "period"), array) for name, array in drawn.items()}
    data |= {name: (("period",), array) for name, array in fixed.items()}  # type: ignore[misc]
    extra = annotate(xr.Dataset(data, coords={"period": names}))
    return replace(
        result,
        central=result.central.merge(extra.isel(draw=0)),
        draws=result.draws.merge(extra.isel(draw=slice(1, None))),
    )


def _law(
    question: Scenario,
    book: Account,
    markets: Markets,
    timeline: Timeline,
    spans: list[Period],
    tariffs: TariffSchedule | None,
) -> _Law:
    """Return the mean rates over the days of each period; a law that is held stays that of the day asked about."""
    schedule = tariffs or schedule_of(question, book)
    edges = [day.toordinal() for day in schedule.change_dates]
    known: dict[int, Array] = {}

    def on(day: date) -> Array:
        window = int(np.searchsorted(edges, day.toordinal(), side="right"))
        if window not in known:
            known[window] = average_rates(markets, schedule, on=day, assessed=question.tariffs.assessed)
        return known[window]

    def mean(days: Iterable[date]) -> Array:
        held = timeline.law == "held"
        counted: dict[int, tuple[date, int]] = {}
        for day in days:
            at = min(day, question.tariffs.on) if held else day
            window = int(np.searchsorted(edges, at.toordinal(), side="right"))
            counted[window] = (at, counted.get(window, (at, 0))[1] + 1)
        total = sum(number for _, number in counted.values())
        return np.asarray(sum(on(day) * (number / total) for day, number in counted.values()), float)

    return _Law(tuple(mean(span.days) for span in spans))


def _flows(package: Package, values: Mapping[str, Array], i: int) -> tuple[Array, Array, Array]:
    """Return imports (draw, product), exports (draw) and duty (draw) of the scenario (0) or of its reference (1)."""
    chosen = frozenset(package.levers) if i == 0 else frozenset[str]()
    side, _ = package.side(chosen)
    bought = sum(pledge.additional for pledge in purchases(package, values)[i].values())
    return side.imports, package.sales(chosen).sum(axis=1) + bought, side.duty.sum(axis=1)


def _brought_forward(
    asked: Scenario, values: Mapping[str, Array], law: _Law, imports: list[Array], markets: Markets, spans: list[Period]
) -> Array:
    """Return the imports (draw, period) that importers bring forward before a rise and miss in the months after it.

    ``f d ln(1 + rate)`` of a month's imports; a fall puts them off instead. They see a change one month ahead.
    """
    named = [name for name, p in asked.parameters.items() if p.role == "front_loading"]
    n = len(imports[0])
    out = np.zeros((n, len(spans)))
    if not named:
        return out
    eager = values[named[0]]
    months = [i for i, span in enumerate(spans) if len(span.name) > 4]
    for i in months[:-1]:
        step = np.log1p(law.rates[i + 1][:, markets.partner]) - np.log1p(law.rates[i][:, markets.partner])
        early = eager * (imports[i] @ step)
        out[:, i] += early
        later = [k for k in months if i < k <= i + PAID_BACK]
        for k in later:
            out[:, k] -= early / len(later)
    return out
