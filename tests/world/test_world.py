"""The world engine behind a scenario: identities of every result, closures, purchases, and a second world."""

import numpy as np
import pytest

import tradecalc as tc
from tradecalc import world as views
from tradecalc.beliefs import Parameter
from tradecalc.result import load_result
from tradecalc.study import run, sweep
from tradecalc.terms import VARIABLES, InputError
from tradecalc.worlds.rates import sector_rates
from tradecalc.worlds.sides import baseline, solve
from tradecalc.worlds.world import load_world

CLOSURES = list(views.CLOSURES)
NO_SECTOR = {"role": "theta", "dist": "fixed", "value": 2.0, "reference": "assumed"}
SCENARIOS = ["removal", "no-deal", "agreement-2025-09", "offer-2025-06"]


@pytest.fixture(scope="module")
def account():
    return tc.load_account()


@pytest.fixture(scope="module")
def removal():
    return run("removal", engine="general", draws=8)


@pytest.fixture(scope="module")
def agreement():
    return run("agreement-2025-09", engine="general", draws=8)


def central(scenario, **choice):
    return run(views.with_world(scenario, **choice), draws=0)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("world", views.world_names())
@pytest.mark.parametrize("closure", CLOSURES)
def test_identities_of_a_result(name, world, closure):
    result = central(name, name=world, closure=closure)
    c = result.central
    assert float(result.channels.sum()) == pytest.approx(result.deficit_change_usd_bn, abs=1e-9)
    assert result.channels.attrs["rule"]
    goods, services = c["partner_deficit_change_usd_bn"], c["partner_services_deficit_change_usd_bn"]
    assert float(goods.sel(country="JPN")) == pytest.approx(result.deficit_change_usd_bn, abs=1e-9)
    assert float(goods.sum()) == pytest.approx(float(c["overall_goods_deficit_change_usd_bn"]), abs=1e-9)
    assert float(goods.sum() + services.sum()) == pytest.approx(float(c["overall_deficit_change_usd_bn"]), abs=1e-9)
    sides = c["partner_imports_change_usd_bn"] - c["partner_exports_change_usd_bn"]
    assert sides.to_numpy() == pytest.approx(goods.to_numpy(), abs=1e-9)
    overall = float(c["overall_deficit_change_usd_bn"])
    if closure == "proportional":
        assert abs(overall) > 1e-3
    else:
        assert overall == pytest.approx(0, abs=1e-5)  # 1e-9 of world value added
    assert float(c["adding_up"]) < 1e-10
    if world == "goods-2023":
        assert not services.to_numpy().any()


def test_the_same_holds_in_every_draw(agreement):
    draws = agreement.draws
    assert draws["channel_usd_bn"].sum("channel").to_numpy() == pytest.approx(draws["deficit_change_usd_bn"].to_numpy())
    assert draws["overall_deficit_change_usd_bn"].to_numpy() == pytest.approx(0, abs=1e-5)
    by_partner = draws["partner_deficit_change_usd_bn"].sum("country") + draws[
        "partner_services_deficit_change_usd_bn"
    ].sum("country")
    assert by_partner.to_numpy() == pytest.approx(draws["overall_deficit_change_usd_bn"].to_numpy(), abs=1e-9)
    assert agreement.failed_draws == 0
    assert agreement.diagnostics["residual"].max() <= 1e-10


@pytest.mark.parametrize("closure", CLOSURES)
def test_the_law_of_the_account_moves_nothing(closure, account):
    own = tc.load_scenario("status-quo-2025-06")
    same = own.model_copy(update={"tariffs": own.tariffs.model_copy(update={"on": account.law_on, "as_of": None})})
    result = central(same, closure=closure)
    assert result.deficit_change_vs_account_usd_bn == pytest.approx(0, abs=1e-6)
    assert result.central["real_income_hat"].to_numpy() == pytest.approx(1, abs=1e-9)
    imports = float(
        result.central["imports_by_sector_usd_bn"].to_numpy()[load_world("world-2014", account).goods].sum()
    )
    outside = float(account.imports_usd_bn[["special-provisions", "residual", "revision"]].sum())
    if closure != "balanced":
        assert imports == pytest.approx(float(account.imports_usd_bn.sum()) - outside, rel=1e-9)


def test_the_reference_does_not_move():
    result = central("status-quo-2025-06")
    assert result.deficit_change_usd_bn == 0
    assert result.deficit_change_vs_account_usd_bn < 0


def nothing_added(name):
    asked = tc.load_scenario(name)
    nothing = {
        key: p.model_copy(update={"headline": p.headline.model_copy(update={"amount": 0.0})})
        for key, p in asked.pledges.items()
    }
    return asked.model_copy(update={"pledges": nothing})


