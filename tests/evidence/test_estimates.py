"""The files of estimates: read strictly, written whole, refused when their table has changed."""

import hashlib
import json
import subprocess
import sys

import pytest

from tradecalc.__main__ import main
from tradecalc.evidence import check_estimates, no_change_path, read_estimate, write_estimate
from tradecalc.files import data_files, data_root
from tradecalc.terms import InputError

SAMPLE = {"since": "1985-01", "until": "2017-12"}
ASK = {"until": "2017-12", "to": "2018-12"}
SHORT = ["--since", "2009-01", "--until", "2019-12"]
TABLE = "history/us-japan-monthly"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return a data folder of one's own with the monthly table and the stored estimates."""
    for path in [*data_files(f"{TABLE}.*"), *data_files("estimates/*")]:
        copy = tmp_path / "data" / path.relative_to(data_root())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setenv("TRADECALC_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def _stored(folder):
    return next(folder.glob("estimates/*2017-12-on-*.yaml"))


def _edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _revise(folder):
    """Change one digit of the table, and let its origin vouch for it."""
    table = folder / f"{TABLE}.csv"
    before = hashlib.sha256(table.read_bytes()).hexdigest()
    _edit(table, "1985-01-01,2.1,", "1985-01-01,2.2,")
    _edit(folder / f"{TABLE}.origin.yaml", before, hashlib.sha256(table.read_bytes()).hexdigest())


STORED = sorted(
    {tuple(path.name.removeprefix("no-change-us-japan-")[:18].split("-to-")) for path in data_files("estimates/*")}
)


def test_the_samples_that_notebooks_and_tests_ask_for_are_stored():
    assert {("1985-01", "2017-12"), ("1985-01", "2025-03")} <= set(STORED)


@pytest.mark.parametrize(("since", "until"), STORED)
def test_what_is_stored_is_of_the_table_as_it_is(since, until):
    estimate = read_estimate(since=since, until=until)
    table = data_root() / estimate.input.path
    assert estimate.input.sha256 == hashlib.sha256(table.read_bytes()).hexdigest()
    assert estimate.command == f"tradecalc estimate --since {since} --until {until}"
    assert (estimate.table()["estimate"] > 0).all()
    assert check_estimates() == []


@pytest.mark.parametrize(("since", "until"), STORED)
def test_a_variance_near_its_bound_is_said_to_be(since, until):
    for _, fit in read_estimate(since=since, until=until).flows:
        near = [name for name, p in fit.parameters if p.estimate < 2 * p.standard_error]
        assert near == ["season"]
        assert "The variance of the season lies" in fit.weaknesses[0]


def test_what_is_written_is_read(own):
    estimate = read_estimate(**SAMPLE)
    _stored(own).unlink()
    path = write_estimate(estimate)
    assert path == _stored(own)
    assert read_estimate(**SAMPLE) == estimate


def test_the_newest_is_read(own):
    estimate = read_estimate(**SAMPLE)
    newer = estimate.model_copy(update={"day": estimate.day.replace(year=2031), "what": "a newer one"})
    write_estimate(newer)
    assert read_estimate(**SAMPLE).what == "a newer one"
    _revise(own)
    assert [f"on-{estimate.day}" in sentence for sentence in check_estimates()] == [False, True]  # 2017-12 by 2031's


def test_one_changed_digit_of_the_table_is_refused(own):
    table = own / f"{TABLE}.csv"
    _edit(table, "1985-01-01,2.1,", "1985-01-01,2.2,")
    with pytest.raises(InputError, match="the file has changed: its origin expects"):
        no_change_path(**ASK)


def test_a_revised_table_asks_for_a_new_estimate(own, capsys):
    _revise(own)
    with pytest.raises(InputError, match="run `tradecalc estimate --since 1985-01 --until 2017-12`") as caught:
        no_change_path(**ASK)
    assert len(str(caught.value).splitlines()) == 1
    assert "us-japan-monthly.csv has changed since" in str(caught.value)
    assert len(check_estimates()) == 2


def test_a_missing_table_is_told(own):
    (own / f"{TABLE}.csv").unlink()
    assert all("no file now" in sentence for sentence in check_estimates())


def test_a_sample_that_is_not_stored_names_those_that_are(own):
    asked = "no estimate of 1985-01 to 2018-06 is stored"
    message = (
        f"{asked}, only of 1985-01 to 2017-12 and of 1985-01 to 2025-03; "
        "run `tradecalc estimate --since 1985-01 --until 2018-06`."
    )
    with pytest.raises(InputError) as caught:
        no_change_path(until="2018-06", to="2019-06")
    assert str(caught.value) == message
    for path in own.glob("estimates/*"):
        path.unlink()
    with pytest.raises(InputError, match=rf"{asked}; run"):
        no_change_path(until="2018-06", to="2019-06")


MISTYPED = [
    ("unit: squared logarithms", "unit: logarithms", "unit: 'logarithms' is not allowed"),
    ("converged: true", "converged: false", "converged: False is not allowed"),
    ("    log_likelihood:", "    loglikelihood:", "Did you mean 'log_likelihood'"),
    ("until: 2017-12\n", "until: 2017-13\n", "should match pattern"),
    ("estimate: 0.00", "estimate: -0.00", "greater than or equal to 0"),
    ("estimate: 0.00", "estimate: 0\n        #", "null where the estimate is 0"),
    ("sha256: ", "sha256: x", "should match pattern"),
    ("day: 2026", "day: 2027", "rename it"),
    ("  since: 1985-01", "  since: 1986-01", "rename it"),
    ("path: history/us-japan-monthly.csv", "path: ../elsewhere.csv", "is not allowed"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTYPED, ids=[m[1].strip().split("\n")[0] for m in MISTYPED])
def test_a_mistyped_file_is_refused_with_its_name(own, old, new, message):
    path = _stored(own)
    _edit(path, old, new)
    with pytest.raises(InputError, match=message) as caught:
        no_change_path(**ASK)
    assert f"data/estimates/{path.name}" in str(caught.value)
    assert check_estimates() == str(caught.value).splitlines() or check_estimates() == [str(caught.value)]


def test_the_command_writes_one_file_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["estimate", *SHORT, "--out", "own.yaml"]) == 0
    said = capsys.readouterr().out
    assert "wrote own.yaml" in said
    assert "zero, its bound, so it has no standard error" in said  # the season of exports does not vary in that decade
    assert [path.name for path in tmp_path.iterdir()] == ["own.yaml"]
    first = (tmp_path / "own.yaml").read_text()
    assert main(["estimate", *SHORT, "--out", "own.yaml", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["file"] == "own.yaml"
    assert answer["flows"]["exports"]["parameters"]["season"] == {"estimate": 0.0, "standard_error": None}
    assert (tmp_path / "own.yaml").read_text() == first


def test_what_the_command_stores_is_what_the_path_reads(own, capsys):
    ask = {"since": "2009-01", "until": "2019-12", "to": "2020-12"}
    with pytest.raises(InputError, match="run `tradecalc estimate --since 2009-01 --until 2019-12`"):
        no_change_path(**ask)
    assert main(["estimate", *SHORT]) == 0
    assert "wrote data/estimates/no-change-us-japan-2009-01-to-2019-12-on-" in capsys.readouterr().out
    assert no_change_path(**ask).variances.loc["sigma2.level", "exports"] > 0
    assert check_estimates() == []


BAD = [
    (["--until", "2025-13"], "'2025-13' is not a month"),
    (["--since", ""], "'' is not a month"),
    (["--until", "2031-01"], "the data run from 1985-01"),
    (["--since", "2024-01"], "five years are needed"),
    ([*SHORT, "--out", "own.csv"], "ends in .yaml"),
    ([*SHORT, "--out", "."], "ends in .yaml"),
    ([*SHORT, "--out", "/dev/null/own.yaml"], "cannot be written"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(b[0]) for b in BAD])
def test_bad_input_is_one_sentence_and_writes_nothing(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = data_files("estimates/*")
    assert main(["estimate", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
    assert data_files("estimates/*") == before


def test_reading_an_estimate_imports_no_econometrics():
    code = (
        "import sys, tradecalc.evidence as e; e.read_estimate(since='1985-01', until='2025-03'); e.check_estimates()\n"
        "print([m for m in ('statsmodels', 'scipy', 'matplotlib') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
