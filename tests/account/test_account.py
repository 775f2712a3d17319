"""The account balances, says where each figure stands, and refuses what it cannot answer."""

import hashlib
import re
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest
from corrected import edit, record

from tradecalc.account import check_accounts, list_tables, load_account, load_table
from tradecalc.terms import AccountError, InputError

CELLS = "account/us-japan-2024-cells.csv"
ALONE = """
title: US goods trade with South Korea
reporter: USA
year: 2024
law: us
law_on: 2024-07-01
products: account/us-two.csv
concordance: account/us-two-codes.csv
lines: {table: account/us-imports-from-korea.csv, value: imports_for_consumption_usd}
market:
  origins: [KOR, JPN, MEX]
  by_line: markets/us-imports-hs10-by-origin-2024.csv.gz
  by_chapter: markets/us-imports-by-origin-hs2.csv
  by_commodity: markets/us-imports-by-origin-bea.csv
  home: markets/home-shares-bea.csv
"""


@pytest.mark.parametrize(
    ("vintage", "exports", "imports", "deficit"),
    [(None, 79740.8, 148208.6, 68.5), ("2025-06", 78978.4, 148370.5, 69.4), ("2026-06", 78863.2, 147116.5, 68.3)],
)
def test_each_vintage_sums_to_what_was_published(vintage, exports, imports, deficit):
    account = load_account("us-japan-2024", vintage=vintage)
    assert account.exports_usd_bn.sum() * 1000 == pytest.approx(exports, abs=0.1)
    assert account.imports_usd_bn.sum() * 1000 == pytest.approx(imports, abs=0.1)
    assert round(account.deficit_usd_bn, 1) == deficit
    assert account.deficit_usd_bn == pytest.approx((imports - exports) / 1000)


def test_who_when_and_under_which_law(account):
    assert (account.reporter, account.partner, account.year, account.vintage) == ("USA", "JPN", 2024, "2025-02")
    assert account.law_on == date(2024, 7, 1)
    assert repr(account) == "<Account us-japan-2024, vintage 2025-02: deficit USD 68.5 bn>"


def test_one_row_per_product_and_flow_with_its_source(account):
    table = account.table()
    assert not table.duplicated(["product", "flow"]).any()
    assert set(table["flow"]) == {"imports", "exports"}
    assert (table["source"] != "").all()
    assert table["confidence"].isin(["high", "medium", "low"]).all()
    assert 30 <= len(account.products) <= 45
    assert {"cars", "light-trucks", "car-parts", "soybeans", "corn", "wheat", "rice", "meat"} <= set(account.products)
    assert {"lng-and-gases", "aircraft", "pharmaceuticals", "steel", "arms"} <= set(account.products)


def test_what_is_not_split_is_missing_and_says_where_it_is(account):
    table = account.table()
    unsplit = table[table["status"] == "not split"]
    assert len(unsplit)
    assert unsplit["usd_bn"].isna().all()
    assert unsplit["included_in"].isin(account.products).all()
    assert np.isnan(account.exports_usd_bn["wheat"])
    assert table.loc[table["status"] != "not split", "usd_bn"].notna().all()


def test_revisions_and_residual_are_visible(account):
    rows = account.table().set_index(["product", "flow"])["usd_bn"]
    assert rows["revision", "exports"] == pytest.approx(0.8774, abs=1e-4)
    assert rows["revision", "imports"] == 0
    assert rows["residual", "imports"] == pytest.approx(0.1141, abs=1e-4)
    assert rows["adjustment-3004", "imports"] == pytest.approx(1.068)


def test_arrays_put_adjustments_into_their_product(account):
    arrays = account.arrays()
    rows = account.table().set_index(["product", "flow"])["usd_bn"]
    pharma = arrays.imports_usd_bn[arrays.products.index("pharmaceuticals")]
    assert pharma == pytest.approx(rows["pharmaceuticals", "imports"] + rows["adjustment-3004", "imports"])
    assert np.array(arrays.products)[arrays.balancing].tolist() == ["residual", "revision"]
    assert arrays.imports_usd_bn.sum() == pytest.approx(148.2086, abs=1e-4)
    assert np.nansum(arrays.exports_usd_bn) == pytest.approx(79.7408, abs=1e-4)
    assert not np.isnan(arrays.imports_usd_bn).any()


