"""The world engine from table to tables: tidy flows in, countries and flows out."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tradecalc.general import GeneralSolution, solve_general
from tradecalc.terms import InputError

_KEYS: Final = ("sector", "origin", "destination")
_COUNTRY: Final = ("wage_hat", "real_wage_hat", "welfare_hat", "final_price_hat", "income", "deficit", "tariff_revenue")


@dataclass(frozen=True, eq=False)
class WorldTables:
    """A solved world as tables.

    ``countries``: one row a country, hats as ratios and values in the unit of the input; ``flows``: the input rows with
    ``trade_after`` and ``trade_hat``, which is blank where nothing was traded.
    """

    countries: pd.DataFrame
    flows: pd.DataFrame
    solution: GeneralSolution


def solve_flows(
    flows: pd.DataFrame, *, theta: ArrayLike, closure: Literal["balanced", "fixed", "proportional"] = "fixed"
) -> WorldTables:
    """Return the world after a change of tariffs and costs, from a table with one row an origin and a destination.

    Args:
        flows: columns origin, destination, trade (domestic sales where both are one country), optionally sector,
            tariff_before, tariff_after (fractions) and cost_hat (ratio). Every pair stands once in every sector.
        theta: trade elasticity, one number or one a sector in the order of their names.
        closure: as in `general.solve_general`.

    Raises:
        InputError: a column or a row is missing or double, or whatever the engine refuses.
        ConvergenceError: the world did not converge.
    """
    needed = [c for c in ("origin", "destination", "trade") if c not in flows]
    if needed:
        raise InputError(
            f"solve_flows: the table lacks {', '.join(needed)}; columns origin, destination, trade are needed."
        )
    origin, names = pd.factorize(flows["origin"], sort=True)
    destination = names.get_indexer(pd.Index(flows["destination"]))
    sector, sectors = pd.factorize(flows["sector"], sort=True) if "sector" in flows else (np.int64(0), [0])
    n, s = len(names), len(sectors)
    place = (sector * n + origin) * n + destination
    if len(flows) != s * n * n or (destination < 0).any() or not (np.bincount(place) == 1).all():
        raise InputError(
            f"solve_flows: {len(flows)} rows for {n} countries and {s} sectors; every pair is needed once in every "
            "sector, domestic sales included."
        )

    def cube(column: str, absent: float) -> NDArray[np.float64] | float:
        if column not in flows:
            return absent
        out = np.empty(s * n * n)
        out[place] = flows[column].to_numpy(np.float64)
        return out.reshape(s, n, n)

    solution = solve_general(
        cube("trade", 0.0),
        theta=theta,
        tariff_before=cube("tariff_before", 0.0),
        tariff_after=cube("tariff_after", 0.0),
        cost_hat=cube("cost_hat", 1.0),
        closure=closure,
    )
    countries = pd.DataFrame({name: getattr(solution, name) for name in _COUNTRY}, index=names, copy=False)
    before, after = flows["trade"].to_numpy(np.float64), solution.trade.reshape(-1)[place]
    hat = np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0)
    keys = {key: flows[key] for key in _KEYS if key in flows}
    table = pd.DataFrame({**keys, "trade": before, "trade_after": after, "trade_hat": hat}, copy=False)
    return WorldTables(countries, table, solution)
