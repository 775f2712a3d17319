"""A scenario through time: months and years, the law by date, ramps, and elasticities that need time."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tradecalc.beliefs import Period, periods
from tradecalc.result import Result, annotate
from tradecalc.scenario import Scenario
from tradecalc.study.market import Package, lay_package
from tradecalc.study.prepared import Prepared
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError

Array = NDArray[np.float64]
PAID_BACK = 3  # months over which a purchase brought forward is missing afterwards


def with_path(
    result: Result,
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    values: Mapping[str, Array],
    *,
    schedule: TariffSchedule | None = None,
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
    sides = solved_along(asked, reference, ground, values, spans, schedule=schedule)
    levels = [imports - exports for imports, exports, *_ in sides]
    own = ground.markets.value[:, ground.markets.partner]
    baseline = float(own.sum()) - sold_before(ground)
    rates = [np.array([r[:, ground.markets.partner] @ (own / own.sum()) for r in side[3]]) for side in sides]
    return attach(
        result,
        {
            "path_deficit_change_usd_bn": levels[0] - levels[1],
            "path_deficit_usd_bn": ground.account.deficit_usd_bn + levels[0] - baseline,
            "path_duty_usd_bn": sides[0][2],
        },
        {"path_rate": rates[0], "path_rate_reference": rates[1]},
        [span.name for span in spans],
    )


Along = tuple[Array, Array, Array, list[Array]]  #: imports, exports, duty (draw, period); rates (product, origin) each


def solved_along(
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    values: Mapping[str, Array],
    spans: list[Period],
    *,
    schedule: TariffSchedule | None = None,
) -> list[Along]:
    """Return the flows of a scenario and of its reference in each period at the law of its days, at annual rates.

    Imports hold what importers bring forward or put off; only goods that have a market or an export figure are in them.
    """
    packages = [
        lay_package(asked, reference, ground, values, schedule=schedule, when=when, dated=True) for when in spans
    ]
    out = []
    for i in (0, 1):
        flows = [_flows(package, i) for package in packages]
        shift = _brought_forward(asked, values, flows, ground.markets.partner, spans)
        imports, exports, duty = (np.stack(part, axis=1) for part in zip(*(flow[:3] for flow in flows), strict=True))
        out.append((imports.sum(axis=2) + shift, exports, duty, [flow[3] for flow in flows]))
    return out


def sold_before(ground: Prepared) -> float:
    """Return the account's exports of the goods that have an export figure, in USD bn."""
    exports = ground.account.exports_usd_bn[list(ground.account.products)]
    return float(exports[exports > 0].sum())


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


def _flows(package: Package, i: int) -> tuple[Array, Array, Array, Array]:
    """Return imports (draw, product), exports, duty (draw) and rates (product, origin) of scenario (0) or reference."""
    chosen = frozenset(package.levers) if i == 0 else frozenset[str]()
    side = package.side(chosen)
    sold = package.sales(chosen).sum(axis=1) + package.bought(i)
    return side.imports, sold, side.duty.sum(axis=1), package.border(chosen).rates[0]


def _brought_forward(
    asked: Scenario,
    values: Mapping[str, Array],
    flows: list[tuple[Array, Array, Array, Array]],
    partner: int,
    spans: list[Period],
) -> Array:
    """Return the imports (draw, period) that importers bring forward before a rise and miss in the months after it.

    ``f d ln(1 + rate)`` of a month's imports; a fall puts them off instead. They see a change one month ahead.
    """
    named = [name for name, p in asked.parameters.items() if p.role == "front_loading"]
    out = np.zeros((len(flows[0][0]), len(spans)))
    if not named:
        return out
    eager = values[named[0]]
    months = [i for i, span in enumerate(spans) if len(span.name) > 4]
    for i in months[:-1]:
        step = np.log1p(flows[i + 1][3][:, partner]) - np.log1p(flows[i][3][:, partner])
        early = eager * (flows[i][0] @ step)
        out[:, i] += early
        later = [k for k in months if i < k <= i + PAID_BACK]
        for k in later:
            out[:, k] -= early / len(later)
    return out
