"""A scenario with some of its fields changed, under the checks of a file."""

import re
from collections.abc import Mapping
from typing import Any

from tradecalc.files import validate
from tradecalc.scenario.checks import check_goods, check_references
from tradecalc.scenario.plain import plain
from tradecalc.scenario.shelf import Place, merged
from tradecalc.scenario.words import partner_of, told_of, words_of
from tradecalc.terms import InputError

_LINE = re.compile(r"^(replace):\d+:", re.MULTILINE)


def replaced(scenario: Any, changes: Mapping[str, Any]) -> Any:
    """Return a scenario with fields changed that are named with dots or nested; see `Scenario.replace`."""
    told = _nested(changes)
    said = plain(scenario, compact=True)
    renamed = "name" in told and isinstance(told["name"], str)
    for field, word in zip(("title", "short"), words_of(scenario.name), strict=True):
        if renamed and said[field] == word:
            del said[field]
    value = merged(said, told)
    lines: dict[Place, int] = dict.fromkeys(_places(value), 0)
    try:
        new = validate(type(scenario), value, lines, name="replace")
        check_goods(new, dict.fromkeys(lines, ("replace", 0)))
    except InputError as err:
        raise InputError(_LINE.sub(r"\1:", str(err))) from None
    check_references(new, "replace")
    same = {k: who for k, who in scenario.taken_over.items() if new.beliefs().get(k) == scenario.beliefs()[k]}
    recorded = {"origins": scenario.origins, "base": scenario.base, "taken_over": same}
    return told_of(new.model_copy(update=recorded), partner_of(new.account))


def _nested(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes with dotted names as nested mappings.

    Raises:
        InputError: a name that is not text, or two changes of one field.
    """
    out: dict[str, Any] = {}
    for name, value in changes.items():
        if not isinstance(name, str) or not all(name.split(".")):
            raise InputError(f"replace: {name!r} is not the name of a field; write it as 'tariffs.on'.")
        first, *inner = name.split(".")
        for step in reversed(inner):
            value = {step: value}
        if first in out and not (isinstance(out[first], dict) and isinstance(value, dict)):
            raise InputError(f"replace: {first} is changed twice; give one value.")
        out[first] = merged(out[first], value) if first in out else value
    return out


def _places(value: Any, at: Place = ()) -> list[Place]:
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    )
    return [at, *(place for key, item in items for place in _places(item, (*at, key)))]
