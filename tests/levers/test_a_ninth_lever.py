"""A new kind of lever is one class: it runs through everything that a study does without another file being touched."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from pydantic import Field

import tradecalc as tc
from tradecalc.beliefs import Ramp, Share, share_at
from tradecalc.levers import Dial, Lever, join, leave
from tradecalc.result import load_result
from tradecalc.scenario import load_scenario
from tradecalc.study import frontier, interactions, run, solve_for, sweep
from tradecalc.worlds import weight_of_goods


class ExportSubsidy(Lever):
    """A subsidy of the reporter on its sales of some goods to the partner, ``rate`` as a fraction of their price.

    The partner pays ``1 - rate`` of the price, which is what customs records. In a world it is a negative duty of the
    partner, so paid out of the partner's revenue instead of the reporter's: the trade is right, who pays is not.
    """

    field: ClassVar[str] = "export_subsidies"
    word: ClassVar[str] = "export subsidy"

    goods: tuple[str, ...] = Field(min_length=1)
    rate: Share
    ramp: Ramp = ()
    reference: str

    @classmethod
    def abroad(cls, abroad, standing, border, here):
        paid = np.ones(abroad.cost_hat.shape)
        for name, lever in standing.items():
            at = here.sold.columns(lever.goods, here.account, f"{cls.field}.{name}.goods")
            paid[:, at] *= 1.0 - (here.values[f"{cls.field}.{name}.rate"] * here.in_place(lever.ramp))[:, None]
        return replace(abroad, cost_hat=abroad.cost_hat * paid, price_hat=abroad.price_hat * paid)

    @classmethod
    def lay_in_world(cls, question, here):
        return cls.held(question)

    @classmethod
    def in_world(cls, shock, standing, here):
        duty = shock.duty
        for name, lever in standing.items():
            weight = weight_of_goods(here.world, lever.goods, f"{cls.field}.{name}")
            rate = here.values[f"{cls.field}.{name}.rate"] * share_at(lever.ramp, None)
            duty = (1.0 + duty) * (1.0 - np.outer(rate, weight)) - 1.0
        return replace(shock, duty=duty)

    @classmethod
    def dials(cls, question, account):
        fine = np.linspace(0.0, 0.9, 181)
        return {name: Dial(f"{cls.field}.{name}.rate", "fraction", fine) for name in cls.held(question)}


SUBSIDY = """
export_subsidies:
  beans:
    goods: [soybeans, corn]
    rate: {dist: triangular, low: 0.1, mode: 0.2, high: 0.3, reference: assumed}
    ramp: [{on: 2026-01-01, share: 0.0}, {on: 2027-01-01, share: 1.0}]
    reference: assumed
"""
LEVER = "export subsidy: beans"


@pytest.fixture(scope="module", autouse=True)
def joined():
    yield join(ExportSubsidy)
    leave(ExportSubsidy)
    load_scenario("removal")  # the fields of scenarios follow


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Return the path of a scenario with the new lever, beside retaliation on the same goods."""
    path = tmp_path_factory.mktemp("own") / "own.yaml"
    answer = "{goods: [corn], rate: {dist: fixed, value: 0.1, reference: assumed}, reference: assumed}"
    question = "question: What if the reporter pays for a part of its beans?"
    path.write_text(f"extends: status-quo-2025-06\nname: own\n{question}\n{SUBSIDY}retaliation:\n  duty: {answer}\n")
    return path


def test_the_file_is_read_and_a_mistake_is_named(own):
    assert load_scenario(own).export_subsidies["beans"].goods == ("soybeans", "corn")
    assert "export_subsidies.beans.rate" in set(tc.assumptions(load_scenario(own))["parameter"])
    bad = own.with_name("bad.yaml")
    bad.write_text(own.read_text().replace("[soybeans, corn]", "[soybeen, corn]"))
    with pytest.raises(tc.InputError, match=r"bad\.yaml:7: export_subsidies.beans.goods.*Did you mean 'soybeans'"):
        load_scenario(bad)
    bad.write_text(own.read_text().replace("high: 0.3", "high: 1.3"))
    with pytest.raises(tc.InputError, match=r"bad\.yaml:8: export_subsidies\.beans\.rate.*a share lies in 0 to 1"):
        load_scenario(bad)


def believed(scenario, role, good):
    """Return the central belief on a good in the partner's market: its own, or that of all goods none names."""
    named = [p for p in scenario.parameters.values() if p.role == f"{role}_partner"]
    return max(named, key=lambda p: (good in p.products, not p.products)).belief.central


