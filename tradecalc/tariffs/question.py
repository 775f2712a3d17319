"""A question to the law, checked: days, HS codes, origins, shares and the rest of what `rate` takes."""

from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tradecalc.tariffs.choice import Query
from tradecalc.tariffs.law import FOREVER
from tradecalc.tariffs.lawbook import LawBook
from tradecalc.tariffs.lines import METALS, Array, Lines
from tradecalc.terms import InputError, nearest

Day = date | datetime | str
ASSESSED = ("first", "final", "legal")
OPTIONS = ("preference", "us_content", "in_quota", "assessed", "use", *METALS)


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


def change_dates(law: LawBook) -> tuple[date, ...]:
    """Return every day on which any rule may change, from the first day on."""
    parts: list[tuple[date, date]] = []
    found = {law.schedule.first_date, *law.rules.known.values()}
    for authority in law.rules.authorities:
        for row in authority.rates:
            parts.append((row.start, row.end))
            found.add(row.collected_from or row.start)
        for exempt in authority.exempt:
            parts.append((exempt.start, exempt.end))
            found.add(exempt.collected_from or exempt.start)
        parts += [(item.start, item.end) for items in authority.scope.values() for item in items]
    parts += [(change.start, change.end) for change in law.rules.changes]
    found |= {start for start, _ in parts}
    found |= {date.fromordinal(end.toordinal() + 1) for _, end in parts if end != FOREVER}
    return tuple(sorted(day for day in found if law.schedule.first_date <= day < FOREVER))


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
    for name, allowed in (("preference", (True, False)), ("in_quota", (None, True, False))):
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
        strict=strict,
    )
    return query, _metal(lines, options)


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
