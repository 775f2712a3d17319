"""Strict YAML: no duplicate keys, no anchors, no guessed types, and a line number for every value."""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tradecalc.files.paths import sha256
from tradecalc.terms import InputError, nearest

Lines = dict[tuple[str | int, ...], int]
T = TypeVar("T", bound=BaseModel)

_SCALARS = (
    (re.compile(r"true|false"), lambda text: text == "true"),
    (re.compile(r"null|~|"), lambda _: None),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)"), int),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat),
)


_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")}


class _Loader(yaml.SafeLoader):
    """Compose nodes only; the types are decided in ``_value``."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call, unused-ignore]
            raise InputError(f"{self.name}:{mark.line + 1}: aliases are not allowed; write the value out.")
        return super().compose_node(parent, index)  # type: ignore[no-any-return, unused-ignore]


def parse_yaml(text: str, *, name: str) -> tuple[Any, Lines]:
    """Return the value of a YAML text and the line on which each part of it stands.

    Only ``true``, ``false``, ``null``, decimal numbers and ISO dates are anything but text.

    Raises:
        InputError: not YAML, a duplicate key (both lines are named), an alias, a tag, or an impossible date.
    """
    try:
        loader = _Loader(text)
        loader.name = name
        node = loader.get_single_node()
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(err, "problem", None) or str(err).splitlines()[0]
        raise InputError(f"{where}: this is not YAML ({problem}); check indentation, quotes and colons.") from None
    except RecursionError:
        raise InputError(f"{name}: nested too deeply; flatten the file.") from None
    if node is None:
        raise InputError(f"{name}: the file is empty; write at least its `name:`.")
    lines: Lines = {}
    try:
        return _value(node, (), lines, name), lines
    except RecursionError:
        raise InputError(f"{name}: nested too deeply; flatten the file.") from None


def _value(node: yaml.Node, at: tuple[str | int, ...], lines: Lines, name: str) -> Any:
    line = node.start_mark.line + 1
    lines[at] = line
    if node.tag not in _TAGS:
        raise InputError(f"{name}:{line}: the tag {node.tag!r} is not allowed; write plain values.")
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*at, i), lines, name) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, at, lines, name)
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, line, name)


def _mapping(node: yaml.MappingNode, at: tuple[str | int, ...], lines: Lines, name: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    first: dict[str, int] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError(f"{name}:{line}: a key must be a plain word; a list or mapping was found.")
        key = str(key_node.value)
        if key in first:
            raise InputError(f"{name}:{line}: the key {key!r} stands already on line {first[key]}; keep one of them.")
        first[key] = line
        out[key] = _value(child, (*at, key), lines, name)
        lines[(*at, key)] = line
    return out


def _scalar(node: yaml.ScalarNode, line: int, name: str) -> Any:
    text = str(node.value)
    if node.style is not None:  # quoted or block: text as it stands
        return text
    for pattern, convert in _SCALARS:
        if pattern.fullmatch(text):
            try:
                value = convert(text)
            except ValueError:
                raise InputError(f"{name}:{line}: {text!r} is no day of the calendar; write YYYY-MM-DD.") from None
            if value in (float("inf"), float("-inf")):
                raise InputError(f"{name}:{line}: {text} is too large for a number.")
            return value
    return text


def validate(model: type[T], value: Any, lines: Lines, *, name: str) -> T:
    """Return ``value`` as a ``model``; every problem of the file is named at once, each with its line.

    Raises:
        InputError: what pydantic found, in our words, one line a problem.
    """
    try:
        return model.model_validate(value)
    except ValidationError as err:
        problems = [_sentence(detail, model, lines, name) for detail in err.errors()]
        raise InputError("\n".join(dict.fromkeys(problems))) from None
    except RecursionError:
        raise InputError(f"{name}: nested too deeply; flatten the file.") from None


def _sentence(detail: Any, model: type[BaseModel], lines: Lines, name: str) -> str:
    location = tuple(detail["loc"])
    # pydantic adds the tag of a union to the location; keep only steps that exist in the file
    at: tuple[str | int, ...] = ()
    for step in location:
        if (*at, step) in lines:
            at = (*at, step)
    missing = detail["type"] == "missing"
    field = ".".join(str(step) for step in ((*at, location[-1]) if missing and location else at)) or "the file"
    where = f"{name}:{lines.get(at, 1)}"
    got = detail.get("input")
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: {field} is not a field here.{nearest(str(at[-1]), _fields(model))}"
        case "missing":
            return f"{where}: {field} is missing; add it."
        case "union_tag_invalid":
            expected = str(detail["ctx"]["expected_tags"]).replace("'", "")
            tag = str(detail["ctx"]["discriminator"]).strip("'")
            return f"{where}: {field}: {detail['ctx']['tag']!r} is not a {tag}; use one of {expected}."
        case "union_tag_not_found":
            tag = str(detail["ctx"]["discriminator"]).strip("'")
            return f"{where}: {field} needs `{tag}:`, which says its kind."
        case "value_error":
            return f"{where}: {field}: {detail['ctx']['error']}"
        case "literal_error":
            return f"{where}: {field}: {got!r} is not allowed; use {detail['ctx']['expected']}."
        case _:
            shown = repr(got) if not isinstance(got, dict | list) else type(got).__name__
            return f"{where}: {field}: {detail['msg'][0].lower()}{detail['msg'][1:]} (got {shown[:80]})."


def _fields(model: type[BaseModel], seen: frozenset[Any] = frozenset()) -> set[str]:
    """Return the field names of a model and of every model inside it, for suggestions."""
    if model in seen:
        return set()
    names = {field.alias or name for name, field in model.model_fields.items()}
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            names |= _fields(inner, seen | {model})
    return names


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]


def read_yaml(path: Path, *, name: str | None = None) -> tuple[Any, Lines]:
    """Return the value of a YAML file and its lines; see `parse_yaml`.

    What was parsed once is kept by the content of the file; the value is a copy and the caller's own.

    Raises:
        InputError: the file cannot be read as UTF-8 text, or `parse_yaml` refuses it.
    """
    shown = name or path.name
    try:
        value, lines = _parsed(path, sha256(path), shown)
    except (OSError, UnicodeDecodeError) as err:
        reason = err.strerror if isinstance(err, OSError) else "it is not UTF-8 text"
        raise InputError(f"{shown}: the file cannot be read ({reason}).") from None
    return _copied(value), dict(lines)


@lru_cache(maxsize=256)
def _parsed(path: Path, _content: str, name: str) -> tuple[Any, Lines]:
    return parse_yaml(path.read_text(encoding="utf-8"), name=name)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
