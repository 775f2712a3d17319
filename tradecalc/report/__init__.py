"""Notebooks, data and docs become one self-contained HTML site; numbers and verbs for computed prose.

In: executed notebooks, the data folder, docs. Out: HTML pages without any outside request.
Start with `write_report` in site.py; notebooks.py runs and compares notebooks, say.py and tables.py word numbers.
"""

from tradecalc.report import say
from tradecalc.report.notebooks import check_notebooks, write_notebooks
from tradecalc.report.site import write_report, write_vocabulary
from tradecalc.report.tables import Table, table

__all__ = ["Table", "check_notebooks", "say", "table", "write_notebooks", "write_report", "write_vocabulary"]
