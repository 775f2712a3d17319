"""Draw, stack arrays, solve, label: one scenario in, one result out."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc._draws import sample
from tradecalc._label import label
from tradecalc._layout import Markets, average_rates, check_product, lay_out, schedule_of
from tradecalc._market_table import market_table
from tradecalc._sides import Side, quota_arrays, solve_side
from tradecalc._solve_for import solve_for
from tradecalc._world_run import MOST_DRAWS, beliefs_of, run_world
from tradecalc.account import Account, load_account
from tradecalc.pledges import PledgeAccount, account_for
from tradecalc.result import Result
from tradecalc.scenario import Pledge, Scenario, list_scenarios, load_scenario
from tradecalc.tariffs import TariffSchedule, load_tariffs
from tradecalc.terms import InputError, nearest

__all__ = ["headline_table", "market_table", "run", "solve_for", "sweep"]

Array = NDArray[np.float64]


def run(
    scenario: str | Path | Scenario,
    *,
    account: Account | str | None = None,
    tariffs: TariffSchedule | None = None,
    draws: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
) -> Result:
    """Return what a scenario does to the bilateral deficit, against the scenario it is measured by.

    Both are solved from the account at the law of the account's own year, on common draws of the scenario's beliefs.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        account: an account or its name; None takes the scenario's.
        tariffs: a schedule that stands for both scenarios; None takes the law as known on each one's ``as_of``.
        draws: number of draws; None takes the scenario's; 0 solves the central case only.
        seed: of the draws; None takes the scenario's.
        engine: "partial" (the reporter's import markets) or "general" (the world; 100 draws where none are asked for);
            None takes the scenario's.

    Raises:
        InputError: an unknown scenario, product or engine, a pledge whose baseline is not known, negative draws.
        ConvergenceError: the central case did not converge.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    asked = _with_options(asked, draws=draws, seed=seed, engine=engine)
    reference = _reference(asked)
    book = account if isinstance(account, Account) else load_account(account or asked.account)
    values = sample(beliefs_of(asked, reference, book), n=asked.draws.n, seed=asked.draws.seed)
    return _solve(asked, reference, book, tariffs, values)


def sweep(
    scenario: str | Path | Scenario,
    *,
    parameter: str,
    values: Iterable[float],
    product: str | None = None,
    account: Account | str | None = None,
    tariffs: TariffSchedule | None = None,
) -> pd.DataFrame:
    """Return the answers of a scenario as one number runs over ``values``, the beliefs at their central values.

    One row a value, indexed by the parameter; columns are the scalar variables of `Result`, and with ``product`` also
    its variables by product.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        parameter: a belief of the scenario; ``"rate: PRODUCT"``, the partner's tariff rate on a product, a fraction; or
            ``"quota: PRODUCT"``, the size in units of a quota that the scenario holds.
        values: what it runs over.
        product: of the account, for the variables by product.
        account: as in `run`.
        tariffs: as in `run`.

    Raises:
        InputError: no such parameter or product (with the nearest), or what `run` raises.
    """
    asked = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    reference = _reference(asked)
    book = account if isinstance(account, Account) else load_account(account or asked.account)
    beliefs = beliefs_of(asked, reference, book)
    levers = [f"quota: {quota.product}" for quota in asked.tariffs.quotas]
    if parameter not in beliefs and parameter not in levers and not parameter.startswith("rate: "):
        known = [*beliefs, *levers, "rate: PRODUCT"]
        raise InputError(
            f"sweep: {parameter!r} is not a parameter of {asked.name}; use one of {', '.join(known)}."
            f"{nearest(parameter, set(known))}"
        )
    grid = np.asarray(list(values), float)
    drawn = {name: np.full(1 + grid.size, belief.central) for name, belief in beliefs.items()}
    if parameter in beliefs:
        drawn[parameter][1:] = grid
    moved = None if parameter in beliefs else (parameter, grid)
    draws = _solve(asked, reference, book, tariffs, drawn, moved=moved).draws
    columns = {str(name): array.to_numpy() for name, array in draws.data_vars.items() if array.dims == ("draw",)}
    if product is not None:
        check_product(product, tuple(draws["product"].to_numpy()), "sweep")
        at = draws.sel(product=product)
        columns |= {
            str(name): at[name].to_numpy() for name in draws.data_vars if draws[name].dims == ("draw", "product")
        }
    return pd.DataFrame(columns, index=pd.Index(grid, name=parameter))


def _solve(
    asked: Scenario,
    reference: Scenario,
    book: Account,
    tariffs: TariffSchedule | None,
    values: dict[str, Array],
    *,
    moved: tuple[str, Array] | None = None,
) -> Result:
    """Return the labelled result for given values of every belief, the central case first.

    ``moved``: a rate or a quota of the asked scenario that takes one value a draw, see `sweep`.
    """
    both = (asked, reference)
    schedules = [tariffs or schedule_of(question, book) for question in both]
    if asked.engine == "general":
        laws = (schedules[0], schedules[1], tariffs or load_tariffs(book.definition.law))
        bought = (_pledges(asked, book, values), _pledges(reference, book, values))
        return run_world(asked, reference, book, laws=laws, pledges=bought, values=values, moved=moved)
    markets = lay_out(book)
    law = [
        average_rates(markets, s, on=q.tariffs.on, assessed=q.tariffs.assessed)[None]
        for q, s in zip(both, schedules, strict=True)
    ]
    before = average_rates(markets, tariffs or load_tariffs(book.definition.law), on=book.law_on, assessed="final")
    quotas = [quota_arrays(question, markets, book) for question in both]
    if moved:
        law[0], quotas[0] = _moved(moved, markets, book, law[0], quotas[0])

    def side(i: int, k: int) -> Side:
        return solve_side(markets, asked, values, before=before, after=law[i], quota=quotas[k])

    new = side(0, 0)
    old = new if reference is asked and not moved else side(1, 1)
    law_moves = not np.array_equal(law[0], law[1])
    quota_moves = not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(*quotas, strict=True))
    by_law, by_quota = new.imports - old.imports, np.zeros_like(new.imports)
    if quota_moves and not law_moves:
        by_law, by_quota = by_quota, by_law
    elif quota_moves:  # Shapley value of two levers: each alone and each last, averaged
        law_alone, quota_alone = side(0, 1).imports - old.imports, side(1, 0).imports - old.imports
        by_law, by_quota = (by_law + law_alone - quota_alone) / 2, (by_law + quota_alone - law_alone) / 2

    channels = _law_by_block(asked, markets, by_law)
    for product in dict.fromkeys(q.product for question in both for q in question.tariffs.quotas):
        channels[f"quota: {product}"] = by_quota[:, markets.products.index(product)]
    pledges, pledges_before = (_pledges(question, book, values) for question in both)
    if reference is not asked:
        channels |= _pledge_channels(pledges, pledges_before)
    return label(
        asked,
        book,
        markets,
        values=values,
        sides=(new, old),
        law=(law[0], law[1]),
        pledges=(pledges, pledges_before),
        channels=channels,
        origins=(*asked.origins, *reference.origins, *book.origins, *markets.stamps, *schedules[0].origins),
    )


