"""The variant is another machine indeed: what it disables is off, here or in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import machine

ASK = """\
import json, sys
sys.path.insert(0, sys.argv[1])
import machine, numba
print(json.dumps([machine.features_on(), machine.kernel(), numba.config.CPU_NAME]))
"""


@pytest.fixture(scope="module")
def told():
    """Give what another process finds, as this machine and as the older one."""
    here = Path(machine.__file__)
    ask = [sys.executable, "-W", "error::ImportWarning", "-c", ASK, str(here.parent)]
    plain = {k: v for k, v in os.environ.items() if k not in machine.older()}
    return {
        name: json.loads(subprocess.run([*prefix, *ask], env=plain, capture_output=True, text=True, check=True).stdout)
        for name, prefix in {"this": [], "older": [sys.executable, str(here)]}.items()
    }


def test_numpy_uses_none_of_the_features_it_dispatches_on(told):
    assert machine.compiled.__cpu_dispatch__, "this NumPy dispatches on nothing"
    assert told["older"][0] == []


def test_in_the_variant_they_are_off_in_this_process():
    if os.environ.get("NPY_DISABLE_CPU_FEATURES") == machine.older()["NPY_DISABLE_CPU_FEATURES"]:
        assert machine.features_on() == []


def test_openblas_has_the_kernel_of_another_machine(told):
    assert not told["this"][1] or told["older"][1] != told["this"][1]


def test_numba_compiles_for_the_least(told):
    assert told["older"][2] == "generic"


def test_a_command_is_needed():
    found = subprocess.run([sys.executable, machine.__file__], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert found.stderr.startswith("machine.py: got no command")
