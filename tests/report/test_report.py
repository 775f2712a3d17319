"""The report: what sentences say, what Markdown and outputs become, and that a site is whole or not there."""

import base64
import io
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tradecalc.files import data_files, shipped
from tradecalc.report import say, table, write_report, write_vocabulary
from tradecalc.report.cells import notebook_page
from tradecalc.report.markup import Grid, Links, code, markdown, parse_html
from tradecalc.report.notebooks import NotebookError, check_notebooks, execute, read_notebook, write_notebooks
from tradecalc.report.pages import beliefs, vocabulary_markdown
from tradecalc.terms import InputError, TradecalcError

LINKS = Links(["methods.html", "01_other.html"], ["history/x.csv"])


# --- what sentences say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "verb"), [(-8.1, "narrows"), (8.1, "widens"), (0.0, "does not move"), (-0.04, "does not move")]
)
def test_the_verb_follows_the_sign(change, verb):
    assert say.moves(change) == verb


def test_the_threshold_is_a_choice():
    assert say.moves(-0.04, threshold=0.01) == "narrows"


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (-8.14, "USD 8.1 bn"),
        (68.5, "USD 68.5 bn"),
        (148.2086, "USD 148.2 bn"),
        (1206.4, "USD 1,206 bn"),
        (0.754, "USD 0.75 bn"),
        (0.996, "USD 1.0 bn"),
        (0.001, "less than USD 0.01 bn"),
        (0, "USD 0 bn"),
        (3e-17, "USD 0 bn"),
    ],
)
def test_an_amount_in_words(x, words):
    assert say.usd_bn(x) == words


def test_a_signed_amount():
    assert say.usd_bn(-8.1, signed=True) == "USD −8.1 bn"
    assert say.usd_bn(np.float64(8.1), signed=True) == "USD +8.1 bn"


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (-8.1, 68.5, "12 %"),
        (1, 68.5, "1.5 %"),
        (0.0001, 68.5, "less than 0.1 %"),
        (99.97, 100, "more than 99.9 %"),
        (2, 1, "200 %"),
        (0, 5, "0 %"),
        (-3e-17, 5, "0 %"),
        (0.575, 1, "58 %"),
        (np.nextafter(0.575, 0), 1, "58 %"),
    ],
)
def test_a_share_in_words(part, whole, words):
    assert say.share(part, whole) == words


def test_a_share_of_draws():
    assert say.share_of_draws(np.arange(100) < 97) == "97 % of draws"
    assert say.share_of_draws([True, True]) == "all draws"
    assert say.share_of_draws([False]) == "none of the draws"
    assert say.share_of_draws([1.0, np.nan, 0.0]) == "50 % of draws"


@pytest.mark.parametrize(
    "call",
    [
        lambda: say.usd_bn(float("nan")),
        lambda: say.moves("much"),
        lambda: say.share(1, 0),
        lambda: say.share_of_draws([]),
    ],
)
def test_what_cannot_be_said_is_refused(call):
    with pytest.raises(InputError, match=r"say\."):
        call()


# --- tables -------------------------------------------------------------------------------------------------------


def test_a_table_carries_labels_units_and_dashes():
    frame = pd.DataFrame(
        {"deficit_change_usd_bn": [-8.123, np.nan], "cars": [1_370_000, 12], "said": ["a", None]},
        index=pd.Index(["one", "two"], name="scenario"),
    )
    made = table(frame, caption="What changes")
    assert made.head == ("scenario", "Change in the bilateral goods deficit (USD bn)", "cars", "said")
    assert made.body == (("one", "−8.12", "1,370,000", "a"), ("two", "–", "12", "–"))
    assert "<caption>What changes</caption>" in made._repr_html_()
    assert repr(made).splitlines()[1].startswith("one")


def test_a_table_rounds_a_column_alike_and_hides_a_plain_count():
    made = table([{"value": 39467.81, "year": 2024}, {"value": -0.001, "year": 2025}], digits=1)
    assert made.body == (("39,468", "2024"), ("0", "2025"))
    assert table([{"x": -0.001}]).body == (("0.00",),)
    assert table([{"x": x} for x in (9.715, np.nextafter(9.715, 0), -9.715)]).body == (("9.72",), ("9.72",), ("−9.72",))
    assert table([{"x": np.nextafter(1000, 0)}]).body == (("1,000",),)


