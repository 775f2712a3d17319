"""A scenario on another account: its question about that partner, its beliefs on the goods that the account holds."""

from typing import Any

from tradecalc.account import Account
from tradecalc.levers import TariffQuestion, kinds
from tradecalc.scenario.scenario import Scenario
from tradecalc.scenario.words import partner_of, told_of
from tradecalc.terms import InputError, nearest


def on_account(scenario: Scenario, account: Account) -> Scenario:
    """Return a scenario as asked of an account.

    Where the account is not the scenario's own, beliefs on goods that it does not hold are left out, and so are blocks
    of products without any of them; everything else is as the scenario has it. The question names the partner.

    Raises:
        InputError: a lever names a good that the account does not hold (with the nearest).
    """
    if scenario.account == account.name:
        return scenario
    held = set(account.products)
    for kind in (kind for kind in kinds() if kind is not TariffQuestion):
        for place, good in kind.named(scenario):
            if good not in held:
                raise InputError(
                    f"{scenario.name}: {'.'.join(map(str, place))}: {good!r} is not a product of the account "
                    f"{account.name}, on which it is asked; see `tradecalc.load_account({account.name!r}).products`, "
                    f"or ask a scenario whose goods it holds.{nearest(good, account.products)}"
                )
    told: Scenario = told_of(scenario, account.definition.in_a_sentence)
    return told.model_copy(
        update={
            "account": account.name,
            "parameters": _beliefs(scenario, held),
            "taken_over": dict.fromkeys(scenario.beliefs(), partner_of(scenario.account)) | scenario.taken_over,
            "tariffs": scenario.tariffs.model_copy(update={"blocks": kept(scenario.tariffs.blocks, held)}),
        }
    )


def _beliefs(scenario: Scenario, held: set[str]) -> dict[str, Any]:
    """Return the parameters with the products that are held; one that named only others is left out."""
    named = {name: p.products for name, p in scenario.parameters.items() if p.products}
    left = kept(named, held)
    return {
        name: p.model_copy(update={"products": left[name]}) if name in left else p
        for name, p in scenario.parameters.items()
        if name in left or name not in named
    }


def kept(named: dict[str, tuple[str, ...]], held: set[str]) -> dict[str, tuple[str, ...]]:
    """Return lists of goods without those that are not held; a list that named no other is left out."""
    found = {name: tuple(good for good in goods if good in held) for name, goods in named.items()}
    return {name: goods for name, goods in found.items() if goods}