def test_a_pledge_of_nothing_changes_nothing():
    result = central(nothing_added("offer-2025-06"))
    assert result.deficit_change_usd_bn == 0
    assert not result.central["purchase_subsidy"].to_numpy().any()


def test_a_purchase_raises_sales_by_its_additional_amount():
    """Sector by sector, beside the same law without pledges: the market is made to take exactly what is additional."""
    result, without = central("agreement-2025-09"), central(nothing_added("agreement-2025-09"))
    raised = result.central["exports_change_by_sector_usd_bn"] - without.central["exports_change_by_sector_usd_bn"]
    bought = result.central["purchase_subsidy"] > 0
    additional = float(result.central["pledge_usd_bn"].sel(step="additional").sum())
    assert float(raised.where(bought, 0).sum()) == pytest.approx(additional, rel=1e-6)
    assert additional > 0
    assert float(result.central["purchase_subsidy"].max()) < 0.5


def test_purchases_are_diverted_from_other_customers():
    """Under a fixed overall balance what Japan buys more, others buy less of or sell more."""
    result = central("offer-2025-06")
    assert result.deficit_change_usd_bn < 0
    others = result.central["partner_deficit_change_usd_bn"].drop_sel(country="JPN")
    assert float(others.sum()) > 0.5 * -result.deficit_change_usd_bn
    assert float(result.channels.sel(channel="pledges: repercussions")) > 0


def test_where_the_trade_goes_when_japan_is_freed(removal):
    table = views.partners(removal)
    assert table.index[0] == "JPN"
    assert table.loc["JPN", "goods_deficit"] > 0
    third = table.drop(["JPN", "all partners"])["goods_deficit"]
    assert (third < 0).all()
    assert table.loc["all partners", "deficit"] == pytest.approx(0, abs=1e-5)
    most = list(third.nsmallest(7).index)
    assert most[:4] == ["ROW", "MEX", "EUU", "KOR"]
    assert set(most[4:6]) == {"TWN", "CAN"}
    assert most[6] == "CHN"  # which pays its own duties, so that less comes from there


LARGE = ["JPN", "EUU", "KOR", "CAN", "MEX", "CHN", "GBR"]


def of_both_worlds(name):
    """Return what large partners' deficits do in the world of sectors, and in 33 regions of 2023 in one sector."""
    found = (
        central(name, name=world).central["partner_deficit_change_usd_bn"] for world in ("world-2014", "goods-2023")
    )
    return [x.sel(country=LARGE).to_series() for x in found]


def test_the_recent_world_agrees_in_sign_and_size():
    """Japan freed: every large partner within a factor of two."""
    sectors, one = of_both_worlds("removal")
    assert (np.sign(sectors) == np.sign(one)).all()
    assert (np.abs(np.log(sectors / one)) < np.log(2)).all()


def test_the_recent_world_agrees_on_who_gains_where_most_are_hit():
    """Country rates return: who pays none gains within a factor of two; in one sector Japan is spared by the others'.

    The European Union and South Korea are hit themselves and gain from what hits others: less than Japan's loss.
    """
    sectors, one = of_both_worlds("no-deal")
    spared = ["CAN", "MEX", "CHN", "GBR"]
    assert (sectors[spared] > 0).all()
    assert (np.abs(np.log(sectors[spared] / one[spared])) < np.log(2)).all()
    assert sectors["JPN"] < one["JPN"] < sectors["JPN"] / 3 < 0
    for world in (sectors, one):
        assert world[["EUU", "KOR"]].abs().max() < -world["JPN"]


@pytest.mark.parametrize("name", ["removal", "no-deal", "agreement-2025-09", "offer-2025-06"])
def test_both_engines_agree_in_sign_and_size(name):
    """Law and purchases each, since their difference may be small against both."""
    market, world = run(name, draws=0), central(name)
    assert np.sign(world.deficit_change_usd_bn) == np.sign(market.deficit_change_usd_bn)
    parts = 0
    for part in ("tariffs", "pledge"):
        one, two = (
            sum(float(c) for c in r.channels if str(c["channel"].item()).startswith(part)) for r in (market, world)
        )
        if one:
            assert 0.6 < two / one < 1.6
            parts += 1
    assert parts == (2 if name == "agreement-2025-09" else 1)


