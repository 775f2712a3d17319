"""Worlds for the world engine: tables of trade, inputs and regions become arrays that hold the account's own trade.

A world keeps the structure of its own year, while the reporter's goods trade with every region is that of the
account's year. Both meet in one unit: the world is scaled so that the reporter's imports of goods are the account's.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from tradecalc.account import Account
from tradecalc.beliefs import Parameter, Strict
from tradecalc.files import Stamp, data_root, read_table, read_yaml, stamp, validate
from tradecalc.terms import InputError, nearest
from tradecalc.worlds.flows import Flows, files_of, flows_of

Array = NDArray[np.float64]
GOODS: Final = "goods"


class WorldFile(Strict):
    """What ``data/world/NAME.yaml`` says."""

    name: str
    title: str
    year: int
    trade: str
    regions: str
    sectors: str | None = None
    production: str | None = None
    inputs: str | None = None
    output_of: str | None = None
    least_own_share: float = Field(default=0.0, ge=0, lt=1)
    parameters: dict[str, Parameter]

    def tables(self) -> tuple[str, ...]:
        """Return every table of the world, below the data folder."""
        named = (self.trade, self.regions, self.sectors, self.production, self.inputs)
        return tuple(table for table in named if table is not None)


@dataclass(frozen=True, eq=False)
class World:
    """A baseline of the world engine; values in USD bn of the account's year.

    ``trade`` (sector, origin, destination); ``value_added_share`` (sector, region); ``input_share`` (supplying, using,
    region); ``theta`` (sector): published or assumed elasticities; ``goods`` (sector) marks what the account covers;
    ``countries`` (region): the names under which results are shown; ``added`` (sector, region): domestic sales added so
    that no final demand is negative; ``scale``: USD bn of the account's year for each USD million of the world's.
    """

    name: str
    title: str
    year: int
    sectors: tuple[str, ...]
    labels: tuple[str, ...]
    goods: NDArray[np.bool_]
    regions: tuple[str, ...]
    countries: tuple[str, ...]
    reporter: int
    partner: int
    trade: Array
    value_added_share: Array
    input_share: Array
    theta: Array
    flows: Flows
    added: Array
    scale: float
    parameters: dict[str, Parameter]
    stamps: tuple[Stamp, ...]


def world_names() -> list[str]:
    """Return the names of the shipped worlds."""
    files = (data_root() / "world").glob("*.yaml")
    return sorted(file.stem for file in files if not file.name.endswith(".origin.yaml"))


def read_world(name: str) -> WorldFile:
    """Return what the file of a world says.

    Raises:
        InputError: no such world (with the nearest), or a field that is missing, unknown or of the wrong kind.
    """
    known = world_names()
    if name not in known:
        raise InputError(f"world.name: {name!r} is not a world; use one of {', '.join(known)}.{nearest(name, known)}")
    shown = f"data/world/{name}.yaml"
    value, lines = read_yaml(data_root() / "world" / f"{name}.yaml", name=shown)
    return validate(WorldFile, value, lines, name=shown)


def names_of_countries(name: str) -> dict[str, str]:
    """Return the names in words under which a world's regions are shown, by their code."""
    regions = read_table(read_world(name).regions)
    alone = regions["country"].map(regions["country"].value_counts()) == 1
    return {"EUU": "European Union", **dict(zip(regions["country"][alone], regions["name"][alone], strict=True))}


def load_world(name: str, account: Account, *, rebase: bool = True, output_factor: float = 1.0) -> World:
    """Return a world that carries the goods trade of an account's reporter; kept by the content of its files.

    Args:
        name: a file ``data/world/NAME.yaml``.
        account: whose reporter and partner the question is about.
        rebase: False keeps the reporter's trade of the world's own year, for comparison.
        output_factor: multiplies goods output over GDP where domestic sales are built from it, for a sensitivity.

    Raises:
        InputError: no such world, a table that cannot be read, or a reporter or partner that is no region of it.
    """
    file = read_world(name)
    files = [f"world/{name}.yaml", *file.tables(), *files_of(account)]
    if file.output_of is not None:
        files += [f"world/{file.output_of}.yaml", *read_world(file.output_of).tables()]
    return _load(name, account, rebase, output_factor, tuple(stamp(data_root() / path) for path in files))


