"""What is printed does not hang on the last bits of a number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecalc.digits import printed, settled

disturbances = st.floats(-1e-12, 1e-12)
places = st.integers(0, 6)


@st.composite
def edges(draw):
    """Give a number exactly halfway between two texts of so many decimals: at most ten digits, the last a five."""
    decimals = draw(places)
    return float(Decimal(10 * draw(st.integers(-(10**8), 10**8)) + 5).scaleb(-decimals - 1)), decimals


@given(edge=edges(), disturbance=disturbances)
def test_at_an_exact_half_a_disturbance_changes_no_text(edge, disturbance):
    x, decimals = edge
    spec = f",.{decimals}f"
    assert printed(x * (1 + disturbance), spec) == printed(x, spec)


@given(edge=edges())
def test_a_half_is_rounded_away_from_zero(edge):
    x, decimals = edge
    up = abs(Decimal(repr(x))) + Decimal(5).scaleb(-decimals - 1)
    assert printed(abs(x), f".{decimals}f") == f"{up:.{decimals}f}"


@given(digits=st.integers(100, 999), power=st.integers(-12, 12), disturbance=disturbances)
def test_at_a_half_of_significant_digits_a_disturbance_changes_no_text(digits, power, disturbance):
    x = float(Decimal(10 * digits + 5).scaleb(power - 3))
    assert printed(x * (1 + disturbance), ".3g") == printed(x, ".3g")
    assert float(printed(x, ".3g")) > x


@given(x=st.floats(-1e9, 1e9), decimals=places)
def test_what_is_printed_is_the_number(x, decimals):
    assert abs(Decimal(printed(x, f".{decimals}f")) - Decimal(x)) <= Decimal("0.5000001").scaleb(-decimals) + Decimal(
        abs(x)
    ) * Decimal("5.1e-10")


@given(x=st.floats(-1e9, 1e9), spec=st.sampled_from([".0f", ",.2f", ".3g", ".6g"]))
def test_a_sign_changes_nothing_but_the_sign_and_zero_has_none(x, spec):
    text = printed(x, spec)
    assert printed(-x, spec).lstrip("-") == text.lstrip("-")
    assert not (text.startswith("-") and float(text.replace(",", "")) == 0)


@given(x=st.floats(allow_nan=False, allow_infinity=False))
def test_settling_twice_changes_nothing(x):
    assert settled(settled(x)) == settled(x)


@pytest.mark.parametrize(
    ("x", "spec", "text"),
    [
        (0.125, ".2f", "0.13"),
        (2.675, ".2f", "2.68"),
        (-0.004, ".2f", "0.00"),
        (-0.0, "+.1f", "+0.0"),
        (1234567.5, ",.0f", "1,234,568"),
        (14.0, ".3g", "14"),
        (1e7, ".3g", "1e+07"),
        (0.00012345, ".3g", "0.000123"),
        (float("nan"), ".2f", "nan"),
        (float("inf"), ",.2f", "inf"),
    ],
)
def test_some_numbers(x, spec, text):
    assert printed(x, spec) == text
