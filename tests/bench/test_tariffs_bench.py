"""Speed of the law: whole tables of origins by lines by days in one call, against asking line by line."""

import time
from datetime import date

import numpy as np

from tradecalc.files import read_table
from tradecalc.tariffs import load_tariffs
from tradecalc.tariffs.lines import lay_out

TOLD = {"steel_share": 0.1, "aluminium_share": 0.05, "copper_share": 0.02, "in_quota": True}
TOLD |= {"preference": True, "aircraft_use": False}


def days_of(law):
    return [day for day in law.change_dates if date(2025, 1, 1) <= day <= date(2026, 12, 31)]


def lines_of(law):
    """Return the lines that Japan sells, and those of every origin."""
    table = read_table(law.law.schedule.lines)
    table = table[np.isfinite(lay_out(tuple(table["hs10"]), law.law.book).mfn)]  # a rate needs a duty
    own = {str(origin): tuple(rows) for origin, rows in table.groupby("origin")["hs10"]}
    return own["JPN"], own


def test_the_table_of_all_lines_and_days(benchmark):
    law = load_tariffs("us")
    lines, _ = lines_of(law)
    table = benchmark(law.rates, lines, origin="JPN", dates=days_of(law))
    assert table.shape == (len(days_of(law)), len(lines))


def test_all_origins_lines_and_days_in_one_call_are_at_least_200_times_faster_than_line_by_line():
    law = load_tariffs("us", as_of="2026-11-25")
    _, own = lines_of(law)
    start = time.perf_counter()
    found = law.rates_by_origin(own, dates=law.change_dates, **TOLD)
    together = time.perf_counter() - start
    rng, names, alone = np.random.default_rng(1), sorted(own), []
    start = time.perf_counter()
    for _ in range(400):
        origin = names[rng.integers(len(names))]
        row, column = rng.integers(len(law.change_dates)), rng.integers(len(own[origin]))
        rate = law.rate(own[origin][column], origin=origin, on=law.change_dates[row], **TOLD)
        alone.append((rate, found[origin][row, column]))
    one_by_one = (time.perf_counter() - start) / 400 * sum(rates.size for rates in found.values())
    assert np.allclose(*np.transpose(alone), rtol=0, atol=1e-12)
    print(f"{len(own)} origins: {together:.2f} s, {one_by_one / together:.0f} times as fast as line by line")
    assert one_by_one / together >= 200


def test_one_call_is_at_least_200_times_faster_than_line_by_line():
    law = load_tariffs("us")
    lines, _ = lines_of(law)
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
