"""What pledges are measured with: values of a piece, the seller's capacity, the partner's demand; and two books."""

import calendar
import re

import numpy as np
import pandas as pd
import pytest
from corrected import edit

from tradecalc.account import check_accounts, load_account, load_table
from tradecalc.account.books import two_books
from tradecalc.files import data_root, read_table
from tradecalc.terms import AccountError, InputError

VALUES = "account/us-japan-2024-unit-values.csv"
CAPACITY = "account/us-japan-2024-seller-capacity.csv"
DEMAND = "account/us-japan-2024-partner-demand.csv"
BCF_PER_MILLION_TONNES = 48.028


def test_unit_values_are_the_quotients_their_sources_state(account):
    exports = account.exports_usd_bn
    capacity = load_table("capacity").set_index(["item", "period"])["value"]
    beans = (
        capacity["US soybean exports to China value", "2024"] / capacity["US soybean exports to China volume", "2024"]
    )
    assert account.unit_value("soybeans", "tonnes") == pytest.approx(beans, abs=0.01)
    assert account.unit_value("rice", "tonnes") == capacity["US rice exports to Japan unit value", "2024"]
    assert account.unit_value("corn", "tonnes") == pytest.approx(exports["corn"] * 1e9 / 11.5e6, abs=0.01)
    assert account.unit_value("cars", "cars") == pytest.approx(exports["cars"] * 1e9 / 16_074, abs=0.5)
    assert account.unit_value("aircraft", "aircraft") == pytest.approx(22_861e6 / 348, abs=0.5)
    rate = load_table("usd-jpy-monthly").set_index("month")["usd_jpy"]["2024-04":"2025-03"].mean()
    assert account.unit_value("lng-and-gases", "tonnes") == pytest.approx(6170e9 / 65.87e6 / rate, abs=0.5)


def test_pieces_of_a_cell_are_worth_the_cell(account):
    soybeans = account.unit_value("soybeans", "tonnes") * 3.17e6 * 0.657
    assert soybeans / 1e9 == pytest.approx(account.exports_usd_bn["soybeans"], rel=1e-4)
    rice = account.unit_value("rice", "tonnes") * 350e3
    assert rice / 1e9 == pytest.approx(account.exports_usd_bn["rice"])


def test_every_unit_value_has_status_source_and_note():
    table = read_table(VALUES)
    assert (table["usd_per_unit"] > 0).all()
    assert not table.duplicated(["product", "unit"]).any()
    assert table["status"].isin(["published", "derived", "assumed"]).all()
    assert table["confidence"].isin(["high", "medium", "low"]).all()
    assert set(table["unit"]) == {"tonnes", "cars", "aircraft"}


def test_a_unit_value_that_is_not_known_says_what_is_and_what_to_do(account):
    with pytest.raises(InputError) as err:
        account.unit_value("aircraft", "tonnes")
    for part in ("us-japan-2024", "aircraft counted in 'tonnes'", "known for aircraft: aircraft", "unit_value_usd"):
        assert part in str(err.value)
    with pytest.raises(InputError, match="known for meat: no unit"):
        account.unit_value("meat", "tonnes")
    with pytest.raises(InputError, match="Did you mean 'soybeans'"):
        account.unit_value("soybean", "tonnes")


def test_tonnes_of_lng_follow_from_the_stated_gas():
    table = read_table(CAPACITY)
    days = table["year"].map(lambda year: 365 + calendar.isleap(int(year)))
    assert table["quantity"].to_numpy() == pytest.approx(
        (table["stated"] * days / BCF_PER_MILLION_TONNES * 1e6).to_numpy(), abs=1
    )
    assert (
        f"over {BCF_PER_MILLION_TONNES} billion cubic feet"
        in (data_root() / CAPACITY.replace(".csv", ".origin.yaml")).read_text()
    )
    stated = table.set_index("year")["stated"]
    known = load_table("capacity").set_index(["item", "period"])["value"]
    assert stated[2024] == known["US LNG exports", "2024"]
    assert stated[2025] == known["US LNG exports", "2025"]
    assert stated[2026] == known["US LNG exports forecast", "2026"]
    assert stated[2027] == known["US LNG exports forecast", "2027"]
    base = known["US LNG export capacity", "base of EIA 2029 projection"]
    assert stated[2029] == pytest.approx(base + known["US LNG export capacity increment", "by 2029"])
    assert table.set_index("year")["series"].to_dict() == dict.fromkeys([2024, 2025, 2026, 2027], "exports") | {
        2029: "export capacity"
    }
    assert table.set_index("year")["status"].to_dict() == dict.fromkeys([2024, 2025], "observed") | dict.fromkeys(
        [2026, 2027, 2029], "forecast"
    )


