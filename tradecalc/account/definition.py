"""What an account file says, and the checks that its cells balance and its codes have products."""

from datetime import date
from typing import Annotated, Final

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from tradecalc.files import Stamp, data_root, read_table, read_yaml, stamp, validate
from tradecalc.terms import AccountError, InputError, nearest

ALLOWED_GAP_USD_M: Final = 0.1
BALANCING: Final = ("residual", "revision")
FLOWS: Final = ("imports", "exports")
STATUSES: Final = ("published", "derived", "assumed", "not split", "adjustment", "residual", "revision")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vintage(_Model):
    """The totals that the publisher gave at one time."""

    title: str
    exports_usd_m: Annotated[float, Field(gt=0)]
    imports_usd_m: Annotated[float, Field(gt=0)]
    source: str
    confidence: str
    note: str = ""

    def total(self, flow: str) -> float:
        """Return the published total of a flow in USD million."""
        return self.imports_usd_m if flow == "imports" else self.exports_usd_m


class TableValue(_Model):
    """A table and the column of it that counts."""

    table: str
    value: str


class MarketSources(_Model):
    """Where the reporter's imports by origin and its home sales stand."""

    origins: tuple[str, ...]
    by_line: str
    by_chapter: str
    by_commodity: str
    home: str


class UnitCount(_Model):
    """How many pieces a value stands for."""

    count: Annotated[float, Field(gt=0)]
    source: str
    note: str = ""


class Definition(_Model):
    """One account: who, when, under which law, and the files that hold its figures."""

    name: str
    title: str
    reporter: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    partner: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    year: int
    law: str
    law_on: date
    default_vintage: str
    basis: str
    vintages: dict[str, Vintage]
    cells: str
    products: str
    concordance: str
    headings: TableValue
    lines: TableValue
    market: MarketSources
    units: dict[str, UnitCount] = {}
    partner_demand: str | None = None
    unit_values: str | None = None
    seller_capacity: str | None = None
    published: str

    def files(self) -> tuple[str, ...]:
        """Return every table of the account, below the data folder."""
        named = (
            self.cells,
            self.products,
            self.concordance,
            self.headings.table,
            self.lines.table,
            self.partner_demand,
            self.unit_values,
            self.seller_capacity,
        )
        m = self.market
        market = (m.by_line, m.by_chapter, m.by_commodity, m.home, self.published)
        return tuple(file for file in (*named, *market) if file is not None)


def account_names() -> list[str]:
    """Return the names of all accounts in the data folder."""
    files = (data_root() / "account").glob("*.yaml")
    return sorted(file.stem for file in files if not file.name.endswith(".origin.yaml"))


def read_definition(name: str) -> Definition:
    """Return what ``data/account/NAME.yaml`` says.

    Raises:
        InputError: no such account (with the nearest), or a field that is missing, unknown or of the wrong kind.
    """
    known = account_names()
    if name not in known:
        raise InputError(
            f"{name!r} is not an account; use {joined(known) or 'none: there is none'}.{nearest(name, known)}"
        )
    shown = f"data/account/{name}.yaml"
    value, lines = read_yaml(data_root() / "account" / f"{name}.yaml", name=shown)
    definition = validate(Definition, value, lines, name=shown)
    if definition.name != name:
        raise InputError(f"{shown}:{lines['name',]}: name is {definition.name!r}; use the name of the file, {name!r}.")
    if definition.default_vintage not in definition.vintages:
        raise InputError(
            f"{shown}:{lines['default_vintage',]}: default_vintage is {definition.default_vintage!r}; "
            f"use {joined(list(definition.vintages))}."
        )
    return definition


def stamps_of(definition: Definition) -> tuple[Stamp, ...]:
    """Return the provenance of the account file and of every table it names."""
    paths = (f"account/{definition.name}.yaml", *definition.files())
    return tuple(stamp(data_root() / path) for path in paths)


