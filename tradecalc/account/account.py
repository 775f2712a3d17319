"""A bilateral goods account that balances: every cell with its source, every vintage with its revision in sight."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account.build import BALANCING
from tradecalc.account.cells import cells_of
from tradecalc.account.codes import concordance_of, products_of
from tradecalc.account.definition import FLOWS, Definition, read_definition, stamps_of
from tradecalc.account.market import market_of, markets_of
from tradecalc.account.partner import capacity_of, other_customers_of, room_of, share_of, unit_value_of
from tradecalc.account.sellers import Sold, lines_by_origin, lines_of, sold_by_origin
from tradecalc.files import Stamp, data_root, read_table, table_files
from tradecalc.terms import AccountError, InputError, nearest

_TABLE_FOLDERS = ("history", "markets")


@dataclass(frozen=True, eq=False)
class AccountArrays:
    """The account as arrays over products (P,): imports and exports in USD bn, NaN where a flow is not split out.

    Adjustments are added to the product they belong to; ``balancing`` marks the residual and the revision.
    """

    products: tuple[str, ...]
    imports_usd_bn: NDArray[np.float64]
    exports_usd_bn: NDArray[np.float64]
    balancing: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class Account:
    """Goods trade of a reporter with one partner in one year, as one vintage of the statistics saw it.

    Imports are general imports at customs value, exports are free alongside ship. ``law_on`` is the day whose
    tariff law the values embed. ``hs10`` holds the partner's tariff lines with weights in USD within a product.
    """

    name: str
    reporter: str
    partner: str
    year: int
    vintage: str
    law_on: date
    cells: pd.DataFrame
    hs10: pd.DataFrame
    products: tuple[str, ...]
    concordance: pd.DataFrame
    origins: tuple[Stamp, ...]
    definition: Definition = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return the cells: one row per product and flow, with value in USD bn, status, source and confidence."""
        return self.cells.copy()

    def arrays(self) -> AccountArrays:
        """Return products, imports and exports as arrays; see `AccountArrays`."""
        imports, exports = self.imports_usd_bn, self.exports_usd_bn
        names = tuple(imports.index)
        balancing = np.array([name in BALANCING for name in names])
        return AccountArrays(names, np.asarray(imports, np.float64), np.asarray(exports, np.float64), balancing)

    @property
    def imports_usd_bn(self) -> "pd.Series[float]":
        """Imports by product in USD bn, with adjustments added; residual and revision last. Sums to the total.

        NaN where not split out: in a coarse account all but industries.
        """
        return self._flows["imports"].copy()

    @property
    def exports_usd_bn(self) -> "pd.Series[float]":
        """Exports by product in USD bn, NaN where not split out; residual and revision last. Sums to the total."""
        return self._flows["exports"].copy()

    @property
    def deficit_usd_bn(self) -> float:
        """Imports minus exports, the published totals of the vintage, in USD bn."""
        totals = self.definition.vintages[self.vintage]
        return (totals.imports_usd_m - totals.exports_usd_m) / 1000

    @property
    def car_units(self) -> float:
        """Number of cars behind the value of cars; the source is in ``definition.units``."""
        return self.units("cars")

    @property
    def unit_value_usd(self) -> float:
        """Value over number of cars in USD: a mixed basis, customs value over the partner's count of departures."""
        return float(self.imports_usd_bn["cars"]) * 1e9 / self.car_units

    def units(self, product: str) -> float:
        """Return the number of pieces behind the imports of a product.

        Raises:
            InputError: not a product, or its pieces are not counted.
        """
        self._known(product)
        if product not in self.definition.units:
            counted = ", ".join(self.definition.units) or "none"
            raise InputError(f"{self.name}: pieces of {product} are not counted; use one of: {counted}.")
        return self.definition.units[product].count

    def market(self, product: str) -> pd.DataFrame:
        """Return the reporter's market of a product: origin, USD bn, source, status and note; home comes last.

        The partner equals the account. Other origins are imports for consumption of their own ten-digit lines, and home
        sales rest on input-output commodities that are wider than the product.

        Raises:
            InputError: not a product (with the nearest), or one of which the partner sells nothing.
        """
        self._known(product)
        cell = self.cells[(self.cells["flow"] == "imports") & (self.cells["product"] == product)]
        partner = (float(self.imports_usd_bn[product]), str(cell["status"].iloc[0]))
        return market_of(self.definition, product, partner)

    def markets(self, products: Iterable[str]) -> pd.DataFrame:
        """Return the reporter's markets of products, a row each, in USD bn; a column an origin, home last."""
        return markets_of(self.definition, self.imports_usd_bn[list(products)])

    def room_usd_bn(self, products: Iterable[str]) -> float:
        """Return what the partner buys of these products from others, in USD bn: tonnes times the value of a tonne.

        It is the most that could be added without a larger total; NaN where it is not known for each product.
        """
        for product in (products := tuple(products)):
            self._known(product)
        return room_of(self.definition, products)

    def unit_value(self, product: str, unit: str) -> float:
        """Return the USD that one unit of an export is worth; units are those of the account, such as ``"tonnes"``.

        Raises:
            InputError: not a product, or a unit whose value the account does not know (those it knows are named).
        """
        self._known(product)
        return unit_value_of(self.definition, product, unit)

    def capacity_usd_bn(self, products: Iterable[str], year: int | None = None) -> float:
        """Return what the reporter can supply to anyone in ``year`` beyond the account's year, in USD bn.

        At the account's unit values; inf where it is not known for each product. The account's year and those before
        it give 0; between two listed years the quantity is interpolated; after the last, and for None, it is the last.

        Raises:
            InputError: not a product, or quantities in a unit whose value is not known.
        """
        for product in (products := tuple(products)):
            self._known(product)
        return capacity_of(self.definition, products, year)

    def sellers(self) -> pd.DataFrame:
        """Return who sells which tariff line to the reporter: hs10, origin, product, usd; the partner's are ``hs10``.

        Imports for consumption of the account's year by origin, without the partner's own rows. A line outside the
        account's concordance has no product.
        """
        table = lines_by_origin(self.definition)
        return table[table["origin"] != self.partner]

    def sold_by_origin(self) -> dict[str, Sold]:
        """Return what every origin sells to the reporter by tariff line, the partner among them; see `sellers`."""
        return sold_by_origin(self.definition)

    def partner_share(self, product: str) -> float:
        """Return the reporter's share, by quantity, in what the partner buys of a product from abroad; NaN if unknown.

        Raises:
            InputError: not a product (with the nearest).
        """
        self._known(product)
        return share_of(self.definition, product)

    def other_customers(self, product: str) -> float:
        """Return the share of the reporter's exports of a product's chapter that others than the partner buy.

        NaN where the account has no exports by chapter.

        Raises:
            InputError: not a product (with the nearest).
        """
        self._known(product)
        return other_customers_of(self.definition, product)

    def _known(self, product: str) -> None:
        if product not in self.products:
            raise InputError(
                f"{product!r} is not a product of {self.name}; see its `products`.{nearest(product, self.products)}"
            )

    @cached_property
    def _flows(self) -> "dict[str, pd.Series[float]]":
        return {flow: self._flow(flow) for flow in FLOWS}

    def _flow(self, flow: str) -> "pd.Series[float]":
        rows = self.cells[self.cells["flow"] == flow]
        target = rows["included_in"].where(rows["status"] == "adjustment", rows["product"])
        sums = rows["usd_bn"].groupby(target).sum(min_count=1)
        out = sums.reindex([*self.products, *BALANCING])
        return out.rename_axis("product").rename(f"{flow}_usd_bn")

    def __repr__(self) -> str:
        """Return the name, the vintage and the deficit."""
        return f"<Account {self.name}, vintage {self.vintage}: deficit USD {self.deficit_usd_bn:.1f} bn>"

    def _repr_html_(self) -> str:
        totals = self.definition.vintages[self.vintage]
        shown = pd.DataFrame({"imports": self.imports_usd_bn, "exports": self.exports_usd_bn})
        labels = self.cells.drop_duplicates("product").set_index("product")["label"]
        shown.insert(0, "product", labels.reindex(shown.index).to_numpy())
        total = {"product": "Total", "imports": totals.imports_usd_m / 1000, "exports": totals.exports_usd_m / 1000}
        shown = pd.concat([shown, pd.DataFrame([total])])
        body = shown.to_html(index=False, border=0, float_format="{:.2f}".format, na_rep="not split")
        title = f"{self.definition.title}, USD bn, {totals.title}: deficit {self.deficit_usd_bn:.1f}"
        return f"<p>{escape(title)}</p>\n{body}"


