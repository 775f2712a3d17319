"""A tree of outcomes against a loop over its branches, and trees that cannot be."""

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.result import load_result
from tradecalc.scenario import Scenario, load_scenario
from tradecalc.scenario.branches import Branch
from tradecalc.study import branch_table, run
from tradecalc.study.tree import _mixture
from tradecalc.terms import InputError

SMALL = {
    "deal": {
        "probability": 0.25,
        "reference": "assumed",
        "branches": {
            "quota": {"probability": 0.6, "scenario": "british-quota", "reference": "assumed"},
            "fifteen": {"probability": 0.4, "scenario": "fifteen", "reference": "assumed"},
        },
    },
    "no deal": {"probability": 0.75, "scenario": "no-deal", "reference": "assumed"},
}
ENDS = {"deal, quota": ("british-quota", 0.15), "deal, fifteen": ("fifteen", 0.1), "no deal": ("no-deal", 0.75)}


def one(scenario, probability=1.0):
    return {"only": {"probability": probability, "scenario": scenario, "reference": "assumed"}}


def tree_of(branches, **changes):
    base = load_scenario("tree-2025-06")
    grown = {name: Branch.model_validate(branch) for name, branch in branches.items()}
    return base.model_copy(update={"branches": grown, "name": "own", **changes})


@pytest.fixture(scope="module")
def book():
    return tc.load_account()


@pytest.fixture(scope="module")
def tree(book):
    return run(tree_of(SMALL), account=book, draws=6, path=True)


@pytest.fixture(scope="module")
def apart(book, tree):
    """Each outcome run by itself on the seed of the tree."""
    seed = tree.scenario.draws.seed
    return {name: run(scenario, account=book, draws=6, seed=seed, path=True) for name, (scenario, _) in ENDS.items()}


def test_the_expectation_is_the_weighted_sum_of_runs(tree, apart):
    for name in ("deficit_change_usd_bn", "imports_change_usd_bn", "exports_change_usd_bn", "duty_change_usd_bn"):
        central = sum(p * float(apart[end].central[name]) for end, (_, p) in ENDS.items())
        assert float(tree.central[name]) == pytest.approx(central, abs=1e-9)
        drawn = sum(p * apart[end].draws[name].to_numpy() for end, (_, p) in ENDS.items())
        np.testing.assert_allclose(tree.draws[name], drawn, rtol=0, atol=1e-9)


def test_the_path_is_the_weighted_sum_of_paths(tree, apart):
    for by in ("year", "month"):
        paths = {end: apart[end].path(by=by) for end in ENDS}
        for column in ("deficit_change_usd_bn", "deficit_usd_bn", "duty_usd_bn", "rate", "rate_reference"):
            slow = sum(p * paths[end][column] for end, (_, p) in ENDS.items())
            np.testing.assert_allclose(tree.path(by=by)[column], slow, rtol=0, atol=1e-9)


def test_nested_probabilities_multiply_and_sum_to_one(tree):
    weight = tree.central["branch_probability"].to_series()
    assert weight.to_dict() == pytest.approx({end: p for end, (_, p) in ENDS.items()})
    assert weight.sum() == pytest.approx(1, abs=1e-12)


def test_what_each_branch_adds_sums_to_the_change(tree, apart):
    channels = tree.channels.to_series()
    for end, (_, p) in ENDS.items():
        assert channels[f"branch: {end}"] == pytest.approx(p * apart[end].deficit_change_usd_bn, abs=1e-9)
    assert channels.sum() == pytest.approx(tree.deficit_change_usd_bn, abs=1e-9)
    by_draw = tree.draws["channel_usd_bn"].sum("channel")
    np.testing.assert_allclose(by_draw, tree.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9)


def test_outcomes_share_their_draws(tree, apart):
    """The beliefs are drawn once, by name: every outcome of draw i holds the same elasticities."""
    values = tree.draws["parameter_value"]
    for result in apart.values():
        names = result.draws["parameter"].to_numpy()
        np.testing.assert_array_equal(values.sel(parameter=names), result.draws["parameter_value"])
    assert "rent_to_exporter_cars" in values["parameter"]