def cells_of(definition: Definition, vintage: str) -> pd.DataFrame:
    """Return the tidy cells of one vintage, one row per product and flow, checked to sum to the published totals.

    Raises:
        AccountError: a product or flow is missing, double or unknown, or the parts do not sum to the total.
    """
    where = f"data/{definition.cells}"
    raw, products = read_table(definition.cells), read_table(definition.products)
    rows = raw[raw["vintage"].isin(["all", vintage])].reset_index(drop=True)
    label = dict(zip(products["product"], products["label"], strict=True))
    blank, split = rows["usd_m"].isna(), rows["status"] != "not split"
    adjusting, inside = rows["status"] == "adjustment", rows["included_in"] != ""
    wrong = {
        "is not a flow": rows.loc[~rows["flow"].isin(FLOWS), "flow"],
        "is not a status": rows.loc[~rows["status"].isin(STATUSES), "status"],
        "is not a vintage of the account": raw.loc[~raw["vintage"].isin(["all", *definition.vintages]), "vintage"],
        "is not a product of the account": rows.loc[
            ~rows["product"].isin([*label, *BALANCING]) & ~adjusting, "product"
        ],
        "is blank and not `not split`": rows.loc[blank & split, "product"],
        "is `not split` and has a value": rows.loc[~blank & ~split, "product"],
        "does not say where it is included": rows.loc[(blank | adjusting) & ~inside, "product"],
        "is no product to be included in": rows.loc[inside & ~rows["included_in"].isin(list(label)), "included_in"],
    }
    problems = [f"{value!r} {what}" for what, values in wrong.items() for value in values.unique()]
    for flow in FLOWS:
        found = rows.loc[rows["flow"] == flow, "product"]
        problems += [f"{flow} of {product} stand twice" for product in found[found.duplicated()]]
        problems += [
            f"{flow} of {product} are missing" for product in (*label, *BALANCING) if product not in set(found)
        ]
    if problems:
        raise AccountError(f"{definition.name}, vintage {vintage}: {'; '.join(problems)}; see {where}.")
    for flow in FLOWS:
        _balance(definition, vintage, flow, float(rows.loc[rows["flow"] == flow, "usd_m"].sum()), where)
    names = rows["product"].map(label)
    rows["label"] = names.where(names.notna(), rows["product"].str.capitalize().str.replace("-", " of heading "))
    rows["usd_bn"] = rows["usd_m"] / 1000
    order = ["product", "label", "flow", "hs", "usd_bn", "status", "included_in", "source", "confidence", "note"]
    return rows[order]


def _balance(definition: Definition, vintage: str, flow: str, parts: float, where: str) -> None:
    total = definition.vintages[vintage].total(flow)
    gap = parts - total
    if not abs(gap) <= ALLOWED_GAP_USD_M:
        raise AccountError(
            f"{definition.name}, vintage {vintage}: {flow} by product sum to USD {parts:,.3f} m but the published "
            f"total is USD {total:,.1f} m (gap {gap:,.3f} m, allowed {ALLOWED_GAP_USD_M} m); correct {where} or the "
            f"total in data/account/{definition.name}.yaml."
        )


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


def lines_of(definition: Definition, concordance: pd.DataFrame) -> pd.DataFrame:
    """Return the partner's tariff lines with the product of each and its weight in USD."""
    table = read_table(definition.lines.table)
    product = assign_products(table["hs10"], concordance, f"data/{definition.concordance}")
    return pd.DataFrame({"hs10": table["hs10"], "product": product, "usd": table[definition.lines.value]})


def headings_differ(definition: Definition, cells: pd.DataFrame, concordance: pd.DataFrame) -> list[str]:
    """Return one sentence for each import cell that is not the sum of its headings.

    A heading that several products share is divided by the weights of its tariff lines.
    """
    table = read_table(definition.headings.table)
    lines = lines_of(definition, concordance)
    lines["hs4"] = lines["hs10"].str[:4]
    weight = lines.groupby(["hs4", "product"])["usd"].sum()
    share = (weight / weight.groupby(level="hs4").transform("sum").replace(0, np.nan)).fillna(1.0)
    joined = share.rename("share").reset_index().merge(table, on="hs4")
    values = joined["share"] * joined[definition.headings.value]
    sums = values.groupby(joined["product"]).sum() / 1e9
    rows = cells[(cells["flow"] == "imports") & cells["status"].isin(["published", "derived"])]
    found = []
    for product, stated in zip(rows["product"], rows["usd_bn"], strict=True):
        built = float(sums.get(product, 0.0))
        if abs(built - stated) > ALLOWED_GAP_USD_M / 1000:
            found.append(
                f"data/{definition.cells}: imports of {product} are USD {stated * 1000:,.3f} m, but its headings in "
                f"data/{definition.headings.table} sum to USD {built * 1000:,.3f} m; correct one of them."
            )
    return found


def totals_differ(definition: Definition, vintage: str) -> list[str]:
    """Return one sentence for each flow whose total is not in the publisher's table of releases."""
    table = read_table(definition.published)
    row = table[(table["year"] == definition.year) & (table["vintage"] == vintage)]
    found = []
    for flow in FLOWS:
        ours = definition.vintages[vintage].total(flow)
        theirs = [round(1000 * usd, 1) for usd in row[f"{flow}_usd_bn"]]
        if theirs != [round(ours, 1)]:
            found.append(
                f"data/account/{definition.name}.yaml: {flow} of vintage {vintage} are USD {ours:,.1f} m, but "
                f"data/{definition.published} gives {theirs or 'no such release'}; correct one of them."
            )
    return found


def joined(words: list[str]) -> str:
    """Return the words with commas between them and an ``or`` before the last."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