def test_a_copy_is_handed_out(account):
    table = account.table()
    table["usd_bn"] = 0.0
    assert account.imports_usd_bn.sum() > 100


def test_soybeans_fit_inside_their_chapter(account):
    chapter = load_table("us-exports-to-japan-hs2-annual").query("year == 2024 and hs2 == '12'")["exports_usd"].sum()
    row = account.table().query("product == 'soybeans' and flow == 'exports'").iloc[0]
    assert row["status"] == "derived"
    assert row["confidence"] == "low"
    assert row["usd_bn"] == pytest.approx(3.17e6 * 0.657 * (12.55 / 26.9e6), rel=1e-6)
    assert row["usd_bn"] < chapter / 1e9


def test_cars(account):
    assert account.car_units == 1.37e6
    assert account.unit_value_usd == pytest.approx(29150, abs=1)
    assert "Mixed basis" in account.definition.units["cars"].note
    with pytest.raises(InputError, match="pieces of meat are not counted; use one of: cars"):
        account.units("meat")


def test_market_of_cars_is_that_of_every_origin(account):
    """Heading by heading, another table of the publisher says the same of each rival and of the rest of the world."""
    market = account.market("cars").set_index("origin")
    assert list(market.index) == [*account.definition.market.origins, "ROW", "USA"]
    assert market.loc["JPN", "usd_bn"] == account.imports_usd_bn["cars"]
    heading = load_table("vehicle-imports-by-origin").query("hs4 == '8703'").set_index("origin")
    heading = heading["imports_for_consumption_usd"] / 1e9
    rivals = [origin for origin in account.definition.market.origins if origin != "JPN"]
    assert market.loc[rivals, "usd_bn"].to_numpy() == pytest.approx(heading[rivals].to_numpy(), rel=1e-9)
    assert market.loc["ROW", "usd_bn"] == pytest.approx(heading.drop([*rivals, "JPN"]).sum(), rel=1e-9)
    assert market["status"].drop(["JPN", "USA"]).eq("published").all()
    assert market.loc["USA", "status"] == "assumed"


def test_every_market_holds_the_account_and_no_blank(account):
    for product in account.products:
        if not account.imports_usd_bn[product] > 0:
            continue
        market = account.market(product).set_index("origin")["usd_bn"]
        assert market["JPN"] == pytest.approx(account.imports_usd_bn[product], rel=1e-12)
        assert (market >= 0).all()
        assert market.notna().all()


def test_rivals_are_the_sums_of_their_own_lines(account):
    """A product takes the lines of its codes from every origin; products of a chapter sum to it."""
    chapter = load_table("us-imports-by-origin-hs2").query("hs2 == '85'").set_index("origin")
    chapter = chapter["imports_for_consumption_usd"] / 1e9
    concordance = account.concordance
    inside = sorted(
        {p for p, code in zip(concordance["product"], concordance["prefix"], strict=True) if code[:2] == "85"}
    )
    assert len(inside) > 1
    lines = account.sellers()
    assert set(lines.loc[lines["product"].isin(inside), "hs10"].str[:2]) == {"85"}
    for origin in ("MEX", "TWN", "VNM"):
        sums = [account.market(product).set_index("origin").loc[origin, "usd_bn"] for product in inside]
        assert sum(sums) == pytest.approx(chapter[origin], rel=1e-9)
    chips = account.market("semiconductors").set_index("origin")
    own = lines[(lines["origin"] == "TWN") & lines["hs10"].str.startswith(("8541", "8542"))]
    assert chips.loc["TWN", "usd_bn"] == pytest.approx(own["usd"].sum() / 1e9, rel=1e-9)


