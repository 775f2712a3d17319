"""Rates in tables: what trade as a whole pays, where part of it claims a preference or the use of civil aircraft."""

from datetime import date
from typing import Any

import numpy as np

from tradecalc.tariffs.lawbook import LawBook
from tradecalc.tariffs.lines import Array, Lines, Mask
from tradecalc.tariffs.question import question
from tradecalc.tariffs.stack import stack_on


def in_tables(
    law: LawBook, lines: Lines, origin: object, day: date, as_of: date | None, options: dict[str, Any]
) -> tuple[Array, Mask]:
    """Return the rate of each line (L,) on a day, and where it rests on an assumption.

    Metal content and the side of a quota come from the data where they are not given. A preference or aircraft use of
    which the question says nothing counts by its measured share of value: ``share x claimed + (1 - share) x not``.
    """
    query, given = question(law, lines, origin, as_of, options, strict=False)
    stack = stack_on(law.rules, lines, day, query, given)
    rate, assumed = stack.rate.copy(), stack.assumed.copy()
    if "preference" not in options:
        share = law.book.claims.preference_share(query.origin, lines.text, day)
        if share is not None:
            without, guessed = in_tables(law, lines, origin, day, as_of, {**options, "preference": False})
            with_it, _ = in_tables(law, lines, origin, day, as_of, {**options, "preference": True})
            return share * with_it + (1.0 - share) * without, assumed | guessed
    if options.get("aircraft_use") is None:
        share = law.book.claims.aircraft_share(lines.text) * law.for_aircraft(lines)
        used = share > 0
        if used.any():
            own = {name: array[used] if np.ndim(array) else array for name, array in options.items()}
            claimed, _ = in_tables(law, lines.some(used), origin, day, as_of, {**own, "aircraft_use": True})
            rate[used] = share[used] * claimed + (1.0 - share[used]) * rate[used]
            assumed |= used
    return rate, assumed
