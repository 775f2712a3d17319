"""The reporter's import markets as plain arrays: products, then origins; and whose law stands for each origin."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tradecalc.account import Account
from tradecalc.beliefs import Parameter, Strict
from tradecalc.files import Stamp, data_root, read_yaml, sha256, stamp, validate
from tradecalc.terms import InputError, nearest

Array = NDArray[np.float64]
_RIVALS = "data/markets/rivals.yaml"


class Rival(Strict):
    """Whose law stands for a seller, and what is assumed of its goods; ``why`` says so in words."""

    law: str
    us_content: float | None = Field(default=None, ge=0, le=1)
    in_quota: bool | None = None
    why: str

    def options(self) -> dict[str, float | bool]:
        """Return what a question to the law is told of the goods."""
        return self.model_dump(exclude_none=True, exclude={"law", "why"})


class Rivals(Strict):
    """The content of data/markets/rivals.yaml."""

    origins: dict[str, Rival]


@dataclass(frozen=True, eq=False)
class Markets:
    """The reporter's import markets, one a product.

    ``value`` (product, origin) in USD bn at customs value, home sales at basic prices; ``weights`` (product, line):
    shares of the HS lines in a product's imports; ``rivals``: whose law stands for an origin, where not its own.
    """

    products: tuple[str, ...]
    origins: tuple[str, ...]
    partner: int
    home: int
    value: Array
    lines: tuple[str, ...]
    weights: Array
    rivals: dict[str, Rival]
    stamps: tuple[Stamp, ...]

    @property
    def foreign(self) -> NDArray[np.bool_]:
        """Which origins are not the reporter's own, (origin,)."""
        return np.asarray(np.arange(len(self.origins)) != self.home)

    def row(self, product: str, where: str) -> int:
        """Return the place of a product, or raise InputError with the nearest."""
        check_product(product, self.products, where)
        return self.products.index(product)


def read_rivals() -> dict[str, Rival]:
    """Return whose law stands for each seller whose own is not compiled."""
    content, lines = read_yaml(data_root() / "markets" / "rivals.yaml", name=_RIVALS)
    return validate(Rivals, content, lines, name=_RIVALS).origins


def lay_out(account: Account) -> Markets:
    """Return the markets of all products that the partner sells to the reporter and that have a market.

    Returned goods and other special provisions have no home sales; they are not a market and stay as they are. What was
    laid out is kept by the content of the files.
    """
    rivals = data_root() / "markets" / "rivals.yaml"
    tables = tuple(sha256(path) for name in account.definition.files() if (path := data_root() / name).is_file())
    return _laid_out(account, stamp(rivals), tables)


@lru_cache(maxsize=8)
def _laid_out(account: Account, rivals: Stamp, _tables: tuple[str, ...]) -> Markets:
    lines = account.hs10
    sold = [p for p in account.products if account.imports_usd_bn.get(p, 0) > 0]
    tables = {product: account.market(product).set_index("origin")["usd_bn"] for product in sold}
    products = tuple(product for product in sold if tables[product][account.reporter] > 0)
    origins = tuple(tables[products[0]].index)
    value = np.array([tables[product].reindex(list(origins)).to_numpy(float) for product in products])
    row = {product: i for i, product in enumerate(products)}
    weights = np.zeros((len(products), len(lines)))
    for column, (product, usd) in enumerate(zip(lines["product"], lines["usd"], strict=True)):
        if product in row:
            weights[row[product], column] = usd
    weights /= weights.sum(axis=1, keepdims=True)
    return Markets(
        products=products,
        origins=origins,
        partner=origins.index(account.partner),
        home=origins.index(account.reporter),
        value=value,
        lines=tuple(lines["hs10"]),
        weights=weights,
        rivals=read_rivals(),
        stamps=(rivals,),
    )


def by_product(
    parameters: Mapping[str, Parameter], products: tuple[str, ...], role: str, values: Mapping[str, Array]
) -> Array | None:
    """Return the beliefs of one role as an array (draw, product), or None where there are none.

    Raises:
        InputError: a parameter names a product that the account does not hold (with the nearest).
    """
    out: Array | None = None
    chosen = [(n, p) for n, p in parameters.items() if p.role == role]
    for name, parameter in sorted(chosen, key=lambda item: bool(item[1].products)):
        if out is None:
            out = np.full((values[name].size, len(products)), np.nan)
        for product in parameter.products or products:
            check_product(product, products, f"parameters.{name}.products")
            out[:, products.index(product)] = values[name]
    return out


def check_product(product: str, products: tuple[str, ...], where: str) -> None:
    """Raise InputError unless the account holds a product; the message names the nearest."""
    if product not in products:
        raise InputError(
            f"{where}: {product!r} is not a product of the account; see `tradecalc.load_account(...).products`."
            f"{nearest(product, products)}"
        )
