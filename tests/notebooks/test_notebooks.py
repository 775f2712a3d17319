"""What every committed notebook must be.

The first cell is Markdown: ``# The question?`` and one paragraph on who asks and why it is not obvious. Then exactly
these second-level headings, in this order (``## Figure`` may be left out; ``###`` is free below each):

    ## What we assume               a table rendered from the scenario or the account
    ## What we expect               sign and rough order, in words, before computing
    ## Compute                      few short cells, calls to the package
    ## Figure                       optional: `tradecalc.plots.picture(ax)`
    ## Reading                      ``Markdown(f"...")`` with numbers and verbs from ``tradecalc.report.say``
    ## Check                        asserts
    ## What this cannot tell you    bullets, each with the direction of the bias

Code cells with the tag ``headline`` (cell metadata ``{"tags": ["headline"]}``) have their outputs, in order, repeated
on the first page of the report. The first notebook has at least one, and one of them shows a table.

Nothing is run here: nbval runs every cell and compares what it gives with what is stored, see judge.py.
"""

import json
import re
from itertools import pairwise

import pytest

from tradecalc.report.notebooks import is_as_written, notebook_paths, read_notebook

NOTEBOOKS = notebook_paths()
SECTIONS = ["What we assume", "What we expect", "Compute", "Figure", "Reading", "Check", "What this cannot tell you"]
OPTIONAL = "Figure"
QUANTITY = re.compile(
    r"(?<![\w.\[#-])\d[\d,.]*\s*"
    r"(?:%|percent|per cent|bn|billion|million|mn|trillion|pp|percentage points|units|cars)"
)
MACHINE = re.compile(r"/(?:home|root|tmp|usr|work|Users)/|[A-Z]:\\\\|\b0x[0-9a-f]{6,}\b|Traceback \(most recent|\x1b\[")
each = pytest.mark.parametrize("notebook", [read_notebook(p) for p in NOTEBOOKS], ids=[p.stem for p in NOTEBOOKS])


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize(
    "typed", ["it is 3.2 bn", "1.37 million cars", "15%", "12,000 units", "two or 3 percentage points"]
)
def test_the_pattern_catches_a_typed_quantity(typed):
    assert QUANTITY.search(typed)


@pytest.mark.parametrize("fine", ["in 2024", "HS 8703", "with sigma = 4", "section 232", "[1] percentile"])
def test_the_pattern_lets_a_year_and_a_code_pass(fine):
    assert not QUANTITY.search(fine)


def test_there_are_notebooks():
    assert NOTEBOOKS


@each
def test_no_markdown_cell_types_a_quantity(notebook):
    typed = [match.group() for text in prose(notebook) for match in QUANTITY.finditer(text)]
    assert not typed, "compute it: Markdown(f'...') with tradecalc.report.say"


@each
def test_the_sections_stand_in_order(notebook):
    lines = [line for text in prose(notebook) for line in text.splitlines()]
    titles = [line[2:] for line in lines if line.startswith("# ")]
    assert len(titles) == 1
    assert titles[0].endswith("?"), "the title is the question"
    assert lines[0].startswith("# ")
    assert any(line.strip() for line in prose(notebook)[0].splitlines()[1:]), "a paragraph follows the question"
    found = [line[3:] for line in lines if line.startswith("## ")]
    assert found in (SECTIONS, [s for s in SECTIONS if s != OPTIONAL])


@each
def test_no_heading_level_is_skipped(notebook):
    levels = [len(m.group(1)) for text in prose(notebook) for m in re.finditer(r"^(#+) ", text, re.MULTILINE)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@each
def test_every_cell_was_run_in_order(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(cell.source.strip() for cell in code), "an empty cell"


@each
def test_cells_are_short_and_define_nothing(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not re.search(r"^\s*(def|class) ", cell.source, re.MULTILINE), "move it into the package"
            assert cell.source.count("\n") < 16


@each
def test_something_is_checked(notebook):
    checks = [c.source for c in notebook.cells if c.cell_type == "code" and "assert " in c.source]
    assert checks


@each
def test_every_figure_is_described(notebook):
    for output in outputs(notebook):
        if "image/png" in output.get("data", {}):
            assert len(output.metadata.get("image/png", {}).get("alt", "")) > 20


@each
def test_every_figure_carries_the_table_it_was_drawn_from(notebook):
    for output in outputs(notebook):
        if "image/png" in output.get("data", {}):
            assert len(output.metadata["image/png"]["table"]) > 1, "draw it with tradecalc.plots"


@each
def test_outputs_show_no_machine_and_no_failure(notebook):
    for output in outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        text = json.dumps({k: v for k, v in output.get("data", {}).items() if k != "image/png"}) + output.get(
            "text", ""
        )
        assert not MACHINE.search(text)


def test_few_outputs_are_exempt_from_comparison():
    ignored = sum(path.read_text(encoding="utf-8").count("NBVAL_IGNORE_OUTPUT") for path in NOTEBOOKS)
    assert ignored <= 2, "for timings only"


def test_the_first_notebook_answers_on_the_first_page():
    tagged = [c for c in read_notebook(NOTEBOOKS[0]).cells if "headline" in c.metadata.get("tags", [])]
    assert tagged, "tag the cells that answer the question with `headline`"
    assert any("text/html" in output.get("data", {}) for cell in tagged for output in cell.outputs), "one is a table"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_file_is_as_the_command_writes_it(path):
    assert is_as_written(path), "outputs are written by `tradecalc notebooks` and by nothing else"
