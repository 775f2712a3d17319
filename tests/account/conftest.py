"""The shipped account, and a copy of its data that a test may change."""

import shutil
from pathlib import Path

import pytest

from tradecalc.account import Account, load_account
from tradecalc.files import data_root


@pytest.fixture(scope="session")
def account() -> Account:
    return load_account()


@pytest.fixture
def own_data(tmp_path, monkeypatch) -> Path:
    copy = tmp_path / "data"
    for folder in ("account", "history", "markets"):
        shutil.copytree(data_root() / folder, copy / folder)
    monkeypatch.setenv("TRADECALC_DATA", str(copy))
    return copy
