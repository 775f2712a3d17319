"""Where scenarios stand: shipped ones by name, own ones by path, each with what it takes over from another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tradecalc.files import data_root, read_yaml
from tradecalc.terms import InputError, nearest

Place = tuple[str | int, ...]
PARTNER = "{partner}"  # in a question: the partner of the account that it is asked of


class Read(NamedTuple):
    """A scenario as its files say it: the merged mapping, where each part stands, and the files, the base last.

    ``base_account`` is the account of the scenario that is extended, None where none is.
    """

    value: dict[str, Any]
    lines: dict[Place, int]
    places: dict[Place, tuple[str, int]]
    paths: tuple[Path, ...]
    base_account: str | None = None


def list_scenarios(account: str | None = None) -> list[str]:
    """Return the names of the shipped scenarios, or of those that rest on one account."""
    names = sorted(path.stem for path in (data_root() / "scenarios").glob("*.yaml"))
    return [name for name in names if account is None or read_scenario(scenario_path(name)).value["account"] == account]


def questions() -> Iterator[tuple[str, str]]:
    """Yield name and question of every shipped scenario; one that can be asked of every partner names none."""
    for name in list_scenarios():
        words = str(read_scenario(scenario_path(name)).value.get("question", ""))
        yield name, words.replace(PARTNER, "the partner")


def scenario_path(name_or_path: str | Path, *, near: Path | None = None) -> Path:
    """Return the file of a scenario: a path ending in .yaml as it stands, a name beside ``near`` or among the shipped.

    Raises:
        InputError: there is none; the nearest name is told.
    """
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


def read_scenario(path: Path) -> Read:
    """Return what a scenario file and the one that it extends say together.

    Mappings are merged key by key; everything else, lists and distributions included, is replaced.

    Raises:
        InputError: not a mapping, or a base that extends another itself.
    """
    name = path.name
    value, lines = read_yaml(path, name=name)
    if not isinstance(value, dict):
        raise InputError(f"{name}:1: a scenario is a mapping that starts with `name:`; got a {type(value).__name__}.")
    base_name = value.pop("extends", None)
    if base_name is None:
        return Read(value, lines, {place: (name, line) for place, line in lines.items()}, (path,))
    base_path = scenario_path(base_name, near=path)
    base, base_lines = read_yaml(base_path, name=base_path.name)
    if not isinstance(base, dict) or "extends" in base:
        raise InputError(
            f"{name}:{lines[('extends',)]}: {base_name!r} extends another scenario itself; one level is allowed."
        )
    files = ((base_path.name, base_lines), (name, lines))
    places = {place: (file, line) for file, part in files for place, line in part.items()}
    paths = (path, base_path)
    return Read(_merged(base, value), {**base_lines, **lines}, places, paths, base.get("account"))


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and "dist" not in value:
            value = _merged(old, value)
        merged[key] = value
    return merged
