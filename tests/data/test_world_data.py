"""The worlds: tables that add up, a concordance that holds every line once, and the account's trade inside them."""

import re

import numpy as np
import pandas as pd
import pytest

from tradecalc.account import assign_products, load_account
from tradecalc.files import check_files, data_files, data_root, read_origin, read_table
from tradecalc.scenario import load_references
from tradecalc.tariffs import load_tariffs
from tradecalc.worlds.world import goods_output_ratio, load_world, read_world, world_names

TABLES = [path.relative_to(data_root()).as_posix() for path in data_files("world/*.csv")]
UNITS = {"", "USD million", "elasticity", "fraction"}
KEYS = ["region", "sector"]


@pytest.fixture(scope="module")
def account():
    return load_account()


@pytest.fixture(scope="module")
def cube():
    sectors, regions = (read_table(f"world/wiod-2014-{n}.csv")[n[:-1]] for n in ("sectors", "regions"))
    table = read_table("world/wiod-2014-trade.csv").set_index(["sector", "origin", "destination"])["usd_m"]
    index = pd.MultiIndex.from_product([sectors, regions, regions])
    assert len(table) == len(index)
    return (
        table.reindex(index).to_numpy().reshape(len(sectors), len(regions), len(regions)),
        list(sectors),
        list(regions),
    )


def test_all_world_files_are_what_their_origins_say():
    assert check_files(data_files("world/*")) == []


@pytest.mark.parametrize("table", TABLES)
def test_origins_are_honest(table):
    origin = read_origin(data_root() / table)
    assert {column.unit for column in origin.columns.values()} <= UNITS
    for name, column in origin.columns.items():
        assert column.definition or column.unit, name
        assert column.type != "number" or column.unit, name
    assert origin.address is None or origin.address.startswith("https://")
    assert len(origin.note) < 400
    if table.startswith("world/wiod") and "elasticities" not in origin.title:
        assert origin.licence.startswith("CC BY 4.0")
        assert "chang" in origin.licence or "ours" in origin.licence


def test_regions_and_sectors_are_those_of_the_design():
    regions, sectors = read_table("world/wiod-2014-regions.csv"), read_table("world/wiod-2014-sectors.csv")
    assert len(regions) == 20
    assert len(sectors) == 26
    assert (sectors["kind"] == "goods").sum() == 18
    recent = read_table("world/goods-2023-regions.csv")
    assert len(recent) == 33
    origins = load_tariffs("us").law.schedule.origins
    for table in (regions, recent):
        stands = table.set_index("region")["trade_of"].str.split()
        assert stands[["DEU", "FRA", "ITA", "REU"]].str.join(" ").eq("EUU").all()
        assert {name for names in stands.drop("USA") for name in names} <= set(origins)


def test_output_is_what_is_sold(cube):
    trade, sectors, regions = cube
    made = read_table("world/wiod-2014-production.csv").pivot_table(
        index="sector", columns="region", values="gross_output_usd_m"
    )
    made = made.loc[sectors, regions].to_numpy()
    assert trade.sum(axis=2) == pytest.approx(made, abs=0.05)


def test_what_is_bought_is_used(cube):
    """Purchases less inputs are final demand, cell by cell, and value added is the rest of output."""
    trade, sectors, regions = cube
    used = read_table("world/wiod-2014-inputs.csv").set_index(["supplying_sector", "using_sector", "region"])[
        "input_share"
    ]
    used = used.reindex(pd.MultiIndex.from_product([sectors, sectors, regions])).to_numpy().reshape(26, 26, 20)
    final = trade.sum(axis=1) - np.einsum("ksc,sc->kc", used, trade.sum(axis=2))
    stated = read_table("world/wiod-2014-final-demand.csv").pivot_table(
        index="sector", columns="region", values="final_demand_usd_m"
    )
    assert final == pytest.approx(stated.loc[sectors, regions].to_numpy(), abs=40, rel=1e-3)
    share = read_table("world/wiod-2014-production.csv").pivot_table(
        index="sector", columns="region", values="value_added_share"
    )
    made = trade.sum(axis=2) > 0
    assert (used.sum(axis=0) + share.loc[sectors, regions].to_numpy())[made] == pytest.approx(1, abs=1e-4)


def test_world_deficits_sum_to_zero(cube):
    trade, _, _ = cube
    deficit = trade.sum(axis=(0, 1)) - trade.sum(axis=(0, 2))
    assert deficit.sum() == pytest.approx(0, abs=1e-3)
    assert deficit[0] == pytest.approx(480_577, rel=1e-3)


