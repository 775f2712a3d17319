"""Who sells which tariff line to the reporter: imports by line and origin, with the product of each line."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account.codes import INDUSTRY, assign_products, concordance_of, prefixes, products_or_none
from tradecalc.account.definition import TOTAL, Definition
from tradecalc.files import data_root, read_table, sha256
from tradecalc.terms import AccountError

_VALUE = "imports_for_consumption_usd"


@dataclass(frozen=True, eq=False)
class Lines:
    """The tariff lines of one origin, one object for all accounts that read them: what is computed is kept under it."""

    hs10: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sold:
    """What one origin sells: ``group`` (line) is the place of its product in ``groups``, ``usd`` (line) customs value.

    A line outside the concordance is in the group None.
    """

    lines: Lines
    groups: tuple[str | None, ...]
    group: NDArray[np.int32]
    usd: NDArray[np.float64]

    @classmethod
    def of(cls, lines: Lines, rows: pd.DataFrame) -> "Sold":
        """Return what the rows of a table of lines say: product and usd, in the order of ``lines``."""
        found, groups = pd.factorize(rows["product"].to_numpy(object), use_na_sentinel=False)
        named = tuple(group if isinstance(group, str) else None for group in groups)
        return cls(lines, named, found.astype(np.int32), rows["usd"].to_numpy(np.float64))


def lines_by_origin(definition: Definition) -> pd.DataFrame:
    """Return imports for consumption by line and origin: hs10, origin, product, usd; kept by the content of the files.

    A line that the concordance does not reach has no product. In a coarse account the lines of the partner's union are
    divided between the partner and the rest of the union by their imports in each industry. The table is shared: it is
    not to be written to.
    """
    if definition.by_industry is None:
        return _lines(*_files(definition))
    shares = tuple((code, tuple(usd.items())) for code, usd in _of_union(definition).items())
    return _divided(*_files(definition), shares)


def sold_by_origin(definition: Definition) -> dict[str, Sold]:
    """Return what every origin sells, the partner by the lines of its account."""
    if definition.by_industry is not None:
        table, shared = lines_by_origin(definition), _hs10(definition.market.by_line, _content(definition)[0])
        own = {definition.partner: str(definition.member_of)}
        return {str(o): Sold.of(shared[own.get(str(o), str(o))], rows) for o, rows in table.groupby("origin")}
    found = _sold(*_files(definition))
    if definition.lines is None:
        return found
    lines = lines_of(definition)
    return found | {definition.partner: Sold.of(Lines(tuple(lines["hs10"])), lines)}


def products_by_origin(definition: Definition) -> pd.DataFrame:
    """Return imports for consumption in USD million, a row a product and a column an origin; what nobody sells is 0.

    In a coarse account the partner and the rest of its union are published by industry, all others sums of lines.
    """
    table = _by_product(*_files(definition))
    if definition.by_industry is None:
        return table
    parts = {code: usd / 1e6 for code, usd in _of_union(definition).items()}
    index = table.index.union(next(iter(parts.values())).index)
    return table.reindex(index).assign(**parts).fillna(0.0)


def lines_of(definition: Definition) -> pd.DataFrame:
    """Return the partner's tariff lines with the product of each and its weight in USD: hs10, product, usd."""
    if definition.lines is None:
        table = lines_by_origin(definition)
        own = table[table["origin"] == definition.partner]
        if own["product"].isna().any():
            code = own.loc[own["product"].isna(), "hs10"].iloc[0]
            raise AccountError(f"data/{definition.concordance}: {code} has no product; add a prefix of it.")
        return own[["hs10", "product", "usd"]].reset_index(drop=True)
    listed = read_table(definition.lines.table)
    product = assign_products(listed["hs10"], concordance_of(definition), f"data/{definition.concordance}")
    return pd.DataFrame({"hs10": listed["hs10"], "product": product, "usd": listed[definition.lines.value]})


def industry_imports(definition: Definition, origin: str) -> "pd.Series[float]":
    """Return imports for consumption from an origin in the account's year in USD, by industry as product."""
    assert definition.by_industry is not None
    table = read_table(definition.by_industry.imports)
    here = (table["origin"] == origin) & (table["period"] == str(definition.year)) & (table["naics3"] != TOTAL)
    return pd.Series(table.loc[here, _VALUE].to_numpy(float), index=INDUSTRY + table.loc[here, "naics3"])


def _of_union(definition: Definition) -> "dict[str, pd.Series[float]]":
    """Return the imports in USD by industry of the partner and, under the code of its union, of the other members."""
    union = str(definition.member_of)
    own, whole = industry_imports(definition, definition.partner), industry_imports(definition, union)
    own = own.reindex(whole.index).fillna(0.0)
    return {definition.partner: own, union: whole - own}


def _files(definition: Definition) -> tuple[str, str, str | None, tuple[str, ...]]:
    """Return the tables that say who sells what, and their content."""
    coarse = definition.by_industry
    return definition.market.by_line, definition.concordance, coarse.of_line if coarse else None, _content(definition)


def _content(definition: Definition) -> tuple[str, ...]:
    coarse = definition.by_industry
    files = (definition.market.by_line, definition.concordance, *((coarse.imports, coarse.of_line) if coarse else ()))
    return tuple(sha256(data_root() / file) for file in files)


@lru_cache(maxsize=4)
def _lines(by_line: str, concordance: str, of_line: str | None, _content: tuple[str, ...]) -> pd.DataFrame:
    table = read_table(by_line)
    codes = table["hs10"].drop_duplicates()
    product = products_or_none(codes, prefixes(concordance, of_line), f"data/{concordance}")
    of_code = dict(zip(codes, product, strict=True))
    return pd.DataFrame(
        {"hs10": table["hs10"], "origin": table["origin"], "product": table["hs10"].map(of_code), "usd": table[_VALUE]}
    )


@lru_cache(maxsize=4)
def _hs10(by_line: str, _content: str) -> dict[str, Lines]:
    return {str(origin): Lines(tuple(rows)) for origin, rows in read_table(by_line).groupby("origin")["hs10"]}


@lru_cache(maxsize=4)
def _sold(by_line: str, concordance: str, of_line: str | None, content: tuple[str, ...]) -> dict[str, Sold]:
    table, shared = _lines(by_line, concordance, of_line, content), _hs10(by_line, content[0])
    return {str(origin): Sold.of(shared[str(origin)], rows) for origin, rows in table.groupby("origin")}


@lru_cache(maxsize=4)
def _by_product(by_line: str, concordance: str, of_line: str | None, content: tuple[str, ...]) -> pd.DataFrame:
    table = _lines(by_line, concordance, of_line, content)
    return table.pivot_table(index="product", columns="origin", values="usd", aggfunc="sum", fill_value=0.0) / 1e6


@lru_cache(maxsize=4)
def _divided(
    by_line: str,
    concordance: str,
    of_line: str | None,
    content: tuple[str, ...],
    shares: tuple[tuple[str, tuple[tuple[str, float], ...]], ...],
) -> pd.DataFrame:
    """Return the shared table with the union's lines divided between a member and the others, industry by industry."""
    table = _lines(by_line, concordance, of_line, content)
    of_union = table["origin"] == shares[-1][0]
    lines = table[of_union]
    total = lines.groupby("product")["usd"].sum()
    parts = [table[~of_union]]
    for code, usd in shares:
        factor = pd.Series(dict(usd)).reindex(total.index).fillna(0.0) / total.where(total > 0, np.inf)
        parts.append(lines.assign(origin=code, usd=lines["usd"] * lines["product"].map(factor)))
    return pd.concat(parts, ignore_index=True)
