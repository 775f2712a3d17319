"""The reporter's import market of one product: who else sells there, and how much home producers do."""

from typing import Final

import pandas as pd

from tradecalc.account.definition import Definition, joined
from tradecalc.files import read_table
from tradecalc.terms import AccountError, InputError

_COLUMNS: Final = ["origin", "usd_m", "source", "status", "note"]


def market_of(
    definition: Definition, concordance: pd.DataFrame, product: str, partner: tuple[float, str]
) -> pd.DataFrame:
    """Return the reporter's market of a product: USD bn by origin, home last, the partner equal to the account.

    Args:
        definition: the account.
        concordance: prefixes and their products.
        product: one product.
        partner: imports from the partner in USD bn, and the status of that figure.

    Raises:
        AccountError: an origin is missing or double in the table by product.
        InputError: the partner sells nothing of it, so shares of a wider group cannot be scaled to it.
    """
    table = read_table(definition.market.by_product)
    own = table[(table["product"] == product) & (table["origin"] != definition.partner)]
    if own.empty:
        own = _wider_group(definition, concordance, product, partner[0])
    first = pd.DataFrame([[definition.partner, partner[0] * 1000, "the account", partner[1], ""]], columns=_COLUMNS)
    out = pd.concat([first, own[_COLUMNS]])
    order = {origin: i for i, origin in enumerate((*definition.market.origins, "ROW"))}
    if sorted(out["origin"]) != sorted(order):
        raise AccountError(
            f"data/{definition.market.by_product}: {product} has origins {', '.join(out['origin'])}; "
            f"each of {', '.join(order)} is needed once."
        )
    out = out.sort_values("origin", key=lambda origins: origins.map(order))
    out = pd.concat([out, _home(definition, product, float(out["usd_m"].sum()))], ignore_index=True)
    out.insert(1, "usd_bn", out.pop("usd_m") / 1000)
    return out


def _wider_group(
    definition: Definition, concordance: pd.DataFrame, product: str, partner_usd_bn: float
) -> pd.DataFrame:
    """Return the other origins from the chapters or commodities of a product, scaled to it unless they are whole."""
    sources, partner = definition.market, definition.partner
    listed = read_table(definition.products).set_index("product").loc[[product]]
    if listed["origins_by"].iloc[0] == "bea":
        table, column, whole = read_table(sources.by_commodity), "bea_code", False
        groups = str(listed["bea"].iloc[0]).split()
    else:
        own = concordance.loc[concordance["product"] == product, "prefix"]
        table, column, groups = read_table(sources.by_chapter), "hs2", sorted(set(own.str[:2]))
        shared = concordance["prefix"].str[:2].isin(groups) & (concordance["product"] != product)
        whole = not shared.any() and bool((own.str.len() == 2).all())
    table = table[table[column].isin(groups)]
    origin = table["origin"].where(table["origin"].isin(sources.origins), "ROW")
    # an origin that is absent from a chapter sold nothing there: the table holds every chapter of each origin
    usd_m = table["imports_for_consumption_usd"].groupby(origin).sum() / 1e6
    group = f"{'commodity' if column == 'bea_code' else 'chapter'} {', '.join(groups)}"
    if not partner_usd_bn > 0 or not (whole or usd_m.get(partner, 0.0) > 0):
        where = f"the account {definition.name}" if not partner_usd_bn > 0 else group
        raise InputError(
            f"{where} holds no imports of {product} from {partner}, so its market has no scale; leave the product out."
        )
    scale = 1.0 if whole else 1000 * partner_usd_bn / float(usd_m[partner])
    foreign = [o for o in (*sources.origins, "ROW") if o != partner]
    out = pd.DataFrame({"origin": foreign, "usd_m": usd_m.reindex(foreign).fillna(0.0).to_numpy() * scale})
    out["source"] = f"imports for consumption of {group} by origin"
    out["status"] = "published" if whole else "assumed"
    out["note"] = "" if whole else f"Shares of the whole group, times {scale:.4g} so that {partner} equals the account."
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
