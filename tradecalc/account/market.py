"""The reporter's import market of one product: who else sells there, and how much home producers do."""

from typing import Final

import pandas as pd

from tradecalc.account.definition import Definition, joined
from tradecalc.account.sellers import products_by_origin
from tradecalc.files import read_table
from tradecalc.terms import AccountError, InputError

REST: Final = "ROW"
_COLUMNS: Final = ["origin", "usd_m", "source", "status", "note"]


def market_of(definition: Definition, product: str, partner: tuple[float, str]) -> pd.DataFrame:
    """Return the reporter's market of a product: USD bn by origin, home last, the partner equal to the account.

    Every other origin is the sum of its own ten-digit lines; origins without a row of their own stand together as ROW.

    Args:
        definition: the account.
        product: one product.
        partner: imports from the partner in USD bn, and the status of that figure.

    Raises:
        InputError: the partner sells nothing of it, so there is no market to be in.
    """
    if not partner[0] > 0:
        raise InputError(
            f"the account {definition.name} holds no imports of {product} from {definition.partner}, so its market has "
            "no scale; leave the product out."
        )
    named = list(definition.market.origins)
    table = products_by_origin(definition)
    sold = {str(o): float(usd) for o, usd in table.loc[[product]].iloc[0].items()} if product in table.index else {}
    rest = sum(usd for origin, usd in sold.items() if origin not in named)
    source = "imports for consumption by ten-digit line and origin"
    rows = [
        (definition.partner, partner[0] * 1000, "the account", partner[1], "")
        if origin == definition.partner
        else (origin, sold.get(origin, 0.0), source, "published", "")
        for origin in named
    ]
    others = f"Origins without a row of their own that data/{definition.market.by_line} holds."
    rows.append((REST, rest, source, "published", others))
    out = pd.DataFrame(rows, columns=_COLUMNS)
    out = pd.concat([out, _home(definition, product, float(out["usd_m"].sum()))], ignore_index=True)
    out.insert(1, "usd_bn", out.pop("usd_m") / 1000)
    return out


def _home(definition: Definition, product: str, imports_usd_m: float) -> pd.DataFrame:
    """Return the home row: imports times home sales over imports of the commodities that stand for the product."""
    listed = read_table(definition.products).set_index("product").loc[[product]]
    codes = str(listed["bea"].iloc[0]).split()
    table = read_table(definition.market.home).set_index("bea_code")
    missing = [code for code in codes if code not in table.index]
    if missing:
        raise AccountError(
            f"data/{definition.products}: {product} names commodity {joined(missing)}, which "
            f"data/{definition.market.home} lacks; correct one of them."
        )
    used = table.loc[codes]
    ratio = float(used["home_sales_usd_m"].sum() / used["imports_total_usd_m"].sum()) if codes else 0.0
    note = f"Basic prices; home sales over imports, {ratio:.3g}, are those of {'; '.join(used['description'])}."
    if not codes:
        note = "No home market: nothing made at home competes with this group."
    source = f"input-output accounts, {', '.join(codes)}" if codes else "tradecalc"
    return pd.DataFrame([[definition.reporter, imports_usd_m * ratio, source, "assumed", note]], columns=_COLUMNS)
