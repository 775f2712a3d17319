"""Read a reporter's law from its folder, put its authorities in order, and refuse what contradicts itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradecalc.files import Stamp, data_root, read_table, read_yaml, sha256, shown, stamp, validate
from tradecalc.tariffs.choice import Rules, scopes_on
from tradecalc.tariffs.claims import Claims
from tradecalc.tariffs.law import ANY, Authority, Item, Rate, Reference, Schedule, clashes
from tradecalc.tariffs.lines import ALL_LINES, Book, Lines, Mask, lay_out
from tradecalc.terms import InputError, ScheduleError, nearest


@dataclass(frozen=True, eq=False)
class LawBook:
    """The law of one reporter: its schedule, rules, references, lines, and the files it was read from."""

    schedule: Schedule
    rules: Rules
    references: dict[str, Reference]
    book: Book
    stamps: tuple[Stamp, ...]
    before: "LawBook | None" = None

    @property
    def pristine(self) -> "LawBook":
        """The law as its files say it, without overrides."""
        return self if self.before is None else self.before

    def authority(self, name: str) -> Authority:
        """Return an authority by its key.

        Raises:
            InputError: no such authority; the nearest is named.
        """
        by_name = {a.authority: a for a in self.rules.authorities}
        if name not in by_name:
            raise InputError(
                f"authority: {name!r} is not in the law of {self.schedule.reporter}; "
                f"use one of {', '.join(sorted(by_name))}.{nearest(name, list(by_name))}"
            )
        return by_name[name]

    def for_aircraft(self, lines: Lines) -> Mask:
        """Return which lines some authority treats apart where they enter for civil aircraft."""
        items = [item for a in self.rules.authorities for item in a.items() if item.aircraft]
        found = [lines.length(item) > 0 for item in items]
        return np.any(found, axis=0) if found else np.zeros(lines.codes.shape, bool)

    def groups(self, origin: object) -> tuple[str, ...]:
        """Return an origin and the group it is a member of.

        Raises:
            InputError: unknown, with the nearest.
        """
        countries = self.schedule.origins
        if isinstance(origin, str) and origin in countries:
            group = countries[origin].member_of
            return (origin, group) if group else (origin,)
        raise InputError(
            f"origin: {origin!r} is not an origin of this schedule; use an ISO-3 code such as 'JPN', or ROW for "
            f"one that no country-specific measure names.{nearest(str(origin), list(countries))}"
        )


def read_law(reporter: str) -> LawBook:
    """Return the law of a reporter from ``data/tariffs/REPORTER``.

    Raises:
        InputError: no such folder, or a file that cannot be read, each problem with its line.
        ScheduleError: two rules claim one good on one day without a declared order.
    """
    folder = data_root() / "tariffs" / str(reporter)
    if not (folder / "schedule.yaml").is_file():
        known = sorted(p.parent.name for p in (data_root() / "tariffs").glob("*/schedule.yaml"))
        raise InputError(f"load_tariffs: {reporter!r} has no tariff law here; use one of {', '.join(known) or 'none'}.")
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".csv") and not p.name.startswith("."))
    schedule = _schedule(folder)
    tables = [path for name in schedule.tables() if (path := data_root() / name).is_file()]
    return _read(folder, tuple((p, sha256(p)) for p in dict.fromkeys([*files, *tables])))


def _schedule(folder: Path) -> Schedule:
    return validate(Schedule, *_yaml(folder / "schedule.yaml"), name=shown(folder / "schedule.yaml"))


@lru_cache(maxsize=4)
def _read(folder: Path, files: tuple[tuple[Path, str], ...]) -> LawBook:
    schedule = _schedule(folder)
    references: dict[str, Reference] = {}
    for path in sorted(folder.glob("references*.yaml")):
        references |= _references(path, references)
    tables = schedule.tables()
    mfn, shares, traded, programmes, claims, aircraft, *listed = (read_table(name) for name in tables)
    lists = pd.concat([table[["list", "hs"]] for table in listed], ignore_index=True)
    book = Book.of(mfn, shares, lists, traded, Claims.of(programmes, claims, aircraft))
    own = [p for p, *_ in files if p.suffix == ".yaml" and not p.name.endswith(".origin.yaml")]
    paths = sorted(p for p in own if p.name != "schedule.yaml" and not p.name.startswith("references"))
    authorities = [validate(Authority, *_yaml(path), name=shown(path)) for path in paths]
    pairs = zip(authorities, paths, strict=True)
    problems = [p for authority, path in pairs for p in _problems(authority, path, references, book, schedule)]
    if problems:
        raise InputError("\n".join(problems))
    rules = order(authorities, {key: reference.known for key, reference in references.items()})
    lines = lay_out(tuple(f"{code:010d}" for code in book.known), book)
    _no_clash(rules, lines)
    for authority in rules.authorities:
        for day in sorted({item.start for items in authority.scope.values() for item in items}):
            scopes_on(authority, lines, day, None)
    stamps = sorted({stamp(p) for p in [*own, *(data_root() / t for t in tables)]}, key=lambda s: s.path)
    return LawBook(schedule, rules, references, book, tuple(stamps))


def _yaml(path: Path) -> tuple[Any, dict[tuple[str | int, ...], int]]:
    return read_yaml(path, name=shown(path))


def _references(path: Path, known: Mapping[str, Reference]) -> dict[str, Reference]:
    value, lines = _yaml(path)
    if not isinstance(value, dict):
        raise InputError(f"{shown(path)}:1: write one mapping a reference, under its key.")
    out = {}
    for key, item in value.items():
        if key in known:
            raise InputError(f"{shown(path)}:{lines[(key,)]}: {key!r} stands in another file of references; keep one.")
        own = {at[1:]: line for at, line in lines.items() if at[:1] == (key,)}
        out[key] = validate(Reference, item, own, name=shown(path))
    return out


def _problems(
    authority: Authority, path: Path, references: dict[str, Reference], book: Book, schedule: Schedule
) -> Iterator[str]:
    """Give a sentence for each name in an authority's file that stands nowhere else."""
    if path.stem != authority.authority.replace("_", "-"):
        yield f"{shown(path)}: the file is called {path.stem!r}, its authority {authority.authority!r}; rename one."
    for key in sorted(set(authority.references()) - set(references)):
        yield f"{shown(path)}: the reference {key!r} is not in references.yaml.{nearest(key, list(references))}"
    items = [item for found in authority.scope.values() for item in found] + list(authority.exempt)
    for item in items:
        if item.list and item.list != ALL_LINES and item.list not in book.lists:
            close = nearest(item.list, list(book.lists))
            yield f"{shown(path)}: the list {item.list!r} is not in {' or '.join(schedule.lists)}.{close}"
        for use in (item.use, item.unless_use):
            if use and use not in schedule.uses:
                yield f"{shown(path)}: the use {use!r} is not in schedule.yaml.{nearest(use, list(schedule.uses))}"
    named = {name for row in authority.rates for name in row.origin}
    named |= {name for item in authority.exempt for name in item.origin}
    for name in sorted(named - {ANY} - set(schedule.origins)):
        yield f"{shown(path)}: the origin {name!r} is not in schedule.yaml.{nearest(name, list(schedule.origins))}"


