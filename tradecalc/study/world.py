"""A scenario answered by the world engine: lay out, solve every subset of levers, share out, label."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tradecalc.beliefs import Distribution
from tradecalc.levers import WorldSetting, WorldShock, kinds
from tradecalc.result import Result, labelled
from tradecalc.scenario import Scenario
from tradecalc.study.prepared import Prepared
from tradecalc.study.shapley import shapley
from tradecalc.study.standing import Pair, players, standing
from tradecalc.tariffs import TariffSchedule, load_tariffs
from tradecalc.terms import InputError
from tradecalc.worlds import (
    Baseline,
    World,
    WorldSide,
    baseline,
    elasticities,
    load_world,
    sector_rates,
    solve,
    solve_purchases,
    world_parameters,
)

Array = NDArray[np.float64]
Chosen = frozenset[str]
MOST_DRAWS = 100  # taken where a run names none: a draw is up to a dozen solutions of the world
RULE = (
    "Shapley value of law, barriers, retaliation and purchases, which share their interactions; the law is split into "
    "imports and exports as recorded, and of the pledges what they add to sales stands by name, the rest under "
    "repercussions"
)


@dataclass(frozen=True, eq=False)
class WorldPackage:
    """A scenario and its reference laid out in a world; index 0 is the scenario, 1 the reference."""

    here: WorldSetting
    base: Baseline
    before: Array
    laid: Pair
    _solved: dict[Chosen, WorldSide] = field(default_factory=dict)

    def shock(self, chosen: Chosen) -> WorldShock:
        """Return what the levers change when some are as in the scenario, all others as in the reference."""
        shape = (self.here.draws, len(self.here.world.sectors))
        shock = WorldShock(self.before, np.zeros(shape), np.ones(shape), np.zeros(shape))
        for kind in kinds():
            shock = kind.in_world(shock, standing(kind, self.laid, chosen), self.here)
        return shock

    def side(self, chosen: Chosen) -> WorldSide:
        """Return the world under that shock."""
        if chosen not in self._solved:
            shock = self.shock(chosen)
            wedges = (shock.duty, shock.cost) if shock.duty.any() or (shock.cost != 1.0).any() else None
            wanted = shock.wanted.any()
            subsidy = solve_purchases(self.base, shock.rates, shock.wanted, wedges) if wanted else None
            self._solved[chosen] = solve(self.base, shock.rates, subsidy, wedges)
        return self._solved[chosen]

    def flows(self, side: WorldSide) -> Array:
        """Return imports from and exports to the partner in goods, (draw, 2)."""
        goods, partner = self.here.world.goods, self.here.world.partner
        return np.stack([flow[:, goods, partner].sum(axis=1) for flow in (side.imports, side.exports)], axis=1)


def world_beliefs(asked: Scenario, reference: Scenario, ground: Prepared) -> dict[str, Distribution]:
    """Return every distribution that the world engine draws: its own elasticities, and those of levers that reach it.

    What a lever leaves to the world to find is not drawn.
    """
    parameters = world_parameters(load_world(asked.world.name, ground.account), asked.parameters)
    out = {name: parameter.belief for name, parameter in parameters.items()}
    beliefs = reference.beliefs() | asked.beliefs()
    for kind in (kind for kind in kinds() if kind.reaches("in_world")):
        found = tuple(f".{key}" for key in kind.undrawn_in_world)
        out |= {k: b for k, b in beliefs.items() if k.startswith(f"{kind.field}.") and not k.endswith(found)}
    return out


def lay_world(
    asked: Scenario,
    reference: Scenario,
    ground: Prepared,
    values: Mapping[str, Array],
    *,
    schedule: TariffSchedule | None = None,
) -> WorldPackage:
    """Return a scenario and its reference as arrays of a world.

    Raises:
        InputError: one of them asks about a year, or holds a lever that a world does not have.
    """
    for question in (asked, reference):
        if question.year is not None:
            raise InputError(
                f"{question.name}: the world engine has no `year:`, because it compares two long runs; take "
                "`engine: partial`, or leave it out."
            )
    account = ground.account
    world = load_world(asked.world.name, account)
    here = WorldSetting(account, world, values, schedule)
    laid = tuple({kind: kind.lay_in_world(question, here) for kind in kinds()} for question in (asked, reference))
    theta = elasticities(world, world_parameters(world, asked.parameters), values)
    law = schedule or load_tariffs(account.definition.law)
    before = sector_rates(world, law, on=account.law_on, assessed="final")
    return WorldPackage(here, baseline(world, before, theta, asked.world.closure), before, (laid[0], laid[1]))


def answer_world(package: WorldPackage, asked: Scenario, reference: Scenario, law: TariffSchedule) -> Result:
    """Return the labelled result; ``law`` is the schedule that the question read.

    Raises:
        ConvergenceError: the central case did not converge.
    """
    here, world = package.here, package.here.world
    names = list(players(package.laid))
    shares = shapley(names, lambda chosen: package.flows(package.side(chosen)))
    everything, nothing = frozenset(names), frozenset[str]()
    new, old = package.side(everything), package.side(nothing)
    channels: dict[str, Array] = {}
    variables: dict[str, Any] = {}
    coordinates: dict[str, tuple[str, ...]] = {}
    for kind in kinds():
        channels |= kind.world_channels(shares, (package.laid[0][kind], package.laid[1][kind]), here)
        left = kind.leaves_in_world(package.laid[0][kind], here)
        variables |= left.variables
        coordinates |= left.coordinates
    by_country, countries = _by_country(world, new, old)
    rates = [package.shock(chosen).rates[:, world.partner] for chosen in (everything, nothing)]
    data: dict[str, Any] = {name: ("draw", value) for name, value in _scalars(package, new, old).items()}
    data |= {name: (("draw", "country"), value) for name, value in by_country.items()}
    data |= {name: (("draw", "sector"), value) for name, value in _by_sector(world, new, old).items()}
    data |= {
        "real_income_hat": (("draw", "region"), new.real_income_hat / old.real_income_hat),
        "real_wage_hat": (("draw", "region"), new.real_wage_hat / old.real_wage_hat),
        "channel_usd_bn": (("draw", "channel"), np.stack(list(channels.values()), axis=-1)),
        "rate_by_sector": ("sector", rates[0]),
        "rate_by_sector_reference": ("sector", rates[1]),
    }
    places: dict[str, tuple[str, ...]] = {
        "country": tuple(countries),
        "sector": world.sectors,
        "region": world.regions,
        "channel": tuple(channels),
        **coordinates,
    }
    return labelled(
        xr.Dataset({**data, **variables}, coords={name: list(place) for name, place in places.items()}),
        asked,
        here.account,
        values=here.values,
        solved=[(side.converged, side.iterations, side.residual) for side in (new, old)],
        rule=RULE,
        origins=(*asked.origins, *reference.origins, *here.account.origins, *world.stamps, *law.origins),
    )


def _scalars(package: WorldPackage, new: WorldSide, old: WorldSide) -> dict[str, Array]:
    world, trade = package.here.world, package.base.trade
    goods, us, jp = world.goods, world.reporter, world.partner
    imports, exports = new.imports - old.imports, new.exports - old.exports
    deficit = imports - exports
    before = float((trade[..., goods, jp, us] - trade[..., goods, us, jp]).sum())
    vs_account = package.flows(new) @ np.array([1.0, -1.0]) - before
    real = new.real_income_hat / old.real_income_hat
    return {
        "imports_change_usd_bn": imports[:, goods, jp].sum(axis=1),
        "exports_change_usd_bn": exports[:, goods, jp].sum(axis=1),
        "duty_usd_bn": new.revenue,
        "duty_change_usd_bn": new.revenue - old.revenue,
        "real_income_change_usd_bn": (real[:, us] - 1.0) * old.income[:, us],
        "deficit_change_usd_bn": deficit[:, goods, jp].sum(axis=1),
        "deficit_change_vs_account_usd_bn": vs_account,
        "deficit_usd_bn": package.here.account.deficit_usd_bn + vs_account,
        "overall_deficit_change_usd_bn": deficit.sum(axis=(1, 2)),
        "overall_duty_change_usd_bn": new.revenue_all - old.revenue_all,
        "overall_goods_deficit_change_usd_bn": deficit[:, goods].sum(axis=(1, 2)),
        "adding_up": np.maximum(new.adding_up, old.adding_up),
    }


def _by_country(world: World, new: WorldSide, old: WorldSide) -> tuple[dict[str, Array], list[str]]:
    """Return changes by partner (draw, country), and the partners' names as results show them."""
    names = list(dict.fromkeys(c for i, c in enumerate(world.countries) if i != world.reporter))
    place = np.array([[c == name for name in names] for c in world.countries], float)
    imports, exports = new.imports - old.imports, new.exports - old.exports
    deficit, goods = imports - exports, world.goods
    changes = {
        "partner_deficit_change_usd_bn": deficit[:, goods],
        "partner_services_deficit_change_usd_bn": deficit[:, ~goods],
        "partner_imports_change_usd_bn": imports[:, goods],
        "partner_exports_change_usd_bn": exports[:, goods],
    }
    return {name: change.sum(axis=1) @ place for name, change in changes.items()}, names


def _by_sector(world: World, new: WorldSide, old: WorldSide) -> dict[str, Array]:
    jp = world.partner
    return {
        "imports_by_sector_usd_bn": new.imports[:, :, jp],
        "imports_change_by_sector_usd_bn": (new.imports - old.imports)[:, :, jp],
        "exports_change_by_sector_usd_bn": (new.exports - old.exports)[:, :, jp],
        "purchase_subsidy": new.subsidy,
    }
