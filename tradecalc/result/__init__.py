"""Arrays with names, units and origins: what a run leaves behind.

In: a dataset over draws, the question and the account. Out: a `Result` that summarises, saves and loads.
Start with `Result` in result.py; label.py makes one.
"""

from tradecalc.result.label import labelled
from tradecalc.result.result import Result, annotate, load_result

__all__ = ["Result", "annotate", "labelled", "load_result"]