def order(authorities: list[Authority], known: dict[str, date]) -> Rules:
    """Return the authorities so that each comes after those that exclude it, whatever the order of the files.

    Raises:
        ScheduleError: the declared exclusions run in a circle.
        InputError: an exclusion names no authority and no group.
    """
    authorities = sorted(authorities, key=lambda a: a.authority)
    names = {a.authority for a in authorities}
    members: dict[str, list[str]] = {}
    for a in authorities:
        members.setdefault(a.group, []).append(a.authority)
    above: dict[str, set[str]] = {name: set() for name in names}
    for a in authorities:
        for word in (*a.stacking.excludes, *a.stacking.beside):
            if word not in names and word not in members:
                allowed = [*sorted(names), *sorted(members)]
                raise InputError(
                    f"{a.authority}: stacking names {word!r}, which is no authority or group.{nearest(word, allowed)}"
                )
        for word in a.stacking.excludes:
            for name in [word] if word in names else members[word]:
                if name != a.authority:
                    above[name].add(a.authority)
    placed: list[Authority] = []
    left = list(authorities)
    while left:
        free = [a for a in left if not above[a.authority] & {b.authority for b in left}]
        if not free:
            circle = ", ".join(a.authority for a in left)
            raise ScheduleError(f"stacking: the exclusions run in a circle among {circle}; drop one of them.")
        placed.append(free[0])
        left.remove(free[0])
    for a in placed:
        for one, two in clashes(a, known):
            window = _window(max(one.start, two.start), min(one.end, two.end))
            raise ScheduleError(
                f"{a.authority}: two rates of the scope {one.scope!r} claim goods of {', '.join(two.origin)} {window}: "
                f"{_said(one)} and {_said(two)}; end the first before the second begins."
            )
    return Rules(tuple(placed), {name: tuple(sorted(found)) for name, found in above.items()}, known)


def _said(rate: Rate) -> str:
    return f"{rate.rule} {rate.rate:g} from {rate.start} ({rate.reference})"


def _window(start: date, end: date) -> str:
    return f"from {start}" + ("" if end == date.max else f" to {end}")


def _no_clash(rules: Rules, lines: Lines) -> None:
    """Refuse two authorities that claim the same goods of an origin on one day and say nothing of each other."""
    groups = {a.authority: a.group for a in rules.authorities}
    said = {
        frozenset((a.authority, name))
        for a in rules.authorities
        for word in (*a.stacking.excludes, *a.stacking.beside)
        for name in groups
        if word in (name, groups[name])
    }
    silent = [p for p in combinations(rules.authorities, 2) if frozenset(a.authority for a in p) not in said]
    for one, two in silent:
        for a in _claims(one):
            for b in _claims(two):
                start, end = max(a[0], b[0]), min(a[1], b[1])
                if start > end or not (ANY in a[2] or ANY in b[2] or a[2] & b[2]):
                    continue
                both = (lines.length(a[3]) > 0) & (lines.length(b[3]) > 0)
                if both.any():
                    raise ScheduleError(
                        f"{one.authority} and {two.authority} both claim {lines.text[int(np.argmax(both))]} "
                        f"{_window(start, end)} and neither names the other; "
                        "write which `excludes` the other, or that they stand `beside` each other, under `stacking:`."
                    )


def _claims(authority: Authority) -> Iterator[tuple[date, date, set[str], Item]]:
    for rate in authority.rates:
        if rate.rule in ("none", "replace"):
            continue
        for item in authority.scope[rate.scope]:
            start, end = max(rate.start, item.start), min(rate.end, item.end)
            if not item.minus and start <= end:
                yield start, end, set(rate.origin), item
