import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import tradecalc as tc
from tradecalc import plots
from tradecalc.plots.canvas import COLOURS
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def result():
    return tc.run("agreement-2025-09", draws=30)


@pytest.fixture(scope="module")
def later():
    """Give a result with a path and draws: nothing of it comes before 2029."""
    return tc.run("jera-lng", path=True, draws=10)


@pytest.fixture(scope="module")
def tree():
    return tc.run("tree-2025-06", draws=10)


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def test_bridge_draws_its_table(result):
    table = plots.bridge_table(result)
    ax = plots.bridge(result)
    assert [patch.get_width() for patch in ax.patches] == pytest.approx(table["central"].tolist())
    assert [t.get_text() for t in ax.get_yticklabels()] == table["channel"].tolist()
    assert table["central"].iloc[-1] == pytest.approx(table["central"].iloc[:-1].sum(), abs=1e-9)
    assert "USD bn" in ax.get_xlabel()
    assert any(line.get_xdata()[0] == 0 for line in ax.lines)


def test_bridge_draws_intervals_only_where_there_are_draws(result):
    assert plots.bridge(result).containers
    alone = tc.run("agreement-2025-09", draws=0)
    assert plots.bridge_table(alone)["p5"].isna().all()
    assert not [c for c in plots.bridge(alone).containers if c.__class__.__name__ == "ErrorbarContainer"]


def test_spread_draws_its_table():
    headline = tc.headline_table(["no-deal", "removal"], draws=10)
    ax = plots.spread(headline)
    assert [patch.get_width() for patch in ax.patches] == pytest.approx(
        plots.spread_table(headline)["central"].tolist()
    )


def test_composition_leaves_out_what_is_not_split():
    account = tc.load_account()
    table = plots.composition_table(account, top=8)
    assert table["product"].iloc[0] == "cars"
    assert table["exports"].isna().any() or table["exports"].notna().all()
    ax = plots.composition(account, top=8)
    assert [p.get_width() for p in ax.patches[:8]] == pytest.approx(table["imports"].tolist())
    assert "not split out" in ax.get_label() or table["exports"].notna().all()


def test_series_and_curves_draw_every_column():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]}, index=pd.Index([0.0, 1.0], name="x"))
    assert len(plots.curves(frame, xlabel="x", ylabel="y").lines) == 3
    months = frame.set_axis(pd.date_range("2025-01-01", periods=2, freq="MS"))
    ax = plots.series(months, unit="USD bn", footer="a note")
    assert len(ax.lines) == 2
    assert ax.get_ylabel() == "USD bn"


def test_a_picture_carries_its_description_and_repeats_itself(result):
    first, second = (plots.picture(plots.bridge(result)) for _ in range(2))
    assert first.data == second.data
    assert "USD bn" in first.metadata["alt"]
    assert not pyplot.get_fignums()


def test_a_picture_without_description_is_refused():
    with pytest.raises(InputError, match="no description"):
        plots.picture(pyplot.subplots()[1])


def test_the_look_stays_inside_its_block(result):
    before = dict(mpl.rcParams)
    plots.picture(plots.bridge(result))
    assert dict(mpl.rcParams) == before


def test_colours_are_apart_in_lightness():
    lightness = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(mpl.colors.to_rgb, COLOURS.values())]
    kinds = dict(zip(COLOURS, lightness, strict=True))
    shown = [kinds[k] for k in ("tariffs", "pledge", "diversion", "total")]
    assert np.diff(sorted(shown)).min() > 0.02


@pytest.mark.parametrize("by", ["year", "month"])
@pytest.mark.parametrize("level", [False, True])
def test_path_draws_its_table(later, by, level):
    table = plots.path_table(later, by=by, level=level)
    ax = plots.path(later, by=by, level=level)
    assert ax.lines[0].get_ydata() == pytest.approx(table["central"].to_numpy())
    assert (
        list(ax.lines[0].get_ydata())
        == later.path(by=by)["deficit_usd_bn" if level else "deficit_change_usd_bn"].tolist()
    )
    assert len(ax.collections) == 1
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert [band.min(), band.max()] == pytest.approx([table["p5"].min(), table["p95"].max()])
    assert "USD bn" in ax.get_ylabel()
    assert any(set(line.get_ydata()) == {0} for line in ax.lines[1:]) != level, "a change has a line at zero"


def test_the_interval_of_a_level_surrounds_it(later):
    table = plots.path_table(later, level=True)
    assert (table["p5"] <= table["p95"]).all()
    assert table["p5"].iloc[0] < table["central"].iloc[0] < table["p95"].iloc[0]
    change = plots.path_table(later)
    assert change["p5"].tolist() == pytest.approx(later.path()["p5"].tolist(), abs=1e-12)


def test_paths_of_several_scenarios_share_one_figure(later):
    alone = tc.run("jera-lng", path=True, draws=0)
    table = plots.path_table({"LNG": later, "LNG, central only": alone})
    ax = plots.path({"LNG": later, "LNG, central only": alone})
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["LNG", "LNG, central only"]
    assert len(ax.collections) == 1, "a band only where there are draws"
    assert table.groupby("scenario")["p5"].count().to_dict() == {"LNG": 6, "LNG, central only": 0}
    assert [int(t.get_text()) for t in ax.get_xticklabels()] == list(range(2025, 2031))


def test_the_words_of_a_path_hold_no_rounding_noise(later):
    said = plots.path(later).get_label()
    assert "LNG contracts from 0.0 in 2025 to" in said
    assert "-0.0" not in said
    assert "e-" not in said
    assert "January 2025" in plots.path(later, by="month").get_label()


def test_a_path_is_solved_where_it_is_first_drawn_and_a_saved_result_needs_one(result, tmp_path):
    short = tc.run("no-deal", draws=3)
    assert plots.path_table(short, level=True).equals(
        plots.path_table(tc.run("no-deal", draws=3, path=True), level=True)
    )
    with pytest.raises(InputError, match="no result"):
        plots.path({})
    with pytest.raises(InputError, match="path=True"):
        plots.path(tc.load_result(result.save(tmp_path / "a.tcr")))


def test_branches_draw_their_table(tree):
    table = plots.branches_table(tree)
    ax = plots.branches(tree)
    assert [patch.get_width() for patch in ax.patches] == pytest.approx(table["central"].tolist())
    assert table["central"].iloc[-1] == pytest.approx(tree.deficit_change_usd_bn)
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels[-1] == table["branch"].iloc[-1] == "expectation"
    assert all(f"({100 * p:.3g} %)" in name for name, p in zip(labels, table["probability"].iloc[:-1], strict=False))
    assert any(line.get_xdata()[0] == 0 for line in ax.lines)
    assert "expectation" in ax.get_label()
    assert "-0.00" not in ax.get_label()


def test_branches_need_a_tree(result):
    with pytest.raises(InputError, match="no branches"):
        plots.branches(result)
