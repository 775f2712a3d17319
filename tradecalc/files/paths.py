"""Where data live, what a file's content is called by, and files that are written whole or not at all."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HOME: Final = Path(__file__).resolve().parent.parent
_SETTLED_NS: Final = 2_000_000_000  # younger, a file may change within one tick of the clock
_KNOWN: dict[Path, tuple[tuple[int, ...], str]] = {}


@dataclass(frozen=True)
class Stamp:
    """A file that a run read: its path below the data folder and its SHA-256."""

    path: str
    sha256: str


def shipped(folder: str) -> Path:
    """Return a folder that travels with the package: beside it in a checkout, inside it when installed."""
    beside = _HOME.parent / folder
    return beside if (_HOME.parent / "pyproject.toml").is_file() and beside.is_dir() else _HOME / "_shipped" / folder


def data_root() -> Path:
    """Return the data folder: ``TRADECALC_DATA`` if set, else the one that travels with the package."""
    own = os.environ.get("TRADECALC_DATA")
    return Path(own) if own else shipped("data")


def data_files(pattern: str = "**/*") -> list[Path]:
    """Return the data files below the data folder, in the order of their names."""
    return sorted(p for p in data_root().glob(pattern) if p.is_file() and not p.name.startswith("."))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal.

    A file is read again unless the system says that nothing happened to it since it was hashed: same identity, size
    and both times, the later of them well before that hashing.
    """
    seen = path.stat()
    signature = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    known = _KNOWN.get(path)
    if known is not None and known[0] == signature:
        return known[1]
    now = time.time_ns()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if max(seen.st_mtime_ns, seen.st_ctime_ns) + _SETTLED_NS < now:
        _KNOWN[path] = (signature, digest)
    return digest


def stamp(path: Path) -> Stamp:
    """Return the provenance of a file: its path below the data folder (elsewhere its name alone) and its hash."""
    root = data_root().resolve()
    full = path.resolve()
    return Stamp(full.relative_to(root).as_posix() if full.is_relative_to(root) else path.name, sha256(path))


def shown(path: Path) -> str:
    """Return how messages call a file: below the data folder with its path, elsewhere by its name."""
    root = data_root()
    return f"data/{path.relative_to(root).as_posix()}" if path.is_relative_to(root) else path.name


def write_atomic(path: Path, content: str | bytes) -> Path:
    """Write a file whole or not at all, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(path)
    return path
