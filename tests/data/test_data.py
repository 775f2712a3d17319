"""Every table has an origin that is true of it, and the figures add up to what their publishers say."""

import gzip
import re

import pandas as pd
import pytest

from tradecalc.account import list_tables, load_account, load_table
from tradecalc.files import check_files, data_files, data_root, read_origin, read_table, table_files

TABLES = [
    path.relative_to(data_root()).as_posix()
    for path in table_files()
    if path.parent.name in ("account", "history", "markets")
]
UNITS = {
    "",
    "2020 = 100",
    "JPY bn",
    "JPY per USD",
    "USD",
    "USD bn",
    "USD million",
    "billion cubic feet a day",
    "cargoes",
    "cars",
    "days",
    "fraction",
    "million cubic feet",
    "months",
    "see unit",
    "thousand tonnes",
    "year",
}


def test_all_data_files_are_what_their_origins_say():
    assert check_files(path for folder in ("account", "history", "markets") for path in data_files(f"{folder}/*")) == []


@pytest.mark.parametrize("table", TABLES)
def test_units_are_known_and_columns_defined(table):
    origin = read_origin(data_root() / table)
    assert {column.unit for column in origin.columns.values()} <= UNITS
    for name, column in origin.columns.items():
        assert column.definition or column.unit, f"{name} has neither unit nor definition"
        assert column.type != "number" or column.unit, f"{name} is a number without a unit"


@pytest.mark.parametrize("table", TABLES)
def test_origins_are_honest(table):
    origin = read_origin(data_root() / table)
    assert origin.address is None or origin.address.startswith("https://")
    assert len(origin.note) < 400
    if origin.kind == "assumed":
        assert origin.confidence == "assumed"


def test_no_origin_or_account_is_left_without_its_table():
    names = {table.rsplit("/", 1)[1] for table in TABLES}
    for path in data_files("account/*.yaml"):
        for named in re.findall(r"[\w-]+\.csv(?:\.gz)?", path.read_text()):
            if not path.name.endswith(".origin.yaml"):
                assert named in names


def test_the_tables_the_issue_asks_for_are_there():
    assert {
        "us-japan-monthly",
        "us-japan-annual",
        "us-japan-vintages",
        "duties-on-japan-monthly",
        "usd-jpy-monthly",
        "vehicle-imports-by-origin",
        "us-imports-by-origin-hs2",
        "us-imports-by-origin-bea",
        "home-shares-bea",
        "us-exports-by-destination-hs2",
        "us-exports-to-japan-hs2-annual",
        "us-lng-exports-by-destination",
        "japan-bulk-imports",
        "japan-car-exports",
        "capacity",
    } <= set(list_tables())


@pytest.mark.parametrize("column", ["exports_usd_bn", "imports_usd_bn", "deficit_usd_bn"])
def test_months_sum_to_years(column):
    months = load_table("us-japan-monthly")
    years = load_table("us-japan-annual").set_index("year")
    assert (months["month"] == pd.date_range("1985-01", periods=len(months), freq="MS")).all()
    sums = months.groupby(months["month"].dt.year)[column].sum()
    # each month is rounded to USD 0.1 m
    assert (sums - years[column]).abs().max() < 0.0015
    assert (years["months"].iloc[:-1] == 12).all()


def test_deficit_is_imports_minus_exports():
    for name in ("us-japan-monthly", "us-japan-annual", "us-japan-vintages"):
        table = load_table(name)
        gap = table["imports_usd_bn"] - table["exports_usd_bn"] - table["deficit_usd_bn"]
        assert gap.abs().max() < 2.1e-4


def test_known_totals_of_the_publisher():
    years = load_table("us-japan-annual").set_index("year")
    assert years.loc[1985, ["exports_usd_bn", "imports_usd_bn"]].tolist() == [22.6309, 68.7829]
    vintages = load_table("us-japan-vintages").query("year == 2024").set_index("vintage")["deficit_usd_bn"]
    assert vintages.round(1).to_dict() == {"2025-02": 68.5, "2025-06": 69.4, "2026-06": 68.3}
    assert years.loc[2024, "deficit_usd_bn"] == pytest.approx(vintages["2026-06"], abs=2e-4)


def test_chapters_sum_to_all_products():
    for name, keys in (("us-exports-to-japan-hs2-annual", ["year"]), ("us-exports-to-japan-hs2-monthly", ["month"])):
        table = load_table(name)
        total = table[table["hs2"] == "00"].set_index(keys)["exports_usd"]
        parts = table[table["hs2"] != "00"].groupby(keys)["exports_usd"].sum()
        assert (parts - total).abs().max() == 0
    months = load_table("us-exports-to-japan-hs2-monthly").query("hs2 == '00'").set_index("month")["exports_usd"] / 1e9
    published = load_table("us-japan-monthly").set_index("month")["exports_usd_bn"]
    assert (months["2023":] - published.reindex(months["2023":].index)).abs().max() < 1e-4


