"""A figure as a picture with its description and its table, for a notebook and the site."""

import io
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tradecalc.plots.canvas import style
from tradecalc.plots.drawn import table_lines
from tradecalc.terms import InputError

if TYPE_CHECKING:
    from IPython.display import Image


def picture(ax: Axes) -> "Image":
    """Return a figure as a PNG with its description as alternative text, and close it.

    The picture's metadata hold ``alt`` and, where a plot of this module drew the axes, ``table``: its numbers as lines
    of CSV, nine digits each. Two runs are compared by these, and by what their pictures look like.

    Raises:
        InputError: the axes carry no description; every plot of this module sets one.
    """
    from IPython.display import Image
    from matplotlib import pyplot

    alt = str(ax.get_label())
    if not alt or alt.startswith("_"):
        raise InputError("picture: the axes have no description; draw them with tradecalc.plots or use set_label.")
    figure = ax.figure
    assert isinstance(figure, Figure)
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    pyplot.close(figure)
    metadata: dict[str, Any] = {"alt": alt}
    if (lines := table_lines(ax)) is not None:
        metadata["table"] = lines
    return Image(buffer.getvalue(), format="png", metadata=metadata)  # type: ignore[no-untyped-call]