def test_every_line_of_every_origin_has_a_product(account):
    lines = account.sellers()
    assert lines["product"].isin(account.products).all()
    assert account.partner not in set(lines["origin"])
    assert load_account("us-korea-2024").sellers()["product"].notna().all()


def test_market_questions_without_an_answer(account):
    with pytest.raises(
        InputError, match=r"account us-japan-2024 holds no imports of wheat from JPN.*leave the product out"
    ):
        account.market("wheat")
    with pytest.raises(InputError, match="Did you mean 'soybeans'"):
        account.market("soybean")


def test_room_is_what_others_sell(account):
    """Tonnes from others times the account's value of a tonne; a sum with a part that is not known is not known.

    Soybeans 2024: 3.17 Mt less 65.7 %, at USD 466.54. Corn 2023: 14.9 Mt less 6.7, at USD 242.61. Rice: 767 less 346
    thousand tonnes, at USD 840.
    """
    soybeans, corn, rice = (account.room_usd_bn([product]) for product in ("soybeans", "corn", "rice"))
    assert soybeans == pytest.approx(3.17 * (1 - 0.657) * 0.46654, abs=1e-4)
    assert corn == pytest.approx((14.9 - 6.7) * 0.24261)
    assert rice == pytest.approx((0.767 - 0.346) * 0.840)
    assert account.room_usd_bn(["soybeans", "corn"]) == pytest.approx(soybeans + corn)
    assert np.isnan(account.room_usd_bn(["corn", "aircraft"]))
    assert np.isnan(account.room_usd_bn(["aircraft"]))  # a value of a piece and no tonnes


def test_most_of_what_is_exported_goes_to_others(account):
    """Gas: the whole of chapter 27 went to the world for USD 320.3 bn, to Japan for 11.8."""
    assert account.other_customers("lng-and-gases") == pytest.approx(1 - 11.786067782 / 320.343788897)
    assert account.other_customers("corn") == account.other_customers("rice")  # one chapter
    with pytest.raises(InputError, match="not a product"):
        account.other_customers("maize")


def test_pledges_are_measured_with_the_account(account):
    assert account.unit_value("rice", "tonnes") == 840
    assert account.capacity_usd_bn(["lng-and-gases"], account.year) == 0
    assert account.partner_share("corn") == pytest.approx(6.7 / 14.9)


def test_lines_weigh_every_heading_once(account):
    assert account.hs10["product"].isin(account.products).all()
    assert account.hs10["hs10"].is_unique
    assert account.hs10["usd"].sum() == pytest.approx(151_340_030_810)
    of = account.hs10.set_index("hs10")["product"]
    assert of["8704221120"] == "heavy-trucks"
    assert of["8704310120"] == "light-trucks"
    assert of["8703230140"] == "cars"


def test_html_holds_no_address(account):
    html = account._repr_html_()
    assert "Cars" in html
    assert "not split" in html
    assert "0x" not in html
    assert "id=" not in html


def test_origins_name_every_file(account):
    paths = {stamp.path for stamp in account.origins}
    assert {"account/us-japan-2024.yaml", CELLS, "markets/home-shares-bea.csv"} <= paths
    assert all(len(stamp.sha256) == 64 for stamp in account.origins)


def test_unknown_names_get_the_nearest():
    with pytest.raises(InputError, match=r"'us-japan-2023' is not an account; use .*Did you mean 'us-japan-2024'"):
        load_account("us-japan-2023")
    with pytest.raises(InputError, match="no vintage '2025-2'; use one of 2025-02, 2025-06, 2026-06"):
        load_account(vintage="2025-2")
    with pytest.raises(InputError, match=r"not an account"):
        load_account("../account/us-japan-2024")
    with pytest.raises(InputError, match="Did you mean 'us-japan-monthly'"):
        load_table("us-japan-month")
    with pytest.raises(InputError, match="not a table"):
        load_table("../account/us-products")


def test_every_table_loads():
    names = list_tables()
    assert len(names) == len(set(names))
    for name in names:
        assert len(load_table(name))


