"""What a run leaves behind: arrays with names, units and origins; save, load, summarise."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from tradecalc.files import Stamp, write_atomic
from tradecalc.scenario import Scenario, as_yaml, scenario_class
from tradecalc.terms import VARIABLES, InputError

_FORMAT = 1
_HEADLINE = (
    "deficit_change_usd_bn",
    "deficit_change_vs_account_usd_bn",
    "imports_change_usd_bn",
    "exports_change_usd_bn",
    "duty_change_usd_bn",
    "consumer_gain_usd_bn",  # this and the next two: market engine
    "exporter_surplus_change_usd_bn",
    "quota_rent_usd_bn",
    "diverted_usd_bn",
    "real_income_change_usd_bn",  # this and the rest: world engine
    "overall_goods_deficit_change_usd_bn",
    "overall_deficit_change_usd_bn",
)


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to one scenario.

    Attributes:
        scenario: the question, with every belief.
        central: variables at the central beliefs; dimensions among product, pledge, step.
        draws: the same variables with a leading ``draw``, and the sampled ``parameter`` values; empty without draws.
        channels: what each lever contributes, over ``channel``; sums to ``deficit_change_usd_bn``; the rule is named
            in ``channels.attrs["rule"]``. ``draws["channel_usd_bn"]`` holds the same by draw.
        diagnostics: one row a draw: converged, iterations, residual.
        account: name, vintage, reporter, partner, year and published totals of the account.
        origins: files read, with SHA-256.
        version: of the package.
        solve_path: solves the path where it is asked for first; None in a result that was loaded.
    """

    scenario: Scenario
    central: xr.Dataset
    draws: xr.Dataset
    channels: xr.DataArray
    diagnostics: pd.DataFrame
    account: dict[str, Any]
    origins: tuple[Stamp, ...]
    version: str
    solve_path: "Callable[[], Result] | None" = field(default=None, repr=False)

    @property
    def deficit_change_usd_bn(self) -> float:
        """Return the central change in the deficit against ``relative_to``, in USD bn; negative narrows."""
        return float(self.central["deficit_change_usd_bn"])

    @property
    def deficit_change_vs_account_usd_bn(self) -> float:
        """Return the central change in the deficit against the account's own year and law, in USD bn."""
        return float(self.central["deficit_change_vs_account_usd_bn"])

    @property
    def failed_draws(self) -> int:
        """Return how many draws did not converge; they are NaN in ``draws`` and left out of intervals."""
        return int((~self.diagnostics["converged"]).sum())

    @property
    def narrows_in(self) -> float:
        """Return the share of draws that converged in which the deficit narrows; NaN without draws.

        Of a tree, the probability over outcomes and draws together, not the share of draws of their expectation.
        """
        if not self.draws.sizes.get("draw"):
            return float("nan")
        tree = "branch_deficit_change_usd_bn" in self.draws
        drawn = self.draws["branch_deficit_change_usd_bn" if tree else "deficit_change_usd_bn"].to_numpy()
        drawn = drawn[~np.isnan(drawn.reshape(len(drawn), -1)).any(axis=1)]
        share = (drawn < 0.0).mean(axis=0) if len(drawn) else np.nan
        return float(share @ self.central["branch_probability"].to_numpy()) if tree else float(share)

    def interval(self, variable: str, *, level: float = 0.9) -> tuple[float, float]:
        """Return the central interval of a scalar variable over the draws that converged; NaN without any.

        Raises:
            InputError: no such variable, or a level outside 0 to 1.
        """
        if variable not in self.central or self.central[variable].ndim:
            raise InputError(
                f"interval: {variable!r} is not a scalar of the result; use one of {', '.join(_HEADLINE)}."
            )
        if not 0 < level < 1:
            raise InputError(f"interval: level is {level:g}; a share between 0 and 1 is allowed.")
        if not self.draws.sizes.get("draw") or np.isnan(self.draws[variable]).all():
            return float("nan"), float("nan")
        low, high = np.nanquantile(self.draws[variable], [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def path(self, *, by: str = "year") -> pd.DataFrame:
        """Return the path by "year" or "month": one row a period, USD bn at annual rates.

        Columns: deficit_change_usd_bn with p5 and p95 over draws, deficit_usd_bn, duty_usd_bn, and the average
        tariff on the partner in the scenario and in its reference (fractions at the account's imports). A year that is
        solved by months is their mean; months exist for those years only.

        Raises:
            InputError: no timeline in the scenario, a result saved without its path, or ``by`` is something else.
        """
        if "path_deficit_change_usd_bn" not in self.central:
            if self.solve_path is None:
                raise InputError(
                    f"path: {self.scenario.name} was saved without one; use run(..., path=True) and save that."
                )
            return self.solve_path().path(by=by)
        if by not in ("year", "month"):
            raise InputError(f"path: by is {by!r}; 'year' and 'month' are allowed.")
        names = pd.Series(self.central["period"].to_numpy(), dtype=str)
        months = (names.str.len() > 4).to_numpy()
        label = names.where(months) if by == "month" else names.str[:4]
        columns = {
            "deficit_change_usd_bn": "path_deficit_change_usd_bn",
            "deficit_usd_bn": "path_deficit_usd_bn",
            "duty_usd_bn": "path_duty_usd_bn",
            "rate": "path_rate",
            "rate_reference": "path_rate_reference",
        }
        groups = [(period, np.flatnonzero(label == period)) for period in dict.fromkeys(label.dropna())]
        drawn = self.draws["path_deficit_change_usd_bn"].to_numpy()
        rows = []
        for period, at in groups:
            row = {"period": period} | {c: float(self.central[v].to_numpy()[at].mean()) for c, v in columns.items()}
            spread = drawn[:, at].mean(axis=1)
            low, high = np.nanquantile(spread, [0.05, 0.95]) if len(spread) else (np.nan, np.nan)
            rows.append(row | {"p5": float(low), "p95": float(high)})
        order = ["period", "deficit_change_usd_bn", "p5", "p95", *list(columns)[1:]]
        return pd.DataFrame(rows)[order].set_index("period")

    def summary(self) -> pd.DataFrame:
        """Return the headline variables: central value, 5th and 95th percentile, unit and label."""
        rows = []
        for name in (n for n in _HEADLINE if n in self.central):
            low, high = self.interval(name)
            word = VARIABLES[name]
            rows.append((name, word.label, float(self.central[name]), low, high, word.unit))
        return pd.DataFrame(rows, columns=["variable", "label", "central", "p5", "p95", "unit"]).set_index("variable")

    def tidy(self) -> pd.DataFrame:
        """Return every central value as one row: variable, its dimensions, value, unit."""
        parts = []
        dataset = self.central.assign(channel_usd_bn=self.channels)
        for name, array in dataset.data_vars.items():
            frame = (
                array.to_dataframe(name="value").reset_index()
                if array.ndim
                else pd.DataFrame({"value": [array.item()]})
            )
            unit = VARIABLES[str(name)].unit if name in VARIABLES else "USD bn"
            parts.append(frame.assign(variable=str(name), unit=unit))
        tidy = pd.concat(parts, ignore_index=True)
        dimensions = dict.fromkeys(str(dim) for array in dataset.data_vars.values() for dim in array.dims)
        return tidy[["variable", *dimensions, "value", "unit"]]

    def save(self, path: str | Path) -> Path:
        """Write the result to one file and return its path; `load_result` reads it back unchanged."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (("meta.json", self._meta()), ("arrays.npz", self._arrays())):
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
        return write_atomic(Path(path), buffer.getvalue())

    def _meta(self) -> str:
        meta = {
            "format": _FORMAT,
            "version": self.version,
            "scenario": self.scenario.model_dump(mode="json"),
            "account": self.account,
            "origins": [[s.path, s.sha256] for s in self.origins],
            "rule": self.channels.attrs["rule"],
            "coords": {
                f"{part}.{dim}": [str(v) for v in data[dim].to_numpy()]
                for part, data in self._parts().items()
                for dim in data.coords
            },
            "dims": {
                f"{part}.{n}": list(a.dims) for part, data in self._parts().items() for n, a in data.data_vars.items()
            },
        }
        return json.dumps(meta, indent=1, sort_keys=True, default=str)

    def _parts(self) -> dict[str, xr.Dataset]:
        return {"central": self.central, "draws": self.draws, "channels": self.channels.to_dataset(name="channels")}

    def _arrays(self) -> bytes:
        arrays = {
            f"{part}.{n}": a.to_numpy() for part, data in self._parts().items() for n, a in data.data_vars.items()
        }
        arrays |= {f"diagnostics.{c}": self.diagnostics[c].to_numpy() for c in self.diagnostics}
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    def to_yaml(self) -> str:
        """Return the question as the text of a scenario file that loads to the same scenario."""
        return as_yaml(self.scenario)

    def __eq__(self, other: object) -> bool:
        """Return whether every input and every number is the same."""
        if not isinstance(other, Result):
            return NotImplemented
        return self._meta() == other._meta() and all(
            self._parts()[part].identical(other._parts()[part]) for part in self._parts()
        )

    def __hash__(self) -> int:
        """Return a hash of the inputs."""
        return hash(self._meta())

    def __repr__(self) -> str:
        """Return one line: scenario, change in the deficit, draws."""
        change = self.deficit_change_usd_bn
        return f"<Result {self.scenario.name}: deficit {change:+.2f} USD bn, {len(self.diagnostics)} draws>"


def annotate(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with unit and label of every registered variable in its attributes."""
    for name, array in dataset.data_vars.items():
        if name in VARIABLES:
            array.attrs = {"units": VARIABLES[str(name)].unit, "long_name": VARIABLES[str(name)].label}
    return dataset


def load_result(path: str | Path) -> Result:
    """Return a result that `Result.save` wrote.

    Raises:
        InputError: no such file, not a result, damaged, or written by an unknown format.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            meta = json.loads(archive.read("meta.json"))
            arrays = dict(np.load(io.BytesIO(archive.read("arrays.npz")), allow_pickle=False))
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file; give the path that `save` returned.") from None
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError):
        raise InputError(f"{path.name}: not a saved result, or damaged; run the scenario again.") from None
    if meta.get("format") != _FORMAT:
        raise InputError(f"{path.name}: written as format {meta.get('format')}; this version reads {_FORMAT}.")
    parts = {}
    for part in ("central", "draws", "channels"):
        coords = {k.split(".", 1)[1]: v for k, v in meta["coords"].items() if k.startswith(part + ".")}
        data = {k.split(".", 1)[1]: (v, arrays[k]) for k, v in meta["dims"].items() if k.startswith(part + ".")}
        parts[part] = annotate(xr.Dataset(data, coords=coords))
    channels = parts["channels"]["channels"].rename(None)
    channels.attrs["rule"] = meta["rule"]
    diagnostics = {k.split(".", 1)[1]: v for k, v in arrays.items() if k.startswith("diagnostics.")}
    return Result(
        scenario=scenario_class().model_validate_json(json.dumps(meta["scenario"])),
        central=parts["central"],
        draws=parts["draws"],
        channels=channels,
        diagnostics=pd.DataFrame(diagnostics),
        account=meta["account"],
        origins=tuple(Stamp(*s) for s in meta["origins"]),
        version=meta["version"],
    )