def test_how_domestic_sales_are_built_matters_little(account):
    """Goods output a quarter above or below what GDP implies moves the one-sector answer by less than a tenth."""
    before, after = (_rates(account, day) for day in ("2024-07-01", "2025-06-14"))
    found = []
    for factor in (0.75, 1.0, 1.25):
        world = load_world("goods-2023", account, output_factor=factor)
        side = solve(baseline(world, before, np.array([[2.8]]), "fixed"), after)
        change = side.imports - world.trade[None, ..., world.reporter]
        found.append(float(change[0, 0, world.partner]))
    assert found[0] == pytest.approx(found[1], rel=0.1)
    assert found[2] == pytest.approx(found[1], rel=0.1)


def _rates(account, day):
    from datetime import date

    world = load_world("goods-2023", account)
    return sector_rates(world, tc.load_tariffs("us"), on=date.fromisoformat(day), assessed="final")


def test_rates_by_sector_are_those_of_the_account(account):
    """At the account's weights the sectors' average is the schedule's own average over the lines inside the world."""
    from datetime import date

    schedule, day = tc.load_tariffs("us"), date(2025, 6, 14)
    for name in views.world_names():
        world = load_world(name, account)
        rates = sector_rates(world, schedule, on=day, assessed="final")
        mean = float(
            (rates * world.flows.imports)[:, world.partner].sum() / world.flows.imports[:, world.partner].sum()
        )
        by_product = schedule.effective(account, on=day).set_index("product")
        inside = by_product.drop(["total", "special-provisions", "residual", "revision"]).dropna()
        assert mean == pytest.approx(float(np.average(inside["rate"], weights=inside["baseline_usd_bn"])), rel=1e-6)
        assert not rates[:, world.reporter].any()
        assert not rates[~world.goods].any()
        china = world.regions.index("CHN")
        assert np.delete(rates, china, axis=1).max() < 0.6
        # metals: 50 per cent under Section 232, 25 under Section 301, 20 for fentanyl, and MFN
        assert np.delete(rates, china, axis=1).max() < rates[:, china].max() < 0.25 + 0.20 + 0.50
    mexico, canada, japan = (world.regions.index(c) for c in ("MEX", "CAN", "JPN"))
    assert rates[0, [mexico, canada]].max() < 0.1 < rates[0, japan]


def test_the_elasticity_of_cars_can_be_swept():
    grid = sweep(views.with_world("removal"), parameter="theta_motor_vehicles", values=[1.01, 2.92, 8.41])
    assert grid["deficit_change_usd_bn"].is_monotonic_increasing
    assert grid["overall_deficit_change_usd_bn"].abs().max() < 1e-5


def test_a_scenario_may_bring_its_own_elasticity():
    asked = views.with_world("removal")
    belief = {"dist": "fixed", "value": 2.92, "reference": "assumed"}
    own = Parameter.model_validate({"role": "theta", "sectors": ["motor_vehicles"], **belief})
    changed = asked.model_copy(update={"parameters": asked.parameters | {"theta_cars": own}})
    result = run(changed, draws=2)
    assert "theta_cars" in result.draws["parameter"].to_numpy()
    assert "theta_motor_vehicles" not in result.draws["parameter"].to_numpy()
    assert result.deficit_change_usd_bn == pytest.approx(central("removal").deficit_change_usd_bn, rel=1e-12)


def test_draws_are_common_and_repeat_themselves(removal):
    assert run("removal", engine="general", draws=8) == removal
    other = run("no-deal", engine="general", draws=8)
    assert other.draws["parameter_value"].equals(removal.draws["parameter_value"])
    assert run("removal", engine="general").draws.sizes["draw"] == 100


def test_save_load_and_summary(removal, tmp_path):
    assert load_result(removal.save(tmp_path / "a.tcr")) == removal
    assert removal.summary().loc["deficit_change_usd_bn", "central"] == removal.deficit_change_usd_bn
    tidy = removal.tidy()
    assert {"sector", "country", "region"} <= set(tidy.columns)
    assert set(tidy["variable"]) - {"channel_usd_bn"} <= set(VARIABLES)


def test_the_origins_name_the_world(removal):
    paths = {stamp.path for stamp in removal.origins}
    assert {"world/world-2014.yaml", "world/wiod-2014-trade.csv", "world/hs-to-sector.csv"} <= paths


def test_views(removal, account):
    both = views.combined(run("removal", draws=0), removal)
    assert set(both["part"]) == {"bilateral", "product", "third country", "overall"}
    products = both[both["part"] == "product"]["market"].sum()
    assert products == pytest.approx(both.loc[0, "market"], abs=1e-9)
    third = both[both["part"] == "third country"]["world"].sum()
    # services with the partner stand in the row of all services
    assert third + both.loc[0, "world"] == pytest.approx(0, abs=1e-5)
    table = views.by_closure("removal")
    assert (table[["bilateral", "others_goods", "services"]].sum(axis=1) - table["overall"]).abs().max() < 1e-9
    assert list(views.side_by_side(["no-deal"]).index) == ["no-deal"]
    drawn = views.figure_table(removal)
    assert len(views.figure(removal).patches) == len(drawn)
    assert drawn["p5"].notna().all()


