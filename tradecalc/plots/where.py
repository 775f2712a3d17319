"""Where the trade goes: the change in the deficit by partner; and one question asked of every partner."""

from collections.abc import Mapping
from textwrap import fill
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tradecalc.digits import printed
from tradecalc.plots.canvas import axes_of, colour_of, described, draw_bars, foot, interval_of, provenance_of, read_out
from tradecalc.result import Result
from tradecalc.terms import InputError
from tradecalc.worlds import names_of_countries


def partners_table(result: Result) -> pd.DataFrame:
    """Return the change in the goods deficit by partner, services and the overall change, with 5-95 intervals."""
    parts = ["partner_deficit_change_usd_bn", "partner_services_deficit_change_usd_bn", "overall_deficit_change_usd_bn"]
    goods, services, overall = (result.central[name] for name in parts)
    order = goods.to_series().sort_values(ascending=False, kind="stable").index
    central = [*goods.sel(country=order).to_numpy(), float(services.sum()), float(overall)]
    drawn = [result.draws[name].to_numpy() for name in parts]
    by_name = result.draws[parts[0]].sel(country=order).to_numpy()
    low, high = interval_of(np.column_stack([by_name, drawn[1].sum(axis=1), drawn[2]]))
    known = names_of_countries(result.scenario.world.name)
    names = [*(known.get(str(code), str(code)) for code in order), "services, all partners", "overall"]
    return pd.DataFrame({"partner": names, "central": central, "p5": low, "p95": high})


def partners(result: Result, *, ax: Axes | None = None) -> Axes:
    """Return axes with the change in the deficit by partner, services and overall, from the world engine."""
    table = partners_table(result)
    own = names_of_countries(result.scenario.world.name)[result.account["partner"]]
    kinds = ["total" if n == "overall" else "tariffs" if n == own else "diversion" for n in table["partner"]]
    ax = draw_bars(table, "partner", kinds, ax=ax)
    ax.set_xlabel("change in the deficit, USD bn (left narrows)")
    ax.set_title(f"{fill(result.scenario.title, 62)}\nworld engine, overall balances {result.scenario.world.closure}")
    foot(ax, provenance_of(result))
    said = "Bars of the change in the deficit by partner, in USD bn. " + read_out(table, "partner")
    return described(ax, said, table)


_LINEAR_TO: Final = 2.0  # USD bn: between minus and plus this the scale is linear, beyond it logarithmic
_MARKERS: Final = "oDs^v"


def by_partner_table(changes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return partner, deficit and one column a question, in USD bn; each table is that of `compare_partners`.

    Raises:
        InputError: the tables are not of the same partners in the same order.
    """
    first, *others = changes.values()
    if any(list(table["partner"]) != list(first["partner"]) for table in others):
        raise InputError("by_partner: the tables hold different partners, or in another order; compare the same ones.")
    out = pd.DataFrame({"partner": first["name"], "deficit": first["deficit_usd_bn"]})
    return out.assign(**{label: table["change_usd_bn"] for label, table in changes.items()})


def by_partner(changes: Mapping[str, pd.DataFrame], *, footer: str = "", ax: Axes | None = None) -> Axes:
    """Return axes with one row a partner and one mark a question: the change in the deficit with it.

    ``changes``: by the words of the legend, tables of `compare_partners` with a column ``change_usd_bn``, that which is
    drawn. The scale is logarithmic beyond 2 bn to either side of zero, since partners differ a hundredfold.
    """
    table = by_partner_table(changes)
    ax = axes_of(ax, height=0.3 * len(table) + 1.8)
    rows = np.arange(len(table))[::-1]
    for i, (label, marker) in enumerate(zip(changes, _MARKERS, strict=False)):
        ax.plot(table[label], rows, marker, color=colour_of(i), markersize=6, label=label)
    ax.axvline(0, color="#333333", linewidth=0.8)
    ax.set_xscale("symlog", linthresh=_LINEAR_TO)
    ends = table[list(changes)].to_numpy(float)
    ax.set_xlim(1.6 * min(ends.min(), -_LINEAR_TO), 1.6 * max(ends.max(), _LINEAR_TO))
    ax.xaxis.set_major_formatter(lambda x, _: printed(x, ".6g"))
    names = zip(table["partner"], table["deficit"], strict=True)
    ax.set_yticks(rows, [f"{name} ({printed(deficit, '.0f')})" for name, deficit in names])
    ax.set_xlabel("change in the deficit, USD bn, logarithmic beyond 2 (left narrows)")
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2)
    foot(ax, footer)
    said = [
        f"{row['partner']} " + ", ".join(f"{label} {printed(float(row[label]), '.1f')}" for label in changes)
        for row in table.to_dict("records")
    ]
    return described(ax, f"Marks of the change in the deficit by partner in USD bn. {'; '.join(said)}.", table)
