"""What is laid out once is kept by the content of the files: it is shared, and no change of a file is missed."""

import gzip
import hashlib
import os
import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tradecalc as tc
from tradecalc.files import data_root
from tradecalc.study import run
from tradecalc.study.prepared import prepared
from tradecalc.worlds import load_world, sector_rates


@pytest.fixture
def own_data(tmp_path, monkeypatch) -> Path:
    """Return a copy of the data folder, which counts."""
    copy = tmp_path / "data"
    shutil.copytree(data_root(), copy)
    monkeypatch.setenv("TRADECALC_DATA", str(copy))
    return copy


def rewrite(path: Path, old: str, new: str, *, same_times: bool = False) -> None:
    """Exchange one text of a file, and the hash in its origin; with ``same_times`` the system shows no later time."""
    seen = path.stat()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    if path.suffix == ".csv":
        record(path, path.with_suffix(".origin.yaml"))
    if same_times:
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def record(path: Path, origin: Path) -> None:
    """Write the hash of a table into its origin."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    origin.write_text(re.sub(r"sha256: [0-9a-f]{64}", f"sha256: {digest}", origin.read_text()))


def test_two_questions_share_one_account():
    assert prepared("us-japan-2024").account is prepared().account is tc.prepare(partner="JPN").account
    assert prepared().markets is prepared("us-japan-2024").markets
    assert prepared(vintage="2026-06").account is not prepared().account


def test_a_study_answers_as_the_functions_do():
    study = tc.prepare("us-japan-2024", vintage="2026-06")
    account = tc.load_account("us-japan-2024", vintage="2026-06")
    assert study.run("removal", draws=3) == run("removal", account=account, draws=3)
    assert study.market_table("no-deal", "cars").equals(tc.market_table("no-deal", "cars", account=account))
    one, two = (
        f("removal", parameter="rate: cars", values=[0.1], **more)
        for f, more in ((study.sweep, {}), (tc.sweep, {"account": account}))
    )
    assert one.equals(two)
    assert study.interactions("roadmap-for-removal").equals(tc.interactions("roadmap-for-removal", account=account))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"partner": "JPM"}, "no account of 'JPM'; use one of ARE, .*JPN, KOR.*Did you mean 'JPN'"),
        ({"partner": "JPN", "account": "us-japan-2024"}, "are both given; give one of them"),
        ({"account": "us-japan-2024", "vintage": "2025-03"}, "no vintage '2025-03'"),
        ({"account": "us-japna-2024"}, "Did you mean 'us-japan-2024'"),
    ],
)
def test_what_cannot_be_prepared_is_one_sentence(options, message):
    with pytest.raises(tc.InputError, match=message) as caught:
        tc.prepare(**options)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(tc.InputError, match="has its own vintage"):
        tc.prepare(tc.load_account(), vintage="2025-02")


@pytest.mark.parametrize("same_times", [False, True])
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scenarios/removal.yaml", "  overrides:", "  assessed: first\n  overrides:"),
        ("scenarios/status-quo-2025-06.yaml", "mode: 3.8", "mode: 3.9"),
        ("markets/rivals.yaml", "us_content: 0.40", "us_content: 0.41"),
        ("tariffs/us/s232-cars.yaml", "rate: 0.25", "rate: 0.24"),
        ("account/us-japan-2024.yaml", "count: 1", "count: 2"),
    ],
)
def test_a_changed_file_is_never_missed(own_data, file, old, new, same_times):
    """A rewrite within one tick of the clock and of the same size counts as much as any other."""
    before = run("british-quota" if "account" in file else "removal", draws=0)
    path = own_data / file
    rewrite(path, old, new, same_times=same_times)
    after = run("british-quota" if "account" in file else "removal", draws=0)
    assert after.origins != before.origins
    assert {s.path for s in set(after.origins) ^ set(before.origins)} == {file}


def test_a_changed_table_is_never_missed(own_data):
    """A rival's cars, doubled in the table of lines by origin, take sales from the partner and weigh in its law."""
    path = own_data / "markets" / "us-imports-hs10-by-origin-2024.csv.gz"
    before = run("removal", draws=0)
    account = tc.load_account()
    law, day = tc.load_tariffs("us"), date(2025, 6, 14)
    world_rates = sector_rates(load_world("world-2014", account), law, on=day, assessed="final")
    seen = path.stat()
    table = pd.read_csv(path, dtype=str)
    cars = table["hs10"].str.startswith("8703") & (table["origin"] == "MEX")
    value = table["imports_for_consumption_usd"].astype(float)
    table["imports_for_consumption_usd"] = value.where(~cars, 2 * value)
    path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    record(path, path.with_name("us-imports-hs10-by-origin-2024.origin.yaml"))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    after = run("removal", draws=0)
    assert float(before.central["imports_by_product_usd_bn"].sel(product="cars")) > float(
        after.central["imports_by_product_usd_bn"].sel(product="cars")
    )
    mexico = account.market("cars").set_index("origin").loc["MEX", "usd_bn"]
    assert mexico == pytest.approx(2 * value[cars].sum() / 1e9, rel=1e-9)
    anew = sector_rates(load_world("world-2014", account), law, on=day, assessed="final")
    assert not np.array_equal(anew, world_rates)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(tc.InputError, match="the file has changed"):
        run("removal", draws=0)
