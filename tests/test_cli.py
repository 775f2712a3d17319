import json
import subprocess
import sys

import pytest

from tradecalc.__main__ import main


def test_no_command_prints_help(capsys):
    assert main([]) == 0
    assert "COMMAND" in capsys.readouterr().out


def test_run_prints_the_answer(capsys):
    assert main(["run", "no-deal", "--draws", "20"]) == 0
    out = capsys.readouterr().out
    assert "measured against: Law of mid-June 2025" in out
    assert "20 draws, 0 not converged" in out
    assert "Levels, USD bn" in out
    assert "first full year, scenario 2026" in out


def test_run_prints_json(capsys):
    assert main(["run", "no-deal", "--draws", "0", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    by_name = {row["variable"]: row["central"] for row in answer["summary"]}
    assert by_name["deficit_change_usd_bn"] == pytest.approx(sum(row["central"] for row in answer["channels"]))


def test_run_saves(tmp_path, capsys):
    from tradecalc import load_result

    file = tmp_path / "answer.tcr"
    assert main(["run", "no-deal", "--draws", "5", "--save", str(file)]) == 0
    assert load_result(file).scenario.name == "no-deal"


def test_rates_of_a_car(capsys):
    assert main(["rates", "8703.23", "--origin", "JPN", "--on", "2025-06-14"]) == 0
    assert "27.5 %" in capsys.readouterr().out


def test_rates_of_any_origin_and_of_goods_for_aircraft(capsys):
    assert main(["rates", "8471.30.01", "--origin", "CHN", "--on", "2025-06-14"]) == 0
    assert "from CHN on 2025-06-14: 20 %" in capsys.readouterr().out
    engine = ["rates", "8411.91.90", "--origin", "JPN", "--on", "2025-10-14"]
    for word, rate in (("yes", "0 %"), ("no", "15 %")):
        assert main([*engine, "--aircraft-use", word, "--no-preference"]) == 0
        assert f"on 2025-10-14: {rate}\n" in capsys.readouterr().out


def test_solve_for_says_that_no_amount_does(capsys):
    assert main(["solve-for", "offer-2025-06", "--lever", "pledge: soybeans", "--target", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)[0]
    assert answer["reached"] is False
    assert answer["amount"] is None
    assert main(["solve-for", "offer-2025-06", "--lever", "pledge: corn", "--target", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)[0]
    assert answer["amount"] == pytest.approx(2)


def test_scenarios_lists_questions(capsys):
    assert main(["scenarios", "--json"]) == 0
    assert {"removal", "no-deal"} <= {row["scenario"] for row in json.loads(capsys.readouterr().out)}


def test_check_finds_nothing(capsys):  # every data file, account and belief, and the whole law with `check_tariffs`
    assert main(["check"]) == 0
    assert "nothing wrong" in capsys.readouterr().out


BAD = [
    (["run", "no-deel"], "Did you mean 'no-deal'"),
    (["run", "no-deal", "--draws", "-3"], "draws is -3; a whole number of 0 or more is allowed"),
    (["run", "no-deal", "--vintage", "2024-13"], "2024-13"),
    (["solve-for", "offer-2025-06", "--lever", "pledge: corm", "--target", "1"], "Did you mean 'pledge: corn'"),
    (["solve-for", "offer-2025-06", "--lever", "pledge: corn", "--target", "-1"], "target_usd_bn is -1"),
    (["run", "nowhere/own.yaml"], "there is no such scenario file"),
    (["rates", "87x3", "--origin", "JPN", "--on", "2025-06-14"], "87x3"),
    (["rates", "8703.23", "--origin", "JAP", "--on", "2025-06-14"], "JAP"),
    (["rates", "8703.23", "--origin", "JPN", "--on", "1925-06-14"], "1925-06-14"),
    (["rates", "8703.23", "--origin", "JPN", "--on", "2031-06-14"], "as_of='2026-11-25'"),
    (
        ["rates", "8703.23", "--origin", "JPN", "--on", "2025-06-14", "--aircraft-use", "yes"],
        "no list of civil aircraft",
    ),
    (["rates", "8517.70", "--origin", "JPN", "--on", "2025-06-14"], "of another revision"),
    (["rates", "8703.23", "--origin", "JPN", "--on", "June"], "June"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(b[0]) for b in BAD])
def test_bad_input_is_one_sentence_and_exit_two(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_bad_file_saves_nothing(tmp_path, capsys):
    own, answer = tmp_path / "own.yaml", tmp_path / "answer.tcr"
    own.write_text("extends: status-quo-2025-06\nname: own\nquestion: What if I mistype?\npleges: {}\n")
    assert main(["run", str(own), "--save", str(answer)]) == 2
    assert "own.yaml:4: pleges is not a field here. Did you mean 'pledges'?" in capsys.readouterr().err
    assert not answer.exists()


def test_the_module_runs():
    out = subprocess.run([sys.executable, "-m", "tradecalc", "--version"], capture_output=True, text=True, check=True)
    assert out.stdout.startswith("tradecalc 0.")


def test_partners_are_listed_and_a_scenario_is_asked_of_one(capsys):
    assert main(["partners", "--on", "2025-06-14"]) == 0
    shown = capsys.readouterr().out
    assert "Germany (in EUU) industries" in shown
    assert "do not add the two" in shown
    assert main(["partners", "--json"]) == 0
    rows = {row["partner"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["VNM"]["account"] == "us-vietnam-2024"
    assert main(["run", "removal", "--partner", "VNM", "--draws", "0"]) == 0
    shown = capsys.readouterr().out
    assert "removal of every additional tariff on goods of Vietnam" in shown
    assert "account us-vietnam-2024" in shown
    assert main(["solve-for", "status-quo", "--lever", "rate: cars", "--target", "1", "--partner", "KOR"]) == 0


@pytest.mark.parametrize("words", [["run", "removal", "--partner", "VNX"], ["run", "removal", "--partner", "IDN"]])
def test_a_partner_without_an_account_is_one_sentence(words, capsys):
    assert main(words) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
