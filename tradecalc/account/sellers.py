"""Who sells which tariff line to the reporter: imports by line and origin, with the product of each line."""

from functools import lru_cache

import pandas as pd

from tradecalc.account.definition import Definition, products_or_none
from tradecalc.files import data_root, read_table, sha256

_VALUE = "imports_for_consumption_usd"


def lines_by_origin(definition: Definition) -> pd.DataFrame:
    """Return imports for consumption by line and origin: hs10, origin, product, usd; kept by the content of the files.

    A line that the concordance does not reach has no product. The table is shared: it is not to be written to.
    """
    return _lines(*_files(definition))


def products_by_origin(definition: Definition) -> pd.DataFrame:
    """Return imports for consumption in USD million, a row a product and a column an origin; what nobody sells is 0."""
    return _by_product(*_files(definition))


def _files(definition: Definition) -> tuple[str, str, tuple[str, ...]]:
    """Return the tables that say who sells what, and their content."""
    files = (definition.market.by_line, definition.concordance)
    return *files, tuple(sha256(data_root() / file) for file in files)


@lru_cache(maxsize=4)
def _lines(by_line: str, concordance: str, _content: tuple[str, ...]) -> pd.DataFrame:
    table = read_table(by_line)
    codes = table["hs10"].drop_duplicates()
    product = products_or_none(codes, read_table(concordance), f"data/{concordance}")
    of_code = dict(zip(codes, product, strict=True))
    return pd.DataFrame(
        {"hs10": table["hs10"], "origin": table["origin"], "product": table["hs10"].map(of_code), "usd": table[_VALUE]}
    )


@lru_cache(maxsize=4)
def _by_product(by_line: str, concordance: str, content: tuple[str, ...]) -> pd.DataFrame:
    table = _lines(by_line, concordance, content)
    return table.pivot_table(index="product", columns="origin", values="usd", aggfunc="sum", fill_value=0.0) / 1e6
