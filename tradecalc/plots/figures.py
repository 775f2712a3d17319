"""Figures, each with a table twin that holds exactly the numbers drawn."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator

from tradecalc.account import Account
from tradecalc.digits import printed
from tradecalc.plots.canvas import (
    COLOURS,
    axes_of,
    colour_of,
    day_said,
    described,
    draw_bars,
    folded,
    foot,
    interval_of,
    provenance_of,
    read_out,
    titled,
)
from tradecalc.result import Result
from tradecalc.scenario import short_of
from tradecalc.terms import VARIABLES


def bridge_table(result: Result) -> pd.DataFrame:
    """Return each lever's contribution to the change in the deficit and their sum, in USD bn, with 5-95 intervals."""
    central = result.channels.to_series().rename("central")
    draws = result.draws["channel_usd_bn"] if result.draws.sizes.get("draw") else None
    low, high = interval_of(draws.to_numpy() if draws is not None else np.zeros((0, central.size)))
    parts = pd.DataFrame({"channel": central.index, "central": central.to_numpy(), "p5": low, "p95": high})
    total_low, total_high = result.interval("deficit_change_usd_bn")
    total = pd.DataFrame(
        {"channel": ["total"], "central": [result.deficit_change_usd_bn], "p5": [total_low], "p95": [total_high]}
    )
    return pd.concat([parts, total], ignore_index=True)


def bridge(result: Result, *, ax: Axes | None = None) -> Axes:
    """Return axes with one bar a lever and one for the total, intervals drawn where there are draws."""
    table = bridge_table(result)
    kinds = [str(c).split(":")[0] for c in table["channel"]]
    ax = draw_bars(table, "channel", kinds, ax=ax)
    ax.set_xlabel(
        f"{VARIABLES['deficit_change_usd_bn'].label} ({VARIABLES['deficit_change_usd_bn'].unit}; left narrows)"
    )
    ax.set_title(titled(result))
    foot(ax, provenance_of(result))
    said = "Bars of what each lever contributes to the change in the deficit, in USD bn. " + read_out(table, "channel")
    return described(ax, said, table)


def spread_table(headline: pd.DataFrame) -> pd.DataFrame:
    """Return the change in the deficit by scenario, in USD bn, with the 5-95 interval; the rows of a headline table.

    A scenario goes by its short name: that of the table's column ``short`` or, without one, of its file.
    """
    table = headline.reset_index()[["scenario", "deficit_change_usd_bn", "p5", "p95"]]
    table["scenario"] = list(headline["short"]) if "short" in headline else [short_of(str(n)) for n in headline.index]
    return table.rename(columns={"deficit_change_usd_bn": "central"})


def spread(headline: pd.DataFrame, *, footer: str = "", ax: Axes | None = None) -> Axes:
    """Return axes with the change in the deficit by scenario; ``headline`` is that of `study.headline_table`."""
    table = spread_table(headline)
    ax = draw_bars(table, "scenario", ["total"] * len(table), ax=ax)
    ax.set_xlabel(f"{VARIABLES['deficit_change_usd_bn'].label} (USD bn; left narrows)")
    foot(ax, footer)
    said = "Bars of the change in the deficit by scenario, in USD bn. " + read_out(table, "scenario")
    return described(ax, said, table)


def composition_table(account: Account, *, top: int = 12) -> pd.DataFrame:
    """Return the ``top`` products by trade, both directions in USD bn; a flow that is not split out is blank."""
    both = pd.DataFrame({"imports": account.imports_usd_bn, "exports": account.exports_usd_bn})
    both = both.loc[[p for p in account.products if p in both.index]]
    order = both.fillna(0).sum(axis=1).sort_values(ascending=False, kind="stable").index[:top]
    labels = account.table().drop_duplicates("product").set_index("product")["label"]
    return both.loc[order].assign(label=labels.reindex(order)).rename_axis("product").reset_index()


