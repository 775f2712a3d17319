"""A second question costs milliseconds: what was laid out once is shared, and quick commands import nothing heavy."""

import statistics
import subprocess
import sys
import time

import pytest

import tradecalc as tc
from tradecalc.account import sellers
from tradecalc.markets import layout, partner, rates
from tradecalc.study import prepared, run

KEPT = (
    *(prepared._kept, layout._laid_out, partner._sold, rates._averages, rates._by_line),
    *(sellers._lines, sellers._hs10, sellers._by_product),
)


def seconds(function, times):
    """Return the median over some calls."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def laid_out_anew():
    for kept in KEPT:
        kept.cache_clear()
    run("removal", draws=0)


@pytest.mark.parametrize("name", ["removal", "no-deal", "agreement-2025-09", "roadmap-for-removal"])
def test_a_second_central_run_is_ten_times_faster_than_one_that_lays_out_anew(name, benchmark):
    """At most 60 ms on two quiet cores; laying out anew took 0.6 s."""
    run(name, draws=0)
    anew, again = seconds(laid_out_anew, 3), seconds(lambda: run(name, draws=0), 15)
    benchmark.extra_info["times faster"] = round(anew / again, 1)
    benchmark.extra_info["milliseconds"] = round(1000 * again, 1)
    benchmark.pedantic(run, args=(name,), kwargs={"draws": 0}, rounds=5)
    assert anew / again >= 10
    assert again <= 0.060


def test_a_thousand_draws_of_removal_take_a_quarter_of_a_second(benchmark):
    run("removal", draws=1000)
    taken = seconds(lambda: run("removal", draws=1000), 7)
    benchmark.extra_info["milliseconds"] = round(1000 * taken)
    benchmark.pedantic(run, args=("removal",), kwargs={"draws": 1000}, rounds=3)
    assert taken <= 0.25


def test_a_study_shares_what_it_laid_out(benchmark):
    study = tc.prepare(partner="JPN")
    study.run("removal", draws=0)
    benchmark.pedantic(
        study.sweep, args=("removal",), kwargs={"parameter": "rate: cars", "values": [0.1, 0.2]}, rounds=5
    )


@pytest.mark.parametrize("command", [["scenarios"], ["run", "remvoal"]], ids=" ".join)
def test_a_quick_command_takes_half_a_second(command, benchmark):
    def called():
        subprocess.run([sys.executable, "-m", "tradecalc", *command], capture_output=True, check=False)

    taken = seconds(called, 5)
    benchmark.extra_info["milliseconds"] = round(1000 * taken)
    benchmark.pedantic(called, rounds=1)
    assert taken <= 0.5


@pytest.mark.parametrize("code", ["CHN", "EUU", "VNM", "DEU", "PER"])
def test_a_partner_takes_at_most_twice_the_time_of_the_first_case(code, benchmark):
    """A prepared run with a thousand draws: all accounts have as many origins, and about as many products."""
    for asked in ("JPN", code):
        run("removal", partner=asked, draws=1000)
    first, other = (seconds(lambda p=p: run("removal", partner=p, draws=1000), 7) for p in ("JPN", code))
    benchmark.extra_info["times of the first case"] = round(other / first, 2)
    benchmark.pedantic(run, args=("removal",), kwargs={"partner": code, "draws": 1000}, rounds=3)
    assert other / first <= 2
