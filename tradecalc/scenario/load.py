"""From a YAML file to a scenario that cannot be mistyped: every name in it exists, every belief cites a source."""

from collections.abc import Iterator
from pathlib import Path

from tradecalc.account import account_exists, products_of, read_definition
from tradecalc.beliefs import load_references
from tradecalc.files import data_root, stamp, validate
from tradecalc.levers import kinds
from tradecalc.scenario.branches import leaves
from tradecalc.scenario.rebound import partner_of, told_of
from tradecalc.scenario.scenario import Scenario, scenario_class
from tradecalc.scenario.shelf import Place, Read, list_scenarios, read_scenario, scenario_path
from tradecalc.terms import InputError, nearest


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one from a YAML file.

    ``extends: NAME`` takes over another scenario, one level deep: mappings are merged key by key, everything else,
    lists and distributions included, is replaced.

    Raises:
        InputError: unknown name (with the nearest), or whatever is wrong in the file, each problem with its line.
    """
    path = scenario_path(name_or_path)
    shown = path.name
    read = read_scenario(path)
    for field in ("origins", "wording", "taken_over"):
        if field in read.value:
            raise InputError(f"{shown}:{read.lines[(field,)]}: {field} is not a field here; it is recorded when read.")
    scenario = validate(scenario_class(), read.value, read.lines, name=shown)
    check_goods(scenario, read.places)
    known = load_references()
    for key in scenario.references():
        if key not in known:
            raise InputError(
                f"{shown}: the reference {key!r} is not in data/references.yaml; add it there or cite "
                f"`assumed`.{nearest(key, set(known))}"
            )
    files = (*read.paths, data_root() / "references.yaml")
    scenario = scenario.model_copy(update={"origins": tuple(stamp(file) for file in files)})
    taken = _taken_over(scenario, read)
    return told_of(scenario.model_copy(update={"taken_over": taken}), partner_of(scenario.account))


def _taken_over(scenario: Scenario, read: Read) -> dict[str, str]:
    """Return the parameters that a base on another account gives, with the partner for whom they were chosen."""
    if read.base_account in (None, scenario.account):
        return {}
    partner, own = partner_of(str(read.base_account)), read.paths[0].name
    return {name: partner for name in scenario.parameters if read.places[("parameters", name)][0] != own}


def check_goods(scenario: Scenario, where: dict[Place, tuple[str, int]]) -> None:
    """Raise InputError where a good is not a product of the account, each with its file, line and the nearest.

    An account that does not exist is not checked here: `load_account` names the nearest.
    """
    if not account_exists(scenario.account):
        return
    products = list(products_of(read_definition(scenario.account))["product"])
    found = [
        f"{_stands(place, where)}: {'.'.join(map(str, place))}: {good!r} is not a product of the account "
        f"{scenario.account}; see `tradecalc.load_account({scenario.account!r}).products`.{nearest(good, products)}"
        for place, good in _named(scenario)
        if good not in products
    ]
    if found:
        raise InputError("\n".join(dict.fromkeys(found)))


def _named(scenario: Scenario) -> Iterator[tuple[Place, str]]:
    """Yield every good with the place of the file where it is named."""
    for kind in kinds():
        yield from kind.named(scenario)
    for key, parameter in scenario.parameters.items():
        yield from ((("parameters", key, "products"), good) for good in parameter.products)


def _stands(place: Place, where: dict[Place, tuple[str, int]]) -> str:
    """Return file and line of a place, or of the nearest thing around it that a file holds."""
    for end in range(len(place), -1, -1):
        if place[:end] in where:
            file, line = where[place[:end]]
            return f"{file}:{line}"
    return "the scenario"


def check_scenarios() -> list[str]:
    """Return one sentence for each shipped scenario that does not load, and each reference that none cites."""
    found, cited = [], {"assumed"}
    for name in list_scenarios():
        try:
            scenario = load_scenario(name)
            cited |= set(scenario.references())
            if scenario.name != name:
                found.append(f"data/scenarios/{name}.yaml: its name is {scenario.name!r}; name and file must agree.")
            for other in (scenario.relative_to, *(end for _, _, end in leaves(scenario.branches))):
                scenario_path(other)
        except InputError as err:
            found.append(str(err))
    unused = sorted(set(load_references()) - cited)
    return found + [f"data/references.yaml: {key!r} is cited by no scenario; remove it." for key in unused]
