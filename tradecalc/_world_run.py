"""A scenario answered by the world engine: draw, lay out, solve, decompose, label."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from tradecalc._files import Stamp
from tradecalc._label import package
from tradecalc._reforms import Barrier, Retaliation
from tradecalc._shapley import shapley
from tradecalc._world import World, load_world
from tradecalc._world_law import elasticities, partner_wedges, purchases, sector_rates, world_parameters
from tradecalc._world_sides import WorldSide, baseline, solve, solve_purchases
from tradecalc.account import Account
from tradecalc.pledges import STEPS, PledgeAccount
from tradecalc.result import Result
from tradecalc.scenario import Scenario
from tradecalc.terms import InputError

if TYPE_CHECKING:
    from tradecalc.tariffs import TariffSchedule

Array = NDArray[np.float64]
MOST_DRAWS = 100  # taken where a run names none: a draw is up to a dozen solutions of the world
RULE = (
    "Shapley value of law, barriers, retaliation and purchases, which share their interactions; the law is split into "
    "imports and exports as recorded, and of the pledges what they add to sales stands by name, the rest under "
    "repercussions"
)


def beliefs_of(asked: Scenario, reference: Scenario, book: Account) -> dict[str, Any]:
    """Return every distribution that the engine of a scenario draws.

    The world engine draws its own elasticities, and of a pledge everything but diversion, which the world finds.
    """
    beliefs = reference.beliefs() | asked.beliefs()
    if asked.engine != "general":
        return beliefs
    parameters = world_parameters(load_world(asked.world.name, book), asked)
    kinds = ("pledges.", "barriers.", "retaliation.")
    levers = {k: belief for k, belief in beliefs.items() if k.startswith(kinds) and not k.endswith(".diversion")}
    return {name: parameter.belief for name, parameter in parameters.items()} | levers


def run_world(
    asked: Scenario,
    reference: Scenario,
    book: Account,
    *,
    laws: tuple["TariffSchedule", "TariffSchedule", "TariffSchedule"],
    pledges: tuple[dict[str, PledgeAccount], dict[str, PledgeAccount]],
    values: dict[str, Array],
    moved: object = None,
) -> Result:
    """Return the labelled result of a scenario in its world; ``laws``: asked, reference, and that of the account.

    Raises:
        InputError: the scenario has a quota, or ``moved`` asks for a sweep of a rate: both need the market engine.
        ConvergenceError: the central case did not converge.
    """
    if moved is not None:
        raise InputError("sweep: the rate of a product runs in the market engine only; take `engine: partial`.")
    for question in (asked, reference):
        if question.tariffs.quotas:
            raise InputError(f"{question.name}: the world engine has no quotas; take `engine: partial` for it.")
        for field in ("localisation", "exchange_rate", "links", "year"):
            if getattr(question, field):
                raise InputError(
                    f"{question.name}: the world engine has no `{field}:`; take `engine: partial`, or leave it out."
                )
    world = load_world(asked.world.name, book)
    theta = elasticities(world, world_parameters(world, asked), values)
    law = [
        sector_rates(world, schedule, on=question.tariffs.on, assessed=question.tariffs.assessed)
        for question, schedule in zip((asked, reference), laws, strict=False)
    ]
    before = sector_rates(world, laws[2], on=book.law_on, assessed="final")
    base = baseline(world, before, theta, asked.world.closure)
    n = len(theta)
    wanted = [purchases(world, q, p, n) for q, p in zip((asked, reference), pledges, strict=True)]
    named = [_wedge_levers(question) for question in (asked, reference)]
    levers = [] if np.array_equal(law[0], law[1]) else [LAW]
    levers += [key for key in {**named[0], **named[1]} if named[0].get(key) != named[1].get(key)]
    levers += [] if np.array_equal(wanted[0], wanted[1]) else [PLEDGES]
    solved: dict[frozenset[str], WorldSide] = {}

    def side(chosen: frozenset[str]) -> WorldSide:
        if chosen not in solved:
            rates, bought = law[LAW not in chosen], wanted[PLEDGES not in chosen]
            here = {key: named[key not in chosen].get(key) for key in {**named[0], **named[1]}}
            standing = {key: lever for key, lever in here.items() if lever is not None}
            wedges = partner_wedges(world, standing, values, n) if standing else None
            subsidy = solve_purchases(base, rates, bought, wedges) if bought.any() else None
            solved[chosen] = solve(base, rates, subsidy, wedges)
        return solved[chosen]

    shares = shapley(levers, lambda chosen: _flows(world, side(chosen)))
    new, old = side(frozenset(levers)), side(frozenset())
    nothing = np.zeros((n, 2))
    by_law, by_pledges = shares.get(LAW, nothing), shares.get(PLEDGES, nothing)
    channels = {"tariffs: imports": by_law[:, 0], "tariffs: exports": -by_law[:, 1]}
    for key, part in shares.items():
        if key not in (LAW, PLEDGES):
            channels[_CHANNEL[key.split(".")[0]] + key.split(".", 1)[1]] = part[:, 0] - part[:, 1]
    if asked.pledges or reference.pledges:
        added = _added(pledges, n)
        channels |= added
        channels["pledges: repercussions"] = by_pledges[:, 0] - by_pledges[:, 1] - sum(added.values())
    return _label(
        asked,
        book,
        world,
        values=values,
        sides=(new, old),
        baseline_deficit=_deficit(world, base.trade),
        law=(law[0], law[1]),
        pledges=pledges[0],
        channels=channels,
        origins=(*asked.origins, *reference.origins, *book.origins, *world.stamps, *laws[0].origins),
    )


LAW, PLEDGES = "tariffs", "pledges"
_CHANNEL = {"barriers": "barrier: ", "retaliation": "retaliation: "}


def _wedge_levers(question: Scenario) -> dict[str, Barrier | Retaliation]:
    """Return the barriers and the retaliation of a scenario by the names of their beliefs."""
    out: dict[str, Barrier | Retaliation] = {f"barriers.{name}": lever for name, lever in question.barriers.items()}
    return out | {f"retaliation.{name}": lever for name, lever in question.retaliation.items()}


def _flows(world: World, side: WorldSide) -> Array:
    """Return imports from and exports to the partner in goods, (draw, 2)."""
    goods, jp = world.goods, world.partner
    return np.stack([side.imports[:, goods, jp].sum(axis=1), side.exports[:, goods, jp].sum(axis=1)], axis=1)


def _added(pledges: tuple[dict[str, PledgeAccount], dict[str, PledgeAccount]], n: int) -> dict[str, Array]:
    zero = np.zeros(n)
    names = dict.fromkeys((*pledges[0], *pledges[1]))
    bought = {k: [np.broadcast_to(p[k].additional, n) if k in p else zero for p in pledges] for k in names}
    return {f"pledge: {name}": old - new for name, (new, old) in bought.items()}


def _deficit(world: World, trade: Array) -> float:
    goods, us, jp = world.goods, world.reporter, world.partner
    return float((trade[..., goods, jp, us] - trade[..., goods, us, jp]).sum())


def _by_country(world: World, values: Array) -> tuple[Array, list[str]]:
    """Return values (..., region) summed to the names of results, without the reporter."""
    names = list(dict.fromkeys(c for i, c in enumerate(world.countries) if i != world.reporter))
    place = np.array([[c == name for name in names] for c in world.countries], float)
    return values @ place, names


def _label(
    asked: Scenario,
    book: Account,
    world: World,
    *,
    values: dict[str, Array],
    sides: tuple[WorldSide, WorldSide],
    baseline_deficit: float,
    law: tuple[Array, Array],
    pledges: dict[str, PledgeAccount],
    channels: dict[str, Array],
    origins: tuple[Stamp, ...],
) -> Result:
    new, old = sides
    goods, us, jp = world.goods, world.reporter, world.partner
    n = new.converged.size
    imports, exports = new.imports - old.imports, new.exports - old.exports
    deficit = imports - exports
    goods_by, names = _by_country(world, deficit[:, goods].sum(axis=1))
    services_by, _ = _by_country(world, deficit[:, ~goods].sum(axis=1))
    sold_by, _ = _by_country(world, exports[:, goods].sum(axis=1))
    bought_by, _ = _by_country(world, imports[:, goods].sum(axis=1))
    real = new.real_income_hat / old.real_income_hat
    vs_account = _flows(world, new) @ np.array([1.0, -1.0]) - baseline_deficit
    scalars = {
        "imports_change_usd_bn": imports[:, goods, jp].sum(axis=1),
        "exports_change_usd_bn": exports[:, goods, jp].sum(axis=1),
        "duty_usd_bn": new.revenue,
        "duty_change_usd_bn": new.revenue - old.revenue,
        "real_income_change_usd_bn": (real[:, us] - 1.0) * old.income[:, us],
        "deficit_change_usd_bn": deficit[:, goods, jp].sum(axis=1),
        "deficit_change_vs_account_usd_bn": vs_account,
        "deficit_usd_bn": book.deficit_usd_bn + vs_account,
        "overall_deficit_change_usd_bn": deficit.sum(axis=(1, 2)),
        "overall_duty_change_usd_bn": new.revenue_all - old.revenue_all,
        "overall_goods_deficit_change_usd_bn": deficit[:, goods].sum(axis=(1, 2)),
        "adding_up": np.maximum(new.adding_up, old.adding_up),
    }
    by_country = {
        "partner_deficit_change_usd_bn": goods_by,
        "partner_services_deficit_change_usd_bn": services_by,
        "partner_imports_change_usd_bn": bought_by,
        "partner_exports_change_usd_bn": sold_by,
    }
    by_sector = {
        "imports_by_sector_usd_bn": new.imports[:, :, jp],
        "imports_change_by_sector_usd_bn": imports[:, :, jp],
        "exports_change_by_sector_usd_bn": exports[:, :, jp],
        "purchase_subsidy": new.subsidy,
    }
    by_region = {"real_income_hat": real, "real_wage_hat": new.real_wage_hat / old.real_wage_hat}
    steps = {name: np.stack([getattr(p, step) for step in STEPS], axis=-1) for name, p in pledges.items()}
    steps = {name: np.broadcast_to(step, (n, len(STEPS))) for name, step in steps.items()}
    everything = xr.Dataset(
        {name: ("draw", value) for name, value in scalars.items()}
        | {name: (("draw", "country"), value) for name, value in by_country.items()}
        | {name: (("draw", "sector"), value) for name, value in by_sector.items()}
        | {name: (("draw", "region"), value) for name, value in by_region.items()}
        | {
            "channel_usd_bn": (("draw", "channel"), np.stack(list(channels.values()), axis=-1)),
            "pledge_usd_bn": (
                ("draw", "pledge", "step"),
                np.stack(list(steps.values()), axis=1) if steps else np.zeros((n, 0, len(STEPS))),
            ),
            "rate_by_sector": ("sector", law[0][:, jp]),
            "rate_by_sector_reference": ("sector", law[1][:, jp]),
        },
        coords={
            "country": names,
            "sector": list(world.sectors),
            "region": list(world.regions),
            "channel": list(channels),
            "pledge": list(steps),
            "step": list(STEPS),
        },
    )
    return package(everything, asked, book, values=values, sides=(new, old), rule=RULE, origins=origins)
