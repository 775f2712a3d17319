"""The partner's markets against a slow solution of one good and its rival, and what barriers and duties must do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import tradecalc as tc
from tradecalc.beliefs import sample
from tradecalc.markets.partner import Abroad, Sales, need_beliefs, sales, usd_bn_sold
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.terms import InputError

GOODS = ("beans", "cars", "ships")


def slowly(value, share, sigma, eta, supply, *, cost=1.0, tariff=0.0):
    """Return sales of one good whose rival has one price: demand meets supply where a root finder says so."""

    def sold_at(price):
        delivered = price * cost * (1 + tariff)
        if abs(sigma - 1) < 1e-12:
            index = delivered**share
        else:
            index = (share * delivered ** (1 - sigma) + 1 - share) ** (1 / (1 - sigma))
        return (delivered / index) ** -sigma * index**-eta

    price = 1.0
    if np.isfinite(supply):
        price = np.exp(brentq(lambda x: np.log(sold_at(np.exp(x))) - supply * x, -8, 8, xtol=1e-15, rtol=1e-15))
    return value * price * sold_at(price)


def one_good(share, sigma, eta, supply, value=2.0):
    column = [np.array([[x]], float) for x in (share, sigma, eta, supply)]
    return Sales(("beans",), np.array([value]), *column)


def sold(sold_by, *, cost=1.0, tariff=0.0, price=1.0):
    ones = np.ones(sold_by.sigma.shape)
    return usd_bn_sold(sold_by, Abroad(ones * cost, ones * tariff, ones * price))


@settings(max_examples=60)
@given(
    share=st.floats(0.01, 0.99),
    sigma=st.one_of(st.just(1.0), st.floats(0.3, 20)),
    eta=st.floats(0.05, 3),
    supply=st.one_of(st.just(np.inf), st.floats(0.2, 50)),
    cost=st.floats(0.6, 1.5),
    tariff=st.floats(0, 1),
)
def test_one_good_against_its_rival(share, sigma, eta, supply, cost, tariff):
    fast = sold(one_good(share, sigma, eta, supply), cost=cost, tariff=tariff)
    assert fast.shape == (1, 1)
    assert fast[0, 0] == pytest.approx(slowly(2.0, share, sigma, eta, supply, cost=cost, tariff=tariff), rel=1e-9)


def test_by_hand_with_one_price_and_unit_elasticities():
    # sigma = eta = 1: spending on the good stays, so what the seller gets falls by the duty, d q = 1
    assert sold(one_good(0.3, 1.0, 1.0, np.inf), tariff=0.25)[0, 0] == pytest.approx(2.0 / 1.25, rel=1e-12)
    assert sold(one_good(0.3, 1.0, 1.0, np.inf), cost=0.8)[0, 0] == pytest.approx(2.0 / 0.8, rel=1e-12)
    # a seller alone in the market meets total demand, q = d^-eta, and earns p q with q = p^supply
    alone = sold(one_good(1 - 1e-12, 4.0, 0.5, 2.0), tariff=0.5)[0, 0]
    assert alone == pytest.approx(2.0 * 1.5 ** (-0.5 * 3 / 2.5), rel=1e-9)


def three_goods(draws=4, seed=1):
    rng = np.random.default_rng(seed)
    shape = (draws, len(GOODS))
    return Sales(
        GOODS,
        np.array([1.0, 0.8, 5.0]),
        rng.uniform(0.05, 0.9, shape),
        rng.uniform(1.2, 8, shape),
        rng.uniform(0.2, 1.1, shape),
        np.where(rng.random(shape) < 0.4, np.inf, rng.uniform(0.5, 20, shape)),
    )


def test_no_change_moves_nothing_to_the_last_digit():
    seller = three_goods()
    np.testing.assert_array_equal(sold(seller), np.broadcast_to(seller.usd_bn, (4, 3)))


def test_a_batch_of_draws_and_goods_equals_one_at_a_time():
    seller, rng = three_goods(), np.random.default_rng(2)
    cost, tariff = rng.uniform(0.7, 1.3, (4, 3)), rng.uniform(0, 0.5, (4, 3))
    price = rng.uniform(0.8, 1.2, (4, 3))
    together = usd_bn_sold(seller, Abroad(cost, tariff, price))
    for i in range(4):
        for k in range(3):
            beliefs = (array[i, k] for array in (seller.share, seller.sigma, seller.eta, seller.supply))
            alone = slowly(seller.usd_bn[k], *beliefs, cost=cost[i, k], tariff=tariff[i, k])
            assert together[i, k] == pytest.approx(alone * price[i, k], rel=1e-9)


def test_goods_that_nothing_touches_keep_their_value_exactly():
    seller = three_goods()
    cost, tariff = np.ones((4, 3)), np.zeros((4, 3))
    cost[:, 1] = 0.9
    found = usd_bn_sold(seller, Abroad(cost, tariff, np.ones((4, 3))))
    np.testing.assert_array_equal(found[:, [0, 2]], np.broadcast_to(seller.usd_bn[[0, 2]], (4, 2)))
    assert (found[:, 1] > seller.usd_bn[1]).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), size=st.floats(0.01, 0.5), more=st.floats(0.01, 0.5))
def test_signs_and_order(seed, size, more):
    """With demand for the good elastic enough, a fallen barrier raises sales and a duty lowers them, more by more."""
    seller = three_goods(seed=seed)
    rows = [sold(seller, cost=1 / (1 + size + more)), sold(seller, cost=1 / (1 + size)), sold(seller)]
    rows += [sold(seller, tariff=size), sold(seller, tariff=size + more)]
    elastic = seller.share * seller.eta + (1 - seller.share) * seller.sigma > 1.3
    for larger, smaller in pairwise(rows):
        assert (larger - smaller)[elastic].min(initial=1) > 0


def test_a_belief_that_is_missing_is_named():
    seller = three_goods()
    seller.sigma[2, 1] = np.nan
    need_beliefs(seller, np.array([0, 2]))
    with pytest.raises(InputError, match=r"no parameter gives sigma_partner for cars, whose market .* moves; add one"):
        sold(seller, tariff=0.1)
    assert sold(seller).tolist() == np.broadcast_to(seller.usd_bn, (4, 3)).tolist()


@pytest.fixture(scope="module")
def book():
    return tc.load_account()


@pytest.fixture(scope="module")
def base():
    return load_scenario("status-quo-2025-06")


def test_sales_are_the_exports_of_the_account(book, base):
    seller = sales(book, base.parameters, sample(base.beliefs(), n=3, seed=1))
    exports = book.exports_usd_bn.drop(["residual", "revision"]).dropna()
    assert dict(zip(seller.goods, seller.usd_bn, strict=True)) == exports[exports > 0].to_dict()
    assert seller.share.shape == (4, len(seller.goods))


def test_a_share_known_from_volumes_comes_before_a_general_belief(book, base):
    values = sample(base.beliefs(), n=3, seed=1)
    seller = sales(book, base.parameters, values)
    at = seller.goods.index
    assert (seller.share[:, at("soybeans")] == book.partner_share("soybeans")).all()
    np.testing.assert_array_equal(seller.share[:, at("cars")], values["share_partner_cars"])
    np.testing.assert_array_equal(seller.share[:, at("chemicals")], values["share_partner_goods"])
    named = base.parameters["share_partner_cars"].model_copy(update={"products": ("soybeans",)})
    own = base.model_copy(update={"parameters": {**base.parameters, "share_partner_soy": named}})
    seller = sales(book, own.parameters, values | {"share_partner_soy": values["share_partner_cars"]})
    np.testing.assert_array_equal(seller.share[:, at("soybeans")], values["share_partner_cars"])


@pytest.mark.parametrize(
    ("name", "goods", "size"),
    [
        ("retaliation", ("corn", "soybeans", "meat", "other-farm-and-food", "aircraft", "other-chapter-84"), 0.1),
        ("barriers-2025-06", ("cars", "meat", "other-farm-and-food"), None),
    ],
)
def test_a_run_sells_what_the_slow_solution_says(book, name, goods, size):
    asked = load_scenario(name)
    result = run(asked, account=book, draws=3)
    seller = sales(book, asked.parameters, sample(asked.beliefs(), n=3, seed=asked.draws.seed))
    moved = result.draws["exports_change_by_good_usd_bn"]
    for good in seller.goods:
        change = moved.sel(good=good).to_numpy()
        if good not in goods:
            assert (change == 0).all()
            continue
        k = seller.goods.index(good)
        for i, found in enumerate(change, start=1):
            beliefs = (array[i, k] for array in (seller.share, seller.sigma, seller.eta, seller.supply))
            lever = "car standards" if good == "cars" else "farm approvals"
            fallen = {} if size else {"cost": 1 / (1 + ave(result, lever)[i - 1])}
            slow = slowly(seller.usd_bn[k], *beliefs, tariff=size or 0.0, **fallen) - seller.usd_bn[k]
            assert found == pytest.approx(slow, abs=1e-9)


def ave(result, lever):
    return result.draws["parameter_value"].sel(parameter=f"barriers.{lever}.ave").to_numpy()


OWN = """\
extends: status-quo-2025-06
name: own
question: What would a barrier that falls do to sales?
barriers:
  approvals:
    goods: [GOOD]
    ave: {dist: fixed, value: 0.1, reference: assumed}
    reference: assumed
