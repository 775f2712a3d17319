"""A scenario as a file would say it: plain values, and the text of them."""

import re
from datetime import date
from typing import Any

import yaml

from tradecalc.beliefs import ROLES

_NOT_TEXT = re.compile(r"true|false|null|~||[-+]?[0-9.]+([eE][-+]?[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RECORDED = {"wording", "heading", "base", "taken_over", "origins"}  # no file says them


def plain(scenario: Any, *, compact: bool = False) -> dict[str, Any]:
    """Return what a file would say of a scenario; ``compact``: without what it need not say."""
    said: dict[str, Any] = scenario.model_dump(by_alias=True, exclude=_RECORDED, exclude_defaults=compact)
    said["title"], said["question"] = scenario.heading or scenario.title, scenario.wording or scenario.question
    said["parameters"] = {name: _flat(name, item) for name, item in said["parameters"].items()}
    return {key: _simple(item) for key, item in said.items()}


def text_of(said: dict[str, Any]) -> str:
    """Return plain values as YAML in the strict dialect that is read here."""
    flow = None if any(isinstance(value, dict | list) for value in said.values()) else False
    written = yaml.dump(said, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True, default_flow_style=flow)
    return str(written)


def _flat(name: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter with its distribution beside it, without a role that its name gives."""
    out = {key: value for key, value in item.items() if value and key != "belief"}
    known = {role for roles in ROLES.values() for role in roles if name.startswith(role)}
    if max(known, key=len, default=None) == out.get("role"):
        del out["role"]
    flat: dict[str, Any] = out | item["belief"]
    return flat


def _simple(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _simple(item) for key, item in value.items()}
    return [_simple(item) for item in value] if isinstance(value, list | tuple) else value


class _Dumper(yaml.SafeDumper):
    """Writes no alias, and quotes what would be read as anything but text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if _NOT_TEXT.fullmatch(value) else None)


def _number(dumper: _Dumper, value: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", repr(float(value)))


def _day(dumper: _Dumper, value: date) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)
_Dumper.add_representer(date, _day)
