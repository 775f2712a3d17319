"""The reporter's goods trade of the account's year, by sector and region of a world, and weights for its law.

Imports by origin come from input-output commodities, exports by destination from HS chapters. A chapter that several
sectors share is divided by the number of tariff lines of each, balanced to the exports of commodities. The partner's
imports and exports are those of the account.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account, assign_products
from tradecalc.files import read_table
from tradecalc.markets import RIVALS, Seller, sellers_of

Array = NDArray[np.float64]
CONCORDANCE: Final = "world/hs-to-sector.csv"
COMMODITIES: Final = "world/bea-to-sector.csv"
EXPORTS: Final = "markets/us-exports-by-destination-hs2.csv"
LINES: Final = "tariffs/us/tables/mfn-rates.csv"
OUTSIDE: Final = "outside"
_MEDICINES: Final = ("30", "chemicals", "pharma")
_REST: Final = "ROW"


@dataclass(frozen=True, eq=False)
class Flows:
    """Goods trade of the reporter in USD bn; arrays (sector, region), zero for services and for the reporter itself.

    ``product_sector`` (product, sector): shares of exports to the partner of each product of the account, whose
    ``exports_by_product`` are in USD bn, NaN where not split out; ``sellers``: what each country sells by tariff line,
    rows being sectors and columns regions.
    """

    imports: Array
    exports: Array
    products: tuple[str, ...]
    product_sector: Array
    exports_by_product: Array
    sellers: tuple[Seller, ...]


def files_of(account: Account) -> tuple[str, ...]:
    """Return the tables that lay an account's trade into a world, below the data folder."""
    market = account.definition.market
    own = (market.by_line, market.by_commodity, market.by_chapter, market.home)
    return (CONCORDANCE, COMMODITIES, EXPORTS, LINES, RIVALS, *own)


def flows_of(
    account: Account, regions: pd.DataFrame, sectors: tuple[str, ...], goods: NDArray[np.bool_], trade: Array
) -> Flows:
    """Return the goods trade of the account's reporter by sector and region; ``trade`` divides what is not split."""
    row = {sector: i for i, sector in enumerate(sectors)}
    concordance = read_table(CONCORDANCE).rename(columns={"sector": "product"})
    codes = list(regions["region"])
    us, jp = codes.index(account.reporter), codes.index(account.partner)
    groups = [str(names).split() for names in regions["trade_of"]]

    def sector_of(hs: "pd.Series[str]") -> "pd.Series[str]":
        found = assign_products(hs, concordance, f"data/{CONCORDANCE}")
        return found if len(sectors) > 1 else found.where(found == OUTSIDE, sectors[0])

    imports = _imports(account, row, groups, trade[:, :, us], us)
    lines = account.hs10
    line_sector = sector_of(lines["hs10"])
    value = lines["usd"] / lines["usd"].groupby(lines["product"]).transform("sum")
    value = value.fillna(0.0) * lines["product"].map(account.imports_usd_bn)
    own = value.groupby(line_sector).sum().reindex(list(sectors)).fillna(0.0)
    imports[:, jp] = own.to_numpy(float)

    universe = read_table(LINES)[["hs8"]]
    universe["sector"] = sector_of(universe["hs8"])
    universe["product"] = assign_products(universe["hs8"], account.concordance, f"data/{LINES}")
    universe = universe[universe["sector"].map(row).map(lambda i: bool(goods[int(i)]), na_action="ignore").eq(True)]
    exported, weight = _exports(account, universe, row, groups, trade[:, us, :], us)
    names = account.products
    shares = weight.groupby([universe["product"], universe["sector"]]).sum().unstack()  # noqa: PD010
    shares = shares.reindex(index=list(names), columns=list(sectors)).fillna(0.0)
    shares = shares.div(shares.sum(axis=1).where(lambda total: total > 0, 1.0), axis=0)
    sold = account.exports_usd_bn.reindex(list(names)).fillna(0.0)  # what is not split stands in another row
    exported[:, jp] = shares.to_numpy(float).T @ sold.to_numpy(float)
    sales = pd.concat([account.sellers(), lines.assign(origin=account.partner, usd=value)], ignore_index=True)
    hs10 = sales["hs10"].drop_duplicates()
    sales["row"] = sales["hs10"].map(dict(zip(hs10, sector_of(hs10).map(row), strict=True)))
    return Flows(
        imports=imports,
        exports=exported,
        products=names,
        product_sector=shares.to_numpy(float),
        exports_by_product=np.asarray(account.exports_usd_bn.reindex(list(names)), np.float64),
        sellers=_sellers(sales, groups),
    )


def _spread(table: pd.DataFrame, total: "pd.Series[float]", groups: list[list[str]], base: Array, us: int) -> Array:
    """Return a table (sector, name) by region: regions of one name share it as ``base`` does, others the rest."""
    out = np.zeros(base.shape)
    known = set(table.columns)
    keys = [" ".join(names) if set(names) <= known and names != [_REST] else _REST for names in groups]
    used = sorted({name for names, key in zip(groups, keys, strict=True) if key != _REST for name in names})
    left = (total - table[used].sum(axis=1)).clip(lower=0.0)
    for key in dict.fromkeys(keys):
        members = [i for i, k in enumerate(keys) if k == key and i != us]
        if not members:
            continue
        value = (left if key == _REST else table[key.split()].sum(axis=1)).to_numpy(float)
        weight = base[:, members]
        whole = weight.sum(axis=1, keepdims=True)
        even = np.full(weight.shape, 1.0 / len(members))
        out[:, members] = value[:, None] * np.divide(weight, whole, out=even, where=whole > 0)
    return out


