"""What holds for every pledge: units, ramps, caps, and a partner's market that is solved with the purchase."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import tradecalc as tc
from tradecalc.beliefs import Period, sample
from tradecalc.files import read_table
from tradecalc.levers.bought import accounts_of, effects
from tradecalc.markets import sales
from tradecalc.pledges import STEPS
from tradecalc.scenario import Pledge, load_scenario
from tradecalc.study import run
from tradecalc.study.market import lay_package
from tradecalc.study.prepared import prepared
from tradecalc.terms import InputError

MANY, FEW = settings(max_examples=50), settings(max_examples=10)
BOOK = tc.load_account()
BASE = load_scenario("status-quo-2025-06").model_copy(update={"name": "own"})
COUNTED = ["tonnes", "cars", "aircraft"]
AMOUNT, SHARE = st.floats(0, 200), st.floats(0, 1)


def fixed(value):
    return {"dist": "fixed", "value": value, "reference": "assumed"}


def pledge(good="chemicals", amount=1.0, unit="usd_bn_per_year", years=None, additionality=1.0, **more):
    goods = [good] if isinstance(good, str) else list(good)
    said = {"amount": amount, "unit": unit, "years": years}
    parts = {"goods": goods, "headline": said, "basis": "new", "additionality": fixed(additionality)}
    return Pledge.model_validate(parts | {"reference": "assumed"} | more)


def promised(n=2, **pledges):
    asked = BASE.model_copy(update={"pledges": pledges})
    return asked, sample(asked.beliefs(), n=n, seed=3)


def account_of(one, when=None, since=None):
    asked, values = promised(one=one)
    return accounts_of(asked.pledges, BOOK, values, when, since)["one"]


def _room(good):
    """The buyer's room, without end where it is not known."""
    room = BOOK.room_usd_bn([good])
    return np.inf if np.isnan(room) else room


def additional(one, when=None):
    found = account_of(one, when).additional
    assert np.ptp(found) == 0  # nothing in these pledges is uncertain
    return float(found[0])


@MANY
@given(amount=AMOUNT, years=st.floats(0.5, 20), share=SHARE)
def test_an_amount_over_years_is_as_much_a_year(amount, years, share):
    yearly = additional(pledge(amount=amount / years, additionality=share))
    assert additional(pledge(amount=amount, unit="usd_bn_total", years=years, additionality=share)) == pytest.approx(
        yearly, rel=1e-12
    )


@MANY
@given(pieces=st.floats(0, 1e8), value=st.floats(1, 1e8), piece=st.sampled_from(COUNTED), years=st.floats(0.5, 20))
def test_pieces_at_a_unit_value_are_money(pieces, value, piece, years):
    money = additional(pledge(amount=pieces * value / 1e9))
    own = {"unit_value_usd": fixed(value)}
    assert additional(pledge(amount=pieces, unit=f"{piece}_per_year", **own)) == pytest.approx(money, rel=1e-12)
    if piece != "cars":
        spread = pledge(amount=pieces, unit=f"{piece}_total", years=years, **own)
        assert additional(spread) * years == pytest.approx(money, rel=1e-12)


@pytest.mark.parametrize(
    ("good", "piece"), [("soybeans", "tonnes"), ("lng-and-gases", "tonnes"), ("cars", "cars"), ("aircraft", "aircraft")]
)
def test_where_a_pledge_gives_no_unit_value_the_account_does(good, piece):
    worth = BOOK.unit_value(good, piece)
    amount = 0.1e9 / worth
    found = account_of(pledge(good=good, amount=amount, unit=f"{piece}_per_year"))
    assert found.headline == pytest.approx(0.1, rel=1e-12)
    dearer = account_of(pledge(good=good, amount=amount, unit=f"{piece}_per_year", unit_value_usd=fixed(2 * worth)))
    assert dearer.headline == pytest.approx(0.2, rel=1e-12)


