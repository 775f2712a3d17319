"""The reporter's import market of one product: who else sells there, and how much home producers do."""

from typing import Final, NamedTuple

import pandas as pd

from tradecalc.account.codes import products_of
from tradecalc.account.definition import Definition, joined
from tradecalc.account.sellers import products_by_origin
from tradecalc.files import read_table
from tradecalc.terms import AccountError, InputError

REST: Final = "ROW"
_BY_LINE: Final = "imports for consumption by ten-digit line and origin"
_BY_INDUSTRY: Final = "imports for consumption by three-digit industry and origin"


def market_of(definition: Definition, product: str, partner: tuple[float, str]) -> pd.DataFrame:
    """Return the reporter's market of a product: USD bn by origin, home last, the partner equal to the account.

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
    values = markets_of(definition, pd.Series({product: partner[0]})).loc[product]
    out = pd.DataFrame({"origin": values.index, "usd_bn": values.to_numpy(float), "source": _BY_LINE})
    out = out.assign(status="published", note="").set_index("origin")
    out.loc[definition.partner, ["source", "status"]] = ["the account", partner[1]]
    if definition.by_industry is not None:
        others = [_BY_INDUSTRY, f"Without {definition.in_a_sentence}, which has a row of its own."]
        out.loc[str(definition.member_of), ["source", "note"]] = others
    out.loc[REST, "note"] = f"Origins without a row of their own that data/{definition.market.by_line} holds."
    home = _home(definition)[product]
    out.loc[definition.reporter, ["source", "status", "note"]] = [home.source, "assumed", home.note]
    return out.reset_index()


def markets_of(definition: Definition, imports_usd_bn: "pd.Series[float]") -> pd.DataFrame:
    """Return the reporter's markets, a row a product and a column an origin, in USD bn; home comes last.

    The partner's values are those given. Every other origin is the sum of its own ten-digit lines (in a coarse account
    the rest of the partner's union is what is published of it by industry); origins without a column of their own stand
    together as ROW. Home sales are imports times the ratio of the commodities that stand for the product.
    """
    table = products_by_origin(definition).reindex(imports_usd_bn.index).fillna(0.0) / 1000
    named = list(definition.origins)
    out = table.reindex(columns=named).fillna(0.0)
    out[definition.partner] = imports_usd_bn
    out[REST] = table[[origin for origin in table.columns if origin not in named]].sum(axis=1)
    homes = _home(definition)
    out[definition.reporter] = out.sum(axis=1) * [homes[str(product)].ratio for product in out.index]
    return out


class Home(NamedTuple):
    """What home producers sell of a product: the ratio to imports, and where it comes from."""

    ratio: float
    source: str
    note: str


def _home(definition: Definition) -> dict[str, Home]:
    """Return home sales over imports of each product: those of the commodities that stand for it."""
    table = read_table(definition.market.home).set_index("bea_code")
    listed = products_of(definition)
    out = {}
    for product, bea in zip(listed["product"], listed["bea"], strict=True):
        codes = str(bea).split()
        missing = [code for code in codes if code not in table.index]
        if missing:
            raise AccountError(
                f"data/{definition.products}: {product} names commodity {joined(missing)}, which "
                f"data/{definition.market.home} lacks; correct one of them."
            )
        used = table.loc[codes]
        if not codes:
            out[product] = Home(0.0, "tradecalc", "No home market: nothing made at home competes with this group.")
            continue
        ratio = float(used["home_sales_usd_m"].sum() / used["imports_total_usd_m"].sum())
        names = "; ".join(used["description"])
        note = f"Basic prices; home sales over imports, {ratio:.3g}, are those of {names}."
        out[product] = Home(ratio, f"input-output accounts, {', '.join(codes)}", note)
    return out
