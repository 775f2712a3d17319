"""Every partner's account: built from tables, balanced, told apart from its union, refused where a table lacks it."""

import csv
import gzip
from collections import defaultdict

import numpy as np
import pytest
from corrected import edit

from tradecalc.account import account_names, account_of, check_accounts, load_account, load_table, read_definition
from tradecalc.account.frame import partner_name, read_frame, refuse_double
from tradecalc.files import data_root
from tradecalc.terms import AccountError, InputError

NAMES = account_names()
BOOKS = {name: read_definition(name) for name in NAMES}
COARSE = [name for name, book in BOOKS.items() if book.detail == "industries"]
OWN_BASIS = ["us-japan-2024", "us-korea-2024"]
BUILT = [name for name in NAMES if name not in (*COARSE, *OWN_BASIS)]


def rows(table):
    """Yield the rows of a shipped table as the file has them."""
    path = data_root() / table
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def imports_by_line():
    out = defaultdict(dict)
    for row in rows("markets/us-imports-hs10-by-origin-2024.csv.gz"):
        out[row["origin"]][row["hs10"]] = float(row["imports_for_consumption_usd"])
    return out


@pytest.fixture(scope="module")
def exports_by_chapter():
    out = defaultdict(dict)
    for row in rows("markets/us-exports-by-destination-hs2.csv"):
        out[row["destination"]][row["hs2"]] = float(row["exports_usd"])
    return out


def test_all_who_have_both_tables_and_the_members_that_have_exports():
    assert len(NAMES) == 31
    assert len(COARSE) == 7
    assert {BOOKS[name].member_of for name in COARSE} == {"EUU"}
    for code, slug in {
        "CHN": "china",
        "VNM": "vietnam",
        "TWN": "taiwan",
        "EUU": "european-union",
        "KOR": "korea",
    }.items():
        assert account_of(code) == f"us-{slug}-2024"
        assert BOOKS[f"us-{slug}-2024"].partner == code


@pytest.mark.parametrize("name", NAMES)
def test_it_balances_in_every_vintage(name):
    for vintage, totals in BOOKS[name].vintages.items():
        account = load_account(name, vintage=vintage)
        assert account.imports_usd_bn.sum() * 1000 == pytest.approx(totals.imports_usd_m, abs=0.1)
        assert account.exports_usd_bn.sum() * 1000 == pytest.approx(totals.exports_usd_m, abs=0.1)
        table = account.table()
        for flow in ("imports", "exports"):
            found = table.loc[table["flow"] == flow, "product"]
            assert {"residual", "revision"} <= set(found)
            assert found.is_unique
        assert (table["source"] != "").all()
        assert table["confidence"].isin(["high", "medium", "low"]).all()
        unsplit = table[table["status"] == "not split"]
        assert unsplit["usd_bn"].isna().all()
        assert all(set(places.split()) <= set(account.products) for places in unsplit["included_in"])


@pytest.mark.parametrize("name", BUILT)
def test_totals_and_parts_are_those_of_the_tables(name, imports_by_line, exports_by_chapter):
    """The slow route: line by line and chapter by chapter, with the longest prefix looked up by hand."""
    account = load_account(name)
    totals = account.definition.vintages[account.vintage]
    lines, chapters = imports_by_line[account.partner], exports_by_chapter[account.partner]
    assert totals.imports_usd_m == pytest.approx(sum(lines.values()) / 1e6, abs=1e-6)
    assert totals.exports_usd_m == pytest.approx(chapters["00"] / 1e6, abs=1e-6)
    prefixes = {row["prefix"]: row["product"] for row in rows("account/us-concordance.csv")}
    by_product = defaultdict(float)
    for code, usd in lines.items():
        by_product[next(prefixes[code[:n]] for n in range(10, 1, -1) if code[:n] in prefixes)] += usd / 1e9
    found = account.imports_usd_bn
    assert {p: found[p] for p in account.products} == pytest.approx(
        {p: by_product[p] for p in account.products}, abs=1e-9
    )
    sold = defaultdict(float)
    for chapter, usd in chapters.items():
        if chapter != "00":
            sold[prefixes[chapter]] += usd / 1e9
    exports = account.exports_usd_bn
    assert exports[["residual", "revision"]].abs().max() == 0
    whole = {prefixes[p] for p in prefixes if len(p) == 2}
    for product in account.products:
        if product in whole:
            assert exports[product] == pytest.approx(sold[product], abs=1e-9)
        else:
            assert np.isnan(exports[product])


def test_lines_and_industries_tell_the_same_total(imports_by_line):
    """Two tables of the Census, read in two places: the sums agree to the dollar wherever both hold an origin."""
    table = load_table("us-imports-naics3-by-origin").query("period == '2024'")
    industries = table.groupby("origin")["imports_for_consumption_usd"].sum()
    both = set(industries.index) & set(imports_by_line)
    assert len(both) >= 20
    for origin in both:
        assert industries[origin] == sum(imports_by_line[origin].values()), origin


def test_the_year_follows_the_published_past():
    past = load_table("us-goods-trade-by-partner").query("year == 2022").set_index("partner")
    named = [name for name in NAMES if BOOKS[name].partner in past.index]
    assert len(named) >= 8
    for name in named:
        account, before = load_account(name), past.loc[BOOKS[name].partner]
        totals = account.definition.vintages[account.vintage]
        assert 0.7 < totals.imports_usd_m / 1000 / before["imports_usd_bn"] < 1.4, name
        assert 0.7 < totals.exports_usd_m / 1000 / before["exports_usd_bn"] < 1.4, name


