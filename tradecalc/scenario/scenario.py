"""One frozen, typed question: the law of a day, every lever, dates and beliefs, never a rate that data hold."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator
from pydantic.fields import FieldInfo

from tradecalc.beliefs import KINDS, Parameters, Strict, Timeline, walk
from tradecalc.files import Stamp
from tradecalc.levers import TariffQuestion, kinds
from tradecalc.scenario.branches import Branch, check_sum
from tradecalc.scenario.edit import replaced
from tradecalc.scenario.words import SHORTEST, with_words
from tradecalc.terms import InputError

RECORDED: Final = ("origins", "wording", "heading", "base", "taken_over")
"""Fields that are recorded when a file is read, and that no file says."""


class WorldQuestion(Strict):
    """Which world the world engine solves, and what it holds fixed about trade balances."""

    name: str = "world-2014"
    closure: Literal["fixed", "balanced", "proportional"] = "fixed"


class Draws(Strict):
    """How many draws of the beliefs, and the seed that makes them repeatable."""

    n: int = Field(ge=0, le=1_000_000)
    seed: int = Field(ge=0)


class Scenario(Strict):
    """One question: the law of a day, every lever, and what is believed about the parameters.

    Beside the fields below there is one for each kind of lever: a mapping of names, or one entry or None. ``year`` asks
    about one calendar year: ramps and short-run elasticities count. Without it everything is in place and buyers have
    adjusted. ``branches`` make it a tree of other scenarios with probabilities. ``{partner}`` in a question is the
    partner of the account. ``title`` names it for people, ``short`` for figures and tables; a file that gives neither
    is called by its name. Recorded when read: ``wording`` and ``heading``, question and title as the file has them,
    ``base``, the shipped scenario that it extends, and ``taken_over``, the beliefs that were chosen for another
    partner, with that partner.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=3)
    short: str = Field(min_length=2, max_length=SHORTEST)
    question: str = Field(min_length=10)
    account: str
    engine: Literal["partial", "general"] = "partial"
    world: WorldQuestion = WorldQuestion()
    relative_to: str
    tariffs: TariffQuestion
    branches: dict[str, Branch] = Field(default_factory=dict)
    year: int | None = Field(default=None, ge=2000, le=2100)
    timeline: Timeline | None = None
    parameters: Parameters
    draws: Draws
    wording: str = ""
    heading: str = ""
    base: str = ""
    taken_over: dict[str, str] = Field(default_factory=dict)
    origins: tuple[Stamp, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        """Let a file leave out title and short."""
        return with_words(value)

    @field_validator("branches")
    @classmethod
    def _one(cls, branches: dict[str, Branch]) -> dict[str, Branch]:
        return check_sum(branches)

    @model_validator(mode="after")
    def _consistent(self) -> "Scenario":
        for kind in kinds():
            kind.check(kind.held(self))
        return self

    def replace(self, changes: Mapping[str, Any] | None = None, **fields: Any) -> "Scenario":
        """Return a scenario with some fields changed, checked as a file that says the same would be.

        A field is named with dots, ``replace({"tariffs.on": "2025-07-09"})``, or nested, ``replace(draws={"n": 50})``;
        mappings are merged key by key, everything else is replaced.

        Raises:
            InputError: what `load_scenario` says of such a file, without its line.
        """
        asked = {**(changes or {}), **fields}
        if found := [name for name in asked if name in RECORDED]:
            raise InputError(f"replace: {found[0]} is not a field here; it is recorded when read.")
        new: Scenario = replaced(self, asked)
        return new

    def beliefs(self) -> dict[str, Any]:
        """Return every distribution of the scenario by its dotted name, as sampled."""
        return {".".join(path): item for path, item in self.parts() if isinstance(item, KINDS)}

    def amounts(self) -> dict[str, float]:
        """Return the amounts that were named or stand for one, by dotted name: what `sweep` and `solve_for` move."""
        return {name: amount for kind in kinds() for name, amount in kind.amounts(self).items()}

    def references(self) -> list[str]:
        """Return the keys of all references that the scenario cites, in order, each once."""
        return list(dict.fromkeys(str(item) for path, item in self.parts() if path[-1] == "reference"))

    def parts(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Yield every belief and every reference below the levers and parameters, with the names that lead to it."""
        for name, parameter in self.parameters.items():
            yield from walk(parameter.belief, (name,))
        for field in (*(kind.field for kind in kinds() if kind.top), "branches"):
            yield from walk(getattr(self, field), (field,))


_OWN_FIELDS = frozenset(Scenario.__pydantic_fields__)


def scenario_class() -> type[Scenario]:
    """Return `Scenario` with a field for every kind of lever that there is now."""
    known = Scenario.__pydantic_fields__
    wanted = {kind.field: kind for kind in kinds() if kind.top and kind is not TariffQuestion}
    ours = frozenset(known) - _OWN_FIELDS
    if ours != frozenset(wanted):
        for field in ours - frozenset(wanted):
            del known[field]
        for field in wanted.keys() - ours:
            kind: Any = wanted[field]
            one = FieldInfo(annotation=kind | None, default=None)
            many = FieldInfo(annotation=dict[str, kind], default_factory=dict)
            known[field] = one if kind.single else many
        Scenario.model_rebuild(force=True)
    return Scenario


scenario_class()
