"""Arrays get their names back: from solved sides and pledges to a `Result`."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from tradecalc import __version__
from tradecalc._files import Stamp
from tradecalc._layout import Markets
from tradecalc._sides import Side
from tradecalc.account import Account
from tradecalc.pledges import STEPS, PledgeAccount
from tradecalc.result import Result, annotate
from tradecalc.scenario import Scenario

Array = NDArray[np.float64]
RULE = (
    "Shapley value of law and quotas, which share their interaction; the law is split by product and pledges are added "
    "one by one, both exact because no two of them meet in one market"
)


class Solved(Protocol):
    """What a solved side says of its solver, one number a draw."""

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether every market or world of a draw converged."""

    @property
    def iterations(self) -> NDArray[np.int64]:
        """Evaluations."""

    @property
    def residual(self) -> Array:
        """Largest error of any equation."""


def label(
    scenario: Scenario,
    account: Account,
    markets: Markets,
    *,
    values: dict[str, Array],
    sides: tuple[Side, Side],
    law: tuple[Array, Array],
    pledges: tuple[dict[str, PledgeAccount], dict[str, PledgeAccount]],
    channels: dict[str, Array],
    origins: tuple[Stamp, ...],
) -> Result:
    """Return the result of a scenario; the first draw is the central case."""
    new, old = sides
    n = new.converged.size
    additional, additional_before = (sum((p.additional for p in side.values()), np.zeros(n)) for side in pledges)
    j = markets.partner
    imports_before = markets.value[:, j]
    scalars = {
        "imports_change_usd_bn": (new.imports - old.imports).sum(axis=1),
        "exports_change_usd_bn": additional - additional_before,
        "duty_usd_bn": new.duty.sum(axis=1),
        "duty_change_usd_bn": (new.duty - old.duty).sum(axis=1),
        "consumer_gain_usd_bn": (new.consumer_gain - old.consumer_gain).sum(axis=1),
        "exporter_surplus_change_usd_bn": (new.surplus - old.surplus).sum(axis=1),
        "quota_rent_usd_bn": new.rent.sum(axis=1),
        "buyers_bear_usd_bn": (new.buyers_bear - old.buyers_bear).sum(axis=1),
        "exporters_bear_usd_bn": (new.exporters_bear - old.exporters_bear).sum(axis=1),
        "licences_keep_usd_bn": (new.licences_keep - old.licences_keep).sum(axis=1),
        "base_effect_usd_bn": (new.base_effect - old.base_effect).sum(axis=1),
        "deadweight_loss_usd_bn": (new.deadweight_loss - old.deadweight_loss).sum(axis=1),
    }
    vs_account = (new.imports - imports_before).sum(axis=1) - additional
    scalars["deficit_change_usd_bn"] = scalars["imports_change_usd_bn"] - scalars["exports_change_usd_bn"]
    scalars["deficit_change_vs_account_usd_bn"] = vs_account
    scalars["deficit_usd_bn"] = account.deficit_usd_bn + vs_account
    by_product = {
        "imports_by_product_usd_bn": new.imports,
        "imports_change_by_product_usd_bn": new.imports - old.imports,
        "duty_by_product_usd_bn": new.duty,
        "consumer_gain_by_product_usd_bn": new.consumer_gain - old.consumer_gain,
        "price_hat": new.price_hat,
        "delivered_hat": new.delivered_hat,
        "quantity_hat": new.quantity_hat,
    }
    steps = {name: np.stack([getattr(p, step) for step in STEPS], axis=-1) for name, p in pledges[0].items()}
    data: dict[str, Any] = {name: ("draw", value) for name, value in scalars.items()}
    data |= {name: (("draw", "product"), value) for name, value in by_product.items()}
    data["channel_usd_bn"] = (
        ("draw", "channel"),
        np.stack([np.broadcast_to(v, n) for v in channels.values()], axis=-1),
    )
    data["pledge_usd_bn"] = (
        ("draw", "pledge", "step"),
        np.stack(list(steps.values()), axis=1) if steps else np.zeros((n, 0, len(STEPS))),
    )
    data["rate"] = ("product", law[0][0, :, j])
    data["rate_reference"] = ("product", law[1][0, :, j])
    everything = xr.Dataset(
        data,
        coords={
            "product": list(markets.products),
            "channel": list(channels),
            "pledge": list(steps),
            "step": list(STEPS),
        },
    )
    return package(everything, scenario, account, values=values, sides=sides, rule=RULE, origins=origins)


def package(
    everything: xr.Dataset,
    scenario: Scenario,
    account: Account,
    *,
    values: dict[str, Array],
    sides: tuple[Solved, Solved],
    rule: str,
    origins: tuple[Stamp, ...],
) -> Result:
    """Return the result whose variables, the central case as first draw, stand in ``everything``."""
    new, old = sides
    annotate(everything)
    central = everything.isel(draw=0)
    draws = everything.isel(draw=slice(1, None))
    draws = draws.assign(parameter_value=(("draw", "parameter"), np.stack([v[1:] for v in values.values()], axis=-1)))
    channel = central["channel_usd_bn"].rename(None)
    channel.attrs = {"rule": rule}
    return Result(
        scenario=scenario,
        central=central.drop_vars("channel_usd_bn"),
        draws=draws.assign_coords(parameter=list(values)),
        channels=channel,
        diagnostics=pd.DataFrame(
            {
                "converged": (new.converged & old.converged)[1:],
                "iterations": np.maximum(new.iterations, old.iterations)[1:],
                "residual": np.maximum(new.residual, old.residual)[1:],
            }
        ),
        account={
            "name": account.name,
            "vintage": account.vintage,
            "reporter": account.reporter,
            "partner": account.partner,
            "year": account.year,
            "imports_usd_bn": float(account.imports_usd_bn.sum()),
            "deficit_usd_bn": account.deficit_usd_bn,
        },
        origins=tuple(dict.fromkeys(origins)),
        version=__version__,
    )
