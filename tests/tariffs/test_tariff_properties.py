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
from tradecalc.tariffs.law import Authority, Exemption
from tradecalc.tariffs.lawbook import order
from tradecalc.tariffs.lines import lay_out

LAW = load_tariffs("us")
TRADED = read_table(LAW.law.schedule.lines)
LINES = tuple(sorted(set(TRADED["hs10"])))
OWN = {str(origin): tuple(lines) for origin, lines in TRADED.groupby("origin")["hs10"]}
ORIGINS = ("JPN", "KOR", "GBR", "MEX", "CAN", "EUU", "DEU", "CHN", "IND", "BRA", "CHE", "TWN", "VNM", "RUS", "ROW")
KNOWN = LAW.law.rules.known
AD_VALOREM = tuple(np.array(LINES)[np.isfinite(lay_out(LINES, LAW.law.book).mfn)].tolist())
HIGHEST = 4.0
AUTHORITIES = tuple(a.authority for a in LAW.law.rules.authorities if a.authority not in ("mfn", "free_trade"))
FIRST, LAST = LAW.first_date, date(2026, 11, 23)

days = st.dates(FIRST, LAST)
lines = st.lists(st.sampled_from(LINES), min_size=1, max_size=30, unique=True)
few = st.lists(st.sampled_from(LINES), min_size=1, max_size=8, unique=True)
origins = st.sampled_from(ORIGINS)
assessed = st.sampled_from(["first", "final", "legal"])


def sane(rates):
    return np.isfinite(rates).all() and rates.min() >= 0 and rates.max() <= HIGHEST


def test_every_origin_has_one_sane_rate_on_every_line_it_sells_and_day_on_which_anything_changes():
    found = LAW.rates_by_origin(OWN, dates=LAW.change_dates)
    assert set(found) == set(OWN)
    assert all(rates.shape == (len(LAW.change_dates), len(OWN[origin])) for origin, rates in found.items())
    assert [origin for origin, rates in found.items() if not sane(rates)] == []


@pytest.mark.parametrize(
    ("which", "as_of"),
    [("first", None), ("legal", None), ("final", "2025-04-08"), ("first", "2025-06-14"), ("legal", "2025-09-04")],
)
def test_so_it_is_however_it_is_assessed_and_on_whatever_day_it_was_known(which, as_of):
    law, some = load_tariffs("us", as_of=as_of), {origin: lines[::7] for origin, lines in OWN.items()}
    found = law.rates_by_origin(some, dates=law.change_dates[::4], assessed=which)
    assert [origin for origin, rates in found.items() if not sane(rates)] == []


@pytest.mark.parametrize("authority", LAW.law.rules.authorities, ids=lambda a: a.authority)
def test_no_rule_counts_before_its_instrument_was_signed(authority):
    """Ask every rate and exemption on its first day, as known the day before it was signed."""
    told = {"steel_share": 0.2, "aluminium_share": 0.1, "copper_share": 0.1, "in_quota": True}
    for rule in (*authority.rates, *authority.exempt):
        item = rule if isinstance(rule, Exemption) else next(i for i in authority.scope[rule.scope] if not i.minus)
        within = np.flatnonzero(lay_out(AD_VALOREM, LAW.law.book).length(item))
        if not len(within):
            continue
        hs = AD_VALOREM[within[0]]
        claims = {"use": item.use, "preference": getattr(rule, "preference", None) is not False}
        claims["aircraft_use"] = True if item.aircraft else None
        asked = {"origin": rule.origin[0] if rule.origin[0] != "*" else "ROW", "on": max(rule.start, item.start, FIRST)}
        known = KNOWN[rule.reference]
        for as_of in (known, known - timedelta(days=1)):
            why = load_tariffs("us", as_of=as_of).explain(hs, **asked, **claims, **told)
            cited = set(why.loc[why["authority"] == authority.authority, "citation"])
            may = {instrument.citation for key, instrument in LAW.law.references.items() if KNOWN[key] <= as_of}
            stacking = LAW.law.references[authority.stacking.reference].citation
            assert cited <= {*may, stacking}, (rule.reference, hs, as_of)