def test_capacity_counts_from_the_year_of_the_account(account):
    lng = ["lng-and-gases"]
    tonnes = read_table(CAPACITY).set_index("year")["quantity"]
    value = account.unit_value("lng-and-gases", "tonnes")
    assert account.capacity_usd_bn(lng, 2024) == 0.0
    assert account.capacity_usd_bn(lng, 2019) == 0.0
    assert account.capacity_usd_bn(lng, 2026) == pytest.approx((tonnes[2026] - tonnes[2024]) * value / 1e9)
    assert account.capacity_usd_bn(lng, 2028) == pytest.approx(
        (account.capacity_usd_bn(lng, 2027) + account.capacity_usd_bn(lng, 2029)) / 2
    )
    assert account.capacity_usd_bn(lng) == account.capacity_usd_bn(lng, 2029) == account.capacity_usd_bn(lng, 2050)
    years = [account.capacity_usd_bn(lng, year) for year in range(2024, 2031)]
    assert (np.diff(years) >= 0).all()


def test_capacity_that_is_not_known_has_no_end(account):
    assert account.capacity_usd_bn(["corn"], 2027) == np.inf
    assert account.capacity_usd_bn(iter(["lng-and-gases", "corn"]), 2027) == np.inf
    assert account.capacity_usd_bn([], 2027) == 0.0
    with pytest.raises(InputError, match="'lng' is not a product"):
        account.capacity_usd_bn(["lng"], 2027)


def test_a_fall_in_supply_is_no_negative_capacity(own_data):
    edit(own_data / CAPACITY, "2025,113996002,", "2025,13996002,")
    assert load_account().capacity_usd_bn(["lng-and-gases"], 2025) == 0.0


def test_share_is_what_the_partner_buys_from_the_reporter(account):
    assert account.partner_share("lng-and-gases") == pytest.approx(6300 / 65_900)
    assert account.partner_share("soybeans") == pytest.approx(0.657)
    assert np.isnan(account.partner_share("aircraft"))
    with pytest.raises(InputError, match="not a product"):
        account.partner_share("planes")


def test_lng_demand_is_the_table_of_markets(account):
    bulk = load_table("japan-bulk-imports").query("commodity == 'lng' and period == '2024'").set_index("origin")
    row = read_table(DEMAND).set_index("product").loc["lng-and-gases"]
    assert [row["all_origins"], row["reporter"]] == bulk.loc[["WLD", "USA"], "thousand_tonnes"].tolist()
    assert account.room_usd_bn(["lng-and-gases"]) == pytest.approx((65.9 - 6.3) * 615 / 1000)  # 36.654 bn, not 88


def test_an_account_without_the_tables_says_so(own_data):
    file = own_data / "account/us-japan-2024.yaml"
    file.write_text(re.sub(r"(unit_values|seller_capacity|partner_demand): .*\n", "", file.read_text()))
    account = load_account()
    assert account.capacity_usd_bn(["lng-and-gases"], 2027) == np.inf
    assert np.isnan(account.room_usd_bn(["soybeans"]))
    assert np.isnan(account.partner_share("soybeans"))
    with pytest.raises(InputError, match="known for rice: no unit"):
        account.unit_value("rice", "tonnes")
    assert not [message for message in check_accounts(["us-japan-2024"]) if "us-japan-2024" in message]


