"""A package solved by the market engine: every subset of levers, what each contributes, and the labelled result."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tradecalc.levers import Left, kinds
from tradecalc.markets import Side
from tradecalc.result import Result, labelled
from tradecalc.study.market import Package
from tradecalc.study.shapley import shapley
from tradecalc.tariffs import TariffSchedule

Array = NDArray[np.float64]
RULE = (
    "Shapley value over the levers that meet in a market, which share their interactions; the law is split by product, "
    "and purchases add to sales dollar for dollar whatever the other levers do"
)


def answer(package: Package, values: Mapping[str, Array], law: TariffSchedule) -> Result:
    """Return the labelled result; ``values`` are the beliefs as drawn, ``law`` the schedule that the question read."""
    here, (asked, reference) = package.here, package.questions
    shares = shapley(package.levers, package.value)
    everything, nothing = frozenset(package.levers), frozenset[str]()
    new, old = package.side(everything), package.side(nothing)
    sold = [
        np.broadcast_to(package.sales(chosen), (here.draws, len(here.sold.goods))) for chosen in (everything, nothing)
    ]
    channels: dict[str, Array] = {}
    for kind in kinds():
        channels |= kind.channels(shares, (package.laid[0][kind], package.laid[1][kind]), package.questions, here)
    left = _left(package)
    data: dict[str, Any] = {n: ("draw", v) for n, v in _scalars(package, new, old, sold[0], sold[1]).items()}
    data |= {n: (("draw", "product"), v) for n, v in _by_product(new, old).items()}
    data["channel_usd_bn"] = (
        ("draw", "channel"),
        np.stack([np.broadcast_to(part, here.draws) for part in channels.values()], axis=-1),
    )
    data["exports_change_by_good_usd_bn"] = (("draw", "good"), sold[0] - sold[1])
    rates = [package.border(chosen).rates[0, :, here.markets.partner] for chosen in (everything, nothing)]
    data |= {"rate": ("product", rates[0]), "rate_reference": ("product", rates[1])}
    names = {"product": here.markets.products, "channel": tuple(channels), "good": here.sold.goods}
    coordinates = {name: list(places) for name, places in {**names, **left.coordinates}.items()}
    return labelled(
        xr.Dataset({**data, **left.variables}, coords=coordinates),
        asked,
        here.account,
        values=values,
        solved=[(side.converged, side.iterations, side.residual) for side in (new, old)],
        rule=RULE,
        origins=(
            *asked.origins,
            *reference.origins,
            *here.account.origins,
            *here.markets.stamps,
            *law.origins,
        ),
    )


def _left(package: Package) -> Left:
    """Return what all levers leave in the result, each read off the markets just before it."""
    everything = frozenset(package.levers)
    side = package.behind(everything)
    variables: dict[str, Any] = {}
    coordinates: dict[str, tuple[str, ...]] = {}
    for kind in kinds():
        laid = package.laid[0][kind]
        left = kind.leaves(laid, side, package.here)
        variables |= left.variables
        coordinates |= left.coordinates
        side = kind.after_the_border(side, laid, package.here)
    return Left(variables, coordinates)


def _scalars(package: Package, new: Side, old: Side, sold: Array, sold_before: Array) -> dict[str, Array]:
    here, account = package.here, package.here.account
    exports = account.exports_usd_bn[list(here.sold.goods)].to_numpy(float)
    bought, bought_before = package.bought(0), package.bought(1)
    baseline = here.markets.value[:, here.markets.partner]
    out = {
        "imports_change_usd_bn": (new.imports - old.imports).sum(axis=1),
        "exports_change_usd_bn": bought - bought_before + (sold - sold_before).sum(axis=1),
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
    vs_account = (new.imports - baseline).sum(axis=1) - bought - (sold - exports).sum(axis=1)
    out["deficit_change_usd_bn"] = out["imports_change_usd_bn"] - out["exports_change_usd_bn"]
    out["deficit_change_vs_account_usd_bn"] = vs_account
    out["deficit_usd_bn"] = account.deficit_usd_bn + vs_account
    return out


def _by_product(new: Side, old: Side) -> dict[str, Array]:
    return {
        "imports_by_product_usd_bn": new.imports,
        "imports_change_by_product_usd_bn": new.imports - old.imports,
        "duty_by_product_usd_bn": new.duty,
        "consumer_gain_by_product_usd_bn": new.consumer_gain - old.consumer_gain,
        "price_hat": new.price_hat,
        "delivered_hat": new.delivered_hat,
        "quantity_hat": new.quantity_hat,
    }
