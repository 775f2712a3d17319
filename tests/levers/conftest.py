"""The shipped account, and the scenario that levers are added to."""

import pytest

import tradecalc as tc


@pytest.fixture(scope="session")
def book():
    return tc.load_account()


@pytest.fixture(scope="session")
def base():
    return tc.load_scenario("status-quo-2025-06").model_copy(update={"name": "own"})
