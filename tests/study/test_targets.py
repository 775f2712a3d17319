"""How much of a lever reaches a target: the amount found is put back, and levers that end say where."""

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.beliefs import Fixed
from tradecalc.scenario import load_scenario
from tradecalc.study import frontier, run, solve_for, sweep
from tradecalc.study.prepared import prepared
from tradecalc.study.targets import dial_of, set_amount
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def book():
    return tc.load_account()


def narrowed(scenario, book):
    return -run(scenario, account=book, draws=0).deficit_change_usd_bn


FOUND = [
    ("offer-2025-06", "pledge: soybeans", 0.4),
    ("offer-2025-06", "pledge: lng", 3.0),
    ("jera-lng", "pledge: jera", 0.5),
    ("commitments-2025-09", "pledge: energy", 5.0),
    ("commitments-2025-09", "pledge: rice", 0.2),
    ("barriers-2025-06", "barrier: car standards", 0.5),
    ("investment-2025-06", "localisation: cars", 5.0),
    ("investment-2025-06", "localisation: steel", 0.1),
    ("weaker-dollar", "exchange rate", 10.0),
]


@pytest.mark.parametrize(("name", "lever", "target"), FOUND, ids=[f"{n}, {lever}" for n, lever, _ in FOUND])
def test_the_amount_found_reaches_the_target_and_no_less_does(name, lever, target, book):
    asked = load_scenario(name)
    row = solve_for(asked, lever=lever, target_usd_bn=target).iloc[0]
    assert row["reached"]
    assert row["most_usd_bn"] >= target
    turn = dial_of(asked, lever, prepared(book))
    assert row["unit"] == turn.dial.unit
    put_back = set_amount(turn.alone, turn.dial.parameter, row["amount"])
    assert narrowed(put_back, book) == pytest.approx(target, abs=1e-6)
    less = set_amount(turn.alone, turn.dial.parameter, 0.999 * row["amount"])
    assert narrowed(less, book) < target - 1e-6


def test_a_rate_that_reaches_the_target(book):
    row = solve_for("status-quo-2025-06", lever="rate: cars", target_usd_bn=5.0).iloc[0]
    answers = sweep(
        "status-quo-2025-06", parameter="rate: cars", values=[row["amount"], row["amount"] - 1e-3], account=book
    )
    assert -answers["deficit_change_usd_bn"].iloc[0] == pytest.approx(5, abs=1e-6)
    assert -answers["deficit_change_usd_bn"].iloc[1] < 5 - 1e-3
    assert row["amount"] > float(run("status-quo-2025-06", account=book, draws=0).central["rate"].sel(product="cars"))


def test_by_hand_where_a_lever_is_linear():
    """Half of what is said about corn is additional, so a narrowing of one needs two."""
    row = solve_for("offer-2025-06", lever="pledge: corn", target_usd_bn=1.0).iloc[0]
    assert row["amount"] == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("target", [0.51, 100.0])
def test_a_lever_that_saturates_says_the_most_it_can_do(target, book):
    row = solve_for("offer-2025-06", lever="pledge: soybeans", target_usd_bn=target).iloc[0]
    assert not row["reached"]
    assert np.isnan(row["amount"])
    assert row["most_usd_bn"] == pytest.approx(book.room_usd_bn(["soybeans"]), abs=1e-9)
    turn = dial_of(load_scenario("offer-2025-06"), "pledge: soybeans", prepared(book))
    at_most = set_amount(turn.alone, turn.dial.parameter, row["most_at"])
    assert narrowed(at_most, book) == pytest.approx(row["most_usd_bn"], abs=1e-9)


def test_gas_ends_at_what_the_buyer_takes_from_others():
    """Japan bought 65.9 Mt of LNG in 2024, 6.3 Mt of it from the US; a tonne is worth USD 615: 59.6 Mt are 36.654 bn.

    Plants could liquefy far more. Half of what is said is additional, so 73.308 bn would have to be said.
    """
    room = (65.9 - 6.3) * 615 / 1000
    gas = solve_for("offer-2025-06", lever="pledge: lng", target_usd_bn=room + 0.01).iloc[0]
    assert not gas["reached"]
    assert np.isnan(gas["amount"])
    assert gas["most_usd_bn"] == pytest.approx(room, abs=1e-9)
    assert gas["limit"] == "the buyer's room"
    nearly = solve_for("offer-2025-06", lever="pledge: lng", target_usd_bn=room - 0.01).iloc[0]
    assert nearly["amount"] == pytest.approx(2 * (room - 0.01), abs=1e-6)
    assert nearly["limit"] == ""


