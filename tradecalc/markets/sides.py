"""The import markets under one law and one set of quotas, for all draws, in blocks of bounded memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradecalc.beliefs import ROLES, Parameter
from tradecalc.markets.layout import Markets, by_product
from tradecalc.markets.one_law import Roles, solve_markets
from tradecalc.partial import PartialSolution, RentSplit, Welfare
from tradecalc.terms import ConvergenceError, InputError

Array = NDArray[np.float64]
_NUMBERS_AT_ONCE = 4_000_000
_WITH_QUANTITY: Final = ("duty", "quantity_hat", "surplus", "rent", "buyers_bear", "exporters_bear", "licences_keep")


@dataclass(frozen=True, eq=False)
class Border:
    """What stands at the reporter's border; arrays (draw or 1, product, origin), ``dollar`` (draw, origin).

    ``quota`` is in multiples of the baseline quantity (inf: none) with its rate ``within`` (NaN: none); ``dollar`` says
    by what fraction the dollar is dearer in each seller's currency, None for no change.
    """

    rates: Array
    quota: Array
    within: Array
    dollar: Array | None = None


@dataclass(frozen=True, eq=False)
class Moved:
    """A dollar that moved: border prices after it ``passed`` (draw, product, origin), before any response to duties.

    ``dearer`` (draw, origin) is the change itself, ``elasticity`` (draw, product) what volumes answer to ``passed``,
    None where they answer as to a tariff.
    """

    passed: Array
    dearer: Array
    elasticity: Array | None


@dataclass(frozen=True, eq=False)
class Block:
    """Some draws of a question: beliefs by role, each (draw, product) or None, the border, a dollar that moved."""

    roles: Roles
    rates: Array
    quota: tuple[Array, Array]
    dollar: Moved | None


@dataclass(frozen=True)
class Side:
    """What the import markets look like under one law and one set of quotas; arrays (draw, product)."""

    imports: Array
    duty: Array
    consumer_gain: Array
    surplus: Array
    rent: Array
    buyers_bear: Array
    exporters_bear: Array
    licences_keep: Array
    base_effect: Array
    deadweight_loss: Array
    price_hat: Array
    quantity_hat: Array
    delivered_hat: Array
    converged: NDArray[np.bool_]
    iterations: NDArray[np.int64]
    residual: Array

    def with_imports(self, imports: Array, duty_before: Array) -> "Side":
        """Return a side with other imports: all that goes with a quantity grows with it, prices and rates stay.

        ``duty_before`` (product): the account's duty at baseline value.
        """
        grown = np.divide(imports, self.imports, out=np.ones_like(imports), where=self.imports > 0)
        scaled = {name: getattr(self, name) * grown for name in _WITH_QUANTITY}
        base_effect = self.base_effect + duty_before * self.quantity_hat * (grown - 1.0)
        return replace(self, imports=imports, base_effect=base_effect, **scaled)


def solve_side(
    markets: Markets,
    parameters: Mapping[str, Parameter],
    values: Mapping[str, Array],
    *,
    before: Array,
    border: Border,
    name: str,
) -> Side:
    """Return the import markets behind one border, for all draws, in blocks of bounded memory.

    ``before`` (product, origin) holds the account's rates; ``name`` is that of the question, for messages.

    Raises:
        InputError: the dollar moves and no parameter says how much of it reaches import prices.
        ConvergenceError: the central case did not converge.
    """
    blocks = each_block(markets, parameters, values, border=border, name=name)
    parts = [_solved(markets, block, before) for block in blocks]
    side = Side(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Side)})
    if not side.converged[0]:
        raise ConvergenceError(
            f"{name}: the central case did not converge in {side.iterations[0]} iterations (residual "
            f"{side.residual[0]:.1e}); bring the extreme beliefs of the scenario closer to its mode."
        )
    return side


def each_block(
    markets: Markets, parameters: Mapping[str, Parameter], values: Mapping[str, Array], *, border: Border, name: str
) -> Iterator[Block]:
    """Yield blocks of draws: their beliefs, what stands at the border, and what the dollar does, if it moves."""
    roles = beliefs_on(markets, parameters, values)
    n = next(iter(values.values())).size
    dollar = border.dollar
    passed = None if dollar is None else _passed_on(name, markets, parameters, values, dollar)
    answers = None if dollar is None else by_product(parameters, markets.products, "fx_elasticity_imports", values)
    block = max(1, _NUMBERS_AT_ONCE // markets.value.size)

    def rows(array: Array, start: int) -> Array:
        return array if len(array) == 1 else array[start : start + block]

    for i in range(0, n, block):
        own = None if answers is None else answers[i : i + block]
        yield Block(
            roles={role: None if v is None else v[i : i + block] for role, v in roles.items()},
            rates=rows(border.rates, i),
            quota=(rows(border.quota, i), rows(border.within, i)),
            dollar=None
            if passed is None or dollar is None
            else Moved(passed[i : i + block], dollar[i : i + block], own),
        )


def beliefs_on(
    markets: Markets, parameters: Mapping[str, Parameter], values: Mapping[str, Array]
) -> dict[str, Array | None]:
    """Return every belief on the import markets by role, each (draw, product), or None."""
    return {role: by_product(parameters, markets.products, role, values) for role in ROLES["market"]}


def _passed_on(
    name: str, markets: Markets, parameters: Mapping[str, Parameter], values: Mapping[str, Array], dollar: Array
) -> Array:
    """Return the change in border prices (draw, product, origin) that a dearer dollar alone brings."""
    share = by_product(parameters, markets.products, "fx_imports", values)
    if share is None:
        raise InputError(
            f"{name}: the dollar moves, but no parameter gives fx_imports, the share of it that reaches "
            "import prices; add one."
        )
    return np.asarray((1.0 + dollar)[:, None, :] ** -share[..., None], float)


def solve_block(markets: Markets, block: Block, before: Array) -> tuple[PartialSolution, RentSplit, Welfare]:
    """Return the markets of a block in which volumes answer the dollar, if it moves, as they answer a tariff."""
    passed = None if block.dollar is None else block.dollar.passed
    return solve_markets(markets, block.roles, before, block.rates, block.quota, passed)


def surplus_of(markets: Markets, block: Block, solved: PartialSolution) -> Array:
    """Return what makers gain (draw, product, origin) along their supply curve, or as a margin under a pass-through.

    Where the dollar moves, the margin is over costs in the maker's own currency.
    """
    given = block.roles["pass_through"]
    if block.dollar is None or given is None:
        return solved.exporter_surplus
    margin = markets.value * solved.quantity_hat * (solved.price_hat - 1.0 / (1.0 + block.dollar.dearer[:, None, :]))
    at_margin = np.isfinite(given)[..., None] & markets.foreign
    return np.where(at_margin, margin, solved.exporter_surplus)


def _solved(markets: Markets, block: Block, before: Array) -> Side:
    if block.dollar is not None and block.dollar.elasticity is not None:
        return _dollar_first(markets, block.roles, before, block.rates, block.quota, block.dollar)
    solved, recorded, who = solve_block(markets, block, before)
    j = markets.partner
    return _seen(solved, recorded, who, j, surplus_of(markets, block, solved)[..., j])


def _seen(solved: PartialSolution, recorded: RentSplit, who: Welfare, j: int, surplus: Array) -> Side:
    return Side(
        imports=recorded.recorded_value[..., j],
        duty=recorded.recorded_duty[..., j],
        consumer_gain=solved.consumer_gain,
        surplus=surplus,
        rent=solved.quota_rent[..., j],
        buyers_bear=who.buyer_bears[..., j],
        exporters_bear=who.exporter_bears[..., j],
        licences_keep=(recorded.rent_to_exporter + recorded.rent_to_importer)[..., j],
        base_effect=who.base_effect[..., j],
        deadweight_loss=who.deadweight_loss,
        price_hat=solved.price_hat[..., j],
        quantity_hat=solved.quantity_hat[..., j],
        delivered_hat=solved.delivered_hat[..., j],
        converged=np.asarray(solved.converged.all(axis=-1)),
        iterations=solved.iterations.max(axis=-1),
        residual=solved.residual.max(axis=-1),
    )


def _dollar_first(
    markets: Markets,
    roles: Roles,
    before: Array,
    after: Array,
    quota: tuple[Array, Array],
    fx: Moved,
) -> Side:
    """Return the markets under a law, solved from the account that the dollar leaves at its own elasticity.

    With border prices p = ``passed`` volumes are q = p^-elasticity, each seller's by its own price. The law then acts
    on values p q; what both do together is told against the account.
    """
    assert fx.elasticity is not None
    j, abroad = markets.partner, markets.foreign
    p = np.where(abroad, fx.passed, 1.0)
    slope = np.where(abroad, fx.elasticity[..., None], 0.0)
    q = p**-slope
    left = replace(markets, value=markets.value * p * q)
    size, within = quota
    solved, recorded, who = solve_markets(left, roles, before, after, (size / q, within))
    area = np.where(slope == 1.0, -np.log(p), (1.0 - p ** (1.0 - slope)) / np.where(slope == 1.0, 1.0, 1.0 - slope))
    buyers = (markets.value * (1.0 + before) * area).sum(-1)  # what lies under the demand curves between both prices
    duty = ((left.value - markets.value) * before).sum(-1)
    margin = markets.value * q * (p - np.where(abroad, 1.0 / (1.0 + fx.dearer[:, None, :]), 1.0))
    given = None if roles["pass_through"] is None else np.isfinite(roles["pass_through"])
    free = np.ones(margin.shape[:-1], dtype=bool) if given is None else ~given
    resources = np.where(free, margin.sum(-1), 0.0)  # under a given pass-through margins stay outside, as in `welfare`
    side = _seen(solved, recorded, who, j, solved.exporter_surplus[..., j] + margin[..., j])
    price, quantity, value = p[..., j] * side.price_hat, q[..., j] * side.quantity_hat, markets.value[:, j]
    delivered = p[..., j] * side.delivered_hat
    sold, rate = value * quantity, before[:, j]
    whole = sold * (price - 1.0 / (1.0 + fx.dearer[:, None, j]))
    return replace(
        side,
        surplus=np.where(free, side.surplus, whole),
        consumer_gain=side.consumer_gain + buyers,
        buyers_bear=sold * (1.0 + rate) * (delivered - 1.0),
        exporters_bear=sold * (1.0 - price),
        base_effect=value * rate * (quantity - 1.0),
        deadweight_loss=side.deadweight_loss - buyers - duty - resources,
        price_hat=price,
        quantity_hat=quantity,
        delivered_hat=delivered,
    )
