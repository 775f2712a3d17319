"""A wheel built from the tree works without the checkout: data, scenarios and notebooks travel in it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_holds_what_a_run_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("data", "notebooks", "docs"):
        for path in (ROOT / folder).rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
            if path.is_file() and not hidden:
                assert f"tradecalc/_shipped/{path.relative_to(ROOT).as_posix()}" in names
    assert "tradecalc/py.typed" in names
    assert any(name.startswith("tradecalc/report/templates/") for name in names)
    assert not any("oracle" in name or name.startswith("tests/") for name in names)


def test_it_runs_in_a_clean_environment_elsewhere(wheel, tmp_path):
    """The environment holds this wheel, and this interpreter's libraries but not the checkout."""
    libraries = next(p for p in sys.path if p.endswith("site-packages"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    (site / "libraries.pth").write_text(
        f"import sys; sys.path.append({libraries!r})\n"
    )  # no .pth of the checkout is read
    code = (
        "import tradecalc as tc, tradecalc\n"
        "assert 'venv' in tradecalc.__file__, tradecalc.__file__\n"
        "r = tc.run('agreement-2025-09', draws=5)\n"
        "print(r, tc.load_tariffs('us').rate('8703.23', origin='JPN', on='2025-06-14'))\n"
        "from tradecalc.account import check_accounts\n"
        "from tradecalc.files import check_files\n"
        "from tradecalc.scenario import check_scenarios\n"
        "assert [*check_files(), *check_accounts(), *check_scenarios()] == []\n"  # the whole law: test_cli.py
    )
    done = subprocess.run([python, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "<Result agreement-2025-09" in done.stdout
    assert "0.275" in done.stdout
