"""The judge passes what `write_notebooks` wrote, and fails what differs; one small notebook is run for all."""

import base64
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from matplotlib.image import imread, imsave
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tradecalc.report.notebooks import read_notebook, write_notebooks

ROOT = Path(__file__).resolve().parent.parent.parent
DRAW = 'plots.picture(plots.curves(frame, xlabel="x", ylabel="y"))'
START = """\
import os, sys
import matplotlib
import pandas as pd
from tradecalc import plots
frame = pd.DataFrame({"a": [1.0, 2.0]}, index=[0.0, 1.0])
"""
WARN = "if 'STAY_CALM' not in os.environ: print('an old name', file=sys.stderr)"
NAMES = ("PYTHONHASHSEED", "TZ", "NUMBA_CPU_NAME", "PYTHONWARNINGS")
CELLS = {
    "start": START,
    "as stored": DRAW,
    "noise": DRAW,
    "table": DRAW,
    "look": DRAW,
    "description": DRAW,
    "text": "print('said')",
    "environment": f"print(*(os.environ.get(name) for name in {NAMES}))",
    "fonts": "print(matplotlib.rcParams['svg.hashsalt'], 'tradecalc-' in matplotlib.matplotlib_fname())",
    "warning": WARN,
    "warning beside an output that is not compared": f"# NBVAL_IGNORE_OUTPUT\n{WARN}",
}
PLACES = {name: index for index, name in enumerate(CELLS, start=1)}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Give what pytest says of a notebook whose stored outputs were changed after they were written."""
    path = tmp_path_factory.mktemp("judged") / "00_why.ipynb"
    cells = [new_markdown_cell("# Why?"), *map(new_code_cell, CELLS.values())]
    nbformat.write(new_notebook(cells=cells), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAY_CALM", "1")
        patch.setenv("NUMBA_CPU_NAME", "generic")
        write_notebooks([path])
    stored = read_notebook(path)
    outputs = {name: stored.cells[place].outputs for name, place in PLACES.items()}
    table = outputs["table"][0].metadata["image/png"]["table"]
    assert table == ["index,a", "0.0,1.0", "1.0,2.0"]
    table[2] = "1.0,2.000001"
    outputs["noise"][0].metadata["image/png"]["table"][2] = "1.0,1.99999999"
    data = outputs["look"][0].data
    buffer = io.BytesIO()
    imsave(buffer, imread(io.BytesIO(base64.b64decode(data["image/png"])))[..., ::-1][..., 1:], format="png")
    data["image/png"] = base64.b64encode(buffer.getvalue()).decode()
    outputs["description"][0].metadata["image/png"]["alt"] = "Curves."
    outputs["text"][0].text = "meant\n"
    nbformat.write(stored, path)
    command = ["-m", "pytest", "-p", "tests.notebooks.judge", "-p", "no:cacheprovider", "-p", "no:xdist", "-v"]
    command += ["--color=no", "-W", "default", "--nbval", "--nbval-current-env", str(path)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    environment |= {"NUMBA_CPU_NAME": "generic", "PYTHONHASHSEED": "7", "PYTHONWARNINGS": "ignore", "TZ": "Asia/Tokyo"}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.parametrize("name", ["start", "as stored", "noise", "environment", "fonts"])
def test_what_a_fresh_run_gives_passes(judged, name):
    assert re.search(rf"Cell {PLACES[name] - 1} PASSED", judged), judged


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("table", "the table of the figure, column 'a', row 2 ('1.0'): 2.000001 is stored, a fresh run gives 2.0."),
        ("look", "the figure looks different: "),
        ("description", "alternative text, line 1: 'Curves.' is stored, a fresh run gives 'Curves of y"),
        ("text", "stdout, line 1: 'meant' is stored, a fresh run gives 'said'."),
        ("warning", "wrote to stderr: 'an old name'"),
        ("warning beside an output that is not compared", "wrote to stderr: 'an old name'"),
    ],
)
def test_what_differs_fails_with_its_place(judged, name, told):
    assert re.search(rf"Cell {PLACES[name] - 1} FAILED", judged), judged
    assert f"00_why.ipynb, cell {PLACES[name] + 1} (In [{PLACES[name]}]): {told}" in judged


def test_nothing_else_is_told(judged):
    assert "6 failed, 5 passed" in judged
