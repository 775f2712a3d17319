"""Speed of the law: the whole table of lines by days in one call, against asking line by line."""

import time
from datetime import date

import numpy as np

from tradecalc.files import read_table
from tradecalc.tariffs import load_tariffs

TOLD = {"steel_share": 0.1, "aluminium_share": 0.05, "copper_share": 0.02, "in_quota": True}


def days_of(law):
    return [day for day in law.change_dates if date(2025, 1, 1) <= day <= date(2026, 12, 31)]


def test_the_table_of_all_lines_and_days(benchmark):
    law = load_tariffs("us")
    lines = tuple(read_table(law.law.schedule.lines)["hs10"])
    table = benchmark(law.rates, lines, origin="JPN", dates=days_of(law))
    assert table.shape == (len(days_of(law)), 10_102)


def test_one_call_is_at_least_200_times_faster_than_line_by_line():
    law = load_tariffs("us")
    lines = tuple(read_table(law.law.schedule.lines)["hs10"])
    dates = days_of(law)
    law.rates(lines, origin="JPN", dates=dates[:1], **TOLD)
    start = time.perf_counter()
    table = law.rates(lines, origin="JPN", dates=dates, **TOLD)
    together = time.perf_counter() - start
    rng = np.random.default_rng(1)
    sample = rng.integers([len(dates), len(lines)], size=(400, 2)).tolist()
    start = time.perf_counter()
    alone = [law.rate(lines[c], origin="JPN", on=dates[r], **TOLD) for r, c in sample]
    one_by_one = (time.perf_counter() - start) / len(sample) * table.size
    assert np.allclose(alone, [table[r, c] for r, c in sample], rtol=0, atol=1e-12)
    ratio = one_by_one / together
    print(f"{table.size} rates: {together:.2f} s in one call, {one_by_one:.0f} s line by line, ratio {ratio:.0f}")
    assert ratio >= 200
