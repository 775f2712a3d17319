"""The dated law: what it answers, how it explains itself, and what it refuses."""

import shutil
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tradecalc.account import load_account
from tradecalc.files import data_root, read_table
from tradecalc.tariffs import (
    Override,
    average_rate,
    check_tariffs,
    load_tariffs,
    marginal_rate,
    quota_duty,
    statutory_by_month,
)
from tradecalc.terms import InputError, ScheduleError, TradecalcError


@pytest.fixture(scope="module")
def law():
    return load_tariffs("us")


@pytest.fixture(scope="module")
def account():
    return load_account("us-japan-2024")


# --- what it answers -------------------------------------------------------------------------------------------


def test_the_four_worked_examples_of_june_2025(law):
    on = "2025-06-14"
    assert law.rate("8703.23", origin="JPN", on=on) == pytest.approx(0.275)
    assert law.rate("7210.49", origin="JPN", on=on) == pytest.approx(0.5)
    assert law.rate("8486.20", origin="JPN", on=on) == pytest.approx(0.0)
    assert law.rate("8458.11", origin="JPN", on=on, preference=False) == pytest.approx(0.144)


@pytest.mark.parametrize("on", ["2025-06-14", date(2025, 6, 14), datetime(2025, 6, 14, 12), pd.Timestamp("2025-06-14")])
@pytest.mark.parametrize("hs", ["8703.23", "870323", "87032301", "8703.23.01", "8703.23.01.10", "8703.23.01.99"])
def test_days_and_codes_may_be_written_in_several_ways(law, on, hs):
    assert law.rate(hs, origin="JPN", on=on) == pytest.approx(0.275)


def test_every_member_of_the_union_pays_what_the_union_pays(law):
    members = [name for name, country in law.law.schedule.origins.items() if country.member_of == "EUU"]
    assert len(members) == 27
    for on in ("2025-06-14", "2025-10-01", "2026-08-01"):
        union = law.rate("8703.23", origin="EUU", on=on)
        assert {law.rate("8703.23", origin=name, on=on) for name in members} == {union}


def test_a_metal_that_is_not_named_beside_one_that_is_counts_as_none(law):
    asked = {
        "hs": "9403.10.00",
        "origin": "JPN",
        "on": "2025-10-15",
    }  # on the lists of steel and of aluminium, MFN free
    steel = law.rate(**asked, steel_share=0.3)
    assert steel == law.rate(**asked, steel_share=0.3, aluminium_share=0.0) == pytest.approx(0.3 * 0.5 + 0.7 * 0.15)
    both = law.rate(**asked, steel_share=0.3, aluminium_share=0.2)
    assert both == pytest.approx(0.5 * 0.5 + 0.5 * 0.15)


def test_known_on_14_june_2025_the_pause_ends_in_july():
    then = load_tariffs("us", as_of="2025-06-14")
    assert then.rate("8458.11", origin="JPN", on="2025-06-14", preference=False) == pytest.approx(0.144)
    assert then.rate("8458.11", origin="JPN", on="2025-07-08", preference=False) == pytest.approx(0.144)
    assert then.rate("8458.11", origin="JPN", on="2025-07-09", preference=False) == pytest.approx(0.284)
    assert then.rate("8703.23", origin="JPN", on="2025-10-01") == pytest.approx(0.275)
    assert then.rate("8703.23", origin="GBR", on="2025-07-15", in_quota=True) == pytest.approx(0.275)
    assert then.rate("7411.10.10", origin="JPN", on="2025-08-15") == pytest.approx(
        0.015
    )  # copper was on the exempt list


@pytest.mark.parametrize(
    ("as_of", "on", "rate"),
    [
        ("2025-04-01", "2025-06-14", 0.044),
        ("2025-04-08", "2025-06-14", 0.284),
        ("2025-07-07", "2025-07-31", 0.144),
        ("2025-07-07", "2025-08-01", 0.284),
        ("2025-07-31", "2025-08-15", 0.194),
        ("2025-09-04", "2025-08-15", 0.15),
        ("2026-02-19", "2026-03-15", 0.15),
        ("2026-02-20", "2026-03-15", 0.144),
        ("2026-02-20", "2026-08-01", 0.044),
    ],
)
def test_each_instrument_counts_from_the_day_it_was_signed(as_of, on, rate):
    assert load_tariffs("us", as_of=as_of).rate("8458.11", origin="JPN", on=on, preference=False) == pytest.approx(rate)