def test_one_branch_with_probability_one_is_its_scenario(book):
    alone = run("retaliation", account=book, draws=4)
    found = run(tree_of(one("retaliation")), account=book, draws=4)
    assert found.deficit_change_usd_bn == pytest.approx(alone.deficit_change_usd_bn, abs=1e-12)
    for name in ("deficit_change_usd_bn", "exports_change_usd_bn", "duty_usd_bn", "consumer_gain_usd_bn"):
        np.testing.assert_allclose(found.draws[name], alone.draws[name], rtol=1e-12)
    last = branch_table(found).iloc[-1]
    assert last["spread_usd_bn"] == pytest.approx(0, abs=1e-9)


def test_a_branch_without_probability_adds_nothing(book, tree):
    more = {**SMALL, "never": {"probability": 0.0, "scenario": "removal", "reference": "assumed"}}
    found = run(tree_of(more), account=book, draws=6)
    assert found.deficit_change_usd_bn == pytest.approx(tree.deficit_change_usd_bn, abs=1e-12)
    assert float(found.channels.sel(channel="branch: never")) == 0
    last, before = branch_table(found).iloc[-1], branch_table(tree).iloc[-1]
    assert last[["p5", "p95", "spread_usd_bn"]].tolist() == pytest.approx(
        before[["p5", "p95", "spread_usd_bn"]].tolist(), abs=1e-9
    )


def test_the_table_of_branches(tree, apart):
    table = branch_table(tree).set_index("branch")
    assert list(table.index) == [*ENDS, "tree"]
    changes = np.array([apart[end].deficit_change_usd_bn for end in ENDS])
    p = np.array([share for _, share in ENDS.values()])
    np.testing.assert_allclose(table["deficit_change_usd_bn"].iloc[:-1], changes, atol=1e-9)
    np.testing.assert_allclose(table["contribution_usd_bn"].iloc[:-1], p * changes, atol=1e-9)
    for end, result in apart.items():
        assert table.loc[end, ["p5", "p95"]].tolist() == pytest.approx(
            list(result.interval("deficit_change_usd_bn")), abs=1e-9
        )
    total = table.loc["tree"]
    assert total["probability"] == pytest.approx(1)
    assert total["deficit_change_usd_bn"] == pytest.approx(tree.deficit_change_usd_bn, abs=1e-9)
    variance = p @ changes**2 - (p @ changes) ** 2
    assert total["spread_usd_bn"] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_the_interval_of_the_tree_is_that_of_a_mixture():
    """Against a great many draws of first an outcome, then a state of the world."""
    rng = np.random.default_rng(7)
    drawn = rng.normal([-15.0, 0.0, 30.0], [2.0, 0.1, 5.0], (400, 3))
    weight = np.array([0.3, 0.6, 0.1])
    picked = rng.choice(3, size=400_000, p=weight)
    slow = np.quantile(drawn[rng.integers(0, 400, 400_000), picked], [0.05, 0.95])
    np.testing.assert_allclose(_mixture(drawn, weight), slow, atol=0.2)
    # equal weights are the pool of all draws, one outcome of weight one is its own draws
    pooled = np.sort(drawn.ravel())
    low, high = _mixture(drawn, np.full(3, 1 / 3))
    assert low in pooled[57:63]
    assert high in pooled[1137:1143]
    alone = np.sort(drawn[:, 2])
    assert _mixture(drawn, np.array([0.0, 0.0, 1.0]))[0] in alone[18:22]


def test_a_mixture_leaves_out_what_did_not_converge():
    drawn = np.column_stack([np.linspace(0, 1, 101), np.full(101, np.nan)])
    assert _mixture(drawn, np.array([0.5, 0.5])) == pytest.approx((0.05, 0.95), abs=0.011)
    assert np.isnan(_mixture(np.full((3, 2), np.nan), np.array([0.5, 0.5]))).all()


def test_without_draws_there_is_no_interval_but_a_spread(book):
    table = branch_table(run(tree_of(SMALL), account=book, draws=0))
    assert table[["p5", "p95"]].isna().all().all()
    assert table["spread_usd_bn"].iloc[-1] > 1


