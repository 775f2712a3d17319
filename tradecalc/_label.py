"""Arrays get their names back: from solved sides and pledges to a `Result`."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from tradecalc import __version__
from tradecalc._commitments import Effect
from tradecalc._files import Stamp
from tradecalc._layout import Markets
from tradecalc._plants import FLOWS, Plant
from tradecalc._sides import Side
from tradecalc.account import Account
from tradecalc.pledges import STEPS, PledgeAccount
from tradecalc.result import Result, annotate
from tradecalc.scenario import Scenario

Array = NDArray[np.float64]
RULE = (
    "Shapley value over the levers that meet in a market, which share their interactions; the law is split by product, "
    "and purchases add to sales dollar for dollar whatever the other levers do"
)
PLEDGE_EFFECTS = ("diverted", "displaced", "subsidy", "wedge", "price_hat")


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
    goods: tuple[str, ...],
    sold: tuple[Array, Array],
    pledges: tuple[dict[str, PledgeAccount], dict[str, PledgeAccount]],
    effects: dict[str, Effect],
    plants: dict[str, Plant],
    channels: dict[str, Array],
    origins: tuple[Stamp, ...],
) -> Result:
    """Return the result of a scenario; the first draw is the central case.

    ``sold``: sales (draw or 1, good) before purchases, of the scenario and of its reference.
    """
    new, old = sides
    n = new.converged.size
    sales, sales_before = (np.broadcast_to(array, (n, len(goods))) for array in sold)
    exports = account.exports_usd_bn[list(goods)].to_numpy(float)
    additional, additional_before = (sum((p.additional for p in side.values()), np.zeros(n)) for side in pledges)
    j = markets.partner
    imports_before = markets.value[:, j]
    scalars = {
        "imports_change_usd_bn": (new.imports - old.imports).sum(axis=1),
        "exports_change_usd_bn": additional - additional_before + (sales - sales_before).sum(axis=1),
        "additional_usd_bn": additional,
        "diverted_usd_bn": sum((effect.diverted for effect in effects.values()), np.zeros(n)),
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
    vs_account = (new.imports - imports_before).sum(axis=1) - additional - (sales - exports).sum(axis=1)
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
    data["exports_change_by_good_usd_bn"] = (("draw", "good"), sales - sales_before)
    for name in PLEDGE_EFFECTS:
        data[f"pledge_{name}"] = (("draw", "pledge"), _columns([getattr(e, name) for e in effects.values()], n))
    data["plant_usd_bn"] = (
        ("draw", "plant", "flow"),
        np.stack([_columns([getattr(p, f) for p in plants.values()], n) for f in FLOWS], axis=-1),
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
            "good": list(goods),
            "plant": list(plants),
            "flow": list(FLOWS),
        },
    )
    return package(everything, scenario, account, values=values, sides=sides, rule=RULE, origins=origins)


def _columns(parts: list[Array], n: int) -> Array:
    return np.stack([np.broadcast_to(part, n) for part in parts], axis=-1) if parts else np.zeros((n, 0))


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
