"""A scenario and its reference in the market engine: what any subset of their levers does, on all draws."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradecalc.beliefs import ROLES, Period, response
from tradecalc.levers import Lever, Setting, kinds
from tradecalc.markets import Abroad, Border, Side, average_rates, sales, solve_side, usd_bn_sold
from tradecalc.scenario import Scenario
from tradecalc.study.prepared import Prepared
from tradecalc.study.standing import Pair, players, standing
from tradecalc.tariffs import TariffSchedule, load_tariffs
from tradecalc.terms import InputError

Array = NDArray[np.float64]
Chosen = frozenset[str]


@dataclass(frozen=True, eq=False)
class Package:
    """A scenario and its reference laid out. Index 0 is the scenario, 1 the reference.

    A set of levers means: these as in the scenario, all others as in the reference. Purchases stand outside: they add
    to sales dollar for dollar whatever the levers do.
    """

    questions: tuple[Scenario, Scenario]
    here: Setting
    laid: Pair
    _solved: dict[Chosen, Side] = field(default_factory=dict)
    _sides: dict[Chosen, Side] = field(default_factory=dict)
    _sold: dict[Chosen, Array] = field(default_factory=dict)

    @cached_property
    def levers(self) -> tuple[str, ...]:
        """The levers that differ between scenario and reference, as channels call them."""
        return tuple(players(self.laid))

    def value(self, chosen: Chosen) -> Array:
        """Return imports by product, then minus exports by good, side by side: (draw, product + good), USD bn.

        Their sum is the deficit before purchases.
        """
        imports, sold = self.side(chosen).imports, self.sales(chosen)
        return np.concatenate([imports, -np.broadcast_to(sold, (self.here.draws, sold.shape[1]))], axis=1)

    def side(self, chosen: Chosen) -> Side:
        """Return the reporter's import markets with everything done to them."""
        key = chosen & (self._reach("at_the_border") | self._reach("after_the_border"))
        if key not in self._sides:
            side = self.behind(chosen)
            for kind in kinds():
                if kind.reaches("after_the_border"):
                    side = kind.after_the_border(side, standing(kind, self.laid, chosen), self.here)
            self._sides[key] = side
        return self._sides[key]

    def behind(self, chosen: Chosen) -> Side:
        """Return the reporter's import markets as solved behind its border."""
        key = chosen & self._reach("at_the_border")
        if key not in self._solved:
            here, border = self.here, self.border(chosen)
            self._solved[key] = solve_side(
                here.markets, here.parameters, here.values, before=here.before, border=border, name=here.name
            )
        return self._solved[key]

    def border(self, chosen: Chosen) -> Border:
        """Return what stands at the reporter's border."""
        nothing = np.full((1, *self.here.before.shape), np.nan)
        border = Border(self.here.before[None], np.full_like(nothing, np.inf), nothing)
        for kind in kinds():
            border = kind.at_the_border(border, standing(kind, self.laid, chosen), self.here)
        return border

    def sales(self, chosen: Chosen) -> Array:
        """Return the reporter's sales (draw, good) before purchases."""
        coupled = any(kind.couples(self.here) for kind in kinds())
        key = chosen & (self._reach("abroad") | (self._reach("at_the_border") if coupled else frozenset()))
        if key not in self._sold:
            abroad = Abroad.unchanged(self.here.draws, len(self.here.sold.goods))
            border = self.border(chosen)
            for kind in kinds():
                abroad = kind.abroad(abroad, standing(kind, self.laid, chosen), border, self.here)
            self._sold[key] = usd_bn_sold(self.here.sold, abroad)
        return self._sold[key]

    def bought(self, i: int) -> Array:
        """Return all sales that come on top, of the scenario (0) or its reference (1), (draw,)."""
        parts = (part for kind in kinds() for part in kind.bought(self.laid[i][kind]).values())
        return sum(parts, self.here.everywhere(0.0))

    def _reach(self, stage: str) -> Chosen:
        return frozenset(players(self.laid, stage))


def lay_package(
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    values: Mapping[str, Array],
    *,
    schedule: TariffSchedule | None = None,
    moved: tuple[str, Array] | None = None,
    when: Period | None = None,
    dated: bool = False,
) -> Package:
    """Return a scenario and its reference as arrays.

    Args:
        asked, reference, ground: the question, what it is measured against, and what both stand on.
        values: every belief, the central value first.
        schedule: a law that stands for both; None takes the law as known on each one's ``as_of``.
        moved: a rate or a quota of the asked scenario that takes one value a draw, see `sweep`.
        when: the period asked about; None takes the scenario's year, if it names one.
        dated: for a path: rates are those of the period, and levers without a ramp start on the day asked about.
    """
    account, markets = ground.account, ground.markets
    when = when or (None if asked.year is None else Period.of_year(asked.year))
    timed = in_time(asked, values, when)
    law = schedule or load_tariffs(account.definition.law)
    here = Setting(
        name=asked.name,
        account=account,
        markets=markets,
        sold=sales(account, asked.parameters, timed),
        before=average_rates(markets, law, on=account.law_on, assessed="final"),
        parameters=asked.parameters,
        values=timed,
        schedule=schedule,
        when=when,
        since=asked.tariffs.on if dated else None,
        timeline=asked.timeline if dated else None,
    )
    there = replace(here, since=reference.tariffs.on if dated else None)
    new: dict[type[Lever], Any] = {}
    old: dict[type[Lever], Any] = {}
    for kind in kinds():
        new[kind] = kind.lay(asked, replace(here, moved=moved))
        old[kind] = new[kind] if kind.shared else kind.lay(reference, there)
    return Package((asked, reference), here, (new, old))


def in_time(asked: Scenario, values: Mapping[str, Array], when: Period | None) -> dict[str, Array]:
    """Return the beliefs of a period: elasticities as far as buyers have had time to respond."""
    out = dict(values)
    roles = {p.role: name for name, p in asked.parameters.items()}
    if when is None or "short_run" not in roles:
        return out
    if asked.timeline is None or "adjustment_speed" not in roles:
        raise InputError(
            f"{asked.name}: a year is asked about and short_run is given; add adjustment_speed, and a timeline that "
            "says from which day on markets respond."
        )
    short, speed = values[roles["short_run"]], values[roles["adjustment_speed"]]
    factor = response(short, speed, asked.timeline.responds_from, when)
    return out | {name: values[name] * factor for name, p in asked.parameters.items() if p.role in ROLES["responding"]}
