"""A question to the law, checked: days, HS codes, origins, shares and the rest of what `rate` takes."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tradecalc.tariffs.choice import Query
from tradecalc.tariffs.law import ANY, FOREVER, Exemption, Item, Rate
from tradecalc.tariffs.lawbook import LawBook
from tradecalc.tariffs.lines import METALS, Array, Lines
from tradecalc.terms import InputError, nearest

Day = date | datetime | str
ASSESSED = ("first", "final", "legal")
OPTIONS = ("preference", "us_content", "in_quota", "assessed", "use", "aircraft_use", *METALS)


def day_of(on: object, name: str = "on") -> date:
    """Return a date from a date, a datetime or ISO text.

    Raises:
        InputError: anything else.
    """
    if isinstance(on, datetime):
        return on.date()
    if isinstance(on, date):
        return on
    try:
        if isinstance(on, str):
            return date.fromisoformat(on)
    except ValueError:
        pass
    raise InputError(f"{name}: {on!r} is not a day; write it as a date or as 'YYYY-MM-DD'.")


@lru_cache(maxsize=1024)
def change_dates(law: LawBook, groups: tuple[str, ...] | None = None) -> tuple[date, ...]:
    """Return every day on which any rule may change, from the first day on; with ``groups`` those of one origin.

    ``groups``: the origin and what it is a member of, as `LawBook.groups` gives them.
    """
    near = None if groups is None else {*groups, ANY}
    found = {law.schedule.first_date, *law.book.claims.days()}
    for authority in law.rules.authorities:
        rows = [row for row in authority.rates if near is None or near & set(row.origin)]
        if rows:
            exempt = [item for item in authority.exempt if near is None or near & set(item.origin)]
            scope = [item for items in authority.scope.values() for item in items]
            dated: list[Rate | Exemption] = [*rows, *exempt]
            windows: list[Rate | Item] = [*rows, *exempt, *scope]
            found |= {item.start for item in windows} | {_after(item.end) for item in windows}
            found |= {item.collected_from or item.start for item in dated}
            found |= {law.rules.known[item.reference] for item in dated}
            found |= {law.rules.known[authority.void]} if authority.void else set()
    changes = [change for change in law.rules.changes if near is None or near & set(change.origin)]
    found |= {day for change in changes for day in (change.start, _after(change.end))}
    return tuple(sorted(day for day in found if law.schedule.first_date <= day < FOREVER))


def _after(day: date) -> date:
    return day if day == FOREVER else day + timedelta(days=1)


def question(
    law: LawBook, lines: Lines, origin: object, as_of: date | None, options: dict[str, Any], *, strict: bool
) -> tuple[Query, dict[str, Array]]:
    """Return the query and the metal shares that were given (L,), NaN where they were not.

    Raises:
        InputError: an option holds what is not allowed, or the origin is not known.
        TypeError: an option that does not exist.
    """
    for name in options:
        if name not in OPTIONS:
            raise TypeError(f"{name!r} is not an option; use {', '.join(OPTIONS)}.{nearest(name, OPTIONS)}")
    assessed, use, us_content = options.get("assessed", "final"), options.get("use"), options.get("us_content")
    if assessed not in ASSESSED:
        raise InputError(f"assessed: {assessed!r} is not allowed; use first, final or legal.")
    uses = law.schedule.uses
    if use is not None and use not in uses:
        raise InputError(
            f"use: {use!r} is not a use this law knows; use {', '.join(uses)}.{nearest(str(use), set(uses))}"
        )
    for name, allowed in (
        ("preference", (True, False)),
        *((n, (None, True, False)) for n in ("in_quota", "aircraft_use")),
    ):
        if not any(options.get(name, True) is word for word in allowed):
            raise InputError(f"{name}: {options[name]!r} is not allowed; use {', '.join(map(str, allowed))}.")
    query = Query(
        origin=str(origin),
        groups=law.groups(origin),
        preference=options.get("preference", True),
        us_content=None if us_content is None else float(_fraction("us_content", us_content)),
        in_quota=options.get("in_quota"),
        assessed=assessed,
        as_of=as_of,
        use=use,
        aircraft=options.get("aircraft_use") is True,
        strict=strict,
    )
    return query, _metal(lines, options)


def refuse_unknown_claims(law: LawBook, lines: Lines, hs: str, day: date, query: Query) -> None:
    """Refuse a use that no rule asks of a good, of any origin, or that no rule asked by the day.

    General note 6 frees aircraft from the base rate since 1980, so of aircraft use only the goods are checked.

    Raises:
        InputError: naming the claim, the good, and from which day the law knows it.
    """
    if query.aircraft and not law.for_aircraft(lines).any():
        raise InputError(f"aircraft_use: {hs!r} stands on no list of civil aircraft of this law; leave the claim out.")
    if query.use is None:
        return
    starts = [
        max(item.start, min(row.start for row in authority.rates))
        for authority in law.rules.authorities
        for item in authority.items()
        if query.use in (item.use, item.unless_use) and (lines.length(item) > 0).any()
    ]
    if not starts or min(starts) > day:
        when = f" before {min(starts)}" if starts else ""
        raise InputError(f"use: no rule of this law asks of {hs!r}{when} whether it is {query.use!r}; leave it out.")


def _metal(lines: Lines, options: dict[str, Any]) -> dict[str, Array]:
    shape = lines.codes.shape
    given = {metal: np.broadcast_to(_fraction(metal, options.get(metal)), shape).astype(np.float64) for metal in METALS}
    if any(options.get(metal) is not None for metal in METALS):
        total = np.nansum([given[metal] for metal in METALS], axis=0).max()
        if total > 1 + 1e-9:
            raise InputError(f"{' + '.join(METALS)}: the shares sum to {total:.3g}; they may not exceed 1.")
    return given


def _fraction(name: str, value: ArrayLike | None) -> Array:
    if value is None:
        return np.array(np.nan)
    try:
        out = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: {value!r} is not a number; give a fraction of customs value.") from None
    if np.isnan(out).any() or ((out < 0) | (out > 1)).any():
        raise InputError(f"{name}: {value!r} is not a fraction of customs value; give a number between 0 and 1.")
    return out
