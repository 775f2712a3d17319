"""A YAML file becomes one frozen, typed question: dates and beliefs, never a rate or a trade value that data hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd
from pydantic import Field, field_validator, model_validator

from tradecalc._beliefs import KINDS, Distribution, Reference, Strict, load_references, walk
from tradecalc._calendar import Timeline
from tradecalc._files import Stamp, data_root, read_yaml, stamp, validate
from tradecalc._goods import check_goods
from tradecalc._levers import LawChange, Pledge, Quota, TariffQuestion
from tradecalc._parameters import FX_ROLES, PARTNER_ROLES, TIME_ROLES, Parameter, one_belief_per_product, with_roles
from tradecalc._reforms import Barrier, Branch, ExchangeRate, Link, Localisation, Retaliation, check_sum, leaves
from tradecalc.terms import InputError, nearest

__all__ = [
    "Distribution",
    "LawChange",
    "Pledge",
    "Quota",
    "Reference",
    "Scenario",
    "TariffQuestion",
    "assumptions",
    "check_scenarios",
    "list_scenarios",
    "load_references",
    "load_scenario",
]

LEVERS: Final = ("pledges", "localisation", "barriers", "retaliation", "exchange_rate")


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

    ``year`` asks about one calendar year: ramps and short-run elasticities count. Without it everything is in place
    and buyers have adjusted. ``branches`` make it a tree of other scenarios with probabilities.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    question: str = Field(min_length=10)
    account: str
    engine: Literal["partial", "general"] = "partial"
    world: WorldQuestion = WorldQuestion()
    relative_to: str
    tariffs: TariffQuestion
    pledges: dict[str, Pledge] = Field(default_factory=dict)
    localisation: dict[str, Localisation] = Field(default_factory=dict)
    barriers: dict[str, Barrier] = Field(default_factory=dict)
    retaliation: dict[str, Retaliation] = Field(default_factory=dict)
    exchange_rate: ExchangeRate | None = None
    links: dict[str, Link] = Field(default_factory=dict)
    branches: dict[str, Branch] = Field(default_factory=dict)
    year: int | None = Field(default=None, ge=2000, le=2100)
    timeline: Timeline | None = None
    parameters: dict[str, Parameter]
    draws: Draws
    origins: tuple[Stamp, ...] = ()

    @field_validator("parameters", mode="before")
    @classmethod
    def _role_from_name(cls, value: Any) -> Any:
        """Let ``sigma_cars`` be a ``sigma``: the longest role that starts the name, where no role is written."""
        return with_roles(value)

    @field_validator("branches")
    @classmethod
    def _one(cls, branches: dict[str, Branch]) -> dict[str, Branch]:
        return check_sum(branches)

    @model_validator(mode="after")
    def _consistent(self) -> "Scenario":
        one_belief_per_product(self.parameters)
        promised: dict[str, str] = {}
        for name, pledge in self.pledges.items():
            for good in pledge.goods:
                if promised.get(good) == name:
                    raise ValueError(f"pledge {name!r} names {good} twice; once is enough.")
                if good in promised:
                    raise ValueError(
                        f"pledges {promised[good]!r} and {name!r} both name {good}, whose room they would count twice; "
                        "make them one pledge or name other goods."
                    )
                promised[good] = name
        return self

    def beliefs(self) -> dict[str, Any]:
        """Return every distribution of the scenario by its dotted name, as sampled."""
        return {".".join(path): item for path, item in self._parts() if isinstance(item, KINDS)}

    def amounts(self) -> dict[str, float]:
        """Return the amounts that were named or stand for one, by dotted name: what `sweep` and `solve_for` move."""
        said = {f"pledges.{name}.headline": pledge.headline.amount for name, pledge in self.pledges.items()}
        return said | {f"localisation.{name}.moved": plant.moved.amount for name, plant in self.localisation.items()}

    def references(self) -> list[str]:
        """Return the keys of all references that the scenario cites, in order, each once."""
        return list(dict.fromkeys(str(item) for path, item in self._parts() if path[-1] == "reference"))

    def _parts(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Yield every belief and every reference below the levers and parameters, with the names that lead to it."""
        for name, parameter in self.parameters.items():
            yield from walk(parameter.belief, (name,))
        for field in (*LEVERS, "links", "branches"):
            yield from walk(getattr(self, field), (field,))
        yield from walk(self.tariffs.quotas, ("tariffs", "quotas"))


