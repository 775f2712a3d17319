"""Which rate of an authority a line meets on a day: its scope, the closest origin, what was known, overrides."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tradecalc.tariffs.law import ANY, Authority, Exemption, Item, Rate
from tradecalc.tariffs.lines import Lines, Mask
from tradecalc.terms import InputError, ScheduleError


@dataclass(frozen=True)
class Query:
    """One question to the law, apart from lines and days; ``groups``: the origin and what it is a member of."""

    origin: str
    groups: tuple[str, ...]
    preference: bool = True
    us_content: float | None = None
    in_quota: bool | None = None
    assessed: str = "final"
    as_of: date | None = None
    use: str | None = None
    aircraft: bool = False
    strict: bool = False


@dataclass(frozen=True)
class Change:
    """A hypothetical change of one authority: a rate, a side of a quota, or (``row`` None) a removal."""

    authority: str
    origin: tuple[str, ...]
    start: date
    end: date
    goods: Item | None
    row: Rate | None
    assume_in_quota: bool
    label: str


@dataclass(frozen=True, eq=False)
class Rules:
    """Authorities in the order in which they displace, what each yields to, and when each instrument was signed."""

    authorities: tuple[Authority, ...]
    excluded_by: dict[str, tuple[str, ...]]
    known: dict[str, date]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, eq=False)
class Choice:
    """Which rate of an authority each line meets (-1: none), where a quota's side is assumed, and who is left out."""

    authority: Authority
    rows: tuple[Rate, ...]
    row: NDArray[np.int16]
    guessed: Mask
    removed: tuple[tuple[Mask, str], ...] = ()
    spared: tuple[tuple[Mask, Exemption], ...] = ()


def choose(rules: Rules, authority: Authority, lines: Lines, day: date, query: Query) -> Choice:
    """Return which rate of an authority each line meets on a day, with overrides and exemptions."""
    rows: list[Rate] = []
    row = np.full(lines.codes.shape, -1, np.int16)
    guessed = np.zeros(lines.codes.shape, bool)
    touched = [
        change
        for change in rules.changes
        if change.authority == authority.authority
        and change.start <= day <= change.end
        and _closeness(change.origin, query.groups) is not None
    ]
    void = (
        authority.void is not None and query.assessed == "legal" and _is_known(rules, authority.void, None, day, query)
    )
    best = {scope: () if void else best_rates(rules, authority, scope, day, query) for scope in authority.scope}
    if not any(best.values()) and not touched:
        return Choice(authority, (), row, guessed)
    masks = scopes_on(authority, lines, day, query.use, query.aircraft)
    inside = np.any(list(masks.values()), axis=0)
    spared = [(mask & inside, item) for mask, item in _spared(rules, authority, lines, day, query)]
    exempt = np.any([mask for mask, _ in spared], axis=0) if spared else np.zeros(row.shape, bool)
    for scope, found in best.items():
        here = masks[scope] & ~exempt
        if found and here.any():
            rows.append(_side(found, authority, here, lines, query))
            row[here] = len(rows) - 1
            guessed |= here & (query.in_quota is None and rows[-1].quota is not None)
    removed: list[tuple[Mask, str]] = []
    own = inside & ~exempt
    for change in touched:
        here = lines.length(change.goods) > 0 if change.goods else own
        if change.row is None:
            removed.append((here & (row >= 0), change.label))
            row[here] = -1
        elif _on_side(change, here, query):
            rows.append(change.row)
            row[here] = len(rows) - 1
            guessed = np.where(here, query.in_quota is None and change.row.quota is not None, guessed)
    return Choice(authority, tuple(rows), row, guessed, tuple(removed), tuple(spared))


def _on_side(change: Change, here: Mask, query: Query) -> bool:
    """Say whether a change is on the side of the quota in question, or has no quota."""
    assert change.row is not None
    if change.row.in_quota is None:
        return True
    if query.in_quota is None and query.strict and here.any():
        raise InputError(f"in_quota: the override {change.label!r} sets a quota; say in_quota=True or in_quota=False.")
    return change.row.in_quota == (change.assume_in_quota if query.in_quota is None else query.in_quota)


@lru_cache(maxsize=65536)
def _closeness(origins: tuple[str, ...], groups: tuple[str, ...]) -> int | None:
    """Return how closely a rule names the origin: 2 by itself, 1 by a group, 0 as any, None not at all."""
    for score, name in ((2, groups[:1]), (1, groups[1:]), (0, (ANY,))):
        if set(name) & set(origins):
            return score
    return None