def load_account(name: str = "us-japan-2024", *, vintage: str | None = None) -> Account:
    """Return an account, checked to balance to USD 0.1 million in both flows.

    Args:
        name: a file ``data/account/NAME.yaml``.
        vintage: the release whose totals count, such as ``"2025-02"``; None takes the account's default.

    Raises:
        InputError: no such account or vintage, or a file that cannot be read or has changed.
        AccountError: the parts do not sum to the published totals.
    """
    definition = read_definition(str(name))
    chosen = definition.default_vintage if vintage is None else str(vintage)
    if chosen not in definition.vintages:
        allowed = ", ".join(definition.vintages)
        raise InputError(
            f"{name} has no vintage {chosen!r}; use one of {allowed}.{nearest(chosen, list(definition.vintages))}"
        )
    concordance = concordance_of(definition)
    products = tuple(products_of(definition)["product"])
    stray = sorted(set(concordance["product"]) ^ set(products))
    if stray:
        raise AccountError(
            f"{name}: {', '.join(stray)} stands in data/{definition.products} or in data/{definition.concordance}, "
            "but not in both; add it to the other."
        )
    return Account(
        name=definition.name,
        reporter=definition.reporter,
        partner=definition.partner,
        year=definition.year,
        vintage=chosen,
        law_on=definition.law_on,
        cells=cells_of(definition, chosen),
        hs10=lines_of(definition),
        products=products,
        concordance=concordance,
        origins=stamps_of(definition),
        definition=definition,
    )


def list_tables() -> list[str]:
    """Return the names of all tables that `load_table` knows."""
    return sorted(_named_tables())


def load_table(name: str) -> pd.DataFrame:
    """Return a named table of the data folder, such as ``"us-japan-monthly"``; its units stand in its origin.

    Raises:
        InputError: no such table (with the nearest), or a table that has changed or cannot be read.
    """
    tables = _named_tables()
    if name not in tables:
        raise InputError(f"{name!r} is not a table; see `list_tables()`.{nearest(str(name), list(tables))}")
    return read_table(tables[name])


def _named_tables() -> dict[str, str]:
    """Return where each named table stands below the data folder."""
    paths = [path.relative_to(data_root()) for path in table_files()]
    return {path.name.split(".")[0]: path.as_posix() for path in paths if path.parent.name in _TABLE_FOLDERS}
