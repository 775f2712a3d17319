"""Plants in place of shipments: each flow by hand, what they can never do, and parts that follow another good."""

import numpy as np
import pytest

from tradecalc.beliefs import Fixed
from tradecalc.levers import ExchangeRate, Link, Localisation
from tradecalc.levers.plants import Equipment
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.terms import InputError

HUNDRED_THOUSAND = 100_000
ANNOUNCED = 10e9 * 0.25 / 16_500  # cars a year: capital, the part of it that adds capacity, what a car a year costs


def fixed(value):
    return {"dist": "fixed", "value": value, "reference": "assumed"}


def plant(**changes):
    parts = {
        "product": "cars",
        "moved": {"amount": HUNDRED_THOUSAND, "unit": "units_per_year"},
        "displacement": fixed(0.6),
        "reference": "assumed",
    }
    return Localisation.model_validate(parts | changes)


@pytest.fixture(scope="module")
def before(book):
    """The markets before any plant, for each period that is asked about."""
    return {year: run("status-quo-2025-06", account=book, draws=6, year=year) for year in (None, 2025, 2027, 2029)}


@pytest.fixture(scope="module")
def shipped(book):
    return {year: run("investment-2025-06", account=book, draws=6, year=year) for year in (None, 2025, 2027, 2029)}


def built(base, **plants):
    return base.model_copy(update={"localisation": plants})


def test_each_flow_by_hand_at_the_full_ramp(shipped, before, book):
    """Cars and parts at the prices of mid-June 2025; machinery stands in the years it is shipped in."""
    flows = shipped[None].central["plant_usd_bn"].sel(plant="cars").to_series()
    old = before[None].central
    share = ANNOUNCED / book.units("cars")
    cars = old.sel(product="cars")
    a_whole_market = float(cars["imports_by_product_usd_bn"] / cars["quantity_hat"])
    assert flows["not_shipped"] == pytest.approx(share * 0.6 * a_whole_market, rel=1e-12)
    price = float(old["price_hat"].sel(product="car-parts"))
    made = share * float(book.imports_usd_bn["cars"])
    assert flows["parts"] == pytest.approx(0.15 * made * price, rel=1e-12)
    assert flows["equipment"] == 0
    assert flows["equipment_in_all"] == pytest.approx(0.15 * 10.0)
    assert flows["capital"] == 10.0
    assert flows["profits"] == pytest.approx(0.06 * 10.0)
    steel = shipped[None].central["plant_usd_bn"].sel(plant="steel").to_series()
    price = float(old["price_hat"].sel(product="steel"))
    assert steel["not_shipped"] == pytest.approx(0.5 * 0.4 * price, rel=1e-12)
    assert steel["parts"] == steel["equipment"] == 0
    assert steel[["capital", "profits"]].isna().all()


def test_a_year_takes_its_share_of_the_ramp_and_of_the_building_years(shipped, before, book):
    """Half of 2027 lies before the ramp, and by 31 December it has run for 183 of 1,280 days."""
    flows = shipped[2027].central["plant_usd_bn"].sel(plant="cars").to_series()
    share = sum(range(184)) / 1280 / 365
    cars = before[2027].central.sel(product="cars")
    made = ANNOUNCED / book.units("cars") * share
    price = float(cars["imports_by_product_usd_bn"] / cars["quantity_hat"])
    assert flows["not_shipped"] == pytest.approx(made * 0.6 * price, rel=1e-9)
    assert flows["equipment"] == pytest.approx(0.15 * 10.0 / 5)
    assert flows["profits"] == pytest.approx(0.06 * 10.0 * share, rel=1e-9)
    early, late = (shipped[year].central["plant_usd_bn"].sel(plant="cars").to_series() for year in (2025, 2029))
    assert early["not_shipped"] == early["parts"] == early["equipment"] == early["profits"] == 0
    assert late["equipment"] == flows["equipment"]
    assert late["not_shipped"] > flows["not_shipped"]


