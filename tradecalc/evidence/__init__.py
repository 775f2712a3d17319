"""Published series become estimates and forecasts that face the record.

In: monthly trade as published. Out: estimates as dated files, and paths with intervals, beside what happened.
Start with `no_change_path` in no_change.py, which reads what estimates.py keeps; fit.py alone estimates.
"""

from tradecalc.evidence.estimates import NoChangeEstimate, check_estimates, read_estimate, write_estimate
from tradecalc.evidence.fit import estimate_no_change
from tradecalc.evidence.no_change import NoChangePath, no_change_path

__all__ = [
    "NoChangeEstimate",
    "NoChangePath",
    "check_estimates",
    "estimate_no_change",
    "no_change_path",
    "read_estimate",
    "write_estimate",
]
