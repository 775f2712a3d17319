"""What would have come without the shock, and what happened: the no-change path of the bilateral account."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradecalc.evidence.estimates import read_estimate
from tradecalc.evidence.structural import FIVE_YEARS, PARAMETERS, components, flows, month
from tradecalc.terms import InputError

_SIMULATIONS = 4000


@dataclass(frozen=True, eq=False)
class NoChangePath:
    """Trend and season of monthly trade, and where they lead without a shock.

    Attributes:
        fitted: monthly, to the last month used: exports, imports and deficit in USD bn, ``trend`` of the deficit
            (exports and imports at their trends) and ``season`` (the fitted values less the trend).
        path: monthly, after it: ``deficit`` (median), ``p5``, ``p95`` and ``actual`` where it is known, USD bn.
        variances: of the disturbances of irregular, level and season, by flow, in squared logarithms.
        twelve_months: the median, 5th and 95th percentile of the sum over the first twelve months, and the actual sum.
    """

    fitted: pd.DataFrame
    path: pd.DataFrame
    variances: pd.DataFrame
    twelve_months: dict[str, float]


def no_change_path(
    *, until: str = "2025-03", to: str = "2026-08", since: str = "1985-01", seed: int = 0
) -> NoChangePath:
    """Return the path of the deficit if trend and season of the months to ``until`` had gone on.

    Logarithms of exports and of imports follow a random-walk level with a constant slope (a slope that may vary is
    estimated not to), a trigonometric season of twelve months that may vary, and an irregular: Harvey (1989),
    Forecasting, Structural Time Series Models and the Kalman Filter. The deficit is their difference, simulated as if
    their disturbances were independent, which widens its interval where both move together.

    Nothing is estimated here: the variances are those that `tradecalc estimate` stored for the sample.

    Args:
        until: last month used, YYYY-MM.
        to: last month of the path.
        since: first month used.
        seed: of the simulation.

    Raises:
        InputError: months out of order or outside the data, fewer than five years to fit, or a sample whose estimate
            is not stored or was made from other data.
    """
    data = flows()
    first, last, end = (month(text, asked="no_change_path") for text in (since, until, to))
    if not (data.index[0] <= first and first + FIVE_YEARS - 1 <= last < end and last <= data.index[-1]):
        raise InputError(
            f"no_change_path: since {since}, until {until}, to {to}; the data run from {data.index[0]} to "
            f"{data.index[-1]}, five years are needed to fit, and the path starts after `until`."
        )
    estimate = read_estimate(since=str(first), until=str(last)).table()
    variances = estimate.pivot_table(index="parameter", columns="flow", values="estimate").loc[list(PARAMETERS)]
    used = data.loc[first:last]
    ahead = pd.period_range(last + 1, end, freq="M")
    rng = np.random.default_rng(seed)
    paths, trends, fits = {}, {}, {}
    for flow in used:
        smooth = components(used[flow].to_numpy(), exact=False).smooth(variances[flow].to_numpy())
        trends[flow] = np.exp(smooth.level.smoothed)
        fits[flow] = trends[flow] * np.exp(smooth.freq_seasonal[0].smoothed)
        simulated = smooth.simulate(len(ahead), anchor="end", repetitions=_SIMULATIONS, rng=rng)
        paths[flow] = np.exp(np.asarray(simulated)).reshape(len(ahead), _SIMULATIONS).T
    fitted = used.assign(
        deficit=used["imports"] - used["exports"],
        trend=trends["imports"] - trends["exports"],
        season=(fits["imports"] - fits["exports"]) - (trends["imports"] - trends["exports"]),
    )
    deficits = paths["imports"] - paths["exports"]
    actual = (data["imports"] - data["exports"]).reindex(ahead)
    quantiles = np.quantile(deficits, [0.5, 0.05, 0.95], axis=0)
    path = pd.DataFrame(dict(zip(("deficit", "p5", "p95"), quantiles, strict=True)), index=ahead).assign(actual=actual)
    year = deficits[:, :12].sum(axis=1)
    twelve = dict(zip(("median", "p5", "p95"), np.quantile(year, [0.5, 0.05, 0.95]).tolist(), strict=True))
    return NoChangePath(
        fitted,
        path,
        variances.rename(index=PARAMETERS).rename_axis(index=None, columns=None),
        {**twelve, "actual": float(actual.iloc[:12].sum(skipna=False))},
    )