def test_tables_are_among_the_origins(account):
    assert {VALUES, CAPACITY, DEMAND} <= {stamp.path for stamp in account.origins}


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        (VALUES, "\nrice,", "\nrize,", "'rize' is not a product of us-japan-2024"),
        (VALUES, "\nrice,tonnes", "\ncorn,tonnes", "corn in tonnes stands twice"),
        (CAPACITY, ",2027,", ",2026,", "lng-and-gases in 2026 stands twice"),
        (CAPACITY, ",2024,", ",2023,", "lng-and-gases has no quantity of 2024"),
        (CAPACITY, "137555176,tonnes", "137555176,cars", "lng-and-gases is counted in tonnes or cars"),
        (CAPACITY, ",tonnes,", ",barrels,", "lng-and-gases counted in 'barrels' is not known"),
        (DEMAND, "\nrice,", "\ncorn,", "corn stands twice"),
    ],
)
def test_a_row_that_cannot_be_used_is_found_by_the_check(own_data, table, old, new, said):
    edit(own_data / table, old, new)
    assert any(said in message for message in check_accounts(["us-japan-2024"]))


def test_a_row_that_stands_twice_is_refused(own_data):
    edit(own_data / VALUES, "\nrice,tonnes", "\ncorn,tonnes")
    with pytest.raises(AccountError, match=r"us-japan-2024-unit-values.csv: corn in tonnes stands twice"):
        load_account().unit_value("corn", "tonnes")


def test_commitments_keep_kinds_and_gaps():
    table = load_table("commitments").set_index("id")
    assert table.index.is_unique
    assert set(table["kind"]) == {"offer", "commitment", "private", "intent", "us_side", "realised"}
    offers = table[table["kind"] == "offer"]
    assert offers["amount"].isna().all()
    assert (offers["unit"] == "unspecified").all()
    assert (table["amount"].isna() == (table["unit"] == "unspecified")).all()
    assert table.loc["JL25-BOEING", ["amount", "unit"]].tolist() == [100, "aircraft"]
    assert table.loc["J25-JERA-LNG", ["amount", "unit"]].tolist() == [5.5, "million tonnes a year"]
    assert table.loc["O25-PROJ", ["amount", "amount_to"]].tolist() == [400, 490]
    assert table["amount_to"].notna().sum() == 1
    assert (table["source"] != "").all()


def test_services_are_a_memo_with_its_gaps():
    table = load_table("us-japan-services").set_index("year")
    assert table.loc[2024, ["exports_usd_bn", "imports_usd_bn"]].tolist() == [49, 42]
    assert np.isnan(table.loc[2023, "imports_usd_bn"])
    world = read_table("world/wiod-2014-trade.csv")
    services = read_table("world/wiod-2014-sectors.csv").query("kind == 'services'")["sector"]
    world = world[world["sector"].isin(services)].groupby(["origin", "destination"])["usd_m"].sum() / 1000
    assert table.loc[2014, "exports_usd_bn"] == pytest.approx(world["USA", "JPN"], abs=0.05)
    assert table.loc[2014, "imports_usd_bn"] == pytest.approx(world["JPN", "USA"], abs=0.05)


def test_two_books_of_one_year():
    row = two_books([2025]).iloc[0]
    assert row["us_deficit_usd_bn"] == pytest.approx(64.4481)
    assert row["japan_surplus_jpy_bn"] == pytest.approx(7521.4)
    assert row["japan_exports_jpy_bn"] - row["japan_imports_jpy_bn"] == pytest.approx(7521.4)
    assert row["usd_jpy"] == pytest.approx(149.63, abs=0.01)
    assert row["japan_surplus_usd_bn"] == pytest.approx(7521.4 / row["usd_jpy"])
    assert row["gap_usd_bn"] == pytest.approx(64.4481 - 7521.4 / row["usd_jpy"])


def test_two_books_hold_every_year_that_both_know():
    table = two_books()
    assert table["year"].tolist() == [2023, 2024, 2025]
    assert table.notna().all().all()
    assert (table["gap_usd_bn"] > 0).all()
    flows = table["japan_exports_jpy_bn"] - table["japan_imports_jpy_bn"] - table["japan_surplus_jpy_bn"]
    assert flows.abs().max() < 10


def test_two_books_keep_what_was_not_read_missing():
    table = two_books(range(1999, 2001)).set_index("year")
    assert table["us_deficit_usd_bn"].notna().all()
    assert table.drop(columns="us_deficit_usd_bn").isna().all().all()
    with pytest.raises(InputError, match=r"does not hold all of 2026; use years from 1985 to 2025"):
        two_books([2025, 2026])
    assert isinstance(two_books([]), pd.DataFrame)
