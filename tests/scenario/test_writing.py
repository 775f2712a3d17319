"""Scenarios changed and written back: what is written loads to what was changed, under the checks of a file."""

import pytest

import tradecalc as tc
from tradecalc.scenario import as_yaml, list_scenarios, load_scenario
from tradecalc.scenario.load import scenario_from
from tradecalc.scenario.scenario import RECORDED
from tradecalc.terms import InputError


def bare(scenario):
    fields = type(scenario).model_fields
    return scenario.model_copy(update={f: fields[f].get_default(call_default_factory=True) for f in RECORDED})


@pytest.mark.parametrize("name", list_scenarios())
def test_every_shipped_scenario_is_written_and_read_back(name):
    scenario = load_scenario(name)
    text = as_yaml(scenario)
    again = scenario_from(text, name="again.yaml")
    assert bare(again) == bare(scenario)
    assert (again.wording, again.heading, again.taken_over) == (scenario.wording, scenario.heading, scenario.taken_over)
    if scenario.base:
        assert text.startswith("extends: ")


@pytest.mark.parametrize(("name", "partner"), [("removal", "VNM"), ("no-deal", "CHE"), ("purchase", "KOR")])
def test_a_question_about_another_partner_is_written_too(name, partner, tmp_path):
    result = tc.run(name, partner=partner, draws=3)
    path = tmp_path / "own.yaml"
    path.write_text(result.to_yaml(), encoding="utf-8")
    again = tc.run(path, draws=3)
    assert again.central.identical(result.central)
    assert again.draws.identical(result.draws)
    assert again.scenario.title == result.scenario.title


def test_fields_are_changed_by_dots_or_nested():
    scenario = load_scenario("no-deal")
    dotted = scenario.replace({"tariffs.on": "2025-08-01", "draws.n": 7})
    assert dotted == scenario.replace(tariffs={"on": "2025-08-01"}, draws={"n": 7})
    assert (str(dotted.tariffs.on), dotted.draws.n, dotted.title) == ("2025-08-01", 7, scenario.title)
    assert scenario.draws.n != 7
    assert scenario.replace() == scenario
    belief = {"dist": "fixed", "value": 6.0, "reference": "assumed"}
    assert scenario.replace({"parameters.sigma_goods": belief}).parameters["sigma_goods"].belief.central == 6.0


def test_a_change_is_written_as_a_file_that_extends_the_base():
    changed = load_scenario("british-quota").replace({"draws.n": 9, "name": "mine", "title": "Mine", "short": "Mine"})
    text = as_yaml(changed)
    assert text.startswith("extends: status-quo-2025-06")
    assert "sigma_goods" not in text
    assert bare(scenario_from(text, name="x.yaml")) == bare(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tarifs": 1}, "replace: tarifs is not a field here. Did you mean 'tariffs'?"),
        ({"tariffs.onn": 1}, "replace: tariffs.onn is not a field here. Did you mean 'on'?"),
        ({"draws.n": -1}, "replace: draws.n: input should be greater than or equal to 0 (got -1)."),
        ({"short": "much too long a name for a figure"}, "replace: short: string should have at most 24 characters"),
        ({"engine": "gtap"}, "replace: engine: 'gtap' is not allowed; use 'partial' or 'general'."),
        ({"": 1}, "replace: '' is not the name of a field; write it as 'tariffs.on'."),
        ({"draws": 1, "draws.n": 2}, "replace: draws is changed twice; give one value."),
        ({"base": "removal"}, "replace: base is not a field here"),
        (
            {"parameters.sigma_goods": {"dist": "fixed", "value": 6, "reference": "assumd"}},
            "replace: the reference 'assumd' is not in data/references.yaml; add it there or cite `assumed`.",
        ),
    ],
)
def test_a_wrong_change_gets_the_sentence_of_a_file(change, message):
    with pytest.raises(InputError) as caught:
        load_scenario("no-deal").replace(change)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1


def test_the_sentence_is_that_of_a_file(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("extends: no-deal\nname: own\nquestion: What if I mistype?\ntariffs: {onn: 2025-07-09}\n")
    with pytest.raises(InputError) as file:
        load_scenario(own)
    with pytest.raises(InputError) as call:
        load_scenario("no-deal").replace({"tariffs.onn": "2025-07-09"})
    assert str(file.value).removeprefix("own.yaml:4: ") == str(call.value).removeprefix("replace: ")
