"""Whether every good that a scenario file names is a product of its account."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tradecalc._account import account_names, read_definition
from tradecalc._files import read_table
from tradecalc.terms import InputError, nearest

if TYPE_CHECKING:
    from tradecalc.scenario import Scenario

Place = tuple[str | int, ...]


def check_goods(scenario: "Scenario", where: dict[Place, tuple[str, int]]) -> None:
    """Raise InputError where a good is not a product of the account, each with its file, line and the nearest.

    An account that does not exist is not checked here: `load_account` names the nearest.
    """
    if scenario.account not in account_names():
        return
    products = list(read_table(read_definition(scenario.account).products)["product"])
    found = [
        f"{_stands(place, where)}: {'.'.join(map(str, place))}: {good!r} is not a product of the account "
        f"{scenario.account}; see `tradecalc.load_account({scenario.account!r}).products`.{nearest(good, products)}"
        for place, good in _named(scenario)
        if good not in products
    ]
    if found:
        raise InputError("\n".join(dict.fromkeys(found)))


def _named(scenario: "Scenario") -> Iterator[tuple[Place, str]]:
    """Yield every good with the place of the file where it is named."""
    for key, pledge in scenario.pledges.items():
        word = "good" if len(pledge.goods) == 1 else "goods"
        yield from ((("pledges", key, word), good) for good in pledge.goods)
    for field in ("barriers", "retaliation"):
        for key, lever in getattr(scenario, field).items():
            yield from (((field, key, "goods"), good) for good in lever.goods)
    for key, plant in scenario.localisation.items():
        yield ("localisation", key, "product"), plant.product
        for part in ("parts", "equipment"):
            if getattr(plant, part):
                yield ("localisation", key, part, "product"), getattr(plant, part).product
    for key, link in scenario.links.items():
        yield ("links", key, "from"), link.source
        yield ("links", key, "to"), link.to
    for i, quota in enumerate(scenario.tariffs.quotas):
        yield ("tariffs", "quotas", i, "product"), quota.product
    for block, goods in scenario.tariffs.blocks.items():
        yield from ((("tariffs", "blocks", block), good) for good in goods)
    for key, parameter in scenario.parameters.items():
        yield from ((("parameters", key, "products"), good) for good in parameter.products)


def _stands(place: Place, where: dict[Place, tuple[str, int]]) -> str:
    """Return file and line of a place, or of the nearest thing around it that a file holds."""
    for end in range(len(place), -1, -1):
        if place[:end] in where:
            file, line = where[place[:end]]
            return f"{file}:{line}"
    return "the scenario"
