"""The same question to every partner: it converges, means that partner, and what one loses the others' markets show."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.account import account_names, read_definition
from tradecalc.markets import average_rates, lay_out
from tradecalc.scenario import load_scenario, on_account
from tradecalc.study import run
from tradecalc.study.asked import stand_on
from tradecalc.study.tables import solved_markets

BOOKS = {name: read_definition(name) for name in account_names()}
GENERIC = ("status-quo", "no-deal", "removal", "today", "purchase", "alone", "law-2024")
DAY = date(2025, 6, 14)


@pytest.mark.parametrize("name", BOOKS)
def test_every_generic_question_converges_for_every_partner(name):
    results = {asked: run(asked, account=name, draws=0) for asked in GENERIC}
    for result in results.values():
        assert result.diagnostics["converged"].all()
        assert np.isfinite(result.deficit_change_usd_bn)
        assert result.scenario.account == name
        assert "{" not in result.scenario.question
    assert BOOKS[name].in_a_sentence in results["removal"].scenario.question
    assert results["removal"].deficit_change_usd_bn > 0
    assert results["removal"].central["duty_change_usd_bn"] < 0
    assert results["alone"].deficit_change_usd_bn < 0
    assert results["purchase"].deficit_change_usd_bn == pytest.approx(-0.5, abs=1e-9)
    assert results["status-quo"].deficit_change_usd_bn == results["law-2024"].deficit_change_usd_bn == 0
    assert results["law-2024"].deficit_change_vs_account_usd_bn == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("code", ["VNM", "EUU", "DEU"])
def test_draws_converge_too(code):
    result = run("removal", partner=code, draws=60)
    assert result.failed_draws == 0
    low, high = result.interval("deficit_change_usd_bn")
    assert low < result.deficit_change_usd_bn < high


@pytest.mark.parametrize("code", ["VNM", "CHN", "MEX", "DEU", "JPN"])
def test_removal_takes_off_what_the_act_and_section_232_add_and_nothing_else(code):
    """Line by line: what is left is the rate of the law without these authorities."""
    law = tc.load_tariffs("us", as_of=DAY)
    account = tc.prepare(partner=code).account
    removed = [change.authority for change in load_scenario("removal").tariffs.overrides]
    lines = account.hs10.sort_values("usd", ascending=False).head(40)
    told = {} if code != "MEX" else {"us_content": 0.4}
    for product, codes in lines.groupby("product")["hs10"]:
        for code10 in codes.head(2):
            why = law.explain(code10, origin=code, on=DAY, steel_share=0, aluminium_share=0, copper_share=0, **told)
            left = why.loc[~why["authority"].isin(removed), "rate"].sum()
            bare = law.override(
                [{"kind": "remove", "authority": a, "origin": code, "from": DAY} for a in removed]
            ).rate(code10, origin=code, on=DAY, steel_share=0, aluminium_share=0, copper_share=0, **told)
            assert bare <= law.rate(
                code10, origin=code, on=DAY, steel_share=0, aluminium_share=0, copper_share=0, **told
            )
            if code != "MEX":  # there a claim under the agreement depends on the authorities
                assert bare == pytest.approx(left, abs=1e-12), (product, code10)


def test_the_word_partner_is_the_partner_of_the_account_and_of_no_other():
    asked, ground = stand_on("removal", None, "VNM")
    rates = {
        n: solved_markets(q, ground).border.rates[0]
        for n, q in (("removal", asked), ("base", load_scenario("status-quo")))
    }
    moved = (rates["removal"] != rates["base"]).any(axis=0)
    assert [ground.markets.origins[i] for i in np.flatnonzero(moved)] == ["VNM"]


def test_others_pay_the_law_of_another_day():
    asked, ground = stand_on("alone", None, "KOR")
    rates, markets = solved_markets(asked, ground).border.rates[0], ground.markets
    law = tc.load_tariffs("us", as_of=DAY)
    now, then = (average_rates(markets, law, on=d, assessed="final") for d in (DAY, date(2024, 7, 1)))
    np.testing.assert_array_equal(rates[:, markets.partner], now[:, markets.partner])
    np.testing.assert_array_equal(np.delete(rates, markets.partner, 1), np.delete(then, markets.partner, 1))
    assert (now != then).any()


def test_what_partners_gain_and_lose_is_what_the_markets_show():
    table = tc.who_gains("alone").set_index("origin")
    markets = lay_out(tc.load_account())
    by_origin = sum(
        tc.market_table("alone", product).set_index("origin")["change_usd_bn"] for product in markets.products
    ).rename({"USA (home)": "home"})
    assert (table["change_vs_account_usd_bn"].drop("total") - by_origin).abs().max() < 1e-9
    assert table.loc["total", "change_usd_bn"] == pytest.approx(by_origin.sum(), abs=1e-9)
    assert table.loc["JPN", "change_usd_bn"] == pytest.approx(
        float(run("alone", draws=0).central["imports_change_usd_bn"]), abs=1e-9
    )
    assert (table["change_usd_bn"].drop(["JPN", "total"]) > 0).all(), "everybody else gains when one alone is taxed"
    assert table["name"]["VNM"] == "Vietnam"


@pytest.mark.parametrize("code", ["VNM", "EUU", "DEU"])
def test_whoever_is_taxed_alone_loses_what_the_run_says_and_all_others_gain(code):
    table = tc.who_gains("alone", partner=code).set_index("origin")["change_usd_bn"]
    assert table[code] == pytest.approx(float(run("alone", partner=code, draws=0).central["imports_change_usd_bn"]))
    assert (table.drop([code, "total"]) > -1e-9).all()
    assert table["total"] == pytest.approx(table.drop("total").sum())


def test_one_row_a_partner_as_each_is_asked_alone():
    table = tc.compare_partners("removal", ["VNM", "JPN", "DEU"], draws=20)
    assert list(table["partner"]) == ["VNM", "DEU", "JPN"]
    assert table["deficit_usd_bn"].is_monotonic_decreasing
    for row in table.to_dict("records"):
        alone = run("removal", partner=row["partner"], draws=20)
        assert row["deficit_change_usd_bn"] == alone.deficit_change_usd_bn
        assert (row["p5"], row["p95"]) == alone.interval("deficit_change_usd_bn")
        assert row["rate"] < row["rate_reference"]
    assert list(table["detail"]) == ["lines", "industries", "lines"]


def test_all_of_them_and_their_total():
    table = tc.compare_partners("no-deal", total=True)
    assert len(table) == 25
    assert "DEU" not in set(table["partner"])
    total = table.iloc[-1]
    assert total["partner"] == "total"
    assert total["deficit_change_usd_bn"] == pytest.approx(table["deficit_change_usd_bn"].iloc[:-1].sum())
    assert np.isnan(total["p5"])


def test_partners_lists_deficit_rate_and_detail():
    table = tc.partners("2025-06-14").set_index("partner")
    assert len(table) == len(BOOKS)
    account = tc.load_account("us-vietnam-2024")
    rate = tc.load_tariffs("us").effective(account, on="2025-06-14")["rate"].iloc[-1]
    assert table.loc["VNM", "rate"] == pytest.approx(rate)
    assert table.loc["VNM", "deficit_usd_bn"] == account.deficit_usd_bn
    assert (table.loc["DEU", "detail"], table.loc["DEU", "member_of"]) == ("industries", "EUU")
    assert table["rate"].between(0, 1).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"partners": ["EUU", "DEU"], "total": True}, "DEU .Germany. is counted in EUU already"),
        ({"partners": ["JPN", "VNX"]}, "no account of 'VNX'.*Did you mean 'VNM'"),
        ({"partners": ["JPN", "JPN"]}, "JPN stands twice"),
        ({"partners": "JPN"}, r"write a list of ISO-3 codes, as \['JPN'\]"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_one_sentence(options, said):
    with pytest.raises(tc.InputError, match=said):
        tc.compare_partners("removal", **options)


def test_a_lever_on_a_good_that_the_account_does_not_hold_is_refused():
    account = tc.load_account("us-vietnam-2024")
    small = replace(account, products=tuple(p for p in account.products if p not in ("corn", "cars")))
    with pytest.raises(tc.InputError, match=r"offer-2025-06: pledges.corn.good: 'corn' is not a product of .*vietnam"):
        on_account(load_scenario("offer-2025-06"), small)
    asked = on_account(load_scenario("status-quo"), small)
    assert asked.parameters["sigma_cars"].products == ("light-trucks",)
    assert "share_partner_cars" not in asked.parameters
    assert asked.tariffs.blocks["cars"] == ("light-trucks",)
    with pytest.raises(tc.InputError, match="'cars' is not a product with an import market here"):
        run("british-quota", partner="DEU", draws=0)


def test_beliefs_that_were_chosen_for_another_partner_are_marked():
    own, other = (tc.assumptions(run("removal", partner=code, draws=0).scenario) for code in ("JPN", "VNM"))
    assert not own["note"].str.contains("Chosen for").any()
    assert other["note"].str.contains("Chosen for Japan; nothing better is known of Vietnam.", regex=False).all()
    deal = tc.assumptions(tc.load_scenario("us-korea-deal")).set_index("parameter")["note"]
    assert "Chosen for Japan" in deal["sigma_goods"]
    assert "Chosen for" not in deal["pledges.energy.diversion"]


def test_a_coarse_account_has_no_place_in_a_world():
    with pytest.raises(tc.InputError, match="known by industry only, and a world needs"):
        run("removal", partner="DEU", engine="general", draws=0)
    with pytest.raises(tc.InputError, match="VNM of the account us-vietnam-2024 is not a region of this world"):
        run("removal", partner="VNM", engine="general", draws=0)


def test_today_is_the_last_day_that_is_compiled():
    assert load_scenario("today").tariffs.on == tc.load_tariffs("us").compiled_to


def test_a_tree_is_asked_of_another_partner(tmp_path):
    with pytest.raises(tc.InputError, match="corn has no export figure of its own in us-korea-2024"):
        run("tree-2025-06", partner="KOR", draws=0)
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: status-quo-2025-06\nname: own\nquestion: What comes of the talks with {partner}?\nbranches:\n"
        "  freed: {probability: 0.4, scenario: removal, reference: assumed}\n"
        "  failed: {probability: 0.6, scenario: no-deal, reference: assumed}\n"
    )
    tree = run(own, partner="KOR", draws=0)
    ends = [run(name, partner="KOR", draws=0).deficit_change_usd_bn for name in ("removal", "no-deal")]
    assert tree.deficit_change_usd_bn == pytest.approx(0.4 * ends[0] + 0.6 * ends[1])
    assert tree.scenario.account == tree.account["name"] == "us-korea-2024"
    assert tree.scenario.question == "What comes of the talks with South Korea?"
