"""Answers to questions that need no file: a few numbers changed, and where a quota begins and ceases to matter."""

from pathlib import Path
from typing import Final, Unpack

import numpy as np
import pandas as pd

from tradecalc.account import Account
from tradecalc.levers import kinds
from tradecalc.markets import check_product
from tradecalc.result import Result
from tradecalc.scenario import Quick, Scenario, quick_scenario
from tradecalc.study.asked import beliefs_of, reference_of, stand_on
from tradecalc.study.market import lay_package
from tradecalc.study.runs import run
from tradecalc.terms import InputError

TOLERANCE: Final = 1e-9
"""Of a threshold, relative: markets are solved to a residual of 1e-12."""
_BEYOND: Final = 1e6  # times what was shipped: a quota that nobody fills


def what_if(
    *,
    base: str = "status-quo-2025-06",
    partner: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    year: int | None = None,
    path: bool = False,
    **asked: Unpack[Quick],
) -> Result:
    """Return what a few changed numbers do to the deficit, as a file that says the same would; no file is needed.

    ``what_if(car_tariff=0.15, quota=(100_000, 0.10), pledges={"soybeans": 1.0, "lng": 3.0})``. The answer is measured
    against what ``base`` is measured against; `Result.to_yaml` writes the question as a file.

    Args:
        base: the shipped scenario, or path of a file, in which the numbers are changed; its law and beliefs stay.
        partner: ISO-3 code; None takes that of the base.
        draws, seed, engine, year, path: as in `run`.
        asked: ``car_tariff`` and ``other_tariff``, what the partner's cars and other goods pay in all, a fraction and
            never less than the ordinary duty; ``quota``, so many cars and their rate; ``pledges``, USD bn a year by
            good; ``dollar``, by what fraction it is dearer; see `scenario.Quick`.

    Raises:
        InputError: nothing is changed, a number that cannot be, or a name that there is not (with the nearest).
    """
    scenario = quick_scenario(base=base, partner=partner, **asked)
    return run(scenario, draws=draws, seed=seed, engine=engine, year=year, path=path)


def quota_thresholds(
    scenario: str | Path | Scenario, product: str, *, account: Account | str | None = None
) -> pd.DataFrame:
    """Return the two sizes of a quota at which the market changes its regime, at the central beliefs.

    Below the first, more is shipped than the quota holds: the last unit pays the full rate, and the quota moves money
    only. Between the two, exactly the quota is shipped. From the second on it is not filled and is a tariff cut. The
    sizes are the quantities shipped when all pay the full rate and when all pay the rate within, each solved once, so
    that no grid enters; relative tolerance 1e-9. Plants, links and the dollar of the scenario act after the border.

    Returns:
        One row: product, full_rate, within_rate (fractions), binds_from_units, slack_from_units.

    Raises:
        InputError: a scenario of the world engine, or without a quota on the product.
    """
    asked, ground = stand_on(scenario, account)
    reference = reference_of(asked, ground)
    check_product(product, ground.markets.products, "quota_thresholds")
    parameter = f"quota: {product}"
    if asked.engine != "partial" or not any(parameter in kind.sweeps(asked) for kind in kinds()):
        raise InputError(
            f"quota_thresholds: {asked.name} has no quota on {product} in the market engine; take a scenario whose "
            "`tariffs:` list one, such as british-quota."
        )
    units = ground.account.units(product)
    sizes = np.array([0.0, _BEYOND * units])
    central = {name: belief.central for name, belief in beliefs_of(asked, reference, ground).items()}
    values = {name: np.full(1 + sizes.size, value) for name, value in central.items()}
    package = lay_package(asked, reference, ground, values, moved=(parameter, sizes))
    everything, row = frozenset(package.levers), ground.markets.products.index(product)
    at, border = (row, ground.markets.partner), package.border(everything)
    shipped = units * package.behind(everything).quantity_hat[1:, row]
    return pd.DataFrame(
        {
            "product": [product],
            "full_rate": [float(border.rates[(0, *at)])],
            "within_rate": [float(border.within[(0, *at)])],
            "binds_from_units": [float(shipped[0])],
            "slack_from_units": [float(shipped[1])],
        }
    )
