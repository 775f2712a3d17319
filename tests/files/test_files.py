"""Strict YAML and tables that are checked against their origin: what is refused, and in which words."""

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pydantic import BaseModel, ConfigDict

from tradecalc.files import (
    check_files,
    data_files,
    parse_yaml,
    read_origin,
    read_table,
    read_yaml,
    sha256,
    stamp,
    validate,
    write_atomic,
)
from tradecalc.terms import InputError

ORIGIN = """title: A table
publisher: A statistical office
series: one
read_at: here
retrieved: 2026-11-23
licence: public domain
confidence: high
sources: single
sha256: {sha}
columns:
  hs: {{type: text}}
  day: {{type: date}}
  usd: {{type: number, unit: USD, blank: true}}
  pieces: {{type: integer}}
"""
ROWS = "hs,day,usd,pieces\n0101,2024-07-01,1.5,3\n0201,2024-07-02,,4\n"


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TRADECALC_DATA", str(tmp_path))
    return tmp_path


def put(root: Path, rows: str = ROWS, origin: str | None = ORIGIN, name: str = "t.csv") -> Path:
    path = root / name
    path.write_text(rows)
    if origin is not None:
        path.with_suffix(".origin.yaml").write_text(origin.format(sha=hashlib.sha256(rows.encode()).hexdigest()))
    return path


def test_types_are_those_of_the_origin(root):
    put(root)
    table = read_table("t.csv")
    assert table["hs"].tolist() == ["0101", "0201"]
    assert table["day"].tolist() == [pd.Timestamp("2024-07-01"), pd.Timestamp("2024-07-02")]
    assert table["usd"].isna().tolist() == [False, True]
    assert table["pieces"].tolist() == [3.0, 4.0]


def test_a_reader_cannot_spoil_the_next_reading(root):
    put(root)
    table = read_table("t.csv")
    table["usd"] = 0.0
    assert read_table("t.csv")["usd"].tolist()[0] == 1.5


def test_a_changed_file_is_named_with_both_hashes(root):
    path = put(root)
    expected = sha256(path)
    path.write_text(ROWS.replace("1.5", "1.6"))
    with pytest.raises(InputError) as err:
        read_table("t.csv")
    assert all(part in str(err.value) for part in ("data/t.csv", expected, sha256(path), "t.origin.yaml"))


def test_a_truncated_file_is_a_changed_file(root):
    path = put(root)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(InputError, match="the file has changed"):
        read_table("t.csv")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS.replace("0101,", ",", 1), "column 'hs': row 2 is blank; fill it, or allow blanks in the origin"),
        (ROWS.replace("1.5", "a few"), "column 'usd': a cell is not a number"),
        (ROWS.replace(",3\n", ",3.5\n"), "column 'pieces': holds a number with a fraction"),
        (ROWS.replace("2024-07-02", "2024-02-30"), "column 'day': a cell is not a date"),
        (ROWS.replace("pieces", "cars"), "stand in the table or in its origin, but not in both"),
        ("", "not a readable CSV table"),
        (ROWS + '"x', "not a readable CSV table"),
    ],
)
def test_cells_that_are_not_what_the_origin_says(root, rows, said):
    put(root, rows)
    with pytest.raises(InputError) as err:
        read_table("t.csv")
    assert said in str(err.value)
    assert "data/t.csv" in str(err.value)


def test_no_such_table_names_the_nearest(root):
    put(root)
    with pytest.raises(InputError, match=r"tt\.csv is not a table of the data folder\. Did you mean 't\.csv'"):
        read_table("tt.csv")


def test_a_table_needs_an_origin(root):
    put(root, origin=None)
    with pytest.raises(InputError, match=r"data/t\.csv has no origin; add t\.origin\.yaml"):
        read_table("t.csv")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("licence: public domain\n", "", "licence is missing; add it"),
        ("confidence: high", "confidence: hihg", "'hihg' is not allowed; use"),
        ("publisher:", "pubisher:", "pubisher is not a field here. Did you mean 'publisher'?"),
        ("type: integer", "type: whole", "columns.pieces.type: 'whole' is not allowed"),
        ("retrieved: 2026-11-23", "retrieved: 2026-11-31", ":5: '2026-11-31' is no day of the calendar"),
    ],
)
def test_an_origin_that_is_wrong_names_the_line(root, old, new, said):
    path = put(root, origin=ORIGIN.replace(old, new))
    with pytest.raises(InputError) as err:
        read_origin(path)
    assert said in str(err.value)
    assert "data/t.origin.yaml:" in str(err.value)


