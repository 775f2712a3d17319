"""Every element that was on the table in mid-June 2025 is a shipped scenario, one test a row, in the brief's words."""

from datetime import date

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.levers import schedule_of
from tradecalc.markets import average_rates, lay_out
from tradecalc.scenario import list_scenarios, load_scenario
from tradecalc.study import branch_table, run

CAR, MACHINE = "8703.23.01", "8457.10.00"  # a car of two litres, a machining centre


@pytest.fixture(scope="module")
def book():
    return tc.load_account()


@pytest.fixture(scope="module")
def answer(book):
    """Central answers of shipped scenarios by name and year, each run once."""
    known = {}

    def ask(name, year=None):
        if (name, year) not in known:
            known[name, year] = run(name, account=book, draws=0, year=year)
        return known[name, year]

    return ask


def rate(name, hs, book, on=None, origin="JPN"):
    asked = load_scenario(name)
    return schedule_of(asked, book).rate(hs, origin=origin, on=on or asked.tariffs.on)


def channels(result):
    return result.channels.to_series()


def products_that_move(result):
    change = result.central["imports_change_by_product_usd_bn"].to_series()
    return set(change[change.abs() > 1e-12].index)


def the_deficit(answer, book):
    """Narrowing it is the key demand; a roadmap to cut it was explained."""
    today, roadmap = answer("status-quo-2025-06"), answer("roadmap")
    assert today.account["deficit_usd_bn"] == book.deficit_usd_bn > 68
    assert float(today.central["deficit_usd_bn"]) < book.deficit_usd_bn
    moved = float(roadmap.central["deficit_usd_bn"] - today.central["deficit_usd_bn"])
    assert moved == pytest.approx(roadmap.deficit_change_usd_bn, abs=1e-9)
    assert (channels(roadmap).drop(["tariffs: cars", "tariffs: car parts", "tariffs: other goods"]) < 0).all()
    assert {name.split(":")[0] for name in channels(roadmap).index} == {"tariffs", "pledge", "localisation", "barrier"}


def investment(answer, book):
    """Cars and steel built instead of shipped, imported parts, one-off equipment; the money is no goods trade."""
    flows = answer("investment-2025-06", 2028).central["plant_usd_bn"].to_pandas()
    assert list(flows.index) == ["cars", "steel"]
    assert (flows["not_shipped"] > 0).all()
    assert (flows.loc["cars", ["parts", "equipment", "profits"]] > 0).all()
    later = answer("investment-2025-06").central["plant_usd_bn"].to_pandas()
    assert later.loc["cars", "equipment"] == 0 < later.loc["cars", "equipment_in_all"]
    goods = -later["not_shipped"].sum() + later["parts"].sum()
    assert answer("investment-2025-06").deficit_change_usd_bn == pytest.approx(goods, abs=1e-9)
    assert later.loc["cars", "capital"] > 1
    asked = load_scenario("investment-2025-06")
    assert not any(plant.output.stated for plant in asked.localisation.values())  # nobody named an amount
    assert "shipbuilding" not in asked.localisation  # Japan sells the US next to no ships
    assert float(book.imports_usd_bn["rail-and-ships"]) < 0.01 * float(book.imports_usd_bn["cars"])


def farm_goods(answer, book):
    """More imports of farm products, soybeans named: as far as Japan buys them from others."""
    found = channels(answer("offer-2025-06"))
    assert found["pledge: soybeans"] == pytest.approx(-0.5)
    assert found["pledge: corn"] == pytest.approx(-0.5)
    assert found["pledge: soybeans"] >= -book.room_usd_bn(["soybeans"])
    assert not load_scenario("offer-2025-06").pledges["soybeans"].headline.stated


def us_vehicles(answer, book):
    """More imports of US vehicles, by a promise to buy and by a barrier that falls."""
    bought, fallen = answer("offer-2025-06"), answer("barriers-2025-06")
    assert channels(bought)["pledge: vehicles"] == pytest.approx(-0.5)
    assert load_scenario("offer-2025-06").pledges["vehicles"].goods == ("cars",)
    moved = fallen.central["exports_change_by_good_usd_bn"].to_series()
    assert moved["cars"] == pytest.approx(-channels(fallen)["barrier: car standards"], abs=1e-9)
    assert moved["cars"] > 0.1
    assert bought.deficit_change_usd_bn == pytest.approx(-2.0)


