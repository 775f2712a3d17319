from dataclasses import fields

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.result import load_result
from tradecalc.scenario import list_scenarios
from tradecalc.study import headline_table, run, sweep
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def agreement():
    return run("agreement-2025-09", draws=50)


@pytest.mark.parametrize("name", list_scenarios())
def test_channels_sum_to_the_change(name):
    result = run(name, draws=8)
    assert float(result.channels.sum()) == pytest.approx(result.deficit_change_usd_bn, abs=1e-9)
    by_draw = result.draws["channel_usd_bn"].sum("channel").to_numpy()
    assert by_draw == pytest.approx(result.draws["deficit_change_usd_bn"].to_numpy(), abs=1e-9)
    assert result.channels.attrs["rule"]


def test_the_reference_does_not_move():
    result = run("status-quo-2025-06", draws=4)
    assert result.deficit_change_usd_bn == 0
    assert result.deficit_change_vs_account_usd_bn < 0


def test_the_change_is_the_difference_of_two_levels(agreement):
    reference = run("status-quo-2025-06", draws=50, seed=agreement.scenario.draws.seed)
    difference = agreement.deficit_change_vs_account_usd_bn - reference.deficit_change_vs_account_usd_bn
    assert difference == pytest.approx(agreement.deficit_change_usd_bn, abs=1e-9)
    by_draw = agreement.draws["deficit_change_vs_account_usd_bn"] - reference.draws["deficit_change_vs_account_usd_bn"]
    assert by_draw.to_numpy() == pytest.approx(agreement.draws["deficit_change_usd_bn"].to_numpy(), abs=1e-9)


def test_the_account_of_2024_stands_still_under_its_own_law():
    own = tc.load_scenario("status-quo-2025-06")
    same = own.model_copy(
        update={"tariffs": own.tariffs.model_copy(update={"on": tc.load_account().law_on, "as_of": None})}
    )
    result = run(same, draws=3)
    assert result.deficit_change_vs_account_usd_bn == pytest.approx(0, abs=1e-9)
    assert result.central["quantity_hat"].to_numpy() == pytest.approx(1, abs=1e-12)


def test_shapes_names_and_units(agreement):
    assert agreement.draws.sizes["draw"] == 50
    assert len(agreement.diagnostics) == 50
    assert agreement.failed_draws == 0
    assert agreement.diagnostics["residual"].max() < 1e-11
    assert agreement.draws["deficit_change_usd_bn"].attrs["units"] == "USD bn"
    assert set(agreement.draws["parameter"].to_numpy()) == set(agreement.scenario.beliefs())
    assert "draw" not in agreement.central.dims


def test_no_draws_give_the_same_central_case(agreement):
    alone = run("agreement-2025-09", draws=0)
    assert alone.deficit_change_usd_bn == agreement.deficit_change_usd_bn
    assert np.isnan(alone.interval("deficit_change_usd_bn")).all()


def test_a_seed_repeats_itself():
    assert run("no-deal", draws=10, seed=5) == run("no-deal", draws=10, seed=5)
    assert run("no-deal", draws=10, seed=5) != run("no-deal", draws=10, seed=6)


def test_blocks_of_draws_change_nothing(monkeypatch):
    whole = run("british-quota", draws=30)
    monkeypatch.setattr("tradecalc.markets.sides._NUMBERS_AT_ONCE", 5 * 8 * 40)
    assert run("british-quota", draws=30) == whole


def test_save_and_load(agreement, tmp_path):
    again = load_result(agreement.save(tmp_path / "a.tcr"))
    assert again == agreement
    for field in fields(agreement):
        if field.name not in ("central", "draws", "channels", "diagnostics", "solve_path"):
            assert getattr(again, field.name) == getattr(agreement, field.name)
    assert again.diagnostics.equals(agreement.diagnostics)
    assert again.summary().equals(agreement.summary())
    assert again.draws["deficit_change_usd_bn"].attrs == agreement.draws["deficit_change_usd_bn"].attrs


def test_a_result_is_written_the_same_twice(agreement, tmp_path):
    assert agreement.save(tmp_path / "a").read_bytes() == agreement.save(tmp_path / "b").read_bytes()


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_a_damaged_result_is_one_sentence(content, tmp_path, agreement):
    file = agreement.save(tmp_path / "a.tcr")
    file.write_bytes(file.read_bytes()[:500] if content is None else content)
    with pytest.raises(InputError, match=r"a.tcr: not a saved result, or damaged"):
        load_result(file)


def test_the_origins_name_every_kind_of_file(agreement):
    paths = {stamp.path for stamp in agreement.origins}
    assert any(p.startswith("scenarios/") for p in paths)
    assert any(p.startswith("account/") for p in paths)
    assert any(p.startswith("tariffs/us/") for p in paths)
    assert "references.yaml" in paths