def test_an_account_that_does_not_balance_prints_both_sides(own_data):
    edit(own_data / CELLS, "39935.686596", "39936.686596")
    with pytest.raises(AccountError) as err:
        load_account()
    assert "148,209.600" in str(err.value)
    assert "148,208.6" in str(err.value)
    assert "gap 1.000 m, allowed 0.1 m" in str(err.value)
    assert f"data/{CELLS}" in str(err.value)
    assert check_accounts(["us-japan-2024"]) == [str(err.value)]


def test_a_gap_below_the_tolerance_passes(own_data):
    edit(own_data / CELLS, "39935.686596", "39935.736596")
    assert round(load_account().deficit_usd_bn, 1) == 68.5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cars,exports,all,8703,853", "cars,exports,all,8703,", "'cars' is blank and not `not split`"),
        (
            "rice,exports,all,1006,294,derived",
            "rice,exports,all,1006,294,not split",
            "'rice' is `not split` and has a value",
        ),
        ("meat,imports", "meats,imports", "'meats' is not a product of the account"),
        ("meat,imports", "corn,imports", "imports of corn stand twice"),
        ("meat,imports", "meat,import", "'import' is not a flow"),
        ("1068,adjustment,pharmaceuticals", "1068,adjustment,drugs", "'drugs' is no product to be included in"),
        ("1068,adjustment,pharmaceuticals", "1068,adjustment,", "'adjustment-3004' does not say where it is included"),
        ("revision,exports,2026-06", "revision,exports,2026-07", "'2026-07' is not a vintage of the account"),
    ],
)
def test_a_cell_that_is_wrong_is_named(own_data, old, new, said):
    edit(own_data / CELLS, old, new)
    with pytest.raises(AccountError) as err:
        load_account(vintage="2026-06")
    assert said in str(err.value)
    assert CELLS in str(err.value)


def test_two_errors_that_cancel_are_found_by_the_check(own_data):
    edit(own_data / CELLS, "39935.686596", "39945.686596")
    edit(own_data / CELLS, "75.318472", "65.318472")
    assert round(load_account().deficit_usd_bn, 1) == 68.5
    found = check_accounts(["us-japan-2024"])
    assert len(found) == 2
    assert "imports of cars are USD 39,945.687 m, but its headings" in found[0]


def test_a_total_that_was_never_published_is_found(own_data):
    file = own_data / "account/us-japan-2024.yaml"
    file.write_text(file.read_text().replace("imports_usd_m: 147116.5", "imports_usd_m: 147126.5"))
    edit(own_data / CELLS, "-1092.1", "-1082.1")
    assert "imports of vintage 2026-06 are USD 147,126.5 m" in check_accounts(["us-japan-2024"])[0]


def test_a_changed_byte_is_reported_with_both_hashes(own_data):
    table = own_data / CELLS
    expected = hashlib.sha256(table.read_bytes()).hexdigest()
    table.write_text(table.read_text().replace("8703", "8704", 1))
    found = hashlib.sha256(table.read_bytes()).hexdigest()
    with pytest.raises(InputError) as err:
        load_account()
    assert all(part in str(err.value) for part in (f"data/{CELLS}", expected, found))


def test_a_truncated_table_and_a_mistyped_field_are_one_sentence(own_data):
    table = own_data / "account/us-concordance.csv"
    table.write_bytes(table.read_bytes()[:300])
    with pytest.raises(InputError, match=r"us-concordance.csv: the file has changed"):
        load_account()
    file = own_data / "account/us-japan-2024.yaml"
    file.write_text(file.read_text().replace("default_vintage:", "default_vintagee:"))
    with pytest.raises(InputError, match=r"us-japan-2024.yaml:5: default_vintagee is not a field here"):
        load_account()


def test_a_code_without_a_product_and_a_double_prefix(own_data):
    table = own_data / "account/us-concordance.csv"
    edit(table, "\n8486,semiconductor-equipment\n", "\n8486,semiconductor-equipment\n8486,cars\n")
    with pytest.raises(AccountError, match="prefix 8486 stands twice"):
        load_account()
    edit(table, "\n8486,cars\n", "\n")
    edit(table, "\n93,arms\n", "\n9399,arms\n")
    with pytest.raises(AccountError, match=r"us-concordance.csv: chapter 93 has no product; add a prefix of it"):
        load_account("us-peru-2024")