def lng(answer, book):
    """More gas, with limits of capacity and with what other customers lose."""
    result = answer("jera-lng")
    assert result.deficit_change_usd_bn == pytest.approx(channels(result)["pledge: jera"])
    assert answer("jera-lng", 2028).deficit_change_usd_bn == 0 > answer("jera-lng", 2029).deficit_change_usd_bn
    diverted, added = (float(result.central[name]) for name in ("diverted_usd_bn", "additional_usd_bn"))
    assert diverted == pytest.approx(0.9 * added)
    assert book.capacity_usd_bn(["lng-and-gases"], 2025) < book.capacity_usd_bn(["lng-and-gases"], 2029) < np.inf
    asked = load_scenario("jera-lng")
    jera = asked.pledges["jera"]
    great = jera.model_copy(update={"headline": jera.headline.model_copy(update={"amount": 1e9}), "ramp": ()})
    now = run(asked.model_copy(update={"pledges": {"jera": great}}), account=book, draws=0, year=2025)
    assert float(now.central["additional_usd_bn"]) == pytest.approx(book.capacity_usd_bn(["lng-and-gases"], 2025))


def non_tariff_barriers(answer, book):
    """An overhaul of systems, as an equivalent duty that falls: exports of cars rise from less than a billion."""
    result = answer("barriers-2025-06")
    moved = result.central["exports_change_by_good_usd_bn"].to_series()
    assert set(moved[moved != 0].index) == {"cars", "meat", "other-farm-and-food"}
    assert (moved[moved != 0] > 0).all()
    assert 0 < float(book.exports_usd_bn["cars"]) < 1
    assert float(result.central["imports_change_usd_bn"]) == 0
    assert result.deficit_change_usd_bn == pytest.approx(-moved.sum(), abs=1e-9)
    early = answer("barriers-2025-06", 2025).deficit_change_usd_bn
    assert 0 >= early > 0.1 * answer("barriers-2025-06", 2030).deficit_change_usd_bn


def car_tariff(answer, book):
    """27.5 per cent against 2.5 before; the added 25 points may rise."""
    assert rate("status-quo-2025-06", CAR, book) == pytest.approx(0.275)
    assert rate("status-quo-2025-06", CAR, book, on="2024-07-01") == pytest.approx(0.025)
    assert rate("hike", CAR, book) == pytest.approx(0.525)
    hike = answer("hike")
    assert products_that_move(hike) == {"cars", "light-trucks"}
    assert hike.deficit_change_usd_bn == pytest.approx(channels(hike)["tariffs: cars"])
    assert hike.deficit_change_usd_bn < -1
    cars = hike.central.sel(product="cars")
    assert float(cars["rate"] - cars["rate_reference"]) == pytest.approx(0.25, abs=0.01)


def other_goods(answer, book):
    """10 per cent and a country rate of 14 more, paused until 9 July 2025 and extendable."""
    mfn = rate("status-quo-2025-06", MACHINE, book, on="2024-07-01")
    assert rate("status-quo-2025-06", MACHINE, book) == pytest.approx(mfn + 0.10)
    assert rate("no-deal", MACHINE, book, on="2025-07-08") == pytest.approx(mfn + 0.10)
    assert rate("no-deal", MACHINE, book) == pytest.approx(mfn + 0.24)
    assert rate("pause-extended", MACHINE, book) == pytest.approx(mfn + 0.10)
    assert rate("pause-extended", MACHINE, book, on="2025-10-08") == pytest.approx(mfn + 0.24)
    assert load_scenario("no-deal").tariffs.on == date(2025, 7, 9)
    assert channels(answer("no-deal"))["tariffs: other goods"] < -1
    assert answer("pause-extended").deficit_change_usd_bn == pytest.approx(0, abs=1e-9)


def japans_demand(answer, book):
    """All additional tariffs gone, Japan's alone; cars matter most among all single goods."""
    asked, markets = load_scenario("removal"), lay_out(book)
    new, old = (
        average_rates(markets, schedule_of(q, book), on=q.tariffs.on, assessed="final")
        for q in (asked, load_scenario("status-quo-2025-06"))
    )
    before = average_rates(markets, tc.load_tariffs("us"), on=book.law_on, assessed="final")
    j = markets.partner
    other = np.array(markets.products) != "aluminium"  # on which an additional duty of 2018 stood in 2024 already
    np.testing.assert_allclose(new[other, j], before[other, j], atol=2e-3)
    assert new[~other, j] < before[~other, j]
    np.testing.assert_array_equal(np.delete(new, j, axis=1), np.delete(old, j, axis=1))
    result = answer("removal")
    change = result.central["imports_change_by_product_usd_bn"].to_series()
    assert change.idxmax() == "cars"
    assert result.deficit_change_usd_bn > 10


