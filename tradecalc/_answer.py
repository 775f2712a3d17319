"""A scenario answered by the market engine: lay out, solve every subset of levers, share out, label."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tradecalc._calendar import Period, response, year
from tradecalc._commitments import effects, pledge_accounts
from tradecalc._exports import sales
from tradecalc._label import label
from tradecalc._layout import Markets, average_rates, check_product, lay_out, schedule_of
from tradecalc._package import LAW, QUOTA, Package
from tradecalc._parameters import RESPONDING
from tradecalc._shapley import shapley
from tradecalc._sides import quota_arrays
from tradecalc.account import Account
from tradecalc.pledges import PledgeAccount
from tradecalc.result import Result
from tradecalc.scenario import Scenario
from tradecalc.tariffs import TariffSchedule, load_tariffs
from tradecalc.terms import InputError

Array = NDArray[np.float64]
Pair = tuple[Array, Array]


def lay_package(
    asked: Scenario,
    reference: Scenario,
    book: Account,
    values: Mapping[str, Array],
    *,
    tariffs: TariffSchedule | None = None,
    moved: tuple[str, Array] | None = None,
    law: Pair | None = None,
    when: Period | None = None,
    dated: bool = False,
) -> Package:
    """Return a scenario and its reference as arrays.

    Args:
        asked, reference, book: the question, what it is measured against, and the account of both.
        values: every belief, the central value first.
        tariffs: a schedule that stands for both; None takes the law as known on each one's ``as_of``.
        moved: a rate or a quota of the asked scenario that takes one value a draw, see `study.sweep`.
        law: rates (draw or 1, product, origin) of both instead of those of the day asked about, for a path.
        when: the period asked about; None takes the scenario's year, if it names one.
        dated: whether quotas and levers without a ramp start on the day asked about, for a path.
    """
    both = (asked, reference)
    markets = lay_out(book)
    when = when or (None if asked.year is None else year(asked.year))
    rates = law or rates_of(asked, reference, book, tariffs)
    quotas = [quota_arrays(question, markets, book) for question in both]
    for i, question in enumerate(both):
        if dated and when is not None and when.middle < question.tariffs.on:
            quotas[i] = (np.full_like(quotas[i][0], np.inf), quotas[i][1])
    if moved:
        first, quotas[0] = _moved(moved, markets, book, rates[0], quotas[0])
        rates = (first, rates[1])
    timed = _timed(asked, values, when)
    return Package(
        questions=both,
        account=book,
        markets=markets,
        sold=sales(book, asked, timed),
        values=timed,
        before=average_rates(markets, tariffs or load_tariffs(book.definition.law), on=book.law_on, assessed="final"),
        law=rates,
        quotas=(quotas[0], quotas[1]),
        when=when,
        dated=dated,
    )


def rates_of(asked: Scenario, reference: Scenario, book: Account, tariffs: TariffSchedule | None) -> Pair:
    """Return the average rates (1, product, origin) of a scenario and its reference on the days they ask about."""
    markets = lay_out(book)
    one, two = (
        average_rates(markets, tariffs or schedule_of(q, book), on=q.tariffs.on, assessed=q.tariffs.assessed)[None]
        for q in (asked, reference)
    )
    return one, two


def _timed(asked: Scenario, values: Mapping[str, Array], when: Period | None) -> dict[str, Array]:
    """Return the beliefs of a period: elasticities as far as buyers have had time to respond."""
    out = dict(values)
    roles = {p.role: name for name, p in asked.parameters.items()}
    if when is None or "short_run" not in roles:
        return out
    if asked.timeline is None or "adjustment_speed" not in roles:
        raise InputError(
            f"{asked.name}: a year is asked about and short_run is given; add adjustment_speed, and a timeline that "
            "says from which day on markets respond."
        )
    short, speed = values[roles["short_run"]], values[roles["adjustment_speed"]]
    factor = response(short, speed, asked.timeline.responds_from, when)
    return out | {name: values[name] * factor for name, p in asked.parameters.items() if p.role in RESPONDING}


def purchases(
    package: Package, values: Mapping[str, Array]
) -> tuple[dict[str, PledgeAccount], dict[str, PledgeAccount]]:
    """Return the accounting of the pledges of a scenario and of its reference."""
    one, two = (
        pledge_accounts(q, package.account, values, package.when, package.since(i))
        for i, q in enumerate(package.questions)
    )
    return one, two


def answer(package: Package, values: Mapping[str, Array], tariffs: TariffSchedule) -> Result:
    """Return the labelled result; ``values`` are the beliefs as drawn, ``tariffs`` the schedule read last."""
    asked, reference = package.questions
    markets, levers = package.markets, package.levers
    shares = shapley(levers, package.value)
    pledges, pledges_before = purchases(package, values)
    everything, nothing = frozenset(levers), frozenset[str]()
    new, plants = package.side(everything)
    old = package.side(nothing)[0] if levers else new
    sold = (package.sales(everything), package.sales(nothing))
    channels = _channels(package, shares)
    if reference is not asked:
        channels |= _pledge_channels(pledges, pledges_before)
    return label(
        asked,
        package.account,
        markets,
        values=dict(values),
        sides=(new, old),
        law=package.law,
        goods=package.sold.goods,
        sold=sold,
        pledges=(pledges, pledges_before),
        effects=effects(asked, pledges, package.sold, values),
        plants=plants,
        channels=channels,
        origins=(*asked.origins, *reference.origins, *package.account.origins, *markets.stamps, *tariffs.origins),
    )


def _channels(package: Package, shares: Mapping[str, Array]) -> dict[str, Array]:
    """Return what each lever contributes: the law by the scenario's blocks of products, quotas by product."""
    asked, reference = package.questions
    products = package.markets.products
    law = shares.get(LAW, np.zeros((1, len(products) + len(package.sold.goods))))
    left = np.ones(law.shape[1], bool)
    left[len(products) :] = False
    out = {}
    for block, named in asked.tariffs.blocks.items():
        for product in named:
            check_product(product, products, f"tariffs.blocks.{block}")
        chosen = np.append(np.isin(products, named), np.zeros(len(package.sold.goods), bool))
        out[f"tariffs: {block}"] = law[:, chosen].sum(axis=1)
        left &= ~chosen
    out["tariffs: other goods"] = law[:, left].sum(axis=1)
    if np.abs(law[:, len(products) :]).max() > 1e-12:
        out["tariffs: exports"] = law[:, len(products) :].sum(axis=1)
    by_quota = shares.get(QUOTA, np.zeros(law.shape))
    limited = list(dict.fromkeys(q.product for question in (asked, reference) for q in question.tariffs.quotas))
    for product in limited:
        out[f"quota: {product}"] = by_quota[:, products.index(product)]
    if limited:
        elsewhere = by_quota.sum(axis=1) - sum(out[f"quota: {product}"] for product in limited)
        if np.abs(elsewhere).max() > 1e-12:
            out["quota: other goods"] = elsewhere
    return out | {name: part.sum(axis=1) for name, part in shares.items() if name not in (LAW, QUOTA)}