def composition(account: Account, *, top: int = 12, ax: Axes | None = None) -> Axes:
    """Return axes with imports to the right and exports to the left of zero, by product."""
    table = composition_table(account, top=top)
    ax = axes_of(ax, height=0.5 * len(table) + 1.4)
    rows = np.arange(len(table))[::-1]
    ax.barh(rows, table["imports"], color=COLOURS["imports"], label="imports from the partner")
    ax.barh(
        rows, -table["exports"], color=COLOURS["exports"], hatch="..", edgecolor="white", label="exports to the partner"
    )
    ax.axvline(0, color="#333333", linewidth=0.8)
    ax.set_yticks(rows, [folded(label) for label in table["label"]])
    ax.xaxis.set_major_formatter(lambda x, _: printed(abs(x), ".6g"))
    ax.set_xlabel("USD bn (left: exports, right: imports)")
    ax.legend(frameon=False, loc="lower right")
    foot(ax, f"{account.name}, vintage {account.vintage}; a missing bar is a figure that is not split out")
    flows = zip(table["label"], table["imports"].to_numpy(float), table["exports"].to_numpy(float), strict=True)
    said = "; ".join(
        f"{label}: imports {printed(imports, '.1f')}, "
        f"exports {'not split out' if np.isnan(exports) else printed(exports, '.1f')}"
        for label, imports, exports in flows
    )
    return described(ax, f"Two-sided bars of trade by product in USD bn. {said}.", table)


def series_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of `series` as a table: the index as first column, then one column a line."""
    return frame.rename_axis("date").reset_index()


def series(
    frame: pd.DataFrame, *, unit: str, band: tuple[str, str] | None = None, footer: str = "", ax: Axes | None = None
) -> Axes:
    """Return axes with one line a column over time; ``band`` names two columns that bound a shaded interval."""
    ax = axes_of(ax, height=3.6)
    lines = [c for c in frame.columns if band is None or c not in band]
    for column, dash in zip(lines, ["-", "--", ":", "-."] * 3, strict=False):
        ax.plot(frame.index, frame[column], dash, linewidth=1.5, color=colour_of(lines.index(column)), label=column)
    if band:
        ax.fill_between(
            frame.index, frame[band[0]], frame[band[1]], color="#999999", alpha=0.35, linewidth=0, label="interval"
        )
    if isinstance(frame.index, pd.DatetimeIndex):
        ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=8))  # type: ignore[no-untyped-call]
    ax.set_ylabel(unit)
    ax.legend(frameon=False)
    foot(ax, footer)
    ends = []
    for column in lines:
        known = frame[column].dropna()
        if len(known):
            first, last = (f"{printed(known.iloc[i], '.1f')} in {day_said(known.index[i])}" for i in (0, -1))
            ends.append(f"{column} from {first} to {last}")
    return described(ax, f"Lines over time in {unit}: {'; '.join(ends)}.", series_table(frame))


def curves_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of `curves` as a table: the index as first column, then one column a curve."""
    return frame.reset_index()


def curves(frame: pd.DataFrame, *, xlabel: str, ylabel: str, footer: str = "", ax: Axes | None = None) -> Axes:
    """Return axes with one curve a column over the index of ``frame``."""
    ax = axes_of(ax, height=3.6)
    for i, (column, dash) in enumerate(zip(frame.columns, ["-", "--", ":", "-."] * 3, strict=False)):
        ax.plot(frame.index, frame[column], dash, color=colour_of(i), linewidth=1.8, label=str(column))
    ax.axhline(0, color="#333333", linewidth=0.8)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.legend(frameon=False)
    foot(ax, footer)
    first, last = (printed(frame.index[i], ".6g") for i in (0, -1))
    noise = 1e-8 * float(np.nanmax(np.abs(frame.to_numpy(float))))
    calm = frame.where(frame.abs() > noise, 0.0)  # what is zero but for rounding is said to be zero
    ends = "; ".join(f"{c} from {printed(calm[c].iloc[0], '.3g')} to {printed(calm[c].iloc[-1], '.3g')}" for c in calm)
    return described(ax, f"Curves of {ylabel} as {xlabel} runs from {first} to {last}: {ends}.", curves_table(frame))
