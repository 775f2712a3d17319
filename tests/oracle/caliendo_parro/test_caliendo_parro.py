"""Every published digit of the NAFTA experiment of Caliendo and Parro (2015) with zero deficits."""

import os
from pathlib import Path

import numpy as np
import pytest

from tradecalc.general import GeneralSolution, decompose_welfare, solve_general

ORACLES = Path(os.environ.get("TRADECALC_ORACLES", Path(__file__).parents[3].parent / "shared" / "oracles"))
FOLDER = ORACLES / "caliendo_parro_2015"
N, S, TRADED = 31, 40, 20
BLOC = {"Mexico": 19, "Canada": 4, "USA": 29}
PUBLISHED = {  # per cent: terms of trade, volume of trade, welfare, real wage
    "Mexico": (-0.41, 1.72, 1.31, 1.72),
    "Canada": (-0.11, 0.04, -0.06, 0.32),
    "USA": (0.04, 0.04, 0.08, 0.11),
}
PUBLISHED_IMPORTS = {"Mexico": 118, "Canada": 11, "USA": 41}  # per cent, from the other two

pytestmark = pytest.mark.skipif(
    not (FOLDER / "IO.txt").exists(),
    reason="the replication files of Caliendo and Parro (2015) are not here; TRADECALC_ORACLES names their folder",
)


def bilateral(name: str) -> np.ndarray:
    """Return a file of rows (sector, importer) and columns exporter as (s, o, d), zero for sectors not traded."""
    array = np.zeros((S, N, N))
    array[:TRADED] = np.loadtxt(FOLDER / name).reshape(TRADED, N, N).transpose(0, 2, 1)
    return array


def world() -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return trade, technology, and the tariffs before and after."""
    trade = bilateral("xbilat1993.txt") * 1000.0
    exports = trade.sum(axis=2)
    output = np.maximum(np.loadtxt(FOLDER / "GO.txt"), exports)
    trade[:, range(N), range(N)] = output - exports
    technology = {
        "theta": np.append(np.loadtxt(FOLDER / "T.txt"), np.full(S - TRADED, 8.22)),
        "value_added_share": np.loadtxt(FOLDER / "B.txt"),
        "input_share": np.loadtxt(FOLDER / "IO.txt").reshape(N, S, S).transpose(1, 2, 0),
    }
    before, later = bilateral("tariffs1993.txt") / 100.0, bilateral("tariffs2005.txt") / 100.0
    inside = np.zeros((N, N), dtype=bool)
    inside[np.ix_(list(BLOC.values()), list(BLOC.values()))] = True
    return trade, technology, before, np.where(inside, later, before)


@pytest.fixture(scope="module")
def nafta() -> tuple[GeneralSolution, GeneralSolution, np.ndarray]:
    """Return the world without deficits, the world with NAFTA and the tariffs of 1993."""
    trade, technology, before, after = world()
    purged = solve_general(
        trade, **technology, tariff_before=before, tariff_after=before, closure="balanced", negative_final="clip",
        tol=1e-8,
    )  # fmt: skip
    moved = solve_general(
        purged.trade, **technology, tariff_before=before, tariff_after=after, closure="balanced", tol=1e-8
    )
    return purged, moved, before


@pytest.mark.parametrize("country", BLOC)
def test_welfare_table(nafta, country):
    _, moved, before = nafta
    parts = decompose_welfare(moved, tariff_before=before)
    computed = [parts.terms_of_trade, parts.volume_of_trade, parts.welfare, moved.real_wage_hat - 1.0]
    assert tuple(round(100.0 * float(x[BLOC[country]]), 2) for x in computed) == PUBLISHED[country]


@pytest.mark.parametrize("country", BLOC)
def test_imports_inside_the_bloc(nafta, country):
    purged, moved, _ = nafta
    others = [i for name, i in BLOC.items() if name != country]
    growth = moved.trade[:, others, BLOC[country]].sum() / purged.trade[:, others, BLOC[country]].sum() - 1.0
    assert round(100.0 * growth) == PUBLISHED_IMPORTS[country]


def test_evaluations_of_both_solves(nafta):
    purged, moved, _ = nafta
    assert max(purged.residual, moved.residual) < 1e-8
    assert purged.iterations + moved.iterations <= 150


def test_deficits_are_gone_and_values_add_up(nafta):
    for solution in nafta[:2]:
        assert np.abs(solution.deficit).max() < 1e-9 * solution.income.sum()
        assert solution.adding_up < 1e-9


def test_the_exact_change_is_not_the_first_order_one(nafta):
    """Real income of Mexico rises far less than the published first-order sum says."""
    assert nafta[1].welfare_hat[BLOC["Mexico"]] - 1.0 < 0.003


def test_with_deficits_in_one_call():
    """Deficits constant in the numeraire: the baseline of the hats is the model's own solution at those deficits."""
    trade, technology, before, after = world()
    s = solve_general(
        trade, **technology, tariff_before=before, tariff_after=after, closure="fixed", negative_final="clip"
    )
    deficit = trade.sum(axis=(0, 1)) - trade.sum(axis=(0, 2))
    np.testing.assert_allclose(s.deficit, deficit, atol=1e-10 * s.income.sum())
    assert s.adding_up < 1e-10
    assert s.real_wage_hat[BLOC["Mexico"]] > s.real_wage_hat[BLOC["Canada"]] > s.real_wage_hat[BLOC["USA"]] > 1.0
