"""What `tradecalc check` asks of the tariff law: nothing unused, and one sane rate for every line on every day."""

from collections.abc import Iterator

import numpy as np

from tradecalc.files import read_table
from tradecalc.tariffs.schedule import TariffSchedule, load_tariffs
from tradecalc.terms import TradecalcError

HIGHEST = 4.0


def check_tariffs() -> list[str]:
    """Return one sentence for each problem of the shipped law: unused names, lines without a rate, odd rates."""
    return problems_of(load_tariffs("us"))


def problems_of(schedule: TariffSchedule) -> list[str]:
    """Return one sentence for each problem of a schedule."""
    return [*_unused(schedule), *_incomplete(schedule)]


def _unused(schedule: TariffSchedule) -> Iterator[str]:
    law = schedule.law
    cited = {key for authority in law.rules.authorities for key in authority.references()}
    for key in sorted(set(law.references) - cited):
        yield f"data/tariffs/{schedule.reporter}/references: {key!r} is not cited; cite it or remove it."
    named = {item.list for a in law.rules.authorities for item in a.items()}
    for name in sorted(set(law.book.lists) - named):
        yield f"data/{' or '.join(law.schedule.lists)}: no authority uses the list {name!r}; use it or remove it."
    uses = {use for a in law.rules.authorities for item in a.items() for use in (item.use, item.unless_use)}
    for use in sorted(set(law.schedule.uses) - uses):
        yield f"data/tariffs/{schedule.reporter}/schedule.yaml: no authority asks for the use {use!r}; remove it."


def _incomplete(schedule: TariffSchedule) -> Iterator[str]:
    """Give a sentence for each origin with a line that has no rate, or an odd one, on a day of change."""
    table = read_table(schedule.law.schedule.lines)
    for origin, rows in table.groupby("origin")["hs10"]:
        lines, days = tuple(rows), schedule.change_dates_of(str(origin))
        try:
            rates = schedule.rates(lines, origin=str(origin), dates=days)
        except TradecalcError as err:
            yield f"tariff law of {origin}: {err}"
            continue
        odd = ~(np.isfinite(rates) & (rates >= 0) & (rates <= HIGHEST))
        if odd.any():
            day, line = np.argwhere(odd)[0]
            yield (
                f"tariff law of {origin}: {lines[line]} pays {rates[day, line]:.3g} on {days[day]}; "
                f"a rate between 0 and {HIGHEST:g} is expected."
            )
