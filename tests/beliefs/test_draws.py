import numpy as np
import pytest
from scipy import stats

from tradecalc.beliefs.distributions import Chance, Fixed, Lognormal, Reference, Triangular
from tradecalc.beliefs.draws import sample, uniforms

TRIANGLE = Triangular(dist="triangular", low=1, mode=2, high=5, reference="assumed")
LOGNORMAL = Lognormal(dist="lognormal", median=4, sigma=0.25, reference="assumed")


def test_the_central_value_comes_first():
    values = sample({"a": TRIANGLE, "b": LOGNORMAL, "c": Fixed(dist="fixed", value=3, reference="x")}, n=5, seed=1)
    assert [v[0] for v in values.values()] == [2, 4, 3]
    assert all(v.shape == (6,) for v in values.values())


def test_a_new_parameter_changes_no_other():
    alone = sample({"a": TRIANGLE}, n=50, seed=1)["a"]
    together = sample({"z": LOGNORMAL, "a": TRIANGLE}, n=50, seed=1)["a"]
    assert (alone == together).all()


def test_every_stratum_is_hit_once():
    u = uniforms("a", n=100, seed=3)
    assert sorted((u * 100).astype(int)) == list(range(100))


def test_streams_are_not_aligned():
    u, v = uniforms("a", n=2000, seed=3), uniforms("b", n=2000, seed=3)
    assert abs(np.corrcoef(u, v)[0, 1]) < 0.06


@pytest.mark.parametrize(
    ("belief", "reference"),
    [(TRIANGLE, stats.triang(c=0.25, loc=1, scale=4)), (LOGNORMAL, stats.lognorm(s=0.25, scale=4))],
    ids=["triangular", "lognormal"],
)
def test_quantiles_equal_scipy(belief, reference):
    drawn = sample({"a": belief}, n=400, seed=7)["a"][1:]
    assert drawn == pytest.approx(reference.ppf(uniforms("a", n=400, seed=7)), rel=1e-12)


def test_bounds_of_a_lognormal_are_its_percentiles():
    assert LOGNORMAL.bounds == pytest.approx(stats.lognorm(s=0.25, scale=4).ppf([0.05, 0.95]))


def test_no_draws_leave_the_central_value():
    assert sample({"a": TRIANGLE}, n=0, seed=1)["a"].tolist() == [2]


def test_an_atom_is_exactly_zero_in_exactly_its_share_of_the_draws():
    """The lowest quarter of the strata is zero; the other draws follow the triangle with the rest."""
    atom = TRIANGLE.model_copy(update={"zero": 0.25})
    drawn, u = sample({"a": atom}, n=400, seed=7)["a"], uniforms("a", n=400, seed=7)
    assert drawn[0] == 2
    assert (drawn[1:] == 0).sum() == 100
    np.testing.assert_array_equal(drawn[1:] == 0, u < 0.25)
    rest = stats.triang(c=0.25, loc=1, scale=4).ppf((u[u >= 0.25] - 0.25) / 0.75)
    assert drawn[1:][u >= 0.25] == pytest.approx(rest, rel=1e-12)
    assert drawn[1:].mean() == pytest.approx(0.75 * (1 + 2 + 5) / 3, rel=1e-3)


def test_a_belief_without_an_atom_draws_what_it_drew():
    """Frozen: the first draws of the triangle before beliefs could carry an atom."""
    none = TRIANGLE.model_copy(update={"zero": 0.0})
    np.testing.assert_array_equal(sample({"a": none}, n=50, seed=1)["a"], sample({"a": TRIANGLE}, n=50, seed=1)["a"])
    assert TRIANGLE.bounds == (1, 5)


@pytest.mark.parametrize(("zero", "central", "bounds"), [(0.25, 2, (0, 5)), (0.5, 2, (0, 5)), (0.6, 0, (0, 5))])
def test_an_atom_shows_in_bounds_and_in_what_is_likeliest(zero, central, bounds):
    atom = TRIANGLE.model_copy(update={"zero": zero})
    assert (atom.central, atom.bounds) == (central, bounds)


@pytest.mark.parametrize(("probability", "central", "bounds"), [(0.75, 1, (0, 1)), (0.25, 0, (0, 1)), (1, 1, (1, 1))])
def test_a_chance_is_drawn_as_often_as_it_is_believed(probability, central, bounds):
    chance = Chance(dist="chance", probability=probability, reference="assumed")
    drawn = sample({"a": chance}, n=400, seed=2)["a"]
    assert drawn[0] == central
    assert drawn[1:].sum() == 400 * probability
    assert set(np.unique(drawn)) <= {0.0, 1.0}
    assert chance.bounds == bounds


@pytest.mark.parametrize(
    ("status", "ours", "belief", "said"),
    [
        ("derived", ("mode", "high"), TRIANGLE, "derived; likeliest and highest assumed"),
        ("published", ("low",), TRIANGLE, "published; lowest assumed"),
        ("derived", ("low", "mode", "high"), TRIANGLE, "assumed"),
        ("derived", ("mode", "high", "zero"), TRIANGLE, "derived; likeliest and highest assumed"),
        (
            "derived",
            ("mode", "high", "zero"),
            TRIANGLE.model_copy(update={"zero": 0.1}),
            "derived; likeliest, highest and chance of nothing assumed",
        ),
        ("press", ("probability",), Chance(dist="chance", probability=0.5, reference="x"), "assumed"),
        ("derived", ("low",), Fixed(dist="fixed", value=1, reference="x"), "derived"),
        ("assumed", (), TRIANGLE, "assumed"),
        ("published", (), LOGNORMAL, "published"),
    ],
)
def test_the_status_says_which_numbers_are_ours(status, ours, belief, said):
    cited = Reference(citation="x", read_at="x", confidence="low", status=status, ours=ours)
    assert cited.status_of(belief) == said
