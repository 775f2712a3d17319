"""The unobserved components of monthly trade: which months and series, and the model of one of them."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.files import read_table
from tradecalc.terms import InputError

Array = NDArray[np.float64]
TABLE: Final = "history/us-japan-monthly.csv"
FLOWS: Final = ("exports", "imports")
PARAMETERS: Final = {
    "irregular": "sigma2.irregular",
    "level": "sigma2.level",
    "season": "sigma2.freq_seasonal_12(6)",
}
FIVE_YEARS: Final = 60
_WIDE: Final = 1e5


def flows() -> pd.DataFrame:
    """Return monthly exports and imports, USD bn, by month.

    Raises:
        InputError: the table is missing or is not what its origin says.
    """
    table = read_table(TABLE)
    data = table.set_index(pd.PeriodIndex(table["month"], freq="M"))
    return data[[f"{flow}_usd_bn" for flow in FLOWS]].rename(columns=lambda name: name.removesuffix("_usd_bn"))


def month(text: str, *, asked: str) -> pd.Period:
    """Return a month written YYYY-MM; ``asked`` is the word that an error starts with.

    Raises:
        InputError: not a month.
    """
    try:
        found = pd.Period(text, freq="M")
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, pd.Period):  # an empty text becomes no time at all
        raise InputError(f"{asked}: {text!r} is not a month; write YYYY-MM.")
    return found


def components(values: Array, *, exact: bool) -> Any:
    """Return statsmodels' model of one flow: level with a constant slope, trigonometric season, irregular, in logs.

    Args:
        values: the flow by month, USD bn, above zero.
        exact: whether the first state is diffuse exactly (Durbin and Koopman, 2012, chapter 5), for estimating, or
            through a large variance, for simulating. Through statsmodels' default, a million, the likelihood has an
            error of 1e-5, which moves its maximum by some thousandths of a standard error from one machine to the
            next. A tenth of that variance gives the same draws with a tenth of the rounding, some 1e-9 of a result.
    """
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(
        np.log(values),
        level="local linear deterministic trend",
        freq_seasonal=[{"period": 12}],
        use_exact_diffuse=exact,
    )
    if not exact:
        model.initialize_default(approximate_diffuse_variance=_WIDE)
    return model
