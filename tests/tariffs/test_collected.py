"""The law against what was collected: averages by origin and industry, and a reason for each gap that is large."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tradecalc.account import load_account
from tradecalc.files import read_table
from tradecalc.tariffs import (
    gap_reasons,
    load_tariffs,
    statutory_by_industry,
    statutory_by_month,
    statutory_by_origin,
    statutory_on,
)
from tradecalc.terms import InputError

sys.path.insert(0, str(Path(__file__).resolve().parent))
import law_page

LARGE = 3.0


@pytest.fixture(scope="module")
def law():
    return load_tariffs("us")


@pytest.fixture(scope="module")
def gaps(law):
    return law_page.partner_gaps(law)


def test_an_origin_s_average_is_the_mean_over_days_of_its_own_lines(law):
    found = statutory_by_origin(law, ["2025-10"], origins=["THA"]).iloc[0]
    lines = read_table("markets/us-imports-hs10-by-origin-2024.csv.gz").query("origin == 'THA'")
    usd = lines["imports_for_consumption_usd"]
    duty = 0.0
    for day in range(1, 32):
        rates = law.rates(list(lines["hs10"]), origin="THA", dates=[date(2025, 10, day)], assessed="first")[0]
        duty += sum(value * rate for value, rate in zip(usd, rates, strict=True))
    assert found["statutory"] == pytest.approx(duty / 31 / usd.sum(), rel=1e-12)
    paid = read_table("history/collected-by-origin.csv").query("origin == 'THA'").set_index("month")
    assert found["collected"] == paid.loc["2025-10-01", "collected"]
    assert found["gap"] == pytest.approx(100 * (found["statutory"] - found["collected"]))


def test_a_day_s_average_is_that_of_its_month_where_nothing_changes(law):
    days = statutory_on(law, ["2025-10-20", date(2025, 10, 25)], origins=["JPN", "IRL"], assessed="first")
    assert days["origin"].tolist() == ["JPN", "IRL"] * 2
    assert days["statutory"].iloc[0] == days["statutory"].iloc[2]
    month = statutory_by_origin(law, ["2025-09"], origins=["JPN", "IRL"])
    by_day = statutory_on(law, pd.date_range("2025-09-01", "2025-09-30"), origins=["JPN", "IRL"], assessed="first")
    means = by_day.groupby("origin")["statutory"].mean()
    assert means[month["origin"]].to_numpy() == pytest.approx(month["statutory"].to_numpy())


def test_months_origins_and_options_are_those_asked_for(law):
    both = statutory_by_origin(law, [date(2025, 10, 7), "2025-06"], origins=["KOR", "JPN"])
    assert both["month"].dt.strftime("%Y-%m").tolist() == ["2025-10", "2025-06"] * 2
    assert both["origin"].tolist() == ["KOR", "KOR", "JPN", "JPN"]
    one = statutory_by_origin(law, ["2025-06"], origins=["JPN"]).iloc[0]
    assert one["statutory"] == both["statutory"].iloc[3]
    final = statutory_by_origin(law, ["2025-11"], origins=["KOR"], assessed="final")
    first = statutory_by_origin(law, ["2025-11"], origins=["KOR"])
    assert final["statutory"].item() < first["statutory"].item()


@pytest.mark.parametrize("origin", ["JPN", "KOR", "IRL"])
def test_industries_sum_to_the_origin(law, origin):
    months = ["2025-06", "2025-11"]
    whole = statutory_by_origin(law, months, origins=[origin]).set_index("month")
    parts = statutory_by_industry(law, months, origin=origin)
    assert (parts["gap"].dropna() == 100 * (parts["statutory"] - parts["collected"]).dropna()).all()
    for month, rows in parts.groupby("month"):
        assert rows["share"].sum() == pytest.approx(1)
        assert rows["share_then"].sum() == pytest.approx(1)
        assert (rows["share"] * rows["statutory"]).sum() == pytest.approx(whole.loc[month, "statutory"])
        assert (rows["share_then"] * rows["collected"]).sum() == pytest.approx(
            whole.loc[month, "collected"], abs=5.1e-6
        )
        traded = rows[rows["share"] > 0]
        then = (traded["share_then"] * traded["statutory"]).sum() / traded["share_then"].sum()
        assert then == pytest.approx(whole.loc[month, "then"])


def test_the_tables_of_collections_agree_with_one_another():
    paid = read_table("history/collected-by-origin.csv").query("origin != 'WLD'")
    rows = read_table("history/us-imports-naics3-by-origin.csv.gz").query("period != '2024'")
    sums = rows.groupby(["period", "origin"])[["imports_for_consumption_usd", "duty_usd"]].sum()
    keyed = paid.set_index([paid["month"].dt.strftime("%Y-%m"), "origin"])
    assert set(keyed.index) == set(sums.index)
    rate = sums["duty_usd"] / sums["imports_for_consumption_usd"]
    assert (rate - keyed["collected"].reindex(sums.index)).abs().max() < 5.1e-6
    assert (sums["imports_for_consumption_usd"] / 1e6 - keyed["imports_usd_m"].reindex(sums.index)).abs().max() < 0.051
    japan = read_table("history/us-imports-from-japan-naics3-monthly.csv")
    japan = japan[japan["month"] == pd.Timestamp("2025-06-01")]
    own = rows.query("origin == 'JPN' and period == '2025-06'").set_index("naics3")["duty_usd"]
    assert (japan.set_index("naics3")["duty_usd"].reindex(own.index) == own).all()


def test_every_line_that_was_imported_has_an_industry():
    lines = set(read_table("markets/us-imports-hs10-by-origin-2024.csv.gz")["hs10"])
    industries = read_table("markets/us-hs10-to-naics3.csv.gz")
    assert set(industries["hs10"]) == lines
    assert industries["hs10"].is_unique


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"months": ["2026-03"]}, "months: nothing is known of collections in '2026-03'; use months from 2025-01 to"),
        ({"months": ["soon"]}, "months: 'soon' is not a day"),
        (
            {"months": ["2025-06"], "origins": ["SAU"]},
            "origins: nothing is known of collections from 'SAU'; use some of AUS",
        ),
        ({"months": ["2025-06"], "origins": ["WLD"]}, "origins: nothing is known of collections from 'WLD'"),
    ],
)
def test_a_question_without_collections_is_refused(law, asked, said):
    with pytest.raises(InputError, match="^" + said):
        statutory_by_origin(law, **asked)


def test_japan_from_october_to_january_lies_close_to_what_was_collected(law):
    gap = statutory_by_month(law, load_account("us-japan-2024")).set_index("month")["gap"]
    assert 100 * gap.loc["2025-10":"2026-01"].abs().mean() <= 0.7


def test_every_large_gap_of_a_partner_has_a_reason_and_every_reason_a_gap(gaps):
    large = {(row.month, row.origin) for row in gaps[gaps["gap"] > LARGE].itertuples()}
    told = gap_reasons()
    assert not told.duplicated(["month", "origin"]).any()
    assert large == set(zip(told["month"], told["origin"], strict=True))
    assert not told["reason"].str.contains(r"\d+ (?:%|points|per cent)|USD").any(), "quantities are computed"


def test_the_industries_that_a_reason_names_hold_most_of_what_is_left(law, gaps):
    told = gap_reasons()
    for month, origin, industries in told.loc[
        told["industries"].str.len() > 0, ["month", "origin", "industries"]
    ].to_numpy():
        rows = statutory_by_industry(law, [month], origin=origin)
        rest = rows["share_then"] * rows["gap"].fillna(0.0)
        assert rest[rows["naics3"].isin(industries)].sum() >= rest.sum() / 2, f"{origin} {month:%Y-%m}"


def test_what_is_said_to_be_composition_first_is_so_where_no_industry_is_named(gaps):
    told = gap_reasons().merge(gaps, on=["month", "origin"])
    alone = told[(told["industries"].str.len() == 0) & (told["kinds"].str[0] == "composition")]
    assert (100 * (alone["statutory"] - alone["then"]) > alone["gap"] / 2).all()


@pytest.mark.parametrize("origin", ["CAN", "MEX"])
def test_the_break_in_the_source_of_claims_is_not_read_as_policy(law, origin):
    table = read_table("markets/us-imports-hs10-by-origin-2024.csv.gz")
    lines = table[table["origin"] == origin]
    rates = law.rates(tuple(lines["hs10"]), origin=origin, dates=["2025-06-30", "2025-07-01"])
    before, after = rates @ (
        lines["imports_for_consumption_usd"].to_numpy() / lines["imports_for_consumption_usd"].sum()
    )
    assert before == pytest.approx(after, abs=1e-12)
    assert law.law.book.claims.preference_share(origin, tuple(lines["hs10"]), date(2025, 3, 4)).max() <= 1


def test_what_is_said_to_be_timing_first_goes_when_assessed_in_the_end(law, gaps):
    told = gap_reasons()
    for month, origin in told.loc[told["kinds"].str[0] == "timing", ["month", "origin"]].to_numpy():
        final = statutory_by_origin(law, [month], origins=[origin], assessed="final").iloc[0]
        row = gaps[(gaps["month"] == month) & (gaps["origin"] == origin)].iloc[0]
        assert abs(final["gap"]) < row["gap"] / 2


@pytest.mark.parametrize("origin", ["CHE", "EUU", "SGP"])
def test_without_duty_on_implants_the_law_is_nearer_to_what_was_collected(law, origin):
    lines = read_table("markets/us-imports-hs10-by-origin-2024.csv.gz").query(f"origin == '{origin}'")
    lines = lines.merge(read_table("markets/us-hs10-to-naics3.csv.gz"), on="hs10").query("naics3 == '339'")
    rate = law.rates(list(lines["hs10"]), origin=origin, dates=["2025-10-15"], assessed="first")[0]
    usd, implants = lines["imports_for_consumption_usd"].to_numpy(), (lines["hs10"].str[:4] == "9021").to_numpy()
    row = statutory_by_industry(law, ["2025-10"], origin=origin).set_index("naics3").loc["339"]
    without = usd @ np.where(implants, 0.0, rate) / usd.sum()
    assert abs(without - row["collected"]) < abs(row["statutory"] - row["collected"]) * 0.6


@pytest.mark.parametrize("name", law_page.TABLES)
def test_the_page_on_the_law_prints_what_is_computed(law, name):
    assert law_page.TABLES[name](law) in law_page.PAGE.read_text("utf-8"), "run python tests/tariffs/law_page.py"


def test_the_page_on_the_law_prints_what_its_assumptions_touch(law):
    page = law_page.PAGE.read_text("utf-8")
    for name, value in law_page.touched(law).items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {name}")]
        assert row.endswith(f"| {value} |"), "run python tests/tariffs/law_page.py"


def test_the_writer_of_the_page_changes_nothing_that_is_true(law):
    page = law_page.PAGE.read_text("utf-8")
    assert law_page.written(page, law) == page
