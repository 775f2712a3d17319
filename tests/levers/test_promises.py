"""Whether a sum is new, what of it is goods, where it is shipped, and who loses it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

import tradecalc as tc
from tradecalc.beliefs import sample
from tradecalc.levers.bought import accounts_of, diverted_share
from tradecalc.levers.purchases import Pledge
from tradecalc.study import per_dollar
from tradecalc.terms import InputError

FULL = {"dist": "fixed", "value": 1.0, "reference": "assumed"}


def pledge(goods, amount, **more):
    said = {"goods": goods, "headline": {"amount": amount, "unit": "usd_bn_per_year"}, "basis": "new"}
    return Pledge.model_validate(said | {"additionality": FULL, "reference": "assumed"} | more)


def chance(probability):
    return {"dist": "chance", "probability": probability, "reference": "assumed"}


def account_of(one, base, book, n=40):
    asked = base.model_copy(update={"pledges": {"one": one}})
    values = sample(asked.beliefs(), n=n, seed=3)
    return accounts_of(asked.pledges, book, values)["one"], values


def test_what_is_not_new_comes_on_top_of_nothing(base, book):
    """12 bn of gas: new, all of it; not new, what exceeds the 9.32 bn of 2024."""
    found, values = account_of(pledge(["lng-and-gases"], 12.0, new=chance(0.75)), base, book)
    new = values["pledges.one.new"]
    assert new[0] == 1
    assert new[1:].sum() == 30
    np.testing.assert_allclose(found.additional, np.where(new == 1, 12.0, 12.0 - 9.32))
    np.testing.assert_allclose(found.would_have_come, np.where(new == 1, 0.0, -9.32))


def test_what_is_stated_to_have_come_anyway_goes_before_the_account(base, book):
    some = {"dist": "fixed", "value": 2.0, "reference": "assumed"}
    found, values = account_of(pledge(["corn"], 2.5, new=chance(0.4), would_have_come_usd_bn=some), base, book)
    expected = np.where(values["pledges.one.new"] == 1, min(2.5, (14.9 - 6.7) * 0.24261), 0.5)
    np.testing.assert_allclose(found.additional, expected)
    always, _ = account_of(pledge(["corn"], 2.5, would_have_come_usd_bn=some), base, book)
    assert always.additional == pytest.approx(0.5)


def test_what_comes_anyway_must_be_known_or_stated(base, book):
    with pytest.raises(InputError, match="no export figure of its own for ethanol; state `would_have_come_usd_bn:`"):
        account_of(pledge(["corn", "ethanol"], 1.0, new=chance(0.5)), base, book)


def test_only_a_new_basis_can_be_doubted():
    with pytest.raises(ValueError, match="`new:` is the belief that the basis is new; the basis is within_quota"):
        pledge(["rice"], 1.0, new=chance(0.5), basis="within_quota")


def test_goods_without_a_figure_are_bought_for_money_and_have_no_known_room(base, book):
    """The basket of the order: ethanol and refined oil stand in the rest of their chapters."""
    found, _ = account_of(pledge(["corn", "ethanol", "refined-oil"], 5.0), base, book, n=2)
    assert found.additional == pytest.approx(5.0)
    assert np.isnan(found.room).all()
    one = base.model_copy(update={"pledges": {"one": pledge(["ethanol"], 1.0)}})
    result = tc.run(one, draws=0)
    assert float(result.central["pledge_room"].sel(pledge="one").isnull())
    assert np.isnan(float(result.central["diverted_derived_usd_bn"]))
    assert np.isnan(tc.run(one, draws=3).interval("diverted_derived_usd_bn")).all()
    nothing = base.model_copy(update={"pledges": {"one": pledge(["ethanol"], 0.0)}})
    assert per_dollar(tc.run(nothing, draws=3))[["per_dollar", "p5", "p95"]].isna().all(axis=None)


def test_the_basket_of_the_order_is_what_the_order_says(book):
    """Order 14345: corn, soybeans, fertiliser (31), bioethanol (2207), aviation fuel (2710)."""
    codes = book.concordance.set_index("prefix")["product"]
    goods = tuple(codes[code] for code in ("1005", "1201", "31", "2207", "2710"))
    for name in ("agreement-2025-09", "commitments-2025-09"):
        assert tc.load_scenario(name).pledges["farm goods and fuels"].goods == goods


def test_what_the_basket_would_have_brought_is_read_off_the_account(book):
    """Lowest: corn 2.79, soybeans 0.97, fertilisers 0.04. Highest: with the rest of chapter 27 and chapter 22, 0.25."""
    belief = tc.load_scenario("agreement-2025-09").pledges["farm goods and fuels"].would_have_come_usd_bn
    exports = book.exports_usd_bn
    least = exports[["corn", "soybeans", "fertilisers"]].sum()
    assert belief.low == pytest.approx(least, abs=0.05)
    assert belief.high == pytest.approx(least + exports["other-chapter-27"] + 0.249516753, abs=0.05)


@given(supply=st.floats(0.1, 50), demand=st.floats(0.1, 20), others=st.floats(0.05, 1.0))
def test_who_loses_the_goods_equals_a_market_solved_slowly(supply, demand, others):
    """A seller of 100 and two buyers, by root finding; a small purchase, so the error is of its own order."""
    more = 1e-3

    def excess(price):
        return 100 * price**supply - 100 * (1 - others) - more - 100 * others * price**-demand

    price = brentq(excess, 1.0, 2.0, xtol=1e-15)
    lost = 100 * others * (1 - price**-demand)
    assert diverted_share(supply=supply, demand=demand, others=others) == pytest.approx(lost / more, rel=2e-3)


def test_limits_of_who_loses():
    assert diverted_share(supply=np.inf, demand=3.0, others=0.9) == 0
    assert diverted_share(supply=0.0, demand=3.0, others=0.9) == 1
    assert diverted_share(supply=2.0, demand=3.0, others=0.0) == 0


def test_the_derived_diversion_of_gas_by_hand(book):
    """Supply 10, sigma 12, eta 0.2, share 6.3 of 65.9, others 96.3 % of the chapter: 51 % of half a billion."""
    result = tc.run("offer-2025-06", draws=0)
    share, others = 6.3 / 65.9, 1 - 11.786067782 / 320.343788897
    demand = 12 * (1 - share) + 0.2 * share
    lost = demand * others / (10 + demand * others)
    found = result.central["pledge_diverted_derived"].sel(pledge="lng")
    assert float(found) == pytest.approx(0.5 * lost)
    assert lost == pytest.approx(0.51, abs=0.005)
    whole = float(result.central["diverted_derived_usd_bn"])
    assert whole == pytest.approx(float(result.central["pledge_diverted_derived"].sum()))
    assert whole < float(result.central["diverted_usd_bn"])


def test_a_dollar_promised_by_hand():
    """Defence: 0.6 of 17; no sum of measuring rods; intervals cover the chance of nothing."""
    table = per_dollar(tc.run("agreement-2025-09", draws=200))
    assert table.loc["defence", "per_dollar"] == pytest.approx(0.6 / 17)
    assert table.loc["energy", "per_dollar"] == pytest.approx(0.3)
    assert table.loc["farm goods and fuels", "per_dollar"] == pytest.approx(0.3 * (8 - 3.8) / 8)
    whole = table.loc["all that were stated"]
    assert whole["per_dollar"] == pytest.approx((0.6 + 2.1 + 1.26) / 32)
    assert (table.loc[["energy", "farm goods and fuels"], "p5"] == 0).all()
    assert table["room_known"].to_dict() == {
        "farm goods and fuels": False, "energy": True, "defence": False, "all that were stated": False,
    }  # fmt: skip
    rods = per_dollar(tc.run("offer-2025-06", draws=0))
    assert not rods["stated"].any()
    assert list(rods.index) == ["soybeans", "corn", "lng", "vehicles"]
    assert rods["p5"].isna().all()
    assert per_dollar(tc.run("status-quo-2025-06", draws=0)).empty


def test_every_belief_says_what_is_ours():
    table = tc.assumptions(tc.load_scenario("agreement-2025-09")).set_index("parameter")
    status = table["status"]
    assert status["pledges.energy.additionality"] == "derived; likeliest, highest and chance of nothing assumed"
    assert status["pledges.energy.new"] == "assumed"
    assert "True with probability 0.75" in table["note"]["pledges.energy.new"]
    assert "Exactly 0 with probability 0.25" in table["note"]["pledges.energy.additionality"]
    order = [0 if s == "assumed" else 1 if "assumed" in s else 2 for s in status]
    assert order == sorted(order)