def test_a_uncertain_unit_value_moves_the_headline_draw_by_draw():
    spread = {"dist": "triangular", "low": 5e7, "mode": 8e7, "high": 1.5e8, "reference": "assumed"}
    asked, values = promised(n=8, one=pledge("aircraft", 100, "aircraft_total", years=10, unit_value_usd=spread))
    found = accounts_of(asked.pledges, BOOK, values)["one"]
    np.testing.assert_allclose(found.headline, 10 * values["pledges.one.unit_value_usd"] / 1e9)
    assert found.headline[0] == pytest.approx(0.8)
    assert np.ptp(found.headline) > 0.1


@MANY
@given(share=st.floats(0, 3))
def test_a_share_of_the_baseline_is_that_share_of_what_was_sold(share):
    goods = ["chemicals", "plastics"]
    money = additional(pledge(goods, amount=share * float(BOOK.exports_usd_bn[goods].sum())))
    assert additional(pledge(goods, amount=share, unit="share_of_baseline")) == pytest.approx(money, rel=1e-12)


@MANY
@given(
    said=AMOUNT, contracted=AMOUNT, anyway=AMOUNT, share=SHARE, capacity=AMOUNT,
    good=st.sampled_from(["soybeans", "corn", "rice", "lng-and-gases", "chemicals"]),
    number=st.sampled_from([None, 2024, 2025, 2027, 2030]),
)  # fmt: skip
def test_the_caps_hold_and_the_steps_sum(said, contracted, anyway, share, capacity, good, number):
    beliefs = {
        "contracted_usd_bn": fixed(contracted),
        "would_have_come_usd_bn": fixed(anyway),
        "capacity_usd_bn": fixed(capacity),
    }  # fmt: skip
    when = None if number is None else Period.of_year(number)
    found = account_of(pledge(good, said, additionality=share, **beliefs), when)
    steps = {name: float(getattr(found, name)[0]) for name in STEPS}
    last = steps.pop("additional")
    assert sum(steps.values()) == pytest.approx(last, abs=1e-9)
    supply = min(capacity, BOOK.capacity_usd_bn([good], number))
    by_hand = min(share * max(max(said - contracted, 0) - anyway, 0), supply, _room(good))
    assert last == pytest.approx(by_hand, abs=1e-12)
    assert 0 <= last <= min(said, supply, _room(good)) + 1e-12


@MANY
@given(said=AMOUNT, more=AMOUNT, share=SHARE, good=st.sampled_from(["soybeans", "lng-and-gases", "chemicals"]))
def test_a_bigger_pledge_never_brings_less(said, more, share, good):
    assert additional(pledge(good, said + more, additionality=share)) >= additional(
        pledge(good, said, additionality=share)
    )


@MANY
@given(said=AMOUNT, share=SHARE, contracted=AMOUNT, at=SHARE)
def test_a_ramp_scales_all_that_was_said(said, share, contracted, at):
    more = {"contracted_usd_bn": fixed(contracted)}
    full = account_of(pledge(amount=said, additionality=share, **more), Period.of_year(2028))
    steps = [{"on": "2026-01-01", "share": at}, {"on": "2029-01-01", "share": 1.0}]
    early = account_of(pledge(amount=said, additionality=share, ramp=steps[:1], **more), Period.of_year(2028))
    for name in STEPS:
        np.testing.assert_allclose(getattr(early, name), at * getattr(full, name), rtol=1e-12, atol=1e-10)
    late = account_of(pledge(amount=said, additionality=share, ramp=steps, **more), Period.of_year(2030))
    np.testing.assert_allclose(late.additional, full.additional, rtol=1e-12)
    before = account_of(pledge(amount=said, additionality=share, ramp=steps, **more), Period.of_year(2025))
    assert (before.additional == 0).all()


def test_gas_comes_as_fast_as_the_plants_that_liquefy_it():
    """Exports of 2024 and 2026 stand in the table of capacity; the year between them lies on the line."""
    table = read_table(BOOK.definition.seller_capacity).set_index(["product", "year"])["quantity"]
    tonnes = table["lng-and-gases"]
    worth = BOOK.unit_value("lng-and-gases", "tonnes") / 1e9
    great = pledge("lng-and-gases", 500.0)
    room = BOOK.room_usd_bn(["lng-and-gases"])
    by_year = {number: tonnes[number] for number in (2024, 2025, 2026, 2027)}
    by_year[2028] = (tonnes[2027] + tonnes[2029]) / 2
    for number, there in by_year.items():
        made = (there - tonnes[2024]) * worth
        assert additional(great, Period.of_year(number)) == pytest.approx(min(made, room))
    last = min((tonnes[2029] - tonnes[2024]) * worth, room)
    assert additional(great, Period.of_year(2040)) == additional(great) == pytest.approx(last)