def headline_table(names: Iterable[str] | None = None, *, draws: int | None = None) -> pd.DataFrame:
    """Return one row a scenario: the change in the deficit with its 90 per cent interval, duty and buyers' gain.

    Args:
        names: shipped names or paths; None takes all shipped scenarios.
        draws: as in `run`.
    """
    rows = []
    books: dict[str, Account] = {}
    for name in names if names is not None else list_scenarios():
        scenario = load_scenario(name)
        if scenario.account not in books:
            books[scenario.account] = load_account(scenario.account)
        result = run(scenario, account=books[scenario.account], draws=draws)
        low, high = result.interval("deficit_change_usd_bn")
        rows.append(
            {
                "scenario": result.scenario.name,
                "question": result.scenario.question,
                "deficit_change_usd_bn": result.deficit_change_usd_bn,
                "p5": low,
                "p95": high,
                "deficit_change_vs_account_usd_bn": result.deficit_change_vs_account_usd_bn,
                "duty_change_usd_bn": float(result.central["duty_change_usd_bn"]),
                "consumer_gain_usd_bn": float(result.central.get("consumer_gain_usd_bn", np.nan)),
                "failed_draws": result.failed_draws,
            }
        )
    return pd.DataFrame(rows).set_index("scenario")


def _with_options(scenario: Scenario, *, draws: int | None, seed: int | None, engine: str | None) -> Scenario:
    if engine not in (None, "partial", "general"):
        raise InputError(f"run: {engine!r} is not an engine here; use 'partial' or 'general'.")
    chosen_engine = engine or scenario.engine
    if draws is None and chosen_engine == "general":
        draws = min(scenario.draws.n, MOST_DRAWS)
    for name, value in (("draws", draws), ("seed", seed)):
        if value is not None and (isinstance(value, bool) or value != int(value) or value < 0):
            raise InputError(f"run: {name} is {value!r}; a whole number of 0 or more is allowed.")
    chosen = {key: int(value) for key, value in (("n", draws), ("seed", seed)) if value is not None}
    return scenario.model_copy(update={"draws": scenario.draws.model_copy(update=chosen), "engine": chosen_engine})


