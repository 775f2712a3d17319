"""What `tradecalc check` asks of the tariff law: nothing unused, and one sane rate for every line on every day."""

from collections.abc import Iterator

import numpy as np

from tradecalc.files import read_table
from tradecalc.tariffs.schedule import TariffSchedule, load_tariffs
from tradecalc.terms import TradecalcError

HIGHEST = 2.0


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
        yield f"data/tariffs/{schedule.reporter}/references.yaml: {key!r} is not cited; cite it or remove it."
    named = {item.list for a in law.rules.authorities for items in a.scope.values() for item in items}
    named |= {item.list for a in law.rules.authorities for item in a.exempt}
    for name in sorted(set(law.book.lists) - named):
        yield f"data/{law.schedule.lists}: no authority uses the list {name!r}; use it or remove it."
    uses = {item.use for a in law.rules.authorities for items in a.scope.values() for item in items}
    for use in sorted(set(law.schedule.uses) - uses):
        yield f"data/tariffs/{schedule.reporter}/schedule.yaml: no authority asks for the use {use!r}; remove it."


def _incomplete(schedule: TariffSchedule) -> Iterator[str]:
    """Give a sentence for each origin of which some line has no rate, or an odd one, on some day of change."""
    lines = tuple(read_table(schedule.law.schedule.lines)["hs10"])
    countries = schedule.law.schedule.origins
    for origin in (name for name, country in countries.items() if country.member_of is None):
        try:
            rates = schedule.rates(lines, origin=origin, dates=schedule.change_dates)
        except TradecalcError as err:
            yield f"tariff law of {origin}: {err}"
            continue
        odd = ~(np.isfinite(rates) & (rates >= 0) & (rates <= HIGHEST))
        if odd.any():
            day, line = np.argwhere(odd)[0]
            yield (
                f"tariff law of {origin}: {lines[line]} pays {rates[day, line]:.3g} on {schedule.change_dates[day]}; "
                f"a rate between 0 and {HIGHEST:g} is expected."
            )
