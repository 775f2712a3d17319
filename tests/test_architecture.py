"""The shape of the package: rooms with doors on floors, short files, documented words."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tradecalc"
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))
FILES = sorted(PACKAGE.rglob("*.py"))
DOORS = [room / "__init__.py" for room in ROOMS]
WITHOUT_A_ROOM = {"__init__", "__main__", "digits", "doors", "pledges", "terms", "variables"}
LONGEST, MOST_NAMES, MOST_ROOMS = 305, 20, 18
by_name = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)


def test_rooms_are_few_and_every_file_stands_in_one():
    assert len(ROOMS) <= MOST_ROOMS, [room.name for room in ROOMS]
    assert {path.stem for path in PACKAGE.glob("*.py")} == WITHOUT_A_ROOM
    assert all(path.parent in ROOMS or path.parent == PACKAGE for path in FILES), "no rooms inside rooms"


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_holds_one_idea(file):
    lines = file.read_text("utf-8").count("\n")
    assert lines <= LONGEST, f"{file.name} has {lines} lines; about 300 are one idea"
    assert file.stem.startswith("__") or not file.stem.startswith("_"), "a file is named after its idea"


@by_name
def test_a_door_says_what_comes_in_what_goes_out_and_where_to_start(room):
    door = ast.parse((room / "__init__.py").read_text("utf-8"))
    said = ast.get_docstring(door)
    assert said
    assert re.search(r"^In: .*Out: ", said, re.MULTILINE)
    assert re.search(r"^Start with .*\b\w+\.py", said, re.MULTILINE)
    assert all((room / name).is_file() for name in re.findall(r"\b(\w+\.py)\b", said)), "it names files that are there"


@by_name
def test_a_door_gives_few_names_and_each_resolves_to_no_file_of_the_room(room):
    door = importlib.import_module(f"tradecalc.{room.name}")
    assert len(door.__all__) <= MOST_NAMES
    assert list(door.__all__) == sorted(set(door.__all__), key=door.__all__.index)
    for name in door.__all__:
        assert getattr(door, name) is not None
        assert name == "say" or not (room / f"{name}.py").is_file(), f"{name} would hide a file of its name"


@by_name
def test_only_the_door_exports_names(room):
    inside = [path for path in room.glob("*.py") if path.name != "__init__.py"]
    assert not [path.name for path in inside if re.search(r"^__all__", path.read_text("utf-8"), re.MULTILINE)]


def test_no_import_breaks_the_floors_the_doors_or_makes_a_circle():
    found = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_room_has_a_place_on_a_floor_and_a_locked_door():
    contracts = (ROOT / ".importlinter").read_text("utf-8")
    for room in ROOMS:
        assert f"    tradecalc.{room.name}.*\n" in contracts, f"{room.name} can be entered by its windows"
    assert "exhaustive = True" in contracts


def test_what_asks_levers_names_no_kind():
    """Study, result, report and the command line go through the shape that all levers share."""
    from tradecalc.levers import kinds

    words = {kind.field for kind in kinds()} - {"tariffs", "links"} | {kind.__name__ for kind in kinds()}
    for room in ("study", "result", "report"):
        for file in (PACKAGE / room).glob("*.py"):
            tree = ast.parse(file.read_text("utf-8"))
            named = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
            named |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            named |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
            assert not named & words, f"{file.name} names {', '.join(sorted(named & words))}"


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


@pytest.mark.parametrize("command", [["scenarios"], ["scenarios", "--json"], ["run", "remvoal"]], ids=" ".join)
def test_quick_commands_pull_in_nothing_heavy(command):
    code = (
        "import sys\nfrom tradecalc.__main__ import main\n"
        f"print(main({command!r}))\nprint([m for m in ('numpy', 'pandas', 'numba', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-2:] == ["2" if "remvoal" in command else "0", "[]"]


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
