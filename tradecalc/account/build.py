"""Figures from the shared tables: imports of a partner by product, exports by chapter, each with its source."""

from collections import Counter
from typing import Final

import numpy as np
import pandas as pd

from tradecalc.account.codes import concordance_of, products_of
from tradecalc.account.definition import FLOWS, TOTAL, Definition, Vintage
from tradecalc.account.sellers import products_by_origin
from tradecalc.files import data_root, read_origin, read_table
from tradecalc.terms import AccountError

COLUMNS: Final = ("product", "flow", "vintage", "hs", "usd_m", "status", "included_in", "source", "confidence", "note")
BALANCING: Final = ("residual", "revision")
_CHAPTER: Final = 2  # digits
_LINE: Final = 10
_FEW: Final = 0.1  # a product that holds a smaller part of the lines is not named


def built_cells(definition: Definition, own: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that the shared tables give beside an account's own, without the rows that balance.

    A group of whole chapters is exported at their published sum. Of a chapter that several groups share, one holds all
    that is not split out; ``own`` says what is. In a coarse account imports are split by industry, exports by chapter,
    and each row says where the other flow is included.
    """
    split = own[(own["flow"] == "exports") & own["usd_m"].notna() & ~own["product"].isin(BALANCING)]
    parts = [_imports(definition)]
    if definition.exports_by_chapter is not None:
        parts.append(_exports(definition, split.set_index("product")["usd_m"]))
    built = pd.concat(parts, ignore_index=True)
    mine = pd.MultiIndex.from_frame(own[["product", "flow"]])
    return built[~pd.MultiIndex.from_frame(built[["product", "flow"]]).isin(mine)]


def balancing_cells(definition: Definition, rows: pd.DataFrame, vintage: str) -> pd.DataFrame:
    """Return the residual and the revision of each flow that the rows lack: what takes them to the published total.

    Imports: the residual takes the parts to the default vintage, the revision that to the vintage asked for. Exports:
    the residual takes the parts to the sum of all chapters, the revision that to the vintage.
    """
    out = []
    for flow in FLOWS:
        found = rows[rows["flow"] == flow]
        parts = float(found.loc[~found["product"].isin(BALANCING), "usd_m"].sum())
        base, asked = _base(definition, flow), definition.vintages[vintage]
        values = {"residual": base.total(flow) - parts, "revision": asked.total(flow) - base.total(flow)}
        told = {"residual": f"{base.title}, less the rows above", "revision": f"{asked.title}, less {base.title}"}
        out += [
            [name, flow, "all", "", round(value, 6) + 0.0, name, "", told[name], base.confidence, base.note]
            for name, value in values.items()
            if name not in set(found["product"])
        ]
    return pd.DataFrame(out, columns=list(COLUMNS))


def _base(definition: Definition, flow: str) -> Vintage:
    """Return the totals to which the parts of a flow belong."""
    default = definition.vintages[definition.default_vintage]
    if flow == "imports" or definition.exports_by_chapter is None:
        return default
    source, total = _source(definition.exports_by_chapter), float(_chapters(definition)[TOTAL])
    return default.model_copy(update={"title": source, "confidence": "high", "note": "", "exports_usd_m": total})


def _imports(definition: Definition) -> pd.DataFrame:
    table = products_by_origin(definition)
    sold = table[definition.partner] if definition.partner in table else pd.Series(dtype=float)
    listed, of_prefix = products_of(definition)["product"], _prefixes(definition)
    coarse = definition.by_industry
    source = _source(coarse.imports if coarse else definition.market.by_line)
    industries = set(read_table(coarse.products)["product"]) if coarse else set(listed)
    inside = _inside(definition, industries)
    rows: list[tuple[object, ...]] = []
    for product in listed:
        hs = " ".join(of_prefix.get(product, ()))
        if product in industries:
            rows.append(
                (product, "imports", "all", hs, float(sold.get(product, 0.0)), "published", "", source, "high", "")
            )
        else:
            why = "Imports are known by industry only (coarse)."
            rows.append((product, "imports", "all", hs, np.nan, "not split", inside[product], source, "low", why))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _exports(definition: Definition, split: "pd.Series[float]") -> pd.DataFrame:
    listed, of_prefix = products_of(definition), _prefixes(definition)
    label = dict(zip(listed["product"], listed["label"], strict=True))
    known = dict(zip(listed["product"], listed["exports_note"], strict=True))
    chapters, source = _chapters(definition), _source(str(definition.exports_by_chapter))
    whole = {product: [p for p in named if len(p) == _CHAPTER] for product, named in of_prefix.items()}
    holder = {chapter: product for product, named in whole.items() for chapter in named}
    for chapter in chapters.index:
        if chapter != TOTAL and chapter not in holder:
            raise AccountError(f"data/{definition.concordance}: chapter {chapter} has no product; add a prefix of it.")
    within = {p: sorted({holder[c[:_CHAPTER]] for c in named}) for p, named in of_prefix.items() if not whole[p]}
    inside = _inside(definition, set(whole))
    rows: list[tuple[object, ...]] = []
    for product in listed["product"]:
        hs = " ".join(of_prefix.get(product, ()))
        if not whole.get(product):
            place = " ".join(within.get(product, ())) or inside[product]
            why = "Exports are known by chapter only."
            rows.append((product, "exports", "all", hs, np.nan, "not split", place, source, "low", why))
            continue
        named = [other for other, places in within.items() if product in places]
        out, left = [p for p in named if p in split], [p for p in named if p not in split]
        usd_m = float(chapters.reindex(whole[product]).fillna(0.0).sum() - split.reindex(out).sum())
        if usd_m < 0:
            raise AccountError(
                f"{definition.name}: exports of {', '.join(out)} are USD {-usd_m:,.3f} m more than all of chapter "
                f"{', '.join(whole[product])}; correct data/{definition.cells}."
            )
        together = f"Holds what is not told apart: {'; '.join(label[p] for p in left)}." if left else ""
        note = " ".join(filter(None, (known[product], together)))
        hs = " ".join(whole[product]) + (f" less {', '.join(out)}" if out else "")
        less = " less the groups split out" if out else ""
        status, trust = ("derived", "medium") if out else ("published", "high")
        rows.append((product, "exports", "all", hs, usd_m, status, "", source + less, trust, note))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _inside(definition: Definition, split: set[str]) -> dict[str, str]:
    """Return for each product that a coarse account does not split in a flow those that hold its lines there."""
    if definition.by_industry is None:
        return {}
    of_line = concordance_of(definition)
    of_line = of_line[of_line["prefix"].str.len() == _LINE]
    chapters = read_table(definition.concordance)
    holder = dict(zip(chapters["prefix"], chapters["product"], strict=True))
    found: dict[str, Counter[str]] = {}
    for code, industry in zip(of_line["prefix"], of_line["product"], strict=True):
        by_chapter = holder[code[:_CHAPTER]]
        finest = next(holder[code[:n]] for n in range(_LINE, 0, -1) if code[:n] in holder)
        for product, place in ((industry, by_chapter), (finest, industry)):
            if product not in split and place in split:
                found.setdefault(product, Counter())[place] += 1
    return {
        product: " ".join(sorted(place for place, lines in places.items() if lines >= _FEW * places.total()))
        for product, places in found.items()
    }


def _prefixes(definition: Definition) -> dict[str, list[str]]:
    """Return the prefixes of each product that is made of codes, in order."""
    table = read_table(definition.concordance)
    return {str(product): sorted(codes) for product, codes in table.groupby("product")["prefix"]}


def _chapters(definition: Definition) -> "pd.Series[float]":
    """Return exports to the partner in USD million by chapter, all of them under the code of the total."""
    table = read_table(str(definition.exports_by_chapter))
    here = table[(table["year"] == definition.year) & (table["destination"] == definition.partner)]
    return here.set_index("hs2")["exports_usd"] / 1e6


def _source(table: str) -> str:
    origin = read_origin(data_root() / table)
    return f"{origin.publisher}, {origin.title}"
