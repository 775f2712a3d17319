"""The arithmetic of purchases: their accounting in USD bn, and what the partner's market makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        if pledge.basis == "within_quota" and np.isinf(room):
            raise InputError(
                f"pledges.{name}: the basis is within_quota, but {account.name} does not know the size of the quota "
                f"for {', '.join(pledge.goods)}; add it to the account's partner_demand, or state another basis."
            )
        supply = account.capacity_usd_bn(pledge.goods, None if when is None else when.start.year)
        out[name] = account_for(
            said,
            contracted=belief("contracted_usd_bn", said if pledge.basis == "already_contracted" else 0.0, ramp),
            would_have_come=belief("would_have_come_usd_bn", 0.0, ramp),
            additionality=belief("additionality", 1.0),
            capacity=np.minimum(belief("capacity_usd_bn", np.inf), supply),
            market=room,
        )
    return out


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

    ``diverted``: sales that other customers of the reporter lose; ``displaced``: what other sellers lose in the
    partner's market; ``subsidy``: what the partner's side pays on top so that its users take the goods, all in USD bn;
    ``wedge``: that subsidy over the price delivered; ``price_hat``: the reporter's own price.
    """

    diverted: Array
    displaced: Array
    subsidy: Array
    wedge: Array
    price_hat: Array


def effects(
    pledges: Mapping[str, Any], accounts: Mapping[str, PledgeAccount], sold: Sales, values: Mapping[str, Array]
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
            out[name] = Effect(extra * diversion, nothing, nothing, nothing, nothing)
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
            displaced=-solved.value_change[..., 1].sum(axis=-1),
            subsidy=subsidy,
            wedge=subsidy / bought.sum(axis=-1),
            price_hat=(solved.solution.price_hat[..., 0] * own).sum(axis=-1) / own.sum(),
        )
    return out
