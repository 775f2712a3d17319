"""A second pair of countries is files, not code: its account balances, its scenarios answer, its law is its own."""

import shutil

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.account import check_accounts
from tradecalc.files import data_root
from tradecalc.markets import lay_out
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.tariffs import load_tariffs

ACCOUNT, BASE, DEAL = "us-korea-2024", "status-quo-2025-06", "us-korea-deal"


@pytest.fixture(scope="module")
def account():
    return tc.load_account(ACCOUNT)


@pytest.fixture(scope="module")
def deal():
    return run(DEAL, draws=40)


@pytest.fixture
def own(tmp_path):
    """Write a scenario that differs from the base of the second case, and return its path."""

    def write(text: str):
        path = tmp_path / "own.yaml"
        head = f"extends: {BASE}\nname: own\naccount: {ACCOUNT}\nquestion: What if the terms were others?\n"
        path.write_text(head + text)
        return path

    return write


@pytest.mark.parametrize(
    ("vintage", "exports", "imports", "deficit"),
    [(None, 65541.8, 131549.2, 66.0), ("2026-06", 65771.3, 131457.3, 65.7)],
)
def test_each_vintage_sums_to_what_was_published(vintage, exports, imports, deficit):
    account = tc.load_account(ACCOUNT, vintage=vintage)
    assert account.exports_usd_bn.sum() * 1000 == pytest.approx(exports, abs=0.1)
    assert account.imports_usd_bn.sum() * 1000 == pytest.approx(imports, abs=0.1)
    assert round(account.deficit_usd_bn, 1) == deficit


def test_cells_lines_markets_and_releases_agree():
    assert [message for message in check_accounts([ACCOUNT]) if ACCOUNT in message] == []


def test_what_is_missing_or_unexplained_is_in_sight(account):
    table = account.table()
    assert (table["source"] != "").all()
    unsplit = table[table["status"] == "not split"]
    assert unsplit["usd_bn"].isna().all()
    assert unsplit["included_in"].isin(account.products).all()
    residual = float(account.imports_usd_bn["residual"])
    assert 0 < residual < 0.005 * account.imports_usd_bn.sum()
    assert residual == pytest.approx(131.5491872 - account.hs10["usd"].sum() / 1e9 - (37.386 - 36.855828), abs=1e-4)


def test_only_cars_stand_on_another_basis_than_the_lines(account):
    lines = account.hs10.groupby("product")["usd"].sum() / 1e9
    for product in account.products:
        same = lines.get(product, 0.0) == pytest.approx(account.imports_usd_bn[product], abs=1e-9)
        assert same == (product != "cars")


def test_the_partner_of_the_first_case_is_one_rival_among_others(account):
    first = tc.load_account().partner
    markets = lay_out(account)
    assert markets.origins[markets.partner] == account.partner != first
    assert first in markets.origins
    assert next(s for s in markets.sellers if s.origin == first).column == markets.origins.index(first)
    cars = account.market("cars").set_index("origin")["usd_bn"]
    assert cars[account.partner] == account.imports_usd_bn["cars"]
    heading = tc.load_table("vehicle-imports-by-origin").query("hs4 == '8703'").set_index("origin")
    assert cars[first] == pytest.approx(heading.loc[first, "imports_for_consumption_usd"] / 1e9, rel=1e-9)


@pytest.mark.parametrize(
    ("on", "rate"),
    [("2025-04-02", 0.0), ("2025-04-03", 0.25), ("2025-06-14", 0.25), ("2025-10-31", 0.25), ("2025-11-01", 0.15)],
)
def test_cars_pay_what_the_law_says_of_their_origin(account, on, rate):
    """KORUS alone, the duty of Proclamation 10908 over it, and the floor that a notice of December 2025 dates back."""
    law = load_tariffs(account.definition.law)
    assert law.rate("8703.23.01", origin=account.partner, on=on) == pytest.approx(rate)


def test_the_base_is_its_own_reference():
    result = run(BASE, account=ACCOUNT, draws=4)
    assert load_scenario(BASE).relative_to == BASE
    assert result.deficit_change_usd_bn == 0
    assert result.deficit_change_vs_account_usd_bn < 0


def test_the_deal_has_a_finite_answer_whose_channels_sum_to_it(deal):
    assert np.isfinite(deal.deficit_change_usd_bn)
    assert np.isfinite(deal.interval("deficit_change_usd_bn")).all()
    assert deal.failed_draws == 0
    assert float(deal.channels.sum()) == pytest.approx(deal.deficit_change_usd_bn, abs=1e-9)
    by_draw = deal.draws["channel_usd_bn"].sum("channel").to_numpy()
    assert by_draw == pytest.approx(deal.draws["deficit_change_usd_bn"].to_numpy(), abs=1e-9)


def test_signs_of_the_deal(deal):
    channels = deal.channels.to_series()
    assert channels["tariffs: cars"] > 0
    assert channels["pledge: energy"] < 0
    assert channels["pledge: vehicles"] == pytest.approx(-0.5)


def test_a_lower_car_tariff_widens_the_deficit(own, account):
    override = f"{{kind: rate, authority: s232_cars, origin: {account.partner}, from: 2025-06-14, rate: 0.15}}"
    channels = run(own(f"tariffs:\n  overrides:\n    - {override}\n"), draws=0).channels.to_series()
    assert channels["tariffs: cars"] > 1
    assert channels["tariffs: car parts"] == 0
    assert channels["tariffs: other goods"] == pytest.approx(0, abs=1e-9)


def test_a_pledge_narrows_it_by_what_is_additional(own):
    pledge = (
        "pledges:\n  energy:\n    good: other-chapter-27\n"
        "    headline: {amount: 2.0, unit: usd_bn_per_year, stated: false}\n"
        "    basis: new\n    additionality: {dist: fixed, value: 0.5, reference: assumed}\n    reference: assumed\n"
    )
    assert run(own(pledge), draws=0).deficit_change_usd_bn == pytest.approx(-1.0, abs=1e-12)


def test_it_needs_no_account_or_scenario_of_the_first_case(deal, tmp_path, monkeypatch):

    def of_the_first(folder: str, names: list[str]) -> list[str]:
        ours = {BASE, DEAL}
        scenarios = [n for n in names if folder.endswith("scenarios") and n.removesuffix(".yaml") not in ours]
        return [n for n in names if "us-japan" in n] + scenarios

    shutil.copytree(data_root(), tmp_path / "data", ignore=of_the_first)
    monkeypatch.setenv("TRADECALC_DATA", str(tmp_path / "data"))
    assert run(DEAL, draws=40).deficit_change_usd_bn == deal.deficit_change_usd_bn