def test_a_second_country_is_files_and_no_code(own_data):
    folder = own_data / "account"

    def table(name: str, frame: pd.DataFrame, like: str) -> None:
        frame.to_csv(folder / f"{name}.csv", index=False)
        shutil.copy(folder / f"{like}.origin.yaml", folder / f"{name}.origin.yaml")
        record(folder / f"{name}.csv")

    cells = pd.read_csv(folder / "us-japan-2024-cells.csv", dtype=str, keep_default_na=False)
    rows = [
        ("cars", "imports", "37386", "published"),
        ("meat", "imports", "2", "published"),
        ("cars", "exports", "", "not split"),
        ("meat", "exports", "70", "published"),
        *[(name, flow, "0", name) for name in ("residual", "revision") for flow in ("imports", "exports")],
    ]
    small = pd.DataFrame(rows, columns=["product", "flow", "usd_m", "status"])
    small = small.assign(vintage="all", hs="", source="test", confidence="high", note="")
    small["included_in"] = np.where(small["status"] == "not split", "meat", "")
    small = small[cells.columns]
    table("us-korea-2024-cells", small, "us-japan-2024-cells")
    products = pd.read_csv(folder / "us-products.csv", dtype=str)
    table("us-two", products[products["product"].isin(["cars", "meat"])], "us-products")
    table("us-two-codes", pd.DataFrame({"prefix": ["8703", "02"], "product": ["cars", "meat"]}), "us-concordance")
    lines = pd.DataFrame({"hs10": ["8703230140"], "imports_for_consumption_usd": [5], "duty_usd": [0]})
    lines.to_csv(folder / "us-imports-from-korea.csv", index=False)
    origin = (own_data / "markets/us-imports-hs10-by-origin-2024.origin.yaml").read_text()
    (folder / "us-imports-from-korea.origin.yaml").write_text(re.sub(r"(?m)^  origin: .*\n", "", origin))
    record(folder / "us-imports-from-korea.csv")
    text = (folder / "us-japan-2024.yaml").read_text() + ALONE
    for old, new in [
        ("us-japan-2024-cells", "us-korea-2024-cells"),
        ("frame: us-2024\n", ""),
        ("headings:\n  table: account/us-imports-from-japan-hs4-2024.csv\n  value: general_imports_usd\n", ""),
        ("name: us-japan-2024", "name: us-korea-2024"),
        ("partner: JPN", "partner: KOR"),
        ("exports_usd_m: 79740.8", "exports_usd_m: 70.0"),
        ("imports_usd_m: 148208.6", "imports_usd_m: 37388.0"),
        ("partner_demand: account/us-japan-2024-partner-demand.csv\n", ""),
    ]:
        assert old in text
        text = text.replace(old, new)
    (folder / "us-korea-2024.yaml").write_text(text)
    korea = load_account("us-korea-2024")
    assert korea.deficit_usd_bn == pytest.approx(37.318)
    assert np.isnan(korea.room_usd_bn(["meat"]))
    assert korea.market("meat").set_index("origin").loc["KOR", "usd_bn"] == pytest.approx(0.002)
    cars = korea.market("cars").set_index("origin")["usd_bn"]
    assert cars["KOR"] == 37.386
    assert cars["JPN"] == pytest.approx(41.904, abs=1e-3)
    lines = korea.sellers()
    assert set(lines["product"].dropna()) == {"cars", "meat"}
    assert set(lines.loc[lines["product"].notna(), "hs10"].str[:2]) == {"87", "02"}
    edit(folder / "us-imports-from-korea.csv", "8703230140", "9301000000")
    with pytest.raises(AccountError, match=r"us-two-codes.csv: 9301000000 has no product; add a prefix of it"):
        load_account("us-korea-2024")
