"""The reporter's import markets as plain arrays, products, then origins; and who sells which tariff lines there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from tradecalc.account import Account, Lines
from tradecalc.beliefs import Parameter, Strict
from tradecalc.files import Stamp, data_root, read_yaml, sha256, stamp, validate
from tradecalc.terms import InputError, nearest

Array = NDArray[np.float64]
RIVALS: Final = "markets/rivals.yaml"


class Rival(Strict):
    """What is assumed of a seller's goods where the law asks for it; ``why`` says so in words."""

    us_content: float | None = Field(default=None, ge=0, le=1)
    in_quota: bool | None = None
    why: str

    def options(self) -> dict[str, float | bool]:
        """Return what a question to the law is told of the goods."""
        return self.model_dump(exclude_none=True, exclude={"why"})


class Rivals(Strict):
    """The content of data/markets/rivals.yaml."""

    origins: dict[str, Rival]


@dataclass(frozen=True, eq=False)
class Seller:
    """One country's sales by tariff line: its code, the column where it stands, its lines, their rows and values.

    ``row`` (line) is the product or sector of each line, -1 for one that stands in none, ``usd`` (line) its customs
    value; ``options`` is what a question to the law is told of its goods.
    """

    origin: str
    column: int
    lines: Lines
    row: NDArray[np.int32]
    usd: Array
    options: tuple[tuple[str, float | bool], ...]


@dataclass(frozen=True, eq=False)
class Markets:
    """The reporter's import markets, one a product.

    ``value`` (product, origin) in USD bn at customs value, home sales at basic prices; ``sellers``: every country whose
    lines are known, those without a column of their own in that of the rest of the world.
    """

    products: tuple[str, ...]
    origins: tuple[str, ...]
    partner: int
    home: int
    value: Array
    sellers: tuple[Seller, ...]
    stamps: tuple[Stamp, ...]

    @property
    def foreign(self) -> NDArray[np.bool_]:
        """Which origins are not the reporter's own, (origin,)."""
        return np.asarray(np.arange(len(self.origins)) != self.home)

    def row(self, product: str, where: str) -> int:
        """Return the place of a product that has a market, or raise InputError with the nearest."""
        if product not in self.products:
            raise InputError(
                f"{where}: {product!r} is not a product with an import market here: the partner sells none of it, or "
                f"the account does not split it; use one of {', '.join(self.products)}."
                f"{nearest(product, self.products)}"
            )
        return self.products.index(product)


def read_rivals() -> dict[str, Rival]:
    """Return what is assumed of sellers whose goods the law asks about."""
    shown = f"data/{RIVALS}"
    content, lines = read_yaml(data_root() / RIVALS, name=shown)
    return validate(Rivals, content, lines, name=shown).origins


def lay_out(account: Account) -> Markets:
    """Return the markets of all products that the partner sells to the reporter and that have a market.

    Returned goods and other special provisions have no home sales; they are not a market and stay as they are. What was
    laid out is kept by the content of the files.
    """
    rivals = data_root() / RIVALS
    tables = tuple(sha256(path) for name in account.definition.files() if (path := data_root() / name).is_file())
    return _laid_out(account, stamp(rivals), tables)


@lru_cache(maxsize=64)
def _laid_out(account: Account, rivals: Stamp, _tables: tuple[str, ...]) -> Markets:
    imports = account.imports_usd_bn
    sold = [product for product in account.products if imports[product] > 0]
    table = account.markets(sold)
    table = table[table[account.reporter] > 0]
    products, origins = tuple(table.index), tuple(table.columns)
    return Markets(
        products=products,
        origins=origins,
        partner=origins.index(account.partner),
        home=origins.index(account.reporter),
        value=table.to_numpy(float),
        sellers=_sellers(account, products, origins),
        stamps=(rivals,),
    )


def _sellers(account: Account, products: tuple[str, ...], origins: tuple[str, ...]) -> tuple[Seller, ...]:
    rows = {product: row for row, product in enumerate(products)}
    columns = {origin: column for column, origin in enumerate(origins)}
    assumed, rest = read_rivals(), origins.index("ROW")
    found = []
    for origin, sold in account.sold_by_origin().items():
        row = np.array([rows.get(str(product), -1) for product in sold.groups], np.int32)[sold.group]
        if (row >= 0).any():
            options = _told(assumed, origin)
            found.append(Seller(origin, columns.get(origin, rest), sold.lines, row, sold.usd, options))
    return tuple(found)


def sellers_of(table: pd.DataFrame, columns: Mapping[str, int], rest: int | None) -> tuple[Seller, ...]:
    """Return the sellers of a table of lines: hs10, origin, row (blank: left out) and usd.

    Args:
        table: a row for each line and origin.
        columns: where an origin stands.
        rest: where all others stand; None leaves them out.
    """
    assumed = read_rivals()
    found = []
    for origin, sold in table[table["row"].notna() & (table["usd"] > 0)].groupby("origin"):
        column = columns.get(str(origin), rest)
        if column is not None:
            row, usd = np.asarray(sold["row"], np.int32), np.asarray(sold["usd"], np.float64)
            lines = Lines(tuple(sold["hs10"]))
            found.append(Seller(str(origin), column, lines, row, usd, _told(assumed, str(origin))))
    return tuple(found)


def _told(assumed: Mapping[str, Rival], origin: str) -> tuple[tuple[str, float | bool], ...]:
    return tuple(sorted(assumed[origin].options().items())) if origin in assumed else ()


def by_product(
    parameters: Mapping[str, Parameter], products: tuple[str, ...], role: str, values: Mapping[str, Array]
) -> Array | None:
    """Return the beliefs of one role as an array (draw, product), or None where there are none.

    A product that a parameter names and that is not among ``products`` has no market here.
    """
    out: Array | None = None
    chosen = [(n, p) for n, p in parameters.items() if p.role == role]
    for name, parameter in sorted(chosen, key=lambda item: bool(item[1].products)):
        if out is None:
            out = np.full((values[name].size, len(products)), np.nan)
        for product in parameter.products or products:
            if product in products:
                out[:, products.index(product)] = values[name]
    return out


def check_product(product: str, products: tuple[str, ...], where: str) -> None:
    """Raise InputError unless the account holds a product; the message names the nearest."""
    if product not in products:
        raise InputError(
            f"{where}: {product!r} is not a product of the account; see `tradecalc.load_account(...).products`."
            f"{nearest(product, products)}"
        )
