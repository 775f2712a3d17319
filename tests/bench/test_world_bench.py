"""Speed of the world engine as users meet it: tables in, tables out, and a scenario with draws."""

import numpy as np
import pandas as pd
import pytest
from test_general_bench import fastest, gegravity_seconds, gravity_world

from tradecalc.study import run
from tradecalc.world.tables import solve_flows


def table_of(world):
    """Return a world of one sector as a table of flows."""
    n = world["trade"].shape[-1]
    names = np.array([f"C{i:03d}" for i in range(n)])
    return pd.DataFrame(
        {
            "origin": names.repeat(n),
            "destination": np.tile(names, n),
            "trade": world["trade"].reshape(-1),
            "cost_hat": world["cost_hat"].reshape(-1),
        }
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tables_to_tables_against_gegravity(benchmark):
    """30 countries: their baseline and experiment from a DataFrame, our table to tables, fastest of each in one run."""
    with np.errstate(all="ignore"):
        theirs = gegravity_seconds(30, 3)
    world = gravity_world(30)
    flows = table_of(world)
    ours = fastest(lambda: solve_flows(flows, theta=world["theta"], closure="proportional"), 50)
    benchmark.extra_info["times faster"] = round(theirs / ours)
    benchmark.extra_info["milliseconds"] = round(1000 * ours, 2)
    benchmark(solve_flows, flows, theta=world["theta"], closure="proportional")
    assert theirs / ours > 300


def test_a_table_costs_little_beside_its_solution(benchmark):
    """Table to tables takes less than five milliseconds at 30 countries."""
    world = gravity_world(30)
    flows = table_of(world)
    solved = benchmark(solve_flows, flows, theta=world["theta"])
    assert solved.countries.shape[0] == 30
    assert fastest(lambda: solve_flows(flows, theta=world["theta"]), 30) < 0.005


def test_a_scenario_with_a_hundred_draws(benchmark):
    """Law, world of 20 regions and 26 sectors, two solutions a draw, result: a few seconds at most."""
    result = benchmark.pedantic(
        run, args=("removal",), kwargs={"engine": "general", "draws": 100}, rounds=1, warmup_rounds=1
    )
    assert result.failed_draws == 0
    assert benchmark.stats is None or benchmark.stats["min"] < 6
