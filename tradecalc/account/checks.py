"""Whether accounts agree with what was published beside them: headings, releases, markets, optional tables."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from tradecalc.account.account import Account, load_account
from tradecalc.account.cells import ALLOWED_GAP_USD_M
from tradecalc.account.codes import products_or_none
from tradecalc.account.definition import FLOWS, Definition, account_names, own_files, read_definition
from tradecalc.account.partner import partner_tables_differ
from tradecalc.account.sellers import industry_imports
from tradecalc.files import read_table
from tradecalc.terms import TradecalcError

_CHECKED: Final = ("published", "derived")


def check_accounts(names: Iterable[str] | None = None) -> list[str]:
    """Return one sentence for each account that does not balance or does not agree with what was published.

    ``names``: the accounts to check; None takes all.
    """
    found: list[str] = []
    seen: set[tuple[str, ...]] = set()
    own = own_files()
    for name in (*own, *(name for name in account_names() if name not in own)) if names is None else names:
        try:
            definition = read_definition(name)
            for vintage in definition.vintages:
                account = load_account(name, vintage=vintage)
                found += totals_differ(definition, vintage)
            found += headings_differ(account)
            found += partner_tables_differ(definition, account.products)
            groups = (definition.products, definition.concordance, definition.detail)
            if name in own or groups not in seen:  # others read the same tables by the same code
                found += [message for product in account.products for message in _market_fails(account, product)]
            seen.add(groups)
        except TradecalcError as err:
            found.append(str(err))
    return list(dict.fromkeys(found))


def headings_differ(account: Account) -> list[str]:
    """Return one sentence for each import cell that is not the sum of its headings, where the account names them.

    A heading that several products share is divided by the weights of its tariff lines.
    """
    definition, cells = account.definition, account.cells
    if definition.headings is None:
        return []
    table = read_table(definition.headings.table)
    lines = account.hs10[["hs10", "product", "usd"]]
    bare = table.loc[~table["hs4"].isin(lines["hs10"].str[:4]), "hs4"]  # imported, but not for consumption
    kinds = products_or_none(bare, account.concordance, f"data/{definition.concordance}")
    lines = pd.concat([lines, pd.DataFrame({"hs10": bare, "product": kinds, "usd": 0.0})])
    lines["hs4"] = lines["hs10"].str[:4]
    weight = lines.groupby(["hs4", "product"])["usd"].sum()
    share = (weight / weight.groupby(level="hs4").transform("sum").replace(0, np.nan)).fillna(1.0)
    joined = share.rename("share").reset_index().merge(table, on="hs4")
    values = joined["share"] * joined[definition.headings.value]
    sums = values.groupby(joined["product"]).sum() / 1e9
    rows: pd.DataFrame = cells[(cells["flow"] == "imports") & cells["status"].isin(_CHECKED)]
    found = []
    for product, stated in zip(rows["product"], rows["usd_bn"], strict=True):
        built = float(sums.get(product, 0.0))
        if abs(built - stated) > ALLOWED_GAP_USD_M / 1000:
            found.append(
                f"data/{definition.cells}: imports of {product} are USD {stated * 1000:,.3f} m, but its headings in "
                f"data/{definition.headings.table} sum to USD {built * 1000:,.3f} m; correct one of them."
            )
    return found


def totals_differ(definition: Definition, vintage: str) -> list[str]:
    """Return one sentence for each flow whose total is not in the publisher's table of releases, where there is one."""
    if definition.published is None:
        return _sums_differ(definition, vintage)
    table = read_table(definition.published)
    row = table[(table["year"] == definition.year) & (table["vintage"] == vintage)]
    found = []
    for flow in FLOWS:
        ours = definition.vintages[vintage].total(flow)
        theirs = [round(1000 * usd, 1) for usd in row[f"{flow}_usd_bn"]]
        if theirs != [round(ours, 1)]:
            found.append(
                f"data/account/{definition.name}.yaml: {flow} of vintage {vintage} are USD {ours:,.1f} m, but "
                f"data/{definition.published} gives {theirs or 'no such release'}; correct one of them."
            )
    return found


def _sums_differ(definition: Definition, vintage: str) -> list[str]:
    """Return a sentence where imports by line and by chapter, or a member's and its union's, cannot both be right."""
    total = definition.vintages[vintage].imports_usd_m
    if definition.by_industry is not None:
        whole = float(industry_imports(definition, str(definition.member_of)).sum()) / 1e6
        where, other, wrong = definition.by_industry.imports, whole, total > whole
    else:
        table = read_table(definition.market.by_chapter)
        other = float(table.loc[table["origin"] == definition.partner, "imports_for_consumption_usd"].sum()) / 1e6
        where, wrong = definition.market.by_chapter, abs(total - other) > ALLOWED_GAP_USD_M
    said = f"imports are USD {total:,.3f} m, but data/{where} gives USD {other:,.3f} m; correct one of them."
    return [f"{definition.name}: {said}"] * wrong


def _market_fails(account: Account, product: str) -> list[str]:
    if not account.imports_usd_bn[product] > 0:
        return []
    try:
        account.market(product)
    except TradecalcError as err:
        return [str(err)]
    return []
