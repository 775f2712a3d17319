"""Estimates are data: dated files that say what was fitted, by which command, from which bytes, and how surely."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tradecalc.evidence.structural import month
from tradecalc.files import data_files, data_root, read_yaml, sha256, shown, validate, write_atomic
from tradecalc.terms import InputError

_FOLDER: Final = "estimates"
_PREFIX: Final = "no-change-us-japan"
_HEAD: Final = "# Written by `tradecalc estimate`; do not edit it, run its command again.\n"
_MONTH: Final = "[0-9]{4}-(?:0[1-9]|1[0-2])"
_NAMED: Final = re.compile(f"{_PREFIX}-({_MONTH})-to-({_MONTH})-on-[0-9-]{{10}}.yaml")

Month = Annotated[str, Field(pattern=f"^{_MONTH}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Parameter(_Strict):
    """A variance, in squared logarithms, and its standard error; none where the estimate is zero, its bound."""

    estimate: float = Field(ge=0)
    standard_error: float | None = Field(gt=0)

    @model_validator(mode="after")
    def _bound(self) -> "Parameter":
        if (self.estimate == 0) != (self.standard_error is None):
            raise ValueError("a standard error is null where the estimate is 0, its bound, and nowhere else.")
        return self


class Parameters(_Strict):
    """Variances of the disturbances of one flow."""

    irregular: Parameter
    level: Parameter
    season: Parameter


class Fit(_Strict):
    """What was estimated for one flow, and what is weak about it."""

    series: str
    parameters: Parameters
    log_likelihood: float
    converged: Literal[True]
    weaknesses: tuple[str, ...] = Field(min_length=1)


class Flows(_Strict):
    """The two flows of the bilateral account."""

    exports: Fit
    imports: Fit


class Sample(_Strict):
    """First and last month used."""

    since: Month
    until: Month


class Source(_Strict):
    """The table that was used: its path below the data folder and the hash of its bytes."""

    path: Literal["history/us-japan-monthly.csv"]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class NoChangeEstimate(_Strict):
    """The parameters of the no-change path of one sample, as its file states them."""

    what: str
    command: str
    day: date
    packages: dict[str, str]
    sample: Sample
    input: Source
    specification: str
    unit: Literal["squared logarithms"]
    flows: Flows

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: flow, parameter, estimate and standard error (NaN at a bound)."""
        return pd.DataFrame(
            [
                {"flow": flow, "parameter": name, **parameter.model_dump()}
                for flow, fit in self.flows
                for name, parameter in fit.parameters
            ]
        ).astype({"estimate": float, "standard_error": float})


def command(sample: Sample) -> str:
    """Return the command that estimates a sample."""
    return f"tradecalc estimate --since {sample.since} --until {sample.until}"


def read_estimate(*, since: str, until: str) -> NoChangeEstimate:
    """Return the newest stored estimate of a sample.

    Args:
        since: first month used, YYYY-MM.
        until: last month used, YYYY-MM.

    Raises:
        InputError: none is stored (those that are get named), its file is mistyped, or its input has changed since.
    """
    first, last = (str(month(text, asked="read_estimate")) for text in (since, until))
    sample = Sample(since=first, until=last)
    files = _files(sample)
    if not files:
        known = " and ".join(f"of {s.since} to {s.until}" for s in _samples())
        others = f", only {known}" if known else ""
        raise InputError(f"no estimate of {first} to {last} is stored{others}; run `{command(sample)}`.")
    return _unchanged(files[-1], _read(files[-1]))


def write_estimate(estimate: NoChangeEstimate, path: Path | None = None) -> Path:
    """Write an estimate whole or not at all, and return where.

    Args:
        estimate: what to write.
        path: a .yaml file; the default is the place below the data folder where `read_estimate` looks.

    Raises:
        InputError: the file is not named .yaml or cannot be written.
    """
    path = data_root() / _FOLDER / _name(estimate) if path is None else path
    if path.suffix != ".yaml" or path.is_dir():
        raise InputError(f"--out {path}: an estimate is written to a file whose name ends in .yaml.")
    text = yaml.safe_dump(estimate.model_dump(), sort_keys=False, allow_unicode=True, width=110)
    try:
        return write_atomic(path, _HEAD + text)
    except OSError as err:
        raise InputError(f"{path}: the estimate cannot be written ({err.strerror}); choose another --out.") from None


def check_estimates() -> list[str]:
    """Return one sentence for each estimate that is mistyped or misnamed, and each newest one whose input changed."""
    found = []
    newest = {files[-1] for files in map(_files, _samples())}
    for path in data_files(f"{_FOLDER}/*"):
        try:
            estimate = _read(path)
            if path in newest:
                _unchanged(path, estimate)
        except InputError as err:
            found.append(str(err))
    return found


def _name(estimate: NoChangeEstimate) -> str:
    return f"{_PREFIX}-{estimate.sample.since}-to-{estimate.sample.until}-on-{estimate.day}.yaml"


def _files(sample: Sample) -> list[Path]:
    """Return the files of a sample, the newest last."""
    return data_files(f"{_FOLDER}/{_PREFIX}-{sample.since}-to-{sample.until}-on-*.yaml")


def _samples() -> list[Sample]:
    """Return the samples that have an estimate, by the names of their files."""
    found = {match.groups() for path in data_files(f"{_FOLDER}/*") if (match := _NAMED.fullmatch(path.name))}
    return [Sample(since=since, until=until) for since, until in sorted(found)]


def _read(path: Path) -> NoChangeEstimate:
    value, lines = read_yaml(path, name=shown(path))
    estimate = validate(NoChangeEstimate, value, lines, name=shown(path))
    if path.name != _name(estimate):
        raise InputError(f"{shown(path)}: by its sample and day its name is {_name(estimate)}; rename it.")
    return estimate


def _unchanged(path: Path, estimate: NoChangeEstimate) -> NoChangeEstimate:
    """Return an estimate whose input is still the one that it was made from."""
    table = data_root() / estimate.input.path
    found = sha256(table) if table.is_file() else "no file"
    if found != estimate.input.sha256:
        raise InputError(
            f"{shown(path)}: its input {shown(table)} has changed since (sha256 {estimate.input.sha256[:12]} then, "
            f"{found[:12]} now); run `{command(estimate.sample)}`."
        )
    return estimate