def test_the_concordance_holds_every_line_of_the_account_once(account):
    prefixes = read_table("world/hs-to-sector.csv")
    assert not prefixes["prefix"].duplicated().any()
    assert prefixes["prefix"].map(lambda p: bool(re.fullmatch(r"\d{2,6}", p))).all()
    known = set(read_table("world/wiod-2014-sectors.csv")["sector"]) | {"outside"}
    assert set(prefixes["sector"]) <= known
    renamed = prefixes.rename(columns={"sector": "product"})
    assert not account.hs10["hs10"].duplicated().any()
    found = assign_products(account.hs10["hs10"], renamed, "the concordance")
    assert found.notna().all()
    assert set(found[account.hs10["hs10"].str[:2].isin(["98", "99"])]) == {"outside"}
    assert "outside" not in set(found[~account.hs10["hs10"].str[:2].isin(["98", "99"])])
    every = assign_products(read_table("tariffs/us/tables/mfn-rates.csv")["hs8"], renamed, "the concordance")
    assert every.notna().all()


def test_each_prefix_divides_a_longer_code_than_the_one_above():
    """A prefix that says what the shorter one says already would be noise."""
    sector = dict(read_table("world/hs-to-sector.csv").itertuples(index=False))
    for prefix, own in sector.items():
        above = next((prefix[:n] for n in range(len(prefix) - 1, 1, -1) if prefix[:n] in sector), None)
        assert above is None or sector[above] != own, prefix


@pytest.mark.parametrize(
    ("code", "sector"),
    [("8703230140", "motor_vehicles"), ("8471300100", "electronics"), ("2711110000", "mining_energy"),
     ("1201900095", "agriculture"), ("2710124500", "petroleum"), ("8802400040", "other_transport_eq"),
     ("3004909290", "pharma"), ("8486200000", "machinery"), ("1006309055", "food"),
     ("9018908000", "other_manufacturing"), ("8708305090", "motor_vehicles"), ("9801001098", "outside")],
)  # fmt: skip
def test_the_concordance_by_hand(code, sector):
    renamed = read_table("world/hs-to-sector.csv").rename(columns={"sector": "product"})
    assert assign_products(pd.Series([code]), renamed, "it").iloc[0] == sector


def test_every_elasticity_has_a_source():
    sectors = read_table("world/wiod-2014-sectors.csv")
    assert (sectors["theta"] > 0).all()
    assert set(sectors["theta_status"]) == {"published", "assumed"}
    services = sectors[sectors["kind"] == "services"]
    assert (services["theta_status"] == "assumed").all()
    references = load_references()
    for name in world_names():
        for parameter in read_world(name).parameters.values():
            assert parameter.belief.reference in references


@pytest.mark.parametrize("name", world_names())
def test_a_world_carries_the_trade_of_the_account(name, account):
    world = load_world(name, account)
    us, jp, goods = world.reporter, world.partner, world.goods
    assert world.trade[goods, jp, us].sum() == pytest.approx(
        account.imports_usd_bn[list(account.products)].drop("special-provisions").sum(), rel=1e-9
    )
    sold = account.exports_usd_bn[list(account.products)].drop("special-provisions").sum()
    assert world.trade[goods, us, jp].sum() == pytest.approx(sold, rel=1e-9)
    assert world.trade[goods, :, us].sum() - world.trade[goods, us, us].sum() == pytest.approx(
        world.flows.imports.sum()
    )
    assert 2900 < world.flows.imports.sum() < 3270
    assert 1900 < world.flows.exports.sum() < 2080


@pytest.mark.parametrize("name", world_names())
def test_no_final_demand_is_negative(name, account):
    world = load_world(name, account)
    used = world.input_share * (1 - world.value_added_share)
    final = world.trade.sum(axis=1) - np.einsum("ksc,sc->kc", used, world.trade.sum(axis=2))
    assert final.min() > -1e-6
    assert world.added.sum() < 3e-4 * world.trade.sum()


def test_shares_of_exports_by_product_sum_to_one_where_a_sector_makes_it(account):
    flows = load_world("world-2014", account).flows
    sums = flows.product_sector.sum(axis=1)
    assert np.logical_or(np.isclose(sums, 1), sums == 0).all()
    assert [p for p, s in zip(flows.products, sums, strict=True) if s == 0] == ["special-provisions"]


def test_goods_output_over_value_added_is_of_a_likely_size():
    ratio = goods_output_ratio("world-2014")
    assert ratio.between(0.3, 2.0).all()
    assert ratio["CHN"] > ratio["JPN"] > ratio["USA"]


def test_entrepots_sell_at_home_what_is_assumed(account):
    world = load_world("goods-2023", account, rebase=False)
    own = np.diagonal(world.trade[0]) / world.trade[0].sum(axis=1)
    assert own.min() == pytest.approx(read_world("goods-2023").least_own_share)
    at_floor = [r for r, share in zip(world.regions, own, strict=True) if share < 0.2 + 1e-9]
    assert set(at_floor) <= {"VNM", "MYS", "SGP", "HKG", "ARE", "CHE"}