def test_what_pandas_writes_becomes_a_plain_table():
    frame = pd.DataFrame({"x": [1.5, None], "y": ["<b>", "b"]}, index=pd.Index(["one", "two"], name="case"))
    (grid,) = parse_html(frame._repr_html_())
    assert isinstance(grid, Grid)
    assert [str(c.html) for c in grid.head[0]] == ["case", "x", "y"]
    assert [c.scope for c in grid.body[0]] == ["row", "", ""]
    assert [c.kind for c in grid.body[0]] == ["line", "number", ""]
    assert str(grid.body[1][1].html) == "–"
    assert str(grid.body[0][2].html) == "&lt;b&gt;"


def test_script_style_links_and_images_do_not_pass():
    parts = parse_html('<p onclick="x()">a<script>alert(1)</script><a href="//x.org">b</a><img src="//x.org/c"></p>')
    assert parts == ["<p>ab</p>"]


# --- Markdown and code --------------------------------------------------------------------------------------------


def test_markdown_has_anchors_formulas_and_marked_tables():
    html, headings = markdown("# A B\n\n## A B\n\n$x^2$ and USD 8 bn, $8 to $7\n\n|a|\n|-|\n|1|\n", links=LINKS)
    assert [(h.level, h.anchor) for h in headings] == [(1, "a-b"), (2, "a-b-2")]
    assert html.count("<math") == 1
    assert "$8 to $7" in html
    assert '<th scope="col">' in html
    assert 'tabindex="0"' in html


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("01_other.ipynb", "01_other.html"),
        ("../docs/methods.md#draws", "methods.html#draws"),
        ("../data/history/x.csv", "sources.html#history-x-csv"),
        ("#draws", "#draws"),
        ("https://example.org/a", "https://example.org/a"),
        ("../tradecalc/partial.py", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
    ],
)
def test_links_lead_into_the_site_or_nowhere(href, found):
    assert LINKS.resolve(href) == found


def test_raw_html_is_text_and_an_image_is_refused():
    assert "&lt;b&gt;" in markdown("<b>x</b>", links=LINKS)[0]
    with pytest.raises(NotebookError, match="show it as an output"):
        markdown("![x](https://example.org/x.png)", links=LINKS)


def test_a_broken_formula_is_named():
    with pytest.raises(NotebookError, match="cannot be read"):
        markdown(r"$$\frac{1}{$$", links=LINKS)


def test_code_is_highlighted_and_escaped():
    assert "&lt;" in code("a < b  # why")


# --- from cells to a page -----------------------------------------------------------------------------------------


def png(text="x"):
    buffer = io.BytesIO()
    figure = Figure(figsize=(2, 1))
    figure.text(0.1, 0.5, text)
    figure.savefig(buffer, format="png", dpi=50)
    return base64.b64encode(buffer.getvalue()).decode()


def notebook(*outputs, source="1", first="# Why?\n\nBecause."):
    cell = new_code_cell(source, execution_count=1, outputs=list(outputs))
    return new_notebook(cells=[new_markdown_cell(first), cell])


def shown(**data):
    return new_output("display_data", {k.replace("_", "/"): v for k, v in data.items()})


def test_a_page_has_question_lead_and_blocks():
    page = notebook_page(notebook(shown(text_markdown="It *widens*.")), "00_x", LINKS)
    assert (page.title, page.lead) == ("Why?", "Because.")
    assert [b.kind for b in page.blocks] == ["prose", "prose", "code"]


