"""Arithmetic of the market kernel: how it is compiled, an exponential and a logarithm that run many markets abreast.

Both are accurate to about one unit in the last place. Arguments of the exponential are held within +-708, where a CES
share is zero or overwhelming anyway.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

_KERNEL_FILES = sorted(Path(__file__).parent.glob("*.py"))
_STAMP = tuple((file.name, file.stat().st_mtime, file.stat().st_size) for file in _KERNEL_FILES)


_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **_OPTIONS}


def compiled(function: Any) -> Any:
    """Compile ``function`` on first use, cached on disk where possible; it runs without the interpreter lock."""
    try:
        dispatcher = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # neither the package nor the home directory can be written
        return njit(**_OPTIONS)(function)
    # numba watches the function's own file only; a change in any file of the kernel must also void the cache.
    cache_file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if cache_file is not None and hasattr(cache_file, "_source_stamp"):
        cache_file._source_stamp = (cache_file._source_stamp, _STAMP)
    return dispatcher


def inner(function: Any) -> Any:
    """Compile ``function`` within the ``compiled`` ones that call it; nothing else may call it.

    It has no entry from Python and no cache of its own, which takes a third off the time to compile.
    """
    return njit(**_INNER)(function)


_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, kept in the low bits
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_BITS_OF_ONE = 4607182418800017408
_BITS_OF_ROOT_HALF = 4604544271217802189


@inner
def exp_parts(x: float) -> Any:
    """Return ``scale`` and ``part`` with ``exp(x) = scale + scale * part`` and ``expm1(x) = scale * part + scale - 1``.

    ``scale`` is a power of two and ``part`` is small, so that ``expm1`` keeps its relative accuracy near zero.
    """
    x = min(max(x, -708.0), 708.0)
    shifted = x * 1.4426950408889634 + _ROUND
    whole = shifted - _ROUND
    r = x - whole * _LN2_HIGH - whole * _LN2_LOW
    part = 1.0 / 6227020800.0
    part = part * r + 1.0 / 479001600.0
    part = part * r + 1.0 / 39916800.0
    part = part * r + 1.0 / 3628800.0
    part = part * r + 1.0 / 362880.0
    part = part * r + 1.0 / 40320.0
    part = part * r + 1.0 / 5040.0
    part = part * r + 1.0 / 720.0
    part = part * r + 1.0 / 120.0
    part = part * r + 1.0 / 24.0
    part = part * r + 1.0 / 6.0
    part = part * r + 0.5
    part = part * r * r + r
    scale = np.int64((np.float64(shifted).view(np.int64) << 52) + _BITS_OF_ONE).view(np.float64)
    return scale, part


@inner
def exp(x: float) -> float:
    """Return ``exp(x)``."""
    scale, part = exp_parts(x)
    return scale + scale * part  # type: ignore[no-any-return]


@inner
def log(x: float) -> float:
    """Return ``ln x`` for positive normal ``x``; zero and infinity give about -709 and 709."""
    bits = np.float64(x).view(np.int64)
    whole = (bits - _BITS_OF_ROOT_HALF) >> 52
    f = np.int64(bits - (whole << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = 1.479819860511658591e-01 * z + 1.531383769920937332e-01  # coefficients of the fdlibm logarithm
    tail = tail * z + 1.818357216161805012e-01
    tail = tail * z + 2.222219843214978396e-01
    tail = tail * z + 2.857142874366239149e-01
    tail = tail * z + 3.999999999940941908e-01
    tail = tail * z + 6.666666666666735130e-01
    half = 0.5 * f * f
    exponent = np.float64(whole)
    return exponent * _LN2_HIGH - ((half - (s * (half + tail * z) + exponent * _LN2_LOW)) - f)
