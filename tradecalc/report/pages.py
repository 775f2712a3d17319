"""What the report's own pages say: sources, assumptions, vocabulary and the provenance of the run."""

import hashlib
import platform
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from tradecalc import __version__
from tradecalc.files import Origin, data_files, data_root, read_origin, read_yaml, sha256, table_files
from tradecalc.report.markup import Grid, slug
from tradecalc.scenario import against, assumptions, list_scenarios, load_scenario
from tradecalc.terms import DIMENSIONS, VARIABLES

_LIBRARIES: Final = ("numpy", "pandas", "scipy", "numba", "xarray", "statsmodels", "matplotlib")


@dataclass(frozen=True)
class Source:
    """One data table and what its origin says."""

    path: str
    anchor: str
    origin: Origin
    columns: Grid


@dataclass(frozen=True)
class Rules:
    """One YAML file of the data folder: what it holds, its hash, the references that it cites or lists."""

    path: str
    anchor: str
    title: str
    note: str
    sha256: str
    cited: Markup
    references: Grid | None


def _relative(path: Path) -> str:
    return path.relative_to(data_root()).as_posix()


def sources() -> list[Source]:
    """Return every data table with its origin, in the order of their names."""
    return [
        Source(_relative(path), slug(_relative(path)), origin := read_origin(path), _columns(origin))
        for path in table_files()
    ]


def _columns(origin: Origin) -> Grid:
    rows = [
        (name, column.type, column.unit or "", column.definition + (" May be blank: not known." * column.blank))
        for name, column in origin.columns.items()
    ]
    return Grid.of(("column", "type", "unit", "definition"), rows, caption="Columns")


def rules() -> list[Rules]:
    """Return every YAML file that is not an origin: reference lists as tables, other files with links into them."""
    paths = [path for path in data_files("**/*.yaml") if not path.name.endswith(".origin.yaml")]
    contents = {path: read_yaml(path, name=f"data/{_relative(path)}")[0] for path in paths}
    lists = {path: listed for path, content in contents.items() if (listed := _listed(content))}
    return [_rules(path, content, lists) for path, content in contents.items()]


def _rules(path: Path, content: Any, lists: dict[Path, dict[str, Any]]) -> Rules:
    fields = content if isinstance(content, dict) and path not in lists else {}
    named = (
        str(fields[key]).replace("{partner}", "the partner")
        for key in ("title", "question", "name")
        if isinstance(fields.get(key), str)
    )
    nearest = sorted(lists, key=lambda other: (other.parent != path.parent, other))
    cited = []
    for key in _cited(content) if path not in lists else ():
        home = next((other for other in nearest if key in lists[other]), None)
        cited.append(Markup('<a href="#{}">{}</a>').format(_anchor(home, key), key) if home else Markup.escape(key))
    return Rules(
        path=(relative := _relative(path)),
        anchor=slug(relative),
        title=next(
            named, f"{path.stem.replace('-', ' ').capitalize()} of {relative.rpartition('/')[0] or 'scenarios'}"
        ),
        note=str(fields.get("note") or ""),
        sha256=sha256(path),
        cited=Markup(", ").join(cited),
        references=_references(path, lists[path]) if path in lists else None,
    )


def _listed(content: Any) -> dict[str, Any]:
    """Return the references that a file lists by key; empty where it lists none."""
    inner = content.get("references", content) if isinstance(content, dict) else {}
    lists = isinstance(inner, dict) and all(isinstance(v, dict) and "citation" in v for v in inner.values())
    return inner if lists else {}


def _cited(content: Any) -> list[str]:
    """Return the keys under every ``reference`` of a file, in order, each once."""
    found: list[str] = []
    if isinstance(content, dict):
        found += [v for k, v in content.items() if k == "reference" and isinstance(v, str)]
    for inner in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        found += _cited(inner)
    return list(dict.fromkeys(found))


def _anchor(path: Path, key: str) -> str:
    return f"{slug(_relative(path))}-{slug(key)}"


