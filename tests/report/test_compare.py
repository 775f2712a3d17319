"""Two runs of a notebook are compared by what a reader sees: text, tables of figures, and their look."""

import base64
import copy
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.image import imread, imsave
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tradecalc import plots
from tradecalc.plots import canvas
from tradecalc.report.compare import (
    agree,
    keep_figures,
    notebook_differences,
    output_differences,
    table_differences,
)
from tradecalc.report.looks import look_difference

TABLE = pd.DataFrame(
    {
        "channel": ["tariffs: cars", "pledge: energy", "pledge: rice", "total"],
        "central": [9.2812345678, -2.1, -0.2, 7.0812345678],
        "p5": [7.34, -4.6, -0.26, 4.4],
        "p95": [16.97, -0.77, -0.11, 15.2],
    }
)
NUMBERS = ["central", "p5", "p95"]


def axes(table=TABLE):
    ax = canvas.draw_bars(table, "channel", [c.split(":")[0] for c in table["channel"]], ax=None)
    canvas.foot(ax, "us-japan-2024; 200 draws")
    return canvas.described(ax, "Bars by lever. " + canvas.read_out(table, "channel"), table)


def output(ax):
    made = plots.picture(ax)
    data = {"image/png": base64.b64encode(made.data).decode(), "text/plain": "<IPython.core.display.Image object>"}
    return new_output("display_data", data, metadata={"image/png": copy.deepcopy(made.metadata)})


