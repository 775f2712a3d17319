"""The rates that shipped scenarios ask about, of a car and of a general good, against the terms as published."""

from datetime import date

import pytest

from tradecalc.account import load_account
from tradecalc.levers import schedule_of
from tradecalc.scenario import load_scenario

CAR, LATHE = "8703.23.01", "8466.93.53"  # ordinary duty 2.5 per cent and none
ACCOUNT = load_account("us-japan-2024")


def rates(name, origin="JPN"):
    asked = load_scenario(name)
    law = schedule_of(asked, ACCOUNT)
    day = asked.tariffs.on if origin == "JPN" or asked.tariffs.others is None else asked.tariffs.others
    return tuple(law.rate(hs, origin=origin, on=day, assessed=asked.tariffs.assessed) for hs in (CAR, LATHE))


@pytest.mark.parametrize(
    ("name", "car", "lathe"),
    [
        ("status-quo-2025-06", 0.275, 0.10),  # Proclamation 10908 and EO 14266
        ("no-deal", 0.275, 0.24),  # EO 14257
        ("letter-2025-07", 0.275, 0.25),  # the letter: separate from sectoral tariffs
        ("fifteen", 0.15, 0.15),  # EO 14345
        ("fifteen-alone", 0.15, 0.15),
        ("deal-without-cars", 0.275, 0.15),
        ("void-and-refunded", 0.15, 0.0),  # Learning Resources v. Trump: Section 232 stays
        ("scaled-cut", 0.15, 0.10),
        ("hike", 0.525, 0.10),
        ("removal", 0.025, 0.0),
    ],
)
def test_the_terms_for_japan(name, car, lathe):
    assert rates(name) == pytest.approx((car, lathe), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "lathe"),
    [
        ("fifteen", 0.15),  # EO 14326
        ("fifteen-alone", 0.10),
        ("agreement-alone", 0.10),
        ("commitments-alone", 0.10),
        ("letter-2025-07", 0.25),  # the rate of April, not a letter
        ("deal-without-cars", 0.10),
    ],
)
def test_the_terms_for_korea(name, lathe):
    """Its cars are free of the ordinary duty, and had no terms of their own before November 2025."""
    assert rates(name, "KOR") == pytest.approx((0.25, lathe), abs=1e-12)


def test_the_law_is_asked_as_known_on_the_day_of_the_letter():
    law = load_scenario("letter-2025-07").tariffs
    assert (law.as_of, law.on) == (date(2025, 7, 7), date(2025, 8, 1))
    assert [change.origin for change in law.overrides] == [("JPN",)]


def test_others_pay_the_law_of_june_where_the_partner_alone_has_terms():
    for every, alone in (("fifteen", "fifteen-alone"), ("agreement-2025-09", "agreement-alone"),
                         ("commitments-2025-09", "commitments-alone")):  # fmt: skip
        new, old = load_scenario(alone), load_scenario(every)
        assert new.tariffs.others == date(2025, 6, 14)
        assert old.tariffs.others is None
        assert new.pledges == old.pledges
        assert new.localisation == old.localisation