def test_a_run_sells_what_demand_says_by_hand(own):
    """At a given export price the buyers' price falls by the rate: CES share and demand, good by good."""
    alone = load_scenario(own).model_copy(update={"retaliation": {}})
    result = run(alone, draws=0)
    by_hand, account = 0.0, tc.load_account()
    for good in ("soybeans", "corn"):
        share, sigma, eta = account.partner_share(good), believed(alone, "sigma", good), believed(alone, "eta", good)
        supply, price = believed(alone, "supply", good), 1.0
        for _ in range(400):  # the exporter's price rises along its supply curve
            paid = price * 0.8
            index = (share * paid ** (1 - sigma) + 1 - share) ** (1 / (1 - sigma))
            quantity = (paid / index) ** -sigma * index**-eta
            price = 0.5 * (price + quantity ** (1 / supply))
        by_hand += float(account.exports_usd_bn[good]) * (price * 0.8 * quantity - 1)
    assert by_hand > 0
    assert float(result.central["exports_change_usd_bn"]) == pytest.approx(by_hand, rel=1e-6)


def test_channels_and_interactions(own):
    result = run(own, draws=8)
    channels = result.channels.to_series()
    assert channels[LEVER] < 0 < channels["retaliation: duty"]
    assert float(result.channels.sum()) == pytest.approx(result.deficit_change_usd_bn, abs=1e-12)
    assert np.allclose(result.draws["channel_usd_bn"].sum("channel"), result.draws["deficit_change_usd_bn"])
    table = interactions(own)
    assert set(table) == {LEVER, "retaliation: duty"}
    assert table.loc[LEVER, "retaliation: duty"] != 0
    assert table.to_numpy().sum() - table.loc[LEVER, "retaliation: duty"] == pytest.approx(
        result.deficit_change_usd_bn, abs=1e-12
    )


def test_targets_sweeps_and_frontiers(own):
    found = solve_for(own, lever=LEVER, target_usd_bn=0.2).iloc[0]
    assert found["reached"]
    assert found["unit"] == "fraction"
    at = sweep(
        load_scenario(own).model_copy(update={"retaliation": {}}),
        parameter="export_subsidies.beans.rate",
        values=[0.0, found["amount"]],
    )
    assert at["deficit_change_usd_bn"].to_list() == pytest.approx([0.0, -0.2], abs=1e-4)
    pairs = frontier(own, levers=(LEVER, "rate: machine-tools"), target_usd_bn=0.1, points=3)
    assert pairs["reached"].all()
    with pytest.raises(tc.InputError, match=f"Did you mean '{LEVER}'"):
        solve_for(own, lever="export subsidy: bean", target_usd_bn=0.2)


def test_the_path_follows_its_ramp(own):
    alone = load_scenario(own).model_copy(update={"retaliation": {}})
    path = run(alone, draws=4, path=True).path()
    assert path.loc["2025", "deficit_change_usd_bn"] == pytest.approx(0, abs=1e-12)
    assert path.loc["2027", "deficit_change_usd_bn"] < path.loc["2026", "deficit_change_usd_bn"] < 0


def test_a_branch_of_a_tree(own):
    tree = own.with_name("tree.yaml")
    branches = (
        f"branches:\n  paid: {{probability: 0.25, scenario: {own}, reference: assumed}}\n"
        "  nothing: {probability: 0.75, scenario: status-quo-2025-06, reference: assumed}\n"
    )
    tree.write_text(f"extends: status-quo-2025-06\nname: tree\nquestion: What if it is a coin twice?\n{branches}")
    assert run(tree, draws=4).deficit_change_usd_bn == pytest.approx(
        0.25 * run(own, draws=0).deficit_change_usd_bn, abs=1e-12
    )


def test_the_world_engine_answers_too(own):
    result = run(own, engine="general", draws=2)
    channels = result.channels.to_series()
    assert channels[LEVER] < 0 < channels["retaliation: duty"]
    assert float(result.channels.sum()) == pytest.approx(result.deficit_change_usd_bn, abs=1e-9)
    assert "export_subsidies.beans.rate" in result.draws["parameter"].to_numpy()


def test_it_is_saved_and_read_back(own, tmp_path):
    result = run(own, draws=2)
    assert load_result(result.save(tmp_path / "own.result")) == result


def test_a_kind_cannot_take_another_ones_place():
    with pytest.raises(tc.InputError, match="ExportSubsidy has the field or the word of ExportSubsidy"):
        join(ExportSubsidy)


def test_it_is_one_class_of_sixty_lines():
    import inspect

    assert len(inspect.getsource(ExportSubsidy).splitlines()) <= 60
