"""The shape of the package: few modules, short ones, one-way imports, documented words."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "tradecalc").glob("*.py"))
PUBLIC = [m for m in MODULES if not m.name.startswith("_")]


def test_public_modules_are_about_a_dozen():
    assert len(PUBLIC) <= 16, [m.name for m in PUBLIC]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.stem)
def test_a_module_holds_one_idea(module):
    lines = module.read_text().count("\n")
    assert lines <= 330, f"{module.name} has {lines} lines; about 300 are one idea"


@pytest.mark.parametrize("module", PUBLIC, ids=lambda m: m.stem)
def test_public_names_are_few_and_documented(module):
    tree = ast.parse(module.read_text())
    names = [
        [ast.literal_eval(e) for e in node.value.elts]
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        if isinstance(node.value, ast.List)
    ]
    assert module.stem == "__main__" or ast.get_docstring(tree)
    for name in names:
        assert len(name) <= 20, f"{module.name} offers {len(name)} names"


def test_no_import_breaks_the_layers():
    found = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_import_pulls_in_nothing_heavy():
    code = "import sys, tradecalc; print([m for m in ('numpy', 'pandas', 'numba', 'yaml') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_help_pulls_in_nothing_heavy():
    code = (
        "import sys\nfrom tradecalc.__main__ import main\n"
        "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'numba', 'yaml') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-1] == "[]"


def test_every_public_name_resolves():
    import tradecalc

    for name in tradecalc.__all__:
        assert getattr(tradecalc, name) is not None


def test_every_variable_is_documented():
    from tradecalc.terms import VARIABLES

    for name, word in VARIABLES.items():
        assert word.unit, name
        assert word.label, name
        assert word.definition.endswith("."), name


def _packages(lines):
    return {re.match(r"[A-Za-z0-9._-]+", line).group().lower(): line.replace(" ", "") for line in lines}


def test_environment_file_equals_pyproject():
    import yaml

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    python = next(item for item in environment["dependencies"] if isinstance(item, str) and item.startswith("python"))
    assert python.removeprefix("python").replace(" ", "") == project["requires-python"]
    extras = ",".join(sorted(project["optional-dependencies"]))
    assert pip == [f"-e .[{extras}]"]


def test_lock_names_no_address_and_covers_every_dependency():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    locked = {line.split("==")[0].split("[")[0].lower() for line in lock.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = _packages(project["project"]["dependencies"]) | _packages(project["dependency-groups"]["dev"])
    assert {name.replace("_", "-") for name in wanted} <= {name.replace("_", "-") for name in locked}


def test_version_is_one():
    import yaml

    import tradecalc

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == tradecalc.__version__
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == tradecalc.__version__
