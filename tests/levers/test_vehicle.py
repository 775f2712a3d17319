"""The investment vehicle by sector: what it buys, what is not known of it, and that its money is no goods."""

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.levers import Investment
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.terms import InputError

BUILDING = range(2026, 2031)


def fixed(value):
    return {"dist": "fixed", "value": value, "reference": "assumed"}


def part(**changes):
    build = {"product": "other-chapter-84", "share": fixed(0.1), "first": 2026, "last": 2028}
    entry = {"sectors": ["energy"], "capital_usd_bn": fixed(90.0), "arrives": fixed(0.5), "equipment": build}
    return Investment.model_validate(entry | {"afterwards": "none", "reference": "assumed"} | changes)


def with_parts(base, **parts):
    return base.model_copy(update={"investment": parts})


@pytest.mark.parametrize(("year", "expected"), [(2025, 0.0), (2026, 1.5), (2028, 1.5), (2029, 0.0), (None, 0.0)])
def test_machinery_by_hand(base, book, year, expected):
    """90 bn, half of it spent, a tenth of that on machines in three years: 1.5 bn a year, and nothing else moves."""
    found = run(with_parts(base, power=part()), account=book, draws=3, year=year)
    assert found.deficit_change_usd_bn == pytest.approx(expected, abs=1e-9)
    assert float(found.channels.sel(channel="investment: power")) == pytest.approx(expected, abs=1e-9)
    plain = run(base, account=book, draws=3, year=year).draws["imports_by_product_usd_bn"]
    change = (found.draws["imports_by_product_usd_bn"] - plain).to_pandas()
    np.testing.assert_allclose(change["other-chapter-84"], expected, rtol=0, atol=1e-9)
    assert np.abs(change.drop(columns="other-chapter-84").to_numpy()).max() == 0
    uses = found.central["vehicle_usd_bn"].sel(vehicle="power").to_series()
    assert uses["machinery_in_all"] == pytest.approx(4.5)
    assert (uses["capital"], uses["capital_spent"]) == (90.0, 45.0)


def test_money_and_what_is_not_known_stay_outside_the_deficit(base, book):
    """Capital and profits move no goods; what nobody knows is NaN among the flows and nothing in the sum."""
    rich = part(equipment=None, profit_rate=fixed(0.02), afterwards="not_known", sectors=["ships", "medicines"])
    found = run(with_parts(base, rest=rich), account=book, draws=3)
    assert found.deficit_change_usd_bn == pytest.approx(0, abs=1e-12)
    uses = found.central["vehicle_usd_bn"].sel(vehicle="rest").to_series()
    assert np.isnan(uses["goods_afterwards"])
    assert uses["profits"] == pytest.approx(0.02 * 45)
    known = run(with_parts(base, rest=part(equipment=None)), account=book, draws=0).central["vehicle_usd_bn"]
    assert float(known.sel(use="goods_afterwards").sum()) == 0
    assert float(known.isnull().sum()) == 1  # profits, for which nobody gave a rate


def test_the_shipped_vehicle_lists_what_was_listed_and_no_cars(book):
    asked = load_scenario("commitments-2025-09")
    promised = tc.load_table("commitments").set_index("id")
    amounts = {name: entry.capital_usd_bn.central for name, entry in asked.investment.items()}
    assert sum(amounts.values()) == float(promised.loc["JL25-INV", "amount"])
    assert f"{amounts['energy']:g} for energy" in promised.loc["O25-PROJ", "note"]
    lowest = float(promised.loc["T1-36", "amount"]) / float(promised.loc["JL25-INV", "amount"])
    assert all(entry.arrives.bounds[0] == round(lowest, 3) for entry in asked.investment.values())
    assert not asked.localisation
    sectors = {sector for entry in asked.investment.values() for sector in entry.sectors}
    assert sectors == {
        "energy",
        "semiconductors",
        "medicines",
        "metals and critical minerals",
        "ships",
        "artificial intelligence",
    }
    assert {name: entry.afterwards for name, entry in asked.investment.items()} == {
        "energy": "none",
        "other sectors": "not_known",
    }


@pytest.mark.parametrize("year", [2025, 2027, None])
def test_the_shipped_vehicle_widens_while_it_is_built_and_by_machines_only(book, year):
    found = run("commitments-2025-09", account=book, draws=4, year=year)
    vehicle = found.draws["channel_usd_bn"].sel(channel=["investment: energy", "investment: other sectors"])
    machines = found.draws["vehicle_usd_bn"].sel(use="machinery")
    np.testing.assert_allclose(vehicle, machines, rtol=0, atol=1e-9)
    by_hand = 332 * 0.3 * 0.02 / 5 + 218 * 0.3 * 0.05 / 5
    assert float(found.central["vehicle_usd_bn"].sel(use="machinery").sum()) == pytest.approx(
        by_hand if year in BUILDING else 0
    )
    np.testing.assert_allclose(
        found.draws["channel_usd_bn"].sum("channel"), found.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9
    )


def test_mistakes_are_one_sentence(base, book):
    with pytest.raises(ValueError, match=r"`sectors:` names one twice; name each once"):
        part(sectors=["energy", "energy"])
    with pytest.raises(ValueError, match=r"runs from 1.2 to 1.2, but a share lies in 0 to 1"):
        part(arrives=fixed(1.2))
    wrong = part(equipment={"product": "turbines", "share": fixed(0.1), "first": 2026, "last": 2028})
    with pytest.raises(
        InputError, match=r"investment\.power\.equipment\.product: 'turbines' is not a product"
    ) as caught:
        run(with_parts(base, power=wrong), account=book, draws=0, year=2026)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(InputError, match="the world engine has no `investment:`"):
        run(with_parts(base, power=part()), account=book, draws=0, engine="general")