def test_a_quota_is_a_function_of_quantity():
    cars = np.array([0.0, 50_000.0, 100_000.0, 1_370_000.0])
    terms = {"quota": 100_000, "within": 0.10, "over": 0.275}
    assert_allclose(quota_duty(cars, **terms), [0.0, 5_000.0, 10_000.0, 10_000.0 + 0.275 * 1_270_000])
    assert_allclose(average_rate(cars, **terms)[:3], 0.10)
    assert average_rate(1_370_000, **terms) == pytest.approx(0.2622, abs=1e-4)
    assert_allclose(marginal_rate(cars, **terms), [0.10, 0.10, 0.275, 0.275])
    assert quota_duty(cars[:, None], quota=np.array([0.0, np.inf]), within=0.1, over=0.2).shape == (4, 2)


def test_effective_covers_every_product_and_a_total(law, account):
    table = law.effective(account, on="2025-06-14")
    assert list(table.columns) == ["product", "baseline_usd_bn", "rate"]
    assert table["product"].iloc[-1] == "total"
    assert table["baseline_usd_bn"].iloc[-1] == pytest.approx(account.imports_usd_bn.sum())
    by_name = table.set_index("product")["rate"]
    assert by_name["cars"] == pytest.approx(0.275, abs=0.005)
    assert by_name.drop("total").dropna().between(0, 1).all()
    assert (
        0
        < table.attrs["assumed_share_of_value"]
        < law.effective(account, on="2025-10-15").attrs["assumed_share_of_value"]
        < 0.3
    )


def test_the_law_of_2024_is_the_rate_that_was_collected(law, account):
    total = law.effective(account, on="2024-07-01")["rate"].iloc[-1]
    assert abs(total - 0.01521) < 0.005


def test_statutory_and_collected_rates_agree_by_month(law, account):
    gaps = statutory_by_month(law, account).set_index("month")["gap"]
    assert gaps.loc["2024"].abs().max() < 0.005
    steady = gaps.loc["2025-05":"2026-01"].drop(pd.Timestamp("2025-09-01"))
    assert len(steady) == 8
    assert steady.abs().mean() <= 0.015


def test_more_metal_than_assumed_would_close_the_gap_of_october(law, account):
    paid = read_table("history/duties-on-japan-monthly.csv")
    october = paid[paid["month"] == "2025-10-01"]
    gaps = [
        statutory_by_month(law, account, collected=october, steel_share=share)["gap"].iloc[0] for share in (0.1, 0.9)
    ]
    assert gaps[0] < 0 < gaps[1]


# --- how it explains itself ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hs", ["8703.23", "8458.11", "8486.20", "8704.31.01", "7210.49", "8708.40.11"])
@pytest.mark.parametrize("on", ["2025-06-14", "2025-10-01", "2026-03-15", "2026-08-01"])
def test_what_each_authority_adds_sums_to_the_rate(law, hs, on):
    why = law.explain(hs, origin="JPN", on=on)
    assert why["rate"].sum() == pytest.approx(law.rate(hs, origin="JPN", on=on))
    assert why["citation"].str.len().min() > 0
    assert not why["hypothetical"].any()


def test_explain_names_who_is_displaced_and_by_whom(law):
    why = law.explain("8703.23", origin="JPN", on="2025-06-14").set_index("authority")
    assert bool(why.loc["s232_cars", "applied"])
    assert not bool(why.loc["ieepa_reciprocal", "applied"])
    assert why.loc["ieepa_reciprocal", "displaced_by"] == "s232_cars"
    assert "10908" in why.loc["s232_cars", "citation"]


def test_explain_shows_a_part_that_is_displaced(law):
    why = law.explain("8457.10", origin="JPN", on="2025-10-01", steel_share=0.3).set_index("authority")
    assert why.loc["s232_steel_derivatives", "rate"] == pytest.approx(0.15)
    assert why.loc["ieepa_reciprocal", "share_of_value"] == pytest.approx(0.7)
    assert why.loc["ieepa_reciprocal", "displaced_by"] == "s232_steel_derivatives"
    assert bool(why.loc["ieepa_reciprocal", "applied"])


