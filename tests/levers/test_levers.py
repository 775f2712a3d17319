"""Levers in scenario files: what is refused, with its line, and how levers of a scenario and its reference meet."""

import shutil

import numpy as np
import pytest
from corrected import edit

from tradecalc.__main__ import main
from tradecalc.beliefs.parameters import with_roles
from tradecalc.files import data_root
from tradecalc.pledges import STEPS
from tradecalc.scenario import list_scenarios, load_scenario
from tradecalc.study import run, sweep
from tradecalc.terms import InputError

OWN = """\
extends: status-quo-2025-06
name: own
question: What would every lever at once do to the deficit?
pledges:
  beans:
    good: soybeans
    headline: {amount: 2.0, unit: tonnes_total, years: 4}
    basis: new
    additionality: {dist: fixed, value: 0.5, reference: assumed}
    ramp: [{on: 2026-01-01, share: 0.0}, {on: 2027-01-01, share: 1.0}]
    reference: assumed
  grain:
    good: corn
    headline: {amount: 1.0, unit: usd_bn_per_year}
    basis: new
    additionality: {dist: fixed, value: 0.5, reference: assumed}
    reference: assumed
barriers:
  rules: {goods: [cars], ave: {dist: fixed, value: 0.1, reference: assumed}, reference: assumed}
retaliation:
  answer: {goods: [chemicals], rate: {dist: fixed, value: 0.2, reference: assumed}, reference: assumed}
localisation:
  works:
    product: cars
    moved: {amount: 1000, unit: units_per_year}
    displacement: {dist: fixed, value: 0.7, reference: assumed}
    reference: assumed
links:
  chain: {from: cars, to: car-parts, share: {dist: fixed, value: 0.3, reference: assumed}, reference: assumed}
exchange_rate: {dollar: {dist: fixed, value: -0.05, reference: assumed}, reference: assumed}
"""
BAD = [
    # the five that were asked for beside a tree's probabilities, which tests/study/test_tree.py holds
    ("unit: usd_bn_per_year", "", r"own\.yaml:14: pledges\.grain\.headline\.unit is missing"),
    ("on: 2027-01-01", "on: 2025-01-01", r"own\.yaml:10: .*the ramp goes from 2026-01-01 back to 2025-01-01"),
    ("good: corn", "good: korn", r"own\.yaml:13: pledges\.grain\.good.*'korn' is not a product.*Did you mean 'corn'"),
    ("value: 0.5", "value: 1.5", r"own\.yaml:9: pledges\.beans\.additionality.*runs from 1.5.*a share lies in 0 to 1"),
    ("value: 0.5", "value: -0.5", r"own\.yaml:9: pledges\.beans\.additionality.*-0.5.*a share lies in 0 to 1"),
    # what else cannot be
    (", years: 4", "", r"own\.yaml:7: .*`years:` belongs to units that end in _total"),
    ("tonnes_total", "tonnes_per_year", r"own\.yaml:7: .*`years:` belongs to units that end in _total, and only"),
    ("tonnes_total", "bushels", r"own\.yaml:7: .*'bushels' is not allowed; use 'usd_bn_per_year'"),
    ("years: 4", "years: 0", r"own\.yaml:7: .*years.*greater than 0"),
    ("good: soybeans", "goods: [soybeans, rice]", r"own\.yaml:\d+: pledges\.beans: tonnes of several goods .* each"),
    ("good: soybeans", "goods: []", r"own\.yaml:6: pledges\.beans\.goods.*at least 1"),
    ("good: soybeans", "good: corn", r"own\.yaml:\d+: .*'beans' and 'grain' both name corn, whose room they would"),
    ("basis: new", "basis: old", r"own\.yaml:8: pledges\.beans\.basis: 'old' is not allowed; use 'new'"),
    ("share: 1.0", "share: 1.1", r"own\.yaml:10: .*share.*less than or equal to 1"),
    ("[cars], ave", "[car], ave", r"own\.yaml:19: barriers\.rules\.goods.*'car' is not a product.*Did you mean 'cars'"),
    ("value: 0.1", "value: -0.1", r"own\.yaml:19: .*starts at -0.1, but an amount or a rate is 0 or more"),
    ("[chemicals]", "[chemical]", r"own\.yaml:21: retaliation\.answer\.goods.*Did you mean 'chemicals'"),
    ("value: 0.2", "value: -0.2", r"own\.yaml:21: .*starts at -0.2, but an amount or a rate is 0 or more"),
    ("product: cars", "product: karz", r"own\.yaml:24: localisation\.works\.product: 'karz' is not a product"),
    ("value: 0.7", "value: 1.7", r"own\.yaml:26: .*displacement.*a share lies in 0 to 1"),
    ("amount: 1000", "amount: -1000", r"own\.yaml:25: .*greater than or equal to 0"),
    ("to: car-parts", "to: car-part", r"own\.yaml:29: links\.chain.*Did you mean 'car-parts'"),
    ("value: 0.3", "value: 3", r"own\.yaml:29: links\.chain\.share.*a share lies in 0 to 1"),
    ("value: -0.05", "value: -0.95", r"own\.yaml:30: .*starts at -0.95; a change above -0.9 is allowed"),
    ("barriers:", "barrier:", r"own\.yaml:18: barrier is not a field here. Did you mean 'barriers'"),
]


