"""What the market engine answers with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PartialSolution:
    """What a shock does to a market; money is in the unit of ``value``, hats are ratios.

    In a batch, a market that did not converge holds NaN (regime -1) and ``converged`` is False.
    """

    price_hat: Floats  #: (..., S) border price, inside customs value
    quantity_hat: Floats  #: (..., S) quantity
    delivered_hat: Floats  #: (..., S) duty-inclusive price behind the border
    value: Floats  #: (..., S) customs value after the shock, before any quota rent is split
    duty: Floats  #: (..., S) duty after the shock
    quota_rent: Floats  #: (..., S) rent of the quota licences
    exporter_surplus: Floats  #: (..., S) change in producer surplus; change in margin under a given pass-through
    regime: NDArray[np.int8]  #: (..., S) 0 no quota, 1 under-filled, 2 binding, 3 over-filled
    index_hat: Floats  #: (...) price index of the market
    import_index_hat: Floats  #: (...) price index of imports
    consumer_gain: Floats  #: (...) equivalent variation of the buyers; negative is a loss
    residual: Floats  #: (...) largest absolute log error of the two index equations
    iterations: NDArray[np.int64]  #: (...) evaluations of the market
    converged: NDArray[np.bool_]  #: (...) residual at or below the tolerance
