"""Figures, each with a table twin that holds exactly the numbers drawn."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tradecalc.result import Result
from tradecalc.terms import VARIABLES, InputError

if TYPE_CHECKING:
    from IPython.display import Image

    from tradecalc.account import Account

__all__ = [
    "bridge",
    "bridge_table",
    "composition",
    "composition_table",
    "curves",
    "curves_table",
    "picture",
    "series",
    "series_table",
    "spread",
    "spread_table",
    "style",
]

COLOURS: Final[dict[str, str]] = {
    "tariffs": "#0072B2",
    "quota": "#56B4E9",
    "pledge": "#009E73",
    "diversion": "#E69F00",
    "interaction": "#CC79A7",
    "total": "#333333",
    "imports": "#0072B2",
    "exports": "#009E73",
}
HATCHES: Final[dict[str, str]] = {
    "quota": "//",
    "pledge": "..",
    "diversion": "xx",
    "interaction": "\\\\",
    "exports": "..",
}
_RC: Final[dict[str, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "axes.axisbelow": True,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "hatch.linewidth": 0.4,
    "svg.hashsalt": "tradecalc",
}


@contextmanager
def style() -> Iterator[None]:
    """Apply the project's look inside a ``with`` block, and nowhere else."""
    with mpl.rc_context(_RC):  # type: ignore[arg-type]
        yield


def picture(ax: Axes) -> "Image":
    """Return a figure as a PNG with its description as alternative text, and close it.

    Raises:
        InputError: the axes carry no description; every plot of this module sets one.
    """
    from IPython.display import Image
    from matplotlib import pyplot

    alt = str(ax.get_label())
    if not alt or alt.startswith("_"):
        raise InputError("picture: the axes have no description; draw them with tradecalc.plots or use set_label.")
    figure = ax.figure
    assert isinstance(figure, Figure)
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    pyplot.close(figure)
    return Image(buffer.getvalue(), format="png", metadata={"alt": alt})  # type: ignore[no-untyped-call]


def bridge_table(result: Result) -> pd.DataFrame:
    """Return each lever's contribution to the change in the deficit and their sum, in USD bn, with 5-95 intervals."""
    central = result.channels.to_series().rename("central")
    draws = result.draws["channel_usd_bn"] if result.draws.sizes.get("draw") else None
    low, high = _interval(draws.to_numpy() if draws is not None else np.zeros((0, central.size)))
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
    ax = _bars(table, "channel", kinds, ax=ax)
    ax.set_xlabel(
        f"{VARIABLES['deficit_change_usd_bn'].label} ({VARIABLES['deficit_change_usd_bn'].unit}; left narrows)"
    )
    ax.set_title(f"{result.scenario.name}, against {result.scenario.relative_to}")
    _footer(ax, _provenance(result))
    return _describe(
        ax, "Bars of what each lever contributes to the change in the deficit, in USD bn. " + _read(table, "channel")
    )


def spread_table(headline: pd.DataFrame) -> pd.DataFrame:
    """Return the change in the deficit by scenario, in USD bn, with the 5-95 interval; the rows of a headline table."""
    table = headline.reset_index()[["scenario", "deficit_change_usd_bn", "p5", "p95"]]
    return table.rename(columns={"deficit_change_usd_bn": "central"})


def spread(headline: pd.DataFrame, *, footer: str = "", ax: Axes | None = None) -> Axes:
    """Return axes with the change in the deficit by scenario; ``headline`` is that of `study.headline_table`."""
    table = spread_table(headline)
    ax = _bars(table, "scenario", ["total"] * len(table), ax=ax)
    ax.set_xlabel(f"{VARIABLES['deficit_change_usd_bn'].label} (USD bn; left narrows)")
    _footer(ax, footer)
    return _describe(ax, "Bars of the change in the deficit by scenario, in USD bn. " + _read(table, "scenario"))


def composition_table(account: "Account", *, top: int = 12) -> pd.DataFrame:
    """Return the ``top`` products by trade, both directions in USD bn; a flow that is not split out is blank."""
    both = pd.DataFrame({"imports": account.imports_usd_bn, "exports": account.exports_usd_bn})
    both = both.loc[[p for p in account.products if p in both.index]]
    order = both.fillna(0).sum(axis=1).sort_values(ascending=False, kind="stable").index[:top]
    labels = account.table().drop_duplicates("product").set_index("product")["label"]
    return both.loc[order].assign(label=labels.reindex(order)).rename_axis("product").reset_index()


def composition(account: "Account", *, top: int = 12, ax: Axes | None = None) -> Axes:
    """Return axes with imports to the right and exports to the left of zero, by product."""
    table = composition_table(account, top=top)
    ax = _axes(ax, height=0.5 * len(table) + 1.4)
    rows = np.arange(len(table))[::-1]
    ax.barh(rows, table["imports"], color=COLOURS["imports"], label="imports from the partner")
    ax.barh(
        rows, -table["exports"], color=COLOURS["exports"], hatch="..", edgecolor="white", label="exports to the partner"
    )
    ax.axvline(0, color="#333333", linewidth=0.8)
    ax.set_yticks(rows, [_folded(label) for label in table["label"]])
    ax.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
    ax.set_xlabel("USD bn (left: exports, right: imports)")
    ax.legend(frameon=False, loc="lower right")
    _footer(ax, f"{account.name}, vintage {account.vintage}; a missing bar is a figure that is not split out")
    flows = zip(table["label"], table["imports"].to_numpy(float), table["exports"].to_numpy(float), strict=True)
    said = "; ".join(
        f"{label}: imports {imports:.1f}, exports " + ("not split out" if np.isnan(exports) else f"{exports:.1f}")
        for label, imports, exports in flows
    )
    return _describe(ax, f"Two-sided bars of trade by product in USD bn. {said}.")


