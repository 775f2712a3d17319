"""The cells of an account in one vintage: its own, those that the tables give, and a check that they balance."""

from typing import Final

import pandas as pd

from tradecalc.account.build import BALANCING, COLUMNS, balancing_cells, built_cells
from tradecalc.account.codes import products_of
from tradecalc.account.definition import FLOWS, Definition
from tradecalc.files import read_table
from tradecalc.terms import AccountError

ALLOWED_GAP_USD_M: Final = 0.1
STATUSES: Final = ("published", "derived", "assumed", "not split", "adjustment", "residual", "revision")


def cells_of(definition: Definition, vintage: str) -> pd.DataFrame:
    """Return the tidy cells of one vintage, one row per product and flow, checked to sum to the published totals.

    An account's own cells come before those that the shared tables give.

    Raises:
        AccountError: a product or flow is missing, double or unknown, or the parts do not sum to the total.
    """
    where = f"data/{definition.cells or definition.market.by_line}"
    raw, products = _own(definition), products_of(definition)
    rows = raw[raw["vintage"].isin(["all", vintage])]
    if definition.exports_by_chapter is not None:
        rows = pd.concat([rows, built_cells(definition, rows)])
        rows = pd.concat([rows, balancing_cells(definition, rows, vintage)])
    label = dict(zip(products["product"], products["label"], strict=True))
    rows = _in_order(rows.astype({"usd_m": float}), [*label])
    problems = _problems(definition, raw, rows, label)
    if problems:
        raise AccountError(f"{definition.name}, vintage {vintage}: {'; '.join(problems)}; see {where}.")
    for flow in FLOWS:
        _balance(definition, vintage, flow, float(rows.loc[rows["flow"] == flow, "usd_m"].sum()), where)
    names = rows["product"].map(label)
    rows["label"] = names.where(names.notna(), rows["product"].str.capitalize().str.replace("-", " of heading "))
    rows["usd_bn"] = rows["usd_m"] / 1000
    order = ["product", "label", "flow", "hs", "usd_bn", "status", "included_in", "source", "confidence", "note"]
    return rows[order]


def _own(definition: Definition) -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS)) if definition.cells is None else read_table(definition.cells)


def _in_order(rows: pd.DataFrame, products: list[str]) -> pd.DataFrame:
    """Return the rows flow by flow, in the order of the products; adjustments and balancing rows come last."""
    place = {product: i for i, product in enumerate(products)}
    rank = rows["product"].map(place).fillna(len(place) + rows["product"].isin(BALANCING))
    flow = rows["flow"].map({name: i for i, name in enumerate(FLOWS)})
    return rows.assign(_flow=flow, _rank=rank).sort_values(["_flow", "_rank"], kind="stable", ignore_index=True)


def _problems(definition: Definition, raw: pd.DataFrame, rows: pd.DataFrame, label: dict[str, str]) -> list[str]:
    """Return in a few words each what is wrong with the cells of a vintage."""
    blank, split = rows["usd_m"].isna(), rows["status"] != "not split"
    adjusting, inside = rows["status"] == "adjustment", rows["included_in"] != ""
    known = rows["included_in"].map(lambda named: set(named.split()) <= set(label))
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
        "is no product to be included in": rows.loc[inside & ~known, "included_in"],
    }
    problems = [f"{value!r} {what}" for what, values in wrong.items() for value in values.unique()]
    for flow in FLOWS:
        found = rows.loc[rows["flow"] == flow, "product"]
        problems += [f"{flow} of {product} stand twice" for product in found[found.duplicated()]]
        problems += [
            f"{flow} of {product} are missing" for product in (*label, *BALANCING) if product not in set(found)
        ]
    return problems


def _balance(definition: Definition, vintage: str, flow: str, parts: float, where: str) -> None:
    total = definition.vintages[vintage].total(flow)
    gap = parts - total
    if not abs(gap) <= ALLOWED_GAP_USD_M:
        raise AccountError(
            f"{definition.name}, vintage {vintage}: {flow} by product sum to USD {parts:,.3f} m but the published "
            f"total is USD {total:,.1f} m (gap {gap:,.3f} m, allowed {ALLOWED_GAP_USD_M} m); correct {where} or the "
            f"total in data/account/{definition.name}.yaml."
        )
