"""What a scenario names must exist: its goods in the account, its references in the list."""

from collections.abc import Iterator, Mapping
from typing import Any

from tradecalc.account import account_exists, products_of, read_definition
from tradecalc.beliefs import load_references
from tradecalc.levers import kinds
from tradecalc.scenario.shelf import Place
from tradecalc.terms import InputError, nearest


def check_references(scenario: Any, shown: str) -> None:
    """Raise InputError where a reference is not in the list, with the nearest; ``shown`` is the file or the call."""
    known = load_references()
    for key in scenario.references():
        if key not in known:
            raise InputError(
                f"{shown}: the reference {key!r} is not in data/references.yaml; add it there or cite "
                f"`assumed`.{nearest(key, set(known))}"
            )


def check_goods(scenario: Any, where: Mapping[Place, tuple[str, int]]) -> None:
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


def _named(scenario: Any) -> Iterator[tuple[Place, str]]:
    """Yield every good with the place of the file where it is named."""
    for kind in kinds():
        yield from kind.named(scenario)
    for key, parameter in scenario.parameters.items():
        yield from ((("parameters", key, "products"), good) for good in parameter.products)


def _stands(place: Place, where: Mapping[Place, tuple[str, int]]) -> str:
    """Return file and line of a place, or of the nearest thing around it that a file holds."""
    for end in range(len(place), -1, -1):
        if place[:end] in where:
            file, line = where[place[:end]]
            return f"{file}:{line}"
    return "the scenario"