@pytest.mark.parametrize("year", [None, 2025, 2027, 2029])
def test_the_change_in_imports_is_the_flows_of_goods(shipped, before, year):
    flows = shipped[year].draws["plant_usd_bn"]
    total = -flows.sel(flow="not_shipped") + flows.sel(flow="parts") + flows.sel(flow="equipment")
    for name in ("cars", "steel"):
        channel = shipped[year].draws["channel_usd_bn"].sel(channel=f"localisation: {name}")
        np.testing.assert_allclose(channel, total.sel(plant=name), rtol=0, atol=1e-11)
    change = (
        shipped[year].draws["imports_by_product_usd_bn"] - before[year].draws["imports_by_product_usd_bn"]
    ).to_pandas()
    by_product = {
        "cars": -flows.sel(plant="cars", flow="not_shipped"),
        "steel": -flows.sel(plant="steel", flow="not_shipped"),
        "car-parts": flows.sel(plant="cars", flow="parts"),
        "machine-tools": flows.sel(plant="cars", flow="equipment"),
    }
    for product, flow in by_product.items():
        np.testing.assert_allclose(change[product], flow, rtol=0, atol=1e-11)
    assert np.abs(change.drop(columns=list(by_product)).to_numpy()).max() == 0


def test_capital_makes_what_it_pays_for_and_an_amount_that_is_set_wins(base, book):
    """Capital times the share that adds capacity over the cost of a car a year."""
    asked = load_scenario("investment-2025-06")
    assert asked.localisation["cars"].output.amount == pytest.approx(ANNOUNCED)
    assert asked.amounts()["localisation.cars.moved"] == pytest.approx(ANNOUNCED)
    set_to = asked.localisation["cars"].turned(asked.localisation["cars"], "moved", 5.0)
    assert (set_to.output.amount, set_to.output.unit) == (5.0, "units_per_year")
    makes = {"capacity_share": fixed(0.4), "usd_per_unit": fixed(20_000.0)}
    paid = plant(moved=None, capital_usd_bn=fixed(5.0), makes=makes)
    named = plant(moved={"amount": 100_000, "unit": "units_per_year"})
    by_capital, by_name = (run(built(base, one=lever), account=book, draws=3) for lever in (paid, named))
    np.testing.assert_allclose(
        by_capital.draws["deficit_change_usd_bn"], by_name.draws["deficit_change_usd_bn"], rtol=1e-12
    )
    with pytest.raises(ValueError, match="nothing says what is made; add `moved:`, or `makes:`"):
        plant(moved=None)
    with pytest.raises(ValueError, match="usd_per_unit starts at 0"):
        plant(moved=None, capital_usd_bn=fixed(5.0), makes=makes | {"usd_per_unit": fixed(0.0)})


def test_plants_beside_a_changed_law(book):
    asked = load_scenario("roadmap-for-removal")
    without = run(asked.model_copy(update={"localisation": {}}), account=book, draws=4, year=2028)
    flows = (result := run(asked, account=book, draws=4, year=2028)).draws["plant_usd_bn"]
    total = (-flows.sel(flow="not_shipped") + flows.sel(flow="parts") + flows.sel(flow="equipment")).sum("plant")
    change = result.draws["imports_change_usd_bn"] - without.draws["imports_change_usd_bn"]
    np.testing.assert_allclose(change, total, rtol=0, atol=1e-10)


def test_the_machinery_of_all_years_is_what_was_ordered(base, book):
    build = {"product": "machine-tools", "share": fixed(0.3), "first": 2026, "last": 2028}
    asked = built(base, one=plant(capital_usd_bn=fixed(5.0), equipment=build, ramp=[{"on": "2029-01-01", "share": 1}]))
    found = [run(asked, account=book, draws=0, year=year).central for year in range(2025, 2030)]
    by_year = [float(central["plant_usd_bn"].sel(flow="equipment").sum()) for central in found]
    assert by_year == pytest.approx([0, 0.5, 0.5, 0.5, 0])
    assert sum(by_year) == pytest.approx(float(found[0]["plant_usd_bn"].sel(flow="equipment_in_all").sum()))