def assumptions(scenario: Scenario, *, path: bool = False) -> pd.DataFrame:
    """Return what a scenario believes, what is merely assumed first: one row a distribution that its answer uses.

    Columns: parameter, holds for, central, low, high (percentiles 5 and 95 of a lognormal), source, status, note.

    Args:
        scenario: the question.
        path: with what only a path uses, as `Scenario.year` does.
    """
    known = load_references()
    rows: list[dict[str, Any]] = []
    for name, belief in scenario.beliefs().items():
        parameter, reference = scenario.parameters.get(name), known[belief.reference]
        if parameter and parameter.role in _idle(scenario, path=path):
            continue
        low, high = belief.bounds
        named = ", ".join(parameter.products + parameter.sectors) if parameter else "the lever"
        rows.append(
            {
                "parameter": name,
                "holds for": named or "all other products",
                "central": belief.central,
                "low": low,
                "high": high,
                "source": reference.citation,
                "status": reference.status,
                "note": reference.note,
            }
        )
    merely_assumed = [row for row in rows if row["status"] == "assumed"]
    return pd.DataFrame(merely_assumed + [row for row in rows if row["status"] != "assumed"])


def _idle(scenario: Scenario, *, path: bool) -> set[str]:
    """Return the roles of parameters that do not enter the answer of a scenario."""
    roles = {parameter.role for parameter in scenario.parameters.values()}
    moves_dollar = scenario.exchange_rate is not None or "dollar_offset" in roles
    sells = bool(scenario.pledges or scenario.barriers or scenario.retaliation) or moves_dollar
    idle = set() if sells else set(PARTNER_ROLES)
    idle |= set() if moves_dollar else set(FX_ROLES)
    return idle | (set() if path else {"front_loading"} if scenario.year else set(TIME_ROLES))


def list_scenarios(account: str | None = None) -> list[str]:
    """Return the names of the shipped scenarios, or of those that rest on one account."""
    names = sorted(path.stem for path in (data_root() / "scenarios").glob("*.yaml"))
    return [name for name in names if account is None or load_scenario(name).account == account]


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one from a YAML file.

    ``extends: NAME`` takes over another scenario, one level deep: mappings are merged key by key, everything else,
    lists and distributions included, is replaced.

    Raises:
        InputError: unknown name (with the nearest), or whatever is wrong in the file, each problem with its line.
    """
    path = _find(name_or_path)
    shown = path.name
    value, lines = read_yaml(path, name=shown)
    if not isinstance(value, dict):
        raise InputError(f"{shown}:1: a scenario is a mapping that starts with `name:`; got a {type(value).__name__}.")
    stamps = [stamp(path)]
    files = [(shown, lines)]
    base_name = value.pop("extends", None)
    if base_name is not None:
        base_path = _find(base_name, near=path)
        base, base_lines = read_yaml(base_path, name=base_path.name)
        if not isinstance(base, dict) or "extends" in base:
            raise InputError(
                f"{shown}:{lines[('extends',)]}: {base_name!r} extends another scenario itself; one level is allowed."
            )
        value = _merge(base, value)
        files.insert(0, (base_path.name, base_lines))
        lines = {**base_lines, **lines}
        stamps.append(stamp(base_path))
    if "origins" in value:
        raise InputError(f"{shown}:{lines[('origins',)]}: origins is not a field here; it is recorded when read.")
    scenario = validate(Scenario, value, lines, name=shown)
    check_goods(scenario, {place: (named, line) for named, part in files for place, line in part.items()})
    known = load_references()
    for key in scenario.references():
        if key not in known:
            raise InputError(
                f"{shown}: the reference {key!r} is not in data/references.yaml; add it there or cite "
                f"`assumed`.{nearest(key, set(known))}"
            )
    stamps.append(stamp(data_root() / "references.yaml"))
    return scenario.model_copy(update={"origins": tuple(stamps)})


def _find(name_or_path: str | Path, *, near: Path | None = None) -> Path:
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        path = Path(text)
        if not path.is_file():
            raise InputError(f"{text}: there is no such scenario file; check the path.")
        return path
    for folder in ([near.parent] if near else []) + [data_root() / "scenarios"]:
        path = folder / f"{text}.yaml"
        if "/" not in text and path.is_file():
            return path
    known = list_scenarios()
    raise InputError(
        f"{text!r} is not a shipped scenario; use one of {', '.join(known)}, or the path of a .yaml file."
        f"{nearest(text, known)}"
    )


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and "dist" not in value:
            value = _merge(old, value)
        merged[key] = value
    return merged


def check_scenarios() -> list[str]:
    """Return one sentence for each shipped scenario that does not load, and each reference that none cites."""
    found, cited = [], {"assumed"}
    for name in list_scenarios():
        try:
            scenario = load_scenario(name)
            cited |= set(scenario.references())
            if scenario.name != name:
                found.append(f"data/scenarios/{name}.yaml: its name is {scenario.name!r}; name and file must agree.")
            for other in (scenario.relative_to, *(end for _, _, end in leaves(scenario.branches))):
                _find(other)
        except InputError as err:
            found.append(str(err))
    unused = sorted(set(load_references()) - cited)
    return found + [f"data/references.yaml: {key!r} is cited by no scenario; remove it." for key in unused]