def series_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of `series` as a table: the index as first column, then one column a line."""
    return frame.rename_axis("date").reset_index()


def series(
    frame: pd.DataFrame, *, unit: str, band: tuple[str, str] | None = None, footer: str = "", ax: Axes | None = None
) -> Axes:
    """Return axes with one line a column over time; ``band`` names two columns that bound a shaded interval."""
    ax = _axes(ax, height=3.6)
    lines = [c for c in frame.columns if band is None or c not in band]
    for column, dash in zip(lines, ["-", "--", ":", "-."] * 3, strict=False):
        ax.plot(frame.index, frame[column], dash, linewidth=1.5, color=_cycle(lines.index(column)), label=column)
    if band:
        ax.fill_between(
            frame.index, frame[band[0]], frame[band[1]], color="#999999", alpha=0.35, linewidth=0, label="interval"
        )
    ax.set_ylabel(unit)
    ax.legend(frameon=False)
    _footer(ax, footer)
    ends = "; ".join(
        f"{c} from {s.iloc[0]:.1f} in {_day(s.index[0])} to {s.iloc[-1]:.1f} in {_day(s.index[-1])}"
        for c in lines
        if len(s := frame[c].dropna())
    )
    return _describe(ax, f"Lines over time in {unit}: {ends}.")


def curves_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of `curves` as a table: the index as first column, then one column a curve."""
    return frame.reset_index()


def curves(frame: pd.DataFrame, *, xlabel: str, ylabel: str, footer: str = "", ax: Axes | None = None) -> Axes:
    """Return axes with one curve a column over the index of ``frame``."""
    ax = _axes(ax, height=3.6)
    for i, (column, dash) in enumerate(zip(frame.columns, ["-", "--", ":", "-."] * 3, strict=False)):
        ax.plot(frame.index, frame[column], dash, color=_cycle(i), linewidth=1.8, label=str(column))
    ax.axhline(0, color="#333333", linewidth=0.8)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.legend(frameon=False)
    _footer(ax, footer)
    first, last = frame.index[0], frame.index[-1]
    noise = 1e-9 * float(np.nanmax(np.abs(frame.to_numpy(float))))
    calm = frame.where(frame.abs() > noise, 0.0)  # what is zero but for rounding is said to be zero
    ends = "; ".join(f"{c} from {calm[c].iloc[0]:.3g} to {calm[c].iloc[-1]:.3g}" for c in calm)
    return _describe(ax, f"Curves of {ylabel} as {xlabel} runs from {first:g} to {last:g}: {ends}.")


def _bars(table: pd.DataFrame, names: str, kinds: list[str], *, ax: Axes | None) -> Axes:
    ax = _axes(ax, height=0.45 * len(table) + 1.4)
    rows = np.arange(len(table))[::-1]
    for row, kind, value in zip(rows, kinds, table["central"], strict=True):
        ax.barh(row, value, color=COLOURS.get(kind, "#777777"), hatch=HATCHES.get(kind), edgecolor="white", height=0.6)
    if table["p5"].notna().any():
        below = np.maximum(table["central"] - table["p5"], 0)
        above = np.maximum(table["p95"] - table["central"], 0)
        ax.errorbar(
            table["central"], rows, xerr=[below, above], fmt="none", ecolor="#000000", elinewidth=1.1, capsize=3
        )
    ax.axvline(0, color="#333333", linewidth=0.8)
    ax.set_yticks(rows, [str(name) for name in table[names]])
    return ax


def _axes(ax: Axes | None, *, height: float) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot

    with style():
        return pyplot.subplots(figsize=(6.0, height))[1]


def _interval(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(draws):
        nothing = np.full(draws.shape[1], np.nan)
        return nothing, nothing
    low, high = np.nanquantile(draws, [0.05, 0.95], axis=0)
    return low, high


def _read(table: pd.DataFrame, names: str) -> str:
    shown = table[["central", "p5", "p95"]].round(2) + 0.0  # never minus zero
    parts = zip(table[names], *(shown[c].to_numpy(float) for c in shown), strict=True)
    said = (f"{n} {c:.2f}" + ("" if np.isnan(low) else f" ({low:.2f} to {high:.2f})") for n, c, low, high in parts)
    return "; ".join(said) + "."


def _provenance(result: Result) -> str:
    n, failed = len(result.diagnostics), result.failed_draws
    account = result.account
    book = f"{account['name']}, vintage {account['vintage']}"
    return f"{book}; {n} draws, {failed} not converged; whiskers: 5th to 95th percentile"


def _describe(ax: Axes, text: str) -> Axes:
    ax.set_label(text)
    return ax


def _footer(ax: Axes, text: str) -> None:
    if text:
        ax.annotate(
            text,
            (0, 0),
            (0, -38),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8,
            color="#595959",
            va="top",
        )


def _folded(label: str) -> str:
    """Return a label in lines of at most 30 characters, without what stands in brackets."""
    return fill(label.split(" (")[0], 30)


def _cycle(i: int) -> str:
    return ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#333333", "#E69F00"][i % 6]


def _day(day: Any) -> str:
    return f"{day:%B %Y}" if hasattr(day, "strftime") else str(day)