def _references(path: Path, listed: dict[str, Any]) -> Grid:
    """Return references as a table, a column for each field that any of them has."""
    fields = list(dict.fromkeys(name for item in listed.values() for name in item))
    rows = [
        (Markup('<span id="{}">{}</span>').format(_anchor(path, key), key), *(_shown(item.get(f)) for f in fields))
        for key, item in listed.items()
    ]
    return Grid.of(["key", *(name.replace("_", " ") for name in fields)], rows, caption="References in this file")


def _shown(value: Any) -> str | Markup:
    text = "" if value is None else str(value)
    if text.startswith(("https://", "http://")):
        return Markup('<a href="{0}">{0}</a>').format(text)
    return text


def scenarios() -> list[dict[str, str]]:
    """Return name, title, question, what it is measured against, and day of the law of every shipped scenario."""
    out = []
    for name in list_scenarios():
        asked = load_scenario(name)
        other = "" if asked.relative_to == name else against(asked)
        row = {"name": name, "title": asked.title, "question": asked.question}
        out.append(row | {"against": other, "on": str(asked.tariffs.on)})
    return out


def beliefs() -> Grid:
    """Return every distribution of every shipped scenario with its reference, what is merely assumed first.

    Scenarios that hold the same belief share a row.
    """
    held: dict[tuple[str, ...], list[str]] = {}
    for name in list_scenarios():
        for row in assumptions(load_scenario(name), path=True).to_dict("records"):
            numbers = (f"{row['central']:.4g}", f"{row['low']:.4g}\u00a0to\u00a0{row['high']:.4g}")
            told = (_breakable(str(row["parameter"])), str(row["holds for"]), *numbers)
            why = ". ".join(filter(None, (str(row["source"]), str(row["note"]))))
            held.setdefault((*told, str(row["status"]), why), []).append(load_scenario(name).short)
    every = [load_scenario(name).short for name in list_scenarios()]
    ranked = sorted(held.items(), key=lambda item: (item[0][4] != "assumed", "assumed" not in item[0][4]))
    rows = [(*row, _which(names, every)) for row, names in ranked]
    heads = ("parameter", "holds for", "central", "range", "status", "source", "scenarios")
    return Grid.of(heads, rows, caption="Every uncertain number of the shipped scenarios")


def _which(names: list[str], every: list[str]) -> str:
    """Return the scenarios of a row in words: those that hold it or, where they are fewer, those that do not."""
    without = [name for name in every if name not in names]
    if len(without) >= len(names):
        return ", ".join(names)
    return "all scenarios" + (f" but {', '.join(without)}" if without else "")


def _breakable(name: str) -> Markup:
    """Return a dotted name that may be broken after its dots and underscores."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(Markup.escape(name))))


def provenance() -> dict[str, str]:
    """Return what decides the numbers of a report besides the notebooks: versions and one hash over all data."""
    files = data_files()
    listing = "".join(f"{sha256(path)}  {_relative(path)}\n" for path in files)
    return {
        "tradecalc": __version__,
        "Python": platform.python_version(),
        "Libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
        "Data": f"{len(files)} files, together SHA-256 {hashlib.sha256(listing.encode()).hexdigest()}",
    }


def vocabulary_markdown() -> str:
    """Return docs/vocabulary.md: every dimension and every variable with unit, label and definition."""
    lines = [
        "# Vocabulary",
        "",
        "Generated from `tradecalc.variables` by `tradecalc.report.write_vocabulary`; edit the words there.",
        "",
        "## Dimensions",
        "",
        "| dimension | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in DIMENSIONS.items()),
        "",
        "## Variables",
        "",
        "| variable | label | unit | definition |",
        "|---|---|---|---|",
        *(f"| `{name}` | {v.label} | {v.unit} | {v.definition} |" for name, v in VARIABLES.items()),
        "",
    ]
    return "\n".join(lines)
