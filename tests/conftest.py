"""Floating-point warnings are errors, figures need no screen, and hypothesis prints what to replay."""

import matplotlib as mpl
import numpy as np
from hypothesis import settings

mpl.use("Agg")
np.seterr(all="raise", under="ignore")
settings.register_profile("tradecalc", deadline=None, print_blob=True)
settings.load_profile("tradecalc")
