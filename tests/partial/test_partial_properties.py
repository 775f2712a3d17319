"""Properties of the market engine that hold for every market."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad

from tradecalc.partial import solve_partial, solve_purchase, welfare

MANY = settings(max_examples=60, deadline=None)
FIELDS = ("price_hat", "quantity_hat", "delivered_hat", "value", "duty", "quota_rent", "exporter_surplus", "index_hat")


@st.composite
def markets(draw, origins=4, quotas=False, passes=False):
    """Return the arguments of a market with elasticities from 0.2 to 30 and duties from -50 % to 500 %."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def elasticity(size=None):
        return np.exp(rng.uniform(np.log(0.2), np.log(30.0), size))

    supply = np.where(rng.random(origins) < 0.25, np.inf, elasticity(origins))
    market = {
        "value": rng.lognormal(0.0, 1.5, origins),
        "tariff_before": rng.uniform(-0.3, 0.5, origins),
        "tariff_after": rng.uniform(-0.5, 5.0 if draw(st.booleans()) else 0.5, origins),
        "sigma": draw(st.sampled_from([1.0, elasticity(), elasticity()])),
        "sigma_home": draw(st.sampled_from([1.0, elasticity(), elasticity()])),
        "eta": draw(st.sampled_from([1.0, elasticity(), elasticity()])),
        "home": draw(st.sampled_from([None, 0])),
        "supply": supply,
        "cost_hat": rng.uniform(0.7, 1.4, origins),
        "origin_cost_hat": rng.uniform(0.7, 1.4, origins),
        "demand_hat": rng.uniform(0.7, 1.4),
    }
    if passes:
        given_ = rng.random(origins) < 0.5
        market["supply"] = np.where(given_, np.inf, supply)
        market["pass_through"] = np.where(given_, rng.choice([0.0, 0.3, 0.8, 1.0], origins), np.nan)
    if quotas:
        inside = market["tariff_after"] - rng.uniform(0.0, 0.9, origins) * (1.0 + market["tariff_after"])
        market |= {"quota": rng.choice([0.0, 0.3, 0.8, 1.0, 1.7, np.inf], origins), "tariff_in_quota": inside}
    return market


def solve(market, **changes):
    arguments = {**market, **changes}
    return solve_partial(arguments.pop("value"), **arguments)


@MANY
@given(market=markets(quotas=True, passes=True))
def test_every_market_is_solved_to_rounding_and_adds_up(market):
    solved = solve(market)
    assert solved.converged
    assert solved.residual <= 1e-12
    before = market["value"] * (1.0 + market["tariff_before"])
    spent = np.sum(before * solved.delivered_hat * solved.quantity_hat)
    total = before.sum() * market["demand_hat"] * solved.index_hat ** (1.0 - market["eta"])
    assert_allclose(spent, total, rtol=1e-12)
    paid = solved.value * market["cost_hat"] + (solved.duty + solved.quota_rent) * market["cost_hat"]
    assert_allclose(paid, before * solved.delivered_hat * solved.quantity_hat, rtol=1e-9, atol=1e-300)


@MANY
@given(market=markets())
def test_no_shock_moves_nothing(market):
    still = {"tariff_after": market["tariff_before"], "cost_hat": 1.0, "origin_cost_hat": 1.0, "demand_hat": 1.0}
    solved = solve(market, **still)
    for name in ("price_hat", "quantity_hat", "delivered_hat", "index_hat", "import_index_hat"):
        assert_allclose(getattr(solved, name), 1.0, rtol=1e-14)
    assert_allclose(solved.value, market["value"], rtol=1e-13)
    assert_allclose(solved.consumer_gain, 0.0, atol=1e-12 * market["value"].sum())


@MANY
@given(market=markets(quotas=True, passes=True), rise=st.floats(0.0, 1.0), origin=st.integers(1, 3))
def test_raising_the_own_duty_never_raises_own_imports(market, rise, origin):
    higher = market["tariff_after"].copy()
    higher[origin] += rise
    low, high = solve(market), solve(market, tariff_after=higher)
    assert high.quantity_hat[origin] <= low.quantity_hat[origin] * (1.0 + 1e-11)
    assert high.index_hat >= low.index_hat * (1.0 - 1e-11)


@MANY
@given(market=markets(quotas=True, passes=True), scale=st.floats(1e-6, 1e6))
def test_scaling_values_changes_no_ratio(market, scale):
    small, large = solve(market), solve(market, value=market["value"] * scale)
    for name in ("price_hat", "quantity_hat", "delivered_hat", "index_hat", "import_index_hat"):
        assert_allclose(getattr(large, name), getattr(small, name), rtol=1e-10)
    assert_allclose(large.value, small.value * scale, rtol=1e-10)