def test_check_reports_every_file_and_goes_on(root):
    put(root, name="good.csv")
    put(root, origin=None, name="bare.csv")
    (root / "lonely.origin.yaml").write_text(ORIGIN.format(sha="0" * 64))
    (root / "double.yaml").write_text("a: 1\na: 2\n")
    found = check_files()
    assert len(found) == 3
    assert sum("bare.csv has no origin" in line for line in found) == 1
    assert sum("its table is missing" in line for line in found) == 1
    assert sum("stands already on line 1" in line for line in found) == 1


def test_data_files_leaves_hidden_files_out(root):
    put(root)
    (root / ".part").write_text("x")
    assert [path.name for path in data_files()] == ["t.csv", "t.origin.yaml"]


def test_stamp_is_relative_to_the_data_folder(root, tmp_path_factory):
    path = put(root)
    assert stamp(path).path == "t.csv"
    assert stamp(path).sha256 == sha256(path)
    other = tmp_path_factory.mktemp("elsewhere") / "own.yaml"
    other.write_text("a: 1\n")
    assert stamp(other).path == "own.yaml"


def test_write_atomic_leaves_no_part(root):
    assert write_atomic(root / "deep" / "x.txt", "text").read_text() == "text"
    assert [path.name for path in (root / "deep").iterdir()] == ["x.txt"]


def test_scalars_are_never_guessed():
    value, _ = parse_yaml(
        "a: 010\nb: NO\nc: 12:30\nd: 1e-3\ne: true\nf: 2024-07-01\ng: '8703'\nh: ~\ni: -2\nj: yes\nk: .5\nl: |\n  7\n",
        name="x",
    )
    assert value == {
        "a": "010",
        "b": "NO",
        "c": "12:30",
        "d": 1e-3,
        "e": True,
        "f": date(2024, 7, 1),
        "g": "8703",
        "h": None,
        "i": -2,
        "j": "yes",
        "k": ".5",
        "l": "7\n",
    }


def test_lines_are_those_of_the_keys():
    _, lines = parse_yaml("a: 1\nb:\n  - c: 2\n  - d: 3\n", name="x")
    assert (lines["a",], lines["b", 1], lines["b", 1, "d"]) == (1, 4, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3: the key 'a' stands already on line 1; keep one of them."),
        ("a: &y 1\nb: *y\n", "x.yaml:2: aliases are not allowed"),
        ("a: !own 1\n", "x.yaml:1: the tag '!own' is not allowed"),
        ("a: 2023-02-29\n", "x.yaml:1: '2023-02-29' is no day of the calendar; write YYYY-MM-DD."),
        ("a: 1e999\n", "x.yaml:1: 1e999 is too large for a number."),
        ("[a]: 1\n", "x.yaml:1: a key must be a plain word"),
        ("a: [1\n", "this is not YAML"),
        ("a: 1\n--- \nb: 2\n", "this is not YAML"),
        ("", "x.yaml: the file is empty"),
        ("[" * 5000, "x.yaml: nested too deeply"),
    ],
)
def test_what_strict_yaml_refuses(text, said):
    with pytest.raises(InputError) as err:
        parse_yaml(text, name="x.yaml")
    assert said in str(err.value)


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(InputError, match=r"x\.yaml: the file cannot be read \(it is not UTF-8 text\)"):
        read_yaml(path)
    with pytest.raises(InputError, match=r"none\.yaml: the file cannot be read"):
        read_yaml(tmp_path / "none.yaml")


class Small(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    amount: float
    day: date


def test_all_problems_of_a_file_come_at_once():
    value, lines = parse_yaml("ammount: 1\nday: soon\n", name="x.yaml")
    with pytest.raises(InputError) as err:
        validate(Small, value, lines, name="x.yaml")
    said = str(err.value).splitlines()
    assert len(said) == 3
    assert "x.yaml:1: ammount is not a field here. Did you mean 'amount'?" in said
    assert any(line.startswith("x.yaml:2: day:") for line in said)
