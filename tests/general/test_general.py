"""The world engine by hand: small worlds, closures, edge cases and the sentences of its errors."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tradecalc.general import decompose_welfare, own_share_gain, solve_general
from tradecalc.terms import ConvergenceError, InputError

TRADE = np.array([[[60.0, 20.0, 10.0], [25.0, 80.0, 5.0], [15.0, 10.0, 40.0]]])  # one sector, three countries
ABROAD = 1.0 - np.eye(3)


def two_sectors() -> dict:
    """Return a world of two sectors with inputs, three countries."""
    return {
        "trade": np.concatenate([TRADE, 0.5 * TRADE[:, ::-1, ::-1]]),
        "theta": [4.0, 6.0],
        "value_added_share": [[0.5, 0.6, 0.7], [0.8, 0.7, 0.6]],
        "input_share": np.array([[[0.6], [0.3]], [[0.4], [0.7]]]) * np.ones(3),
    }


def tariff(origin: int, destination: int, rate: float) -> np.ndarray:
    """Return a tariff on one flow of the one-sector world."""
    result = np.zeros((1, 3, 3))
    result[0, origin, destination] = rate
    return result


# --- answers ---------------------------------------------------------------------------------------------------------


def test_two_equal_countries_and_a_uniform_tariff():
    """By hand: wages cannot move; the price index and duty follow from shares."""
    trade = np.array([[[0.8, 0.2], [0.2, 0.8]]])
    s = solve_general(trade, theta=4.0, tariff_after=0.1 * (1 - np.eye(2)))
    price = (0.8 + 0.2 * 1.1**-4) ** (-1 / 4)
    foreign = 0.2 * 1.1**-4 / (0.8 + 0.2 * 1.1**-4)
    income = 1 / (1 - foreign * 0.1 / 1.1)
    assert_allclose(s.wage_hat, 1.0, rtol=1e-12)
    assert_allclose(s.price_hat, [[price, price]], rtol=1e-12)
    assert_allclose(s.expenditure, [[income, income]], rtol=1e-10)
    assert_allclose(s.trade[0, 0, 1], foreign * income / 1.1, rtol=1e-10)
    assert_allclose(s.tariff_revenue, foreign * income * 0.1 / 1.1, rtol=1e-10)
    assert_allclose(s.welfare_hat, income / price, rtol=1e-10)
    assert s.converged


def test_a_tariff_moves_wages_towards_its_country_and_trade_away_from_its_target():
    s = solve_general(TRADE, theta=4.0, tariff_after=tariff(1, 0, 0.25))
    assert s.wage_hat[0] > 1 > s.wage_hat[1]
    assert s.trade[0, 1, 0] < TRADE[0, 1, 0]
    assert s.trade[0, 2, 0] > TRADE[0, 2, 0]  # diverted to the third country
    assert s.tariff_revenue[0] == pytest.approx(0.25 * s.trade[0, 1, 0])


def test_fixed_closure_keeps_the_overall_deficit_whatever_the_bilateral_does():
    s = solve_general(TRADE, theta=4.0, tariff_after=tariff(1, 0, 0.25))
    before = TRADE.sum(axis=(0, 1)) - TRADE.sum(axis=(0, 2))
    assert_allclose(s.deficit, before, atol=1e-9)
    assert s.trade[0, 1, 0] - s.trade[0, 0, 1] < TRADE[0, 1, 0] - TRADE[0, 0, 1]


def test_balanced_closure_purges_deficits_and_its_trade_feeds_the_next_call():
    world = two_sectors()
    purged = solve_general(**world, closure="balanced", tol=1e-8)
    assert_allclose(purged.deficit, 0.0, atol=1e-6)
    again = solve_general(**(world | {"trade": purged.trade}), closure="fixed", tol=1e-7)
    assert_allclose(again.welfare_hat, 1.0, atol=1e-6)
    assert again.iterations <= 3


def test_proportional_closure_scales_every_multiple_by_one_number():
    s = solve_general(**two_sectors(), tariff_after=0.2 * ABROAD, closure="proportional")
    trade, g = two_sectors()["trade"], np.array(two_sectors()["value_added_share"])
    wages = (g * trade.sum(axis=2)).sum(axis=0)
    before = (wages + trade.sum(axis=(0, 1)) - trade.sum(axis=(0, 2))) / wages
    after = s.income / (s.wage_hat * wages + s.tariff_revenue)
    assert_allclose(after / before, (after / before)[0], rtol=1e-9)
    assert abs(s.deficit.sum()) < 1e-9


def test_an_import_subsidy_is_paid_out_of_revenue():
    s = solve_general(TRADE, theta=4.0, tariff_after=tariff(0, 1, -0.1))
    assert s.tariff_revenue[1] == pytest.approx(-0.1 * s.trade[0, 0, 1])
    assert s.trade[0, 0, 1] > TRADE[0, 0, 1]


def test_leading_axes_and_defaults():
    s = solve_general(TRADE, theta=np.array([[3.0], [6.0]]), tariff_after=0.1 * ABROAD)
    assert s.trade.shape == (2, 1, 3, 3)
    assert s.residual.shape == s.iterations.shape == s.converged.shape == (2,)
    assert s.converged.all()
    assert s.wage_hat.dtype == float


def test_a_large_batch_is_cut_over_threads_without_a_trace():
    theta = np.linspace(2.0, 8.0, 8000)[:, None]
    s = solve_general(TRADE, theta=theta, tariff_after=0.1 * ABROAD)
    for i in (0, 4321, 7999):
        one = solve_general(TRADE, theta=theta[i, 0], tariff_after=0.1 * ABROAD)
        assert_allclose(s.trade[i], one.trade, rtol=0)


def test_read_only_and_integer_trade_are_accepted():
    trade = TRADE.astype(int)
    trade.flags.writeable = False
    assert_allclose(solve_general(trade, theta=4).welfare_hat, 1.0)


# --- odd but legal worlds --------------------------------------------------------------------------------------------


def test_an_empty_cell_with_no_inputs_is_legal():
    world = two_sectors()
    world["trade"][1, 2] = 0.0  # country 2 makes nothing of sector 1
    g, io = np.full((2, 3), 0.8), world["input_share"].copy()
    g[1, 2], io[:, 1, 2] = 1.0, 0.0
    s = solve_general(**(world | {"value_added_share": g, "input_share": io}), tariff_after=0.1 * ABROAD)
    assert (s.trade[1, 2] == 0).all()
    assert s.adding_up < 1e-10


def test_a_sector_nobody_buys_somewhere_keeps_its_price():
    world = {"trade": np.concatenate([TRADE, TRADE]), "theta": 4.0}
    world["trade"][1, :, 2] = 0.0
    s = solve_general(**world, tariff_after=0.1 * ABROAD)
    assert s.price_hat[1, 2] == 1.0
    assert np.isfinite(s.price_hat).all()


def test_a_sector_that_is_not_traded():
    world = two_sectors()
    world["trade"][1] = np.diag([80.0, 60.0, 70.0])
    s = solve_general(**world, tariff_after=0.2 * ABROAD)
    assert_allclose(s.price_hat[1], s.unit_cost_hat[1], rtol=1e-9)
    assert (s.trade[1][ABROAD > 0] == 0).all()


def test_a_country_without_domestic_sales_has_no_own_share():
    trade = TRADE.copy()
    trade[0, 2, 2] = 0.0
    s = solve_general(trade, theta=4.0, tariff_after=0.1 * ABROAD)
    assert np.isnan(own_share_gain(s, theta=4.0)[0, 2])
    assert np.isfinite(s.welfare_hat).all()


def test_a_closed_country_stays_as_it_is():
    trade = np.zeros((1, 4, 4))
    trade[:, :3, :3], trade[0, 3, 3] = TRADE, 50.0
    abroad = 1.0 - np.eye(4)
    s = solve_general(trade, theta=4.0, tariff_after=0.1 * abroad, closure="balanced")
    open_world = solve_general(TRADE, theta=4.0, tariff_after=0.1 * ABROAD, closure="balanced")
    assert s.real_wage_hat[3] == pytest.approx(1.0)
    assert_allclose(s.welfare_hat[:3], open_world.welfare_hat)


def negative_world() -> dict:
    """Return a world whose country 0 uses more of sector 1 than it buys."""
    world = two_sectors()
    world["trade"][1, :, 0] *= 0.1
    return world


def test_clipping_measures_from_the_models_own_solution():
    calm = solve_general(**negative_world(), negative_final="clip")
    assert_allclose(calm.welfare_hat, 1.0, atol=1e-10)
    assert_allclose(calm.trade, calm.baseline_trade, rtol=1e-9)
    assert not np.allclose(calm.baseline_trade, negative_world()["trade"], rtol=1e-3)
    before = negative_world()["trade"].sum(axis=(0, 1)) - negative_world()["trade"].sum(axis=(0, 2))
    assert_allclose(calm.deficit, before, atol=1e-9)
    shocked = solve_general(**negative_world(), negative_final="clip", tariff_after=0.2 * ABROAD)
    again = solve_general(**(negative_world() | {"trade": calm.trade}), tariff_after=0.2 * ABROAD)
    assert_allclose(shocked.welfare_hat, again.welfare_hat, rtol=1e-9)
    assert_allclose(shocked.trade, again.trade, rtol=1e-8)


def test_clipping_changes_nothing_where_nothing_is_negative():
    a = solve_general(**two_sectors(), tariff_after=0.2 * ABROAD)
    b = solve_general(**two_sectors(), tariff_after=0.2 * ABROAD, negative_final="clip")
    assert_allclose(a.trade, b.trade, rtol=0)
    assert a.iterations == b.iterations


# --- welfare ---------------------------------------------------------------------------------------------------------


def test_welfare_parts_by_hand():
    """Two countries, no tariffs before: only the terms of trade are of first order."""
    trade = np.array([[[0.7, 0.3], [0.2, 0.8]]])
    s = solve_general(trade, theta=4.0, tariff_after=np.array([[0.0, 0.1], [0.0, 0.0]]))
    parts = decompose_welfare(s)
    cost = s.unit_cost_hat[0] - 1.0
    assert_allclose(parts.volume_of_trade, 0.0)
    assert_allclose(parts.terms_of_trade[0], (0.3 * cost[0] - 0.2 * cost[1]) / 0.9)
    assert_allclose(parts.welfare, parts.terms_of_trade)


def test_welfare_parts_refuse_a_tariff_that_does_not_fit():
    with pytest.raises(InputError, match=r"tariff_before has shape \(2, 2\).*\(1, 3, 3\)"):
        decompose_welfare(solve_general(TRADE, theta=4.0), tariff_before=np.zeros((2, 2)))


def test_own_share_gain_refuses_a_theta_that_is_not_positive():
    with pytest.raises(InputError, match="theta"):
        own_share_gain(solve_general(TRADE, theta=4.0), theta=0.0)


# --- errors ----------------------------------------------------------------------------------------------------------


def altered(array: np.ndarray, place: tuple[int, ...], value: float) -> np.ndarray:
    """Return a copy with one cell changed."""
    result = np.array(array, dtype=float)
    result[place] = value
    return result


WORLD = two_sectors()
NAN = float("nan")
BAD = {
    "negative flow": ({"trade": altered(WORLD["trade"], (1, 0, 2), -5)},
                      "trade: -5 at sector 1, origin country 0, destination country 2 is negative"),
    "NaN flow": ({"trade": altered(WORLD["trade"], (0, 1, 2), NAN)},
                 "trade: nan at sector 0, origin country 1, destination country 2"),
    "country sells nothing": ({"trade": altered(altered(WORLD["trade"], (0, 1), 0), (1, 1), 0)},
                              "country 1 sells nothing in any sector"),
    "theta zero": ({"theta": [4.0, 0.0]}, "theta: 0 at sector 1 is not positive"),
    "theta NaN": ({"theta": [NAN, 4.0]}, "theta: nan at sector 0"),
    "domestic tariff": ({"tariff_after": altered(np.zeros((2, 3, 3)), (1, 2, 2), 0.1)},
                        "tariff_after: 0.1 at sector 1, origin country 2, destination country 2 is a tariff"),
    "scalar tariff": ({"tariff_before": 0.1}, "tariff_before: 0.1 .* domestic flow"),
    "tariff NaN": ({"tariff_before": altered(np.zeros((2, 3, 3)), (0, 1, 2), NAN)}, "tariff_before: nan at sector 0"),
    "tariff below -1": ({"tariff_after": altered(np.zeros((3, 3)), (0, 1), -1)},
                        "tariff_after: -1 at sector 0, origin country 0, destination country 1 .*exceed -1"),
    "cost zero": ({"cost_hat": altered(np.ones((3, 3)), (0, 1), 0)}, "cost_hat: 0 at sector 0, origin country 0"),
    "cost infinite": ({"cost_hat": altered(np.ones((3, 3)), (0, 1), np.inf)}, "cost_hat: inf at"),
    "value added share above one": ({"value_added_share": altered(WORLD["value_added_share"], (1, 2), 1.2)},
                                    "value_added_share: 1.2 at sector 1, country 2 is not between zero and one"),
    "no value added": ({"value_added_share": altered(altered(WORLD["value_added_share"], (0, 1), 0), (1, 1), 0)},
                       "country 1 earns no value added"),
    "input shares": ({"input_share": altered(WORLD["input_share"], (0, 1, 2), 0.9)},
                     "input_share: 1.6 at using sector 1, country 2 is the sum over input sectors, not one"),
    "input shares of zero": ({"input_share": altered(WORLD["input_share"], (slice(None), 1, 2), 0)},
                             "input_share: 0 at using sector 1, country 2 is the sum"),
    "input shares left out": ({"input_share": None}, "value_added_share: 0.5 at sector 0, country 0 is below one"),
    "input share NaN": ({"input_share": altered(WORLD["input_share"], (0, 1, 2), NAN)},
                        "input_share: nan at input sector 0, using sector 1, country 2"),
    "negative final": ({"trade": negative_world()["trade"]},
                       "spending of country 0 on sector 1 is below what its own sectors use.*negative_final='clip'"),
    "no supplier": ({"trade": altered(WORLD["trade"], (1, slice(None), 0), 0)},
                    "country 0 buys nothing of sector 1, but input_share says its sectors use it"),
    "flat trade": ({"trade": np.ones((3, 3))}, r"trade has shape \(3, 3\)"),
    "trade not square": ({"trade": np.ones((2, 3, 4))}, r"trade has shape \(2, 3, 4\)"),
    "theta shape": ({"theta": [1.0, 2.0, 3.0]}, r"theta has shape \(3,\), which does not fit the \(sector\) \(2,\)"),
    "tariff shape": ({"tariff_after": np.zeros((2, 4, 4))}, r"tariff_after has shape \(2, 4, 4\).*\(2, 3, 3\)"),
    "batch shapes": ({"theta": np.ones((4, 2)), "cost_hat": np.ones((3, 2, 3, 3))},
                     r"theta has shape \(4, 2\).*\(3,\)"),
    "words": ({"theta": "four"}, "theta is not an array of numbers"),
    "closure": ({"closure": "balance"}, "closure 'balance' is not one; use .* Did you mean 'balanced'"),
    "negative_final": ({"negative_final": "drop"}, "negative_final 'drop' is not an option"),
    "tol": ({"tol": 0.0}, "tol is 0.0"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_in_one_sentence(name):
    change, message = BAD[name]
    with pytest.raises(InputError, match=message) as raised:
        solve_general(**(WORLD | change))
    assert "\n" not in str(raised.value)


def test_bad_input_in_a_batch_names_its_world():
    trade = np.stack([WORLD["trade"], negative_world()["trade"]])
    with pytest.raises(InputError, match="spending of country 0 of world 1 on sector 1"):
        solve_general(**(WORLD | {"trade": trade}))
    with pytest.raises(InputError, match="trade: -1 at sector 0, origin country 0, destination country 0 of world 1"):
        solve_general(**(WORLD | {"trade": altered(np.stack([WORLD["trade"]] * 2), (1, 0, 0, 0), -1)}))


def test_final_spending_must_be_positive():
    trade = TRADE.copy()
    trade[0, :, 2] *= 0.01  # a surplus larger than value added
    trade[0, 2, 2] = 0.3
    with pytest.raises(InputError, match=r"implied final spending of country 2.*is not positive"):
        solve_general(trade, theta=4.0, value_added_share=0.3, negative_final="clip")


IMPOSSIBLE = np.array([[[10.0, 90.0], [1.0, 99.0]]])  # country 0 must run a surplus of 89 of its output of 100


def test_no_equilibrium_raises_with_residual_tolerance_evaluations_and_country():
    message = r"residual \d.\de[+-]\d\d after \d+ evaluations \(tolerance 1e-10\), worst in country [01]"
    with pytest.raises(ConvergenceError, match=message):
        solve_general(IMPOSSIBLE, theta=4.0, tariff_after=5.0 * (1 - np.eye(2)))
    with pytest.raises(ConvergenceError, match=message):
        solve_general(np.concatenate([IMPOSSIBLE] * 2), theta=4.0, tariff_after=5.0 * (1 - np.eye(2)))


@pytest.mark.parametrize("sectors", [1, 2])
def test_in_a_batch_what_fails_is_nan_and_the_rest_stands(sectors):
    after = np.array([0.01, 5.0])[:, None, None, None] * (1 - np.eye(2))
    s = solve_general(np.concatenate([IMPOSSIBLE] * sectors), theta=4.0, tariff_after=after)
    assert s.converged.tolist() == [True, False]
    assert np.isnan(s.welfare_hat[1]).all()
    assert np.isnan(s.trade[1]).all()
    assert np.isfinite(s.welfare_hat[0]).all()
    assert s.residual[1] > 1e-10
    assert s.iterations[1] > 0


def test_the_engine_needs_arrays_only():
    code = "import sys, tradecalc.general; print(sorted({'pandas', 'xarray', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