def encoded(image):
    buffer = io.BytesIO()
    imsave(buffer, image, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def notebook(*outputs):
    code = new_code_cell("draw", outputs=copy.deepcopy(list(outputs)))
    return new_notebook(cells=[new_markdown_cell("# Why?"), code])


@pytest.fixture(scope="module")
def stored():
    return output(axes())


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def moved(factor, rows=slice(None)):
    table = TABLE.copy()
    table.loc[rows, NUMBERS] *= factor
    return table


# --- what is the same on another machine --------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [1e-15, -1e-12, 1e-10, -1e-9])
def test_noise_of_a_solver_is_no_difference(stored, noise):
    assert output_differences([stored], [output(axes(moved(1 + noise)))]) == []


@given(x=st.floats(-1e6, 1e6), noise=st.floats(-1e-10, 1e-10))
def test_the_ninth_digit_may_round_either_way(x, noise):
    assert agree(f"{x:.9e}", f"{x * (1 + noise):.9e}", largest=abs(x))
    first, second = (f"{value:.8e}" for value in (x, x * (1 + noise)))
    assert agree(first, second, largest=abs(x))


@given(x=st.floats(1e-3, 1e6), step=st.floats(4e-8, 1.0), sign=st.sampled_from([-1, 1]))
def test_a_number_that_moved_is_a_difference(x, step, sign):
    assert not agree(f"{x:.8e}", f"{x * (1 + sign * step):.8e}", largest=x)


def test_what_is_left_of_large_numbers_that_cancel_is_noise():
    assert table_differences(["a,b", "Japan,69.4", "overall,-1.32e-07"], ["a,b", "Japan,69.4", "overall,2.1e-07"]) == []
    assert len(table_differences(["a,b", "Japan,69.4", "overall,0.0"], ["a,b", "Japan,69.4", "overall,0.0001"])) == 1


@pytest.mark.parametrize("shift", [(1, 0), (0, -1), (1, 1)])
def test_a_shift_by_one_pixel_is_no_difference_and_one_by_three_is(stored, shift):
    image = imread(io.BytesIO(base64.b64decode(stored.data["image/png"])))
    assert look_difference(stored.data["image/png"], encoded(np.roll(image, shift, axis=(0, 1)))) == ""
    far = encoded(np.roll(image, 3 * np.array(shift), axis=(0, 1)))
    assert "pixels" in look_difference(stored.data["image/png"], far)


def test_a_canvas_wider_by_one_pixel_is_no_difference(stored):
    image = imread(io.BytesIO(base64.b64decode(stored.data["image/png"])))
    wider = np.pad(image, [(0, 1), (1, 0), (0, 0)], constant_values=1.0)
    assert look_difference(encoded(wider), stored.data["image/png"]) == ""


# --- what is told -------------------------------------------------------------------------------------------------


def test_a_changed_table_names_notebook_cell_column_row_and_both_values(stored):
    found = notebook_differences("07_x.ipynb", notebook(stored), notebook(output(axes(moved(1 + 1e-6, rows=1)))))
    assert found == [
        "07_x.ipynb, cell 2 (In [1]): the table of the figure, column 'central', row 2 ('pledge: energy'): "
        "-2.1 is stored, a fresh run gives -2.1000021.",
        "07_x.ipynb, cell 2 (In [1]): the table of the figure, column 'p5', row 2 ('pledge: energy'): "
        "-4.6 is stored, a fresh run gives -4.6000046.",
        "07_x.ipynb, cell 2 (In [1]): the table of the figure, column 'p95', row 2 ('pledge: energy'): "
        "-0.77 is stored, a fresh run gives -0.77000077.",
    ]


def test_many_changed_cells_are_counted():
    found = table_differences(["a,b", *(f"{i},{i}.5" for i in range(9))], ["a,b", *(f"{i},{i}.25" for i in range(9))])
    assert len(found) == 4
    assert found[3] == "6 more cells of this table differ."


@pytest.mark.parametrize(
    ("fresh", "told"),
    [
        (["year,name,x", "2024,cars,1.5", "2025,rice,"], "row 2 ('2025'): 2.5 is stored, a fresh run gives nothing"),
        (["year,name,x", "2024,cars,1.5", "2025,corn,2.5"], "column 'name', row 2 ('2025'): rice is stored"),
        (["year,name,x", "2024,cars,1.5", "2026,rice,2.5"], "column 'year', row 2 ('2025'): 2025 is stored"),
        (["year,name,x", "2024,cars,1.5"], "stored with 2 rows, a fresh run gives 1"),
        (["year,name,x", "2024,cars,1.5", "2025,rice,2.5,3"], "stored with 2 rows"),
        (["year,name,y", "2024,cars,1.5", "2025,rice,2.5"], "columns year, name, x; a fresh run gives year, name, y"),
        ([], "columns year, name, x"),
        (None, "a fresh run gives none"),
    ],
)
def test_labels_blanks_and_shapes_are_compared_to_the_letter(fresh, told):
    (found,) = table_differences(["year,name,x", "2024,cars,1.5", "2025,rice,2.5"], fresh)
    assert told in found


def test_a_figure_without_its_table_is_told():
    assert "run `tradecalc notebooks`" in table_differences(None, ["a,b", "1,2.0"])[0]
    assert table_differences(None, None) == []


def recoloured(ax):
    ax.patches[0].set_facecolor("#D55E00")


def one_bar_less(ax):
    ax.patches[1].remove()


def one_small_bar_less(ax):
    ax.patches[2].remove()


def no_whiskers(ax):
    ax.containers[-1].remove()


def no_line_at_zero(ax):
    next(line for line in ax.lines if line.get_linewidth() == 0.8).remove()


def no_grid(ax):
    ax.grid(False)


def another_word(ax):
    ax.texts[0].set_text(ax.texts[0].get_text().replace("200", "201"))


def no_hatch(ax):
    ax.patches[1].set_hatch(None)


@pytest.mark.parametrize(
    "change",
    [recoloured, one_bar_less, one_small_bar_less, no_whiskers, no_line_at_zero, no_grid, another_word, no_hatch],
)
def test_a_picture_that_looks_different_is_told_though_its_table_is_the_same(stored, change):
    ax = axes()
    change(ax)
    (found,) = output_differences([stored], [output(ax)])
    assert found.startswith("the figure looks different: ")
    assert "pixels" in found


def test_another_description_another_size_and_a_broken_picture_are_told(stored):
    other = copy.deepcopy(stored)
    other.metadata["image/png"]["alt"] = "Bars."
    (found,) = output_differences([stored], [other])
    assert found.startswith("alternative text, line 1: 'Bars by lever.")
    assert "it is stored as" in look_difference(stored.data["image/png"], output(axes(TABLE[:2])).data["image/png"])
    assert look_difference("AAAA", stored.data["image/png"]) == "the stored image cannot be decoded"


# --- what is kept -------------------------------------------------------------------------------------------------


def kept(stored, fresh):
    """Return the output that is written where ``stored`` stands and a run gives ``fresh``."""
    after = notebook(fresh)
    keep_figures(notebook(stored), after)
    return after.cells[1].outputs[0]


def test_a_figure_that_did_not_change_keeps_what_is_stored_of_it(stored):
    fresh = output(axes(moved(1 + 3e-9)))
    assert fresh != stored
    assert kept(stored, fresh) == stored


@pytest.mark.parametrize("factor", [1 + 1e-6, 1.05])
def test_a_figure_whose_table_changed_is_written_anew(stored, factor):
    fresh = output(axes(moved(factor)))
    assert kept(stored, fresh) == fresh


def test_a_figure_that_looks_different_is_written_anew(stored):
    ax = axes()
    recoloured(ax)
    fresh = output(ax)
    assert kept(stored, fresh) == fresh