def test_explain_shows_an_exemption(law):
    why = law.explain("8486.20", origin="JPN", on="2025-06-14").set_index("authority")
    assert why.loc["ieepa_reciprocal", "rule"] == "exempt"
    assert "11 April 2025" in why.loc["ieepa_reciprocal", "citation"]


def test_the_calendar_holds_each_change_once(law):
    calendar = law.calendar("8458.11", origin="JPN", preference=False)
    assert list(calendar["from"].dt.strftime("%Y-%m-%d")) == [
        "2024-01-01", "2025-04-05", "2025-04-09", "2025-04-10", "2025-08-07", "2026-02-24", "2026-07-24",
    ]  # fmt: skip
    assert_allclose(calendar["rate"], [0.044, 0.144, 0.284, 0.144, 0.15, 0.144, 0.125])
    assert not calendar["assumed"].any()
    assert law.calendar("8457.10", origin="JPN")["assumed"].any()
    assert law.calendar("8703.23", origin="GBR")["assumed"].any()


def test_a_schedule_names_the_files_it_read(law):
    paths = {stamp.path for stamp in law.origins}
    assert {"tariffs/us/s232-cars.yaml", "tariffs/us/tables/mfn-rates.csv"} <= paths
    assert all(len(stamp.sha256) == 64 for stamp in law.origins)
    assert law.first_date <= date(2024, 1, 1)


# --- overrides -------------------------------------------------------------------------------------------------


def test_the_pause_can_run_on():
    then = load_tariffs("us", as_of="2025-06-14")
    longer = then.override([Override("extend_pause", "ieepa_reciprocal", "2025-07-09", "2025-12-31", origin="JPN")])
    assert longer.rate("8458.11", origin="JPN", on="2025-12-31", preference=False) == pytest.approx(0.144)
    assert longer.rate("8458.11", origin="JPN", on="2026-01-01", preference=False) == pytest.approx(0.284)
    assert longer.rate("8458.11", origin="DEU", on="2025-12-31") == pytest.approx(0.244)
    why = longer.explain("8458.11", origin="JPN", on="2025-08-01", preference=False).set_index("authority")
    assert bool(why.loc["ieepa_reciprocal", "hypothetical"])
    assert then.rate("8458.11", origin="JPN", on="2025-12-31", preference=False) == pytest.approx(0.284)


def test_a_floor_a_rate_and_a_removal(law):
    window = {"start": "2025-06-01", "end": "2025-06-30", "origin": "JPN"}
    floor = law.override([Override("floor", "s232_cars", rate=0.15, **window)])
    assert floor.rate("8703.23", origin="JPN", on="2025-06-14") == pytest.approx(0.15)
    assert floor.rate("8703.23", origin="JPN", on="2025-07-01") == pytest.approx(0.275)
    assert floor.rate("8703.23", origin="DEU", on="2025-06-14") == pytest.approx(0.275)
    rate = law.override([Override("rate", "s232_cars", rate=0.35, **window)])
    assert rate.rate("8703.23", origin="JPN", on="2025-06-14") == pytest.approx(0.375)
    gone = law.override([Override("remove", "ieepa_reciprocal", **window)])
    assert gone.rate("8458.11", origin="JPN", on="2025-06-14", preference=False) == pytest.approx(0.044)
    base = law.override([Override("rate", "mfn", rate=0.0, hs="8458.11", **window)])
    assert base.rate("8458.11", origin="JPN", on="2025-06-14", preference=False) == pytest.approx(0.10)
    spared = law.override([Override("rate", "mfn", "2025-06-01", rate=0.10, hs="8458.11")])
    assert spared.rate("8458.11", origin="KOR", on="2025-06-14") == pytest.approx(0.10)
    assert spared.rate("8458.11", origin="KOR", on="2025-06-14", preference=False) == pytest.approx(0.20)
    named = law.override([Override("rate", "s232_cars", rate=0.25, hs=("8458.11", "8458.91"), **window)])
    assert named.rate("8458.11", origin="JPN", on="2025-06-14", preference=False) == pytest.approx(0.044 + 0.25)


def test_a_removal_says_what_takes_over(law):
    on = "2026-03-15"
    assert law.rate("8704.31.01", origin="JPN", on=on) == pytest.approx(0.25)
    without = law.override([Override("remove", "s232_cars", "2026-03-01")])
    assert without.rate("8704.31.01", origin="JPN", on=on) == pytest.approx(0.35)
    why = without.explain("8704.31.01", origin="JPN", on=on).set_index("authority")
    assert "s122 takes over" in why.loc["s232_cars", "why"]
    assert bool(why.loc["s122", "applied"])


