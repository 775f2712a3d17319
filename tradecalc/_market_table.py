"""One import market, origin by origin: who sells what before and after, at which rate."""

from pathlib import Path

import numpy as np
import pandas as pd

from tradecalc._draws import sample
from tradecalc._layout import average_rates, by_product, check_product, lay_out, schedule_of
from tradecalc._parameters import ROLES
from tradecalc._sides import quota_arrays, solve_markets
from tradecalc.account import Account, load_account
from tradecalc.scenario import Scenario, load_scenario
from tradecalc.terms import InputError


def market_table(
    scenario: str | Path | Scenario,
    product: str,
    *,
    account: Account | str | None = None,
) -> pd.DataFrame:
    """Return the reporter's market of one product under a scenario, at the central beliefs; one row an origin.

    Columns: origin; ``rate_before``, ``rate_after`` (fractions); ``before_usd_bn``, ``after_usd_bn`` and
    ``change_usd_bn`` (customs value, home at basic prices); ``price_hat``, ``delivered_hat``, ``quantity_hat``;
    ``units_after`` where the account counts pieces of that origin (NaN elsewhere); ``duty_usd_bn``. Before is the
    account's year and law. Law and quotas count; plants, links and the dollar are not in it.

    Raises:
        InputError: a tree, or not a product of the account with a market (with the nearest).
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if asked.branches:
        raise InputError(f"market_table: {asked.name} is a tree; name the scenario of one branch.")
    book = account if isinstance(account, Account) else load_account(account or asked.account)
    markets = lay_out(book)
    check_product(product, markets.products, "market_table")
    row = markets.products.index(product)
    values = sample(asked.beliefs(), n=0, seed=0)
    roles = {role: by_product(asked, markets.products, role, values) for role in ROLES}
    schedule = schedule_of(asked, book)
    before, after = (
        average_rates(markets, schedule, on=on, assessed=assessed)
        for on, assessed in ((book.law_on, "final"), (asked.tariffs.on, asked.tariffs.assessed))
    )
    solved, recorded, _ = solve_markets(markets, roles, before, after[None], quota_arrays(asked, markets, book))
    value, home = markets.value[row], markets.home
    counted = product in book.definition.units
    units = np.full(value.shape, np.nan)
    if counted:
        units[markets.partner] = book.units(product) * solved.quantity_hat[0, row, markets.partner]
    table = pd.DataFrame(
        {
            "origin": markets.origins,
            "rate_before": before[row],
            "rate_after": after[row],
            "before_usd_bn": value,
            "after_usd_bn": recorded.recorded_value[0, row],
            "change_usd_bn": recorded.recorded_value[0, row] - value,
            "price_hat": solved.price_hat[0, row],
            "delivered_hat": solved.delivered_hat[0, row],
            "quantity_hat": solved.quantity_hat[0, row],
            "units_after": units,
            "duty_usd_bn": recorded.recorded_duty[0, row],
        }
    )
    return table.assign(origin=[f"{o} (home)" if i == home else o for i, o in enumerate(markets.origins)])