@MANY
@given(market=markets(passes=True), origin=st.integers(1, 3))
def test_quantity_is_continuous_and_rises_with_the_quota(market, origin):
    inside = market["tariff_after"] - 0.3 * (1.0 + market["tariff_after"])
    sizes = np.concatenate([np.linspace(0.0, 3.0, 601), [10.0, 1e3, 1e9]])
    quotas = np.full((len(sizes), 4), np.inf)
    quotas[:, origin] = sizes
    solved = solve(market, quota=quotas, tariff_in_quota=inside)
    quantity, regime = solved.quantity_hat[:, origin], solved.regime[:, origin]
    assert (np.diff(quantity) >= -1e-10 * quantity[1:]).all()
    assert (np.diff(regime) <= 0).all()
    assert (np.diff(quantity[:601]) <= 0.005 * (1.0 + 1e-9) + 1e-10 * quantity[1:601]).all()
    assert_array_equal(quantity[regime == 2], sizes[regime == 2])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), data=st.data())
def test_a_batch_equals_a_loop_to_the_last_bit(seed, data):
    drawn = [data.draw(markets(quotas=True, passes=True)) for _ in range(5)]
    home = drawn[0]["home"]
    picks = np.random.default_rng(seed).integers(0, 5, 150)  # more than two blocks, mixed
    stacked = {name: np.array([drawn[i][name] for i in picks]) for name in drawn[0] if name != "home"}
    batch = solve(stacked, home=home)
    for i in (0, 1, 63, 64, 127, 149):
        single = solve(drawn[picks[i]], home=home)
        for name in FIELDS:
            assert_array_equal(getattr(batch, name)[i], getattr(single, name))


@MANY
@given(market=markets(quotas=True))
def test_equal_elasticities_collapse_the_nests(market):
    assume(market["home"] == 0)
    nested = solve(market, sigma_home=market["sigma"])
    flat = solve(market, home=None)
    scale = 1.0 + float(flat.value.max())
    for name in FIELDS:
        assert_allclose(getattr(nested, name), getattr(flat, name), rtol=1e-9, atol=1e-11 * scale)


@MANY
@given(market=markets(quotas=True))
def test_full_pass_through_equals_infinite_supply(market):
    passed = solve(market, supply=np.inf, pass_through=1.0)
    given_price = solve(market, supply=np.inf)
    scale = 1.0 + float(given_price.value.max())
    for name in FIELDS:
        assert_allclose(getattr(passed, name), getattr(given_price, name), rtol=1e-9, atol=1e-11 * scale)


@MANY
@given(market=markets(quotas=True, passes=True))
def test_the_consumer_gain_is_the_area_left_of_demand(market):
    solved = solve(market)
    spending = np.sum(market["value"] * (1.0 + market["tariff_before"])) * market["demand_hat"]
    log_index = float(np.log(solved.index_hat))
    area = quad(lambda u: np.exp((1.0 - market["eta"]) * u), log_index, 0.0, epsabs=0.0, epsrel=1e-12, limit=200)[0]
    assert_allclose(solved.consumer_gain, spending * area, rtol=1e-9, atol=1e-12 * spending)


@MANY
@given(market=markets(quotas=True, passes=True))
def test_welfare_adds_up(market):
    solved = solve(market)
    w = welfare(
        solved,
        market["value"],
        tariff_before=market["tariff_before"],
        home=market["home"],
        pass_through=market["pass_through"],
        cost_hat=market["cost_hat"],
    )
    parts = (w.buyer_bears, w.exporter_bears, w.licence_holder_bears, w.barrier_saving, w.base_effect)
    scale = max(float(np.abs(part).max()) for part in parts) + 1.0
    assert_allclose(w.duty_change, sum(parts), rtol=0.0, atol=1e-9 * scale)
    gains = w.consumer_gain + w.duty_change.sum() + w.quota_rent + w.exporter_surplus + w.home_surplus
    assert_allclose(gains, -w.deadweight_loss, rtol=0.0, atol=1e-9 * (abs(float(gains)) + 1.0))


def substitutes(market):
    """The same market with its elasticities in the order that makes the other origins substitutes."""
    eta, sigma_home, sigma = sorted(market[name] for name in ("eta", "sigma_home", "sigma"))
    return market | {"eta": eta, "sigma_home": sigma_home, "sigma": sigma}


@MANY
@given(market=markets().map(substitutes), target=st.floats(0.3, 3.0))
def test_a_larger_purchase_needs_a_larger_wedge_and_displaces_rivals(market, target):
    assume(market["sigma_home"] > market["eta"])
    more = solve_purchase(origin=1, quantity_hat=[target, 1.1 * target], **market)
    assert_allclose(more.solution.quantity_hat[:, 1], [target, 1.1 * target], rtol=1e-9)
    assert more.wedge[1] > more.wedge[0]
    assert more.price_effect[1] <= more.price_effect[0] * (1.0 + 1e-12)
    rivals = np.arange(4) != 1
    assert (more.quantity_change[1, rivals] <= more.quantity_change[0, rivals] + 1e-10).all()