def test_exports_of_whole_chapters_are_the_publisher_s():
    account = load_account()
    table = load_table("us-exports-to-japan-hs2-annual").query("year == 2024")
    chapter = table.set_index("hs2")["exports_usd"] / 1e9
    exports = account.exports_usd_bn
    for product, codes in {
        "meat": ["02"],
        "arms": ["93"],
        "pharmaceuticals": ["30"],
        "steel": ["72", "73"],
        "instruments": ["90"],
        "rail-and-ships": ["86", "89"],
    }.items():
        assert exports[product] == pytest.approx(chapter[codes].sum(), abs=1e-6)
    for code in ("10", "12", "27", "84", "85", "87", "88"):
        inside = {p for p, prefix in account.concordance[["product", "prefix"]].to_numpy() if prefix[:2] == code}
        assert exports[list(inside)].sum() == pytest.approx(chapter[code], abs=1e-6)


def test_imports_reproduce_the_headings():
    account = load_account()
    headings = read_table("account/us-imports-from-japan-hs4-2024.csv")
    rows = account.table().query("flow == 'imports'")
    cells = rows.loc[rows["product"].isin(account.products), "usd_bn"].sum()
    assert cells == pytest.approx(headings["general_imports_usd"].sum() / 1e9, abs=1e-5)
    lines = load_table("us-imports-hs10-by-origin-2024").query("origin == 'JPN'")
    by_heading = lines.groupby(lines["hs10"].str[:4])["imports_for_consumption_usd"].sum()
    stated = headings.set_index("hs4")["imports_for_consumption_usd"]
    assert (by_heading.reindex(stated.index).fillna(0.0) - stated).abs().max() == 0
    chapters = load_table("us-imports-by-origin-hs2").query("origin == 'JPN'").set_index("hs2")
    by_chapter = by_heading.groupby(by_heading.index.str[:2]).sum()
    assert (by_chapter - chapters["imports_for_consumption_usd"]).abs().max() == 0


def test_lines_by_origin_sum_to_chapters_and_hold_the_partner_s_own():
    lines = load_table("us-imports-hs10-by-origin-2024")
    assert not lines.duplicated(["hs10", "origin"]).any()
    value = ["imports_for_consumption_usd"]
    sums = lines.groupby(["origin", lines["hs10"].str[:2].rename("hs2")])[value].sum()
    chapters = load_table("us-imports-by-origin-hs2").set_index(["origin", "hs2"])[value]
    assert (sums - chapters).abs().max().item() == 0
    assert set(sums.index) == set(chapters.index)
    own = load_account().hs10.set_index("hs10")["usd"]
    found = lines[lines["origin"] == "JPN"].set_index("hs10")["imports_for_consumption_usd"]
    assert own.index.is_unique
    assert (found - own).abs().max() == 0


def test_every_code_has_exactly_one_product():
    account = load_account()
    concordance = account.concordance
    assert concordance["prefix"].is_unique
    assert set(concordance["product"]) == set(account.products)
    chapters = {f"{n:02d}" for n in range(1, 100)} - {"77"}
    covered = set(concordance.loc[concordance["prefix"].str.len() == 2, "prefix"])
    assert chapters - covered == {"87"} - covered
    prefixes = set(concordance["prefix"])
    headings = set(read_table("account/us-imports-from-japan-hs4-2024.csv")["hs4"])
    headings |= set(load_table("us-exports-hs4-top5-by-destination")["hs4"])
    assert all(any(code[:n] in prefixes for n in (2, 4)) for code in headings)
    assert len(account.hs10) == 10_083
    assert account.hs10["product"].notna().all()


def test_duties_and_lines_tell_the_same_year():
    duties = load_table("duties-on-japan-monthly")
    in_2024 = duties[duties["month"].dt.year == 2024]
    lines = load_table("us-imports-hs10-by-origin-2024").query("origin == 'JPN'")
    assert in_2024["duty_usd"].sum() == pytest.approx(lines["duty_usd"].sum(), rel=1e-3)
    assert in_2024["imports_for_consumption_usd"].sum() == pytest.approx(
        lines["imports_for_consumption_usd"].sum(), rel=0.01
    )
    assert (duties["duty_usd"] / duties["imports_for_consumption_usd"] - duties["collected_rate"]).abs().max() < 1e-5


def test_exchange_rate_has_every_month():
    table = load_table("usd-jpy-monthly")
    first, last = table["month"].iloc[[0, -1]]
    assert (table["month"] == pd.date_range(first, last, freq="MS")).all()
    assert table["usd_jpy"].between(70, 170).all()


def test_home_shares_are_shares():
    table = load_table("home-shares-bea")
    assert table["home_share"].between(0, 1).all()
    assert (table["home_share"] + table["import_share"] - 1).abs().max() < 1.1e-4
    assert (table["home_sales_usd_m"] + table["imports_total_usd_m"] - table["absorption_usd_m"]).abs().max() == 0
    products = read_table("account/us-products.csv")
    assert set(" ".join(products["bea"]).split()) <= set(table["bea_code"])


def test_industries_sum_to_all_products():
    table = load_table("us-imports-from-japan-naics3-monthly")
    total = table[table["naics3"] == "00"].set_index("month")["imports_for_consumption_usd"]
    parts = table[table["naics3"] != "00"].groupby("month")["imports_for_consumption_usd"].sum()
    assert (parts - total).abs().max() == 0


def test_no_data_file_names_a_machine_path_or_a_blank_address():
    for folder in ("account", "history", "markets"):
        for path in data_files(f"{folder}/*"):
            raw = path.read_bytes()
            text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
            assert not re.search(r"/work/|/tmp/|/home/|\bshared/facts\b", text), path.name
