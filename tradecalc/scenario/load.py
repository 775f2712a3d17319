"""From a YAML file to a scenario that cannot be mistyped: every name in it exists, every belief cites a source."""

from pathlib import Path
from typing import Any

from tradecalc.account import account_exists, products_of, read_definition
from tradecalc.beliefs import KINDS, load_references
from tradecalc.files import data_root, parse_yaml, stamp, validate
from tradecalc.scenario.branches import leaves
from tradecalc.scenario.checks import check_goods, check_references
from tradecalc.scenario.rebound import kept
from tradecalc.scenario.scenario import RECORDED, Scenario, scenario_class
from tradecalc.scenario.shelf import Read, extended, list_scenarios, read_scenario, scenario_path
from tradecalc.scenario.words import partner_of, told_of
from tradecalc.terms import InputError


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one from a YAML file.

    ``extends: NAME`` takes over another scenario, and what that one extends: mappings are merged key by key, everything
    else, lists and distributions included, is replaced. Taken over on another account, beliefs on goods that this one
    does not hold are left out.

    Raises:
        InputError: unknown name (with the nearest), or whatever is wrong in the file, each problem with its line.
    """
    path = scenario_path(name_or_path)
    return _built(read_scenario(path), path.name)


def scenario_from(text: str, *, name: str) -> Scenario:
    """Return the scenario of a text as `load_scenario` would return it from a file ``name``; it may extend others.

    Raises:
        InputError: as `load_scenario`.
    """
    value, lines = parse_yaml(text, name=name)
    read = extended(value, lines, Path(name))
    return _built(read._replace(paths=read.paths[1:]), name)


def _built(read: Read, shown: str) -> Scenario:
    for field in RECORDED:
        if field in read.value:
            raise InputError(f"{shown}:{read.lines[(field,)]}: {field} is not a field here; it is recorded when read.")
    scenario = validate(scenario_class(), read.value, read.lines, name=shown)
    scenario = _held(scenario, read, shown)
    check_goods(scenario, read.places)
    check_references(scenario, shown)
    shelf = data_root() / "scenarios"
    others = (path for path in read.paths if path.name != shown and path.parent == shelf)
    recorded: dict[str, Any] = {
        "origins": tuple(stamp(file) for file in (*read.paths, data_root() / "references.yaml")),
        "base": next((path.stem for path in others), ""),
        "taken_over": _taken_over(scenario, read),
    }
    told: Scenario = told_of(scenario.model_copy(update=recorded), partner_of(scenario.account))
    return told


def _held(scenario: Scenario, read: Read, shown: str) -> Scenario:
    """Return a scenario without the beliefs and blocks of a base on goods that its own account does not hold."""
    if not account_exists(scenario.account) or set(read.accounts.values()) <= {scenario.account}:
        return scenario
    goods = set(products_of(read_definition(scenario.account))["product"])

    def own(*place: str) -> bool:
        return read.places[place][0] == shown

    named = {name: p.products for name, p in scenario.parameters.items() if p.products and not own("parameters", name)}
    left = kept(named, goods)
    parameters = {
        name: p.model_copy(update={"products": left[name]}) if name in left else p
        for name, p in scenario.parameters.items()
        if name in left or name not in named
    }
    blocks = scenario.tariffs.blocks
    theirs = {name: products for name, products in blocks.items() if not own("tariffs", "blocks", name)}
    still = kept(theirs, goods)
    blocks = {
        name: still.get(name, products) for name, products in blocks.items() if name in still or name not in theirs
    }
    law = scenario.tariffs.model_copy(update={"blocks": blocks})
    return scenario.model_copy(update={"parameters": parameters, "tariffs": law})


def _taken_over(scenario: Scenario, read: Read) -> dict[str, str]:
    """Return the beliefs that a file on another account gives, with the partner for whom they were chosen."""
    out = {}
    for path, item in scenario.parts():
        if isinstance(item, KINDS):
            place = path if path in read.places else ("parameters", path[0])
            account = read.accounts[read.places[place][0]] if place in read.places else scenario.account
            if account != scenario.account:
                out[".".join(path)] = partner_of(str(account))
    return out


def check_scenarios() -> list[str]:
    """Return one sentence for each shipped scenario that does not load, and each reference that none cites."""
    found, cited, shorts = [], {"assumed"}, dict[str, str]()
    for name in list_scenarios():
        try:
            scenario = load_scenario(name)
            cited |= set(scenario.references())
            own = read_scenario(scenario_path(name))
            if scenario.name != name:
                found.append(f"data/scenarios/{name}.yaml: its name is {scenario.name!r}; name and file must agree.")
            for word in ("title", "short"):
                if word not in own.value:
                    found.append(f"data/scenarios/{name}.yaml: {word} is missing; a shipped scenario has its own.")
            if (other := shorts.setdefault(scenario.short, name)) != name:
                found.append(f"data/scenarios/{name}.yaml: {other} is called {scenario.short!r} too; give it another.")
            for other in (scenario.relative_to, *(end for _, _, end in leaves(scenario.branches))):
                scenario_path(other)
        except InputError as err:
            found.append(str(err))
    unused = sorted(set(load_references()) - cited)
    return found + [f"data/references.yaml: {key!r} is cited by no scenario; remove it." for key in unused]
