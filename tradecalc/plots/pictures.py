"""A figure as a picture with a description, for a notebook and the site."""

import io
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tradecalc.plots.canvas import style
from tradecalc.terms import InputError

if TYPE_CHECKING:
    from IPython.display import Image


def picture(ax: Axes) -> "Image":
    """Return a figure as a PNG with its description as alternative text, and close it.

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
    return Image(buffer.getvalue(), format="png", metadata={"alt": alt})  # type: ignore[no-untyped-call]