def test_capital_by_itself_does_nothing_to_goods(base, book):
    alone = run(built(base, one=plant()), account=book, draws=3)
    rich = run(built(base, one=plant(capital_usd_bn=fixed(550.0), profit_rate=fixed(0.1))), account=book, draws=3)
    assert rich.deficit_change_usd_bn == alone.deficit_change_usd_bn
    assert float(rich.central["plant_usd_bn"].sel(flow="profits").sum()) == pytest.approx(55)


@pytest.mark.parametrize("changes", [{"moved": {"amount": 0, "unit": "units_per_year"}}, {"displacement": fixed(0.0)}])
def test_plants_that_make_or_replace_nothing_change_nothing(base, book, changes):
    result = run(built(base, one=plant(**changes)), account=book, draws=3)
    assert result.deficit_change_usd_bn == 0
    assert (result.draws["deficit_change_usd_bn"] == 0).all()


def test_no_plant_ships_less_than_nothing(base, book, before):
    """Two plants that would each replace more cars than there are: the second finds what the first has left."""
    big = plant(moved={"amount": 0.9 * book.units("cars"), "unit": "units_per_year"}, displacement=fixed(0.6))
    huge = plant(moved={"amount": 500.0, "unit": "usd_bn_per_year"}, displacement=fixed(1.0))
    result = run(built(base, big=big, huge=huge), account=book, draws=6)
    left = result.draws.sel(product="cars")
    old = before[None].draws.sel(product="cars")
    for name in ("imports_by_product_usd_bn", "quantity_hat", "duty_by_product_usd_bn"):
        np.testing.assert_allclose(left[name], 0, atol=1e-12)
    gone = result.draws["plant_usd_bn"].sel(flow="not_shipped").to_pandas()
    np.testing.assert_allclose(gone.sum(axis=1), old["imports_by_product_usd_bn"], rtol=1e-12)
    first = np.minimum(0.9 * 0.6 / old["quantity_hat"], 1) * old["imports_by_product_usd_bn"]
    np.testing.assert_allclose(gone["big"], first, rtol=1e-12)
    assert (gone["huge"] >= 0).all()


@pytest.mark.parametrize("year", [None, 2027])
def test_who_bears_the_duty_still_adds_up(shipped, before, year):
    draws = shipped[year].draws
    parts = draws["buyers_bear_usd_bn"] + draws["exporters_bear_usd_bn"] - draws["licences_keep_usd_bn"]
    np.testing.assert_allclose(parts + draws["base_effect_usd_bn"], draws["duty_change_usd_bn"], rtol=0, atol=1e-9)
    imports = draws["imports_by_product_usd_bn"]
    rate = before[year].draws["duty_by_product_usd_bn"] / before[year].draws["imports_by_product_usd_bn"]
    np.testing.assert_allclose(draws["duty_by_product_usd_bn"], rate * imports, rtol=1e-10, atol=1e-15)


def linked(scenario, share):
    link = Link.model_validate({"from": "cars", "to": "car-parts", "share": fixed(share), "reference": "assumed"})
    return scenario.model_copy(update={"links": {"plants": link}})


def test_without_a_fall_in_cars_no_parts_follow(base, book):
    law = base.tariffs.model_copy(update={"on": book.law_on, "as_of": None})
    still = base.model_copy(update={"tariffs": law, "relative_to": base.name})
    found = run(linked(still, 0.5), account=book, draws=3)
    assert found.deficit_change_vs_account_usd_bn == pytest.approx(0, abs=1e-9)
    changed = (
        found.draws["imports_by_product_usd_bn"] - run(still, account=book, draws=3).draws["imports_by_product_usd_bn"]
    )
    assert np.abs(changed.to_numpy()).max() < 1e-9