@given(chosen=lines, origin=origins, start=days, which=assessed)
def test_a_rate_changes_on_its_first_day_and_not_before(chosen, origin, start, which):
    window = [start + timedelta(days=n) for n in range(40)]
    rates = LAW.rates(chosen, origin=origin, dates=window, assessed=which)
    moved = {window[row + 1] for row in np.flatnonzero(np.abs(np.diff(rates, axis=0)).max(axis=1) > 0)}
    assert moved <= set(LAW.change_dates)


@given(
    chosen=st.lists(st.sampled_from(AD_VALOREM), min_size=1, max_size=30, unique=True),
    origin=origins,
    on=st.lists(days, min_size=1, max_size=4),
    which=assessed,
)
def test_the_table_is_the_rate_line_by_line(chosen, origin, on, which):
    table = LAW.rates(chosen, origin=origin, dates=on, assessed=which)
    metal = {"steel_share": 0.1, "aluminium_share": 0.05, "copper_share": 0.02}
    claims = {"in_quota": True, "preference": True, "aircraft_use": False}
    told = LAW.rates(chosen, origin=origin, dates=on, assessed=which, **claims, **metal)
    for column, hs in enumerate(chosen):
        for row, day in enumerate(on):
            assert table[row, column] == LAW.rates([hs], origin=origin, dates=[day], assessed=which)[0, 0]
            alone = LAW.rate(hs, origin=origin, on=day, assessed=which, **claims, **metal)
            assert told[row, column] == pytest.approx(alone, abs=1e-12)


@given(chosen=lines, origin=origins, on=days, floor=st.floats(0, 0.5))
def test_a_floor_never_lowers_the_base(chosen, origin, on, floor):
    others = [Override("remove", name, FIRST) for name in AUTHORITIES if name != "s122"]
    claims = {"preference": True, "aircraft_use": False}  # what is claimed in part is a mean of two rates
    base = LAW.override([*others, Override("remove", "s122", FIRST)]).rates(chosen, origin=origin, dates=[on], **claims)
    floored = LAW.override([*others, Override("floor", "s122", FIRST, rate=floor)])
    total = floored.rates(chosen, origin=origin, dates=[on], **claims)
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
    assert order(again, KNOWN).authorities == LAW.law.rules.authorities


def test_nor_does_the_order_of_rates_within_a_file(tmp_path, monkeypatch):
    dates, some = LAW.change_dates, LINES[::50]
    expected = LAW.rates(some, origin="JPN", dates=dates)
    for part in ("tariffs", "account", "markets"):
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
    last = max(KNOWN.values())
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


def test_an_origin_that_no_measure_names_pays_the_general_law():
    named = {name for a in LAW.law.rules.authorities for rule in (*a.rates, *a.exempt) for name in rule.origin}
    claimed = set(LAW.law.book.claims.preference)
    others = [name for name, country in LAW.law.schedule.origins.items() if not {name, country.member_of} & named]
    assert {"ROW", "ABW"} <= set(others)
    assert not claimed & set(others)
    found = LAW.rates_by_origin(dict.fromkeys(others, LINES[::400]), dates=LAW.change_dates[::12])
    assert all((rates == found["ROW"]).all() for rates in found.values())


@pytest.mark.parametrize("origin", ORIGINS)
def test_the_calendar_of_a_good_holds_the_rates_of_the_days_it_spans(origin):
    told = {"preference": True, "aircraft_use": False}
    for hs in AD_VALOREM[::4000]:
        calendar = LAW.calendar(hs, origin=origin, **told)
        rates = LAW.rates([hs], origin=origin, dates=[day.date() for day in calendar["from"]], **told)[:, 0]
        assert_allclose(calendar["rate"], rates, rtol=0, atol=1e-12)
        changed = (np.diff(calendar["rate"]) != 0) | (
            calendar["charged"].iloc[1:] != calendar["charged"].shift().iloc[1:]
        )
        assert changed.all()
