"""What each promise to buy brings per dollar that was said, with the spread of the beliefs."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.result import Result

Array = NDArray[np.float64]
_TOTAL = "all that were stated"


def per_dollar(result: Result) -> pd.DataFrame:
    """Return what each pledge of a result adds to sales per dollar promised; one row a pledge.

    Columns: ``stated`` (somebody named the amount); ``headline_usd_bn`` and ``additional_usd_bn``, a year and central;
    ``per_dollar`` (fraction: additional over headline) with ``p5`` and ``p95`` over the draws, NaN without draws;
    ``room_known`` (the account knows what the buyer takes from others, so that the amount has a ceiling).

    A pledge that nobody gave an amount is a measuring rod: its effect per dollar can be read, its dollars are no sum.
    The last row, ``all that were stated``, therefore adds up stated pledges only, and is missing where there are none.
    Its share in every draw is the sum of what they add over the sum of what was said.
    """
    central, draws = result.central["pledge_usd_bn"], result.draws.get("pledge_usd_bn")
    names = [str(name) for name in central["pledge"].to_numpy()]
    stated = [name for name in names if result.central["pledge_stated"].sel(pledge=name) > 0]
    groups = [(name, [name]) for name in names] + ([(_TOTAL, stated)] if stated else [])
    rows = []
    for label, held in groups:
        said = float(central.sel(pledge=held, step="headline").sum())
        added = float(central.sel(pledge=held, step="additional").sum())
        low, high = np.nan, np.nan
        if draws is not None and draws.sizes.get("draw"):
            drawn = draws.sel(pledge=held).sum("pledge", skipna=False)
            share = _over(drawn.sel(step="additional").to_numpy(), drawn.sel(step="headline").to_numpy())
            if not np.isnan(share).all():
                low, high = np.nanquantile(share, [0.05, 0.95])
        rows.append(
            {
                "pledge": label,
                "stated": set(held) <= set(stated),
                "headline_usd_bn": said,
                "additional_usd_bn": added,
                "per_dollar": float(_over(np.array(added), np.array(said))),
                "p5": float(low),
                "p95": float(high),
                "room_known": bool(np.isfinite(result.central["pledge_room"].sel(pledge=held)).all()),
            }
        )
    columns = ["pledge", "stated", "headline_usd_bn", "additional_usd_bn", "per_dollar", "p5", "p95", "room_known"]
    return pd.DataFrame(rows, columns=columns).set_index("pledge")


def _over(added: Array, said: Array) -> Array:
    """Return a share, NaN where nothing was said."""
    share: Array = np.divide(added, said, out=np.full(said.shape, np.nan), where=said > 0)
    return share
