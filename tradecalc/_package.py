"""All levers of a scenario against its reference: what any subset of them does to imports and exports, on all draws."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradecalc._calendar import Period, share_at
from tradecalc._exports import Sales, usd_bn_sold
from tradecalc._layout import Markets
from tradecalc._plants import Plant, linked, moved
from tradecalc._sides import Side, solve_side
from tradecalc.account import Account
from tradecalc.scenario import Scenario
from tradecalc.terms import InputError

Array = NDArray[np.float64]
Chosen = frozenset[str]
LAW, QUOTA, DOLLAR = "tariffs", "quota", "exchange rate"
_NAMED = {"localisation": "localisation", "barrier": "barriers", "retaliation": "retaliation"}


@dataclass(frozen=True, eq=False)
class Package:
    """A scenario and its reference laid out: rates, quotas, sales, beliefs. Index 0 is the scenario, 1 the reference.

    A set of levers means: these as in the scenario, all others as in the reference. Where the package is ``dated``, a
    lever without a ramp starts on the day its scenario asks about. Purchases stand outside: they add
    to sales dollar for dollar whatever the levers do.
    """

    questions: tuple[Scenario, Scenario]
    account: Account
    markets: Markets
    sold: Sales
    values: Mapping[str, Array]
    before: Array
    law: tuple[Array, Array]
    quotas: tuple[tuple[Array, Array], tuple[Array, Array]]
    when: Period | None
    dated: bool = False
    _solved: dict[Chosen, Side] = field(default_factory=dict)
    _imports: dict[Chosen, Array] = field(default_factory=dict)
    _sales: dict[Chosen, Array] = field(default_factory=dict)

    @property
    def levers(self) -> tuple[str, ...]:
        """The levers that differ between scenario and reference, as channels call them."""
        asked, reference = self.questions
        out = [] if np.array_equal(*self.law) else [LAW]
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(*self.quotas, strict=True)):
            out.append(QUOTA)
        if asked.exchange_rate != reference.exchange_rate:
            out.append(DOLLAR)
        for word, name in _NAMED.items():
            new, old = getattr(asked, name), getattr(reference, name)
            out += [f"{word}: {key}" for key in {**new, **old} if new.get(key) != old.get(key)]
        return tuple(out)

    def value(self, chosen: Chosen) -> Array:
        """Return imports by product, then minus exports by good, side by side: (draw, product + good), USD bn.

        Their sum is the deficit before purchases.
        """
        key = frozenset(x for x in chosen if x in (LAW, QUOTA, DOLLAR) or x.startswith("localisation"))
        if key not in self._imports:
            self._imports[key] = self.side(chosen)[0].imports
        sales = self.sales(chosen)
        return np.concatenate([self._imports[key], -np.broadcast_to(sales, (self._n, sales.shape[1]))], axis=1)

    def side(self, chosen: Chosen) -> tuple[Side, dict[str, Plant]]:
        """Return the import markets after plants took over, and the flows of every plant."""
        return moved(
            self._market_side(chosen),
            self._named("localisation", chosen),
            self.markets,
            self.before,
            self.account,
            self.values,
            self.when,
            self.since(0),
        )

    def sales(self, chosen: Chosen) -> Array:
        """Return the reporter's sales (draw, good) before purchases."""
        dollar = self._dollar(chosen)
        key = chosen & self._selling
        if key not in self._sales:
            self._sales[key] = self._sell(chosen, dollar)
        return self._sales[key]

    def since(self, i: int) -> date | None:
        """Return the day from which levers without a ramp work, in the scenario (0) or its reference (1)."""
        return self.questions[i].tariffs.on if self.dated else None

    @property
    def _n(self) -> int:
        return int(next(iter(self.values.values())).size)

    @property
    def _selling(self) -> Chosen:
        """The levers that reach the partner's markets; the law does where the dollar answers it."""
        return frozenset(x for x in self.levers if x == DOLLAR or x.startswith(("barrier", "retaliation"))) | (
            frozenset((LAW,)) if self._offset is not None else frozenset()
        )

    @property
    def _offset(self) -> Array | None:
        named = [name for name, p in self.questions[0].parameters.items() if p.role == "dollar_offset"]
        return self.values[named[0]] if named else None

    def _market_side(self, chosen: Chosen) -> Side:
        key = chosen & {LAW, QUOTA, DOLLAR}
        if key not in self._solved:
            dollar = self._dollar(chosen)
            side = solve_side(
                self.markets,
                self.questions[0],
                self.values,
                before=self.before,
                after=self.law[LAW not in chosen],
                quota=self.quotas[QUOTA not in chosen],
                dollar=None if dollar is None else self._by_origin(dollar, chosen),
            )
            self._solved[key] = linked(side, self.questions[0], self.markets, self.before, self.values)
        return self._solved[key]

    def _named(self, word: str, chosen: Chosen) -> dict[str, Any]:
        """Return the levers of one kind that stand when ``chosen`` are pulled."""
        new, old = (getattr(question, _NAMED[word]) for question in self.questions)
        picked = {key: (new if f"{word}: {key}" in chosen else old).get(key) for key in {**new, **old}}
        return {key: lever for key, lever in picked.items() if lever is not None}

    def _dollar(self, chosen: Chosen) -> tuple[Array, Array] | None:
        """Return how much dearer the dollar is by its own lever and in answer to tariffs, each (draw,), or None."""
        lever = self.questions[DOLLAR not in chosen].exchange_rate
        if lever is None and self._offset is None:
            return None
        zero = np.zeros(self._n)
        own = (
            zero
            if lever is None
            else self.values["exchange_rate.dollar"] * share_at(lever.ramp, self.when, self.since(0))
        )
        if self._offset is None:
            return own, zero
        foreign = np.arange(len(self.markets.origins)) != self.markets.home
        weight = self.markets.value * foreign / (self.markets.value * foreign).sum()
        rise = ((self.law[LAW not in chosen] - self.before) * weight).sum(axis=(1, 2))
        return own, self._offset * rise

    def _by_origin(self, dollar: tuple[Array, Array], chosen: Chosen) -> Array:
        lever = self.questions[DOLLAR not in chosen].exchange_rate
        origins = np.arange(len(self.markets.origins))
        foreign = origins != self.markets.home
        moved_by = foreign if lever is not None and lever.against == "all" else origins == self.markets.partner
        return np.asarray((1 + dollar[0][:, None] * moved_by) * (1 + dollar[1][:, None] * foreign) - 1)

    def _sell(self, chosen: Chosen, dollar: tuple[Array, Array] | None) -> Array:
        shape = (self._n, len(self.sold.goods))
        cost, tariff, price = np.ones(shape), np.zeros(shape), np.ones(shape)
        for word, belief in (("barrier", "ave"), ("retaliation", "rate")):
            for name, lever in self._named(word, chosen).items():
                where = f"{_NAMED[word]}.{name}"
                at = self.sold.columns(lever.goods, self.account, f"{where}.goods")
                size = self.values[f"{where}.{belief}"] * share_at(lever.ramp, self.when, self.since(0))
                if word == "barrier":
                    cost[:, at] /= 1.0 + size[:, None]
                else:
                    tariff[:, at] += size[:, None]
        if dollar is not None:
            dearer = (1 + dollar[0]) * (1 + dollar[1])
            passed = dearer ** self._fx_exports()
            cost *= passed[:, None]
            price *= (passed / dearer)[:, None]
        return usd_bn_sold(self.sold, cost_hat=cost, tariff=tariff, price_hat=price)

    def _fx_exports(self) -> Array:
        asked = self.questions[0]
        named = [name for name, p in asked.parameters.items() if p.role == "fx_exports"]
        if not named:
            raise InputError(
                f"{asked.name}: the dollar moves, but no parameter gives fx_exports, the share of it that reaches the "
                "price of exports in the partner's currency; add one."
            )
        return self.values[named[0]]
