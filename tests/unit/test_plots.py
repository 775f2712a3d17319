import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import tradecalc as tc
from tradecalc import plots
from tradecalc.terms import InputError


@pytest.fixture(scope="module")
def result():
    return tc.run("agreement-2025-09", draws=30)


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
    lightness = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(mpl.colors.to_rgb, plots.COLOURS.values())]
    kinds = dict(zip(plots.COLOURS, lightness, strict=True))
    shown = [kinds[k] for k in ("tariffs", "pledge", "diversion", "total")]
    assert np.diff(sorted(shown)).min() > 0.02
