"""Every import market under one law and one set of quotas: solved, rents shared out, and who bears the duty."""

import numpy as np
from numpy.typing import NDArray

from tradecalc.markets.layout import Markets
from tradecalc.partial import PartialSolution, RentSplit, Welfare, solve_partial, split_rent, welfare
from tradecalc.terms import InputError

Array = NDArray[np.float64]
Roles = dict[str, Array | None]  #: beliefs by role, each (draw, product), or None


def solve_markets(
    markets: Markets,
    roles: Roles,
    before: Array,
    after: Array,
    quota: tuple[Array, Array],
    passed: Array | None = None,
) -> tuple[PartialSolution, RentSplit, Welfare]:
    """Return every market under one law and one set of quotas, the rents shared out, and who bears the duty.

    ``passed`` (draw, product, origin): border prices after a change of the dollar, before any response to duties.
    """
    size, within = quota
    within = np.where(np.isnan(within), after, within)
    sigma, eta = roles["sigma"], roles["eta"]
    assert sigma is not None
    assert eta is not None  # every scenario gives both: see `scenario.Scenario`
    foreign = markets.foreign

    def by_origin(role: str, absent: float) -> Array | float:
        belief = roles[role]
        if belief is None:
            return absent
        given = np.where(np.isnan(belief), absent, belief)[..., None]
        return np.where(foreign, given, absent)

    pass_through = by_origin("pass_through", np.nan)
    cost: Array | float = 1.0
    if passed is not None:  # p = cost^pass_through tau^(pass_through - 1), so this cost makes the border price `passed`
        rho = np.broadcast_to(pass_through, passed.shape)
        cost = passed ** np.divide(1.0, rho, out=np.ones(passed.shape), where=rho > 0)
    solved = solve_partial(
        markets.value,
        origin_cost_hat=cost,
        tariff_before=before,
        tariff_after=after,
        sigma=sigma,
        sigma_home=_filled(roles["sigma_home"], sigma),
        eta=eta,
        home=markets.home,
        supply=by_origin("supply", np.inf),
        pass_through=pass_through,
        quota=size if np.isfinite(size).any() else None,
        tariff_in_quota=within if np.isfinite(size).any() else None,
    )
    limited = np.isfinite(size).any(axis=(0, 2))
    share = roles["rent_to_exporter"]
    unknown = limited if share is None else limited & np.isnan(share).any(axis=0)
    if unknown.any():
        product = markets.products[int(unknown.argmax())]
        raise InputError(
            f"no parameter gives rent_to_exporter for {product}, which has a quota; say who holds the licences, from 0 "
            "(importers) to 1 (exporters)."
        )
    kept = np.zeros((1, 1)) if share is None else np.where(limited, share, 0.0)  # without a quota there is no rent
    recorded = split_rent(solved, rent_to_exporter=kept[..., None], tariff_in_quota=within)
    who = welfare(solved, markets.value, tariff_before=before, home=markets.home, pass_through=pass_through)
    return solved, recorded, who


def _filled(belief: Array | None, absent: Array) -> Array | None:
    return None if belief is None else np.where(np.isnan(belief), absent, belief)
