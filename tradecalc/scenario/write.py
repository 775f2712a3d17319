"""A scenario written back as a file: what it changes in the shipped one that it extends, or all of it."""

from typing import Any

from tradecalc.scenario.load import load_scenario, scenario_from
from tradecalc.scenario.plain import plain, text_of
from tradecalc.scenario.scenario import RECORDED, Scenario
from tradecalc.terms import InputError

_FIRST = ("name", "title", "short", "question")


def as_yaml(scenario: Scenario) -> str:
    """Return the text of a scenario file that loads to this scenario.

    It extends the shipped scenario that this one extended, where that says less, and lists what differs; where a base
    cannot be taken over, because it holds what this one does not, the file says everything.
    """
    base = scenario.base
    while base:
        below = load_scenario(base)
        text = text_of({"extends": base, **_difference(scenario, below)})
        if base != scenario.name and _loads(text, scenario):
            return text
        base = below.base
    return text_of(_ordered(plain(scenario, compact=True)))


def _difference(scenario: Scenario, base: Scenario) -> dict[str, Any]:
    """Return what a file that extends ``base`` must say."""
    said, compact = plain(scenario), plain(scenario, compact=True)
    return {word: said[word] for word in _FIRST} | _changed(said, plain(base), compact)


def _changed(said: dict[str, Any], base: dict[str, Any], compact: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in said.items():
        if key in base and base[key] == value:
            continue
        short = compact.get(key, value)
        nested = isinstance(value, dict) and isinstance(base.get(key), dict) and "dist" not in value
        out[key] = _changed(value, base[key], short) if nested else short
    return out


def _ordered(said: dict[str, Any]) -> dict[str, Any]:
    return {word: said[word] for word in _FIRST} | said


def _loads(text: str, scenario: Scenario) -> bool:
    """Say whether a text loads to a scenario, whatever was recorded of either."""
    blank = {field: Scenario.model_fields[field].get_default(call_default_factory=True) for field in RECORDED}
    try:
        return scenario_from(text, name="written.yaml").model_copy(update=blank) == scenario.model_copy(update=blank)
    except InputError:
        return False
