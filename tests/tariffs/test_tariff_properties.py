"""What must hold of the law whatever the good, the origin and the day."""

import shutil
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tradecalc.files import data_root, read_table
from tradecalc.tariffs import Override, average_rate, load_tariffs, marginal_rate, quota_duty
from tradecalc.tariffs.law import Authority
from tradecalc.tariffs.lawbook import order

LAW = load_tariffs("us")
LINES = tuple(read_table(LAW.law.schedule.lines)["hs10"])
ORIGINS = ("JPN", "KOR", "GBR", "MEX", "CAN", "EUU", "ROW")
AUTHORITIES = tuple(a.authority for a in LAW.law.rules.authorities if a.authority not in ("mfn", "free_trade"))
FIRST, LAST = LAW.first_date, date(2026, 11, 23)

days = st.dates(FIRST, LAST)
lines = st.lists(st.sampled_from(LINES), min_size=1, max_size=30, unique=True)
few = st.lists(st.sampled_from(LINES), min_size=1, max_size=8, unique=True)
origins = st.sampled_from(ORIGINS)
assessed = st.sampled_from(["first", "final", "legal"])


@pytest.mark.parametrize("which", ["first", "final", "legal"])
def test_every_line_has_one_sane_rate_on_every_day_on_which_anything_changes(which):
    rates = LAW.rates(LINES, origin="JPN", dates=LAW.change_dates, assessed=which)
    assert rates.shape == (len(LAW.change_dates), len(LINES))
    assert np.isfinite(rates).all()
    assert rates.min() >= 0
    assert rates.max() <= 2


@pytest.mark.parametrize("origin", [o for o in ORIGINS if o != "JPN"])
def test_so_do_the_rivals(origin):
    rates = LAW.rates(LINES, origin=origin, dates=LAW.change_dates)
    assert np.isfinite(rates).all()
    assert rates.min() >= 0
    assert rates.max() <= 2


@given(chosen=lines, origin=origins, start=days, which=assessed)
def test_a_rate_changes_on_its_first_day_and_not_before(chosen, origin, start, which):
    window = [start + timedelta(days=n) for n in range(40)]
    rates = LAW.rates(chosen, origin=origin, dates=window, assessed=which)
    moved = {window[row + 1] for row in np.flatnonzero(np.abs(np.diff(rates, axis=0)).max(axis=1) > 0)}
    assert moved <= set(LAW.change_dates)


@given(chosen=lines, origin=origins, on=st.lists(days, min_size=1, max_size=4), which=assessed)
def test_the_table_is_the_rate_line_by_line(chosen, origin, on, which):
    table = LAW.rates(chosen, origin=origin, dates=on, assessed=which)
    metal = {"steel_share": 0.1, "aluminium_share": 0.05, "copper_share": 0.02}
    told = LAW.rates(chosen, origin=origin, dates=on, assessed=which, in_quota=True, **metal)
    for column, hs in enumerate(chosen):
        for row, day in enumerate(on):
            assert table[row, column] == LAW.rates([hs], origin=origin, dates=[day], assessed=which)[0, 0]
            alone = LAW.rate(hs, origin=origin, on=day, assessed=which, in_quota=True, **metal)
            assert told[row, column] == pytest.approx(alone, abs=1e-12)


@given(chosen=lines, origin=origins, on=days, floor=st.floats(0, 0.5))
def test_a_floor_never_lowers_the_base(chosen, origin, on, floor):
    others = [Override("remove", name, FIRST) for name in AUTHORITIES if name != "s122"]
    base = LAW.override([*others, Override("remove", "s122", FIRST)]).rates(chosen, origin=origin, dates=[on])
    floored = LAW.override([*others, Override("floor", "s122", FIRST, rate=floor)])
    total = floored.rates(chosen, origin=origin, dates=[on])
    assert (total >= base - 1e-12).all()
    assert ((total == base) | np.isclose(total, np.maximum(base, floor))).all()


@given(chosen=few, origin=origins, on=days, name=st.sampled_from(AUTHORITIES))
@settings(max_examples=60)
def test_taking_a_measure_away_raises_a_rate_only_where_another_takes_over(chosen, origin, on, name):
    metal = {"steel_share": 0.2, "aluminium_share": 0.1, "copper_share": 0.1, "in_quota": False}
    without = LAW.override([Override("remove", name, FIRST)])
    before = LAW.rates(chosen, origin=origin, dates=[on], **metal)[0]
    after = without.rates(chosen, origin=origin, dates=[on], **metal)[0]
    for hs in np.array(chosen)[after > before + 1e-12]:
        had = LAW.explain(hs, origin=origin, on=on, **metal)
        assert had["displaced_by"].str.contains(name).any()
        has = without.explain(hs, origin=origin, on=on, **metal).set_index("authority")
        assert "takes over" in has.loc[name, "why"]


def test_a_japanese_light_truck_would_pay_more_without_section_232_in_march_2026():
    without = LAW.override([Override("remove", "s232_cars", FIRST)])
    on = "2026-03-15"
    assert without.rate("8704.31.01", origin="JPN", on=on) > LAW.rate("8704.31.01", origin="JPN", on=on)


@given(shuffled=st.permutations(LAW.law.rules.authorities))
@settings(max_examples=25)
def test_the_order_of_the_files_does_not_matter(shuffled):
    again: list[Authority] = list(shuffled)
    assert order(again, LAW.law.rules.known).authorities == LAW.law.rules.authorities


def test_nor_does_the_order_of_rates_within_a_file(tmp_path, monkeypatch):
    dates, some = LAW.change_dates, LINES[::50]
    expected = LAW.rates(some, origin="JPN", dates=dates)
    for part in ("tariffs", "account"):
        shutil.copytree(data_root() / part, tmp_path / part)
    for path in (tmp_path / "tariffs" / "us").glob("*.yaml"):
        text = path.read_text()
        if "\nrates:\n" not in text:
            continue
        head, rest = text.split("\nrates:\n")
        rows = rest.splitlines(keepends=True)
        count = next((n for n, row in enumerate(rows) if not row.startswith("  - ")), len(rows))
        path.write_text(head + "\nrates:\n" + "".join(rows[:count][::-1] + rows[count:]))
    monkeypatch.setenv("TRADECALC_DATA", str(tmp_path))
    assert_allclose(load_tariffs("us").rates(some, origin="JPN", dates=dates), expected, rtol=0, atol=0)


@given(on=days, later=days, hs=st.sampled_from(LINES))
def test_what_is_known_later_than_the_last_signature_is_what_followed(on, later, hs):
    last = max(LAW.law.rules.known.values())
    known = load_tariffs("us", as_of=max(last, later))
    assert known.rates([hs], origin="JPN", dates=[on])[0, 0] == LAW.rates([hs], origin="JPN", dates=[on])[0, 0]


@given(
    q=st.floats(0, 1e7), k=st.floats(0, 1e7), within=st.floats(0, 2), over=st.floats(0, 2), step=st.floats(1e-6, 1e-3)
)
def test_quota_duty_is_continuous_and_between_its_rates(q, k, within, over, step):
    duty = quota_duty(q, quota=k, within=within, over=over)
    low, high = min(within, over), max(within, over)
    assert low * q - 1e-6 <= duty <= high * q + 1e-6
    assert abs(quota_duty(q + step, quota=k, within=within, over=over) - duty) <= high * step + 1e-6
    terms = {"quota": k, "within": within, "over": over}
    assert low - 1e-9 <= average_rate(q, **terms) <= high + 1e-9
    assert marginal_rate(q, **terms) in (within, over)
