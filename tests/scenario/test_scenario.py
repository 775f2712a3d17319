import re
from pathlib import Path
from typing import get_args

import pytest

from tradecalc.beliefs.distributions import Strict
from tradecalc.beliefs.parameters import Role
from tradecalc.files import shipped
from tradecalc.scenario import Scenario, check_scenarios, list_scenarios, load_references, load_scenario
from tradecalc.scenario.scenario import RECORDED
from tradecalc.terms import InputError

OWN = """\
name: own
question: What does one billion of soybeans do?
account: us-japan-2024
relative_to: status-quo-2025-06
tariffs: {on: 2025-06-14}
pledges:
  soy:
    good: soybeans
    headline: {amount: 1.0, unit: usd_bn_per_year}
    basis: new
    additionality: {dist: triangular, low: 0.1, mode: 0.5, high: 1.0, reference: assumed}
    reference: offer_2025_06
parameters:
  sigma_autos: {products: [cars], dist: lognormal, median: 4.0, sigma: 0.25, reference: cars_sigma}
  sigma: {dist: fixed, value: 3.8, reference: bajzik_2020}
  eta: {dist: fixed, value: 1.0, reference: assumed}
draws: {n: 10, seed: 1}
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "own.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_becomes_a_frozen_question(write):
    scenario = load_scenario(write(OWN))
    assert scenario.parameters["sigma_autos"].role == "sigma"
    assert scenario.pledges["soy"].goods == ("soybeans",)
    assert set(scenario.beliefs()) == {"sigma_autos", "sigma", "eta", "pledges.soy.additionality"}
    with pytest.raises(Exception, match="frozen"):
        scenario.name = "other"


@pytest.mark.parametrize("name", list_scenarios())
def test_shipped_scenarios_load_and_ask_a_question(name):
    scenario = load_scenario(name)
    assert scenario.question.endswith("?")
    assert scenario.origins
    assert set(scenario.references()) <= set(load_references())


def test_shipped_scenarios_and_references_are_complete():
    assert check_scenarios() == []


def test_extends_merges_mappings_and_replaces_distributions(write):
    own = write(
        "extends: status-quo-2025-06\nname: mine\nquestion: What if buyers substitute more easily?\n"
        "parameters:\n  sigma_goods: {dist: fixed, value: 6.0, reference: assumed}\n"
    )
    scenario, base = load_scenario(own), load_scenario("status-quo-2025-06")
    assert scenario.parameters["sigma_goods"].belief.central == 6.0
    assert scenario.parameters["eta_cars"] == base.parameters["eta_cars"]
    assert scenario.tariffs == base.tariffs


def test_extends_goes_any_number_of_levels_down(write):
    write("extends: fifteen\nname: middle\nquestion: What is in the middle?\ntitle: In the middle\n", "middle.yaml")
    own = write("extends: middle\nname: mine\nquestion: What is at the end?\ntariffs: {others: 2025-06-14}\n")
    scenario, far = load_scenario(own), load_scenario("fifteen")
    assert scenario.tariffs == far.tariffs.model_copy(update={"others": scenario.tariffs.others})
    assert (scenario.title, scenario.short, scenario.base) == ("Mine", "Mine", "fifteen")
    assert [Path(stamp.path).stem for stamp in scenario.origins][:4] == [
        "own",
        "middle",
        "fifteen",
        "status-quo-2025-06",
    ]


def test_a_mistake_far_below_is_told_with_its_own_file_and_line(write):
    write(
        "extends: fifteen\nname: middle\nquestion: What is in the middle?\npledges:\n  beans:\n    good: soybean\n"
        "    headline: {amount: 1, unit: usd_bn_per_year}\n    basis: new\n"
        "    additionality: {dist: fixed, value: 1, reference: assumed}\n    reference: assumed\n",
        "middle.yaml",
    )
    own = write("extends: middle\nname: mine\nquestion: What is at the end?\n")
    with pytest.raises(InputError, match=r"middle.yaml:6: pledges.beans.good: 'soybean' is not a product"):
        load_scenario(own)


@pytest.mark.parametrize(("files", "circle"), [
    ({"one": "one"}, "one extends one"),
    ({"one": "two", "two": "one"}, "one extends two extends one"),
    ({"one": "two", "two": "three", "three": "two"}, "one extends two extends three extends two"),
])  # fmt: skip
def test_a_circle_of_bases_is_refused_in_one_sentence(write, files, circle):
    for name, base in files.items():
        write(f"name: {name}\nextends: {base}\nquestion: Where does this end?\n", f"{name}.yaml")
    with pytest.raises(InputError, match=rf"yaml:2: {circle}, a circle; let one of them extend another") as caught:
        load_scenario(write(f"name: one\nextends: {files['one']}\nquestion: Where does this end?\n", "one.yaml"))
    assert len(str(caught.value).splitlines()) == 1


BAD = [
    ("basis: new", "basis: in_quota", r"own.yaml:10: pledges.soy.basis: 'in_quota' is not allowed; use 'new'"),
    (
        "amount: 1.0",
        "ammount: 1.0",
        r"own.yaml:9: pledges.soy.headline.ammount is not a field here. Did you mean 'amount'",
    ),
    ("amount: 1.0", "amount: -1.0", r"own.yaml:9: pledges.soy.headline.amount.*greater than or equal to 0.*-1"),
    (
        "dist: triangular",
        "dist: triangle",
        r"own.yaml:11: pledges.soy.additionality: 'triangle' is not a dist; use one of",
    ),
    ("low: 0.1", "low: 0.7", r"own.yaml:11: pledges.soy.additionality: low 0.7, mode 0.5, high 1 must rise"),
    (
        "high: 1.0,",
        "high: 1.4,",
        r"own.yaml:11: pledges.soy.additionality: runs from 0.1 to 1.4, but a share lies in 0 to 1",
    ),
    (
        "reference: bajzik_2020",
        "reference: bajzik_2021",
        r"'bajzik_2021' is not in data/references.yaml.*Did you mean 'bajzik",
    ),
    ("name: own", "name: own\nname: two", r"own.yaml:2: the key 'name' stands already on line 1"),
    ("on: 2025-06-14", "on: 2025-06-31", r"own.yaml:5: '2025-06-31' is no day of the calendar"),
    ("on: 2025-06-14", "on: June", r"own.yaml:5: tariffs.on"),
    ("median: 4.0", "median: -4.0", r"own.yaml:14: parameters.sigma_autos.median.*greater than 0"),
    ("value: 3.8", "value: -3.8", r"own.yaml:15: parameters.sigma.* -3.8.*0 or more is allowed"),
    ("  eta: ", "  eta_cars: {products: [cars], dist: fixed, value: 1.0, reference: assumed}\n  zeta: ", r"zeta"),
    ("draws: {n: 10, seed: 1}", "draws: {n: 10}", r"own.yaml:17: draws.seed is missing"),
    ("draws: {n: 10, seed: 1}", "", r"own.yaml:1: draws is missing"),
]


@pytest.mark.parametrize(("old", "new", "message"), BAD, ids=[b[1][:25] for b in BAD])
def test_bad_input_gets_one_clear_sentence(write, old, new, message):
    assert old in OWN
    with pytest.raises(InputError, match=message):
        load_scenario(write(OWN.replace(old, new, 1)))


def test_all_problems_of_a_file_are_named_at_once(write):
    text = OWN.replace("basis: new", "basis: old").replace("amount: 1.0", "amount: -2")
    with pytest.raises(InputError) as caught:
        load_scenario(write(text))
    assert len(str(caught.value).splitlines()) == 2


def test_two_beliefs_for_one_product_are_refused(write):
    text = OWN.replace("  eta:", "  sigma_two: {products: [cars], dist: fixed, value: 2, reference: assumed}\n  eta:")
    with pytest.raises(InputError, match="'sigma_autos' and 'sigma_two' both give sigma for cars"):
        load_scenario(write(text))


def test_a_percentage_is_told_how_to_write_it(write):
    quota = "{product: cars, units: 1, within: 27.5, reference: assumed}"
    text = OWN.replace("{on: 2025-06-14}", f"\n  on: 2025-06-14\n  quotas: [{quota}]")
    with pytest.raises(InputError, match=r"own.yaml:7: tariffs.quotas.0.within: 27.5 is not a fraction.*0.275"):
        load_scenario(write(text))


def test_unknown_scenario_names_the_nearest():
    with pytest.raises(InputError, match=r"'no-deel' is not a shipped scenario.*Did you mean 'no-deal'"):
        load_scenario("no-deel")
    with pytest.raises(InputError, match="there is no such scenario file"):
        load_scenario("nowhere/own.yaml")


def _models(model, seen):
    """Yield a model and every model that its fields can hold, each once."""
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            kind = waiting.pop()
            waiting += getattr(kind, "__args__", ())
            if isinstance(kind, type) and issubclass(kind, Strict):
                yield from _models(kind, seen)


def test_the_document_on_scenario_files_names_every_field_and_role():
    words = set(re.findall(r"[a-z_]+", shipped("docs").joinpath("scenarios.md").read_text("utf-8")))
    fields = {field.alias or name for model in _models(Scenario, set()) for name, field in model.model_fields.items()}
    assert fields - words - {*RECORDED, "belief"} == set()
    assert set(get_args(Role)) - words == set()
