"""Every figure remembers the table it drew, and its picture carries it."""

import csv

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import tradecalc as tc
from tradecalc import plots
from tradecalc.plots.drawn import remember, table_lines

FRAME = pd.DataFrame({"a": [1.0, 2 / 3], "b": [np.nan, -1e-7]}, index=pd.Index([0.0, 1.0], name="x"))


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def drawn():
    """Draw every figure: its axes and its table, by name."""
    market = tc.run("agreement-2025-09", draws=5, path=True)
    world, tree = tc.run("removal", engine="general", draws=5), tc.run("tree-2025-06", draws=5)
    account, headline = tc.load_account(), tc.headline_table(["no-deal", "removal"], draws=5)
    asked = {name: tc.compare_partners(name, ["JPN", "CHN", "VNM"]) for name in ("no-deal", "removal")}
    by_partner = {name: t.assign(change_usd_bn=t["deficit_change_usd_bn"]) for name, t in asked.items()}
    named = {
        "bridge": (plots.bridge(market), plots.bridge_table(market)),
        "spread": (plots.spread(headline), plots.spread_table(headline)),
        "composition": (plots.composition(account, top=8), plots.composition_table(account, top=8)),
        "series": (plots.series(FRAME, unit="USD bn"), plots.series_table(FRAME)),
        "curves": (plots.curves(FRAME, xlabel="x", ylabel="y"), plots.curves_table(FRAME)),
        "path": (plots.path(market, by="month"), plots.path_table(market, by="month")),
        "branches": (plots.branches(tree), plots.branches_table(tree)),
        "by_partner": (plots.by_partner(by_partner), plots.by_partner_table(by_partner)),
        "partners": (plots.partners(world), plots.partners_table(world)),
    }
    return named


FIGURES = [name.removesuffix("_table") for name in plots.__all__ if name.endswith("_table")]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_remembers_its_table(drawn, name):
    ax, table = drawn[name]
    head, *rows = csv.reader(table_lines(ax))
    assert head == [str(column) for column in table.columns]
    assert len(rows) == len(table)
    for column, cells in zip(head, zip(*rows, strict=True), strict=True):
        values = table[column].tolist()
        if pd.api.types.is_float_dtype(table[column]):
            assert [float(cell or "nan") for cell in cells] == pytest.approx(values, rel=5.1e-9, abs=0, nan_ok=True)
        else:
            assert list(cells) == [str(value) for value in values]


def test_a_picture_carries_table_and_description():
    shown = plots.picture(plots.curves(FRAME, xlabel="x", ylabel="y"))
    assert shown.metadata["table"] == ["x,a,b", "0.0,1.0,", "1.0,0.666666667,-1e-07"]
    assert shown.metadata["alt"].startswith("Curves of y as x runs from 0 to 1")


def test_axes_of_another_hand_have_no_table():
    ax = pyplot.subplots()[1]
    ax.set_label("An empty box between zero and one.")
    assert table_lines(ax) is None
    assert plots.picture(ax).metadata == {"alt": "An empty box between zero and one."}


def test_cells_are_numbers_labels_days_or_nothing():
    ax = pyplot.subplots()[1]
    columns = {
        "day": [pd.Timestamp("2025-04-03"), pd.NaT],
        "month": [pd.Period("2025-04", freq="M"), pd.NaT],
        "hs": ["8703", None],
        "year": [2024, 2025],
        "name": ["cars, and\nparts", 'a "quota"'],
        "zero": [-0.0, float("inf")],
    }
    remember(ax, pd.DataFrame(columns))
    lines = table_lines(ax)
    assert lines == [
        "day,month,hs,year,name,zero",
        '2025-04-03,2025-04,8703,2024,"cars, and parts",0.0',
        ',,,2025,"a ""quota""",inf',
    ]
    assert list(csv.reader(lines))[2][4] == 'a "quota"'


def test_words_do_not_hang_on_the_last_bit():
    edge = pd.DataFrame({"a": [0.25, 57.55], "b": [12.345, 0.15]}, index=pd.Index([0.0, 1.0], name="x"))
    below = edge * (1 - 1e-14)
    assert plots.series(edge, unit="%").get_label() == plots.series(below, unit="%").get_label()
    first, second = (plots.curves(frame, xlabel="x", ylabel="y").get_label() for frame in (edge, below))
    assert first == second
    assert "b from 12.3 to 0.15" in first


def test_partners_in_another_order_are_not_drawn_side_by_side():
    one = tc.compare_partners("removal", ["JPN", "VNM"]).assign(change_usd_bn=1.0)
    with pytest.raises(tc.InputError, match="hold different partners, or in another order"):
        plots.by_partner({"a": one, "b": one.iloc[::-1]})
