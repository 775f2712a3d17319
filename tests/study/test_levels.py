"""Levels by date, and one change of a rate by what rivals pay meanwhile."""

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def levels():
    return tc.levels("agreement-2025-09", draws=0)


def test_levels_are_those_of_the_account_the_path_and_the_run(levels):
    result, reference = (tc.run(n, draws=0) for n in ("agreement-2025-09", "status-quo-2025-06"))
    path, quo = result.path(), reference.path()
    deficit = levels["deficit_usd_bn"]
    assert deficit["account"] == pytest.approx(tc.load_account().deficit_usd_bn)
    assert deficit["now"] == pytest.approx(quo.loc["2025", "deficit_usd_bn"], abs=1e-9)
    assert deficit["first full year, reference"] == pytest.approx(quo.loc["2026", "deficit_usd_bn"], abs=1e-9)
    assert deficit["first full year, scenario"] == pytest.approx(path.loc["2026", "deficit_usd_bn"], abs=1e-9)
    assert deficit["long run, reference"] == pytest.approx(float(reference.central["deficit_usd_bn"]), abs=1e-9)
    assert deficit["long run, scenario"] == pytest.approx(float(result.central["deficit_usd_bn"]), abs=1e-9)


def test_imports_less_exports_is_the_deficit_in_every_row(levels):
    gap = levels["imports_usd_bn"] - levels["exports_usd_bn"]
    assert gap.to_numpy() == pytest.approx(levels["deficit_usd_bn"].to_numpy(), abs=1e-9)
    account = tc.load_account()
    assert levels.loc["account", "imports_usd_bn"] == pytest.approx(float(account.imports_usd_bn.sum()), abs=0.2)
    flows = levels[["imports_usd_bn", "exports_usd_bn"]]
    change = flows.loc["long run, scenario"] - flows.loc["long run, reference"]
    result = tc.run("agreement-2025-09", draws=0).central
    assert change["imports_usd_bn"] == pytest.approx(float(result["imports_change_usd_bn"]), abs=1e-9)
    assert change["exports_usd_bn"] == pytest.approx(float(result["exports_change_usd_bn"]), abs=1e-9)


def test_the_first_full_year_is_the_one_after_the_day_asked_about():
    assert tc.levels("today", draws=0).loc["first full year, scenario", "year"] == 2027
    with pytest.raises(InputError, match="asks about one year"):
        tc.levels("tree-2025-06")


def test_levels_have_intervals_where_there_are_draws():
    table = tc.levels("no-deal", draws=10)
    rows = table.index != "account"
    assert (table["deficit_p5"] < table["deficit_p95"])[rows].all()
    assert np.isnan(table.loc["account", "deficit_p5"])


def test_the_headline_says_in_how_many_draws_the_deficit_narrows():
    row = tc.headline_table(["no-deal"], draws=40).loc["no-deal"]
    drawn = tc.run("no-deal", draws=40).draws
    assert row["narrows_in"] == (drawn["deficit_change_usd_bn"].to_numpy() < 0).mean()
    low, high = np.quantile(drawn["deficit_change_vs_account_usd_bn"], [0.05, 0.95])
    assert (row["vs_account_p5"], row["vs_account_p95"]) == pytest.approx((low, high))
    assert row["deficit_usd_bn"] - tc.load_account().deficit_usd_bn == pytest.approx(
        row["deficit_change_vs_account_usd_bn"]
    )
    assert np.isnan(tc.headline_table(["no-deal"], draws=0).loc["no-deal", "narrows_in"])


def test_a_tree_narrows_with_the_probability_over_outcomes_and_draws():
    """By hand: each outcome's share of draws below zero, weighted by its probability."""
    tree = tc.run("tree-2025-06", draws=20)
    drawn = tree.draws["branch_deficit_change_usd_bn"].to_pandas()
    weight = tree.central["branch_probability"].to_series()
    assert tree.narrows_in == pytest.approx(((drawn < 0).mean() * weight).sum())
    assert tree.narrows_in < 1


def cars_by_hand(mine, theirs):
    """Return imports of cars from Japan when Japan pays one law and its rivals another: nested CES written out."""
    laws = {n: tc.market_table(n, "cars").set_index("origin") for n in ("law-2024", "status-quo-2025-06")}
    belief = {n: p.belief.central for n, p in tc.load_scenario("status-quo-2025-06").parameters.items()}
    old = laws["law-2024"]
    rate = laws[theirs]["rate_after"].copy()
    rate["JPN"] = laws[mine].loc["JPN", "rate_after"]
    tau = (1 + rate) / (1 + old["rate_before"])
    home = "USA (home)"
    d = tau ** belief["pass_through_cars"]
    spent = old["before_usd_bn"] * (1 + old["rate_before"])
    s, h, e = belief["sigma_cars"], belief["sigma_home_cars"], belief["eta_cars"]
    abroad = spent.drop(home) / spent.drop(home).sum()
    p_m = (abroad * d.drop(home) ** (1 - s)).sum() ** (1 / (1 - s))
    own = spent[home] / spent.sum()
    p = (own + (1 - own) * p_m ** (1 - h)) ** (1 / (1 - h))
    quantity = (d["JPN"] / p_m) ** -s * (p_m / p) ** -h * p**-e
    return old.loc["JPN", "before_usd_bn"] * quantity * tau["JPN"] ** (belief["pass_through_cars"] - 1)


def test_two_margins_of_one_rise_of_the_tariff_on_cars():
    new, old = "status-quo-2025-06", "law-2024"
    table = tc.two_margins(new, "cars", reference=old)
    change = table["change_usd_bn"]
    assert change["together"] == pytest.approx(cars_by_hand(new, new) - cars_by_hand(old, old), rel=1e-9)
    assert change["partner last"] == pytest.approx(cars_by_hand(new, new) - cars_by_hand(old, new), rel=1e-9)
    assert change["partner first"] == pytest.approx(cars_by_hand(new, old) - cars_by_hand(old, old), rel=1e-9)
    assert change["together"] == pytest.approx(change["partner first"] + change["rivals last"])
    assert change["together"] == pytest.approx(change["rivals first"] + change["partner last"])
    assert change["partner last"] < change["partner first"] < change["together"] < 0
    removal = tc.run("removal", draws=0).central["imports_change_by_product_usd_bn"].sel(product="cars")
    assert tc.two_margins("removal", "cars").loc["together", "change_usd_bn"] == pytest.approx(float(removal))
