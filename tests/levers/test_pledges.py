import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecalc.pledges import STEPS, account_for, additional_imports
from tradecalc.terms import InputError

AMOUNT = st.floats(0, 1e3)
SHARE = st.floats(0, 1)


def test_rice_by_hand():
    # 12 promised, 3 contracted, 1 would have come, half of the other 8 is additional, capacity 10, room for 3.5
    steps = account_for(12, contracted=3, would_have_come=1, additionality=0.5, capacity=10, market=3.5)
    assert [float(getattr(steps, s)) for s in STEPS] == [12, -3, -1, 0, 0, -4, 0, -0.5, 3.5]


def test_defence_by_hand():
    """Of 17 said, 14 come anyway; of the 3 more customs record a fifth, and all of that is additional: 0.6."""
    steps = account_for(17, would_have_come=14, in_goods=0.2)
    assert [round(float(getattr(steps, s)), 12) for s in STEPS] == [17, 0, -14, -2.4, 0, 0, 0, 0, 0.6]


def test_gas_that_may_go_anywhere_by_hand():
    """Of 3.4 bought, 2 come anyway; seven tenths of the rest are shipped to the partner, half of that is additional."""
    steps = account_for(3.4, would_have_come=2, to_partner=0.7, additionality=0.5)
    assert [round(float(getattr(steps, s)), 12) for s in STEPS] == [3.4, 0, -2, 0, -0.42, -0.49, 0, 0, 0.49]


def test_a_market_that_is_not_known_cuts_nothing_and_says_so():
    steps = account_for(5.0, market=np.array([np.nan, 2.0, np.inf]))
    assert steps.additional.tolist() == [5.0, 2.0, 5.0]
    assert np.isnan(steps.room).tolist() == [True, False, True]


@given(
    said=AMOUNT, before=AMOUNT, anyway=AMOUNT, goods=SHARE, here=SHARE, share=SHARE, capacity=AMOUNT, market=AMOUNT
)  # fmt: skip
def test_steps_add_up_and_the_caps_hold(said, before, anyway, goods, here, share, capacity, market):
    shares = {"in_goods": goods, "to_partner": here, "additionality": share}
    steps = account_for(said, contracted=before, would_have_come=anyway, capacity=capacity, market=market, **shares)
    parts = [getattr(steps, name) for name in STEPS][:-1]
    assert sum(parts) == pytest.approx(float(steps.additional), abs=1e-9)
    assert all(part <= 1e-12 for part in parts[1:])
    assert 0 <= steps.additional <= min(said, capacity, market)


@given(said=AMOUNT, more=AMOUNT, share=SHARE, market=AMOUNT)
def test_more_pledge_never_brings_less(said, more, share, market):
    one = additional_imports(said, additionality=share, market=market)
    assert additional_imports(said + more, additionality=share, market=market) >= one


def test_nothing_promised_brings_nothing():
    assert additional_imports(0.0) == 0.0


def test_batch_equals_loop():
    share = np.linspace(0, 1, 7)
    batch = additional_imports(5.0, additionality=share, capacity=3.0)
    assert batch.tolist() == [float(additional_imports(5.0, additionality=a, capacity=3.0)) for a in share]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"headline": -1.0}, "headline is -1; numbers of 0 or more are allowed"),
        ({"headline": np.nan}, "headline is not a number"),
        ({"headline": np.inf}, "headline is infinite"),
        ({"headline": 1.0, "additionality": 1.5}, "additionality is 1.5; it is a share"),
        ({"headline": 1.0, "in_goods": 1.2}, "in_goods is 1.2; it is a share"),
        ({"headline": 1.0, "to_partner": np.nan}, "to_partner is not a number"),
        ({"headline": 1.0, "capacity": -2}, "capacity is -2"),
        ({"headline": np.ones(2), "market": np.ones(3)}, r"headline \(2,\), market \(3,\) do not fit together"),
    ],
)
def test_bad_input(arguments, message):
    headline = arguments.pop("headline")
    with pytest.raises(InputError, match=message):
        additional_imports(headline, **arguments)
