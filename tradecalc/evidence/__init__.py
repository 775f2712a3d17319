"""Published series become estimates and forecasts that face the record.

In: monthly trade as published. Out: paths with intervals, beside what happened.
Start with `no_change_path` in no_change.py.
"""

from tradecalc.evidence.no_change import NoChangePath, no_change_path

__all__ = ["NoChangePath", "no_change_path"]
