"""gegravity on its sample data: equal where its closure is well defined; elsewhere, by how much it does not add up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tradecalc.general import solve_general

FOLDER = Path(__file__).parent
THETA = 4.0  # sigma = 5
EXPERIMENTS = ("canada_japan", "world")


def flows(experiment: str, column: str) -> np.ndarray:
    """Return a stored matrix as (1, origin, destination)."""
    table = pd.read_csv(FOLDER / f"{experiment}_flows.csv", index_col=["exporter", "importer"])
    return table[column].unstack().to_numpy()[None]  # noqa: PD010


def countries(experiment: str, column: str) -> np.ndarray:
    return pd.read_csv(FOLDER / f"{experiment}_countries.csv")[column].to_numpy()


def iceberg(experiment: str) -> np.ndarray:
    """Return the change of trade costs that its gravity coefficients imply."""
    return flows(experiment, "cost_power_hat") ** (-1.0 / THETA)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_given_incomes_trade_is_the_same(experiment):
    """Its conditional trade holds output and spending of every country in value: with its prices, wages do not move."""
    cost = iceberg(experiment) * countries(experiment, "price")[:, None]
    s = solve_general(flows(experiment, "baseline"), theta=THETA, cost_hat=cost, closure="fixed")
    assert_allclose(s.wage_hat, 1.0, rtol=1e-8)
    assert_allclose(s.trade, flows(experiment, "conditional"), rtol=1e-8)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_in_equilibrium_trade_is_the_same(experiment):
    """Its equations, fed with the incomes that its prices imply until nothing moves, are the proportional closure."""
    s = solve_general(flows(experiment, "baseline"), theta=THETA, cost_hat=iceberg(experiment), closure="proportional")
    price = countries(experiment, "iterated_price")
    assert_allclose(s.wage_hat / s.wage_hat[0], price / price[0], rtol=1e-8)
    trade = flows(experiment, "iterated")
    assert_allclose(s.trade / s.trade.sum(), trade / trade.sum(), rtol=1e-8)


def imbalance(trade: np.ndarray, spending: np.ndarray) -> float:
    """Return the largest gap, in per cent, between what a country buys from everybody and what it spends."""
    return float(np.max(np.abs(100.0 * (trade.sum(axis=(0, 1)) / spending - 1.0))))


@pytest.mark.parametrize(("experiment", "per_cent"), [("canada_japan", 0.21), ("world", 2.53)])
def test_its_full_equilibrium_does_not_add_up(experiment, per_cent):
    """Resistances at old incomes, trade at new ones: purchases miss spending. Its conditional trade and ours do not."""
    spending = countries(experiment, "experiment_expenditure")
    assert round(imbalance(flows(experiment, "full"), spending), 2) == per_cent
    before = flows(experiment, "baseline").sum(axis=(0, 1))
    assert imbalance(flows(experiment, "conditional"), before) < 1e-7
    s = solve_general(flows(experiment, "baseline"), theta=THETA, cost_hat=iceberg(experiment), closure="proportional")
    assert imbalance(s.trade, s.expenditure[0]) < 1e-8
    assert s.adding_up < 1e-12


def test_the_gap_is_larger_than_the_effect():
    """Agreement of Canada and Japan: purchases miss spending by more than the price of Canada's output moves."""
    canada = list(pd.read_csv(FOLDER / "canada_japan_countries.csv")["country"]).index("CAN")
    full = 100.0 * (countries("canada_japan", "price")[canada] - 1.0)
    closed = 100.0 * (countries("canada_japan", "iterated_price")[canada] - 1.0)
    assert (round(full, 3), round(closed, 3)) == (-0.136, -0.119)
    spending = countries("canada_japan", "experiment_expenditure")
    assert imbalance(flows("canada_japan", "full"), spending) > abs(full)


def test_stored_results_are_those_that_gegravity_publishes():
    """Its documentation prints these figures for this experiment (trade from Australia; price of Canada)."""
    before, after = flows("canada_japan", "baseline")[0, 0, :5], flows("canada_japan", "full")[0, 0, :5]
    assert_allclose(before, [218129.130005, 666.648700, 1532.878160, 2747.265374, 2847.023843], rtol=1e-8)
    assert_allclose(after, [218172.625325, 666.499697, 1532.421087, 2746.299784, 2780.118420], rtol=1e-8)