def _imports(account: Account, row: dict[str, int], groups: list[list[str]], base: Array, us: int) -> Array:
    """Return imports (sector, region) in USD bn, from commodities by origin."""
    sources = account.definition.market
    table = read_table(sources.by_commodity)
    sector_of = read_table(COMMODITIES).set_index("bea_code")["sector"]
    table["sector"] = table["bea_code"].map(sector_of)
    if len(row) == 1:
        table["sector"] = table["sector"].where(table["sector"] == OUTSIDE, next(iter(row)))
    value = table.pivot_table(index="sector", columns="origin", values="imports_for_consumption_usd", aggfunc="sum")
    value = value.fillna(0.0) / 1e9  # an origin absent from a commodity sold nothing of it
    chapter, wide, narrow = _MEDICINES
    if narrow in row:
        by_chapter = read_table(sources.by_chapter)
        part = by_chapter[by_chapter["hs2"] == chapter].set_index("origin")["imports_for_consumption_usd"] / 1e9
        taken = np.minimum(part.reindex(value.columns).fillna(0.0), value.loc[wide].to_numpy(float))
        value.loc[narrow] = taken
        value.loc[wide] -= taken
    value = value.reindex(list(row)).fillna(0.0)
    return _spread(value, value.sum(axis=1), groups, base, us)


def _exports(
    account: Account, universe: pd.DataFrame, row: dict[str, int], groups: list[list[str]], base: Array, us: int
) -> tuple[Array, "pd.Series[float]"]:
    """Return exports (sector, region) in USD bn, and the weight of each tariff line in exports to the world."""
    table = read_table(EXPORTS)
    table = table[(table["year"] == account.year) & (table["hs2"] != "00")]
    by_chapter = table.pivot_table(index="hs2", columns="destination", values="exports_usd", aggfunc="sum")
    by_chapter = by_chapter.fillna(0.0) / 1e9
    chapter = universe["hs8"].str[:2]
    counts = universe.groupby([chapter, universe["sector"]]).size().unstack(fill_value=0)  # noqa: PD010
    counts = counts.reindex(columns=[s for s in row if s in counts])
    world = by_chapter["WLD"].reindex(counts.index).fillna(0.0)
    split = _balanced(counts.astype(float), world, _commodity_exports(account, list(counts.columns)))
    value = (split.T @ by_chapter.reindex(counts.index).fillna(0.0)).reindex(list(row)).fillna(0.0)
    lines_of = {(h, s): n for h, shares in counts.iterrows() for s, n in shares.items()}
    pairs = list(zip(chapter, universe["sector"], strict=True))
    weight = [split.loc[h, s] * world[h] / lines_of[h, s] for h, s in pairs]
    countries = value.drop(columns=[c for c in ("WLD", "USMCA") if c in value])
    return _spread(countries, value["WLD"], groups, base, us), pd.Series(weight, index=universe.index, dtype=float)


def _commodity_exports(account: Account, sectors: list[str]) -> "pd.Series[float]":
    home = read_table(account.definition.market.home).set_index("bea_code")["exports_usd_m"] / 1e3
    sector_of = read_table(COMMODITIES).set_index("bea_code")["sector"].reindex(home.index)
    out = home.groupby(sector_of).sum().reindex(sectors)
    return out if len(sectors) > 1 else pd.Series([float(home.sum())], index=sectors)


def _balanced(counts: pd.DataFrame, rows: "pd.Series[float]", columns: "pd.Series[float]") -> pd.DataFrame:
    """Return the shares of sectors in each chapter, by balancing counts to chapter and commodity totals (RAS).

    Sectors without a commodity of their own are left to their counts; chapters come last, so shares sum to one.
    """
    start = counts.div(counts.sum(axis=1), axis=0)
    cells = start.mul(rows, axis=0)
    for _ in range(50):
        factor = (columns / cells.sum(axis=0).where(lambda total: total > 0)).fillna(1.0)
        cells = cells.mul(factor, axis=1)
        cells = cells.mul((rows / cells.sum(axis=1).where(lambda total: total > 0)).fillna(0.0), axis=0)
    return cells.div(rows.where(rows > 0), axis=0).where(rows > 0, start)


def _sellers(sales: pd.DataFrame, groups: list[list[str]]) -> tuple[Seller, ...]:
    """Return who sells what, in the region that holds each origin; others stand in the rest of the world.

    A region whose lines are not known stands as one origin that sells what the rest of the world does.
    """
    known = set(sales["origin"])
    columns = {name: i for i, names in enumerate(groups) for name in names if name in known}
    rest = groups.index([_REST]) if [_REST] in groups else None
    others = sales[~sales["origin"].isin(columns)].groupby(["hs10", "row"], as_index=False)["usd"].sum()
    unknown = {names[0]: i for i, names in enumerate(groups) if i != rest and not known & set(names)}
    every = [sales, *(others.assign(origin=name) for name in unknown)]
    return sellers_of(pd.concat(every, ignore_index=True), columns | unknown, rest)
