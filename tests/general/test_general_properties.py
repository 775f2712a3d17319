"""Laws that every solution of the world engine obeys, on random worlds, and a slow second solver that agrees."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import brentq, root

from tradecalc.general import GeneralSolution, decompose_welfare, own_share_gain, solve_general

CLOSURES = ("balanced", "fixed", "proportional")
EXACT = 1e-10
closures = st.sampled_from(CLOSURES)
seeds = st.integers(0, 10**6)


@dataclass(frozen=True)
class Case:
    """A world that is an equilibrium by construction, with a shock."""

    trade: np.ndarray
    theta: np.ndarray
    tariff_before: np.ndarray
    tariff_after: np.ndarray
    cost_hat: np.ndarray
    value_added_share: np.ndarray
    input_share: np.ndarray

    def solve(self, **options: Any) -> GeneralSolution:
        arguments = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "trade"}
        return solve_general(self.trade, **{**arguments, **options})


def random_case(seed: int, *, countries: int | None = None, sectors: int | None = None, inputs: bool = True) -> Case:
    """Draw final demand, spending shares, tariffs and inputs; trade and deficits follow from market clearing."""
    rng = np.random.default_rng(seed)
    N = countries or int(rng.integers(2, 6))
    S = sectors or int(rng.integers(1, 5))
    abroad = 1.0 - np.eye(N)
    tariff = rng.uniform(0.0, 0.3, (S, N, N)) * abroad
    share = rng.lognormal(0.0, 1.0, (S, N, N)) + 2.0 * N * np.eye(N)
    if N > 2:
        share[0, 0, 1] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    g = rng.uniform(0.3, 0.9, (S, N)) if inputs else np.ones((S, N))
    io = rng.dirichlet(np.ones(S), (S, N)).transpose(2, 0, 1)
    final = rng.lognormal(0.0, 0.5, (S, N)) * rng.lognormal(0.0, 1.0, N)
    multiple = rng.uniform(0.9, 1.1, N)  # final spending over wages and revenue, up to a common factor
    spending = final
    for i in range(600):
        sales = share / (1.0 + tariff) * spending[:, None, :]
        output = sales.sum(axis=2)
        if i < 300:
            earned = (g * output).sum(axis=0) + (sales * tariff).sum(axis=(0, 1))
            final = final / final.sum(axis=0) * multiple * earned / earned.mean()
        spending = final + np.einsum("ksc,sc->kc", io * (1.0 - g), output)
    return Case(
        trade=share / (1.0 + tariff) * spending[:, None, :],
        theta=rng.uniform(1.0, 8.0, S),
        tariff_before=tariff,
        tariff_after=rng.uniform(-0.1, 0.4, (S, N, N)) * abroad,
        cost_hat=np.exp(rng.normal(0.0, 0.1, (S, N, N))),
        value_added_share=g,
        input_share=io,
    )


def leontief(case: Case) -> np.ndarray:
    """Return the input shares of gross output, (k, s, c)."""
    return case.input_share * (1.0 - case.value_added_share)


def spending_of(case: Case) -> np.ndarray:
    return (case.trade * (1.0 + case.tariff_before)).sum(axis=1)


# --- identities ------------------------------------------------------------------------------------------------------


@given(seed=seeds, closure=closures)
def test_every_equation_holds(seed, closure):
    case = random_case(seed)
    s = case.solve(closure=closure)
    g, G = case.value_added_share, leontief(case)
    output, imports = s.trade.sum(axis=2), s.trade.sum(axis=1)
    value_added = (g * case.trade.sum(axis=2)).sum(axis=0)
    wages = s.wage_hat * value_added
    world = value_added.sum()

    assert s.residual < EXACT
    assert s.adding_up < EXACT
    assert_allclose(wages.sum(), world, rtol=EXACT)  # numeraire
    assert_allclose((g * output).sum(axis=0), wages, rtol=EXACT)  # labour market
    assert_allclose((s.trade * (1.0 + case.tariff_after)).sum(axis=1), s.expenditure, rtol=EXACT)
    assert_allclose((s.trade * case.tariff_after).sum(axis=(0, 1)), s.tariff_revenue, atol=EXACT * world)
    final = s.expenditure - np.einsum("ksc,sc->kc", G, output)  # goods market
    baseline_final = spending_of(case) - np.einsum("ksc,sc->kc", G, case.trade.sum(axis=2))
    alpha = baseline_final / baseline_final.sum(axis=0)
    assert_allclose(final, alpha * s.income, rtol=0, atol=EXACT * world)
    deficit = imports.sum(axis=0) - output.sum(axis=0)
    assert_allclose(s.income, wages + s.tariff_revenue + deficit, rtol=0, atol=EXACT * world)  # budget
    assert_allclose(deficit, s.deficit, rtol=0, atol=EXACT * world)
    assert abs(deficit.sum()) < EXACT * world  # Walras

    before = case.trade.sum(axis=(0, 1)) - case.trade.sum(axis=(0, 2))
    revenue = (case.trade * case.tariff_before).sum(axis=(0, 1))
    if closure == "balanced":
        assert_allclose(deficit, 0.0, atol=EXACT * world)
    elif closure == "fixed":
        assert_allclose(deficit, before, rtol=0, atol=EXACT * world)
    else:
        multiple = s.income / (wages + s.tariff_revenue) / ((value_added + revenue + before) / (value_added + revenue))
        assert_allclose(multiple, multiple[0], rtol=EXACT)

    cost = s.wage_hat**g * np.exp(np.einsum("ksc,kc->sc", G, np.log(s.price_hat)))
    assert_allclose(s.unit_cost_hat, cost, rtol=EXACT)
    share = case.trade * (1.0 + case.tariff_before) / spending_of(case)[:, None, :]
    kappa = case.cost_hat * (1.0 + case.tariff_after) / (1.0 + case.tariff_before)
    theta = case.theta[:, None, None]
    terms = share * (kappa * cost[:, :, None]) ** -theta
    assert_allclose(s.price_hat, terms.sum(axis=1) ** (-1.0 / case.theta[:, None]), rtol=EXACT)
    new_share = s.trade * (1.0 + case.tariff_after) / s.expenditure[:, None, :]
    assert_allclose(new_share, terms / terms.sum(axis=1, keepdims=True), rtol=0, atol=EXACT)
    assert_allclose(s.final_price_hat, np.exp((alpha * np.log(s.price_hat)).sum(axis=0)), rtol=EXACT)
    assert_allclose(s.real_wage_hat, s.wage_hat / s.final_price_hat, rtol=1e-14)
    assert_allclose(s.welfare_hat, s.income / baseline_final.sum(axis=0) / s.final_price_hat, rtol=EXACT)


@given(seed=seeds, closure=closures)
def test_own_shares_give_unit_cost_over_price(seed, closure):
    case = random_case(seed)
    case = replace(case, cost_hat=np.where(np.eye(case.trade.shape[1]), 1.0, case.cost_hat))
    s = case.solve(closure=closure)
    assert_allclose(own_share_gain(s, theta=case.theta), s.unit_cost_hat / s.price_hat, rtol=EXACT)


@given(seed=seeds, closure=closures)
def test_gains_identity_of_one_sector_without_inputs(seed, closure):
    case = random_case(seed, sectors=1, inputs=False)
    case = replace(case, cost_hat=np.where(np.eye(case.trade.shape[1]), 1.0, case.cost_hat))
    s = case.solve(closure=closure)
    assert_allclose(own_share_gain(s, theta=case.theta)[0], s.real_wage_hat, rtol=EXACT)


# --- invariances -----------------------------------------------------------------------------------------------------


@given(seed=seeds, closure=st.sampled_from(("fixed", "proportional")))
def test_no_shock_moves_nothing(seed, closure):
    case = random_case(seed)
    s = case.solve(closure=closure, tariff_after=case.tariff_before, cost_hat=1.0)
    for name in ("wage_hat", "price_hat", "final_price_hat", "real_wage_hat", "welfare_hat", "unit_cost_hat"):
        assert_allclose(getattr(s, name), 1.0, rtol=0, atol=EXACT, err_msg=name)
    assert_allclose(s.trade, case.trade, rtol=EXACT)


@given(seed=seeds)
def test_purged_trade_is_an_equilibrium_without_deficits(seed):
    case = random_case(seed)
    purged = case.solve(closure="balanced", tariff_after=case.tariff_before, cost_hat=1.0)
    again = replace(case, trade=purged.trade)
    for closure in CLOSURES:
        calm = again.solve(closure=closure, tariff_after=case.tariff_before, cost_hat=1.0)
        assert_allclose(calm.wage_hat, 1.0, rtol=0, atol=1e-9)
        assert_allclose(calm.trade, purged.trade, rtol=1e-8)
    shocked = [again.solve(closure=closure) for closure in CLOSURES]
    for other in shocked[1:]:  # with zero deficits the closures are one
        assert_allclose(other.welfare_hat, shocked[0].welfare_hat, rtol=1e-8)


@given(seed=seeds, closure=closures, k=st.floats(1e-6, 1e6))
def test_units_of_value_do_not_matter(seed, closure, k):
    case = random_case(seed)
    s, scaled = case.solve(closure=closure), replace(case, trade=case.trade * k).solve(closure=closure)
    assert_allclose(scaled.trade, s.trade * k, rtol=1e-8)
    for name in ("wage_hat", "price_hat", "welfare_hat"):
        assert_allclose(getattr(scaled, name), getattr(s, name), rtol=1e-9, err_msg=name)


@given(seed=seeds, closure=closures, k=st.floats(0.5, 2.0))
def test_dearer_delivery_everywhere_moves_prices_only(seed, closure, k):
    """A uniform iceberg change, domestic sales included, is a fall of productivity: without inputs, values stay."""
    case = random_case(seed, inputs=False)
    s, dearer = case.solve(closure=closure), case.solve(closure=closure, cost_hat=case.cost_hat * k)
    assert_allclose(dearer.wage_hat, s.wage_hat, rtol=1e-9)
    assert_allclose(dearer.trade, s.trade, rtol=1e-8)


@given(seed=seeds, closure=closures)
def test_labels_do_not_matter(seed, closure):
    case = random_case(seed)
    S, N, _ = case.trade.shape
    rng = np.random.default_rng(seed + 1)
    c, k = rng.permutation(N), rng.permutation(S)

    def bilateral(array):
        return array[k][:, c][:, :, c]

    moved = Case(
        trade=bilateral(case.trade),
        theta=case.theta[k],
        tariff_before=bilateral(case.tariff_before),
        tariff_after=bilateral(case.tariff_after),
        cost_hat=bilateral(case.cost_hat),
        value_added_share=case.value_added_share[k][:, c],
        input_share=case.input_share[k][:, k][:, :, c],
    ).solve(closure=closure)
    s = case.solve(closure=closure)
    assert_allclose(moved.trade, bilateral(s.trade), rtol=1e-8)
    assert_allclose(moved.welfare_hat, s.welfare_hat[c], rtol=1e-9)
    assert_allclose(moved.price_hat, s.price_hat[k][:, c], rtol=1e-9)


@given(seed=seeds, closure=closures, part=st.floats(0.1, 0.9))
def test_identical_countries_aggregate(seed, closure, part):
    """Cut the last country into two regions that trade freely and meet the same barriers: nothing else changes."""
    case = random_case(seed)
    last = case.trade.shape[1] - 1
    parent = np.append(np.arange(last + 1), last)
    weight = np.ones(last + 2)
    weight[last:] = part, 1.0 - part

    def cut(array):
        return array[:, parent][:, :, parent]

    s = case.solve(closure=closure)
    split = Case(
        trade=cut(case.trade) * weight[:, None] * weight,
        theta=case.theta,
        tariff_before=cut(case.tariff_before),
        tariff_after=cut(case.tariff_after),
        cost_hat=cut(case.cost_hat),
        value_added_share=case.value_added_share[:, parent],
        input_share=case.input_share[:, :, parent],
    ).solve(closure=closure)
    assert_allclose(split.welfare_hat, s.welfare_hat[parent], rtol=1e-9)
    assert_allclose(split.wage_hat, s.wage_hat[parent], rtol=1e-9)
    joined = np.zeros_like(s.trade)
    for o in range(last + 2):
        for d in range(last + 2):
            joined[:, parent[o], parent[d]] += split.trade[:, o, d]
    assert_allclose(joined, s.trade, rtol=1e-8)


@settings(max_examples=20)
@given(seed=seeds, closure=closures)
def test_batch_equals_loop(seed, closure):
    S, N = 1 + seed % 3, 2 + seed % 4
    cases = [random_case(seed + i, countries=N, sectors=S) for i in range(4)]
    stacked = Case(**{f.name: np.stack([getattr(c, f.name) for c in cases]) for f in fields(Case)})
    batch = stacked.solve(closure=closure)
    assert batch.converged.shape == (4,)
    for i, case in enumerate(cases):
        one = case.solve(closure=closure)
        for f in fields(GeneralSolution):
            assert_allclose(getattr(batch, f.name)[i], getattr(one, f.name), rtol=0, atol=0, err_msg=f.name)


@settings(max_examples=20)
@given(seed=seeds)
def test_leading_axes_broadcast(seed):
    case = random_case(seed, countries=3, sectors=2)
    theta = case.theta * np.array([0.5, 1.0, 1.5])[:, None, None]  # (3, 1, s)
    trade = case.trade * np.array([1.0, 2.0])[:, None, None, None]  # (2, s, o, d)
    batch = replace(case, trade=trade, theta=theta).solve()
    assert batch.trade.shape == (3, 2, 2, 3, 3)
    assert batch.iterations.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            one = replace(case, trade=trade[j], theta=theta[i, 0]).solve()
            assert_allclose(batch.trade[i, j], one.trade, rtol=0)


# --- limits ----------------------------------------------------------------------------------------------------------


@given(
    N=st.integers(2, 8), own=st.floats(0.2, 0.95), theta=st.floats(0.5, 12.0), tariff=st.floats(-0.2, 1.0),
    cost=st.floats(0.5, 2.0), closure=closures,
)  # fmt: skip
def test_symmetric_gravity_in_closed_form(N, own, theta, tariff, cost, closure):
    """Equal countries, one sector, no inputs: wages stay, the rest follows by hand."""
    abroad = 1.0 - np.eye(N)
    trade = (own * np.eye(N) + (1.0 - own) / (N - 1) * abroad)[None]
    s = solve_general(
        trade, theta=theta, tariff_after=tariff * abroad, cost_hat=np.where(abroad, cost, 1.0), closure=closure
    )
    terms = own + (1.0 - own) * (cost * (1.0 + tariff)) ** -theta
    share = own / terms
    income = 1.0 / (share + (1.0 - share) / (1.0 + tariff))  # wages are the part of spending that is not duty
    assert_allclose(s.wage_hat, 1.0, rtol=EXACT)
    assert_allclose(s.price_hat, terms ** (-1.0 / theta), rtol=EXACT)
    assert_allclose(s.welfare_hat, income * terms ** (1.0 / theta), rtol=EXACT)
    assert_allclose(s.real_wage_hat, (share / own) ** (-1.0 / theta), rtol=EXACT)


def small_sector(weight: float) -> tuple[Case, int]:
    """Return two sectors, the first with a tiny weight and a tariff change."""
    case = random_case(11, countries=4, sectors=2, inputs=False)
    trade = case.trade * np.array([weight, 1.0])[:, None, None]
    after = case.tariff_before.copy()
    after[0] = case.tariff_after[0]
    return replace(case, trade=trade, tariff_after=after, cost_hat=np.ones_like(trade)), 0


@pytest.mark.parametrize("closure", ["fixed", "proportional"])
def test_small_sector_tends_to_the_market_of_fixed_incomes(closure):
    errors = []
    for weight in (1e-3, 1e-6):
        case, k = small_sector(weight)
        s = case.solve(closure=closure)
        before, after = 1.0 + case.tariff_before[k], 1.0 + case.tariff_after[k]
        spending = case.trade[k] * before
        share = spending / spending.sum(axis=0)
        price = (share * (after / before) ** -case.theta[k]).sum(axis=0) ** (-1.0 / case.theta[k])
        trade = case.trade[k] * (after / before) ** (-case.theta[k] - 1.0) * price ** case.theta[k]
        errors.append(np.max(np.abs(s.trade[k] / np.where(trade > 0, trade, 1.0) - (trade > 0))))
    assert errors[1] < 1e-5
    assert errors[1] < 2e-3 * errors[0]  # of the order of the sector's weight


def test_small_sector_tends_to_the_market_engine():
    solve_partial = pytest.importorskip("tradecalc.partial").solve_partial
    case, k = small_sector(1e-8)
    s = case.solve()
    sigma = float(case.theta[k]) + 1.0
    for d in range(case.trade.shape[1]):
        market = solve_partial(
            case.trade[k, :, d], tariff_before=case.tariff_before[k, :, d], tariff_after=case.tariff_after[k, :, d],
            sigma=sigma, sigma_home=sigma, eta=1.0, home=d,
        )  # fmt: skip
        assert_allclose(s.trade[k, :, d], market.value, rtol=1e-6, atol=1e-6 * case.trade[k, :, d].max())
        assert_allclose(s.price_hat[k, d], market.index_hat, rtol=1e-6)


@settings(max_examples=20)
@given(seed=seeds, closure=st.sampled_from(("fixed", "proportional")))
def test_first_order_parts_approach_the_exact_welfare_change(seed, closure):
    """Halve a small shock: what the decomposition misses falls to a quarter (deficits that move are no part of it)."""
    case = random_case(seed)
    calm = case.solve(closure="balanced", tariff_after=case.tariff_before, cost_hat=1.0)
    case = replace(case, trade=calm.trade, cost_hat=np.ones_like(case.trade))
    missed = []
    for size in (0.02, 0.01):
        after = case.tariff_before + size * (case.tariff_after - case.tariff_before)
        s = case.solve(closure=closure, tariff_after=after, tol=1e-12)
        parts = decompose_welfare(s, tariff_before=case.tariff_before)
        missed.append(np.max(np.abs(parts.welfare - np.log(s.welfare_hat))))
    assert missed[1] < 0.35 * missed[0] + 1e-9


# --- a second, slow solver -------------------------------------------------------------------------------------------


def slow_solution(case: Case, closure: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return wage_hat, price_hat and trade from nested loops: wages outside, prices by iteration, spending linear."""
    S, N, _ = case.trade.shape
    theta, g, G = case.theta, case.value_added_share, leontief(case)
    X0, Y0 = spending_of(case), case.trade.sum(axis=2)
    value_added = (g * Y0).sum(axis=0)
    deficit = case.trade.sum(axis=(0, 1)) - Y0.sum(axis=0)
    revenue = (case.trade * case.tariff_before).sum(axis=(0, 1))
    final = X0 - np.einsum("ksc,sc->kc", G, Y0)
    alpha = final / final.sum(axis=0)
    multiple = (value_added + revenue + deficit) / (value_added + revenue)
    kappa = case.cost_hat * (1.0 + case.tariff_after) / (1.0 + case.tariff_before)
    weights = case.trade * (1.0 + case.tariff_before) / X0[:, None, :] * kappa ** -theta[:, None, None]

    def inner(wage):
        price = np.ones((S, N))
        for _ in range(2000):
            cost = wage**g * np.exp(np.einsum("ksc,kc->sc", G, np.log(price)))
            terms = weights * cost[:, :, None] ** -theta[:, None, None]
            new = terms.sum(axis=1) ** (-1.0 / theta[:, None])
            if np.max(np.abs(new / price - 1.0)) < 1e-15:
                break
            price = new
        customs = terms / terms.sum(axis=1, keepdims=True) / (1.0 + case.tariff_after)  # of duty-inclusive spending

        def spending(scale):
            """Solve X = alpha I(X) + G Y(X), linear in X, with I = scale (w L + R) + D."""
            extra = deficit if closure == "fixed" else np.zeros(N)

            def implied(X):
                Y = (customs * X[:, None, :]).sum(axis=2)
                R = X.sum(axis=0) - (customs * X[:, None, :]).sum(axis=(0, 1))
                return alpha * (scale * (wage * value_added + R) + extra) + np.einsum("ksc,sc->kc", G, Y)

            zero = implied(np.zeros((S, N))).ravel()
            slope = np.stack([implied(e.reshape(S, N)).ravel() - zero for e in np.eye(S * N)], axis=1)
            return np.linalg.solve(np.eye(S * N) - slope, zero).reshape(S, N)

        def excess(scale):
            """World spending on final goods above world income, which the common scalar brings to zero."""
            X = spending(scale * multiple)
            R = X.sum(axis=0) - (customs * X[:, None, :]).sum(axis=(0, 1))
            income = wage * value_added + R
            return (scale * multiple * income - income).sum()

        scale = brentq(excess, 0.8, 1.2, xtol=1e-15) * multiple if closure == "proportional" else np.ones(N)
        return price, customs * spending(scale)[:, None, :]

    def wages(free):
        wage = np.exp(np.append(free, 0.0))
        return wage * value_added.sum() / (wage * value_added).sum()

    def clearing(free):
        _, trade = inner(wages(free))
        return (np.log((g * trade.sum(axis=2)).sum(axis=0) / (wages(free) * value_added)))[:-1]

    found = root(clearing, np.zeros(N - 1), tol=1e-13)
    wage = wages(found.x)
    return wage, *inner(wage)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("seed", range(8))
def test_slow_solver_agrees(seed, closure):
    case = random_case(seed, countries=2 + seed % 3, sectors=1 + seed % 4, inputs=seed != 4)
    wage, price, trade = slow_solution(case, closure)
    s = case.solve(closure=closure)
    assert_allclose(s.wage_hat, wage, rtol=1e-8)
    assert_allclose(s.price_hat, price, rtol=1e-8)
    assert_allclose(s.trade, trade, rtol=1e-7)
