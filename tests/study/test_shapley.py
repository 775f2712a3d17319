"""Shapley values against the average over all orders, the axioms that single them out, and a package by hand."""

from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradecalc as tc
from tradecalc.beliefs import sample
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.study.market import lay_package
from tradecalc.study.prepared import prepared
from tradecalc.study.shapley import MOST_LEVERS, interactions, shapley
from tradecalc.terms import InputError

NAMES = tuple("abcdefghi")
FEW = settings(max_examples=25)


def game(n: int, seed: int, *, shape=(3,)):
    """Return a value function over subsets of ``n`` levers, one random array each."""
    rng = np.random.default_rng(seed)
    worth = rng.normal(0, 10, (2**n, *shape))
    return lambda chosen: worth[sum(1 << NAMES.index(name) for name in chosen)]


def by_all_orders(levers, value):
    """Return the mean over every order of what a lever adds when its turn comes."""
    out = dict.fromkeys(levers, 0.0)
    orders = list(permutations(levers))
    for order in orders:
        for place, lever in enumerate(order):
            added = value(frozenset(order[: place + 1])) - value(frozenset(order[:place]))
            out[lever] = out[lever] + added / len(orders)
    return out


@FEW
@given(n=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_it_is_the_mean_over_all_orders(n, seed):
    levers, value = NAMES[:n], game(n, seed)
    slow, fast = by_all_orders(levers, value), shapley(levers, value)
    assert list(fast) == list(levers)
    for lever in levers:
        np.testing.assert_allclose(fast[lever], slow[lever], rtol=0, atol=1e-11)


@pytest.mark.parametrize("n", [1, 2, 7, MOST_LEVERS])
def test_the_parts_sum_to_the_whole(n):
    value = game(n, seed=n)
    whole = value(frozenset(NAMES[:n])) - value(frozenset())
    np.testing.assert_allclose(sum(shapley(NAMES[:n], value).values()), whole, rtol=0, atol=1e-10)


@FEW
@given(seed=st.integers(0, 2**32 - 1))
def test_a_lever_that_never_matters_contributes_nothing(seed):
    inner = game(4, seed)
    parts = shapley(NAMES[:5], lambda chosen: inner(chosen - {"e"}))
    np.testing.assert_allclose(parts["e"], 0, atol=1e-12)
    for lever, part in shapley(NAMES[:4], inner).items():
        np.testing.assert_allclose(parts[lever], part, atol=1e-11)


@FEW
@given(seed=st.integers(0, 2**32 - 1))
def test_levers_that_do_the_same_contribute_the_same(seed):
    worth = np.random.default_rng(seed).normal(0, 5, (5, 2))
    parts = shapley(NAMES[:4], lambda chosen: worth[len(chosen)])
    for lever in NAMES[1:4]:
        np.testing.assert_allclose(parts[lever], parts["a"], atol=1e-12)
    np.testing.assert_allclose(parts["a"], (worth[4] - worth[0]) / 4, atol=1e-12)


@FEW
@given(one=st.integers(0, 2**32 - 1), two=st.integers(0, 2**32 - 1))
def test_the_parts_of_a_sum_of_games_are_the_sums_of_parts(one, two):
    first, second = game(4, one), game(4, two)
    together = shapley(NAMES[:4], lambda chosen: first(chosen) + 2 * second(chosen))
    apart = shapley(NAMES[:4], first), shapley(NAMES[:4], second)
    for lever in NAMES[:4]:
        np.testing.assert_allclose(together[lever], apart[0][lever] + 2 * apart[1][lever], atol=1e-11)


def test_every_subset_is_solved_once():
    seen = []
    value = game(6, 1)
    shapley(NAMES[:6], lambda chosen: seen.append(chosen) or value(chosen))
    assert len(seen) == len(set(seen)) == 2**6


def test_no_lever_has_no_part():
    assert shapley((), game(1, 1)) == {}


def test_more_than_eight_levers_are_refused_and_named():
    with pytest.raises(InputError, match=r"9 levers meet in the same markets \(a, b, .*i\); at most 8.*join") as caught:
        shapley(NAMES, game(9, 1))
    assert len(str(caught.value).splitlines()) == 1


@FEW
@given(n=st.integers(0, 5), seed=st.integers(0, 2**32 - 1))
def test_interactions_are_second_differences(n, seed):
    value = game(n, seed, shape=())
    found = interactions(NAMES[:n], value)
    assert found.shape == (n, n)
    np.testing.assert_array_equal(found, found.T)
    none = value(frozenset())
    for i in range(n):
        assert found[i, i] == pytest.approx(value(frozenset(NAMES[i])) - none)
        for j in range(i):
            a, b, both = (value(frozenset(s)) for s in (NAMES[i], NAMES[j], (NAMES[i], NAMES[j])))
            assert found[i, j] == pytest.approx(both - a - b + none, abs=1e-10)


@FEW
@given(parts=st.lists(st.floats(-100, 100), min_size=1, max_size=6), start=st.floats(-10, 10))
def test_levers_that_only_add_do_not_interact(parts, start):
    names = NAMES[: len(parts)]

    def value(chosen):
        return start + sum(parts[names.index(name)] for name in sorted(chosen))

    found = interactions(names, value)
    np.testing.assert_allclose(found, np.diag(parts), atol=1e-10)
    for lever, part in zip(names, parts, strict=True):
        assert shapley(names, value)[lever] == pytest.approx(part, abs=1e-10)


def packed(name, n=2):
    asked = load_scenario(name)
    reference, ground = load_scenario(asked.relative_to), prepared()
    values = sample(reference.beliefs() | asked.beliefs(), n=n, seed=1)
    return lay_package(asked, reference, ground, values)


def test_the_channels_of_a_package_are_the_mean_over_all_orders():
    package = packed("roadmap-for-removal")
    solved = cache(lambda chosen: package.value(chosen).sum(axis=1))
    slow = by_all_orders(package.levers, solved)
    result = run("roadmap-for-removal", draws=2, seed=1)
    channels = result.draws["channel_usd_bn"].to_pandas()
    law = [name for name in channels if name.startswith("tariffs")]
    np.testing.assert_allclose(channels[law].sum(axis=1), slow["tariffs"][1:], rtol=0, atol=1e-9)
    assert len(package.levers) == 5
    for lever in set(package.levers) - {"tariffs"}:
        np.testing.assert_allclose(channels[lever], slow[lever][1:], rtol=0, atol=1e-9)


def test_interactions_of_a_package_are_what_two_levers_do_together():
    package = packed("roadmap-for-removal", n=0)
    table = tc.interactions("roadmap-for-removal")
    assert tuple(table.index) == tuple(table.columns) == package.levers

    def alone(*levers):
        return float((package.value(frozenset(levers)) - package.value(frozenset())).sum())

    plants = "localisation: cars"
    assert table.loc["tariffs", "tariffs"] == pytest.approx(alone("tariffs"), abs=1e-9)
    extra = alone("tariffs", plants) - alone("tariffs") - alone(plants)
    assert extra < -0.01  # the duty holds shipments back, so plants take over more of them without it
    assert table.loc["tariffs", plants] == table.loc[plants, "tariffs"] == pytest.approx(extra, abs=1e-9)
    assert table.loc["tariffs", "barrier: car standards"] == pytest.approx(0, abs=1e-9)  # the other way of trade
