"""Prepare once, then solve any question: from a scenario to a labelled result.

In: a scenario, an account. Out: a `Result`, tables over scenarios, sweeps, targets, paths and trees.
Start with `run` in runs.py; its way from top to bottom:

1. runs.py: options of the call, `prepared` (the account and its markets, laid out once), trees branch by branch
2. asked.py: what the question is measured against, which beliefs are drawn, which engine answers
3. market.py or world.py: both scenarios laid out lever by lever; what any subset of the levers does
4. shapley.py: what each lever contributes, over all subsets
5. answer.py or world.py: arrays to variables, and `result.labelled` gives them their names back
6. through_time.py: the same for each period of a path, when it is asked for

sweeps.py, targets.py, tables.py and every_partner.py put many such questions at once; quickly.py asks without a file;
payers.py says who pays, by_date.py what levels result, margins.py what rivals have to do with it, income.py why real
income moves, promised.py what a dollar promised brings; study.py keeps an account.
"""

from tradecalc.study.by_date import levels
from tradecalc.study.every_partner import compare_partners, partners, who_gains
from tradecalc.study.income import decompose_income
from tradecalc.study.margins import two_margins
from tradecalc.study.payers import who_pays
from tradecalc.study.promised import per_dollar
from tradecalc.study.quickly import quota_thresholds, what_if
from tradecalc.study.runs import run
from tradecalc.study.study import Study, prepare
from tradecalc.study.sweeps import sweep
from tradecalc.study.tables import headline_table, interactions, market_table
from tradecalc.study.targets import frontier, solve_for
from tradecalc.study.tree import branch_table

__all__ = [
    "Study",
    "branch_table",
    "compare_partners",
    "decompose_income",
    "frontier",
    "headline_table",
    "interactions",
    "levels",
    "market_table",
    "partners",
    "per_dollar",
    "prepare",
    "quota_thresholds",
    "run",
    "solve_for",
    "sweep",
    "two_margins",
    "what_if",
    "who_gains",
    "who_pays",
]
