"""Levels beside changes: as published, now, under a scenario in its first full year and at last."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.beliefs import Period, periods, sample
from tradecalc.scenario import Scenario
from tradecalc.study.asked import beliefs_of, reference_of, stand_on
from tradecalc.study.market import Package, lay_package
from tradecalc.study.prepared import Prepared
from tradecalc.study.runs import with_options
from tradecalc.study.through_time import sold_before, solved_along
from tradecalc.terms import InputError

Array = NDArray[np.float64]
Flows = tuple[Array, Array]  #: imports and exports, each (draw,), USD bn


def levels(
    scenario: str | Path | Scenario,
    *,
    account: Account | str | None = None,
    partner: str | None = None,
    draws: int | None = None,
) -> pd.DataFrame:
    """Return imports, exports and deficit as levels, one row a date, in USD bn a year.

    Rows: the account's year as published; the reference along its path in the year of the scenario's ``tariffs.on``
    ("now"); reference and scenario in the first full year, which is the calendar year after ``tariffs.on``; and both in
    the long run, with everything in place and buyers adjusted. Without a timeline years take the law of the day asked
    about. Columns: year (blank in the long run), of ("published", or a scenario's name), imports_usd_bn,
    exports_usd_bn, deficit_usd_bn, each followed by p5 and p95 where there are draws.

    Growth and prices since the account's year are in no row but those that were published.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        account, partner, draws: as in `run`.

    Raises:
        InputError: a tree, a scenario that asks about one year already or runs in the world engine, or as `run`.
    """
    asked, ground = stand_on(scenario, account, partner)
    if asked.branches or asked.year is not None or asked.engine != "partial":
        raise InputError(
            f"levels: {asked.name} is a tree, asks about one year or runs in the world engine; give one scenario of "
            "the market engine without `year:`."
        )
    asked = with_options(asked, draws=draws, seed=None, engine=None, year=None)
    reference = reference_of(asked, ground)
    values = sample(beliefs_of(asked, reference, ground), n=asked.draws.n, seed=asked.draws.seed)
    now = asked.tariffs.on.year
    years = dict(_years(asked, reference, ground, values, (now, now + 1)))
    long_run = lay_package(asked, reference, ground, values)
    book = ground.account
    published = np.array([book.deficit_usd_bn])
    exports = np.array([float(book.exports_usd_bn.sum())])
    rows = [
        _row("account", book.year, "published", (exports + published, exports)),
        _row("now", now, reference.name, years[now][1]),
        _row("first full year, reference", now + 1, reference.name, years[now + 1][1]),
        _row("first full year, scenario", now + 1, asked.name, years[now + 1][0]),
        _row("long run, reference", None, reference.name, _flows(long_run, 1, ground)),
        _row("long run, scenario", None, asked.name, _flows(long_run, 0, ground)),
    ]
    table = pd.DataFrame(rows).set_index("date").astype({"year": "Int64"})
    return table if asked.draws.n else table.loc[:, ~table.columns.str.contains("_p5|_p95")]


def _years(
    asked: Scenario, reference: Scenario, ground: Prepared, values: Mapping[str, Array], years: tuple[int, ...]
) -> Iterator[tuple[int, tuple[Flows, Flows]]]:
    """Yield each year with the flows of scenario and reference: along the timeline where it holds the year."""
    timeline = asked.timeline
    inside = [year for year in years if timeline is not None and timeline.first <= year <= timeline.last]
    if timeline is not None and inside:
        spans = [span for span in periods(timeline) if span.start.year <= max(inside) + 1]
        sides = solved_along(asked, reference, ground, values, spans)
        for year in inside:
            at = [i for i, span in enumerate(spans) if span.start.year == year]
            new, old = (_anchored(m[:, at].mean(axis=1), x[:, at].mean(axis=1), ground) for m, x, *_ in sides)
            yield year, (new, old)
    for year in (year for year in years if year not in inside):
        when = Period.of_year(year)
        package = lay_package(asked, reference, ground, values, when=when, dated=timeline is not None)
        yield year, (_flows(package, 0, ground), _flows(package, 1, ground))


def _flows(package: Package, i: int, ground: Prepared) -> Flows:
    chosen = frozenset(package.levers) if i == 0 else frozenset[str]()
    sold = package.sales(chosen).sum(axis=1) + package.bought(i)
    return _anchored(package.side(chosen).imports.sum(axis=1), sold, ground)


def _anchored(imports: Array, exports: Array, ground: Prepared) -> Flows:
    """Return all imports and exports: goods that are solved move, the rest of the account stays."""
    book, markets = ground.account, ground.markets
    all_exports = float(book.exports_usd_bn.sum())
    held = book.deficit_usd_bn + all_exports - float(markets.value[:, markets.partner].sum())
    return imports + held, exports + (all_exports - sold_before(ground))


def _row(date: str, year: int | None, of: str, flows: Flows) -> dict[str, object]:
    row: dict[str, object] = {"date": date, "year": year, "of": of}
    for name, drawn in (("imports", flows[0]), ("exports", flows[1]), ("deficit", flows[0] - flows[1])):
        spread = drawn[1:]
        low, high = np.nanquantile(spread, [0.05, 0.95]) if len(spread) else (np.nan, np.nan)
        row |= {f"{name}_usd_bn": float(drawn[0]), f"{name}_p5": float(low), f"{name}_p95": float(high)}
    return row
