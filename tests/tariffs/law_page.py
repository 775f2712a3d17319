"""The computed parts of docs/law.md: `python tests/tariffs/law_page.py` rewrites them.

Tables stand under a heading row of their own; the last column of the table of assumptions is the trade that each
assumption touches. `test_collected.py` compares what is printed with what is computed.
"""

import re
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from tradecalc.account import load_account
from tradecalc.files import read_table
from tradecalc.tariffs import (
    TariffSchedule,
    gap_reasons,
    load_tariffs,
    statutory_by_industry,
    statutory_by_month,
    statutory_by_origin,
)
from tradecalc.tariffs.law import ANY, FOREVER, Authority, Rate
from tradecalc.tariffs.lines import Mask, lay_out

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "law.md"
MONTHS = ("2025-06", "2025-10", "2025-11")
PARTNERS = 25
LEAST_SHARE = 0.01
MANY = 8
TOUCHED_ON = date(2025, 10, 1)


def partner_gaps(law: TariffSchedule) -> pd.DataFrame:
    """Return `statutory_by_origin` of the partners that sell most, in the months of the page, the largest first."""
    paid = read_table("history/collected-by-origin.csv").query("origin not in ('WLD', 'EUU')")
    largest = paid.groupby("origin")["imports_usd_m"].sum().nlargest(PARTNERS)
    return statutory_by_origin(law, MONTHS, origins=list(largest.index))


def compiled(law: TariffSchedule) -> str:
    """Return the table of what is compiled: each authority with its first and last day, by group."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for authority in law.law.rules.authorities:
        charging = [row for row in authority.rates if row.rule != "none"]
        if charging:
            days = _from_to(law, authority, charging)
            rows.setdefault(authority.group, []).append((f"`{authority.authority}` {days}", _origins(charging)))
        else:
            rows.setdefault(authority.group, []).append((f"`{authority.authority}` throughout", "all"))
    lines = [(group, "; ".join(f"{what}: {where}" for what, where in found)) for group, found in rows.items()]
    return _table(("group", "authorities, with their days and origins"), lines)


def _from_to(law: TariffSchedule, authority: Authority, charging: list[Rate]) -> str:
    """Return the days from the first to the last on which some row charges, later instruments taken off."""
    windows = [_window(law, authority, row, origin) for row in charging for origin in row.origin]
    begin = min(start for start, end in windows if start <= end)
    last = max(end for start, end in windows if start <= end)
    start = "" if begin <= law.first_date else f"from {begin}"
    return " ".join(part for part in (start, "" if last == FOREVER else f"to {last}") if part) or "throughout"


def _window(law: TariffSchedule, authority: Authority, row: Rate, origin: str) -> tuple[date, date]:
    known = law.law.rules.known
    scope = max(item.end for item in authority.scope[row.scope] if not item.minus)
    start, end = row.start, min(row.end, scope)
    for other in authority.rates:
        near = other.scope == row.scope and origin in other.origin and other.preference in (None, row.preference)
        if not (near and other.rule == "none" and known[other.reference] >= known[row.reference]):
            continue
        if other.start > start:
            end = min(end, other.start - timedelta(days=1)) if other.end == FOREVER else end
        elif other.end >= start:
            start, end = (start, date.min) if other.end == FOREVER else (other.end + timedelta(days=1), end)
    return start, end


def _origins(charging: list[Rate]) -> str:
    named = sorted({origin for row in charging for origin in row.origin})
    if ANY in named:
        return "all"
    return ", ".join(named) if len(named) <= MANY else f"{len(named)} origins"


def japan(law: TariffSchedule) -> str:
    """Return the tables of Japan by month from April 2025 on, months across."""
    gaps = statutory_by_month(law, load_account("us-japan-2024")).set_index("month").loc["2025-04":]
    months = gaps.index.strftime("%Y-%m")
    half = len(gaps) // 2
    parts = []
    for cut in (slice(None, half), slice(half, None)):
        rows = [(c, *(f"{100 * v:.1f}" for v in gaps[c].iloc[cut])) for c in ("statutory", "collected")]
        rows.append(("gap, points", *(_signed(100 * v) for v in gaps["gap"].iloc[cut])))
        parts.append(_table(("%", *months[cut]), rows))
    return "\n\n".join(parts)


def partners(law: TariffSchedule) -> str:
    """Return the table of partners by month: law, collected, gap and its rest at the month's industries, and why."""
    found, told = partner_gaps(law), gap_reasons()
    rows = []
    for origin, own in found.groupby("origin", sort=False):
        cells = []
        for row in own.itertuples():
            cells += [f"{100 * row.statutory:.1f}", f"{100 * row.collected:.1f}", _signed(row.gap)]
            cells += [_signed(100 * (row.then - row.collected))]
        kinds = dict.fromkeys(kind for kinds in told.loc[told["origin"] == origin, "kinds"] for kind in kinds)
        rows.append((origin, *cells, ", ".join(kinds)))
    head = [f"{name} {month[5:]}" for month in MONTHS for name in ("law", "coll.", "gap", "rest")]
    return _table(("origin", *head, "why, where above 3"), rows)


