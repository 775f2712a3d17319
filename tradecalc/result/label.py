"""Arrays get their names back: a dataset over draws becomes a `Result`."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from tradecalc import __version__
from tradecalc.account import Account
from tradecalc.files import Stamp
from tradecalc.result.result import Result, annotate
from tradecalc.scenario import Scenario

Array = NDArray[np.float64]
Solver = tuple[NDArray[np.bool_], NDArray[np.int64], Array]  #: converged, iterations and residual, each (draw,)


def labelled(
    everything: xr.Dataset,
    scenario: Scenario,
    account: Account,
    *,
    values: Mapping[str, Array],
    solved: Sequence[Solver],
    rule: str,
    origins: tuple[Stamp, ...],
) -> Result:
    """Return the result whose variables stand in ``everything``, the central case as first draw.

    Args:
        everything: each variable over ``draw`` and its own dimensions, ``channel_usd_bn`` among them.
        scenario, account: what was asked, and what it rests on.
        values: each belief (draw,), the central value first.
        solved: what the solver said of each side of the comparison.
        rule: how the channels share the change.
        origins: the files that were read.
    """
    annotate(everything)
    central = everything.isel(draw=0)
    draws = everything.isel(draw=slice(1, None))
    draws = draws.assign(parameter_value=(("draw", "parameter"), np.stack([v[1:] for v in values.values()], axis=-1)))
    channel = central["channel_usd_bn"].rename(None)
    channel.attrs = {"rule": rule}
    converged, iterations, residual = (list(part) for part in zip(*solved, strict=True))
    return Result(
        scenario=scenario,
        central=central.drop_vars("channel_usd_bn"),
        draws=draws.assign_coords(parameter=list(values)),
        channels=channel,
        diagnostics=pd.DataFrame(
            {
                "converged": np.logical_and.reduce(converged)[1:],
                "iterations": np.maximum.reduce(iterations)[1:],
                "residual": np.maximum.reduce(residual)[1:],
            }
        ),
        account={
            "name": account.name,
            "vintage": account.vintage,
            "reporter": account.reporter,
            "partner": account.partner,
            "year": account.year,
            "imports_usd_bn": float(account.imports_usd_bn.sum()),
            "deficit_usd_bn": account.deficit_usd_bn,
        },
        origins=tuple(dict.fromkeys(origins)),
        version=__version__,
    )
