"""Figures of what comes when, and of what may come: paths through months and years, and the outcomes of a tree."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tradecalc.digits import printed
from tradecalc.plots.canvas import (
    axes_of,
    colour_of,
    day_said,
    described,
    draw_bars,
    foot,
    provenance_of,
    read_out,
    titled,
)
from tradecalc.result import Result
from tradecalc.study import branch_table
from tradecalc.terms import VARIABLES, InputError


def path_table(results: Mapping[str, Result] | Result, *, by: str = "year", level: bool = False) -> pd.DataFrame:
    """Return the deficit by scenario and period, in USD bn at annual rates, with the 5-95 interval over draws.

    Columns: scenario, period, central, p5, p95.

    Args:
        results: results by the name that the figure gives them; one that was saved needs its path.
        by: "year" or "month", as in `Result.path`.
        level: the deficit itself; False takes its change against the scenario that it is measured by.

    Raises:
        InputError: there is no result, one was saved without its path, or ``by`` is something else.
    """
    named = {results.scenario.short: results} if isinstance(results, Result) else dict(results)
    if not named:
        raise InputError("path: there is no result to draw; give one, or several by name.")
    parts = [_periods(result, by, level).assign(scenario=name) for name, result in named.items()]
    return pd.concat(parts, ignore_index=True)[["scenario", "period", "central", "p5", "p95"]]


def path(
    results: Mapping[str, Result] | Result, *, by: str = "year", level: bool = False, ax: Axes | None = None
) -> Axes:
    """Return axes with one line a scenario through time, and its 5-95 interval as a band where there are draws."""
    named = {results.scenario.short: results} if isinstance(results, Result) else dict(results)
    table = path_table(named, by=by, level=level)
    ax = axes_of(ax, height=3.6)
    said = []
    for i, (name, dash) in enumerate(zip(named, ["-", "--", ":", "-."] * 3, strict=False)):
        rows = table[table["scenario"] == name]
        days = rows["period"].astype(int) if by == "year" else pd.to_datetime(rows["period"], format="%Y-%m")
        marker = "o" if by == "year" else None
        ax.plot(days, rows["central"], dash, color=colour_of(i), linewidth=1.8, marker=marker, markersize=4, label=name)
        if rows["p5"].notna().any():
            ax.fill_between(days, rows["p5"], rows["p95"], color=colour_of(i), alpha=0.18, linewidth=0)
        said.append(_ends(name, rows["central"].to_numpy(), [days.iloc[0], days.iloc[-1]]))
    if by == "year":
        ax.set_xticks(sorted(table["period"].astype(int).unique()))
    else:
        ax.tick_params(axis="x", labelrotation=30)
    if not level:
        ax.axhline(0, color="#333333", linewidth=0.8)
    word = VARIABLES["path_deficit_usd_bn" if level else "path_deficit_change_usd_bn"]
    ax.set_ylabel(f"{word.label}\n({word.unit}, annual rate" + (")" if level else "; below 0 narrows)"))
    ax.legend(frameon=False)
    foot(ax, provenance_of(next(iter(named.values()))).replace("whiskers", "bands"), below=52)
    text = f"Lines of the {word.label.lower()} by {by}, in {word.unit} at annual rates: {'; '.join(said)}."
    return described(ax, text, table)


def branches_table(result: Result) -> pd.DataFrame:
    """Return each outcome of a tree with its probability, then the expectation: change in the deficit in USD bn, 5-95.

    The interval of the last row is that of the mixture of all outcomes and draws, see `study.branch_table`.

    Raises:
        InputError: the result is not that of a tree.
    """
    table = branch_table(result)[["branch", "probability", "deficit_change_usd_bn", "p5", "p95"]]
    table = table.rename(columns={"deficit_change_usd_bn": "central"})
    return table.assign(branch=[*table["branch"].iloc[:-1], "expectation"])


def branches(result: Result, *, ax: Axes | None = None) -> Axes:
    """Return axes with one bar an outcome, its probability in the label, and the expectation with the mixture."""
    table = branches_table(result)
    chance = [
        f"{name} ({printed(100 * p, '.3g')} %)" for name, p in zip(table["branch"], table["probability"], strict=True)
    ]
    shown = table.assign(branch=[*chance[:-1], table["branch"].iloc[-1]])
    ax = draw_bars(shown, "branch", ["tariffs"] * (len(shown) - 1) + ["total"], ax=ax)
    word = VARIABLES["deficit_change_usd_bn"]
    ax.set_xlabel(f"{word.label} ({word.unit}; left narrows)")
    ax.set_title(titled(result))
    foot(ax, provenance_of(result))
    said = "Bars of the change in the deficit by outcome, in USD bn. " + read_out(shown, "branch")
    return described(ax, said, table)


def _periods(result: Result, by: str, level: bool) -> pd.DataFrame:
    """Return period, central value and 5-95 interval of one path."""
    if "period" not in result.central.coords and result.solve_path is not None:
        result = result.solve_path()
    frame = result.path(by=by).reset_index()
    if not level:
        return frame.rename(columns={"deficit_change_usd_bn": "central"})[["period", "central", "p5", "p95"]]
    names = result.central["period"].to_numpy().astype(str)
    at = [np.flatnonzero(np.char.startswith(names, period)) for period in frame["period"]]
    drawn = result.draws["path_deficit_usd_bn"].to_numpy()
    means = np.stack([drawn[:, i].mean(axis=1) for i in at], axis=1)
    low, high = np.nanquantile(means, [0.05, 0.95], axis=0) if len(means) else np.full((2, len(at)), np.nan)
    return pd.DataFrame({"period": frame["period"], "central": frame["deficit_usd_bn"], "p5": low, "p95": high})


def _ends(name: str, values: np.ndarray, days: list[object]) -> str:
    """Return a line in words: where it starts and ends, and its lowest and highest point."""
    ends = (values[0], values[-1], values.min(), values.max())
    first, last, low, high = (printed(float(v), ".1f") for v in ends)
    return f"{name} from {first} in {day_said(days[0])} to {last} in {day_said(days[1])}, between {low} and {high}"