def test_a_quota_as_the_british_have_it(law):
    quota = {
        "kind": "quota",
        "authority": "s232_cars",
        "from": "2025-06-14",
        "origin": "JPN",
        "within": 0.075,
        "over": 0.25,
    }
    british = law.override([quota])
    assert british.rate("8703.23", origin="JPN", on="2025-07-01", in_quota=True) == pytest.approx(0.10)
    assert british.rate("8703.23", origin="JPN", on="2025-07-01", in_quota=False) == pytest.approx(0.275)
    with pytest.raises(InputError, match="in_quota"):
        british.rate("8703.23", origin="JPN", on="2025-07-01")
    assert british.rates(["8703230110"], origin="JPN", dates=["2025-07-01"])[0, 0] == pytest.approx(0.275)


@pytest.mark.parametrize(
    ("overrides", "error", "words"),
    [
        ([{"kind": "rate", "authority": "s232_car", "from": "2025-01-01", "rate": 0.1}], InputError, "s232_cars"),
        ([{"kind": "rat", "authority": "s232_cars", "from": "2025-01-01", "rate": 0.1}], InputError, "'rate'"),
        ([{"kind": "rate", "authority": "s232_cars", "from": "2025-01-01"}], InputError, "takes `rate:`"),
        ([{"kind": "rate", "authority": "s232_cars", "from": "2025-01-01", "rate": 25}], InputError, "fraction"),
        ([{"kind": "remove", "authority": "s232_cars", "from": "2025-01-01", "rate": 0.1}], InputError, "no rate"),
        (
            [{"kind": "remove", "authority": "s232_cars", "from": "2025-02-01", "to": "2025-01-01"}],
            InputError,
            "before",
        ),
        ([{"kind": "remove", "authority": "s232_cars", "frm": "2025-01-01"}], InputError, "'from'"),
        ([{"kind": "remove", "authority": "s232_cars"}], InputError, "`from:` is missing"),
        ([{"kind": "remove", "authority": "s232_cars", "from": "2025-01-01", "hs": "87x"}], InputError, "'87x'"),
        ([{"kind": "remove", "authority": "s232_cars", "from": "2025-01-01", "origin": "JPX"}], InputError, "'JPN'"),
        ([{"kind": "extend_pause", "authority": "ieepa_reciprocal", "from": "2025-07-09"}], InputError, "until when"),
        (
            [
                {
                    "kind": "extend_pause",
                    "authority": "s232_cars",
                    "from": "2025-07-09",
                    "to": "2026-01-01",
                    "origin": "JPN",
                }
            ],
            InputError,
            "no pause",
        ),
        (
            [
                {
                    "kind": "rate",
                    "authority": "s232_cars",
                    "from": "2025-01-01",
                    "rate": 0.1,
                    "hs": "8703",
                    "name": "A",
                },
                {
                    "kind": "floor",
                    "authority": "s232_cars",
                    "from": "2025-06-01",
                    "rate": 0.1,
                    "hs": "8703.23",
                    "name": "B",
                },
            ],
            ScheduleError,
            "'A' and 'B' both change s232_cars for the same goods from 2025-06-01 on",
        ),
    ],
)
def test_overrides_that_cannot_be(law, overrides, error, words):
    with pytest.raises(error) as caught:
        law.override(overrides)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_overrides_apart_in_days_goods_or_origins_stand_together(law):
    law.override(
        [
            {"kind": "rate", "authority": "s232_cars", "from": "2025-01-01", "to": "2025-01-31", "rate": 0.1},
            {
                "kind": "rate",
                "authority": "s232_cars",
                "from": "2025-02-01",
                "rate": 0.1,
                "origin": "JPN",
                "hs": "8703",
            },
            {
                "kind": "rate",
                "authority": "s232_cars",
                "from": "2025-02-01",
                "rate": 0.1,
                "origin": "JPN",
                "hs": "8704",
            },
            {"kind": "rate", "authority": "s232_cars", "from": "2025-02-01", "rate": 0.1, "origin": "KOR"},
        ]
    )