def british_precedent(answer, book):
    """So many cars a year at 10 per cent and the rest at the full rate: a rent, and no car more."""
    (quota,) = load_scenario("british-quota").tariffs.quotas
    assert (quota.product, quota.units, quota.within) == ("cars", 100_000, 0.10)
    quotas, today = answer("british-quota"), answer("status-quo-2025-06")
    assert float(quotas.central["quota_rent_usd_bn"]) > 0 == float(today.central["quota_rent_usd_bn"])
    np.testing.assert_allclose(quotas.central["quantity_hat"], today.central["quantity_hat"], rtol=1e-12)
    assert float(quotas.central["duty_change_usd_bn"]) < 0
    assert quotas.deficit_change_usd_bn == pytest.approx(channels(quotas)["quota: cars"])


def the_volume(answer, book):
    """About 1.37 million cars in 2024, of which the tariff holds some back."""
    assert book.year == 2024
    assert book.units("cars") == pytest.approx(1.37e6, rel=0.01)
    table = tc.market_table("status-quo-2025-06", "cars").set_index("origin")
    assert table.loc["JPN", "units_after"] < book.units("cars")
    more = tc.market_table("removal", "cars").set_index("origin").loc["JPN", "units_after"]
    fewer = tc.market_table("hike", "cars").set_index("origin").loc["JPN", "units_after"]
    assert fewer < table.loc["JPN", "units_after"] < more


def the_calendar(answer, book):
    """Talks up to the summit, a pause that ends, no deal until all is settled: a tree with probabilities, and dates."""
    asked = load_scenario("tree-2025-06")
    assert list(asked.branches) == ["deal at the summit", "pause extended", "no deal"]
    table = branch_table(answer("tree-2025-06"))
    outcomes = table[table["branch"] != "tree"]
    assert outcomes["probability"].sum() == pytest.approx(1)
    expected = float((outcomes["probability"] * outcomes["deficit_change_usd_bn"]).sum())
    assert answer("tree-2025-06").deficit_change_usd_bn == pytest.approx(expected, abs=1e-9)
    assert outcomes["deficit_change_usd_bn"].min() < 0 < outcomes["deficit_change_usd_bn"].max()
    path = answer("no-deal").path(by="month")
    assert path.loc["2025-06", "rate"] == pytest.approx(path.loc["2025-06", "rate_reference"])
    assert path.loc["2025-07", "rate"] > path.loc["2025-07", "rate_reference"]


ROWS = {
    "The deficit": (the_deficit, ["status-quo-2025-06", "roadmap"]),
    "Investment": (investment, ["investment-2025-06"]),
    "Farm goods": (farm_goods, ["offer-2025-06"]),
    "US vehicles": (us_vehicles, ["offer-2025-06", "barriers-2025-06"]),
    "LNG": (lng, ["jera-lng"]),
    "Non-tariff barriers": (non_tariff_barriers, ["barriers-2025-06"]),
    "Car tariff": (car_tariff, ["status-quo-2025-06", "hike"]),
    "Other goods": (other_goods, ["no-deal", "pause-extended"]),
    "Japan's demand": (japans_demand, ["removal"]),
    "The British precedent": (british_precedent, ["british-quota"]),
    "The volume": (the_volume, ["status-quo-2025-06", "removal", "hike"]),
    "The calendar": (the_calendar, ["tree-2025-06", "no-deal"]),
}


@pytest.mark.parametrize("row", ROWS)
def test_an_element_of_the_brief_is_reachable_from_a_scenario_file(row, answer, book):
    shows, scenarios = ROWS[row]
    assert set(scenarios) <= set(list_scenarios("us-japan-2024"))
    shows(answer, book)


def test_the_exchange_that_tokyo_sought_holds_all_its_parts(answer):
    """The roadmap for the removal: each part of either as it stands alone, but for what they do to each other."""
    both, roadmap, removal = (answer(name) for name in ("roadmap-for-removal", "roadmap", "removal"))
    asked = [load_scenario(name) for name in ("roadmap-for-removal", "roadmap", "removal")]
    assert (asked[0].pledges, asked[0].localisation, asked[0].barriers) == (
        asked[1].pledges,
        asked[1].localisation,
        asked[1].barriers,
    )
    assert asked[0].tariffs.overrides == asked[2].tariffs.overrides
    extra = both.deficit_change_usd_bn - roadmap.deficit_change_usd_bn - removal.deficit_change_usd_bn
    table = tc.interactions("roadmap-for-removal")
    pairs = float(np.triu(table.to_numpy(), 1).sum())
    assert extra == pytest.approx(pairs, abs=1e-6)