def _reference(asked: Scenario) -> Scenario:
    return asked if asked.relative_to == asked.name else load_scenario(asked.relative_to)


def _moved(
    moved: tuple[str, Array], markets: Markets, account: Account, law: Array, quota: tuple[Array, Array]
) -> tuple[Array, tuple[Array, Array]]:
    """Return law and quotas with one rate or one quota of the partner's running over a grid, one value a draw."""
    lever, product = moved[0].split(": ", 1)
    check_product(product, markets.products, "sweep")
    at = (slice(1, None), markets.products.index(product), markets.partner)
    grid = moved[1]
    if not (np.isfinite(grid) & (grid >= 0)).all() or (lever == "rate" and (grid > 10).any()):
        raise InputError(
            f"sweep: {moved[0]} runs over {grid.min():g} to {grid.max():g}; a rate is a fraction from 0 to 10."
        )
    law, size, within = (np.repeat(array, 1 + grid.size, axis=0) for array in (law, *quota))
    if lever == "rate":
        law[at] = grid
    else:
        size[at] = grid / account.units(product)
    return law, (size, within)


def _law_by_block(scenario: Scenario, markets: Markets, by_law: Array) -> dict[str, Array]:
    """Return the law's change in imports by the scenario's blocks of products, the rest as other goods."""
    left = np.ones(len(markets.products), bool)
    out = {}
    for block, products in scenario.tariffs.blocks.items():
        for product in products:
            check_product(product, markets.products, f"tariffs.blocks.{block}")
        chosen = np.isin(markets.products, products)
        out[f"tariffs: {block}"] = by_law[:, chosen].sum(axis=1)
        left &= ~chosen
    out["tariffs: other goods"] = by_law[:, left].sum(axis=1)
    return out


def _pledges(scenario: Scenario, account: Account, values: dict[str, Array]) -> dict[str, PledgeAccount]:
    """Return the accounting of each pledge, in USD bn a year; arrays (draw,)."""
    out = {}
    for name, pledge in scenario.pledges.items():
        said = _headline_usd_bn(name, pledge, account)

        def belief(field: str, absent: float, name: str = name) -> Array | float:
            return values.get(f"pledges.{name}.{field}", absent)

        out[name] = account_for(
            np.full(next(iter(values.values())).shape, said),
            contracted=belief("contracted_usd_bn", said if pledge.basis == "already_contracted" else 0.0),
            would_have_come=belief("would_have_come_usd_bn", 0.0),
            additionality=belief("additionality", 1.0),
            capacity=belief("capacity_usd_bn", np.inf),
            market=account.room_usd_bn(pledge.goods),
        )
    return out


def _headline_usd_bn(name: str, pledge: Pledge, account: Account) -> float:
    """Return a headline in USD bn a year."""
    for good in pledge.goods:
        check_product(good, account.products, f"pledges.{name}.good")
    if pledge.headline.unit == "share_of_baseline":
        baseline = account.exports_usd_bn.reindex(list(pledge.goods))
        if baseline.isna().any():
            raise InputError(
                f"pledges.{name}: {', '.join(baseline.index[baseline.isna()])} has no export figure of its own in "
                f"{account.name}, so a share of it is not known; state the headline in USD."
            )
        return pledge.headline.amount * float(baseline.sum())
    return pledge.headline.amount / (pledge.headline.years or 1.0)


def _pledge_channels(new: dict[str, PledgeAccount], old: dict[str, PledgeAccount]) -> dict[str, Array]:
    """Return minus the additional purchases of each pledge, less those of the reference."""
    zero = np.zeros(1)
    bought = {name: [p[name].additional if name in p else zero for p in (new, old)] for name in {**new, **old}}
    return {f"pledge: {name}": before - after for name, (after, before) in bought.items()}