@pytest.mark.parametrize("name", ["barriers-2025-06", "retaliation"])
def test_barriers_and_retaliation_reach_the_world(name):
    result = run(name, engine="general", draws=2)
    sign = {"barrier": -1, "retaliation": 1}
    own = {str(k): float(v) for k, v in result.channels.to_series().items() if k.split(":")[0] in sign}
    assert len(own) == 2
    assert all(sign[k.split(":")[0]] * v > 0 for k, v in own.items())
    total = result.draws["channel_usd_bn"].sum("channel").to_numpy()
    assert total == pytest.approx(result.draws["deficit_change_usd_bn"].to_numpy(), abs=1e-9)
    assert float(result.central["overall_deficit_change_usd_bn"]) == pytest.approx(0, abs=1e-6)  # closure fixed


def test_a_barrier_in_the_world_is_about_that_of_the_market_engine():
    one, two = run("barriers-2025-06", draws=0), run("barriers-2025-06", engine="general", draws=0)
    assert 0.5 < two.deficit_change_usd_bn / one.deficit_change_usd_bn < 1.5


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: run("weaker-dollar", engine="general", draws=0), "no `exchange_rate:`"),
        (lambda: run("investment-2025-06", engine="general", draws=0), "no `localisation:`"),
        (lambda: run("british-quota", engine="general", draws=0), "no `quotas:`, because its engine"),
        (lambda: views.with_world("removal", closure="open"), "a `closure` of fixed"),
        (lambda: run(views.with_world("removal", name="world-2015"), draws=0), "Did you mean 'world-2014'"),
        (lambda: views.partners(run("removal", draws=0)), "engine='general'"),
        (lambda: views.combined(run("removal", draws=0), run("no-deal", draws=0, engine="general")), "one scenario"),
        (lambda: sweep(views.with_world("removal"), parameter="rate: cars", values=[0.1]), "market engine only"),
        (lambda: Parameter.model_validate(NO_SECTOR), "sectors"),
    ],
)  # fmt: skip
def test_bad_questions_are_one_sentence(call, says):
    with pytest.raises((InputError, ValueError), match=says):
        call()


def flows_table():
    import pandas as pd

    trade = {"AB": 3.0, "BA": 2.0, "AA": 20.0, "BB": 30.0, "AC": 1.0, "CA": 2.0, "BC": 4.0, "CB": 3.0, "CC": 10.0}
    rows = [(key[0], key[1], value, 0.2 if key == "AB" else 0.0) for key, value in trade.items()]
    return pd.DataFrame(rows, columns=["origin", "destination", "trade", "tariff_after"])


def test_a_table_of_flows_is_solved_as_its_arrays_are():
    flows = flows_table()
    solved = views.solve_flows(flows, theta=4.0)
    arrays = {
        c: flows.pivot_table(index="origin", columns="destination", values=c).to_numpy() for c in flows.columns[2:]
    }
    direct = tc.general.solve_general(arrays["trade"][None], theta=4.0, tariff_after=arrays["tariff_after"][None])
    assert solved.countries["wage_hat"].to_numpy() == pytest.approx(direct.wage_hat, rel=1e-12)
    found = solved.flows.pivot_table(index="origin", columns="destination", values="trade_after").to_numpy()
    assert found == pytest.approx(direct.trade[0], rel=1e-12)
    shuffled = views.solve_flows(flows.sample(frac=1, random_state=1), theta=4.0)
    assert shuffled.flows.sort_index()["trade_hat"].to_numpy() == pytest.approx(solved.flows["trade_hat"].to_numpy())
    with pytest.raises(InputError, match="every pair is needed once"):
        views.solve_flows(flows.iloc[1:], theta=4.0)
    with pytest.raises(InputError, match="lacks trade"):
        views.solve_flows(flows.drop(columns="trade"), theta=4.0)


OWN = """extends: status-quo-2025-06
name: own
tariffs: {on: 2025-07-09}
engine: general
world: {name: goods-2023, closure: balanced}
"""


def test_a_file_chooses_engine_world_and_closure(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    result = run(str(file), draws=0)
    assert result.scenario.world.closure == "balanced"
    same = central("no-deal", name="goods-2023", closure="balanced")
    assert result.deficit_change_usd_bn == same.deficit_change_usd_bn
    file.write_text(OWN.replace("balanced", "open"))
    with pytest.raises(InputError, match=r"own.yaml:5: world.closure"):
        run(str(file), draws=0)
