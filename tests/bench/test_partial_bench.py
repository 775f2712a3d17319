"""Speed and memory of the market engine, as medians of ratios within one run.

``pytest tests/bench --benchmark-only`` times; with ``--benchmark-disable`` only the ratios and counts are checked.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from os import cpu_count, environ
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import root

from tradecalc.partial import solve_partial

ORIGINS = 10


def seconds(call: Callable[[], object], cores: int = 1) -> float:
    """Return the processor time of one call, shared by ``cores``: what it takes on an otherwise idle machine."""
    start = time.process_time()
    call()
    return (time.process_time() - start) / cores


def median_ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> float:
    """Return the median of our time on two cores over theirs on one, where each round times one call of both."""
    ours()
    theirs()
    cores = min(2, cpu_count() or 1)
    return float(np.median([seconds(ours, cores) / seconds(theirs) for _ in range(rounds)]))


def many_markets(count: int, origins: int = ORIGINS, seed: int = 1) -> dict[str, np.ndarray]:
    """Return markets with a home origin and finite supply everywhere, every input different in every market."""
    rng = np.random.default_rng(seed)
    return {
        "value": rng.lognormal(0.0, 1.0, (count, origins)),
        "tariff_before": rng.uniform(0.0, 0.1, (count, origins)),
        "tariff_after": rng.uniform(0.0, 0.3, (count, origins)),
        "sigma": rng.uniform(2.0, 8.0, count),
        "sigma_home": rng.uniform(1.2, 4.0, count),
        "eta": rng.uniform(0.5, 2.0, count),
        "supply": rng.uniform(1.0, 10.0, (count, origins)),
    }


def equations(unknowns: np.ndarray, market: dict[str, np.ndarray]) -> np.ndarray:
    """Return the errors of the two index equations of one market whose home origin is the first."""
    imports, total = unknowns
    spending = market["value"] * (1.0 + market["tariff_before"])
    wedge = np.log((1.0 + market["tariff_after"]) / (1.0 + market["tariff_before"]))
    sigma = np.full(ORIGINS, market["sigma"])
    sigma[0] = market["sigma_home"]
    shift = (market["sigma_home"] - market["eta"]) * total + (sigma - market["sigma_home"]) * imports
    d = wedge + (shift - sigma * wedge) / (market["supply"] + sigma)
    share = spending[1:] / spending[1:].sum()
    h = spending[0] / spending.sum()
    gap, gap_home = 1.0 - market["sigma"], 1.0 - market["sigma_home"]
    foreign = np.log(np.sum(share * np.exp(gap * d[1:]))) / gap
    both = np.log(h * np.exp(gap_home * d[0]) + (1.0 - h) * np.exp(gap_home * imports)) / gap_home
    return np.array([imports - foreign, total - both])


@pytest.fixture(scope="module")
def million() -> dict[str, np.ndarray]:
    return many_markets(1_000_000)


def test_a_million_markets_take_few_passes_of_the_exponential(million, benchmark):
    numbers = million["value"]
    solved = benchmark.pedantic(solve_partial, kwargs={**million, "home": 0}, rounds=5, iterations=1, warmup_rounds=1)
    assert solved.converged.all()
    assert solved.residual.max() <= 1e-12
    ratio = median_ratio(lambda: solve_partial(**million, home=0), lambda: np.exp(numbers), 15)
    benchmark.extra_info["passes of numpy.exp"] = ratio
    print(f"\na million markets take {ratio:.1f} passes of numpy.exp")
    assert ratio <= 8.0


def test_a_market_takes_a_small_part_of_the_time_of_scipy(million):
    solved = solve_partial(**{name: array[:100] for name, array in million.items()}, home=0)
    markets = [{name: array[i] for name, array in million.items()} for i in range(100)]

    def loop() -> list[np.ndarray]:
        return [root(equations, (0.0, 0.0), args=(market,), tol=1e-12).x for market in markets]

    found = np.exp(np.array(loop()))
    np.testing.assert_allclose(found[:, 0], solved.import_index_hat, rtol=1e-9)
    np.testing.assert_allclose(found[:, 1], solved.index_hat, rtol=1e-9)
    hundred = median_ratio(lambda: solve_partial(**million, home=0), loop, 5)
    ratio = 1_000_000 / 100 / hundred
    print(f"\n{ratio:.0f} times faster per market than scipy.optimize.root")
    assert ratio >= 1500.0


def test_evaluations_per_market_stay_few(million):
    solved = solve_partial(**{name: array[:100_000] for name, array in million.items()}, home=0)
    assert solved.iterations.max() <= 4


def test_results_do_not_depend_on_the_threads(million, monkeypatch):
    some = {name: array[:20_000] for name, array in million.items()}
    many = solve_partial(**some, home=0)
    monkeypatch.setattr("tradecalc.partial.inputs.cpu_count", lambda: 1)
    one = solve_partial(**some, home=0)
    np.testing.assert_array_equal(many.value, one.value)
    np.testing.assert_array_equal(many.residual, one.residual)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_twenty_thousand_products_of_twenty_origins_stay_under_a_gigabyte():
    code = (
        "import numpy as np\n"
        "from tradecalc.partial import solve_partial\n"
        "r = np.random.default_rng(0); n, s = 20_000, 20\n"
        "after, size = r.uniform(0, .3, (n, s)), r.uniform(0, 2, (n, s))\n"
        "solve_partial(r.lognormal(size=(n, s)), tariff_before=r.uniform(0, .1, (n, s)), tariff_after=after, home=0,\n"
        "    sigma=r.uniform(2, 8, n), eta=1.2, supply=r.uniform(1, 9, (n, s)), quota=size, tariff_in_quota=0.0)\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(out) < 1_000_000  # kilobytes


@pytest.mark.parametrize("quota", ["None", "[9.0, 0.5]"])
def test_the_first_call_of_a_process_is_quick_compiled_or_not(quota, tmp_path):
    code = (
        "import time\n"
        "from tradecalc.partial import solve_partial\n"
        "solve_partial([1.0, 2.0], tariff_before=0.0, tariff_after=[0.0, 0.1], sigma=4.0, eta=1.2, home=0,\n"
        f"    quota={quota})\n"
        "print(time.process_time())"
    )
    environment = {**environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def first_call() -> float:
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        return float(run.stdout)

    compiling, cached = first_call(), first_call()
    print(f"\nfirst call: {compiling:.1f} s with an empty cache, {cached:.1f} s with a full one")
    assert compiling < 5.0
    assert cached < 2.0