def _pledge_channels(new: dict[str, PledgeAccount], old: dict[str, PledgeAccount]) -> dict[str, Array]:
    """Return minus the additional purchases of each pledge, less those of the reference."""
    zero = np.zeros(1)
    bought = {name: [p[name].additional if name in p else zero for p in (new, old)] for name in {**new, **old}}
    return {f"pledge: {name}": before - after for name, (after, before) in bought.items()}


def _moved(moved: tuple[str, Array], markets: Markets, account: Account, law: Array, quota: Pair) -> tuple[Array, Pair]:
    """Return law and quotas with one rate or one quota of the partner's running over a grid, one value a draw."""
    lever, product = moved[0].split(": ", 1)
    check_product(product, markets.products, "sweep")
    at = (slice(1, None), markets.products.index(product), markets.partner)
    grid = moved[1]
    if not (np.isfinite(grid) & (grid >= 0)).all() or (lever == "rate" and (grid > 10).any()):
        raise InputError(
            f"sweep: {moved[0]} runs over {grid.min():g} to {grid.max():g}; a rate is a fraction from 0 to 10."
        )
    law, size, within = (np.repeat(array, 1 + grid.size, axis=0) for array in (law, *quota))
    if lever == "rate":
        law[at] = grid
    else:
        size[at] = grid / account.units(product)
    return law, (size, within)
