"""A question in one call: a few numbers that people ask about, laid over a shipped scenario."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict

import numpy as np

from tradecalc.account import account_of, products_of, read_definition
from tradecalc.scenario.load import load_scenario, scenario_from
from tradecalc.scenario.plain import plain, text_of
from tradecalc.scenario.scenario import Scenario
from tradecalc.scenario.shelf import PARTNER
from tradecalc.terms import InputError, nearest

_MODEL: Final = "offer-2025-06"  # beliefs on purchases of what was offered stand there
_HALF: Final = {"dist": "triangular", "low": 0.0, "mode": 0.5, "high": 1.0}


class Quick(TypedDict, total=False):
    """What a quick question may change.

    Attributes:
        car_tariff: what cars and light trucks of the partner pay in all, a fraction; never less than the ordinary duty.
        other_tariff: the same of its goods under the country rates; goods that are exempt from those stay so.
        quota: so many cars of the partner a year at this rate, the rest at what cars pay otherwise.
        pledges: purchases from the reporter by good, USD bn a year; ``"lng"`` will do for ``"lng-and-gases"``.
        dollar: by what fraction the dollar is dearer in the partner's currency; -0.1 is a tenth cheaper.
    """

    car_tariff: float | None
    other_tariff: float | None
    quota: tuple[float, float] | None
    pledges: Mapping[str, float] | None
    dollar: float | None


def quick_scenario(*, base: str = "status-quo-2025-06", partner: str | None = None, **asked: Any) -> Scenario:
    """Return a shipped scenario with a few numbers changed, as a file that extends it would say; see `Quick`.

    Purchases are believed in as those of June 2025 are, goods that were not offered then with diversion from nothing to
    all, assumed; the licences of a quota are held by anyone, assumed.

    Raises:
        InputError: nothing is changed, a number that cannot be, a good or a base that there is not (with the nearest).
    """
    known = Quick.__annotations__
    for word in asked:
        if word not in known:
            raise InputError(
                f"what_if: {word!r} is nothing it can change; use {', '.join(known)}.{nearest(word, set(known))}"
            )
    asked = {word: value for word, value in asked.items() if value is not None}
    if not asked:
        raise InputError(f"what_if: nothing is changed; give one of {', '.join(known)}.")
    under = load_scenario(base)
    if under.branches:
        raise InputError(f"what_if: {under.name} is a tree; take the scenario of one branch as base.")
    account = under.account if partner is None else account_of(partner)
    said: dict[str, Any] = {"tariffs": {}, "parameters": {}}
    since, parts = under.tariffs.on, []
    changes = list(plain(under, compact=True)["tariffs"].get("overrides", ()))
    for word, authority, called in (
        ("car_tariff", "s232_cars", "cars"),
        ("other_tariff", "ieepa_reciprocal", "other goods"),
    ):
        if word in asked:
            rate = _fraction(word, asked[word])
            changes.append(
                {"kind": "floor", "authority": authority, "origin": ["partner"], "from": since, "rate": rate}
            )
            said["tariffs"]["overrides"] = changes
            parts.append(f"{100 * rate:g} per cent on {called}")
    if "quota" in asked:
        units, within = _quota(asked["quota"])
        others = [q for q in plain(under, compact=True)["tariffs"].get("quotas", ()) if q["product"] != "cars"]
        quota = {"product": "cars", "units": units, "within": within, "reference": "assumed"}
        said["tariffs"]["quotas"] = [*others, quota]
        if not any(p.role == "rent_to_exporter" for p in under.parameters.values()):
            said["parameters"]["rent_to_exporter_cars"] = {"products": ["cars"], **_HALF, "reference": "assumed"}
        parts.append(f"{units:,g} cars at {100 * within:g} per cent")
    if "pledges" in asked:
        goods = _goods(asked["pledges"], account)
        said["pledges"] = {good: _purchase(good, amount) for good, amount in goods.items()}
        parts += [f"{amount:g} bn a year of {good}" for good, amount in goods.items()]
    if "dollar" in asked:
        change = _number("dollar", asked["dollar"])
        belief = {"dist": "fixed", "value": change, "reference": "assumed"}
        said["exchange_rate"] = {"dollar": belief, "reference": "assumed"}
        parts.append(f"a dollar {100 * change:+g} per cent")
    words = {
        "extends": base,
        "name": "what-if",
        "title": f"What if: {', '.join(parts)}",
        "short": "what if",
        "question": f"What would {', '.join(parts)} do to the deficit with {PARTNER}?",
    }
    moved = {} if account == under.account else {"account": account}
    held = {field: value for field, value in said.items() if value}
    return scenario_from(text_of({**words, **moved, **held}), name="what_if")


def good_called(word: str, products: Iterable[str]) -> str:
    """Return the product that a word means: its name, its plural, or the only one with a part that starts so.

    Raises:
        InputError: none, with the nearest, or several.
    """
    products = list(products)
    text = str(word).strip().lower().replace(" ", "-")
    for whole in (text, f"{text}s"):
        if whole in products:
            return whole
    found = [p for p in products if text and any(part.startswith(text) for part in (p, *p.split("-")))]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{word!r} may mean {', '.join(found)}; name one of them.")
    words = {*products, *(part for product in products for part in product.split("-"))}
    raise InputError(f"{word!r} is not a good of this account; it has {', '.join(products)}.{nearest(text, words)}")


def _goods(pledges: Any, account: str) -> dict[str, float]:
    if not isinstance(pledges, Mapping) or not pledges:
        raise InputError("what_if: pledges is a mapping from a good to USD bn a year, as {'soybeans': 1.0}.")
    products = list(products_of(read_definition(account))["product"])
    out: dict[str, float] = {}
    for word, amount in pledges.items():
        try:
            good = good_called(word, products)
        except InputError as err:
            raise InputError(f"what_if: pledges: {err}") from None
        if good in out:
            raise InputError(f"what_if: pledges: {good} is named twice; give one amount.")
        out[good] = _number(f"pledges: {word}", amount)
        if out[good] < 0:
            raise InputError(
                f"what_if: pledges: {word} is {amount!r}; an amount of 0 or more is allowed, USD bn a year."
            )
    return out


def _purchase(good: str, amount: float) -> dict[str, Any]:
    offered = [p for p in plain(load_scenario(_MODEL), compact=True)["pledges"].values() if p["goods"] == [good]]
    believed = {
        "additionality": {**_HALF, "reference": "phase_one"},
        "diversion": {**_HALF, "reference": "assumed"},
        **({word: offered[0][word] for word in ("additionality", "diversion")} if offered else {}),
    }
    headline = {"amount": amount, "unit": "usd_bn_per_year", "stated": False}
    return {"goods": [good], "headline": headline, "basis": "new", **believed, "reference": "assumed"}


def _quota(value: Any) -> tuple[float, float]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise InputError(f"what_if: quota is {value!r}; give cars a year and their rate, as (100_000, 0.10).")
    units = _number("quota", value[0])
    if units < 0:
        raise InputError(f"what_if: quota is {value[0]!r} cars; a number of 0 or more is allowed.")
    return units, _fraction("quota", value[1])


def _fraction(word: str, value: Any) -> float:
    rate = _number(word, value)
    if not 0 <= rate <= 3:
        raise InputError(f"what_if: {word} is {value!r}; write a fraction of value from 0 to 3, 15 per cent as 0.15.")
    return rate


def _number(word: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
        raise InputError(f"what_if: {word} is {value!r}; a number is needed.")
    return float(value)
