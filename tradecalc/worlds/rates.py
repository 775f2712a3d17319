"""What law, beliefs and goods mean in a world: rates by sector and region, elasticities, and goods by sector."""

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradecalc.beliefs import Parameter
from tradecalc.markets import check_product, mean_rates
from tradecalc.tariffs import TariffSchedule
from tradecalc.terms import InputError, nearest
from tradecalc.worlds.world import World

Array = NDArray[np.float64]


def sector_rates(world: World, schedule: TariffSchedule, *, on: date, assessed: str) -> Array:
    """Return the average rate (sector, region) of the reporter's tariff on a day; home and services pay none.

    Every country pays its own law on its own lines, the partner on those of the account; a region of several is their
    average. A sector of which a region sells nothing takes the average over all regions.
    """
    shape = (len(world.sectors), len(world.regions))
    out = mean_rates(world.flows.sellers, shape, schedule, on, assessed)
    weight = np.where(np.isnan(out), 0.0, world.flows.imports)
    total, duty = (value.sum(axis=1, keepdims=True) for value in (weight, weight * np.nan_to_num(out)))
    everyone = np.divide(duty, total, out=np.zeros(total.shape), where=total > 0)
    out = np.where(np.isnan(out), everyone, out)
    out[:, world.reporter] = 0.0
    out[~world.goods] = 0.0
    return out


def world_parameters(world: World, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return the elasticity parameters of a world, those of a scenario in place of its own.

    Raises:
        InputError: a sector that the world does not have, or two beliefs for one.
    """
    own = {name: p for name, p in parameters.items() if p.role in ("theta", "theta_scale")}
    taken = {sector for p in own.values() for sector in (p.sectors or (p.role,))}
    out = {
        name: p for name, p in world.parameters.items() if name not in own and not taken & set(p.sectors or (p.role,))
    } | own
    seen: set[str] = set()
    for name, parameter in out.items():
        for sector in parameter.sectors:
            if sector not in world.sectors:
                raise InputError(
                    f"parameters.{name}.sectors: {sector!r} is not a sector of {world.name}."
                    f"{nearest(sector, world.sectors)}"
                )
            if sector in seen:
                raise InputError(f"parameters.{name}.sectors: {sector} has two beliefs in {world.name}; keep one.")
            seen.add(sector)
    return out


def elasticities(world: World, parameters: Mapping[str, Parameter], values: Mapping[str, Array]) -> Array:
    """Return the trade elasticity (draw, sector): a belief of its own, or the world's times the factor for goods."""
    n = next(iter(values.values())).size
    out = np.broadcast_to(world.theta, (n, len(world.sectors))).copy()
    for name, parameter in parameters.items():
        if parameter.role == "theta_scale":
            out[:, world.goods] *= values[name][:, None]
    for name, parameter in parameters.items():
        for sector in parameter.sectors:
            out[:, world.sectors.index(sector)] = values[name]
    if np.isnan(out).any():
        missing = world.sectors[int(np.isnan(out).any(axis=0).argmax())]
        raise InputError(f"{world.name} has no trade elasticity of {missing}; add a parameter with role: theta for it.")
    return out


def weight_of_goods(world: World, goods: tuple[str, ...], where: str) -> Array:
    """Return the share (sector) of some goods in what the partner buys of each sector from the reporter.

    Raises:
        InputError: not a product, or a good without an export figure of its own.
    """
    flows = world.flows
    sold = np.nan_to_num(flows.exports_by_product)[:, None] * flows.product_sector
    rows = []
    for good in goods:
        check_product(good, flows.products, f"{where}.goods")
        rows.append(flows.products.index(good))
        if not flows.exports_by_product[rows[-1]] > 0:
            raise InputError(
                f"{where}: {good} has no export figure of its own, so its weight is not known; leave it out."
            )
    total = sold.sum(axis=0)
    return np.asarray(np.divide(sold[rows].sum(axis=0), total, out=np.zeros(total.shape), where=total > 0), float)


def sectors_of_goods(world: World, goods: tuple[str, ...], where: str) -> Array:
    """Return the shares (sector) in which a purchase of some goods falls on the sectors that make them.

    Several goods follow what the partner buys of each.

    Raises:
        InputError: no sector of the world makes them.
    """
    flows = world.flows
    rows = [flows.products.index(good) for good in goods]
    sold = np.array([flows.exports_by_product[row] for row in rows])
    known = np.isfinite(sold) & (sold > 0)
    weight = np.where(known, sold, 0.0) if known.any() else np.ones(len(rows))
    shares = weight @ flows.product_sector[rows] / weight.sum()
    if not shares.sum() > 0:
        raise InputError(f"{where}: no sector of {world.name} makes {', '.join(goods)}; name goods with HS codes.")
    return np.asarray(shares / shares.sum(), float)