def test_what_is_contracted_already_adds_nothing_unless_a_belief_says_how_much_is():
    assert additional(pledge(amount=7.0, basis="already_contracted")) == 0
    part = pledge(amount=7.0, basis="already_contracted", contracted_usd_bn=fixed(3.0))
    assert additional(part) == pytest.approx(4.0)


def effect_of(*, drop=(), n=4, **pledges):
    asked, _ = promised(**pledges)
    kept = {name: p for name, p in asked.parameters.items() if name not in drop}
    asked = asked.model_copy(update={"parameters": kept})
    values = sample(asked.beliefs(), n=n, seed=3)
    accounts, seller = accounts_of(asked.pledges, BOOK, values), sales(BOOK, asked.parameters, values)
    return accounts["one"], effects(asked.pledges, accounts, seller, values, BOOK)["one"], seller


@MANY
@given(amount=st.floats(0, 20), good=st.sampled_from(["corn", "chemicals", "cars", "lng-and-gases", "rice"]))
def test_the_purchase_solves_the_partners_market(amount, good):
    """With the subsidy found, buyers take on their own exactly the baseline and what is additional."""
    account, effect, seller = effect_of(one=pledge(good, amount), n=2)
    k = seller.goods.index(good)
    for i in range(3):
        share, sigma, eta, supply = (a[i, k] for a in (seller.share, seller.sigma, seller.eta, seller.supply))
        own, bought = seller.usd_bn[k], seller.usd_bn[k] + account.additional[i]
        price = (bought / own) ** (1 / (1 + supply)) if np.isfinite(supply) else 1.0
        quantity = bought / own / price

        def log_index(log, share=share, sigma=sigma):
            return np.logaddexp(np.log(share) + log * (1 - sigma), np.log(1 - share)) / (1 - sigma)

        def gap(log, sigma=sigma, eta=eta, quantity=quantity, log_index=log_index):
            return -sigma * (log - log_index(log)) - eta * log_index(log) - np.log(quantity)

        delivered = np.exp(brentq(gap, -60, 5, xtol=1e-14)) if quantity > 1 else 1.0
        index = np.exp(log_index(np.log(delivered)))
        rivals = own * (1 - share) / share
        assert effect.price_hat[i] == pytest.approx(price, rel=1e-9)
        assert effect.wedge[i] == pytest.approx(1 - delivered / price, abs=1e-8)
        assert effect.subsidy[i] == pytest.approx(own * quantity * (price - delivered), rel=1e-6, abs=1e-8)
        assert effect.displaced[i] == pytest.approx(rivals * (1 - index ** (sigma - eta)), rel=1e-6, abs=1e-8)


def test_a_pledge_over_several_goods_is_spread_like_what_is_bought():
    goods = ["chemicals", "plastics", "cars"]
    _, whole, seller = effect_of(one=pledge(goods, 3.0))
    own = BOOK.exports_usd_bn[goods] / BOOK.exports_usd_bn[goods].sum()
    parts = [effect_of(one=pledge(good, 3.0 * float(own[good])))[1] for good in goods]
    for name in ("displaced", "subsidy"):
        np.testing.assert_allclose(getattr(whole, name), sum(getattr(part, name) for part in parts), rtol=1e-9)
    mean = sum(float(own[good]) * part.price_hat for good, part in zip(goods, parts, strict=True))
    np.testing.assert_allclose(whole.price_hat, mean, rtol=1e-9)
    assert set(goods) <= set(seller.goods)


@MANY
@given(share=SHARE, amount=AMOUNT)
def test_what_is_diverted_is_a_share_of_what_is_additional(share, amount):
    account, effect, _ = effect_of(one=pledge("corn", amount, diversion=fixed(share)))
    np.testing.assert_allclose(effect.diverted, share * account.additional)
    assert np.isnan(effect_of(one=pledge("corn", amount))[1].diverted).all()


