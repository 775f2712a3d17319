"""Speed of the world engine, as ratios of minima within one run.

``pytest tests/bench --benchmark-only`` times; with ``--benchmark-disable`` only the ratios and counts are checked.
"""

import time
from collections.abc import Callable

import numpy as np
import pytest

from tradecalc.general import solve_general
from tradecalc.general.equations import FIXED, evaluate, new_state, new_world

N, S = 31, 40


def fastest(call: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several timings, in seconds, after one call to warm up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def gravity_world(countries: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Return one sector of countries on a plane, with the removal of a barrier between the first two."""
    rng = np.random.default_rng(seed)
    place = rng.random((countries, 2))
    distance = np.hypot(*(place[:, None] - place).transpose(2, 0, 1)) + 0.05 + 0.3 * (1.0 - np.eye(countries))
    size = rng.lognormal(0.0, 1.0, countries)
    cost = np.ones((1, countries, countries))
    cost[0, [0, 1], [1, 0]] = 0.89
    return {"trade": (np.outer(size, size) / distance)[None], "theta": 4.0, "cost_hat": cost}


def large_world() -> dict[str, np.ndarray]:
    """Return a world of 31 countries and 40 sectors, half of them not traded, with inputs and a bloc of three."""
    rng = np.random.default_rng(3)
    trade = rng.lognormal(0.0, 1.5, (S, N, N)) * rng.lognormal(0.0, 1.0, N)[:, None]
    own = trade.sum(axis=1)[:, None, :] * np.eye(N) * 2.0
    trade = np.where(np.arange(S)[:, None, None] < S // 2, trade + own, own)
    before = 0.2 * rng.random((S, N, N)) * (1.0 - np.eye(N)) * (np.arange(S) < S // 2)[:, None, None]
    after = before.copy()
    after[:, :3, :3] = 0.0
    return {
        "trade": trade, "theta": rng.uniform(2.0, 20.0, S), "tariff_before": before, "tariff_after": after,
        "value_added_share": rng.uniform(0.3, 0.8, (S, N)),
        "input_share": rng.dirichlet(np.ones(S), (S, N)).transpose(2, 0, 1),
    }  # fmt: skip


def test_one_pass_is_near_its_arithmetic_floor(benchmark):
    """3 N^2 J + 2 N J^2 multiply-adds, as batched products of the same arrays, and N J powers: at most three times."""
    rng = np.random.default_rng(0)
    world, state = new_world(S, N, FIXED), new_state(S, N)
    for array in (world.A, world.B, world.g, world.G, world.alpha, world.value_added, state.spending):
        array[...] = rng.random(array.shape) + 0.1
    world.G[...] /= 4.0 * S
    world.theta[:] = 4.0
    world.ratio[:] = 1.0
    across, column, cell = rng.random((S, N, 1)), rng.random((N, S, 1)), rng.random((S, N)) + 0.5
    floor = (
        fastest(lambda: np.matmul(world.A, across), 300)
        + fastest(lambda: np.matmul(world.B, across), 300)
        + fastest(lambda: np.matmul(world.B.transpose(0, 2, 1), across), 300)
        + fastest(lambda: np.matmul(world.G, column), 300)
        + fastest(lambda: np.matmul(world.G.transpose(0, 2, 1), column), 300)
        + fastest(lambda: cell**-4.3, 300)
    )
    ratio = fastest(lambda: evaluate(world, state), 300) / floor
    benchmark.extra_info["times the arithmetic floor"] = round(ratio, 2)
    benchmark(evaluate, world, state)
    assert ratio < 3.0


def test_evaluations_of_a_purge_and_a_shock(benchmark):
    """31 countries, 40 sectors: deficits to zero from clipped data, then a bloc; all passes of the three solutions."""
    world = large_world()

    def pair() -> tuple[int, float]:
        calm = world | {"tariff_after": world["tariff_before"]}
        purged = solve_general(**calm, closure="balanced", negative_final="clip", tol=1e-8)
        moved = solve_general(**(world | {"trade": purged.trade}), tol=1e-8)
        return int(purged.iterations + moved.iterations), float(max(purged.residual, moved.residual))

    evaluations, residual = benchmark(pair)
    benchmark.extra_info["evaluations"] = evaluations
    assert residual < 1e-8
    assert evaluations <= 150


def test_a_thousand_worlds_a_second(benchmark):
    """Full solutions of 30 countries, one sector, each with its own elasticity and shocks everywhere."""
    world = gravity_world(30)
    rng = np.random.default_rng(2)
    world["theta"] = rng.uniform(2.0, 8.0, (1000, 1))
    world["cost_hat"] = rng.uniform(0.8, 1.2, (1, 30, 30))
    solved = benchmark(solve_general, **world)
    assert solved.converged.all()
    rate = 1000 / fastest(lambda: solve_general(**world), 5)
    benchmark.extra_info["worlds a second"] = round(rate)
    assert rate > 1000


def gegravity_seconds(countries: int, repeats: int) -> float:
    """Return the time gegravity takes for a baseline and a counterfactual of the same size, tables not counted."""
    ge = pytest.importorskip("gegravity", reason="gegravity is not installed here; the ratio needs it in this run")
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    names = [f"C{i:03d}" for i in range(countries)]
    place, output = rng.random((countries, 2)), rng.lognormal(10.0, 1.0, countries)
    spending = output * rng.lognormal(0.0, 0.1, countries)
    distance = np.log(200.0 + 8000.0 * np.hypot(*(place[:, None] - place).transpose(2, 0, 1)))
    data = pd.DataFrame(
        [
            (names[o], names[d], "2006", 1.0, output[o], spending[d], distance[o, d], float(o != d), 0.0, 1.0)
            for o in range(countries)
            for d in range(countries)
        ],
        columns=["exporter", "importer", "year", "trade", "Y", "E", "lndist", "international", "pta", "constant"],
    )
    table = pd.DataFrame({"var": ["lndist", "international", "pta", "constant"], "coeff": [-0.39, -2.0, 0.47, 4.0]})
    times = []
    for _ in range(repeats):
        model = ge.OneSectorGE(
            ge.BaselineData(data, trade_var_name="trade", expend_var_name="E", output_var_name="Y"),
            year="2006", reference_importer="C000", sigma=5, cost_variables=list(table["var"]), quiet=True,
            cost_coeff_values=ge.CostCoeffs(estimates=table, identifier_col="var", coeff_col="coeff"),
        )  # fmt: skip
        start = time.perf_counter()
        model.build_baseline()
        spent = time.perf_counter() - start
        later = model.baseline_data.copy()
        later.loc[later["importer"].isin(names[:2]) & later["exporter"].isin(names[:2]), "pta"] = 1.0
        model.define_experiment(later)
        start = time.perf_counter()
        model.simulate()
        times.append(spent + time.perf_counter() - start)
    return min(times)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("countries", "repeats", "least"), [(30, 3, 5_000), (200, 1, 10_000)])
def test_times_faster_than_gegravity(benchmark, countries, repeats, least):
    with np.errstate(all="ignore"):
        theirs = gegravity_seconds(countries, repeats)
    world = gravity_world(countries)
    ratio = theirs / fastest(lambda: solve_general(**world, closure="proportional"), 50)
    benchmark.extra_info["times faster"] = round(ratio)
    benchmark(solve_general, **world, closure="proportional")
    assert ratio > least
