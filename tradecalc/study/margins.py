"""One change of a rate, several numbers: what the partner ships depends on what its rivals pay meanwhile."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.account import Account
from tradecalc.beliefs import sample
from tradecalc.markets import Border, solve_side
from tradecalc.scenario import Scenario, load_scenario, on_account
from tradecalc.study.asked import beliefs_of, reference_of, stand_on
from tradecalc.study.market import lay_package
from tradecalc.terms import InputError

Array = NDArray[np.float64]
MARGINS: Final[dict[str, tuple[str, tuple[bool, bool], tuple[bool, bool]]]] = {  # (partner, rivals) moved: from, to
    "together": ("every origin moves from the reference's law to the scenario's", (False, False), (True, True)),
    "partner first": ("the partner moves, its rivals still pay the reference's rates", (False, False), (True, False)),
    "partner last": ("the partner moves, its rivals already pay the scenario's rates", (False, True), (True, True)),
    "rivals first": ("rivals move, the partner still pays the reference's rates", (False, False), (False, True)),
    "rivals last": ("rivals move, the partner already pays the scenario's rates", (True, False), (True, True)),
}


def two_margins(
    scenario: str | Path | Scenario,
    product: str,
    *,
    reference: str | Path | Scenario | None = None,
    account: Account | str | None = None,
    partner: str | None = None,
    draws: int = 0,
) -> pd.DataFrame:
    """Return what one change of the law does to the partner's shipments of a product, by what its rivals pay meanwhile.

    One row each of ``MARGINS``: "together" is what the change of the law did; "partner last" answers what the partner
    alone would give or get while all others are taxed as in the scenario. Together is partner first and rivals last, or
    rivals first and partner last. Columns: label, rate_before, rate_after (the partner's, fractions),
    imports_before_usd_bn, imports_after_usd_bn, change_usd_bn with p5 and p95. Rates and quotas move, nothing else.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        product: a product with an import market.
        reference: the law before, in place of what the scenario is measured against.
        account, partner: as in `run`.
        draws: number of draws; 0 solves the central case only, without an interval.

    Raises:
        InputError: a tree, or not a product of the account with a market (with the nearest).
    """
    asked, ground = stand_on(scenario, account, partner)
    if asked.branches:
        raise InputError(f"two_margins: {asked.name} is a tree; name the scenario of one branch.")
    if reference is None:
        old = reference_of(asked, ground)
    else:
        loaded = reference if isinstance(reference, Scenario) else load_scenario(reference)
        old = on_account(loaded, ground.account)
    markets = ground.markets
    row = markets.row(product, "two_margins")
    values = sample(beliefs_of(asked, old, ground), n=draws, seed=asked.draws.seed)
    package = lay_package(asked, old, ground, values)
    ends = package.border(frozenset()), package.border(frozenset(package.levers))
    here = package.here
    shipped: dict[tuple[bool, bool], Array] = {}
    for mine in (False, True):
        for theirs in (False, True):
            border = _mixed(ends[theirs], ends[mine], markets.partner)
            told = {"before": here.before, "border": border, "name": asked.name}
            side = solve_side(markets, here.parameters, here.values, **told)  # type: ignore[arg-type]
            shipped[mine, theirs] = side.imports[:, row]
    rows = []
    for margin, (label, before, after) in MARGINS.items():
        change = shipped[after] - shipped[before]
        low, high = np.nanquantile(change[1:], [0.05, 0.95]) if draws else (np.nan, np.nan)
        rates = (float(ends[moved[0]].rates[0, row, markets.partner]) for moved in (before, after))
        rows.append(
            {
                "margin": margin,
                "label": label,
                **dict(zip(("rate_before", "rate_after"), rates, strict=True)),
                "imports_before_usd_bn": float(shipped[before][0]),
                "imports_after_usd_bn": float(shipped[after][0]),
                "change_usd_bn": float(change[0]),
                "p5": float(low),
                "p95": float(high),
            }
        )
    return pd.DataFrame(rows).set_index("margin")


def _mixed(others: Border, own: Border, partner: int) -> Border:
    """Return a border whose partner stands as at one and all others as at another; the dollar is that of ``own``."""
    parts = {}
    for name in ("rates", "quota", "within"):
        mine, theirs = getattr(own, name), getattr(others, name)
        rows = max(len(mine), len(theirs))
        parts[name] = np.broadcast_to(theirs, (rows, *theirs.shape[1:])).copy()
        parts[name][..., partner] = mine[..., partner]
    return replace(own, **parts)
