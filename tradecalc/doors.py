"""How a room opens its files on first use, so that a quick command stays quick."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late(door: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a door that opens its files on first use.

    Args:
        door: the room's ``__name__``.
        homes: the names that each file of the room, or another room by its full name, gives to others.
    """
    home = {name: file for file, names in homes.items() for name in names}

    def find(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {door!r} has no attribute {name!r}; it offers {', '.join(sorted(home))}")
        where = home[name] if "." in home[name] else f"{door}.{home[name]}"
        return getattr(import_module(where), name)

    return find
