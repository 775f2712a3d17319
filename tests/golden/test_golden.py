"""No number of a shipped scenario moves unseen: every commit that moves one rewrites the table and says so.

``make golden`` rewrites the tables; the CHANGELOG tells what moved and why.
"""

import sys
from pathlib import Path

import pandas as pd
import pytest

from tradecalc.scenario import list_scenarios

sys.path.insert(0, str(Path(__file__).resolve().parent))
from golden import ENGINES, HERE, measured, path_of

CLOSE = 1e-9  # relative, or in the unit of a value that is smaller than one
# What the solver leaves: a balance the closure fixes at zero moves by 1e-10 of world trade (6e4 USD bn), and a
# change of real income is the small difference of two incomes of 2e4 USD bn, each to its last digits
LEFT_BY_THE_SOLVER = {"overall_deficit_change_usd_bn": 1e-5, "real_income_change_usd_bn": 1e-7}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", list_scenarios())
def test_the_numbers_stay(name, engine):
    found, path = measured(name, engine), path_of(name, engine)
    if found is None:
        assert not path.is_file(), f"{name} was answered by {engine} and now is not"
        return
    assert path.is_file(), f"{name} has no frozen numbers for {engine}; write them with `make golden`"
    keys = ["kind", "variable", "where"]
    frozen = pd.read_csv(path, keep_default_na=False, na_values=["nan", ""], dtype=dict.fromkeys(keys, str))
    frozen[keys] = frozen[keys].fillna("")
    old, new = (table.set_index(keys)["value"] for table in (frozen, found))
    assert old.index.is_unique
    assert sorted(old.index) == sorted(new.index)
    both = pd.DataFrame({"old": old, "new": new.reindex(old.index)})
    assert (both["old"].isna() == both["new"].isna()).all(), both[both["old"].isna() != both["new"].isna()]
    floor = both.index.get_level_values("variable").map(lambda name: LEFT_BY_THE_SOLVER.get(name, 0.0))
    apart = (both["new"] - both["old"]).abs() > (CLOSE * both["old"].abs().clip(lower=1.0)).clip(lower=floor)
    assert not apart.any(), f"{int(apart.sum())} numbers moved, among them\n{both[apart].head(12)}"


def test_no_table_is_left_of_a_scenario_that_is_gone():
    assert {path.name for path in HERE.glob("*.csv")} <= {f"{n}-{e}.csv" for n in list_scenarios() for e in ENGINES}
