"""Where scenarios stand: shipped ones by name, own ones by path, each with what it takes over from another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tradecalc.files import data_root, read_yaml
from tradecalc.terms import InputError, nearest

Place = tuple[str | int, ...]
PARTNER = "{partner}"  # in a question: the partner of the account that it is asked of


class Read(NamedTuple):
    """A scenario as its files say it: the merged mapping, and where each part stands.

    ``paths`` are the files, each followed by what it extends; ``accounts`` is the account on which each of them rests,
    by the name of the file.
    """

    value: dict[str, Any]
    lines: dict[Place, int]
    places: dict[Place, tuple[str, int]]
    paths: tuple[Path, ...]
    accounts: dict[str, Any]


def list_scenarios(account: str | None = None) -> list[str]:
    """Return the names of the shipped scenarios, or of those that rest on one account."""
    names = sorted(path.stem for path in (data_root() / "scenarios").glob("*.yaml"))
    return [name for name in names if account is None or read_scenario(scenario_path(name)).value["account"] == account]


def questions() -> Iterator[tuple[str, str, str]]:
    """Yield name, title and question of every shipped scenario; one that can be asked of every partner names none."""
    for name in list_scenarios():
        said = read_scenario(scenario_path(name)).value
        title, question = (str(said.get(word, "")).replace(PARTNER, "the partner") for word in ("title", "question"))
        yield name, title, question


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
    """Return what a scenario file and all that it extends say together, the farthest base first.

    Mappings are merged key by key; everything else, lists and distributions included, is replaced. Title and short name
    belong to the file that gives them: one that has its own name does not take them over.

    Raises:
        InputError: not a mapping, or a file that extends itself, be it by way of others.
    """
    value, lines = read_yaml(path, name=path.name)
    return extended(value, lines, path)


def extended(value: Any, lines: dict[Place, int], path: Path, *, after: tuple[Path, ...] = ()) -> Read:
    """Return what was read of a file together with all that it extends; ``after``: the files that extend this one.

    Raises:
        InputError: as `read_scenario`.
    """
    name, way = path.name, (*after, path)
    if not isinstance(value, dict):
        raise InputError(f"{name}:1: a scenario is a mapping that starts with `name:`; got a {type(value).__name__}.")
    base_name = value.pop("extends", None)
    own = {place: (name, line) for place, line in lines.items()}
    if base_name is None:
        return Read(value, lines, own, (path,), {name: value.get("account")})
    base_path = scenario_path(base_name, near=path)
    if base_path.resolve() in [file.resolve() for file in way]:
        circle = " extends ".join(file.stem for file in (*way, base_path))
        raise InputError(f"{name}:{lines[('extends',)]}: {circle}, a circle; let one of them extend another scenario.")
    base = extended(*read_yaml(base_path, name=base_path.name), base_path, after=way)
    taken = {k: v for k, v in base.value.items() if k not in ("title", "short") or "name" not in value}
    shown = {place: spot for place, spot in base.places.items() if not place or place[0] in taken}
    kept = {place: line for place, line in base.lines.items() if not place or place[0] in taken}
    both = merged(taken, value)
    accounts = {**base.accounts, name: both.get("account")}
    return Read(both, {**kept, **lines}, {**shown, **own}, (path, *base.paths), accounts)


def merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return two mappings merged key by key, distributions and everything else replaced."""
    both = dict(base)
    for key, value in own.items():
        old = both.get(key)
        nested = isinstance(old, dict) and isinstance(value, dict) and "dist" not in value
        both[key] = merged(old, value) if nested else value  # type: ignore[arg-type]
    return both
