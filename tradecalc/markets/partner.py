"""The partner's import markets: what barriers, retaliation and the dollar do to the reporter's sales, good by good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.beliefs import ROLES, Parameter
from tradecalc.files import data_root, sha256
from tradecalc.markets.layout import by_product, check_product
from tradecalc.partial import solve_partial
from tradecalc.terms import InputError

Array = NDArray[np.float64]
_BELIEFS: Final = (*ROLES["partner"], "fx_exports", "fx_elasticity_exports")


@dataclass(frozen=True)
class Sales:
    """What the reporter sells to the partner: goods with a figure of their own, their markets, and the beliefs on them.

    ``usd_bn`` (good) is the account's year. ``share`` (draw, good) is the reporter's part of what the partner spends on
    a good, NaN where nobody says; ``sigma``, ``eta`` and ``supply`` (draw, good) likewise, and of the dollar the share
    ``fx_share`` that reaches prices in the partner's currency and what sales answer to that, ``fx_elasticity``.
    """

    goods: tuple[str, ...]
    usd_bn: Array
    share: Array
    sigma: Array
    eta: Array
    supply: Array
    fx_share: Array = field(default_factory=lambda: np.full((1, 1), np.nan))
    fx_elasticity: Array = field(default_factory=lambda: np.full((1, 1), np.nan))

    def columns(self, goods: tuple[str, ...], account: Account, where: str) -> list[int]:
        """Return the places of goods, each checked to have an export figure and a market.

        Raises:
            InputError: not a product (with the nearest), or one without an export figure of its own.
        """
        for good in goods:
            check_product(good, account.products, where)
            if good not in self.goods:
                raise InputError(
                    f"{where}: {good} has no export figure of its own in {account.name}, so nothing can be said of its "
                    f"market; use one of {', '.join(self.goods)}."
                )
        return [self.goods.index(good) for good in goods]


def sales(account: Account, parameters: Mapping[str, Parameter], values: Mapping[str, Array]) -> Sales:
    """Return the reporter's sales; a share that the account knows from volumes comes before a general belief."""
    goods, usd_bn, known = _sold(account, _content(account))
    n = next(iter(values.values())).size
    found = {role: by_product(parameters, account.products, role, values) for role in _BELIEFS}
    keep = [account.products.index(good) for good in goods]

    def role(name: str, absent: float) -> Array:
        belief = found[name]
        return np.full((n, len(goods)), absent) if belief is None else belief[:, keep]

    share = role("share_partner", np.nan)
    named = {good for p in parameters.values() if p.role == "share_partner" for good in p.products}
    for column, good in enumerate(goods):
        if good not in named and np.isfinite(known[column]):
            share[:, column] = known[column]
    return Sales(
        goods=goods,
        usd_bn=usd_bn,
        share=share,
        sigma=role("sigma_partner", np.nan),
        eta=role("eta_partner", np.nan),
        supply=role("supply_partner", np.inf),
        fx_share=role("fx_exports", np.nan),
        fx_elasticity=role("fx_elasticity_exports", np.nan),
    )


def _content(account: Account) -> str:
    file = account.definition.partner_demand
    return "" if file is None else sha256(data_root() / file)


@lru_cache(maxsize=64)
def _sold(account: Account, _demand: str) -> tuple[tuple[str, ...], Array, Array]:
    """Return goods with an export figure, their exports in USD bn and shares known from volumes, each (good)."""
    exports = account.exports_usd_bn
    goods = tuple(p for p in account.products if exports[p] > 0)
    known = np.array([account.partner_share(good) for good in goods], np.float64)
    return goods, np.asarray(exports[list(goods)], np.float64), known


@dataclass(frozen=True, eq=False)
class Abroad:
    """What changes in the partner's markets of the reporter's goods; arrays (draw, good).

    ``cost_hat`` is a barrier or a dearer dollar behind the border, ``tariff`` the partner's extra duty, ``price_hat``
    what the exporter's price does in USD; ``quantity_hat`` is what is sold at other volumes for reasons of their own.
    """

    cost_hat: Array
    tariff: Array
    price_hat: Array
    quantity_hat: Array | float = 1.0

    @classmethod
    def unchanged(cls, draws: int, goods: int) -> "Abroad":
        """Return markets in which nothing changes."""
        shape = (draws, goods)
        return cls(np.ones(shape), np.zeros(shape), np.ones(shape))


def usd_bn_sold(sold: Sales, abroad: Abroad) -> Array:
    """Return sales (draw, good) in USD bn under changes in the partner's markets, each against all other sellers.

    Goods of which nothing changes keep their value.

    Raises:
        InputError: a good that moves has no belief on its market.
    """
    cost_hat, tariff, scale = abroad.cost_hat, abroad.tariff, abroad.price_hat * abroad.quantity_hat
    moved = (cost_hat != 1.0) | (tariff != 0.0)
    at = np.flatnonzero(moved.any(axis=0))
    out = sold.usd_bn * scale
    if not at.size:
        return np.asarray(out, float)
    need_beliefs(sold, at)
    solved = solve_partial(
        market(sold, at),
        tariff_before=0.0,
        tariff_after=_first(tariff[:, at]),
        cost_hat=_first(cost_hat[:, at], other=1.0),
        sigma=sold.sigma[:, at],
        eta=sold.eta[:, at],
        supply=_first(sold.supply[:, at], other=np.inf),
        home=None,
    )
    out[:, at] = solved.value[..., 0] * scale[:, at]
    return np.asarray(out, float)


def need_beliefs(sold: Sales, at: NDArray[np.int64]) -> None:
    """Raise InputError where one of the goods ``at`` lacks a belief on its market in the partner's country."""
    for role, array in (("sigma", sold.sigma), ("eta", sold.eta), ("share", sold.share)):
        missing = np.isnan(array[:, at]).any(axis=0)
        if missing.any():
            good = sold.goods[int(at[missing.argmax()])]
            raise InputError(
                f"no parameter gives {role}_partner for {good}, whose market in the partner's country moves; add one "
                "with or without `products:`."
            )


def market(sold: Sales, at: NDArray[np.int64]) -> Array:
    """Return the partner's markets of the goods ``at`` (draw, good, seller): the reporter, then all others."""
    own, share = sold.usd_bn[at], sold.share[:, at]
    return np.stack([np.broadcast_to(own, share.shape), own * (1.0 - share) / share], axis=-1)


def _first(array: Array, *, other: float = 0.0) -> Array:
    return np.stack([array, np.full(array.shape, other)], axis=-1)
