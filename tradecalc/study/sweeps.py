"""The answer of a scenario as one number runs over a grid, all beliefs at their central values."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.levers import kinds
from tradecalc.markets import check_product
from tradecalc.scenario import Scenario
from tradecalc.study.asked import beliefs_of, reference_of, solve, stand_on
from tradecalc.study.prepared import Prepared
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError, nearest

Array = NDArray[np.float64]


def sweep(
    scenario: str | Path | Scenario,
    *,
    parameter: str,
    values: Iterable[float],
    product: str | None = None,
    account: Account | str | None = None,
    tariffs: TariffSchedule | None = None,
) -> pd.DataFrame:
    """Return the answers of a scenario as one number runs over ``values``, the beliefs at their central values.

    One row a value, indexed by the parameter; columns are the scalar variables of `Result`, and with ``product`` also
    its variables by product.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        parameter: a belief of the scenario or an amount of it (``"pledges.NAME.headline"``, in its own unit, or
            ``"localisation.NAME.moved"``); ``"rate: PRODUCT"``, the partner's tariff rate on a product, a fraction; or
            ``"quota: PRODUCT"``, the size in units of a quota that the scenario holds.
        values: what it runs over.
        product: of the account, for the variables by product.
        account: as in `run`.
        tariffs: as in `run`.

    Raises:
        InputError: no such parameter or product (with the nearest), or what `run` raises.
    """
    values = list(values)
    asked, ground = stand_on(scenario, account)
    reference = reference_of(asked, ground)
    names = [*beliefs_of(asked, reference, ground), *asked.amounts()]
    swept = {d.parameter for kind in kinds() for d in kind.dials(asked, ground.account).values() if d.swept}
    if parameter not in names and parameter not in swept:
        known = [*names, *(name for kind in kinds() for name in kind.sweeps(asked))]
        raise InputError(
            f"sweep: {parameter!r} is not a parameter of {asked.name}; use one of {', '.join(known)}."
            f"{nearest(parameter, set(known))}"
        )
    draws = run_over(asked, reference, ground, parameter, np.asarray(values, float), tariffs=tariffs)
    columns = {str(name): array.to_numpy() for name, array in draws.data_vars.items() if array.dims == ("draw",)}
    if product is not None:
        check_product(product, tuple(draws["product"].to_numpy()), "sweep")
        at = draws.sel(product=product)
        columns |= {
            str(name): at[name].to_numpy() for name in draws.data_vars if draws[name].dims == ("draw", "product")
        }
    return pd.DataFrame(columns, index=pd.Index(values, name=parameter, dtype=float))


def run_over(
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    parameter: str,
    grid: Array,
    *,
    tariffs: TariffSchedule | None = None,
) -> xr.Dataset:
    """Return the variables of a scenario with one draw for each value of a parameter that it is known to have."""
    central = {name: belief.central for name, belief in beliefs_of(asked, reference, ground).items()} | asked.amounts()
    drawn = {name: np.full(1 + grid.size, value) for name, value in central.items()}
    if parameter in drawn:
        drawn[parameter][1:] = grid
    moved = None if parameter in drawn else (parameter, grid)
    return solve(asked, reference, ground, drawn, schedule=tariffs, moved=moved).draws