def test_gas_can_end_at_what_the_seller_has(book):
    """With plants that add one billion dollars a year the seller stops it before the buyer does."""
    asked = load_scenario("offer-2025-06")
    few = Fixed(dist="fixed", value=1.0, reference="assumed")
    gas = asked.pledges["lng"].model_copy(update={"capacity_usd_bn": few})
    row = solve_for(
        asked.model_copy(update={"pledges": {"lng": gas}}), lever="pledge: lng", target_usd_bn=2.0, account=book
    ).iloc[0]
    assert row["most_usd_bn"] == pytest.approx(1.0)
    assert row["limit"] == "the seller's capacity"


@pytest.mark.parametrize(
    ("name", "lever"), [("offer-2025-06", "pledge: vehicles"), ("agreement-2025-09", "pledge: farm goods and fuels")]
)
@pytest.mark.parametrize("target", [0.1, 1000.0])
def test_a_promise_whose_room_nobody_knows_reaches_nothing_that_can_be_stated(name, lever, target):
    row = solve_for(name, lever=lever, target_usd_bn=target).iloc[0]
    assert not row["reached"]
    assert np.isnan(row[["amount", "most_usd_bn", "most_at"]].astype(float)).all()
    assert row["limit"] == "not known"
    table = frontier(name, levers=(lever, "rate: cars"), target_usd_bn=target, points=2)
    assert table["limit"].tolist() == ["not known"]
    assert not table["reached"].any()


def test_a_barrier_ends_with_the_belief():
    row = solve_for("barriers-2025-06", lever="barrier: car standards", target_usd_bn=50.0).iloc[0]
    assert row["limit"] == "the range of the belief"
    asked = load_scenario("barriers-2025-06").barriers["car standards"]
    assert row["most_at"] == pytest.approx(asked.ave.bounds[1])


@pytest.mark.parametrize(
    ("name", "lever"), [("retaliation", "retaliation: farm goods"), ("british-quota", "quota: cars")]
)
def test_what_widens_the_deficit_reaches_nothing(name, lever):
    row = solve_for(name, lever=lever, target_usd_bn=0.5).iloc[0]
    assert not row["reached"]
    assert row["most_usd_bn"] == pytest.approx(0, abs=1e-9)
    assert row["limit"] == "it does not narrow"


def test_more_than_all_cars_are_not_replaced(book):
    """The most that plants do is every shipment, less the parts for what they make; more cars bring only parts."""
    row = solve_for("investment-2025-06", lever="localisation: cars", target_usd_bn=100.0).iloc[0]
    assert not row["reached"]
    cars = float(
        run("status-quo-2025-06", account=book, draws=0).central["imports_by_product_usd_bn"].sel(product="cars")
    )
    assert 0.5 * cars < row["most_usd_bn"] < cars


def test_everything_else_can_stay(book):
    """Beside the rest of the roadmap a smaller amount is enough, and put back it reaches the target."""
    asked = load_scenario("roadmap")
    alone, together = (
        solve_for(asked, lever="pledge: lng", target_usd_bn=5.0, alone=alone).iloc[0] for alone in (True, False)
    )
    assert together["amount"] < alone["amount"]
    assert alone["amount"] == pytest.approx(10.0, abs=1e-6)
    put_back = set_amount(asked, "pledges.lng.headline", together["amount"])
    assert narrowed(put_back, book) == pytest.approx(5, abs=1e-6)
    enough = solve_for(asked, lever="pledge: lng", target_usd_bn=1.0, alone=False).iloc[0]
    assert enough["amount"] == 0


def test_setting_an_amount_changes_nothing_else():
    asked = load_scenario("investment-2025-06")
    changed = set_amount(asked, "localisation.cars.moved", 7.0)
    assert changed.amounts() == asked.amounts() | {"localisation.cars.moved": 7.0}
    assert changed.beliefs() == asked.beliefs()
    asked = load_scenario("commitments-2025-09")
    fallen = set_amount(asked, "barriers.car standards.ave", 0.2)
    assert fallen.beliefs()["barriers.car standards.ave"].bounds == (0.2, 0.2)
    assert fallen.pledges == asked.pledges
    moved = set_amount(load_scenario("weaker-dollar"), "exchange_rate.dollar", -0.3)
    assert moved.exchange_rate.dollar.central == -0.3


PAIRS = [
    (("pledge: lng", "barrier: car standards"), 1.0),
    (("barrier: farm approvals", "localisation: cars"), 2.0),
    (("pledge: soybeans", "pledge: corn"), 1.8),
]