@lru_cache(maxsize=8)
def _load(name: str, account: Account, rebase: bool, output_factor: float, stamps: tuple[Stamp, ...]) -> World:
    file = read_world(name)
    regions = read_table(file.regions)
    codes = tuple(regions["region"])
    if account.definition.by_industry is not None:
        raise InputError(
            f"{name}: imports of the account {account.name} are known by industry only, and a world needs "
            "them by line; take the market engine, or the account of its union."
        )
    for side in (account.reporter, account.partner):
        if side not in codes:
            raise InputError(
                f"{name}: {side} of the account {account.name} is not a region of this world; use another."
            )
    if file.sectors is None:
        sectors, labels, goods, theta = (GOODS,), ("Goods",), np.array([True]), np.array([np.nan])
        trade = _one_sector(file, regions, output_factor)
        share, inputs = np.ones((1, len(codes))), np.zeros((1, 1, len(codes)))
    else:
        listed = read_table(file.sectors)
        sectors, labels = tuple(listed["sector"]), tuple(listed["label"])
        goods, theta = (listed["kind"] == GOODS).to_numpy(), listed["theta"].to_numpy(float)
        trade = _cube(read_table(file.trade), sectors, codes)
        share, inputs = _technology(file, sectors, codes)
    us = codes.index(account.reporter)
    flows = flows_of(account, regions, sectors, goods, trade)
    scale = float(flows.imports.sum() / (trade[goods, :, us].sum() - trade[goods, us, us].sum()))
    trade = trade * scale
    if rebase:
        foreign = np.arange(len(codes)) != us
        rows, columns = np.flatnonzero(goods)[:, None], np.flatnonzero(foreign)
        trade[rows, columns, us] = flows.imports[goods][:, foreign]
        trade[rows, us, columns] = flows.exports[goods][:, foreign]
    added = _domestic_sales_missing(trade, share, inputs)
    trade[:, np.arange(len(codes)), np.arange(len(codes))] += added
    return World(
        name=name,
        title=file.title,
        year=file.year,
        sectors=sectors,
        labels=labels,
        goods=goods,
        regions=codes,
        countries=tuple(regions["country"]),
        reporter=us,
        partner=codes.index(account.partner),
        trade=trade,
        value_added_share=share,
        input_share=inputs,
        theta=theta,
        flows=flows,
        added=added,
        scale=scale,
        parameters=dict(file.parameters),
        stamps=stamps,
    )


def _cube(table: pd.DataFrame, sectors: tuple[str, ...], regions: tuple[str, ...]) -> Array:
    index = pd.MultiIndex.from_product([sectors, regions, regions])
    values = table.set_index(["sector", "origin", "destination"])["usd_m"].reindex(index)
    if values.isna().any() or len(table) != len(index):
        raise InputError(f"the trade of {values.index[values.isna()][:1].tolist()} is missing or stands twice.")
    return values.to_numpy(float).reshape(len(sectors), len(regions), len(regions))


def _technology(file: WorldFile, sectors: tuple[str, ...], regions: tuple[str, ...]) -> tuple[Array, Array]:
    """Return value-added shares (s, c) and input shares of intermediate spending (k, s, c), each column to sum to one.

    Published input shares are of gross output, so they are divided by one minus the value-added share.
    """
    assert file.production is not None
    assert file.inputs is not None
    made = read_table(file.production).set_index(["sector", "region"])["value_added_share"]
    share = made.reindex(pd.MultiIndex.from_product([sectors, regions])).to_numpy(float).reshape(len(sectors), -1)
    used = read_table(file.inputs).set_index(["supplying_sector", "using_sector", "region"])["input_share"]
    index = pd.MultiIndex.from_product([sectors, sectors, regions])
    inputs = used.reindex(index).to_numpy(float).reshape(len(sectors), len(sectors), -1)
    total = inputs.sum(axis=0)
    nothing_used = total <= 0
    return np.where(nothing_used, 1.0, share), inputs / np.where(nothing_used, 1.0, total)


def _one_sector(file: WorldFile, regions: pd.DataFrame, factor: float) -> Array:
    """Return trade and domestic sales (1, o, d): output is GDP times goods output over value added, less exports."""
    assert file.output_of is not None
    codes = tuple(regions["region"])
    table = read_table(file.trade).assign(sector=GOODS)
    at_home = pd.DataFrame({"origin": codes, "destination": codes, "sector": GOODS, "usd_m": 0.0})
    trade = _cube(pd.concat([table, at_home]), (GOODS,), codes).copy()
    ratio = goods_output_ratio(file.output_of).reindex(regions["output_of"]).to_numpy(float) * factor
    exports = trade[0].sum(axis=1)
    output = ratio * regions["gdp_usd_m"].to_numpy(float)
    least = file.least_own_share / (1.0 - file.least_own_share) * exports
    np.fill_diagonal(trade[0], np.maximum(output - exports, least))
    return trade


def goods_output_ratio(world: str) -> "pd.Series[float]":
    """Return gross output of goods over the value added of all sectors, by region of a world with sectors."""
    file = read_world(world)
    assert file.sectors is not None
    assert file.production is not None
    kinds = read_table(file.sectors).set_index("sector")["kind"]
    made = read_table(file.production)
    goods = made[made["sector"].map(kinds) == GOODS].groupby("region")["gross_output_usd_m"].sum()
    return goods / made.groupby("region")["value_added_usd_m"].sum()


def _domestic_sales_missing(trade: Array, share: Array, inputs: Array) -> Array:
    """Return the domestic sales (s, c) that lift every negative final demand to zero; trade abroad stays as it is."""
    used = inputs * (1.0 - share)
    own = 1.0 - np.einsum("ssc->sc", used)
    added = np.zeros(share.shape)
    for _ in range(200):
        final = trade.sum(axis=1) + added - np.einsum("ksc,sc->kc", used, trade.sum(axis=2) + added)
        short = np.maximum(-final, 0.0)
        if short.max() <= 1e-12 * trade.max():
            return added
        added += short / own
    raise InputError("final demand stays negative whatever is sold at home; the input shares are too large.")
