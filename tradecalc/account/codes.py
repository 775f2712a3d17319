"""Which product a code belongs to: that of the longest prefix, and in a coarse account the industry of its line."""

import pandas as pd

from tradecalc.account.definition import Definition
from tradecalc.files import read_table
from tradecalc.terms import AccountError

INDUSTRY = "naics-"


def products_of(definition: Definition) -> pd.DataFrame:
    """Return the products of an account: product, label, bea, exports_note; in a coarse one industries come first.

    There, imports are known by industry and exports by the chapters that make up the other products.
    """
    tables = [read_table(definition.products)]
    if definition.by_industry is not None:
        tables.insert(0, read_table(definition.by_industry.products))
    return pd.concat(tables, ignore_index=True).reindex(columns=["product", "label", "bea", "exports_note"]).fillna("")


def concordance_of(definition: Definition) -> pd.DataFrame:
    """Return prefixes of codes and their products; in a coarse account a whole line belongs to its industry."""
    coarse = definition.by_industry
    return prefixes(definition.concordance, coarse.of_line if coarse else None)


def prefixes(concordance: str, of_line: str | None) -> pd.DataFrame:
    """Return prefixes of codes and their products from two tables; ``of_line`` gives the industry of whole lines."""
    chapters = read_table(concordance)
    if of_line is None:
        return chapters
    table = read_table(of_line)
    lines = pd.DataFrame({"prefix": table["hs10"], "product": INDUSTRY + table["naics3"]})
    return pd.concat([chapters, lines], ignore_index=True)


def assign_products(codes: "pd.Series[str]", concordance: pd.DataFrame, where: str) -> "pd.Series[str]":
    """Return the product of each code: that of the longest prefix in the concordance.

    Raises:
        AccountError: a prefix stands twice, or a code has no product.
    """
    out = products_or_none(codes, concordance, where)
    if out.isna().any():
        raise AccountError(f"{where}: {codes[out.isna()].iloc[0]} has no product; add a prefix of it.")
    return out


def products_or_none(codes: "pd.Series[str]", concordance: pd.DataFrame, where: str) -> "pd.Series[str]":
    """Return the product of each code as `assign_products`, None where the concordance does not reach."""
    double = concordance.loc[concordance["prefix"].duplicated(), "prefix"]
    if len(double):
        raise AccountError(f"{where}: prefix {double.iloc[0]} stands twice; keep one of them.")
    product_of: dict[str, str] = dict(zip(concordance["prefix"], concordance["product"], strict=True))
    out = pd.Series(None, index=codes.index, dtype=object)
    for length in sorted({len(prefix) for prefix in product_of}):
        found = codes.str[:length].map(product_of).where(codes.str.len() >= length)
        out = found.where(found.notna(), out)
    return out
