"""One market at a time, in another way: all delivered prices at once by ``scipy.optimize.root``, regime by regime.

Nothing is shared with the package. The unknowns are the logs of all delivered prices; demand gives the quantities, each
origin's border condition gives one equation, and every combination of quota regimes is tried until one is consistent.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.integrate import quad
from scipy.optimize import root


@dataclass
class Market:
    """Inputs of one market, origins along the arrays; ``home`` is an index or None."""

    value: np.ndarray
    tariff_before: np.ndarray
    tariff_after: np.ndarray
    sigma: float
    sigma_home: float
    eta: float
    home: int | None
    supply: np.ndarray
    pass_through: np.ndarray
    cost_hat: np.ndarray
    origin_cost_hat: np.ndarray
    demand_hat: float
    quota: np.ndarray
    tariff_in_quota: np.ndarray


def ces(shares, prices, sigma):
    """Return the CES price index of ``prices`` with base shares ``shares``."""
    if sigma == 1.0:
        return np.prod(prices**shares)
    return np.sum(shares * prices ** (1.0 - sigma)) ** (1.0 / (1.0 - sigma))


def demand(m: Market, d):
    """Return quantities, import index and total index at delivered prices ``d``."""
    spending = m.value * (1.0 + m.tariff_before)
    foreign = np.arange(len(d)) != (-1 if m.home is None else m.home)
    imports = ces(spending[foreign] / spending[foreign].sum(), d[foreign], m.sigma)
    if m.home is None:
        total = imports
        q = (d / imports) ** -m.sigma * imports**-m.eta * m.demand_hat
        return q, imports, total
    h = spending[m.home] / spending.sum()
    total = ces(np.array([h, 1.0 - h]), np.array([d[m.home], imports]), m.sigma_home)
    q = (d / imports) ** -m.sigma * (imports / total) ** -m.sigma_home * total**-m.eta * m.demand_hat
    q[m.home] = (d[m.home] / total) ** -m.sigma_home * total**-m.eta * m.demand_hat
    return q, imports, total


def solve_regime(m: Market, regime):
    """Return the solution with the regimes as given, or None where they contradict it or no root is found."""
    rate = np.where(regime == 1, m.tariff_in_quota, m.tariff_after)
    tau = (1.0 + rate) / (1.0 + m.tariff_before)
    given, finite = np.isfinite(m.pass_through), np.isfinite(m.supply)
    x, c = m.origin_cost_hat, m.cost_hat
    price_given = np.where(given, x**m.pass_through * tau ** (m.pass_through - 1.0), x)

    def gaps(log_d):
        d = np.exp(log_d)
        log_q = np.log(demand(m, d)[0])
        log_p = log_d - np.log(tau * c)
        by_supply = log_q - m.supply * (log_p - np.log(x))
        scale = 1.0 + np.where(finite, m.supply, 0.0)
        gap = np.where(finite, by_supply / scale, log_p - np.log(price_given))
        return np.where(regime == 2, log_q - np.log(m.quota), gap)

    with np.errstate(all="ignore"):
        for start in (np.log(tau * c * x), np.zeros(len(tau)), 0.3 * np.log(tau * c * x)):
            found = root(gaps, start, method="hybr", options={"xtol": 1e-14, "maxfev": 5000})
            if np.max(np.abs(gaps(found.x))) < 1e-11:
                break
        else:
            return None
    d = np.exp(found.x)
    q, imports, total = demand(m, d)
    binding = regime == 2
    with np.errstate(all="ignore"):
        p = np.where(finite, x * q ** (1.0 / m.supply), price_given)
        tau_binding = (d / (x**m.pass_through * c)) ** (1.0 / m.pass_through)
        p = np.where(binding & given, x**m.pass_through * tau_binding ** (m.pass_through - 1.0), p)
    marginal = np.where(binding, (1.0 + m.tariff_before) * d / (p * c) - 1.0, rate)
    consistent = (
        (regime == 0)
        | ((regime == 1) & (q <= m.quota * (1.0 + 1e-9)))
        | (binding & (marginal >= m.tariff_in_quota - 1e-9) & (marginal <= m.tariff_after + 1e-9))
        | ((regime == 3) & (q >= m.quota * (1.0 - 1e-9)))
    )
    if not consistent.all():
        return None
    inside = np.where(regime == 0, 0.0, np.minimum(q, m.quota))
    within = m.value * p * inside
    beyond = m.value * p * q - within
    duty = within * m.tariff_in_quota + beyond * rate
    return {
        "price_hat": p,
        "quantity_hat": q,
        "delivered_hat": d,
        "value": m.value * p * q,
        "duty": duty,
        "quota_rent": within * (marginal - m.tariff_in_quota),
        "regime": regime,
        "index_hat": total,
        "import_index_hat": imports,
    }


def solve_slowly(m: Market):
    """Return the solution of the market, or None when no regime gave one that ``root`` could find."""
    choices = [(1, 2, 3) if np.isfinite(k) else (0,) for k in m.quota]
    for regime in product(*choices):
        solution = solve_regime(m, np.array(regime))
        if solution is not None:
            spending = float(np.sum(m.value * (1.0 + m.tariff_before)))
            area = quad(lambda u: u**-m.eta, solution["index_hat"], 1.0, epsabs=1e-13, epsrel=1e-13)[0]
            solution["consumer_gain"] = spending * m.demand_hat * area
            return solution
    return None


def random_market(rng: np.random.Generator, origins: int = 5) -> Market:
    """Return a market drawn at random, with elasticities from 0.3 to 15, two quotas and one pass-through."""

    def elasticity(low, high, size=None):
        return np.exp(rng.uniform(np.log(low), np.log(high), size))

    before = rng.uniform(-0.1, 0.3, origins)
    after = rng.uniform(-0.3, 1.0, origins)
    supply = np.where(rng.random(origins) < 0.7, elasticity(0.3, 20.0, origins), np.inf)
    pass_through = np.full(origins, np.nan)
    pass_through[1] = rng.uniform(0.05, 1.0)
    supply[1] = np.inf
    quota = np.full(origins, np.inf)
    quota[1:3] = rng.uniform(0.2, 1.5, 2)
    home = 0 if rng.random() < 0.7 else None
    if home == 0:
        before[0] = after[0] = 0.0
    return Market(
        value=rng.lognormal(0.0, 1.0, origins),
        tariff_before=before,
        tariff_after=after,
        sigma=float(elasticity(0.3, 15.0)) if rng.random() < 0.9 else 1.0,
        sigma_home=float(elasticity(0.3, 8.0)) if rng.random() < 0.9 else 1.0,
        eta=float(elasticity(0.2, 4.0)) if rng.random() < 0.9 else 1.0,
        home=home,
        supply=supply,
        pass_through=pass_through,
        cost_hat=rng.uniform(0.8, 1.2, origins),
        origin_cost_hat=rng.uniform(0.8, 1.2, origins),
        demand_hat=float(rng.uniform(0.8, 1.2)),
        quota=quota,
        tariff_in_quota=after - rng.uniform(0.0, 0.4, origins) * (1.0 + after),
    )
