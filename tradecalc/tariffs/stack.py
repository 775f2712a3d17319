"""How authorities stack on lines on one day: who claims which part of the value, who is displaced, what is paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradecalc.tariffs.choice import Choice, Query, Rules, choose
from tradecalc.tariffs.law import BASE, Authority, Exemption, Rate
from tradecalc.tariffs.lines import METALS, Array, Lines, Mask
from tradecalc.terms import InputError

LABEL = {"steel_share": "steel", "aluminium_share": "aluminium", "copper_share": "copper"}


@dataclass(frozen=True, eq=False)
class Claim:
    """What one authority does on lines (L,): ``row`` points into ``rows`` (-1: none), ``weight`` is the share of the
    value it charges, ``taken`` the share that authorities above it took away, ``add`` its additional rate.
    """

    authority: Authority
    rows: tuple[Rate, ...]
    row: NDArray[np.int16]
    weight: Array
    taken: Array
    add: Array
    assumed: Mask
    removed: tuple[tuple[Mask, str], ...]
    spared: tuple[tuple[Mask, Exemption], ...]


@dataclass(frozen=True, eq=False)
class Stack:
    """The stack of one day on lines (L,): base rate, claims in order, and the sum of both."""

    base: Array
    claims: tuple[Claim, ...]
    rate: Array
    assumed: Mask


def stack_on(rules: Rules, lines: Lines, day: date, query: Query, given: dict[str, Array]) -> Stack:
    """Return the stack: base + the sum over authorities of (share of value charged) x (additional rate).

    ``given``: metal shares (L,), NaN where not given. An additional rate is the rate itself (add), or what tops the
    base up to it, never below zero (floor). A rate with the rule replace stands instead of the base.

    Raises:
        InputError: a base rate, a metal share or the side of a quota is needed and not known.
        ScheduleError: two scopes of an authority claim a line equally closely.
    """
    chosen = [choose(rules, authority, lines, day, query) for authority in rules.authorities]
    base = lines.mfn.copy() if query.strict else np.where(np.isnan(lines.mfn), lines.mfn_stand_in, lines.mfn)
    guessed = np.isnan(lines.mfn) & (not query.strict)
    for choice in sorted(chosen, key=lambda choice: choice.authority.authority != BASE):
        for index, source in enumerate(choice.rows):
            if source.rule == "replace":
                here = choice.row == index
                flat = source.programme is None
                own = np.full(base.shape, source.rate) if flat else lines.programme(str(source.programme))
                here &= ~np.isnan(own)
                base[here], guessed[here] = own[here], False
    _need_base(lines, base)
    shares, defaulted = _shares(lines, chosen, given, query)
    taken_by: dict[str, Array] = {}
    claims: list[Claim] = []
    idle, nowhere = np.zeros(base.shape), np.zeros(base.shape, bool)
    for choice in chosen:
        authority, active = choice.authority, choice.row >= 0
        if not active.any():
            said = (choice.removed, choice.spared)
            claims.append(Claim(authority, choice.rows, choice.row, idle, idle, idle, nowhere, *said))
            continue
        above = [taken_by[name] for name in rules.excluded_by[authority.authority] if name in taken_by]
        taken = np.minimum(np.sum(above, axis=0), 1.0) if above else np.zeros(base.shape)
        add, charged, claimed = np.zeros(base.shape), np.zeros(base.shape), np.zeros(base.shape)
        assumed = choice.guessed & active
        for index, source in enumerate(choice.rows):
            here = choice.row == index
            if source.rule == "replace" or not here.any():
                continue
            add[here] = source.rate if source.rule == "add" else np.maximum(0.0, source.rate - base[here])
            kind = source.base or authority.base
            if kind in METALS:
                open_ = here & (taken < 1.0)
                _need_share(lines, open_ & np.isnan(shares[kind]), kind, authority, day)
                assumed |= open_ & defaulted
                claimed[here] = np.nan_to_num(shares[kind][here])
                charged[here] = claimed[here]
            else:
                claimed[here] = 1.0
                charged[here] = 1.0 - (query.us_content or 0.0) if kind == "non_us_content" else 1.0
        left = 1.0 - taken
        taken_by[authority.authority] = claimed * left
        weight, lost = charged * left, np.where(active, taken, 0.0)
        claims.append(
            Claim(authority, choice.rows, choice.row, weight, lost, add, assumed, choice.removed, choice.spared)
        )
    acting = [claim for claim in claims if claim.weight is not idle]
    total = base + sum((claim.weight * claim.add for claim in acting), np.zeros(base.shape))
    return Stack(base, tuple(claims), total, np.any([guessed, *(claim.assumed for claim in acting)], axis=0))


def _shares(
    lines: Lines, chosen: Iterable[Choice], given: dict[str, Array], query: Query
) -> tuple[dict[str, Array], Mask]:
    """Return metal shares (L,) and where they are assumed.

    A share that the law needs and that is given says what the metal is: other metals of that line are then none.
    Where none is given, tables take the shares of the data; a strict question keeps NaN, refused where it is needed.
    """
    told = np.zeros(lines.codes.shape, bool)
    for choice in chosen:
        for index, source in enumerate(choice.rows):
            kind = source.base or choice.authority.base
            if kind in METALS:
                told |= (choice.row == index) & ~np.isnan(given[kind])
    shares = {metal: np.where(told & np.isnan(given[metal]), 0.0, given[metal]) for metal in METALS}
    if query.strict:
        return shares, np.zeros(lines.codes.shape, bool)
    return {m: np.where(np.isnan(shares[m]), lines.shares[m], shares[m]) for m in METALS}, ~told


def _need_share(lines: Lines, missing: Mask, kind: str, authority: Authority, day: date) -> None:
    if missing.any():
        raise InputError(
            f"{kind}: {authority.name} is charged on the {LABEL[kind]} content of {lines.text[int(missing.argmax())]} "
            f"on {day}; give {kind} as a fraction of customs value, between 0 and 1."
        )


def _need_base(lines: Lines, base: Array) -> None:
    missing = np.isnan(base)
    if missing.any():
        raise InputError(
            f"hs: {lines.text[int(missing.argmax())]} pays a specific MFN duty, and there was no trade to work out "
            "its ad valorem equivalent; override the authority 'mfn' with a rate."
        )