def test_the_file_of_every_lever_runs(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(OWN)
    result = run(own, draws=2)
    assert float(result.channels.sum()) == pytest.approx(result.deficit_change_usd_bn, abs=1e-9)
    names = set(result.channels["channel"].to_numpy())
    assert {"pledge: beans", "barrier: rules", "retaliation: answer", "localisation: works", "exchange rate"} <= names


@pytest.mark.parametrize(("old", "new", "message"), BAD, ids=[f"{old} -> {new}" for old, new, _ in BAD])
def test_a_bad_lever_is_one_sentence_with_file_and_line_and_nothing_is_written(old, new, message, tmp_path, capsys):
    assert old in OWN
    own = tmp_path / "own.yaml"
    own.write_text(OWN.replace(old, new, 1))
    assert main(["run", str(own), "--draws", "0", "--save", str(tmp_path / "answer.tcr")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["own.yaml"]
    assert len(captured.err.strip().splitlines()) == 1
    with pytest.raises(InputError, match=message):
        raise InputError(captured.err.strip())


def test_a_pledge_that_names_a_good_twice_is_not_called_two_pledges(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(OWN.replace("good: corn", "goods: [corn, corn]"))
    with pytest.raises(InputError, match=r"'grain'.*corn") as caught:
        load_scenario(own)
    assert "'grain' and 'grain'" not in str(caught.value)


def test_what_a_base_says_is_not_blamed_on_a_line_that_the_file_does_not_have(tmp_path, monkeypatch):
    data = tmp_path / "data"
    shutil.copytree(data_root() / "account", data / "account")
    for shared in set(data_root().iterdir()) - {data_root() / "account"}:
        (data / shared.name).symlink_to(shared)
    monkeypatch.setenv("TRADECALC_DATA", str(data))
    edit(data / "account/us-products.csv", "\nsoybeans,", "\nbeans,")
    own = tmp_path / "own.yaml"
    own.write_text("extends: offer-2025-06\nname: own\nquestion: What of Korea?\naccount: us-korea-2024\n")
    with pytest.raises(InputError, match="'soybeans' is not a product of the account us-korea-2024") as caught:
        load_scenario(own)
    for sentence in str(caught.value).splitlines():
        file, line = sentence.split(":")[:2]
        assert file == "offer-2025-06.yaml" or int(line) <= 4


PARAMETERS = [
    ("short_run: {dist: fixed, value: 1.2, reference: assumed}", "short_run runs from 1.2 to 1.2, but 0 to 1"),
    ("fx_imports: {dist: fixed, value: -0.1, reference: assumed}", "fx_imports runs from -0.1 to -0.1, but 0 to 1"),
    ("fx_exports: {dist: fixed, value: 1.1, reference: assumed}", "fx_exports runs from 1.1 to 1.1, but 0 to 1"),
    ("share_partner_goods: {dist: fixed, value: 0, reference: assumed}", "share_partner starts at 0, but .* above 0"),
    ("share_partner_goods: {dist: fixed, value: 1.01, reference: assumed}", "share_partner runs from 1.01 .* 0 to 1"),
    ("supply_partner: {dist: fixed, value: 0, reference: assumed}", "supply_partner starts at 0, but .* above 0"),
    ("adjustment_speed: {dist: fixed, value: -1, reference: assumed}", "adjustment_speed runs from -1 .* 0 or more"),
    ("front_loading: {dist: fixed, value: -1, reference: assumed}", "front_loading runs from -1 .* 0 or more"),
    ("dollar_offset: {dist: fixed, value: -3, reference: assumed}", "dollar_offset runs from -3 .* -2 to 2"),
    (
        "short_run: {products: [cars], dist: fixed, value: 0.4, reference: assumed}",
        "short_run: .*`products:` to elasticities and shares of markets",
    ),
    ("fx_imports_two: {dist: fixed, value: 0.4, reference: assumed}", "'fx_imports' and 'fx_imports_two' both give"),
]


@pytest.mark.parametrize(("line", "message"), PARAMETERS, ids=[line[:45] for line, _ in PARAMETERS])
def test_a_belief_out_of_range_is_one_sentence(line, message, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(f"extends: status-quo-2025-06\nname: own\nquestion: What if I mistype?\nparameters:\n  {line}\n")
    with pytest.raises(InputError, match=r"own\.yaml:\d+: .*" + message) as caught:
        load_scenario(own)
    assert len(str(caught.value).splitlines()) == 1


def test_the_longest_role_that_starts_a_name_is_taken():
    names = ("sigma_cars", "sigma_home_cars", "sigma_partner_goods", "eta_partner", "supply", "supply_partner")
    names += ("fx_imports",)
    roles = ("sigma", "sigma_home", "sigma_partner", "eta_partner", "supply", "supply_partner", "fx_imports")
    found = with_roles({name: {"dist": "fixed"} for name in names})
    assert tuple(found[name]["role"] for name in names) == roles


@pytest.mark.parametrize("name", [n for n in list_scenarios("us-japan-2024") if not load_scenario(n).branches])
def test_channels_and_steps_sum_in_a_year_too(name, book):
    result = run(name, account=book, draws=2, year=2027)
    assert float(result.channels.sum()) == pytest.approx(result.deficit_change_usd_bn, abs=1e-9)
    by_draw = result.draws["channel_usd_bn"].sum("channel")
    np.testing.assert_allclose(by_draw, result.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9)
    steps = result.draws["pledge_usd_bn"]
    parts = steps.sel(step=list(STEPS)[:-1]).sum("step")
    np.testing.assert_allclose(parts, steps.sel(step="additional"), rtol=0, atol=1e-9)
    assert (steps.sel(step="additional") <= steps.sel(step="headline")).all()
    balance = result.draws["imports_change_usd_bn"] - result.draws["exports_change_usd_bn"]
    np.testing.assert_allclose(balance, result.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9)


def test_levers_that_both_hold_cancel(book):
    """Of the roadmap against what was offered to buy, plants and barriers are left."""
    asked = load_scenario("roadmap").model_copy(update={"relative_to": "offer-2025-06"})
    channels = run(asked, account=book, draws=0).channels.to_series()
    whole = run("roadmap", account=book, draws=0).channels.to_series()
    assert channels.filter(like="pledge").abs().max() == 0
    left = [name for name in whole.index if name.startswith(("localisation", "barrier"))]
    assert len(left) == 4
    np.testing.assert_allclose(channels[left], whole[left], rtol=0, atol=1e-9)


def test_one_name_for_two_levers_is_refused(book):
    """Their beliefs would have one name too, and could not be told apart."""
    gas, dollar = load_scenario("jera-lng").pledges["jera"], load_scenario("weaker-dollar").exchange_rate
    corn = {"relative_to": "offer-2025-06", "pledges": {"corn": gas}}
    other = {"relative_to": "weaker-dollar", "exchange_rate": dollar.model_copy(update={"against": "all"})}
    for changes, message in [
        (corn, "roadmap: pledges 'corn' differs from that of offer-2025-06, which .*; give it another name"),
        (other, "roadmap: exchange_rate 'exchange_rate' differs from that of weaker-dollar, which .* another name"),
    ]:
        with pytest.raises(InputError, match=message) as caught:
            run(load_scenario("roadmap").model_copy(update=changes), account=book, draws=0)
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["weaker-dollar", "barriers-2025-06", "investment-2025-06", "offer-2025-06"])
def test_a_lever_that_only_the_reference_holds_works_the_other_way(name, book):
    there = run(name, account=book, draws=2)
    back = load_scenario("status-quo-2025-06").model_copy(update={"name": "own", "relative_to": name})
    found = run(back, account=book, draws=2)
    np.testing.assert_allclose(
        found.draws["deficit_change_usd_bn"], -there.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9
    )
    there, found = (result.channels.to_series() for result in (there, found))
    assert set(found.index) == set(there.index)
    np.testing.assert_allclose(found[there.index], -there, rtol=0, atol=1e-9)


def test_amounts_can_be_swept(book):
    """Plants and pledges bring nothing at nothing, twice as much at twice the amount, until they reach an end."""
    grid = sweep("roadmap", parameter="localisation.cars.moved", values=[0, 1e5, 2e5], account=book)
    plants = grid["deficit_change_usd_bn"].to_numpy()
    assert plants[2] - plants[0] == pytest.approx(2 * (plants[1] - plants[0]), rel=1e-9)
    without = load_scenario("roadmap")
    without = without.model_copy(update={"localisation": {"steel": without.localisation["steel"]}})
    assert plants[0] == pytest.approx(run(without, account=book, draws=0).deficit_change_usd_bn, abs=1e-9)
    grid = sweep("roadmap", parameter="pledges.soybeans.headline", values=[0.0, 0.5, 9.0, 99.0], account=book)
    pledged = -np.diff(grid["deficit_change_usd_bn"])
    np.testing.assert_allclose(pledged, [0.25, book.room_usd_bn(["soybeans"]) - 0.25, 0], atol=1e-12)


WORLD = [
    ("investment-2025-06", {}, "`localisation:`"),
    ("weaker-dollar", {}, "`exchange_rate:`"),
    ("removal-transplants", {}, "`links:`"),
    ("no-deal", {"year": 2027}, "`year:`"),
    ("british-quota", {}, "`quotas:`"),
]


@pytest.mark.parametrize(("name", "options", "lever"), WORLD, ids=[lever for _, _, lever in WORLD])
def test_the_world_engine_refuses_what_it_does_not_have(name, options, lever, book):
    with pytest.raises(InputError, match=f"{name}: the world engine has no {lever}.*`engine: partial`") as caught:
        run(name, account=book, engine="general", draws=0, **options)
    assert len(str(caught.value).splitlines()) == 1