def test_a_described_figure_is_kept():
    output = shown(image_png=png())
    output.metadata = {"image/png": {"alt": "One word in a box."}}
    page = notebook_page(notebook(output), "00_x", LINKS)
    (figure,) = [b for b in page.blocks if b.kind == "figure"]
    assert (figure.alt, figure.width, figure.height) == ("One word in a box.", 100, 50)
    assert list(page.images) == ["00_x-figure-1.png"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (notebook(shown(image_png=png())), "cell 2: the figure has no description"),
        (
            notebook(new_output("stream", name="stderr", text="a\nFutureWarning: b\n")),
            "cell 2: warns: 'FutureWarning: b'",
        ),
        (notebook(new_output("error", ename="KeyError", evalue="x")), "cell 2: ended in KeyError"),
        (notebook(shown(**{"application_x": "{}"})), "cell 2: shows application/x"),
        (notebook(first="no title"), "cell 1: a notebook starts with"),
    ],
)
def test_what_a_page_cannot_show_is_named(made, told):
    with pytest.raises(NotebookError, match=rf"00_x\.ipynb, {told}"):
        notebook_page(made, "00_x", LINKS)


def test_assertions_are_counted_for_the_reader():
    page = notebook_page(notebook(source="assert a\nassert b"), "00_x", LINKS)
    assert "2 statements were tested when this notebook ran; all hold." in page.blocks[1].html


# --- running notebooks --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A notebook as a person saves it, after `write_notebooks`."""
    path = tmp_path_factory.mktemp("notebooks") / "00_why.ipynb"
    draw = (
        "import matplotlib.pyplot as plt\nfrom tradecalc import plots\nax = plt.figure(figsize=(2, 1)).subplots()\n"
        "ax.set_label('An empty box between zero and one.')\nplots.picture(ax)"
    )
    cells = [
        new_markdown_cell("# Why?\n\nBecause."),
        new_code_cell("import os\nprint(os.environ['PYTHONHASHSEED'], hash('tradecalc'))", execution_count=7),
        new_code_cell("1 + 1", metadata={"tags": ["headline"], "collapsed": True}),
        new_code_cell(draw),
        new_code_cell("assert True"),
    ]
    saved = new_notebook(cells=cells, metadata={"kernelspec": {"name": "other", "display_name": "Other"}})
    nbformat.write(saved, path)
    assert write_notebooks([path]) == [path]
    return path


def test_a_written_notebook_holds_nothing_volatile(written):
    stored = read_notebook(written)
    assert stored.metadata.kernelspec.name == "python3"
    code_cells = [c for c in stored.cells if c.cell_type == "code"]
    assert [c.execution_count for c in code_cells] == [1, 2, 3, 4]
    assert code_cells[1].metadata == {"tags": ["headline"]}
    assert code_cells[1].outputs[0].execution_count == 2
    assert code_cells[0].outputs[0].text.startswith("0 ")


def test_a_second_run_changes_nothing_and_a_changed_output_is_told(written, tmp_path):
    changed = tmp_path / "01_changed.ipynb"
    stored = read_notebook(written)
    stored.cells[1].outputs[0].text = "0 -1\n"
    stored.cells[2].outputs = []
    stored.cells[3].outputs[0].data["image/png"] = png()
    nbformat.write(stored, changed)
    found = check_notebooks([written, changed])
    assert [line[: line.index(":")] for line in found] == [
        "01_changed.ipynb, cell 2 (In [1])",
        "01_changed.ipynb, cell 3 (In [2])",
        "01_changed.ipynb, cell 4 (In [3])",
    ]
    assert "stdout, line 1: '0 -1' is stored" in found[0]
    assert "0 outputs are stored, a fresh run gives 1" in found[1]
    assert "the figure looks different: it is stored as" in found[2]


def failing(path, source):
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Why?"), new_code_cell("1"), new_code_cell(source)]), path)
    return path


def test_a_failing_notebook_is_one_sentence(tmp_path):
    path = failing(tmp_path / "00_bad.ipynb", "raise ValueError('first\\nlast line')")
    before = path.read_bytes()
    with pytest.raises(NotebookError, match=r"00_bad\.ipynb, cell 3 \(In \[2\]\): ValueError: last line; nothing"):
        write_notebooks([path])
    assert path.read_bytes() == before


