"""What all figures share: colours, the look, bars with intervals, footers and descriptions."""

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tradecalc.digits import printed
from tradecalc.plots.drawn import remember
from tradecalc.result import Result
from tradecalc.scenario import against

COLOURS: Final[dict[str, str]] = {
    "tariffs": "#0072B2",
    "quota": "#56B4E9",
    "pledge": "#009E73",
    "diversion": "#E69F00",
    "interaction": "#CC79A7",
    "localisation": "#D55E00",
    "investment": "#8C564B",
    "barrier": "#B8A100",
    "retaliation": "#882255",
    "exchange rate": "#44AA99",
    "total": "#333333",
    "imports": "#0072B2",
    "exports": "#009E73",
}
HATCHES: Final[dict[str, str]] = {
    "quota": "//",
    "pledge": "..",
    "diversion": "xx",
    "interaction": "\\\\",
    "localisation": "--",
    "investment": "||||",
    "barrier": "||",
    "retaliation": "++",
    "exchange rate": "oo",
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


def draw_bars(table: pd.DataFrame, names: str, kinds: list[str], *, ax: Axes | None) -> Axes:
    """Return axes with one bar a row of a table, its interval drawn where there is one."""
    ax = axes_of(ax, height=0.45 * len(table) + 1.4)
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


def axes_of(ax: Axes | None, *, height: float) -> Axes:
    """Return the axes that were given, or new ones in the project's look."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    with style():
        return pyplot.subplots(figsize=(6.0, height))[1]


def interval_of(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 5th and 95th percentile of draws (draw, ...), NaN without draws."""
    if not len(draws):
        nothing = np.full(draws.shape[1], np.nan)
        return nothing, nothing
    low, high = np.nanquantile(draws, [0.05, 0.95], axis=0)
    return low, high


def read_out(table: pd.DataFrame, names: str) -> str:
    """Return the rows of a table in words, for a description."""
    said = []
    for name, *numbers in zip(table[names], table["central"], table["p5"], table["p95"], strict=True):
        central, low, high = (printed(float(x), ".2f") for x in numbers)
        said.append(f"{name} {central}" + (f" ({low} to {high})" if pd.notna(numbers[1]) else ""))
    return "; ".join(said) + "."


def titled(result: Result) -> str:
    """Return the title of a scenario, and on a line of its own what it is measured against."""
    scenario = result.scenario
    return f"{fill(scenario.title, 62)}\nagainst: {against(scenario)}"


def provenance_of(result: Result) -> str:
    """Return account, vintage, draws and what whiskers mean, for a footer."""
    n, failed = len(result.diagnostics), result.failed_draws
    account = result.account
    book = f"{account['name']}, vintage {account['vintage']}"
    return f"{book}; {n} draws, {failed} not converged; whiskers: 5th to 95th percentile"


def described(ax: Axes, text: str, table: pd.DataFrame) -> Axes:
    """Return axes with a description in words, the alternative text, and with the table that they were drawn from."""
    ax.set_label(text)
    remember(ax, table)
    return ax


def foot(ax: Axes, text: str, *, below: int = 38) -> None:
    """Write a footer below axes."""
    if text:
        ax.annotate(
            text,
            (0, 0),
            (0, -below),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8,
            color="#595959",
            va="top",
        )


def folded(label: str) -> str:
    """Return a label in lines of at most 30 characters, without what stands in brackets."""
    return fill(label.split(" (")[0], 30)


def colour_of(i: int) -> str:
    """Return the colour of the i-th line."""
    return ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#333333", "#E69F00"][i % 6]


def day_said(day: Any) -> str:
    """Return a day, a month or a number in words."""
    return f"{day:%B %Y}" if hasattr(day, "strftime") else str(day)
