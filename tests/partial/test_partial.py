"""The market engine by hand: limits, regimes, shapes, rents, purchases, welfare, and what it says of bad input."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tradecalc.partial import solve_partial, solve_purchase, split_rent, welfare
from tradecalc.terms import ConvergenceError, InputError

VALUE = np.array([50.0, 20.0, 10.0])
MARKET = {
    "tariff_before": [0.0, 0.025, 0.0],
    "tariff_after": [0.0, 0.275, 0.1],
    "sigma": 4.0,
    "sigma_home": 2.0,
    "eta": 1.2,
    "home": 0,
    "supply": [3.0, 8.0, np.inf],
}


def solve(value=VALUE, **changes):
    return solve_partial(value, **{**MARKET, **changes})


# ---------------------------------------------------------------- the equations


def test_fields_are_those_of_the_contract():
    names = [field.name for field in dataclasses.fields(solve())]
    by_origin = [
        "price_hat",
        "quantity_hat",
        "delivered_hat",
        "value",
        "duty",
        "quota_rent",
        "exporter_surplus",
        "regime",
    ]
    by_market = ["index_hat", "import_index_hat", "consumer_gain", "residual", "iterations", "converged"]
    assert names == by_origin + by_market


def test_one_origin_without_supply_response_is_the_demand_curve():
    solved = solve_partial([100.0], tariff_before=0.0, tariff_after=0.25, sigma=5.0, eta=1.5, home=None)
    assert_allclose(solved.delivered_hat, 1.25, rtol=1e-15)
    assert_allclose(solved.quantity_hat, 1.25**-1.5, rtol=1e-14)
    assert_allclose(solved.index_hat, 1.25, rtol=1e-14)
    assert_allclose(solved.consumer_gain, 100.0 * (1.0 - 1.25**-0.5) / -0.5, rtol=1e-13)


def test_one_origin_with_supply_response_has_a_closed_form():
    eta, mu, tau = 1.5, 4.0, 1.25
    solved = solve_partial([100.0], tariff_before=0.0, tariff_after=0.25, sigma=5.0, eta=eta, home=None, supply=mu)
    price = tau ** (-eta / (eta + mu))
    assert_allclose(solved.price_hat, price, rtol=1e-14)
    assert_allclose(solved.quantity_hat, price**mu, rtol=1e-13)
    assert_allclose(solved.exporter_surplus, 100.0 * (price ** (1 + mu) - 1) / (1 + mu), rtol=1e-12)


def test_the_equations_hold_at_the_solution():
    s, kw = solve(cost_hat=[1.0, 0.95, 1.1], origin_cost_hat=[1.0, 1.05, 0.9], demand_hat=1.03), MARKET
    spending = VALUE * (1.0 + np.array(kw["tariff_before"]))
    tau = (1.0 + np.array(kw["tariff_after"])) / (1.0 + np.array(kw["tariff_before"]))
    share = spending[1:] / spending[1:].sum()
    d, p, q, imports, total = s.delivered_hat, s.price_hat, s.quantity_hat, s.import_index_hat, s.index_hat
    assert_allclose(d, p * tau * [1.0, 0.95, 1.1], rtol=1e-14)
    assert_allclose(imports, np.sum(share * d[1:] ** -3.0) ** (-1 / 3), rtol=1e-13)
    home_share = spending[0] / spending.sum()
    assert_allclose(total, 1.0 / (home_share / d[0] + (1.0 - home_share) / imports), rtol=1e-13)
    assert_allclose(q[1:], (d[1:] / imports) ** -4.0 * (imports / total) ** -2.0 * total**-1.2 * 1.03, rtol=1e-12)
    assert_allclose(q[0], (d[0] / total) ** -2.0 * total**-1.2 * 1.03, rtol=1e-12)
    assert_allclose(q[:2], (p[:2] / [1.0, 1.05]) ** [3.0, 8.0], rtol=1e-12)
    assert_allclose(s.value, VALUE * p * q, rtol=1e-14)
    assert_allclose(s.duty, s.value * kw["tariff_after"], rtol=1e-14)
    assert_allclose(np.sum(spending * d * q), spending.sum() * total ** (1 - 1.2) * 1.03, rtol=1e-12)


@pytest.mark.parametrize("name", ["sigma", "sigma_home", "eta"])
def test_an_elasticity_of_one_is_the_limit_from_both_sides(name):
    at, below, above = (solve(**{name: x}) for x in (1.0, 1.0 - 1e-9, 1.0 + 1e-9))
    for field in ("quantity_hat", "index_hat", "import_index_hat", "consumer_gain"):
        assert_allclose(getattr(at, field), getattr(below, field), rtol=1e-8)
        assert_allclose(getattr(at, field), getattr(above, field), rtol=1e-8)
    assert at.residual <= 1e-14


def test_unit_elasticities_are_logarithms():
    solved = solve(sigma=1.0, sigma_home=1.0, eta=1.0, supply=np.inf)
    spending = VALUE * [1.0, 1.025, 1.0]
    assert_allclose(
        np.log(solved.index_hat), np.sum(spending * np.log(solved.delivered_hat)) / spending.sum(), rtol=1e-13
    )
    assert_allclose(solved.consumer_gain, -spending.sum() * np.log(solved.index_hat), rtol=1e-13)


def test_a_supply_of_zero_fixes_the_quantity_and_the_exporter_bears_the_duty():
    solved = solve_partial([100.0], tariff_before=0.0, tariff_after=0.25, sigma=5.0, eta=1.5, home=None, supply=0.0)
    assert_allclose(solved.quantity_hat, 1.0, rtol=1e-14)
    assert_allclose(solved.price_hat, 0.8, rtol=1e-14)


def test_a_supply_elasticity_that_grows_approaches_a_given_price():
    assert_allclose(solve(supply=1e12).quantity_hat, solve(supply=np.inf).quantity_hat, rtol=1e-10)


def test_pass_through_splits_the_duty():
    tau, x = 1.275 / 1.025, 1.08
    solved = solve(supply=np.inf, pass_through=[np.nan, 0.6, np.nan], origin_cost_hat=[1.0, x, 1.0])
    assert_allclose(solved.price_hat[1], x**0.6 * tau**-0.4, rtol=1e-13)
    assert_allclose(solved.delivered_hat[1], x**0.6 * tau**0.6, rtol=1e-13)
    assert_allclose(solved.exporter_surplus[1], 20.0 * solved.quantity_hat[1] * (solved.price_hat[1] - x), rtol=1e-12)


def test_an_origin_that_sells_nothing_has_hats_and_no_money():
    with_it = solve([50.0, 20.0, 0.0])
    without_it = solve_partial(
        [50.0, 20.0], **{**MARKET, **{k: MARKET[k][:2] for k in ("tariff_before", "tariff_after", "supply")}}
    )
    assert_allclose(with_it.quantity_hat[:2], without_it.quantity_hat, rtol=1e-13)
    imports, total = with_it.import_index_hat, with_it.index_hat
    wanted = (1.1 / imports) ** -4.0 * (imports / total) ** -2.0 * total**-1.2
    assert_allclose(with_it.quantity_hat[2], wanted, rtol=1e-12)
    assert with_it.value[2] == 0.0
    assert with_it.duty[2] == 0.0


def test_a_market_without_imports_still_has_a_home_price():
    solved = solve([50.0, 0.0, 0.0])
    assert np.isfinite(solved.quantity_hat).all()
    assert_allclose(solved.index_hat, solved.delivered_hat[0], rtol=1e-13)


def test_a_prohibitive_duty_ends_trade_without_a_fuss():
    solved = solve(tariff_after=[0.0, 1e9, 1e9], supply=np.inf, sigma=30.0, sigma_home=6.0)
    assert solved.converged
    assert solved.value[1:].sum() < 1e-30
    assert_allclose(solved.index_hat, (50.0 / 80.5) ** (-1 / 5), rtol=1e-12)


# ---------------------------------------------------------------- quotas


def quota(k, **changes):
    return solve(quota=[np.inf, k, np.inf], tariff_in_quota=[0.0, 0.1, 0.1], **changes)


@pytest.mark.parametrize(
    ("response"),
    [{"supply": [3.0, 8.0, np.inf]}, {"supply": np.inf}, {"supply": np.inf, "pass_through": [np.nan, 0.7, np.nan]}],
    ids=["finite supply", "given price", "pass-through"],
)
def test_the_three_regimes_of_a_quota(response):
    within, over = solve(tariff_after=[0.0, 0.1, 0.1], **response), solve(**response)
    under, full, binding = quota(2.0, **response), quota(0.3, **response), quota(0.75, **response)
    assert [r.regime[1] for r in (under, binding, full)] == [1, 2, 3]
    assert_array_equal(under.regime[[0, 2]], 0)

    assert_allclose(under.quantity_hat, within.quantity_hat, rtol=1e-12)
    assert_allclose(under.duty, within.duty, rtol=1e-12)
    assert under.quota_rent[1] == 0.0

    p, q = full.price_hat[1], full.quantity_hat[1]
    assert_allclose(full.quantity_hat, over.quantity_hat, rtol=1e-12)
    assert_allclose(full.duty[1], 20.0 * p * (0.3 * 0.1 + (q - 0.3) * 0.275), rtol=1e-12)
    assert_allclose(full.quota_rent[1], 20.0 * p * 0.3 * 0.175, rtol=1e-12)

    p, rate = binding.price_hat[1], 1.025 * binding.delivered_hat[1] / binding.price_hat[1] - 1.0
    assert binding.quantity_hat[1] == 0.75
    assert 0.1 < rate < 0.275
    assert_allclose(binding.duty[1], 20.0 * p * 0.75 * 0.1, rtol=1e-12)
    assert_allclose(binding.quota_rent[1], 20.0 * p * 0.75 * (rate - 0.1), rtol=1e-11)
    if "pass_through" in response:
        tau = (1.0 + rate) / 1.025
        assert_allclose(p, tau**-0.3, rtol=1e-12)
    else:
        assert_allclose(p, 0.75 ** (1.0 / np.broadcast_to(response["supply"], 3)[1]), rtol=1e-12)


def test_ties_count_as_under_filled():
    no_shock = {"tariff_after": [0.0, 0.3, 0.0], "tariff_in_quota": [0.0, 0.025, 0.0]}
    solved = solve(quota=[np.inf, 1.0, np.inf], **no_shock)
    assert solved.regime[1] == 1
    assert solved.quota_rent[1] == 0.0
    assert_allclose(solved.quantity_hat, 1.0, rtol=1e-14)


def test_a_quota_of_zero_is_the_rate_outside_and_none_is_no_quota():
    nothing = quota(0.0)
    assert nothing.regime[1] == 3
    assert_allclose(nothing.duty, solve().duty, rtol=1e-13)
    assert nothing.quota_rent[1] == 0.0
    none = quota(np.inf)
    assert none.regime[1] == 0
    assert_allclose(none.duty, solve().duty, rtol=1e-15)


def test_a_quota_never_binds_when_nothing_is_passed_through():
    response = {"supply": np.inf, "pass_through": [np.nan, 0.0, np.nan]}
    sold = solve(**response).quantity_hat[1]
    for k in (0.2, 0.999 * sold, 1.001 * sold, 5.0):
        assert quota(k, **response).regime[1] == (1 if k > sold else 3)


def test_a_quota_never_binds_on_a_given_quantity():
    supply = [3.0, 0.0, np.inf]
    assert quota(0.99, supply=supply).regime[1] == 3
    assert quota(1.0, supply=supply).regime[1] == 1


def test_rents_are_split_without_losing_anything():
    solved = quota(0.75)
    for share in (0.0, 0.4, 1.0):
        parts = split_rent(solved, rent_to_exporter=share, tariff_in_quota=[0.0, 0.1, 0.1])
        rise = share * solved.quota_rent / (1.0 + np.array([0.0, 0.1, 0.1]))
        assert_allclose(parts.recorded_value, solved.value + rise, rtol=1e-15)
        assert_allclose(parts.recorded_duty, solved.duty + rise * [0.0, 0.1, 0.1], rtol=1e-15)
        assert_allclose(parts.rent_to_importer, (1.0 - share) * solved.quota_rent, rtol=1e-15)
        total = parts.recorded_value + parts.recorded_duty + parts.rent_to_importer
        assert_allclose(total, solved.value + solved.duty + solved.quota_rent, rtol=1e-14)


# ---------------------------------------------------------------- shapes and batches


def test_all_leading_axes_broadcast():
    rng = np.random.default_rng(3)
    value, sigma = rng.lognormal(size=(4, 3)), rng.uniform(2.0, 6.0, (5, 1))
    supply, after = np.array([2.0, np.inf, 5.0]), rng.uniform(0.0, 0.5, (4, 3))
    solved = solve_partial(
        value, tariff_before=0.02, tariff_after=after, sigma=sigma, eta=rng.uniform(1, 2, 4), home=None, supply=supply
    )
    assert solved.quantity_hat.shape == (5, 4, 3)
    assert solved.regime.shape == (5, 4, 3)
    assert solved.index_hat.shape == solved.converged.shape == solved.iterations.shape == (5, 4)
    assert solved.regime.dtype == np.int8


def test_a_single_market_has_plain_shapes_and_home_may_count_from_the_end():
    assert solve().index_hat.shape == ()
    assert_array_equal(solve(home=-3).quantity_hat, solve(home=0).quantity_hat)


def test_read_only_and_transposed_inputs_are_read_right():
    value = np.asfortranarray(np.tile(VALUE, (70, 1)) * np.linspace(1, 2, 70)[:, None])
    value.flags.writeable = False
    solved = solve(value)
    assert_allclose(
        solved.value, VALUE * solve().price_hat * solve().quantity_hat * np.linspace(1, 2, 70)[:, None], rtol=1e-12
    )


@pytest.mark.parametrize("home", [0, None])
def test_quotas_and_pass_through_in_a_long_batch_are_those_of_single_markets(home):
    rng = np.random.default_rng(5)
    count = 331  # several pieces of work, the last of them short
    passed = np.where(rng.random((count, 3)) < 0.4, rng.uniform(0.1, 1.0, (count, 3)), np.nan)
    by_market = {
        "tariff_after": rng.uniform(0.1, 0.4, (count, 3)),
        "quota": np.where(rng.random((count, 3)) < 0.6, rng.uniform(0.3, 1.5, (count, 3)), np.inf),
        "pass_through": passed,
        "supply": np.where(np.isnan(passed), rng.uniform(0.5, 9.0, (count, 3)), np.inf),
    }
    common = {"home": home, "tariff_in_quota": [0.0, 0.05, 0.1], "cost_hat": [1.0, 0.9, 1.0], "origin_cost_hat": 1.1}
    batch = solve(**common, **by_market)
    assert set(np.unique(batch.regime)) == {0, 1, 2, 3}
    for i in (0, 63, 64, 200, 320, 330):
        single = solve(**common, **{name: array[i] for name, array in by_market.items()})
        for field in dataclasses.fields(single):
            assert_allclose(getattr(batch, field.name)[i], getattr(single, field.name), rtol=1e-13, atol=1e-13)


def test_an_empty_batch_is_empty():
    assert solve(np.zeros((0, 3))).value.shape == (0, 3)


IMPOSSIBLE = {"tariff_before": 0.0, "tariff_after": 0.0, "sigma": 3.0, "eta": 0.0, "home": None, "supply": 0.0}


def test_a_single_market_without_equilibrium_raises():
    with pytest.raises(ConvergenceError, match=r"residual .* after \d+ iterations \(tolerance 1e-12\)"):
        solve_partial([1.0, 2.0], demand_hat=1.2, **IMPOSSIBLE)


def test_in_a_batch_failures_are_nan_and_flagged():
    solved = solve_partial(np.ones((3, 2)), demand_hat=[1.0, 1.2, 1.0], **{**IMPOSSIBLE, "eta": [1.0, 0.0, 2.0]})
    assert_array_equal(solved.converged, [True, False, True])
    assert np.isnan(solved.value[1]).all()
    assert np.isnan(solved.quota_rent[1]).all()
    assert np.isnan(solved.index_hat[1])
    assert_array_equal(solved.regime[1], -1)
    assert np.isfinite(solved.value[[0, 2]]).all()


# ---------------------------------------------------------------- purchases


@pytest.mark.parametrize(
    "response", [{}, {"supply": np.inf}, {"supply": np.inf, "pass_through": [np.nan, np.nan, 0.5]}]
)
def test_a_purchase_is_met_and_paid_for(response):
    bought = solve_purchase(VALUE, origin=2, quantity_hat=1.5, **{**MARKET, **response})
    assert_allclose(bought.solution.quantity_hat[2], 1.5, rtol=1e-11)
    assert 0.0 < bought.wedge < 1.0
    full = bought.solution.delivered_hat[2] / (1.0 - bought.wedge)
    assert_allclose(bought.subsidy_cost, 10.0 * 1.5 * (full - bought.solution.delivered_hat[2]), rtol=1e-10)
    assert (bought.quantity_change[:2] < 0.0).all()
    assert bought.price_effect < 1.0
    assert_allclose(bought.value_change, bought.solution.value - bought.without.value, rtol=1e-15)


def test_a_purchase_by_value_equals_the_purchase_of_that_quantity():
    for response in ({}, {"supply": np.inf}, {"supply": np.inf, "pass_through": [np.nan, np.nan, 0.5]}):
        market = {**MARKET, **response}
        by_quantity = solve_purchase(VALUE, origin=2, quantity_hat=[1.2, 1.8], **market)
        by_value = solve_purchase(VALUE, origin=2, value_after=by_quantity.solution.value[..., 2], **market)
        assert_allclose(by_value.wedge, by_quantity.wedge, rtol=1e-9)


def test_what_the_market_takes_anyway_needs_no_wedge():
    taken = solve().quantity_hat[1]
    bought = solve_purchase(VALUE, origin=1, quantity_hat=taken, **MARKET)
    assert_allclose(bought.wedge, 0.0, atol=1e-12)
    assert_allclose(bought.quantity_change, 0.0, atol=1e-10)


def test_less_than_the_market_takes_needs_an_implicit_tax():
    assert solve_purchase(VALUE, origin=1, quantity_hat=0.1, **MARKET).wedge < 0.0


def test_a_purchase_past_a_quota_pays_the_rate_outside():
    market = {**MARKET, "quota": [np.inf, 0.7, np.inf], "tariff_in_quota": [0.0, 0.1, 0.1]}
    inside, outside = solve_purchase(VALUE, origin=1, quantity_hat=[0.7, 0.9], **market).solution.regime[:, 1]
    assert (inside, outside) == (1, 3)


# ---------------------------------------------------------------- welfare


def test_the_parts_of_a_duty_add_up_by_origin():
    solved = quota(0.75, cost_hat=[1.0, 0.9, 1.05])
    w = welfare(solved, VALUE, tariff_before=MARKET["tariff_before"], home=0, cost_hat=[1.0, 0.9, 1.05])
    parts = w.buyer_bears + w.exporter_bears + w.licence_holder_bears + w.barrier_saving + w.base_effect
    assert_allclose(w.duty_change, parts, rtol=1e-12, atol=1e-12)
    assert_allclose(w.duty_change, solved.duty - w.duty_before, rtol=1e-14)


def test_gains_and_the_deadweight_loss_add_up():
    w = welfare(solve(), VALUE, tariff_before=MARKET["tariff_before"], home=0)
    gains = w.consumer_gain + w.duty_change.sum() + w.quota_rent + w.exporter_surplus + w.home_surplus
    assert_allclose(gains + w.deadweight_loss, 0.0, atol=1e-12)
    assert w.deadweight_loss > 0.0
    assert w.margin_change == 0.0


def test_the_deadweight_loss_is_the_area_between_prices_with_and_without_duty():
    steps = np.linspace(0.0, 1.0, 4001)
    before, after = np.array(MARKET["tariff_before"]), np.array(MARKET["tariff_after"])
    rates = before + steps[:, None] * (after - before)
    path = solve(tariff_after=rates)
    wedge = VALUE * path.price_hat * rates
    lost = -np.sum(0.5 * (wedge[1:] + wedge[:-1]) * np.diff(path.quantity_hat, axis=0))
    w = welfare(solve(), VALUE, tariff_before=before, home=0)
    assert_allclose(w.deadweight_loss, lost, rtol=1e-6)


def test_a_margin_stays_out_of_the_identity():
    response = {"supply": np.inf, "pass_through": [np.nan, 0.4, np.nan]}
    solved = solve(**response)
    w = welfare(solved, VALUE, tariff_before=MARKET["tariff_before"], home=0, pass_through=response["pass_through"])
    assert_allclose(w.margin_change, solved.exporter_surplus[1], rtol=1e-14)
    assert w.exporter_surplus == 0.0
    assert_allclose(w.consumer_gain + w.duty_change.sum() + w.deadweight_loss, 0.0, atol=1e-12)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tariff_after": np.zeros((4, 5))}, r"tariff_after of shape \(4, 5\) does not fit value of shape \(3,\)"),
        ({"value": np.ones((2, 3)), "sigma": [2.0, 3.0, 4.0]}, r"sigma of shape \(3,\) .* value of shape \(2, 3\)"),
        ({"value": [1.0, np.nan, 1.0]}, r"value\[1\] is nan"),
        ({"tariff_after": [0.0, np.nan, 0.1]}, r"tariff_after\[1\] is nan"),
        ({"sigma": np.nan}, "sigma is nan"),
        ({"supply": [1.0, np.nan, 1.0]}, r"supply\[1\] is nan"),
        ({"value": [1.0, -2.0, 1.0]}, r"value\[1\] is -2.0"),
        ({"value": 3.0}, r"value has shape \(\)"),
        ({"value": "ten"}, "value is 'ten'; give a number"),
        ({"sigma": -2.0}, "sigma is -2.0"),
        ({"sigma_home": 0.0}, "sigma_home is 0.0"),
        ({"eta": -0.1}, "eta is -0.1"),
        ({"supply": -1.0}, "supply is -1.0"),
        ({"tariff_after": -1.0}, "tariff_after is -1.0"),
        ({"tariff_before": [0.0, -1.5, 0.0]}, r"tariff_before\[1\] is -1.5"),
        ({"tariff_after": np.inf}, "tariff_after is inf"),
        ({"pass_through": 1.2, "supply": np.inf}, "pass_through is 1.2"),
        ({"pass_through": [np.nan, 0.5, np.nan]}, r"origin \[1\] has a finite supply and a pass_through"),
        ({"quota": -0.5}, "quota is -0.5"),
        (
            {"quota": 0.5, "tariff_in_quota": [0.0, 0.4, 0.1]},
            r"tariff_in_quota 0.4 of origin \[1\] is above tariff_after 0.275",
        ),
        ({"tariff_in_quota": 0.0}, "tariff_in_quota is given without a quota"),
        ({"cost_hat": 0.0}, "cost_hat is 0.0"),
        ({"origin_cost_hat": -1.0}, "origin_cost_hat is -1.0"),
        ({"demand_hat": 0.0}, "demand_hat is 0.0"),
        ({"home": 3}, "home is 3; give the index of the home origin, an integer from 0 to 2"),
        ({"home": 0.5}, "home is 0.5"),
        ({"value": [0.0, 1.0, 1.0]}, r"value of the home origin \(index 0\) is 0, so there is no home share"),
        ({"value": [[1.0, 1, 1], [0.0, 1, 1]]}, r"is 0 in market \[1\]"),
        ({"value": [0.0, 0.0, 0.0], "home": None}, "value is 0 for every origin"),
        ({"tol": 0.0}, "tol is 0.0"),
    ],
)
def test_bad_input_is_named(changes, message):
    arguments = {"value": VALUE, **MARKET, **changes}
    with pytest.raises(InputError, match=message):
        solve_partial(arguments.pop("value"), **arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "give quantity_hat or value_after, and not both"),
        ({"quantity_hat": 1.0, "value_after": 1.0}, "and not both"),
        ({"quantity_hat": -1.0}, "quantity_hat is -1.0"),
        ({"quantity_hat": 1.0, "origin": 7}, "origin is 7; give the index of an origin, from 0 to 2"),
        ({"quantity_hat": 1.0, "supply": 0.0}, "supply of the origin is 0"),
    ],
)
def test_a_bad_purchase_is_named(changes, message):
    with pytest.raises(InputError, match=message):
        solve_purchase(VALUE, **{"origin": 1, **MARKET, **changes})


def test_a_purchase_from_an_origin_without_baseline_value_is_refused():
    with pytest.raises(InputError, match="no value in the baseline"):
        solve_purchase([50.0, 0.0, 10.0], origin=1, quantity_hat=2.0, **MARKET)


def test_bad_rents_and_shapes_are_named():
    with pytest.raises(InputError, match=r"rent_to_exporter is 1\.5"):
        split_rent(solve(), rent_to_exporter=1.5, tariff_in_quota=0.0)
    with pytest.raises(InputError, match=r"tariff_in_quota is -2\.0"):
        split_rent(solve(), rent_to_exporter=0.5, tariff_in_quota=-2.0)
    with pytest.raises(InputError, match=r"broadcast to the solution's shape \(3,\)"):
        welfare(solve(), VALUE, tariff_before=np.zeros(7), home=0)