def industries(law: TariffSchedule) -> str:
    """Return the table of Japan's industries with at least a hundredth of its trade, and the rest, in two months."""
    names = read_table("history/us-imports-from-japan-naics3-monthly.csv").drop_duplicates("naics3")
    name_of = dict(zip(names["naics3"], names["description"].str.capitalize(), strict=True))
    found = {month: statutory_by_industry(law, [month]).set_index("naics3") for month in ("2025-06", "2025-11")}
    shares = next(iter(found.values()))["share"]
    large = shares[shares >= LEAST_SHARE].sort_values(ascending=False).index
    groups = [(f"{code} {name_of[code]}", [code]) for code in large]
    groups += [("all others", list(shares.index.difference(large))), ("all", list(shares.index))]
    rows = []
    for name, codes in groups:
        cells = [f"{100 * shares[codes].sum():.1f}"]
        for table in found.values():
            own = table.loc[codes]
            law_rate = np.nansum(own["share"] * own["statutory"]) / own["share"].sum()
            paid = np.nansum(own["share_then"] * own["collected"]) / own["share_then"].sum()
            cells += [f"{100 * law_rate:.1f}", f"{100 * paid:.1f}", _signed(100 * (law_rate - paid))]
        rows.append((name, *cells))
    head = ("law 06", "coll. 06", "gap 06", "law 11", "coll. 11", "gap 11")
    return _table(("industry (NAICS)", "share, %", *head), rows)


def touched(law: TariffSchedule) -> dict[str, str]:
    """Return the trade of 2024 that an assumption touches, USD bn, by the text its row begins with."""
    table = read_table(law.law.schedule.lines)
    usd = table["imports_for_consumption_usd"].to_numpy(np.float64) / 1e9
    codes, origin = table["hs10"], table["origin"]
    lines = lay_out(tuple(codes), law.law.book)
    basis = read_table(law.law.schedule.mfn).set_index("hs8")["basis"].reindex(codes.str[:8]).to_numpy(object)

    def on(name: str, day: date, less: str = " ") -> Mask:
        """Return which lines stand in the scope of an authority on a day, without lists whose name holds ``less``."""
        items = [i for part in law.law.authority(name).scope.values() for i in part if i.start <= day <= i.end]
        kept = [item for item in items if item.use is None and not item.minus and less not in (item.list or "")]
        return np.any([lines.length(item) > 0 for item in kept], axis=0)

    content = [on(f"s232_{name}", TOUCHED_ON) for name in ("steel_derivatives", "aluminium_derivatives", "copper")]
    full = on("s232_steel", TOUCHED_ON, "_mill_") | on("s232_aluminium", TOUCHED_ON, "_mill_")
    annexes = on("s232_metals_annexes", date(2026, 7, 1))
    use = law.law.book.claims.aircraft_share(lines.text) * law.law.for_aircraft(lines)
    partner = origin.isin(["MEX", "CAN"]).to_numpy()
    outside = ~codes.str[:2].isin(["72", "73", "74", "76"]).to_numpy()
    in_73_76 = codes.str[:2].isin(["73", "76"]).to_numpy()
    free_trade = origin.isin(sorted(_with_a_programme(law))).to_numpy()
    masks = {
        "Specific and compound duties": pd.Series(basis).str.startswith("equivalent").fillna(False).to_numpy(bool),
        "Metal content": np.any(content, axis=0),
        "Goods of chapters 73 and 76": full & in_73_76,
        "Goods of the annexes": annexes & outside,
        "The USMCA": partner,
        "Other free-trade rates": free_trade & ~partner,
        "Civil aircraft": use,
        "Headings on the lists of car parts": on("s232_car_parts", TOUCHED_ON),
        "Goods entered under chapter 98": (codes.str[:2] == "98").to_numpy(),
        "Articles for the handicapped": (codes.str[:4] == "9021").to_numpy(),
        "No duty on the statistical line": codes.str.startswith("9999").to_numpy(),
    }
    return {name: f"{float(usd @ mask):.1f}" for name, mask in masks.items()}


def _with_a_programme(law: TariffSchedule) -> set[str]:
    return {origin for row in law.law.authority("free_trade").rates for origin in row.origin}


def _signed(value: float) -> str:
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines)


TABLES: dict[str, Callable[[TariffSchedule], str]] = {
    "compiled": compiled,
    "japan": japan,
    "partners": partners,
    "industries": industries,
}


def written(page: str, law: TariffSchedule) -> str:
    """Return the page with its computed parts as they are now."""
    for make in TABLES.values():
        for table in make(law).split("\n\n"):
            head = re.escape(table.split("\n", 1)[0]).replace(r"%\ ", r"%\ ")
            page = re.sub(rf"^{head}\n(?:\|.*\n)*", lambda _, t=table: t + "\n", page, flags=re.MULTILINE)
    for name, value in touched(law).items():
        page = re.sub(rf"^(\| {re.escape(name)}.*\|) [^|]* \|$", rf"\1 {value} |", page, flags=re.MULTILINE)
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), load_tariffs("us")), "utf-8")
    sys.exit(0)
