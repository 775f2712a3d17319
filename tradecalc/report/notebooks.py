"""Notebooks run in a fresh kernel, written without anything volatile, and compared with what is committed."""

import asyncio
import base64
import hashlib
import io
import json
import os
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tradecalc.files import shipped, write_atomic
from tradecalc.terms import TradecalcError

if TYPE_CHECKING:
    from nbformat import NotebookNode

PARALLEL: Final = 2
TIMEOUT_SECONDS: Final = 600
_SAME_EVERYWHERE: Final = {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "TZ": "UTC",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
}
_LONGEST_SOCKET: Final = 80
_LEFT_OUT: Final = ("PYTHONWARNINGS", "PYTHONSTARTUP", "PYTEST_CURRENT_TEST")
_MATPLOTLIBRC: Final = "font.family: DejaVu Sans\nsvg.hashsalt: tradecalc\n"
_METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class NotebookError(TradecalcError):
    """A notebook cannot be read, run or shown; the message names the notebook and the cell."""


def notebook_paths() -> list[Path]:
    """Return the notebooks that travel with the package, in the order of their numbers."""
    return sorted(shipped("notebooks").glob("*.ipynb"))


def read_notebook(path: Path) -> "NotebookNode":
    """Return a notebook as it is stored.

    Raises:
        NotebookError: no such file, or not a notebook.
    """
    import nbformat

    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        for i, cell in enumerate(raw["cells"]):
            cell.setdefault("id", hashlib.sha256(f"{path.name} {i}".encode()).hexdigest()[:8])
        raw["nbformat_minor"] = max(5, int(raw["nbformat_minor"]))
        notebook: NotebookNode = nbformat.reads(json.dumps(raw), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except OSError as err:
        raise NotebookError(f"{path.name}: the notebook cannot be read ({err.strerror}); check the path.") from None
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as err:
        reason = (str(err).splitlines() or [type(err).__name__])[0][:120]
        raise NotebookError(f"{path.name}: not a notebook ({reason}); save it again from JupyterLab.") from None
    return notebook


def execute(path: Path) -> "NotebookNode":
    """Return a notebook after running all its cells in a fresh kernel, without anything volatile in it.

    Hash seed, time zone, thread counts and fonts are fixed; the kernel is this interpreter, whatever else is installed.

    Raises:
        NotebookError: a cell failed, wrote to stderr, took too long or killed its kernel.
    """
    return execute_all([path])[0]


def execute_all(paths: Iterable[Path]) -> "list[NotebookNode]":
    """Return the notebooks after `execute`, two at a time, each in its own process."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(_execute, paths))


def _execute(path: Path) -> "NotebookNode":
    notebook = read_notebook(path)
    _run(notebook, path)
    return _normalise(notebook, path)


def write_notebooks(paths: Iterable[Path] | None = None) -> list[Path]:
    """Run notebooks and write their outputs; return those whose file changed. None takes all that are shipped.

    A figure whose pixels did not change keeps its stored bytes.
    """
    chosen = list(notebook_paths() if paths is None else paths)
    written = []
    for path, fresh in zip(chosen, execute_all(chosen), strict=True):
        _keep_figures(read_notebook(path), fresh)
        text = _text(fresh)
        if text != path.read_text(encoding="utf-8"):
            written.append(write_atomic(path, text))
    return written


def check_notebooks(paths: Iterable[Path] | None = None) -> list[str]:
    """Return one sentence for each difference between the stored outputs and those of a fresh run.

    Text must agree to the letter and figures to the pixel; a file must also be as `write_notebooks` writes it.
    """
    chosen = list(notebook_paths() if paths is None else paths)
    found = []
    for path, fresh in zip(chosen, execute_all(chosen), strict=True):
        stored = read_notebook(path)
        differences = _differences(path.name, stored, fresh)
        _keep_figures(stored, fresh)
        if not differences and _text(fresh) != path.read_text(encoding="utf-8"):
            differences = [f"{path.name}: not as `tradecalc notebooks` writes it; run that command and commit."]
        found += differences
    return found


def _run(notebook: "NotebookNode", path: Path) -> None:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    at = [0]
    with tempfile.TemporaryDirectory(prefix="tradecalc-", ignore_cleanup_errors=True) as home:
        rc = Path(home, "matplotlibrc")
        rc.write_text(_MATPLOTLIBRC)
        environment = {k: v for k, v in os.environ.items() if k not in _LEFT_OUT} | _SAME_EVERYWHERE
        environment |= {"IPYTHONDIR": home, "MATPLOTLIBRC": str(rc)}
        client = NotebookClient(
            notebook,
            km=AsyncKernelManager(
                kernel_name="python3",
                kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),  # none installed: ipykernel's own, this Python
                connection_file=str(Path(home, "kernel.json")),
                transport="ipc" if os.name == "posix" and len(home) < _LONGEST_SOCKET else "tcp",
            ),
            timeout=TIMEOUT_SECONDS,
            coalesce_streams=True,
            record_timing=False,
            resources={"metadata": {"path": str(path.resolve().parent)}},
            on_cell_start=lambda cell, cell_index: at.__setitem__(0, cell_index),
        )
        try:
            asyncio.run(client.async_execute(env=environment, cleanup_kc=True))
        except CellExecutionError as err:
            last = (str(err.evalue).strip().splitlines() or [_failing_line(str(err.traceback))])[-1]
            problem = f"{err.ename}: {last}" if last else err.ename
        except CellTimeoutError:
            problem = f"it took more than {TIMEOUT_SECONDS} seconds"
        except DeadKernelError:
            problem = "its kernel died"
        else:
            return
    where = _where(path.name, notebook, at[0])
    raise NotebookError(f"{where}: {problem}; nothing was written; run the notebook in JupyterLab (`make lab`).")


def _failing_line(traceback: str) -> str:
    """Return the line of the cell at which a traceback points, for an error that says nothing itself."""
    found = re.search(r"^-+> *\d+ (.*)$", re.sub(r"\x1b\[[0-9;]*m", "", traceback), re.MULTILINE)
    return found.group(1).strip() if found else ""


def _where(name: str, notebook: "NotebookNode", index: int) -> str:
    return f"{name}, cell {index + 1} (In [{sum(c.cell_type == 'code' for c in notebook.cells[: index + 1])}])"


def _normalise(notebook: "NotebookNode", path: Path) -> "NotebookNode":
    notebook.metadata = _METADATA
    count = 0
    for index, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": list(tags)} if tags else {}
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            output.pop("transient", None)
            if output.output_type == "execute_result":
                output.execution_count = count
            if output.output_type == "stream" and output.name == "stderr":
                said = (output.text.strip().splitlines() or [""])[-1]
                where = _where(path.name, notebook, index)
                raise NotebookError(f"{where}: wrote to stderr: {said!r}; mend the cause, or say it as output.")
    return notebook


def _text(notebook: "NotebookNode") -> str:
    import nbformat

    return str(nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]


def _pairs(stored: "NotebookNode", fresh: "NotebookNode") -> "list[tuple[int, list[Any], list[Any]]]":
    """Return the code cells that both have at the same place with the same source: index and both lists of outputs."""
    both = enumerate(zip(stored.cells, fresh.cells, strict=False))
    return [
        (i, old.outputs, new.outputs)
        for i, (old, new) in both
        if old.cell_type == new.cell_type == "code" and old.source == new.source
    ]


def _keep_figures(stored: "NotebookNode", fresh: "NotebookNode") -> None:
    """Put the stored bytes of every unchanged figure into ``fresh``: encoders differ, pixels do not."""
    for _, before, after in _pairs(stored, fresh):
        for old, new in zip(before, after, strict=False):
            was, now = old.get("data", {}).get("image/png"), new.get("data", {}).get("image/png")
            if was and now and was != now and not _pixels_differ(was, now):
                new.data["image/png"] = was


def _differences(name: str, stored: "NotebookNode", fresh: "NotebookNode") -> list[str]:
    found = []
    for i, before, after in _pairs(stored, fresh):
        where = _where(name, fresh, i)
        if len(before) != len(after):
            found.append(f"{where}: {len(before)} outputs are stored, a fresh run gives {len(after)}.")
            continue
        for old, new in zip(before, after, strict=True):
            found += [f"{where}: {problem}" for problem in _compare(_content(old), _content(new))]
    return found


def _content(output: Any) -> dict[str, str]:
    if output.output_type == "stream":
        return {output.name: output.text}
    kinds = {kind: value if isinstance(value, str) else json.dumps(value) for kind, value in output.data.items()}
    alt = output.metadata.get("image/png", {}).get("alt")
    return kinds | ({"alternative text": alt} if alt is not None else {})


def _compare(old: dict[str, str], new: dict[str, str]) -> list[str]:
    if old.keys() != new.keys():
        return [f"stored as {', '.join(sorted(old))}, a fresh run gives {', '.join(sorted(new))}."]
    found: Iterable[str] = (_figure(old[k], new[k]) if k == "image/png" else _line(k, old[k], new[k]) for k in old)
    return [problem for problem in found if problem]


def _line(kind: str, old: str, new: str) -> str:
    if old == new:
        return ""
    before, after = old.splitlines(), new.splitlines()
    at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    was, now = (repr(lines[at][:100]) if at < len(lines) else "nothing" for lines in (before, after))
    return f"{kind}, line {at + 1}: {was} is stored, a fresh run gives {now}."


def _figure(old: str, new: str) -> str:
    difference = "" if old == new else _pixels_differ(old, new)
    return f"the figure differs: {difference}." if difference else ""


def _pixels_differ(old: str, new: str) -> str:
    import numpy as np
    from matplotlib.image import imread

    try:
        was, now = (np.asarray(imread(io.BytesIO(base64.b64decode(x)))) for x in (old, new))
    except (OSError, ValueError, SyntaxError):
        return "the stored image cannot be decoded"
    if was.shape != now.shape:
        sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (was, now)]
        return f"it is stored as {sizes[0]} pixels, a fresh run gives {sizes[1]}"
    moved = int((was != now).any(axis=-1).sum())
    return f"{moved} of {was.shape[0] * was.shape[1]} pixels" if moved else ""
