"""What is stored is estimated again: by the same command, and by another likelihood, method and start."""

import numpy as np
import pytest
from contrasts import contrasts, likelihood, maximum
from hypothesis import given, settings
from hypothesis import strategies as st

from tradecalc.evidence import estimate_no_change, no_change_path, read_estimate, write_estimate
from tradecalc.evidence.fit import _maximum
from tradecalc.evidence.structural import components, flows
from tradecalc.files import data_root

SAMPLES = [("1985-01", "2017-12"), ("1985-01", "2025-03")]
TOLERANCE = 1e-3  # of a standard error


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda sample: sample[1])
def sample(request):
    since, until = request.param
    return {"since": since, "until": until}


@pytest.fixture(scope="module")
def again(sample):
    return estimate_no_change(**sample)


def test_the_command_repeats_what_is_stored(sample, again):
    stored, new = read_estimate(**sample).table(), again.table()
    assert stored[["flow", "parameter"]].equals(new[["flow", "parameter"]])
    away = (new["estimate"] - stored["estimate"]).abs() / stored["standard_error"]
    assert away.max() < TOLERANCE
    assert new["standard_error"].to_numpy() == pytest.approx(stored["standard_error"].to_numpy(), rel=TOLERANCE)
    for flow in ("exports", "imports"):
        one, other = getattr(again.flows, flow), getattr(read_estimate(**sample).flows, flow)
        assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
        assert one.weaknesses == other.weaknesses


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_another_likelihood_from_another_start_agrees(sample, flow):
    table = read_estimate(**sample).table().set_index("flow").loc[flow]
    stored, errors = table["estimate"].to_numpy(), table["standard_error"].to_numpy()
    data = contrasts(np.log(flows().loc[sample["since"] : sample["until"], flow].to_numpy()))
    found, found_errors = maximum(data, stored * [0.6, 1.7, 2.5])
    assert (np.abs(found - stored) / errors).max() < TOLERANCE
    assert errors == pytest.approx(found_errors, rel=TOLERANCE)


def test_the_path_of_a_fresh_fit_is_the_stored_one(sample, again, tmp_path, monkeypatch):
    to = f"{int(sample['until'][:4]) + 1}-03"
    stored = no_change_path(**sample, to=to)
    for name in ("history/us-japan-monthly.csv", "history/us-japan-monthly.origin.yaml"):
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((data_root() / name).read_bytes())
    monkeypatch.setenv("TRADECALC_DATA", str(tmp_path))
    write_estimate(again)
    fresh = no_change_path(**sample, to=to)
    assert fresh.path.to_numpy() == pytest.approx(stored.path.to_numpy(), rel=1e-5, abs=1e-5, nan_ok=True)
    assert fresh.fitted.to_numpy() == pytest.approx(stored.fitted.to_numpy(), rel=1e-6, abs=1e-6)


variance = st.floats(-12, -3).map(np.exp)
SERIES = flows()["imports"].loc["2001-01":"2008-06"].to_numpy()
SHORT = contrasts(np.log(SERIES))


def _loglike(values, variances):
    return float(components(values, exact=True).loglike(np.array(variances)))


@settings(max_examples=25)
@given(first=st.tuples(variance, variance, variance), second=st.tuples(variance, variance, variance))
def test_the_two_likelihoods_differ_by_a_constant(first, second):
    ours = _loglike(SERIES, first) - _loglike(SERIES, second)
    other = likelihood(np.array(first), SHORT)[0] - likelihood(np.array(second), SHORT)[0]
    assert ours == pytest.approx(other, rel=1e-7, abs=1e-6)


@settings(max_examples=25)
@given(variances=st.tuples(variance, variance, variance), unit=st.floats(-5, 5), drift=st.floats(-0.02, 0.02))
def test_neither_unit_nor_growth_nor_the_arrow_of_time_matters(variances, unit, drift):
    plain = _loglike(SERIES, variances)
    moved = SERIES * np.exp(unit + drift * np.arange(len(SERIES)))
    assert _loglike(moved, variances) == pytest.approx(plain, rel=1e-7, abs=1e-6)
    assert _loglike(SERIES[::-1].copy(), variances) == pytest.approx(plain, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_known_variances_are_found_again(seed):
    rng = np.random.default_rng(seed)
    irregular, level = 2e-3, 1e-3
    months = np.arange(240)
    walk = np.cumsum(rng.normal(0.002, np.sqrt(level), 240))
    logs = walk + 0.1 * np.cos(2 * np.pi * months / 12) + rng.normal(0, np.sqrt(irregular), 240)
    found = _maximum("this series", components(np.exp(logs), exact=True))
    away = np.log(found.variances[:2] / [irregular, level]) / (found.standard_errors[:2] / found.variances[:2])
    assert np.abs(away).max() < 3
    # a season that does not vary: its variance is at its bound, or near enough to be called so
    assert found.variances[2] == 0 or found.variances[2] < 2 * found.standard_errors[2]
    assert np.isnan(found.standard_errors[2]) == (found.variances[2] == 0)