def _is_known(rules: Rules, reference: str, collected_from: date | None, day: date, query: Query) -> bool:
    """Say whether an instrument counts: signed by ``as_of``; as first assessed, signed and collected by the day too."""
    signed = rules.known[reference]
    if query.as_of is not None and signed > query.as_of:
        return False
    return query.assessed != "first" or max(signed, collected_from or signed) <= day


def best_rates(rules: Rules, authority: Authority, scope: str, day: date, query: Query) -> tuple[Rate, ...]:
    """Return the rate in force, as a pair where a quota has two sides: closest origin, then signed last."""
    found = [
        (order, rate)
        for order, rate in _on_an_origin(rules, authority.authority, query.groups, query.preference).get(scope, ())
        if rate.covers(day) and _is_known(rules, rate.reference, rate.collected_from, day, query)
    ]
    if not found:
        return ()
    top = max(order for order, _ in found)
    rates = tuple(rate for order, rate in found if order == top)
    return () if rates[0].rule == "none" else rates


@lru_cache(maxsize=65536)
def _on_an_origin(
    rules: Rules, name: str, groups: tuple[str, ...], preference: bool
) -> dict[str, tuple[tuple[tuple[int, date], Rate], ...]]:
    """Return by scope the rates of an authority that name an origin, on any day: how closely, when signed, which."""
    authority = next(authority for authority in rules.authorities if authority.authority == name)
    out: dict[str, tuple[tuple[tuple[int, date], Rate], ...]] = {}
    for rate in authority.rates:
        near = _closeness(rate.origin, groups)
        if near is not None and rate.preference in (None, preference):
            order = (near, rules.known[rate.reference])
            out[rate.scope] = (*out.get(rate.scope, ()), (order, rate))
    return out


def _side(rates: tuple[Rate, ...], authority: Authority, here: Mask, lines: Lines, query: Query) -> Rate:
    if rates[0].quota is None:
        return rates[0]
    quota = authority.quotas[rates[0].quota]
    if query.in_quota is None and query.strict:
        raise InputError(
            f"in_quota: {lines.text[int(here.argmax())]} from {query.origin} stands under the quota {quota.title!r} "
            f"({quota.quantity:,.0f} {quota.unit} {quota.period}); say in_quota=True or in_quota=False."
        )
    inside = quota.tables_assume_in_quota if query.in_quota is None else query.in_quota
    return next(rate for rate in rates if rate.in_quota == inside)


def scopes_on(
    authority: Authority, lines: Lines, day: date, use: str | None, aircraft: bool = False
) -> dict[str, Mask]:
    """Return the lines of each scope of an authority; where two match, the longer code wins.

    Raises:
        ScheduleError: two scopes match a line with codes of one length.
    """
    lengths: dict[str, NDArray[np.int8]] = {}
    for scope, items in authority.scope.items():
        held = [item for item in items if item.holds(day, use, aircraft)]
        length = np.zeros(lines.codes.shape, np.int8)
        for item in held:
            if not item.minus:
                length = np.maximum(length, lines.length(item))
        for item in held:
            if item.minus:
                length = np.where(lines.length(item) > 0, np.int8(0), length)
        lengths[scope] = length
    if len(lengths) == 1:
        return {scope: length > 0 for scope, length in lengths.items()}
    longest = np.max(list(lengths.values()), axis=0)
    masks = {scope: (length > 0) & (length == longest) for scope, length in lengths.items()}
    twice = np.sum(list(masks.values()), axis=0) > 1
    if twice.any():
        at = int(twice.argmax())
        names = " and ".join(repr(scope) for scope, mask in masks.items() if mask[at])
        raise ScheduleError(
            f"{authority.authority}: the scopes {names} both claim {lines.text[at]} on {day} with codes of one length; "
            "write the closer one with more digits, or take the line off one list."
        )
    return masks


def _spared(rules: Rules, authority: Authority, lines: Lines, day: date, query: Query) -> list[tuple[Mask, Exemption]]:
    return [
        (lines.length(item) > 0, item)
        for item in authority.exempt
        if item.holds(_as_known(rules, item, day, query), query.use, query.aircraft)
        and _closeness(item.origin, query.groups) is not None
        and _is_known(rules, item.reference, item.collected_from, day, query)
    ]


def _as_known(rules: Rules, item: Exemption, day: date, query: Query) -> date:
    """Return the day, or the last day of an exemption whose end was not known."""
    known = item.ended_by is None or _is_known(rules, item.ended_by, None, day, query)
    return day if known else min(day, item.end)