@pytest.mark.parametrize("name", COARSE)
def test_a_member_is_known_by_industry_and_its_union_has_the_rest(name):
    account, union = load_account(name), load_account("us-european-union-2024")
    published = load_table("us-imports-naics3-by-origin").query("period == '2024'")
    published = published.assign(product="naics-" + published["naics3"])
    own, whole = (
        published[published["origin"] == code].set_index("product")["imports_for_consumption_usd"] / 1e9
        for code in (account.partner, "EUU")
    )
    assert "coarse" in account.definition.basis
    found = account.imports_usd_bn.filter(like="naics-")
    assert found.to_dict() == pytest.approx(own.reindex(found.index).fillna(0.0).to_dict(), abs=1e-9)
    assert account.imports_usd_bn.drop([*found.index, "residual", "revision"]).isna().all()
    assert account.exports_usd_bn.filter(like="naics-").isna().all()
    lines = account.hs10.groupby("product")["usd"].sum() / 1e9
    for industry in found[found > 0].index:
        assert lines[industry] == pytest.approx(found[industry], rel=1e-9), "lines are scaled to what is published"
    for industry in ("naics-336", "naics-325", "naics-333"):
        market = account.market(industry).set_index("origin")["usd_bn"]
        assert market[account.partner] == pytest.approx(own[industry])
        assert market["EUU"] == pytest.approx(whole[industry] - own[industry])
        sold = account.sellers().query("origin == 'EUU' and product == @industry")["usd"].sum() / 1e9
        assert sold == pytest.approx(whole[industry] - own[industry], rel=1e-9), "a member is in its union only once"
    assert set(account.hs10["hs10"]) <= set(union.hs10["hs10"])


def test_members_together_are_within_their_union():
    union = load_account("us-european-union-2024").deficit_usd_bn
    table = load_table("us-imports-naics3-by-origin").query("period == '2024' and naics3 != '00'")
    sums = table[table["origin"].isin([BOOKS[n].partner for n in COARSE])].groupby("naics3")[
        "imports_for_consumption_usd"
    ]
    whole = table[table["origin"] == "EUU"].set_index("naics3")["imports_for_consumption_usd"]
    assert (sums.sum() <= whole.reindex(sums.sum().index)).all()
    assert union > 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "us-indonesia-2024",
            r"Indonesia \(IDN\): exports by chapter \(data/markets/us-exports-by.*hold nothing of it; add",
        ),
        ("us-sweden-2024", r"Sweden \(SWE\): exports by chapter .*us-sweden-2024.yaml"),
        ("us-vietnm-2024", r"not an account; use .*Did you mean 'us-vietnam-2024'\?.*docs/account.md"),
    ],
)
def test_a_partner_without_a_table_is_refused_with_the_table(name, said):
    with pytest.raises(InputError, match=said) as caught:
        load_account(name)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("VNX", "Did you mean 'VNM'"),
        ("Vietnam", "Did you mean 'VNM'"),
        ("european-union", "Did you mean 'EUU'"),
        ("IDN", "exports by chapter"),
        ("ZZZ", "no account of 'ZZZ'; use one of ARE, .*write data/account/NAME.yaml"),
    ],
)
def test_a_code_without_an_account_is_refused_with_the_nearest(code, said):
    with pytest.raises(InputError, match=said):
        account_of(code)


def test_a_union_and_its_member_are_not_added_up():
    refuse_double(["EUU", "JPN"], "a total")
    refuse_double(["DEU", "FRA"], "a total")
    with pytest.raises(InputError, match=r"a total: DEU \(Germany\) is counted in EUU already.*leave one of them out"):
        refuse_double(["EUU", "DEU"], "a total")


def test_partners_have_names():
    assert partner_name("EUU") == "European Union"
    assert partner_name("XYZ") == "XYZ"
    assert read_frame("us-2024").partners["NLD"].in_a_sentence == "the Netherlands"
    with pytest.raises(InputError, match=r"'us-2025' is not a frame .*Did you mean 'us-2024'"):
        read_frame("us-2025")


def test_what_is_split_out_must_fit_its_chapter(own_data):
    edit(own_data / "account/us-japan-2024-cells.csv", "cars,exports,all,8703,853", "cars,exports,all,8703,1853")
    with pytest.raises(AccountError, match=r"exports of cars are USD 458\.934 m more than all of chapter 87; correct"):
        load_account("us-japan-2024")


def test_two_tables_that_tell_different_totals_are_found(own_data):
    edit(own_data / "markets/us-imports-by-origin-hs2.csv", "PERU,", "PERU,1")
    found = check_accounts(["us-peru-2024"])
    assert any("us-peru-2024: imports are USD" in sentence for sentence in found), found


def test_an_unknown_frame_partner_or_field_is_one_sentence(own_data):
    file = own_data / "account/us-japan-2024.yaml"
    text = file.read_text()
    for old, new, said in (
        ("frame: us-2024", "frame: us-2023", "'us-2023' is not a frame"),
        ("partner: JPN", "partner: JPX", "partner is 'JPX'; use an ISO-3 code of data/account/frames/us-2024.yaml"),
        ("cells: account", "cell: account", "us-japan-2024.yaml:29: cell is not a field here"),
    ):
        file.write_text(text.replace(old, new))
        with pytest.raises(InputError, match=said):
            load_account("us-japan-2024")
    file.write_text(text)
    frame = own_data / "account/frames/us-2024.yaml"
    frame.write_text(frame.read_text().replace("law: us\n", "laws: us\n"))
    with pytest.raises(InputError, match=r"frames/us-2024.yaml:6: laws is not a field here"):
        load_account("us-peru-2024")