def test_a_bare_assertion_shows_its_line(tmp_path):
    with pytest.raises(NotebookError, match=r"AssertionError: assert 1 == 2; nothing was written"):
        execute(failing(tmp_path / "00_bad.ipynb", "x = 1\nassert 1 == 2"))


def test_a_warning_is_an_error(tmp_path):
    path = failing(tmp_path / "00_warns.ipynb", "import warnings; warnings.warn('old')")
    with pytest.raises(NotebookError, match=r"cell 3 .*wrote to stderr"):
        execute(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [1], "nbformat_minor": 5}', '{"nbformat": 4}'])
def test_what_is_no_notebook_is_one_sentence(tmp_path, text):
    path = tmp_path / "00_x.ipynb"
    path.write_text(text)
    with pytest.raises(NotebookError, match=r"00_x\.ipynb: not a notebook"):
        read_notebook(path)
    with pytest.raises(NotebookError, match="cannot be read"):
        read_notebook(tmp_path / "99_none.ipynb")


# --- the site -----------------------------------------------------------------------------------------------------


def contents(folder: Path):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def site(written, tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("site") / "deep" / "_site", execute=False, notebooks=[written])


def test_the_site_is_whole_and_the_same_every_time(site, written):
    first = contents(site.parent)
    assert {"index.html", "00_why.html", "sources.html", "assumptions.html", "vocabulary.html"} <= first.keys()
    assert {"assets/style.css", "assets/00_why-figure-1.png"} <= first.keys()
    assert write_report(site.parent, execute=False, notebooks=[written]) == site
    assert contents(site.parent) == first
    assert [p.name for p in site.parent.parent.iterdir()] == ["_site"]


def test_no_page_asks_for_anything_outside(site):
    for name, content in contents(site.parent).items():
        if name.endswith(".html"):
            fetched = re.findall(r'(?:src|srcset|data|poster)="([^"]*)"|<link[^>]*href="([^"]*)"', content.decode())
            assert all(not re.match(r"(https?:)?//", a or b) for a, b in fetched), name
            assert b"<script" not in content
        if name.endswith(".css"):
            assert not re.search(rb"@import|url\(", content)


def test_every_data_file_is_among_the_sources_with_its_hash(site):
    text = (site.parent / "sources.html").read_text("utf-8")
    for path in data_files():
        if not path.name.endswith(".origin.yaml"):
            assert f"data/{path.relative_to(shipped('data')).as_posix()}" in text


def test_a_failing_notebook_leaves_the_old_site(site, tmp_path):
    before = contents(site.parent)
    with pytest.raises(NotebookError):
        write_report(site.parent, notebooks=[failing(tmp_path / "00_bad.ipynb", "1 / 0")])
    undescribed = tmp_path / "00_plain.ipynb"
    nbformat.write(notebook(shown(image_png=png())), undescribed)
    with pytest.raises(NotebookError):
        write_report(site.parent, execute=False, notebooks=[undescribed])
    assert contents(site.parent) == before
    assert [p.name for p in site.parent.parent.iterdir()] == ["_site"]


def test_a_folder_that_is_no_report_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for out in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(InputError, match="not a report"):
            write_report(out, execute=False, notebooks=[])
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_the_committed_vocabulary_is_current(tmp_path):
    remedy = "run `python -c 'from tradecalc.report import write_vocabulary as w; w()'`"
    assert (shipped("docs") / "vocabulary.md").read_text("utf-8") == vocabulary_markdown(), remedy
    assert write_vocabulary(tmp_path / "v.md").read_text("utf-8") == vocabulary_markdown()


def test_a_notebook_error_is_one_of_ours():
    assert issubclass(NotebookError, TradecalcError)


def test_say_and_table_import_without_the_notebook_machinery():
    code = (
        "import sys, tradecalc.report; print([m for m in ('nbclient', 'nbformat', 'statsmodels') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_the_name_of_a_belief_may_break_and_shows_no_tag():
    names = [row[0].html for row in beliefs().body]
    assert any("<wbr>" in name for name in names)
    assert {"eta_goods", "pledges.energy.additionality"} <= {str(name.striptags()) for name in names}
