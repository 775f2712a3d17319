"""The numbers of every shipped scenario, frozen: `python tests/golden/golden.py` (or `make golden`) rewrites them.

One table a scenario and engine: kind (central, channel, path, p5, p50, p95), variable, where (coordinates, joined by
``|``) and value at 12 significant digits. Central values, channels and paths by year are those of the central beliefs;
percentiles are those of 200 draws in the market engine and of 20 in the world engine. An engine that refuses a scenario
has no table.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

import tradecalc as tc
from tradecalc.scenario import list_scenarios

HERE = Path(__file__).resolve().parent / "values"
DRAWS = {"partial": 200, "general": 20}
ENGINES = ("partial", "general")
PERCENTILES = (5, 50, 95)


def measured(name: str, engine: str) -> pd.DataFrame | None:
    """Return what a scenario gives now, or None where the engine refuses it."""
    scenario = tc.load_scenario(name)
    along = engine == "partial" and scenario.timeline is not None and scenario.year is None
    try:
        result = tc.run(name, engine=engine, draws=DRAWS[engine], path=along)
    except tc.InputError:
        return None
    rows: list[tuple[str, str, str, float]] = []
    for variable, array in sorted(result.central.data_vars.items()):
        if array.dtype.kind == "f" and "period" not in array.dims:
            rows += [("central", str(variable), where, value) for where, value in cells(array)]
    rows += [("channel", "channel_usd_bn", where, value) for where, value in cells(result.channels)]
    if along:
        table = result.path()
        rows += [("path", str(c), str(period), float(table.loc[period, c])) for period in table.index for c in table]
    scalars = [v for v, array in sorted(result.draws.data_vars.items()) if array.dims == ("draw",)]
    for variable in scalars:
        values = result.draws[variable].to_numpy()
        points = np.full(len(PERCENTILES), np.nan) if np.isnan(values).all() else np.nanpercentile(values, PERCENTILES)
        rows += [(f"p{p}", str(variable), "", float(value)) for p, value in zip(PERCENTILES, points, strict=True)]
    return pd.DataFrame(rows, columns=["kind", "variable", "where", "value"])


def cells(array) -> list[tuple[str, float]]:
    """Return every cell of an array: its coordinates in words, and its value."""
    if not array.ndim:
        return [("", float(array))]
    series = array.rename("value").to_series()
    return [
        ("|".join(map(str, key if isinstance(key, tuple) else (key,))), float(value)) for key, value in series.items()
    ]


def path_of(name: str, engine: str) -> Path:
    """Return the file of a scenario's numbers in one engine."""
    return HERE / f"{name}-{engine}.csv"


def write() -> None:
    """Write every table anew and remove those that no scenario has any more."""
    kept = set()
    for name in list_scenarios():
        for engine in ENGINES:
            table = measured(name, engine)
            if table is not None:
                kept.add(path_of(name, engine))
                table.to_csv(path_of(name, engine), index=False, float_format="%.12g", lineterminator="\n")
                print(f"wrote {path_of(name, engine).name}", file=sys.stderr)
    for stale in set(HERE.glob("*.csv")) - kept:
        stale.unlink()


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    write()
