"""Ramps, periods and the response that time lets through, on cases that can be counted on fingers."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradecalc.beliefs.calendar import Period, Step, Timeline, month, overlap, periods, response, share_at
from tradecalc.scenario import Scenario, load_scenario


def ramp(*steps):
    return tuple(Step(on=date.fromisoformat(day), share=share) for day, share in steps)


def span(first, last):
    return Period("own", date.fromisoformat(first), date.fromisoformat(last))


BY_HAND = [
    ((), None, None, 1.0),
    ((("2026-01-01", 0.0), ("2027-01-01", 0.8)), None, None, 0.8),  # without a period everything is in place
    ((("2026-01-01", 0.0), ("2026-01-11", 1.0)), ("2026-01-06", "2026-01-06"), None, 0.5),
    ((("2026-01-01", 0.0), ("2026-01-11", 1.0)), ("2026-01-01", "2026-01-11"), None, 0.5),
    ((("2026-01-01", 0.2), ("2026-01-11", 1.0)), ("2025-12-31", "2025-12-31"), None, 0.0),
    ((("2026-01-01", 0.2), ("2026-01-11", 1.0)), ("2026-01-01", "2026-01-01"), None, 0.2),
    ((("2026-01-01", 0.2), ("2026-01-11", 1.0)), ("2026-01-12", "2026-12-31"), None, 1.0),
    ((("2026-01-16", 1.0),), ("2026-01-01", "2026-01-30"), None, 0.5),  # one step: from that day on
    ((("2026-01-01", 1.0), ("2026-01-03", 0.0)), ("2026-01-01", "2026-01-04"), None, 0.375),  # what fades again
    ((), ("2026-01-01", "2026-01-10"), date(2026, 1, 4), 0.7),
    ((), ("2026-01-01", "2026-01-10"), date(2026, 1, 1), 1.0),
    ((), ("2026-01-01", "2026-01-10"), date(2026, 1, 11), 0.0),
    ((), ("2026-01-01", "2026-01-10"), None, 1.0),
    # a ramp of its own comes before the day the question asks about
    ((("2026-01-01", 0.5),), ("2026-01-01", "2026-01-10"), date(2030, 1, 1), 0.5),
]


@pytest.mark.parametrize(("steps", "days", "since", "share"), BY_HAND)
def test_the_share_of_a_lever_by_hand(steps, days, since, share):
    when = None if days is None else span(*days)
    assert share_at(ramp(*steps), when, since) == pytest.approx(share, abs=1e-15)


@settings(max_examples=40)
@given(
    days=st.lists(st.integers(0, 900), min_size=1, max_size=4, unique=True),
    shares=st.lists(st.floats(0, 1), min_size=4, max_size=4),
    start=st.integers(-100, 900),
    length=st.integers(0, 400),
)
def test_the_share_is_the_mean_over_days(days, shares, start, length):
    """Day by day: nothing before the first step, the last share after the last, straight lines between."""
    first = date(2026, 1, 1)
    steps = [(first + timedelta(days=day), share) for day, share in zip(sorted(days), shares, strict=False)]

    def on(day):
        if day < steps[0][0]:
            return 0.0
        for (a, low), (b, high) in pairwise(steps):
            if a <= day < b:
                return low + (high - low) * ((day - a) / (b - a))
        return steps[-1][1]

    begin = first + timedelta(days=start)
    when = Period("own", begin, begin + timedelta(days=length))
    slow = sum(on(begin + timedelta(days=i)) for i in range(length + 1)) / (length + 1)
    found = share_at(tuple(Step(on=day, share=share) for day, share in steps), when)
    assert found == pytest.approx(slow, abs=1e-9)


@settings(max_examples=40)
@given(
    short=st.floats(0, 1),
    speed=st.floats(0.01, 5),
    number=st.integers(2026, 2060),
    later=st.integers(1, 30),
)
def test_a_response_grows_from_the_short_run_to_the_long_run(short, speed, number, later):
    r, k, since = np.array([short]), np.array([speed]), date(2025, 4, 3)
    early, late = response(r, k, since, Period.of_year(number)), response(r, k, since, Period.of_year(number + later))
    assert short - 1e-12 <= early[0] <= late[0] <= 1 + 1e-12
    years = (date(number, 1, 1) + (date(number, 12, 31) - date(number, 1, 1)) / 2 - since).days / 365.25
    assert early[0] == pytest.approx(1 - (1 - short) * np.exp(-speed * years), abs=1e-12)


def test_a_response_by_hand():
    """After ln 2 / 0.35 years half of what was missing has come."""
    half, day = np.log(2) / 0.35, date(2025, 4, 3)
    middle = day + timedelta(days=round(half * 365.25))
    found = response(np.array([0.4, 0.0, 1.0]), np.full(3, 0.35), day, Period("day", middle, middle))
    assert found == pytest.approx([0.7, 0.5, 1.0], abs=1e-3)
    before = response(np.array([0.4]), np.array([0.35]), day, month(1, of=2025))
    assert before.tolist() == [0.4]
    assert response(np.array([0.4, 0.5]), np.array([0.35, 0.35]), day, None).tolist() == [1.0, 1.0]


def test_months_and_years_are_whole():
    assert [month(m, of=2024).end.day for m in range(1, 13)] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert month(12, of=2025) == Period("2025-12", date(2025, 12, 1), date(2025, 12, 31))
    assert len(Period.of_year(2024).days) == 366
    assert Period.of_year(2025).middle == date(2025, 7, 2)


def test_periods_cover_every_day_once():
    timeline = Timeline(first=2025, monthly_to=2026, last=2030, responds_from="2025-04-03")
    spans = periods(timeline)
    assert [p.name for p in spans][11:13] == ["2025-12", "2026-01"]
    assert len(spans) == 24 + 4
    days = [day for p in spans for day in p.days]
    length = (date(2030, 12, 31) - date(2025, 1, 1)).days + 1
    assert days == [date(2025, 1, 1) + timedelta(days=i) for i in range(length)]


@pytest.mark.parametrize(
    ("first", "last", "when", "share"),
    [
        (2026, 2028, None, 0.0),
        (2026, 2028, Period.of_year(2025), 0.0),
        (2026, 2028, Period.of_year(2026), 1.0),
        (2026, 2028, Period.of_year(2029), 0.0),
        (2026, 2026, span("2025-12-30", "2026-01-01"), 1 / 3),
    ],
)
def test_overlap_with_calendar_years(first, last, when, share):
    assert overlap(first, last, when) == pytest.approx(share)


@pytest.mark.parametrize("years", [(2026, 2025, 2030), (2025, 2026, 2025), (2025, 2031, 2030)])
def test_a_timeline_goes_forward(years):
    first, monthly, last = years
    with pytest.raises(ValueError, match=r"first \d+, monthly_to \d+, last \d+ must not go back in time"):
        Timeline(first=first, monthly_to=monthly, last=last, responds_from="2025-04-03")


@pytest.mark.parametrize("days", [("2027-01-01", "2026-01-01"), ("2026-01-01", "2026-01-01")])
def test_a_ramp_that_goes_back_in_time_is_refused(days):
    steps = [{"on": day, "share": share} for day, share in zip(days, (0.0, 1.0), strict=True)]
    value = load_scenario("jera-lng").model_dump(mode="json")
    value["pledges"]["jera"]["ramp"] = steps
    with pytest.raises(ValueError, match=f"the ramp goes from {days[0]} back to {days[1]}; list its days in the order"):
        Scenario.model_validate(value)
