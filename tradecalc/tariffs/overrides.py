"""Overrides: a scenario's hypothetical changes of the law, checked and laid out for the stack."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from tradecalc.tariffs.choice import Change, Query, Rules, best_rates
from tradecalc.tariffs.law import ANY, BASE, FOREVER, Item, Rate
from tradecalc.tariffs.lawbook import LawBook
from tradecalc.tariffs.lines import check_hs
from tradecalc.tariffs.question import Day, day_of
from tradecalc.terms import InputError, ScheduleError, nearest

NEEDS = {"rate": ("rate",), "floor": ("rate",), "quota": ("within", "over"), "remove": (), "extend_pause": ()}


@dataclass(frozen=True)
class Override:
    """A hypothetical change of the law: what an authority charges on goods of some origins in a window.

    ``kind``: ``rate`` sets the additional duty (for ``mfn`` the base), ``floor`` a total to top the base up to,
    ``quota`` an additional duty ``within`` and ``over`` it, ``remove`` takes the authority away, ``extend_pause`` lets
    its paused rate run on until ``end``. Without ``hs`` it is about the authority's own goods; with ``hs`` about those
    goods, whether the authority covers them or not. Days are inclusive. Tables read a quota as over-filled, the
    margin, unless ``tables_assume_in_quota``; what a given quantity pays is `quota_duty`.
    """

    kind: str
    authority: str
    start: Day
    end: Day = FOREVER
    origin: str | tuple[str, ...] = (ANY,)
    hs: str | tuple[str, ...] = ()
    rate: float | None = None
    within: float | None = None
    over: float | None = None
    tables_assume_in_quota: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        """Check the override by itself.

        Raises:
            InputError: an unknown kind, a rate that is missing, superfluous or no fraction, or days in the wrong order.
        """
        for field in ("origin", "hs"):
            value = getattr(self, field)
            object.__setattr__(self, field, (value,) if isinstance(value, str) else tuple(value))
        object.__setattr__(self, "start", day_of(self.start, f"override {self.authority}: from"))
        object.__setattr__(self, "end", day_of(self.end, f"override {self.authority}: to"))
        if self.kind not in NEEDS:
            allowed = ", ".join(NEEDS)
            raise InputError(
                f"override: {self.kind!r} is not a kind; use {allowed}.{nearest(str(self.kind), set(NEEDS))}"
            )
        for field in ("rate", "within", "over"):
            value = getattr(self, field)
            if (value is not None) != (field in NEEDS[self.kind]):
                takes = " and ".join(f"`{need}:`" for need in NEEDS[self.kind]) or "no rate"
                raise InputError(f"override {self.label!r}: the kind {self.kind} takes {takes}; correct `{field}:`.")
            if value is not None and not 0 <= value <= 3:
                raise InputError(f"override {self.label!r}: {field} is {value!r}; write a fraction of value, as 0.25.")
        if self.last < self.first:
            raise InputError(f"override {self.label!r}: it ends on {self.end}, before it begins on {self.start}.")
        if self.kind == "extend_pause" and self.last == FOREVER:
            raise InputError(f"override {self.label!r}: say with `to:` until when the pause runs.")

    @classmethod
    def of(cls, value: "Override | Mapping[str, Any]") -> "Override":
        """Return an override from a mapping as a scenario file writes it, with ``from`` and ``to``.

        Raises:
            InputError: a field that does not exist or is missing, or as the override itself.
        """
        if isinstance(value, Override):
            return value
        names = {"from": "start", "to": "end"}
        known = [field.name for field in fields(cls) if field.name not in names.values()] + list(names)
        for key in value:
            if key not in known:
                raise InputError(
                    f"override: {key!r} is not a field here; use {', '.join(known)}.{nearest(key, set(known))}"
                )
        for key in ("kind", "authority", "from"):
            if key not in value:
                raise InputError(f"override: `{key}:` is missing; add it.")
        return cls(**{names.get(key, key): item for key, item in value.items()})

    @property
    def first(self) -> date:
        """Its first day."""
        return day_of(self.start)

    @property
    def last(self) -> date:
        """Its last day."""
        return day_of(self.end)

    @property
    def label(self) -> str:
        """How it is called in tables and messages."""
        return self.name or f"{self.kind} {self.authority} from {self.start}"


def changes_of(overrides: Iterable[Override], law: LawBook, as_of: date | None) -> tuple[Change, ...]:
    """Return overrides as changes of the stack, checked against the law and each other.

    Raises:
        InputError: an override names no authority, origin or HS code of the law, or a pause that does not run.
        ScheduleError: two overrides change one authority for one good on one day.
    """
    overrides = tuple(overrides)
    for override in overrides:
        law.authority(override.authority)
        for origin in override.origin:
            if origin != ANY:
                law.groups(origin)
        for code in override.hs:
            check_hs(code)
    _no_overlap(overrides, law)
    pristine = replace(law.rules, changes=())
    return tuple(change for override in overrides for change in _changes(override, law, pristine, as_of))


def _no_overlap(overrides: tuple[Override, ...], law: LawBook) -> None:
    for one, two in combinations(overrides, 2):
        start, end = max(one.first, two.first), min(one.last, two.last)
        apart = one.authority != two.authority or start > end
        if apart or not _share_origin(one, two, law) or not _share_goods(one, two):
            continue
        until = "on" if end == FOREVER else f"to {end}"
        raise ScheduleError(
            f"override: {one.label!r} and {two.label!r} both change {one.authority} for the same goods from {start} "
            f"{until}; separate their days, origins or goods, or keep one."
        )


def _share_origin(one: Override, two: Override, law: LawBook) -> bool:
    mine, theirs = ({g for o in x.origin if o != ANY for g in law.groups(o)} for x in (one, two))
    return ANY in one.origin or ANY in two.origin or bool(mine & set(two.origin) or theirs & set(one.origin))


def _share_goods(one: Override, two: Override) -> bool:
    ones, twos = ([check_hs(code) for code in x.hs] for x in (one, two))
    return not ones or not twos or any(a.startswith(b) or b.startswith(a) for a in ones for b in twos)


def _changes(o: Override, law: LawBook, rules: Rules, as_of: date | None) -> list[Change]:
    goods = Item(hs=tuple(o.hs), reference="override") if o.hs else None
    blank = Change(o.authority, tuple(o.origin), o.first, o.last, goods, None, o.tables_assume_in_quota, o.label)
    if o.kind == "remove":
        return [blank]
    if o.kind == "extend_pause":
        return _extended(o, blank, law, rules, as_of)
    rule = "replace" if o.authority == BASE else "floor" if o.kind == "floor" else "add"
    sides = {"within": True, "over": False} if o.kind == "quota" else {"rate": None}
    shared = {"from": o.first, "to": o.last, "origin": tuple(o.origin), "rule": rule, "reference": "override"}
    shared |= {"hypothetical": True, "base": "customs_value"}
    return [
        replace(
            blank, row=Rate.model_validate({**shared, "rate": getattr(o, field), "quota": side, "in_quota": inside})
        )
        for field, inside in sides.items()
        for side in [None if inside is None else o.label]
    ]


def _extended(o: Override, blank: Change, law: LawBook, rules: Rules, as_of: date | None) -> list[Change]:
    """Let the rate of each origin's pause, as it stood on the day before the override, run on."""
    authority = law.authority(o.authority)
    paused = {name for row in authority.rates if row.pause for name in row.origin}
    out = []
    for name in sorted(paused if ANY in o.origin else o.origin):
        before = o.first - timedelta(days=1)
        query = Query(origin=name, groups=law.groups(name), as_of=as_of)
        rows = [row for scope in authority.scope for row in best_rates(rules, authority, scope, before, query)]
        if not rows or not rows[0].pause:
            raise InputError(
                f"override {o.label!r}: no pause of {o.authority} for {name} runs on {before}, the day before it; "
                "start it on the day after the pause ends."
            )
        row = rows[0].model_copy(update={"start": o.first, "end": o.last, "hypothetical": True, "origin": (name,)})
        out.append(replace(blank, origin=(name,), row=row))
    return out
