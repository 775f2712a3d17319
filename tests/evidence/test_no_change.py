import numpy as np
import pytest

from tradecalc.account import load_table
from tradecalc.evidence import no_change_path
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def path():
    return no_change_path(until="2025-03", to="2026-08")


def test_it_uses_the_published_months_and_no_later_ones(path):
    monthly = load_table("us-japan-monthly").set_index("month")["deficit_usd_bn"]
    assert str(path.fitted.index[-1]) == "2025-03"
    assert path.fitted["deficit"].to_numpy() == pytest.approx(monthly[:"2025-03"].to_numpy(), abs=2e-4)
    shorter = no_change_path(until="2025-03", to="2025-06")
    assert shorter.fitted.equals(path.fitted)


def test_the_interval_holds_the_median_and_widens(path):
    p = path.path
    assert ((p["p5"] < p["deficit"]) & (p["deficit"] < p["p95"])).all()
    width = (p["p95"] - p["p5"]).to_numpy()
    assert width[12] > width[0]


def test_the_season_averages_out(path):
    by_year = path.fitted["season"].groupby(path.fitted.index.year).mean().loc[1986:2024]
    assert np.abs(by_year).max() < 0.25 * np.abs(path.fitted["season"]).max()


def test_it_would_have_foreseen_a_quiet_year():
    quiet = no_change_path(until="2017-12", to="2018-12")
    assert quiet.twelve_months["p5"] < quiet.twelve_months["actual"] < quiet.twelve_months["p95"]


def test_a_seed_repeats_itself(path):
    assert no_change_path(until="2025-03", to="2026-08").path.equals(path.path)


@pytest.mark.parametrize(
    ("months", "message"),
    [
        ({"until": "2025-13"}, "'2025-13' is not a month"),
        ({"until": "2025-03", "to": "2025-01"}, "the path starts after `until`"),
        ({"until": "1987-03", "to": "1988-01"}, "five years are needed"),
        ({"since": "1900-01"}, "the data run from 1985-01"),
    ],
)
def test_bad_months(months, message):
    with pytest.raises(InputError, match=message):
        no_change_path(**months)
