"""The market engine against an independent solution, and against the linear formulas of SMART for small shocks."""

from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest
from numpy.testing import assert_allclose
from slow_market import random_market, solve_slowly

from tradecalc.partial import solve_partial

COMPARED = ("price_hat", "quantity_hat", "delivered_hat", "value", "duty", "index_hat", "import_index_hat")


def test_random_markets_agree_with_the_independent_solution():
    rng = np.random.default_rng(20250614)
    regimes, compared = Counter(), 0
    for _ in range(260):
        market = random_market(rng)
        slow = solve_slowly(market)
        if slow is None:  # the root finder of the oracle gave up
            continue
        fast = solve_partial(**asdict(market))
        for name in COMPARED:
            assert_allclose(getattr(fast, name), slow[name], rtol=1e-9, atol=1e-12, err_msg=f"{name} of {market}")
        scale = float(np.sum(market.value))
        assert_allclose(fast.quota_rent, slow["quota_rent"], rtol=1e-9, atol=1e-10 * scale)
        assert_allclose(fast.consumer_gain, slow["consumer_gain"], rtol=1e-9, atol=1e-10 * scale)
        assert (fast.regime == slow["regime"]).all()
        assert fast.residual <= 1e-12
        regimes.update(fast.regime.tolist())
        compared += 1
    assert compared >= 240
    assert min(regimes[1], regimes[2], regimes[3]) >= 30, regimes


def smart_trade_creation(value, eta, before, after, supply=np.inf):
    """Return the change in imports that SMART calculates, for one origin and no home good."""
    return value * eta * (before - after) / (1.0 + before) / (1.0 + eta / supply)


@pytest.mark.parametrize("supply", [np.inf, 6.0, 0.7])
def test_small_shocks_approach_smart_with_the_square_of_the_shock(supply):
    value, eta, before = 100.0, 1.4, 0.12
    gaps = []
    for change in (0.04, 0.02, 0.01):
        solved = solve_partial(
            [value], tariff_before=before, tariff_after=before - change, sigma=3.0, eta=eta, home=None, supply=supply
        )
        exact = value * (float(solved.quantity_hat[0]) - 1.0)
        gaps.append(exact - smart_trade_creation(value, eta, before, before - change, supply))
    assert abs(gaps[2]) < 2e-4 * value
    assert_allclose(np.array(gaps[:2]) / np.array(gaps[1:]), 4.0, rtol=0.06)
