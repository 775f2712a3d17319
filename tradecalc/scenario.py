"""A YAML file becomes one frozen, typed question: dates and beliefs, never a rate or a trade value that data hold."""

import math
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, field_validator, model_validator

from tradecalc._beliefs import Distribution, Reference, Strict, load_references
from tradecalc._files import Stamp, data_root, read_yaml, stamp, validate
from tradecalc._levers import LawChange, Pledge, Quota, TariffQuestion
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

ROLES = ("sigma", "sigma_home", "eta", "supply", "pass_through", "rent_to_exporter")
WORLD_ROLES = ("theta", "theta_scale")


class Parameter(Strict):
    """One uncertain number of the model and the products it holds for (none named: all that no other names).

    ``theta`` is a trade elasticity of the world engine and names ``sectors`` instead of products; ``theta_scale`` is a
    factor on the elasticities of all goods that no ``theta`` names.
    """

    role: Literal["sigma", "sigma_home", "eta", "supply", "pass_through", "rent_to_exporter", "theta", "theta_scale"]
    products: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    belief: Distribution

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        """Accept the distribution beside ``role`` and ``products``, as files write it."""
        if not isinstance(value, dict) or "belief" in value:
            return value
        own = {key: value[key] for key in ("role", "products", "sectors") if key in value}
        return {**own, "belief": {key: item for key, item in value.items() if key not in own}}

    @model_validator(mode="after")
    def _in_range(self) -> "Parameter":
        low, high = self.belief.bounds
        ceiling = 1.0 if self.role in ("pass_through", "rent_to_exporter") else math.inf
        if low < 0 or high > ceiling:
            allowed = "0 to 1" if ceiling == 1 else "0 or more"
            raise ValueError(f"{self.role} runs from {low:g} to {high:g}, but {allowed} is allowed.")
        if self.role in WORLD_ROLES and low == 0:
            raise ValueError(f"{self.role} starts at 0, but a trade elasticity is above 0.")
        if bool(self.sectors) != (self.role == "theta") or (self.products and self.role in WORLD_ROLES):
            raise ValueError(f"{self.role}: `sectors:` belongs to a theta, and `products:` to the market engine.")
        return self


class WorldQuestion(Strict):
    """Which world the world engine solves, and what it holds fixed about trade balances."""

    name: str = "world-2014"
    closure: Literal["fixed", "balanced", "proportional"] = "fixed"


class Draws(Strict):
    """How many draws of the beliefs, and the seed that makes them repeatable."""

    n: int = Field(ge=0, le=1_000_000)
    seed: int = Field(ge=0)


class Scenario(Strict):
    """One question: the law of a day, the pledges, and what is believed about the parameters."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    question: str = Field(min_length=10)
    account: str
    engine: Literal["partial", "general"] = "partial"
    world: WorldQuestion = WorldQuestion()
    relative_to: str
    tariffs: TariffQuestion
    pledges: dict[str, Pledge] = Field(default_factory=dict)
    parameters: dict[str, Parameter]
    draws: Draws
    origins: tuple[Stamp, ...] = ()

    @field_validator("parameters", mode="before")
    @classmethod
    def _role_from_name(cls, value: Any) -> Any:
        """Let ``sigma_cars`` be a ``sigma``: the longest role that starts the name, where no role is written."""
        if not isinstance(value, dict):
            return value
        out = {}
        for name, item in value.items():
            role = max((r for r in (*ROLES, *WORLD_ROLES) if str(name).startswith(r)), key=len, default=None)
            named = isinstance(item, dict) and "role" not in item and role is not None
            out[name] = {"role": role, **item} if named else item
        return out

    @model_validator(mode="after")
    def _one_belief_per_product(self) -> "Scenario":
        seen: dict[tuple[str, str], str] = {}
        for name, parameter in self.parameters.items():
            for product in parameter.products or parameter.sectors or ("every other product",):
                key = (parameter.role, product)
                if key in seen:
                    raise ValueError(
                        f"parameters {seen[key]!r} and {name!r} both give {parameter.role} for {product}; keep one."
                    )
                seen[key] = name
        for role in ("sigma", "eta"):
            if (role, "every other product") not in seen:
                raise ValueError(f"no parameter gives {role} for the products that none names; add one without a list.")
        return self

    def beliefs(self) -> dict[str, Any]:
        """Return every distribution of the scenario by its dotted name, as sampled."""
        out: dict[str, Any] = {name: parameter.belief for name, parameter in self.parameters.items()}
        for name, pledge in self.pledges.items():
            for field in (
                "contracted_usd_bn",
                "would_have_come_usd_bn",
                "additionality",
                "capacity_usd_bn",
                "diversion",
            ):
                belief = getattr(pledge, field)
                if belief is not None:
                    out[f"pledges.{name}.{field}"] = belief
        return out

    def references(self) -> list[str]:
        """Return the keys of all references that the scenario cites, in order, each once."""
        keys = [belief.reference for belief in self.beliefs().values()]
        keys += [pledge.reference for pledge in self.pledges.values()]
        keys += [quota.reference for quota in self.tariffs.quotas]
        return list(dict.fromkeys(keys))


def assumptions(scenario: Scenario) -> pd.DataFrame:
    """Return what a scenario believes, what is merely assumed first: one row a distribution.

    Columns: parameter, holds for, central, low, high (percentiles 5 and 95 of a lognormal), source, status, note.
    """
    known = load_references()
    rows: list[dict[str, Any]] = []
    for name, belief in scenario.beliefs().items():
        parameter, reference = scenario.parameters.get(name), known[belief.reference]
        low, high = belief.bounds
        named = ", ".join(parameter.products + parameter.sectors) if parameter else "the pledge"
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


def list_scenarios() -> list[str]:
    """Return the names of the shipped scenarios."""
    return sorted(path.stem for path in (data_root() / "scenarios").glob("*.yaml"))


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
    base_name = value.pop("extends", None)
    if base_name is not None:
        base_path = _find(base_name, near=path)
        base, base_lines = read_yaml(base_path, name=base_path.name)
        if not isinstance(base, dict) or "extends" in base:
            raise InputError(
                f"{shown}:{lines[('extends',)]}: {base_name!r} extends another scenario itself; one level is allowed."
            )
        value = _merge(base, value)
        lines = {**base_lines, **lines}
        stamps.append(stamp(base_path))
    if "origins" in value:
        raise InputError(f"{shown}:{lines[('origins',)]}: origins is not a field here; it is recorded when read.")
    scenario = validate(Scenario, value, lines, name=shown)
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
            _find(scenario.relative_to)
        except InputError as err:
            found.append(str(err))
    unused = sorted(set(load_references()) - cited)
    return found + [f"data/references.yaml: {key!r} is cited by no scenario; remove it." for key in unused]
