"""Whatever is done to a scenario file, only TradecalcError comes out of the loader."""

import contextlib
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tradecalc.files import data_root
from tradecalc.scenario import load_scenario
from tradecalc.terms import TradecalcError

SHIPPED = [path.read_text(encoding="utf-8") for path in sorted((data_root() / "scenarios").glob("*.yaml"))]
JUNK = st.text(alphabet=string.printable + "äß—\u2028\x00", max_size=12)
WORDS = st.sampled_from(
    [
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!x ",
        "\n",
        "\t",
        "'",
        '"',
        "1e400",
        ".inf",
        "-1",
        "null",
        "~",
        "#",
        "|",
        "0123",
    ]
)


@st.composite
def mutated(draw):
    text = draw(st.sampled_from(SHIPPED))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        text = text[:at] + draw(JUNK | WORDS) + text[at + cut :]
    return text


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=mutated())
@example(text="[" * 5000)
@example(text="a: " * 3000)
@example(text="- 1")
@example(text="extends: [1]\nname: x")
@example(text="extends: ../x\nname: x")
@example(text="name: 1e99999")
def test_only_our_errors_come_out(tmp_path, text):
    path = tmp_path / "mutated.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(TradecalcError):
        load_scenario(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
def test_bytes_that_are_no_text_are_refused(tmp_path, raw):
    path = tmp_path / "mutated.yaml"
    path.write_bytes(raw)
    with pytest.raises(TradecalcError, match=r"mutated\.yaml"):
        load_scenario(path)
