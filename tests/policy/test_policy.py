"""Rates by day, line and origin, each with its source: what was compiled from public sources, and what follows."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tradecalc.files import read_yaml
from tradecalc.tariffs import TariffSchedule, load_tariffs

OWN = ("on", "rate", "first", "source", "work")


def cases() -> list[Any]:
    """Return every case of every file here, with the file and its number as its name."""
    found = []
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        value, _ = read_yaml(path)
        for number, case in enumerate(value["cases"], 1):
            assert case["source"] in value["sources"], (path.name, case)
            found.append(pytest.param(case, id=f"{path.stem}-{number}-{case['origin']}-{case['hs']}-{case['on']}"))
    return found


@lru_cache
def schedule() -> TariffSchedule:
    return load_tariffs("us")


@pytest.mark.parametrize("case", cases())
def test_the_rate_is_what_the_source_says(case):
    asked = {key: value for key, value in case.items() if key not in OWN}
    hs = asked.pop("hs")
    assert schedule().rate(hs, on=case["on"], **asked) == pytest.approx(case["rate"], abs=5e-5), case.get("work")
    if "first" in case:
        first = schedule().rate(hs, on=case["on"], **{**asked, "assessed": "first"})
        assert first == pytest.approx(case["first"], abs=5e-5), case.get("work")


def test_the_files_hold_every_compiled_rate():
    assert len([case for case in cases() if not case.id.startswith("derived")]) == 226 + 330
