"""Where the trade goes: the change in the deficit by partner, from the world engine."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tradecalc.plots.canvas import described, draw_bars, foot, interval_of, provenance_of, read_out
from tradecalc.result import Result
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
    ax.set_title(f"{result.scenario.name}, closure {result.scenario.world.closure}")
    foot(ax, provenance_of(result))
    said = "Bars of the change in the deficit by partner, in USD bn. " + read_out(table, "partner")
    return described(ax, said, table)
