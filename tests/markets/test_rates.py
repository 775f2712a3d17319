"""Average rates: each country under its own law on its own lines, the rest of the world as what its countries pay."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

import tradecalc as tc
from tradecalc.markets import average_rates, lay_out, sellers_of
from tradecalc.worlds import load_world, sector_rates

DAYS = ["2024-07-01", "2025-06-14", "2025-09-16"]


@pytest.fixture(scope="module")
def account():
    return tc.load_account()


@pytest.fixture(scope="module")
def markets(account):
    return lay_out(account)


def slow(account, origins, lines, law, day):
    """Return duty over value of some origins' lines, asked line by line of the law."""
    paid = value = 0.0
    for origin in origins:
        own = lines[lines["origin"] == origin]
        options = {"us_content": 0.4} if origin in ("MEX", "CAN") else {"in_quota": True} if origin == "GBR" else {}
        rate = law.rates(list(own["hs10"]), origin=origin, dates=[day], **options)[0]
        paid, value = paid + float(rate @ own["usd"]), value + float(own["usd"].sum())
    return paid / value


@pytest.mark.parametrize("day", DAYS)
def test_an_origin_pays_its_own_law_on_its_own_lines(account, markets, day):
    law, on = tc.load_tariffs("us"), date.fromisoformat(day)
    rates = average_rates(markets, law, on=on, assessed="final")
    sold = account.sellers()
    for product in ("cars", "steel", "semiconductors"):
        lines = sold[sold["product"] == product]
        rest = sorted(set(lines["origin"]) - set(markets.origins))
        for origin in ("CHN", "MEX", "GBR", "VNM", "ROW"):
            found = rates[markets.products.index(product), markets.origins.index(origin)]
            asked = rest if origin == "ROW" else [origin]
            assert found == pytest.approx(slow(account, asked, lines, law, on), rel=1e-12)
    assert not rates[:, markets.home].any()


def test_the_rest_of_the_world_is_many_countries(markets):
    rest = markets.origins.index("ROW")
    named = {s.origin for s in markets.sellers if s.column != rest}
    assert named == set(markets.origins) - {"ROW", "USA"}
    assert len([s for s in markets.sellers if s.column == rest]) > 20
    sold = np.zeros(markets.value.shape)
    for seller in markets.sellers:
        inside = seller.row >= 0
        sold[:, seller.column] += np.bincount(seller.row[inside], seller.usd[inside], len(markets.products)) / 1e9
    others = [i for i in range(len(markets.origins)) if i not in (markets.partner, markets.home)]
    assert sold[:, others] == pytest.approx(markets.value[:, others], rel=1e-9)


def test_where_nothing_is_sold_the_rest_of_the_world_stands(markets):
    law, on = tc.load_tariffs("us"), date(2025, 6, 14)
    china = markets.origins.index("CHN")
    without = replace(markets, sellers=tuple(s for s in markets.sellers if s.origin != "CHN"))
    before, after = (average_rates(m, law, on=on, assessed="final") for m in (markets, without))
    np.testing.assert_array_equal(after[:, china], after[:, markets.origins.index("ROW")])
    np.testing.assert_array_equal(np.delete(after, china, axis=1), np.delete(before, china, axis=1))


def test_a_change_of_law_for_one_origin_moves_only_that_origin(markets):
    law, on = tc.load_tariffs("us"), date(2025, 6, 14)
    override = {"kind": "rate", "authority": "s232_cars", "origin": "KOR", "from": "2025-06-14", "rate": 0.1}
    before, after = (average_rates(markets, s, on=on, assessed="final") for s in (law, law.override([override])))
    moved = {markets.origins[column] for column in np.flatnonzero((before != after).any(axis=0))}
    assert moved == {"KOR"}


def test_sellers_without_a_place_or_a_row_are_left_out():
    table = pd.DataFrame(
        {
            "hs10": ["a", "b", "c", "d"],
            "origin": ["AA", "AA", "BB", "CC"],
            "row": [0, None, 1, 0],
            "usd": [1.0, 2, 3, 0],
        }
    )
    assert [(s.origin, s.column, s.lines.hs10) for s in sellers_of(table, {"AA": 4}, None)] == [("AA", 4, ("a",))]
    assert [(s.origin, s.column) for s in sellers_of(table, {"AA": 4}, 7)] == [("AA", 4), ("BB", 7)]


@pytest.mark.parametrize("name", ["world-2014", "goods-2023"])
def test_a_region_of_a_world_is_its_countries(account, name):
    """Over all sectors a region pays what its countries pay; one whose lines are not known sells what the rest does."""
    law, on = tc.load_tariffs("us"), date(2025, 6, 14)
    world = load_world(name, account)
    rates = sector_rates(world, law, on=on, assessed="final")
    inside = account.sellers()
    inside = inside[~inside["hs10"].str.startswith(("98", "99"))]
    named = {s.origin for s in world.flows.sellers if s.column != world.regions.index("ROW")}
    rest = sorted(set(inside["origin"]) - named)
    asked = {"ROW": rest} | ({"EFT": ["CHE", "NOR"]} if name == "world-2014" else {"CHE": ["CHE"], "CHN": ["CHN"]})
    for region, origins in asked.items():
        column = world.regions.index(region)
        weight = np.zeros(len(world.sectors))
        for seller in world.flows.sellers:
            if seller.column == column:
                weight += np.bincount(seller.row, seller.usd, len(weight))
        found = float(weight @ rates[:, column] / weight.sum())
        assert found == pytest.approx(slow(account, origins, inside, law, on), rel=1e-9)
    if name == "goods-2023":
        qatar, china = (next(s for s in world.flows.sellers if s.origin == o) for o in ("QAT", "CHN"))
        assert qatar.column == world.regions.index("QAT")
        assert rates[0, qatar.column] < rates[0, china.column]
    else:
        assert "QAT" not in {s.origin for s in world.flows.sellers}
