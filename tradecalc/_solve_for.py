"""How much of a lever reaches a target, or that no amount does."""

from pathlib import Path

import numpy as np
import pandas as pd

from tradecalc.account import load_account
from tradecalc.scenario import Pledge, Scenario, load_scenario
from tradecalc.terms import InputError, nearest


def solve_for(scenario: str | Path | Scenario, *, lever: str, target_usd_bn: float) -> pd.DataFrame:
    """Return the headline at which a pledge alone narrows the deficit by a target, at the central beliefs.

    ``H = C + W + target / a`` where the target lies within what the seller can supply and the buyer takes; beyond that
    no headline reaches it and ``headline_usd_bn`` is NaN.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        lever: ``"pledge: NAME"`` of the scenario, as in ``Result.channels``.
        target_usd_bn: by how much the deficit is to narrow, USD bn a year, above 0.

    Returns:
        One row: lever, target_usd_bn, headline_usd_bn, reached, most_usd_bn (the most this lever can do; inf where no
        limit is known), per_headline (additional imports for each dollar of headline before any limit).

    Raises:
        InputError: not a pledge of the scenario (with the nearest), or a target that is not above 0.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    levers = {f"pledge: {name}": pledge for name, pledge in asked.pledges.items()}
    if lever not in levers:
        raise InputError(
            f"solve_for: {lever!r} is not a pledge of {asked.name}; it has {', '.join(levers) or 'none'}."
            f"{nearest(lever, set(levers))}"
        )
    if not (np.isfinite(target_usd_bn) and target_usd_bn > 0):
        raise InputError(f"solve_for: target_usd_bn is {target_usd_bn:g}; an amount above 0 is allowed.")
    pledge = levers[lever]
    account = load_account(asked.account)
    share = float(pledge.additionality.central)
    most = min(_central(pledge, "capacity_usd_bn", np.inf), account.room_usd_bn(pledge.goods)) if share > 0 else 0.0
    reached = target_usd_bn <= most and pledge.basis != "already_contracted"
    before = _central(pledge, "contracted_usd_bn", 0.0) + _central(pledge, "would_have_come_usd_bn", 0.0)
    return pd.DataFrame(
        {
            "lever": [lever],
            "target_usd_bn": [float(target_usd_bn)],
            "headline_usd_bn": [before + target_usd_bn / share if reached else np.nan],
            "reached": [reached],
            "most_usd_bn": [most],
            "per_headline": [share],
        }
    )


def _central(pledge: Pledge, field: str, absent: float) -> float:
    belief = getattr(pledge, field)
    return absent if belief is None else float(belief.central)
