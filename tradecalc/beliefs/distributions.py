"""What is believed of an uncertain number, and the references that say why."""

import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tradecalc.files import data_root, read_yaml, sha256, validate


class Strict(BaseModel):
    """A part of a scenario file: unknown fields are refused and nothing can be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class Fixed(Strict):
    """A belief without spread."""

    dist: Literal["fixed"]
    value: float
    reference: str

    @property
    def central(self) -> float:
        """Return the value."""
        return self.value

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the value twice."""
        return self.value, self.value


class Triangular(Strict):
    """A belief with a lowest, a most likely and a highest value, and ``zero``: the probability of exactly nothing.

    A triangle has no mass at its ends. Where nothing at all is an outcome of its own, ``zero`` gives it one; the
    triangle holds with the rest of the probability.
    """

    dist: Literal["triangular"]
    low: float
    mode: float
    high: float
    zero: float = Field(default=0.0, ge=0, lt=1)
    reference: str

    @model_validator(mode="after")
    def _ordered(self) -> "Triangular":
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise ValueError(
                f"low {self.low:g}, mode {self.mode:g}, high {self.high:g} must rise, with low below high; "
                "write `dist: fixed` for a belief without spread."
            )
        return self

    @property
    def central(self) -> float:
        """Return the mode; 0 where nothing is more likely than not."""
        return 0.0 if self.zero > 0.5 else self.mode

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the lowest and the highest value, 0 among them where it has a probability."""
        return (min(self.low, 0.0), max(self.high, 0.0)) if self.zero else (self.low, self.high)


class Lognormal(Strict):
    """A positive belief: the logarithm is normal around log(median) with standard deviation ``sigma``."""

    dist: Literal["lognormal"]
    median: float = Field(gt=0)
    sigma: float = Field(gt=0, lt=3)
    reference: str

    @property
    def central(self) -> float:
        """Return the median."""
        return self.median

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the 5th and the 95th percentile."""
        spread = math.exp(1.6448536269514722 * self.sigma)
        return self.median / spread, self.median * spread


class Chance(Strict):
    """A belief that something is so: 1 with a probability, else 0."""

    dist: Literal["chance"]
    probability: float = Field(ge=0, le=1)
    reference: str

    @property
    def central(self) -> float:
        """Return the more likely outcome, 1 where both are as likely."""
        return 1.0 if self.probability >= 0.5 else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the outcomes that can come: twice the same where it is certain."""
        return float(self.probability == 1), float(self.probability > 0)


Distribution = Annotated[Fixed | Triangular | Lognormal, Field(discriminator="dist")]
KINDS: Final = (Fixed, Triangular, Lognormal, Chance)


def walk(item: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every belief and every ``reference`` inside a part of a scenario, with the names that lead to it."""
    if isinstance(item, KINDS):
        yield path, item
    children: Any = ()
    if isinstance(item, Strict):
        children = [(name, getattr(item, name)) for name in type(item).model_fields]
    elif isinstance(item, dict):
        children = item.items()
    elif isinstance(item, tuple):
        children = [(str(i), child) for i, child in enumerate(item)]
    for name, child in children:
        if name == "reference" and child is not None:
            yield (*path, name), child
        else:
            yield from walk(child, (*path, str(name)))


def _amount(belief: Any) -> Any:
    if belief.bounds[0] < 0:
        raise ValueError(f"starts at {belief.bounds[0]:g}, but an amount or a rate is 0 or more.")
    return belief


def _share(belief: Any) -> Any:
    if not (belief.bounds[0] >= 0 and belief.bounds[1] <= 1):
        raise ValueError(f"runs from {belief.bounds[0]:g} to {belief.bounds[1]:g}, but a share lies in 0 to 1.")
    return belief


Amount = Annotated[Distribution, AfterValidator(_amount)]
Share = Annotated[Distribution, AfterValidator(_share)]


BOUNDS: Final = {
    "low": "lowest",
    "mode": "likeliest",
    "high": "highest",
    "zero": "chance of nothing",
    "probability": "probability",
}


class Reference(Strict):
    """Where a belief or an offer comes from; ``ours`` names the numbers of a belief that no source gives."""

    citation: str
    read_at: str
    confidence: Literal["high", "medium", "low"]
    status: Literal["published", "press", "derived", "assumed"]
    ours: tuple[Literal["low", "mode", "high", "zero", "probability"], ...] = ()
    note: str = ""

    def status_of(self, belief: Any) -> str:
        """Return the status of a belief that cites this, such as ``derived; likeliest and highest assumed``.

        Only numbers that the belief has count; where all of them are ours, it is ``assumed``.
        """
        has = [name for name in BOUNDS if hasattr(belief, name) and (name != "zero" or belief.zero)]
        ours = [BOUNDS[name] for name in has if name in self.ours]
        if self.status == "assumed" or not ours:
            return self.status
        if len(ours) == len(has):
            return "assumed"
        return f"{self.status}; {', '.join(ours[:-1]) + ' and ' if ours[1:] else ''}{ours[-1]} assumed"


class _References(Strict):
    references: dict[str, Reference]


def load_references() -> dict[str, Reference]:
    """Return the references that scenarios cite, by key.

    Raises:
        InputError: the file is missing or mistyped.
    """
    path = data_root() / "references.yaml"
    return dict(_references(path, sha256(path) if path.is_file() else ""))


@lru_cache(maxsize=8)
def _references(path: Path, _content: str) -> dict[str, Reference]:
    value, lines = read_yaml(path, name="data/references.yaml")
    return validate(_References, value, lines, name="data/references.yaml").references