@pytest.mark.parametrize("name", ["status-quo-2025-06", "removal", "hike"])
def test_parts_follow_the_cars_that_are_not_shipped(name, book):
    """At the account's car price, times what the tariff does to the price of parts."""
    asked = load_scenario(name)
    plain, found = (run(q, account=book, draws=3).draws for q in (asked, linked(asked, 0.2)))
    cars, parts = (plain.sel(product=product) for product in ("cars", "car-parts"))
    follow = 0.2 * float(book.imports_usd_bn["cars"]) * (1 - cars["quantity_hat"]) * parts["price_hat"]
    added = found["imports_by_product_usd_bn"] - plain["imports_by_product_usd_bn"]
    np.testing.assert_allclose(added.sel(product="car-parts"), follow, rtol=1e-10)
    assert np.abs(added.drop_sel(product="car-parts").to_numpy()).max() == 0


def test_the_link_holds_on_both_sides_so_removal_does_less(book):
    plain, found = (run(name, account=book, draws=4) for name in ("removal", "removal-transplants"))
    assert (found.draws["deficit_change_usd_bn"] > 0).all()
    assert (found.draws["deficit_change_usd_bn"] < plain.draws["deficit_change_usd_bn"]).all()
    assert float(found.channels.sum()) == pytest.approx(found.deficit_change_usd_bn, abs=1e-9)
    for block in ("tariffs: cars", "tariffs: other goods"):
        assert float(found.channels.sel(channel=block)) == pytest.approx(float(plain.channels.sel(channel=block)))


def test_a_link_ships_no_less_than_nothing(base, book):
    """Many more cars than in the account's year take parts away from plants, but not more than there are."""
    dollar = ExchangeRate.model_validate({"dollar": fixed(1.0), "reference": "assumed"})
    law = base.tariffs.model_copy(update={"on": book.law_on, "as_of": None})
    as_to_tariffs = {k: p for k, p in base.parameters.items() if not p.role.startswith("fx_elasticity")}
    passes = as_to_tariffs["fx_imports"].model_copy(
        update={"belief": Fixed(dist="fixed", value=0.3, reference="assumed")}
    )
    update = {"exchange_rate": dollar, "tariffs": law, "relative_to": base.name}
    cheap = base.model_copy(update=update | {"parameters": as_to_tariffs | {"fx_imports": passes}})
    found = run(linked(cheap, 0.9), account=book, draws=3).draws
    assert (found.sel(product="cars")["quantity_hat"] > 1.5).all()
    for name in ("imports_by_product_usd_bn", "quantity_hat", "duty_by_product_usd_bn"):
        assert (found.sel(product="car-parts")[name] >= 0).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"product": "car"}, "localisation.one.product: 'car' is not a product.*Did you mean 'cars'"),
        ({"product": "steel"}, "pieces of steel are not counted; use one of: cars"),
        (
            {"parts": {"product": "car-part", "share": fixed(0.1)}},
            "localisation.one.parts.product: 'car-part' is not a product.*Did you mean 'car-parts'",
        ),
    ],
)
def test_a_plant_for_what_is_not_there_is_one_sentence(base, book, changes, message):
    with pytest.raises(InputError, match=message) as caught:
        run(built(base, one=plant(**changes)), account=book, draws=0)
    assert len(str(caught.value).splitlines()) == 1


def test_building_years_and_shares_are_checked():
    with pytest.raises(ValueError, match="the building years run from 2028 back to 2026; put the earlier one first"):
        Equipment.model_validate({"product": "machine-tools", "share": fixed(0.1), "first": 2028, "last": 2026})
    with pytest.raises(ValueError, match="equipment and profits follow from capital; add `capital_usd_bn:`"):
        plant(profit_rate=fixed(0.05))
    with pytest.raises(ValueError, match=r"runs from 1.2 to 1.2, but a share lies in 0 to 1"):
        plant(displacement=fixed(1.2))