# --- what it refuses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hs", "asked", "words"),
    [
        ("8703.23", {"origin": "JPM"}, "'JPN'"),
        ("8703.23", {"origin": "JAPAN"}, "ISO-3"),
        ("8703.23", {"origin": None}, "ROW"),
        ("8703.2", {}, "'8703.2' is not an HS code"),
        (870323, {}, "as text"),
        ("87032x", {}, "'87032x'"),
        ("7700", {}, "no line"),
        ("9999.99.99", {}, "no line"),
        ("8517.70", {}, "successor under 8517, where 8517.62 and 8517.69 and 8517.71 and 8517.79 lie nearest"),
        ("8703.23.00", {}, "successor under 8703.23, where 8703.23.01 lie"),
        ("8703.23", {"on": "2023-12-31"}, "2024-01-01"),
        ("8703.23", {"on": "2031-01-01"}, "ends, 2026-11-25"),
        ("8703.23", {"on": "14 June 2025"}, "YYYY-MM-DD"),
        ("8703.23", {"on": 20250614}, "YYYY-MM-DD"),
        ("8457.10", {"on": "2025-10-01"}, "give steel_share"),
        ("8544.42.90", {"on": "2025-10-01"}, "_share"),
        ("7411.10.10", {"on": "2025-10-01", "steel_share": 0.2}, "give copper_share"),
        ("8457.10", {"on": "2025-10-01", "steel_share": 30}, "between 0 and 1"),
        ("8457.10", {"on": "2025-10-01", "steel_share": 0.7, "copper_share": 0.5}, "sum to 1.2"),
        ("8703.23", {"us_content": 40}, "us_content"),
        ("8703.23", {"origin": "GBR", "on": "2025-10-01"}, "British cars"),
        ("7210.49", {"on": "2024-10-01"}, "Japanese steel"),
        ("8703.23", {"assessed": "paid"}, "first, final or legal"),
        ("8703.23", {"use": "heavy truck"}, "'heavy_truck'"),
        ("8703.23", {"use": "patented_medicine"}, "no rule of this law asks of '8703.23' whether it is"),
        ("8471.50.01", {"use": "advanced_chip"}, "before 2026-01-15"),
        ("8703.23", {"aircraft_use": True}, "no list of civil aircraft"),
        ("8411.91.90", {"aircraft_use": "yes"}, "None, True, False"),
        ("8703.23", {"preference": "no"}, "preference"),
        ("0102.29.40", {}, "specific"),
        ("8482.10.50", {}, "8482105004 pays"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(law, hs, asked, words):
    options = {"origin": "JPN", "on": "2025-06-14", **asked}
    with pytest.raises(InputError) as caught:
        law.rate(hs, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_that_does_not_exist(law):
    with pytest.raises(TypeError, match="steel_share"):
        law.rate("8703.23", origin="JPN", on="2025-06-14", steal_share=0.1)


def test_a_prefix_of_two_rates_names_two_lines_with_their_rates(law):
    with pytest.raises(InputError, match=r"8482105004 pays 19 % and 8482105044 pays 34 %"):
        law.rate("8482.10.50", origin="JPN", on="2025-06-14")


def test_there_is_no_such_law():
    with pytest.raises(InputError, match="use one of us"):
        load_tariffs("eu")


def test_tables_take_whole_lines(law):
    with pytest.raises(InputError, match="ten-digit"):
        law.rates(["8703"], origin="JPN", dates=["2025-06-14"])
    table = law.table(["8703230110", "8458.11.0010"], origin="JPN", dates=["2025-06-14", "2025-10-01"])
    assert_allclose(table.to_numpy(), [[0.275, 0.1], [0.15, 0.15]])  # tables claim Japan's special rate on lathes
    general = law.rates(["8703230110", "8458110010"], origin="JPN", dates=["2025-06-14"], preference=False)
    assert_allclose(general, [[0.275, 0.144]])


# --- the files themselves --------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a copy of the tariff law that a test may spoil."""
    for part in ("tariffs", "account", "history", "markets"):
        shutil.copytree(data_root() / part, tmp_path / part)
    monkeypatch.setenv("TRADECALC_DATA", str(tmp_path))
    return tmp_path / "tariffs" / "us"


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("s232-cars.yaml", "rate: 0.25", "rate: 25", "s232-cars.yaml:15: rates.0.rate: 25 looks like per cent"),
        ("s232-cars.yaml", 'from: 2025-04-03, rate: 0.25, ', 'from: 2025-04-03, ', "`rate:` is missing"),
        ("s232-cars.yaml", "rule: floor", "rule: flor", "'flor' is not allowed"),
        ("s232-cars.yaml", "origin: JPN,", "orgin: JPN,", "Did you mean 'origin'?"),
        ("s232-cars.yaml", "origin: JPN,", "origin: JPX,", "'JPX' is not in schedule.yaml"),
        ("s232-cars.yaml", "reference: japan_notice", "reference: japan_notise", "Did you mean 'japan_notice'?"),
        ("s232-cars.yaml", "list: light_trucks", "list: light_truck", "Did you mean 'light_trucks'?"),
        ("s232-cars.yaml", "authority: s232_cars", "authority: s232_autos", "rename one"),
        ("s232-cars.yaml", "use: heavy_truck", "use: heavy_lorry", "the use 'heavy_lorry'"),
        ("s232-cars.yaml", 'hs: ["8704.60.00"]', 'hs: ["8704.6O.00"]', "no HS code"),
        ("s232-cars.yaml", "excludes: [s232_heavy_vehicles", "excludes: [s232_heavy_vehicle", "'s232_heavy_vehicles'"),
        ("s232-cars.yaml", "from: 2025-09-16, rate", "from: 2025-09-16, to: 2025-09-01, rate", "before `from"),
        ("s232-cars.yaml", "in_quota: false, ", "", "belong together"),
        ("references.yaml", "confidence: high", "confidence: sure", "confidence"),
        ("schedule.yaml", "first_date: 2024-01-01", "first_date: soon", "first_date"),
    ],
)  # fmt: skip
def test_a_spoiled_file_is_refused_with_its_place(folder, file, old, new, words):
    spoil(folder / file, old, new)
    with pytest.raises(TradecalcError) as caught:
        load_tariffs("us")
    assert words in str(caught.value)


def test_two_rates_for_one_good_on_one_day_are_refused(folder):
    spoil(
        folder / "s232-cars.yaml",
        "  - {origin: JPN,",
        "  - {origin: [JPN, DEU], from: 2025-10-01, rate: 0.2, reference: japan_notice}\n  - {origin: JPN,",
    )
    with pytest.raises(ScheduleError) as caught:
        load_tariffs("us")
    assert "add 0.2 from 2025-10-01" in str(caught.value)
    assert "floor 0.15 from 2025-09-16" in str(caught.value)
    assert "claim goods of JPN from 2025-10-01" in str(caught.value)


def test_two_authorities_that_say_nothing_of_each_other_are_refused(folder):
    spoil(folder / "s232-wood.yaml", "{list: softwood, reference", '{hs: ["8703.23"], reference')
    with pytest.raises(ScheduleError) as caught:
        load_tariffs("us")
    assert "s232_cars and s232_wood both claim 8703230110 from 2025-10-14" in str(caught.value)
    assert "excludes" in str(caught.value)


def test_exclusions_may_not_run_in_a_circle(folder):
    spoil(folder / "s122.yaml", "beside: [fentanyl, general]", "excludes: [s232_cars]")
    with pytest.raises(ScheduleError, match=r"circle among .*s232_cars"):
        load_tariffs("us")


def test_two_scopes_of_one_authority_may_not_tie(folder):
    item = "    - {list: metals_annex_3_aluminium, reference: proclamation_11021}\n"
    twice = item + "    - {list: metals_annex_1b_steel, reference: proclamation_11021}\n"
    spoil(folder / "s232-metals-annexes.yaml", item, twice)
    with pytest.raises(ScheduleError, match=r"'annex_1b' and 'annex_3' both claim \d{10} on"):
        load_tariffs("us")


def test_checks_find_what_is_unused(folder, monkeypatch):
    monkeypatch.setattr("tradecalc.tariffs.checks._incomplete", lambda schedule: [])  # asked of the shipped law
    with (folder / "references.yaml").open("a") as file:
        file.write("spare: {title: Spare, citation: none, retrieved: 2026-11-23, source: none, ")
        file.write("status: official, confidence: low}\n")
    assert any("'spare' is not cited" in problem for problem in check_tariffs())


def test_a_changed_table_is_refused(folder):
    with (folder / "tables" / "product-lists.csv").open("a") as file:
        file.write("passenger_cars,870321,note\n")
    with pytest.raises(InputError, match="has changed"):
        load_tariffs("us")