"""


def test_a_good_without_an_export_figure_is_one_sentence(tmp_path, book):
    own = tmp_path / "own.yaml"
    own.write_text(OWN.replace("GOOD", "machine-tools"))
    message = "approvals.goods: machine-tools has no export figure of its own in us-japan-2024.*use one of cars"
    with pytest.raises(InputError, match=message) as caught:
        run(own, account=book, draws=0)
    assert len(str(caught.value).splitlines()) == 1


def test_a_good_that_is_not_there_names_the_nearest(tmp_path, book):
    own = tmp_path / "own.yaml"
    own.write_text(OWN.replace("GOOD", "chemical"))
    with pytest.raises(InputError, match=r"'chemical' is not a product of the account.*Did you mean 'chemicals'"):
        run(own, account=book, draws=0)


def test_a_market_without_a_belief_is_one_sentence(tmp_path, book):
    own = tmp_path / "own.yaml"
    own.write_text(OWN.replace("GOOD", "chemicals"))
    asked = load_scenario(own)
    kept = {name: p for name, p in asked.parameters.items() if name != "share_partner_goods"}
    with pytest.raises(InputError, match="no parameter gives share_partner for chemicals") as caught:
        run(asked.model_copy(update={"parameters": kept}), account=book, draws=0)
    assert len(str(caught.value).splitlines()) == 1
