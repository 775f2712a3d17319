"""Whether two pictures look the same: a distance that a shift by one pixel does not move, and a changed one does."""

import base64
import io
from typing import Final

import numpy as np

NEIGHBOURS: Final = 1
"""How far, in pixels, a pixel may find its colour in the other picture: edges and text snap to whole pixels, so that
the last digit of a number moves them by one; so far may two pictures also differ in size."""
LEVEL: Final = 0.05
"""How far, of full brightness, a colour may lie outside its neighbours' colours; a step of 5 in 255 is not seen."""
MOST_PIXELS: Final = 3
"""How many pixels may lie further outside: corners where two moves meet. One changed digit of a footer gives four."""


def look_difference(stored: str, fresh: str) -> str:
    """Return in words how two PNG pictures, in base64, look different; empty where they do not.

    A pixel counts where one of its colours lies outside the range of the other picture's colours at most `NEIGHBOURS`
    pixels away by more than `LEVEL`; both ways round, transparency on white. Pictures look different with more than
    `MOST_PIXELS` of them. Numbers that move by 4e-4 of themselves give none; a missing bar, line, whisker or grid,
    other colours, another dash or another word give from four to thousands. What numbers did, the table says.
    """
    if stored == fresh:
        return ""
    try:
        was, now = _colours(stored), _colours(fresh)
    except (OSError, ValueError, SyntaxError):
        return "the stored image cannot be decoded"
    shape = np.maximum(was.shape, now.shape)
    if (shape - np.minimum(was.shape, now.shape)).max() > NEIGHBOURS:
        sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (was, now)]
        return f"it is stored as {sizes[0]} pixels, a fresh run gives {sizes[1]}"
    was, now = _on_white(was, shape), _on_white(now, shape)
    moved = int((np.maximum(_outside(was, now), _outside(now, was)) > LEVEL).sum())
    return f"{moved} of {shape[0] * shape[1]} pixels" if moved > MOST_PIXELS else ""


def _colours(encoded: str) -> np.ndarray:
    """Return the colours of a picture on white: (row, column, channel), from 0 to 1."""
    from matplotlib.image import imread

    image = np.asarray(imread(io.BytesIO(base64.b64decode(encoded))), float)
    if image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=-1)
    opaque = image[..., 3:] if image.shape[-1] == 4 else 1.0
    return np.asarray(image[..., :3] * opaque + 1 - opaque)


def _on_white(image: np.ndarray, shape: np.ndarray) -> np.ndarray:
    more = [(0, int(shape[0]) - image.shape[0]), (0, int(shape[1]) - image.shape[1]), (0, 0)]
    return np.pad(image, more, constant_values=1.0)


def _outside(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how far each pixel lies outside the range of colours around its place in the other picture."""
    from scipy.ndimage import maximum_filter, minimum_filter

    size = (2 * NEIGHBOURS + 1, 2 * NEIGHBOURS + 1, 1)
    above, below = image - maximum_filter(other, size=size), minimum_filter(other, size=size) - image
    return np.asarray(np.maximum(above, below).max(axis=-1))
