"""The arithmetic of purchases: their accounting in USD bn, and what the partner's market makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.account import Account
from tradecalc.beliefs import Period, share_at
from tradecalc.markets import Sales, check_product, market
from tradecalc.partial import solve_purchase
from tradecalc.pledges import PledgeAccount, account_for
from tradecalc.terms import InputError

Array = NDArray[np.float64]


def accounts_of(
    pledges: Mapping[str, Any],
    account: Account,
    values: Mapping[str, Array],
    when: Period | None = None,
    since: date | None = None,
) -> dict[str, PledgeAccount]:
    """Return the accounting of each pledge, in USD bn a year; arrays (draw,).

    In a period everything that was said works at its ramp, and the seller can supply what that year allows; ``when``
    and ``since`` as in `share_at`.
    """
    out = {}
    for name, pledge in pledges.items():
        ramp = share_at(pledge.ramp, when, since)
        said = _headline(name, pledge, account, values) * ramp

        def belief(field: str, absent: Array | float, factor: float = 1.0, name: str = name) -> Array | float:
            drawn = values.get(f"pledges.{name}.{field}")
            return absent if drawn is None else drawn * factor

        room = account.room_usd_bn(pledge.goods)
        if pledge.basis == "within_quota" and np.isnan(room):
            raise InputError(
                f"pledges.{name}: the basis is within_quota, but {account.name} does not know the size of the quota "
                f"for {', '.join(pledge.goods)}; add it to the account's partner_demand, or state another basis."
            )
        supply = account.capacity_usd_bn(pledge.goods, None if when is None else when.start.year)
        out[name] = account_for(
            said,
            contracted=belief("contracted_usd_bn", said if pledge.basis == "already_contracted" else 0.0, ramp),
            would_have_come=_anyway(name, pledge, account, values) * ramp,
            in_goods=belief("in_goods", 1.0),
            to_partner=belief("to_partner", 1.0),
            additionality=belief("additionality", 1.0),
            capacity=np.minimum(belief("capacity_usd_bn", np.inf), supply),
            market=room,
        )
    return out


def _anyway(name: str, pledge: Any, account: Account, values: Mapping[str, Array]) -> Array | float:
    """Return what would have come anyway at the full ramp, in USD bn a year; nothing where the sum is new.

    Raises:
        InputError: the sum may not be new, and neither the pledge nor the account says what is bought anyway.
    """
    new, stated = values.get(f"pledges.{name}.new"), values.get(f"pledges.{name}.would_have_come_usd_bn")
    if new is None:
        return 0.0 if stated is None else stated
    if stated is None:
        bought = account.exports_usd_bn.reindex(list(pledge.goods))
        if bought.isna().any():
            raise InputError(
                f"pledges.{name}: the sum may not be new, but {account.name} has no export figure of its own for "
                f"{', '.join(bought.index[bought.isna()])}; state `would_have_come_usd_bn:`."
            )
        return (1.0 - new) * float(bought.sum())
    return (1.0 - new) * stated


def ends_of(pledge: Any, account: Account) -> tuple[tuple[str, float], ...]:
    """Return in words what ends a promise, each with the most it lets through in USD bn; NaN where nobody knows."""
    own = np.inf if pledge.capacity_usd_bn is None else pledge.capacity_usd_bn.central
    return (
        ("the buyer's room", account.room_usd_bn(pledge.goods)),
        ("the seller's capacity", min(own, account.capacity_usd_bn(pledge.goods))),
    )


def _headline(name: str, pledge: Any, account: Account, values: Mapping[str, Array]) -> Array:
    """Return a headline at its full ramp, in USD bn a year; (draw,)."""
    for good in pledge.goods:
        check_product(good, account.products, f"pledges.{name}.good")
    n = next(iter(values.values())).size
    amount = values.get(f"pledges.{name}.headline", np.full(n, pledge.headline.amount))
    if pledge.headline.unit == "share_of_baseline":
        baseline = account.exports_usd_bn.reindex(list(pledge.goods))
        if baseline.isna().any():
            raise InputError(
                f"pledges.{name}: {', '.join(baseline.index[baseline.isna()])} has no export figure of its own in "
                f"{account.name}, so a share of it is not known; state the headline in USD."
            )
        return amount * float(baseline.sum())
    a_year = amount / (pledge.headline.years or 1.0)
    piece = pledge.headline.piece
    if not piece:
        return a_year
    own = values.get(f"pledges.{name}.unit_value_usd")
    return a_year * (account.unit_value(pledge.goods[0], piece) if own is None else own) / 1e9


@dataclass(frozen=True)
class Effect:
    """What a purchase does to the partner's market, (draw,); NaN where no belief on that market is held.

    ``diverted``: sales that other customers of the reporter lose, as the pledge believes; ``diverted_derived``: the
    same from supply and their demand, see `diverted_share`; ``displaced``: what other sellers lose in the
    partner's market; ``subsidy``: what the partner's side pays on top so that its users take the goods, all in USD bn;
    ``wedge``: that subsidy over the price delivered; ``price_hat``: the reporter's own price.
    """

    diverted: Array
    diverted_derived: Array
    displaced: Array
    subsidy: Array
    wedge: Array
    price_hat: Array


def diverted_share(*, supply: ArrayLike, demand: ArrayLike, others: ArrayLike) -> Array:
    """Return the share of a small additional purchase that other customers of the seller lose; any common shape.

    The seller's supply rises by ``supply`` per cent and its other customers' demand falls by ``demand`` per cent for
    each per cent of price; they take ``others`` of what it sells. A purchase of dQ raises the price until
    ``supply * Q * dp + demand * others * Q * dp = dQ``, so they lose

    ``demand * others / (supply + demand * others)``

    Limits: 0 where supply has no end, 1 where nothing more can be made. Partial equilibrium of one good as in Marshall;
    incomes and other goods stay.
    """
    supply, lost = np.asarray(supply, float), np.asarray(demand, float) * np.asarray(others, float)
    finite = np.where(np.isinf(supply), 1.0, supply)
    return np.asarray(np.where(np.isinf(supply), 0.0, lost / (finite + lost)), float)


def effects(
    pledges: Mapping[str, Any],
    accounts: Mapping[str, PledgeAccount],
    sold: Sales,
    values: Mapping[str, Array],
    account: Account,
) -> dict[str, Effect]:
    """Return the effect of each pledge; a pledge over several goods is spread like what the partner buys of them."""
    out = {}
    for name, pledge in pledges.items():
        extra = accounts[name].additional
        diversion = values.get(f"pledges.{name}.diversion", np.full(extra.shape, np.nan))
        known = all(good in sold.goods for good in pledge.goods)
        at = np.array([sold.goods.index(good) for good in pledge.goods], int) if known else np.zeros(0, int)
        if not known or np.isnan(sold.sigma[:, at] + sold.eta[:, at] + sold.share[:, at]).any():
            nothing = np.full(extra.shape, np.nan)
            out[name] = Effect(extra * diversion, nothing, nothing, nothing, nothing, nothing)
            continue
        own = sold.usd_bn[at]
        bought = own + extra[:, None] * own / own.sum()
        supply = np.stack([sold.supply[:, at], np.full((len(extra), at.size), np.inf)], axis=-1)
        solved = solve_purchase(
            market(sold, at),
            origin=0,
            value_after=bought,
            tariff_before=0.0,
            tariff_after=0.0,
            sigma=sold.sigma[:, at],
            eta=sold.eta[:, at],
            supply=supply,
            home=None,
        )
        subsidy = solved.subsidy_cost.sum(axis=-1)
        out[name] = Effect(
            diverted=extra * diversion,
            diverted_derived=extra * _derived(pledge, sold, at, account),
            displaced=-solved.value_change[..., 1].sum(axis=-1),
            subsidy=subsidy,
            wedge=subsidy / bought.sum(axis=-1),
            price_hat=(solved.solution.price_hat[..., 0] * own).sum(axis=-1) / own.sum(),
        )
    return out


def _derived(pledge: Any, sold: Sales, at: NDArray[np.int64], account: Account) -> Array:
    """Return the derived share (draw,) of a pledge, its goods weighed by what the partner buys of them.

    Other customers are taken to be like the partner: the same substitution, the same share of the reporter in what they
    buy. Their demand for its goods is ``sigma (1 - share) + eta share``.
    """
    others = np.array([account.other_customers(good) for good in pledge.goods])
    share = sold.share[:, at]
    demand = sold.sigma[:, at] * (1.0 - share) + sold.eta[:, at] * share
    lost = diverted_share(supply=sold.supply[:, at], demand=demand, others=others)
    return np.asarray(lost @ (sold.usd_bn[at] / sold.usd_bn[at].sum()), float)
