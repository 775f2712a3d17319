"""The partner's side of a sale: what a piece is worth, what the seller can add, what the buyer takes from abroad."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from tradecalc.account.definition import Definition, joined
from tradecalc.files import read_table
from tradecalc.terms import AccountError, InputError

_TONNES: Final = "tonnes"
_WORLD: Final = "WLD"


def unit_value_of(definition: Definition, product: str, unit: str) -> float:
    """Return what one unit of a product is worth in USD.

    Raises:
        InputError: the account does not know it; the units that it knows for the product are named.
        AccountError: the unit stands twice for the product.
    """
    rows = _rows(definition.unit_values, product, "unit")
    if rows.empty or unit not in set(rows["unit"]):
        known = [] if rows.empty else list(rows["unit"])
        raise InputError(
            f"{definition.name}: the value of {product} counted in {unit!r} is not known; known for {product}: "
            f"{joined(known) or 'no unit'}; use a unit that is known, or give the pledge a `unit_value_usd`."
        )
    return float(rows.loc[rows["unit"] == unit, "usd_per_unit"].iloc[0])


def capacity_of(definition: Definition, products: Iterable[str], year: int | None) -> float:
    """Return what the seller can supply in a year beyond the account's year, in USD bn; inf where not known.

    Quantities between two listed years lie on the straight line; before the first and after the last they stay.

    Raises:
        InputError: a product is counted in a unit whose value is not known.
        AccountError: a year stands twice for a product, or it is counted in two units.
    """
    more = 0.0
    for product in products:
        rows = _rows(definition.seller_capacity, product, "year").sort_values("year")
        if rows.empty:
            return np.inf
        if len(units := list(rows["unit"].unique())) > 1:
            raise AccountError(
                f"data/{definition.seller_capacity}: {product} is counted in {joined(units)}; count it in one unit."
            )
        years, quantity = rows["year"].to_numpy(float), rows["quantity"].to_numpy(float)
        then, base = np.interp([years[-1] if year is None else year, definition.year], years, quantity)
        more += max(0.0, float(then - base)) * unit_value_of(definition, product, str(rows["unit"].iloc[0])) / 1e9
    return more


def room_of(definition: Definition, products: Iterable[str]) -> float:
    """Return what the partner buys of the products from others, in USD bn: tonnes times the account's value of a tonne.

    ``sum over products of (all origins - reporter) * usd_per_tonne``; what the reporter sells of a wider heading is not
    in it. NaN where tonnes or value of any of them are not known: a part of a sum is no ceiling.

    Raises:
        AccountError: a product stands twice.
    """
    room = 0.0
    for product in products:
        rows = _rows(definition.partner_demand, product)
        values = _rows(definition.unit_values, product, "unit")
        if rows.empty or values.empty or _TONNES not in set(values["unit"]):
            return np.nan
        others = float(rows["all_origins"].iloc[0]) - float(rows["reporter"].iloc[0])  # thousand tonnes
        room += others * 1e3 * unit_value_of(definition, product, _TONNES) / 1e9
    return room


def other_customers_of(definition: Definition, product: str) -> float:
    """Return the share of the reporter's exports of a product that goes to others than the partner; NaN if not known.

    By the chapters of the Harmonized System in which the product lies; the reporter's own buyers are not in it.
    """
    if definition.exports_by_chapter is None:
        return np.nan
    codes = read_table(definition.concordance)
    chapters = set(codes.loc[codes["product"] == product, "prefix"].str[:2])
    table = read_table(definition.exports_by_chapter)
    rows = table[(table["year"] == definition.year) & table["hs2"].isin(chapters)]
    usd = rows.groupby("destination")["exports_usd"].sum()
    if not usd.get(_WORLD, 0.0) > 0:
        return np.nan
    return 1.0 - float(usd.get(definition.partner, 0.0)) / float(usd[_WORLD])


def share_of(definition: Definition, product: str) -> float:
    """Return the reporter's share in what the partner buys of a product from abroad, by quantity; NaN if not known.

    Raises:
        AccountError: the product stands twice.
    """
    rows = _rows(definition.partner_demand, product)
    return np.nan if rows.empty else float(rows["reporter"].iloc[0]) / float(rows["all_origins"].iloc[0])


def partner_tables_differ(definition: Definition, products: Iterable[str]) -> list[str]:
    """Return one sentence for each row of the optional tables that the account cannot use."""
    known, found = set(products), []
    tables = {"unit_values": "unit", "seller_capacity": "year", "partner_demand": ""}
    for field, key in tables.items():
        file = getattr(definition, field)
        for product in [] if file is None else read_table(file)["product"].unique():
            if product not in known:
                found.append(f"data/{file}: {product!r} is not a product of {definition.name}; correct or remove it.")
            try:
                rows = _rows(file, product, key)
                if field == "seller_capacity":
                    capacity_of(definition, [product], None)
                    if definition.year not in set(rows["year"]):
                        found.append(
                            f"data/{file}: {product} has no quantity of {definition.year}, from which the others are "
                            "counted; add it."
                        )
            except (AccountError, InputError) as err:
                found.append(str(err))
    return found


def _rows(file: str | None, product: str, key: str = "") -> pd.DataFrame:
    """Return the rows of a product in an optional table, empty where there are none; ``key`` must not stand twice."""
    if file is None:
        return pd.DataFrame({"year": []})
    table = read_table(file)
    rows = table[table["product"] == product]
    double = rows[rows.duplicated([key] if key else ["product"])]
    if len(double):
        value = double[key].iloc[0] if key else ""
        which = f" in {value:g}" if isinstance(value, float) else f" in {value}" if value else ""
        raise AccountError(f"data/{file}: {product}{which} stands twice; keep one row.")
    return rows