def test_a_year_is_asked_of_every_branch(book):
    found = run(tree_of(SMALL), account=book, draws=0, year=2026)
    slow = sum(p * run(name, account=book, draws=0, year=2026).deficit_change_usd_bn for name, p in ENDS.values())
    assert found.deficit_change_usd_bn == pytest.approx(slow, abs=1e-9)


def test_a_saved_tree_is_the_same_when_loaded(tree, tmp_path):
    again = load_result(tree.save(tmp_path / "a.tcr"))
    assert again == tree
    assert branch_table(again).equals(branch_table(tree))
    assert again.path().equals(tree.path())


TREE = """\
extends: status-quo-2025-06
name: own
question: What is to be expected of talks that may end in two ways?
branches:
  deal: {probability: 0.4, scenario: fifteen, reference: assumed}
  no deal: {probability: 0.6, scenario: no-deal, reference: assumed}
"""
BAD = [
    ("probability: 0.6", "probability: 0.5", r"own\.yaml:4: .*deal 0.4, no deal 0.5 sum to 0.9; they must sum to 1"),
    ("probability: 0.6", "probability: 0.6000001", r"own\.yaml:4: .* they must sum to 1"),
    ("probability: 0.6", "probability: 1.6", r"own\.yaml:6: branches\.no deal\.probability.*less than or equal to 1"),
    ("probability: 0.6", "probability: -0.6", r"own\.yaml:6: branches\.no deal\.probability.*greater than or equal"),
    ("scenario: fifteen, ", "", r"own\.yaml:5: .*a branch has either `scenario:` or `branches:`; give one"),
    ("scenario: fifteen", "scenarios: fifteen", r"own\.yaml:5: branches\.deal\.scenarios is not a field.*'scenario'"),
    ("fifteen, reference: assumed", "fifteen", r"own\.yaml:5: branches\.deal\.reference is missing"),
]


@pytest.mark.parametrize(("old", "new", "message"), BAD, ids=[b[1] or b[0] for b in BAD])
def test_a_bad_tree_is_one_sentence_with_its_line(old, new, message, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(TREE.replace(old, new, 1))
    with pytest.raises(InputError, match=message) as caught:
        load_scenario(own)
    assert len(str(caught.value).splitlines()) == 1


def test_a_rounding_in_the_probabilities_is_allowed():
    value = load_scenario("tree-2025-06").model_dump(mode="json")
    third = {"probability": 1 / 3, "scenario": "no-deal", "reference": "assumed"}
    value["branches"] = {str(i): third for i in range(3)}
    assert len(Scenario.model_validate(value).branches) == 3


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ("tree-2025-06", "own: the branch scenario tree-2025-06 is a tree itself; write its branches below this one"),
        ("us-korea-deal", "own: us-korea-deal rests on us-korea-2024, not on us-japan-2024; use one account"),
        ("no-deel", "'no-deel' is not a shipped scenario.*Did you mean 'no-deal'"),
    ],
)
def test_a_branch_that_cannot_be_is_one_sentence(scenario, message, book):
    with pytest.raises(InputError, match=message) as caught:
        run(tree_of(one(scenario)), account=book, draws=0)
    assert len(str(caught.value).splitlines()) == 1


def test_a_scenario_is_no_tree_and_a_tree_no_reference(book):
    with pytest.raises(InputError, match="no-deal has no branches; run a scenario with `branches:`"):
        branch_table(run("no-deal", account=book, draws=0))
    asked = load_scenario("no-deal").model_copy(update={"relative_to": "tree-2025-06"})
    with pytest.raises(InputError, match="no-deal: relative_to names the tree tree-2025-06; name one scenario"):
        run(asked, account=book, draws=0)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: tc.sweep("tree-2025-06", parameter="sigma_goods", values=[3.0]),
        lambda: tc.solve_for("tree-2025-06", lever="rate: cars", target_usd_bn=1.0),
        lambda: tc.interactions("tree-2025-06"),
        lambda: tc.market_table("tree-2025-06", "cars"),
    ],
    ids=["sweep", "solve_for", "interactions", "market_table"],
)
def test_a_tree_is_not_answered_by_its_own_law(ask):
    """Its law and levers do not count, so what asks of one scenario says so instead of answering with them."""
    with pytest.raises(InputError, match=r"tree-2025-06.*branch"):
        ask()
