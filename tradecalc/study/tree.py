"""A tree of outcomes: each branch a scenario with a probability; expectation, spread and what each branch adds."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from tradecalc.result import Result, annotate
from tradecalc.scenario import Scenario, leaves, load_scenario, title_of
from tradecalc.terms import InputError

RULE = "probability of a branch times the change in it"


def run_tree(tree: Scenario, solve: Callable[[Scenario], Result]) -> Result:
    """Return the expectation over the outcomes of a tree, on common draws; channels are what each outcome adds.

    Args:
        tree: a scenario with ``branches:``; its own law and levers do not count.
        solve: from the scenario of an outcome to its result.

    Raises:
        InputError: an outcome is a tree itself, or rests on another account.
    """
    ends = list(leaves(tree.branches))
    results = [solve(_outcome(tree, name)) for _, _, name in ends]
    weight = xr.DataArray(
        [share for _, share, _ in ends], dims="branch", coords={"branch": [name for name, _, _ in ends]}
    )

    def expected(parts: list[xr.Dataset], along: tuple[str, ...]) -> xr.Dataset:
        names = [n for n, a in parts[0].data_vars.items() if a.dims in (along, (*along, "period"), ("period",))]
        names = [n for n in names if all(n in part for part in parts)]
        stacked = xr.concat([part[names] for part in parts], dim=weight["branch"])
        mean = (stacked * weight).sum("branch", skipna=False)
        mean["branch_deficit_change_usd_bn"] = stacked["deficit_change_usd_bn"].transpose(*along, "branch")
        return mean

    central, draws = (
        expected([getattr(r, part) for r in results], along) for part, along in (("central", ()), ("draws", ("draw",)))
    )
    central["branch_probability"] = weight
    channels = (central["branch_deficit_change_usd_bn"] * weight).rename(branch="channel")
    by_draw = (draws["branch_deficit_change_usd_bn"] * weight).rename(branch="channel")
    names = [f"branch: {name}" for name, _, _ in ends]
    draws["channel_usd_bn"] = by_draw.assign_coords(channel=names)
    draws["parameter_value"] = _parameters(results)
    channels = channels.assign_coords(channel=names).rename(None)
    channels.attrs = {"rule": RULE}
    first = results[0]
    return Result(
        scenario=tree,
        central=annotate(central),
        draws=annotate(draws),
        channels=channels,
        diagnostics=pd.DataFrame(
            {
                "converged": np.all([r.diagnostics["converged"] for r in results], axis=0),
                "iterations": np.max([r.diagnostics["iterations"] for r in results], axis=0),
                "residual": np.max([r.diagnostics["residual"] for r in results], axis=0),
            }
        ),
        account=first.account,
        origins=tuple(dict.fromkeys([*tree.origins, *(stamp for r in results for stamp in r.origins)])),
        version=first.version,
    )


def branch_table(result: Result) -> pd.DataFrame:
    """Return each outcome of a tree: title, probability, change in the deficit with interval, what it adds, in USD bn.

    The last row is the tree: its change is the expectation; its interval, the 5th and 95th percentile of the mixture of
    all outcomes and draws; ``spread``, the standard deviation over outcomes at the central beliefs.

    Raises:
        InputError: the result is not that of a tree.
    """
    if "branch_probability" not in result.central:
        raise InputError(f"{result.scenario.name} has no branches; run a scenario with `branches:`.")
    weight = result.central["branch_probability"].to_numpy()
    change = result.central["branch_deficit_change_usd_bn"].to_numpy()
    drawn = result.draws["branch_deficit_change_usd_bn"].to_numpy()
    low, high = np.nanquantile(drawn, [0.05, 0.95], axis=0) if len(drawn) else np.full((2, change.size), np.nan)
    outcomes = {full: name for full, _, name in leaves(result.scenario.branches)}
    mean = float(weight @ change)
    spread = float(np.sqrt(weight @ (change - mean) ** 2))
    table = pd.DataFrame(
        {
            "branch": result.central["branch"].to_numpy(),
            "title": [
                title_of(outcomes[str(full)], result.account["name"]) for full in result.central["branch"].to_numpy()
            ],
            "probability": weight,
            "deficit_change_usd_bn": change,
            "p5": low,
            "p95": high,
            "contribution_usd_bn": weight * change,
        }
    )
    mixed = _mixture(drawn, weight)
    total = pd.DataFrame(
        [["tree", result.scenario.title, weight.sum(), mean, *mixed, float((weight * change).sum())]],
        columns=table.columns,
    ).assign(spread_usd_bn=spread)
    return pd.concat([table.assign(spread_usd_bn=np.nan), total], ignore_index=True)


def _mixture(drawn: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return the 5th and 95th percentile over outcomes, each with its probability, and draws."""
    values, mass = drawn.ravel(), np.broadcast_to(weight, drawn.shape).ravel()
    known = ~np.isnan(values)
    if not known.any():
        return float("nan"), float("nan")
    order = np.argsort(values[known], kind="stable")
    below = np.cumsum(mass[known][order]) / mass[known].sum()
    low, high = (values[known][order][min(int(np.searchsorted(below, q)), order.size - 1)] for q in (0.05, 0.95))
    return float(low), float(high)


def _outcome(tree: Scenario, name: str) -> Scenario:
    scenario = load_scenario(name)
    if scenario.branches:
        raise InputError(
            f"{tree.name}: the branch scenario {name} is a tree itself; write its branches below this one."
        )
    if scenario.account != tree.account:
        raise InputError(f"{tree.name}: {name} rests on {scenario.account}, not on {tree.account}; use one account.")
    timeline = tree.timeline or scenario.timeline
    return scenario.model_copy(update={"relative_to": tree.relative_to, "draws": tree.draws, "timeline": timeline})


def _parameters(results: list[Result]) -> xr.DataArray:
    """Return the drawn parameters of all outcomes, each once; common draws make them the same wherever they occur."""
    seen: dict[str, xr.DataArray] = {}
    for result in results:
        for name in result.draws["parameter"].to_numpy():
            seen.setdefault(str(name), result.draws["parameter_value"].sel(parameter=name, drop=True))
    return xr.concat(list(seen.values()), dim=pd.Index(list(seen), name="parameter")).transpose("draw", "parameter")
