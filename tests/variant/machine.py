"""Run a command as an older processor would compute: ``python tests/variant/machine.py COMMAND ...`` (`make variant`).

Results must not hang on the processor. This takes from the libraries what they choose by it: OpenBLAS gets the kernel
of another machine, NumPy none of the instructions that it dispatches on, numba and the C library's exp, log and pow
none beyond the least. What a machine lacks it cannot be given: the variant goes down, never up.
"""

import ctypes
import os
import platform
import sys
from pathlib import Path

import numpy as np
from numpy._core import _multiarray_umath as compiled

KERNELS = {"x86_64": ("Nehalem", "Prescott"), "AMD64": ("Nehalem", "Prescott"), "aarch64": ("ARMV8", "CORTEXA57")}


def features_on() -> list[str]:
    """Return the processor features that this NumPy dispatches on and now uses."""
    return [name for name in compiled.__cpu_dispatch__ if compiled.__cpu_features__.get(name)]


def kernel() -> str:
    """Return the name of the OpenBLAS kernel in use; empty where NumPy brings no OpenBLAS of its own."""
    for folder in (Path(np.__file__).parents[1] / "numpy.libs", Path(np.__file__).parent / ".dylibs"):
        for library in sorted(folder.glob("*openblas*")):
            loaded = ctypes.CDLL(str(library))
            for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename"):
                if hasattr(loaded, name):
                    asked = getattr(loaded, name)
                    asked.restype = ctypes.c_char_p
                    return asked().decode()
    return ""


def older() -> dict[str, str]:
    """Return the variables of the environment that make an older processor of this one.

    Only names that this NumPy dispatches on are disabled: it warns of any other.
    """
    chosen = {"NUMBA_CPU_NAME": "generic", "NPY_DISABLE_CPU_FEATURES": ",".join(compiled.__cpu_dispatch__)}
    if platform.machine() in KERNELS:
        chosen["OPENBLAS_CORETYPE"] = next(k for k in KERNELS[platform.machine()] if k != kernel())
    if platform.machine() in ("x86_64", "AMD64"):
        chosen["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"
    return {name: value for name, value in chosen.items() if value}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"machine.py: got no command; name one to run with {older()}.")
    print("variant:", *(f"{name}={value}" for name, value in older().items()), file=sys.stderr, flush=True)
    os.execvpe(sys.argv[1], sys.argv[1:], os.environ | older())