@pytest.mark.parametrize(
    ("good", "drop"),
    [("chemicals", ["share_partner_goods"]), ("corn", ["eta_partner_staples", "eta_partner_goods"]), ("engines", [])],
)
def test_without_a_belief_on_the_market_effects_are_not_known_but_the_amount_is(good, drop):
    account, effect, _ = effect_of(one=pledge(good, 1.0, diversion=fixed(0.5)), drop=drop)
    assert (account.additional == 1).all()
    assert (effect.diverted == 0.5).all()
    for name in ("diverted_derived", "displaced", "subsidy", "wedge", "price_hat"):
        assert np.isnan(getattr(effect, name)).all()


@FEW
@given(
    amounts=st.lists(st.floats(0, 30), min_size=2, max_size=2),
    name=st.sampled_from(["status-quo-2025-06", "no-deal", "barriers-2025-06"]),
)
def test_pledges_narrow_the_deficit_dollar_for_dollar(amounts, name):
    """A pledge of nothing changes nothing, and with no diversion a bigger one never widens the deficit."""
    one = load_scenario(name).model_copy(update={"name": "own"})
    told = {
        good: pledge(good, amount, additionality=0.7, diversion=fixed(0.0))
        for good, amount in zip(("soybeans", "chemicals"), amounts, strict=True)
    }
    plain, with_pledges, with_more = (
        run(one.model_copy(update={"pledges": pledges}), account=BOOK, draws=2)
        for pledges in (
            {},
            told,
            {
                k: p.model_copy(update={"headline": p.headline.model_copy(update={"amount": 50.0})})
                for k, p in told.items()
            },
        )
    )
    brought = sum(with_pledges.draws["pledge_usd_bn"].sel(step="additional").transpose("pledge", "draw").to_numpy())
    change = with_pledges.draws["deficit_change_usd_bn"] - plain.draws["deficit_change_usd_bn"]
    np.testing.assert_allclose(change, -brought, rtol=0, atol=1e-9)
    assert (with_more.draws["deficit_change_usd_bn"] <= with_pledges.draws["deficit_change_usd_bn"] + 1e-12).all()
    if not any(amounts):
        assert with_pledges.deficit_change_usd_bn == plain.deficit_change_usd_bn
    assert (with_pledges.draws["diverted_usd_bn"] == 0).all()


def test_nothing_promised_leaves_every_number_as_it_was():
    plain = run("no-deal", account=BOOK, draws=3)
    promised = {"one": pledge("corn", 0.0, diversion=fixed(1.0))}
    nothing = load_scenario("no-deal").model_copy(update={"pledges": promised})
    found = run(nothing, account=BOOK, draws=3)
    for name in plain.draws.data_vars:
        if name in found.draws and plain.draws[name].sizes == found.draws[name].sizes:
            np.testing.assert_array_equal(found.draws[name], plain.draws[name], err_msg=name)
    assert float(found.channels.sel(channel="pledge: one")) == 0


def test_levers_beside_a_pledge_do_not_touch_it():
    """The same amount is added whatever the dollar and barriers do, so it interacts with nothing."""
    asked = load_scenario("barriers-2025-06").model_copy(update={"pledges": {"one": pledge("cars", 1.0)}})
    package = lay_package(asked, BASE, prepared(BOOK), sample(asked.beliefs(), n=1, seed=1))
    assert [name for name in package.levers if "pledge" in name] == []
    assert float(run(asked, account=BOOK, draws=0).channels.sel(channel="pledge: one")) == pytest.approx(-1)


def test_a_share_of_what_is_not_known_is_one_sentence():
    with pytest.raises(InputError, match=r"pledges.one: engines has no export figure.*state the headline in USD"):
        account_of(pledge("engines", 0.5, "share_of_baseline"))
    with pytest.raises(InputError, match=r"the value of chemicals counted in 'tonnes' is not known.*`unit_value_usd`"):
        account_of(pledge("chemicals", 5.0, "tonnes_per_year"))
