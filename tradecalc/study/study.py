"""A study: an account laid out once, and every question to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tradecalc.account import Account
from tradecalc.result import Result
from tradecalc.scenario import Scenario
from tradecalc.study.by_date import levels
from tradecalc.study.payers import who_pays
from tradecalc.study.prepared import prepared
from tradecalc.study.runs import run
from tradecalc.study.sweeps import sweep
from tradecalc.study.tables import interactions, market_table


@dataclass(frozen=True, eq=False)
class Study:
    """An account, its markets and its law, laid out; every question to it takes milliseconds from here on."""

    account: Account

    def run(self, scenario: str | Path | Scenario, **options: Any) -> Result:
        """Return what a scenario does to this account; options as for `tradecalc.run`."""
        return run(scenario, account=self.account, **options)

    def sweep(
        self, scenario: str | Path | Scenario, *, parameter: str, values: Iterable[float], **options: Any
    ) -> pd.DataFrame:
        """Return the answers as one number runs over a grid; options as for `tradecalc.sweep`."""
        return sweep(scenario, parameter=parameter, values=values, account=self.account, **options)

    def who_pays(self, scenario: str | Path | Scenario, **options: Any) -> pd.DataFrame:
        """Return what each side gains or pays; options as for `tradecalc.who_pays`."""
        return who_pays(scenario, account=self.account, **options)

    def levels(self, scenario: str | Path | Scenario, **options: Any) -> pd.DataFrame:
        """Return imports, exports and deficit by date; options as for `tradecalc.levels`."""
        return levels(scenario, account=self.account, **options)

    def interactions(self, scenario: str | Path | Scenario) -> pd.DataFrame:
        """Return what pairs of levers do together beyond what each does alone; see `tradecalc.interactions`."""
        return interactions(scenario, account=self.account)

    def market_table(self, scenario: str | Path | Scenario, product: str) -> pd.DataFrame:
        """Return one import market origin by origin; see `tradecalc.market_table`."""
        return market_table(scenario, product, account=self.account)


def prepare(account: Account | str | None = None, *, vintage: str | None = None, partner: str | None = None) -> Study:
    """Return a study of an account: loaded, its markets and weights laid out, shared by all that is asked of it.

    What was laid out is kept by the content of the files that were read, so a file that changes is never missed.

    Args:
        account: an account, its name, or None for that of ``partner``, and without one for the first case.
        vintage: as in `load_account`.
        partner: ISO-3 code of the partner, in place of the account's name.

    Raises:
        InputError: no such account, vintage or partner (with the nearest), or two of them that contradict each other.
    """
    return Study(prepared(account, vintage=vintage, partner=partner).account)