@pytest.mark.parametrize(("levers", "target"), PAIRS, ids=[", ".join(pair) for pair, _ in PAIRS])
def test_every_pair_of_the_frontier_reaches_the_target(levers, target, book):
    asked = load_scenario("roadmap")
    table = frontier(asked, levers=levers, target_usd_bn=target, points=3)
    assert list(table.columns) == [*levers, "reached", "limit"]
    assert (table["limit"] == "").all()
    assert table["reached"].all()
    one, two = (dial_of(asked, lever, prepared(book)) for lever in levers)
    for pair in table.itertuples(index=False):
        both = two.alone
        for turn, amount in zip((one, two), pair[:2], strict=True):
            field, key, _ = turn.dial.parameter.split(".")
            both = both.model_copy(update={field: {**getattr(both, field), key: getattr(asked, field)[key]}})
            both = set_amount(both, turn.dial.parameter, amount)
        assert narrowed(both, book) == pytest.approx(target, abs=1e-6)
    assert table[levers[0]].iloc[0] == 0
    assert np.all(np.diff(table[levers[0]]) > 0)
    assert np.all(np.diff(table[levers[1]]) < 0)
    alone = solve_for(asked, lever=levers[1], target_usd_bn=target)["amount"].iloc[0]
    assert table[levers[1]].iloc[0] == pytest.approx(alone, rel=1e-9)


def test_a_rate_can_be_the_second_of_a_pair(book):
    table = frontier("roadmap", levers=("pledge: lng", "rate: cars"), target_usd_bn=2.0, points=3)
    for said, rate in zip(table["pledge: lng"], table["rate: cars"], strict=True):
        own = set_amount(load_scenario("roadmap"), "pledges.lng.headline", said)
        only = own.model_copy(update={"pledges": {"lng": own.pledges["lng"]}, "localisation": {}, "barriers": {}})
        change = sweep(only, parameter="rate: cars", values=[rate], account=book)["deficit_change_usd_bn"].iloc[0]
        assert -change == pytest.approx(2.0, abs=1e-6)


def test_where_no_pair_is_enough_the_frontier_says_so():
    table = frontier("roadmap", levers=("pledge: soybeans", "localisation: steel"), target_usd_bn=50.0, points=2)
    assert not table["reached"].any()
    assert table["localisation: steel"].isna().all()


@pytest.mark.parametrize("lever", ["rate: cars", "quota: cars"])
def test_a_rate_or_a_quota_is_not_the_first_of_a_pair(lever):
    with pytest.raises(InputError, match=f"frontier: '{lever}' runs in steps of a grid only; name it as the second"):
        frontier("british-quota", levers=(lever, "rate: car-parts"), target_usd_bn=1.0)


def test_a_pair_is_two_levers():
    """The second amount would take the place of the first."""
    with pytest.raises(InputError, match="pledge: corn"):
        frontier("roadmap", levers=("pledge: corn", "pledge: corn"), target_usd_bn=1.0, points=3)


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        ("pledge: soybean", "'pledge: soybean' is not a lever of roadmap; it has .*Did you mean 'pledge: soybeans'"),
        ("barrier: car standard", "Did you mean 'barrier: car standards'"),
        ("localization: cars", "Did you mean 'localisation: cars'"),
        ("exchange rate", "'exchange rate' is not a lever of roadmap; it has .*pledge: soybeans"),
        ("quota: cars", "'quota: cars' is not a lever of roadmap"),
        ("rate: car", "'rate: car' is not a lever of roadmap; .*Did you mean 'rate: cars'"),
        ("rate", "'rate' is not a lever of roadmap"),
    ],
)
def test_an_unknown_lever_names_the_nearest(lever, message):
    with pytest.raises(InputError, match=message) as caught:
        solve_for("roadmap", lever=lever, target_usd_bn=1.0)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(InputError, match=message):
        frontier("roadmap", levers=("pledge: corn", lever), target_usd_bn=1.0)


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan"), float("inf")])
def test_a_target_is_above_nothing(target):
    with pytest.raises(InputError, match=r"target_usd_bn is .*; an amount above 0 is allowed"):
        solve_for("roadmap", lever="pledge: corn", target_usd_bn=target)


def test_levers_are_dialled_in_the_market_engine_only():
    asked = load_scenario("roadmap").model_copy(update={"engine": "general"})
    with pytest.raises(InputError, match="roadmap asks for the world engine; levers are dialled in the market engine"):
        solve_for(asked, lever="pledge: corn", target_usd_bn=1.0)
