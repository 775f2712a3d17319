"""Why real income moves: two ways to take it apart that must meet, and the engine's own number."""

import pytest

import tradecalc as tc
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def parts():
    return tc.world.decompose_income("removal", steps=4)


def test_both_ways_sum_to_the_real_income_that_a_run_finds(parts):
    world = parts["world"]
    found = float(tc.run("removal", engine="general", draws=0).central["real_income_change_usd_bn"])
    assert world["real income"] == pytest.approx(found, rel=1e-6)
    assert world[["prices", "duty", "foreign savings"]].sum() == pytest.approx(found, abs=0.05)
    assert world[["terms of trade", "volume", "deficit"]].sum() + world["rest"] == pytest.approx(found, rel=1e-6)
    assert abs(world["rest"]) < 0.15


def test_smaller_steps_leave_less():
    rest = [abs(tc.world.decompose_income("hike", steps=n).loc["rest", "world"]) for n in (1, 4)]
    assert rest[1] < rest[0] / 4


def test_the_market_engine_stands_in_the_same_scope(parts):
    """Buyers and treasury of all origins: with the partner's duty alone the sign would be another."""
    market, pays = parts["market"], tc.who_pays("removal", draws=0)
    assert market["real income"] == pytest.approx(pays.loc[["buyers", "treasury"], "everybody"].sum())
    assert market[["terms of trade", "volume"]].sum() == pytest.approx(market["real income"])
    mixed = pays.loc["buyers", "everybody"] + pays.loc["treasury", "partner"]
    assert mixed > 0 > market["real income"]
    assert parts.loc["real income", "world"] < 0


def test_refusals():
    with pytest.raises(InputError, match="steps is 0"):
        tc.world.decompose_income("removal", steps=0)
    with pytest.raises(InputError, match="purchases move the world"):
        tc.world.decompose_income("offer-2025-06")