def test_pledge_steps_add_up(agreement):
    steps = agreement.central["pledge_usd_bn"]
    parts = steps.drop_sel(step="additional").sum("step")
    assert parts.to_numpy() == pytest.approx(steps.sel(step="additional").to_numpy(), abs=1e-12)
    assert float(steps.sel(step="additional").sum()) == pytest.approx(float(agreement.central["exports_change_usd_bn"]))


@pytest.mark.parametrize("name", list_scenarios())
def test_who_bears_the_duty_adds_up(name):
    draws = run(name, draws=8).draws
    parts = draws["buyers_bear_usd_bn"] + draws["exporters_bear_usd_bn"] - draws["licences_keep_usd_bn"]
    total = parts + draws["base_effect_usd_bn"]
    assert total.to_numpy() == pytest.approx(draws["duty_change_usd_bn"].to_numpy(), abs=1e-9)


def test_a_quota_moves_money_not_cars():
    result = run("british-quota", draws=0)
    cars = result.central.sel(product="cars")
    reference = run("status-quo-2025-06", draws=0).central.sel(product="cars")
    assert float(cars["quantity_hat"]) == pytest.approx(float(reference["quantity_hat"]), rel=1e-12)
    account = tc.load_account()
    by_hand = 100_000 * account.unit_value_usd * float(cars["price_hat"]) * (float(cars["rate"]) - 0.10) / 1e9
    assert float(result.central["quota_rent_usd_bn"]) == pytest.approx(by_hand, rel=1e-9)


def test_sweep_agrees_with_a_run_at_the_central_value():
    scenario = tc.load_scenario("no-deal")
    central = scenario.parameters["sigma_goods"].belief.central
    grid = sweep(scenario, parameter="sigma_goods", values=[central, 5.0], product="cars")
    assert grid["deficit_change_usd_bn"].iloc[0] == run(scenario, draws=0).deficit_change_usd_bn
    assert grid["quantity_hat"].nunique() == 1


def test_a_market_table_agrees_with_the_run_and_with_the_account():
    result, account = run("no-deal", draws=0), tc.load_account()
    table = tc.market_table("no-deal", "cars").set_index("origin")
    japan = result.central.sel(product="cars")
    assert table.loc["JPN", "after_usd_bn"] == pytest.approx(float(japan["imports_by_product_usd_bn"]), rel=1e-12)
    assert table.loc["JPN", "units_after"] == pytest.approx(float(japan["quantity_hat"]) * account.car_units, rel=1e-12)
    assert table["before_usd_bn"].to_numpy() == pytest.approx(account.market("cars")["usd_bn"].to_numpy())
    assert table["units_after"].notna().sum() == 1
    assert table.loc["USA (home)", "rate_after"] == 0
    with pytest.raises(InputError, match="Did you mean 'cars'"):
        tc.market_table("no-deal", "car")


def test_headline_table_has_a_row_a_scenario():
    table = headline_table(["removal", "no-deal"], draws=10)
    assert list(table.index) == ["removal", "no-deal"]
    assert (table["p5"] <= table["p95"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scenario": "no-deal", "engine": "gtap"}, "'gtap' is not an engine here"),
        ({"scenario": "no-deal", "draws": 1.5}, "draws is 1.5; a whole number"),
        ({"scenario": "no-deal", "account": "us-japen-2024"}, "us-japan-2024"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(InputError, match=message):
        run(**arguments)


def test_a_pledge_of_an_unknown_good_names_the_nearest(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: status-quo-2025-06\nname: own\nquestion: What of a good that is not there?\npledges:\n  beans:\n"
        "    good: soybean\n    headline: {amount: 1, unit: usd_bn_per_year}\n    basis: new\n"
        "    additionality: {dist: fixed, value: 1, reference: assumed}\n    reference: assumed\n"
    )
    with pytest.raises(InputError, match=r"pledges.beans.good: 'soybean' is not a product.*Did you mean 'soybeans'"):
        run(own)


def test_a_share_of_an_unknown_baseline_is_refused(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: status-quo-2025-06\nname: own\nquestion: What of a share of nothing known?\npledges:\n  wheat:\n"
        "    good: wheat\n    headline: {amount: 0.5, unit: share_of_baseline}\n    basis: new\n"
        "    additionality: {dist: fixed, value: 1, reference: assumed}\n    reference: assumed\n"
    )
    with pytest.raises(InputError, match="wheat has no export figure of its own"):
        run(own)


def test_a_quota_whose_licences_nobody_holds_is_refused(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: status-quo-2025-06\nname: own\nquestion: What of a quota without holders?\ntariffs:\n"
        "  quotas: [{product: cars, units: 1000, within: 0.1, reference: assumed}]\n"
    )
    with pytest.raises(InputError, match="no parameter gives rent_to_exporter for cars, which has a quota"):
        run(own, draws=0)


def test_sweep_names_the_nearest_parameter():
    with pytest.raises(InputError, match="Did you mean 'sigma_goods'"):
        sweep("no-deal", parameter="sigma_good", values=[1.0])
