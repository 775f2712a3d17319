"""Notebooks run in a fresh kernel, written without anything volatile, and compared with what is committed."""

import asyncio
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tradecalc.files import shipped, write_atomic
from tradecalc.report.compare import keep_figures, notebook_differences, place
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

    A figure keeps what is stored of it where its table and its look did not change, whatever processor draws it.
    """
    chosen = list(notebook_paths() if paths is None else paths)
    written = []
    for path, fresh in zip(chosen, execute_all(chosen), strict=True):
        keep_figures(read_notebook(path), fresh)
        text = _text(fresh)
        if text != path.read_text(encoding="utf-8"):
            written.append(write_atomic(path, text))
    return written


def check_notebooks(paths: Iterable[Path] | None = None) -> list[str]:
    """Return one sentence for each difference between the stored outputs and those of a fresh run.

    They are compared as compare.py says; a file must also be as `write_notebooks` writes it.
    """
    chosen = list(notebook_paths() if paths is None else paths)
    found = []
    for path, fresh in zip(chosen, execute_all(chosen), strict=True):
        stored = read_notebook(path)
        differences = notebook_differences(path.name, stored, fresh)
        keep_figures(stored, fresh)
        if not differences and _text(fresh) != path.read_text(encoding="utf-8"):
            differences = [f"{path.name}: not as `tradecalc notebooks` writes it; run that command and commit."]
        found += differences
    return found


def kernel_environment(home: Path) -> dict[str, str]:
    """Return the environment of a kernel, and write its matplotlibrc into an empty folder ``home``, its IPython's too.

    Hash seed, time zone, thread counts and fonts are the same everywhere; what names a processor passes through.
    """
    rc = home / "matplotlibrc"
    rc.write_text(_MATPLOTLIBRC)
    inherited = {k: v for k, v in os.environ.items() if k not in _LEFT_OUT}
    return inherited | _SAME_EVERYWHERE | {"IPYTHONDIR": str(home), "MATPLOTLIBRC": str(rc)}


def is_as_written(path: Path) -> bool:
    """Return whether a file is what `write_notebooks` writes of its cells and outputs; nothing is run.

    Raises:
        NotebookError: not a notebook, or its outputs hold a warning.
    """
    return _text(_normalise(read_notebook(path), path)) == path.read_text(encoding="utf-8")


def _run(notebook: "NotebookNode", path: Path) -> None:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    at = [0]
    with tempfile.TemporaryDirectory(prefix="tradecalc-", ignore_cleanup_errors=True) as home:
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
            asyncio.run(client.async_execute(env=kernel_environment(Path(home)), cleanup_kc=True))
        except CellExecutionError as err:
            last = (str(err.evalue).strip().splitlines() or [_failing_line(str(err.traceback))])[-1]
            problem = f"{err.ename}: {last}" if last else err.ename
        except CellTimeoutError:
            problem = f"it took more than {TIMEOUT_SECONDS} seconds"
        except DeadKernelError:
            problem = "its kernel died"
        else:
            return
    where = place(path.name, notebook, at[0])
    raise NotebookError(f"{where}: {problem}; nothing was written; run the notebook in JupyterLab (`make lab`).")


def _failing_line(traceback: str) -> str:
    """Return the line of the cell at which a traceback points, for an error that says nothing itself."""
    found = re.search(r"^-+> *\d+ (.*)$", re.sub(r"\x1b\[[0-9;]*m", "", traceback), re.MULTILINE)
    return found.group(1).strip() if found else ""


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
                where = place(path.name, notebook, index)
                raise NotebookError(f"{where}: wrote to stderr: {said!r}; mend the cause, or say it as output.")
    return notebook


def _text(notebook: "NotebookNode") -> str:
    import nbformat

    return str(nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]
