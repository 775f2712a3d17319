import numpy as np
import pytest
from scipy import stats

from tradecalc.beliefs.distributions import Fixed, Lognormal, Triangular
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
