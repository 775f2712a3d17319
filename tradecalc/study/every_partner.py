"""The same question asked of every partner, and who else gains or loses when one partner's terms change."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tradecalc.account import (
    Account,
    account_names,
    account_of,
    load_account,
    partner_name,
    read_definition,
    refuse_double,
)
from tradecalc.markets import read_rivals
from tradecalc.result import Result
from tradecalc.scenario import Scenario
from tradecalc.study.asked import reference_of, stand_on
from tradecalc.study.prepared import Prepared, prepared
from tradecalc.study.runs import run
from tradecalc.study.tables import solved_markets
from tradecalc.tariffs import load_tariffs
from tradecalc.terms import InputError

HOME: Final = "home"
_TOTAL: Final = "total"


def partners(on: date | str | None = None, *, as_of: date | str | None = None) -> pd.DataFrame:
    """Return every partner that has an account, the largest deficit first, one row each.

    Columns: partner (ISO-3), name, account, detail ("lines", or "industries" where imports are known by industry only),
    member_of (the union that holds it, or ""), imports_usd_bn, exports_usd_bn, deficit_usd_bn (default vintage) and
    rate, the average over all its lines on ``on`` at their weights of the account's year (a fraction of customs value).
    Members stand beside their union: do not add the two.

    Args:
        on: the day of the rate; None takes the last day to which the law is compiled.
        as_of: the law as known on this day; None as it really followed.

    Raises:
        InputError: a day outside the compiled law.
    """
    rows, assumed = [], read_rivals()
    for account in map(load_account, account_names()):
        law = load_tariffs(account.definition.law, as_of=as_of)
        told: dict[str, Any] = assumed[account.partner].options() if account.partner in assumed else {}
        rate = law.effective(account, on=law.compiled_to if on is None else on, **told)["rate"].iloc[-1]
        rows.append({**_about(account), "rate": float(rate)})
    return pd.DataFrame(rows).sort_values("deficit_usd_bn", ascending=False, ignore_index=True)


def compare_partners(
    scenario: str | Path | Scenario,
    partners: Iterable[str] | None = None,
    *,
    draws: int | None = 0,
    total: bool = False,
) -> pd.DataFrame:
    """Return what one scenario does to the deficit with each partner, the largest deficit first, one row a partner.

    Each is asked by itself: the scenario's words about the partner mean this one, and everybody else pays what the
    scenario says of others. Columns are those of `partners` without the rate, then rate_reference and rate (averages
    over the products that are solved, at the account's imports), deficit_change_usd_bn with p5 and p95,
    imports_change_usd_bn, exports_change_usd_bn, duty_change_usd_bn, consumer_gain_usd_bn,
    deficit_change_vs_account_usd_bn with vs_account_p5 and vs_account_p95, and failed_draws.

    Args:
        scenario: a shipped name, the path of a YAML file, or a loaded scenario.
        partners: ISO-3 codes; None takes every partner that is not a member of another.
        draws: as in `run`; 0 solves the central case only, without an interval.
        total: add a last row with the sums of what is in USD bn (no interval: the draws of partners are not common
            risks of one sum).

    Raises:
        InputError: a partner without an account, a lever on a good that an account does not hold, or a total that
            counts a member and its union.
    """
    names = _accounts(partners)
    if total:
        refuse_double([code for code, _ in names], "compare_partners")
    rows = []
    for _, name in names:
        ground = prepared(name)
        rows.append({**_about(ground.account), **_answer(run(scenario, account=ground.account, draws=draws), ground)})
    table = pd.DataFrame(rows).sort_values("deficit_usd_bn", ascending=False, ignore_index=True)
    return pd.concat([table, _sum(table)], ignore_index=True) if total else table


def who_gains(
    scenario: str | Path | Scenario, *, account: Account | str | None = None, partner: str | None = None
) -> pd.DataFrame:
    """Return what each origin sells to the reporter under a scenario, at the central beliefs, the largest gain first.

    The sum of `market_table` over all products. Columns: origin (ISO-3, ``ROW``, ``home``), name, account_usd_bn (the
    account's year and law), reference_usd_bn, scenario_usd_bn (customs value; home at basic prices), change_usd_bn
    (scenario less reference) and change_vs_account_usd_bn. The last row sums them.

    Raises:
        InputError: as `market_table`.
    """
    asked, ground = stand_on(scenario, account, partner)
    if asked.branches:
        raise InputError(f"who_gains: {asked.name} is a tree; name the scenario of one branch.")
    markets = ground.markets
    sold = [
        solved_markets(question, ground).recorded.recorded_value[0].sum(axis=0)
        for question in (reference_of(asked, ground), asked)
    ]
    table = pd.DataFrame(
        {
            "origin": [HOME if i == markets.home else o for i, o in enumerate(markets.origins)],
            "name": [partner_name(origin) for origin in markets.origins],
            "account_usd_bn": markets.value.sum(axis=0),
            "reference_usd_bn": sold[0],
            "scenario_usd_bn": sold[1],
        }
    )
    table["change_usd_bn"] = table["scenario_usd_bn"] - table["reference_usd_bn"]
    table["change_vs_account_usd_bn"] = table["scenario_usd_bn"] - table["account_usd_bn"]
    table = table.sort_values("change_usd_bn", ascending=False, kind="stable")
    sums = table.select_dtypes("number").sum()
    return pd.concat([table, pd.DataFrame([{"origin": _TOTAL, "name": _TOTAL, **sums}])], ignore_index=True)


def _accounts(partners: Iterable[str] | None) -> list[tuple[str, str]]:
    """Return partners with their accounts; None takes those that are not members of another."""
    if partners is None:
        known = [read_definition(name) for name in account_names()]
        return [(book.partner, book.name) for book in known if book.member_of is None]
    if isinstance(partners, str):
        raise InputError(f"compare_partners: partners is {partners!r}; write a list of ISO-3 codes, as ['{partners}'].")
    codes = [str(code) for code in partners]
    double = [code for i, code in enumerate(codes) if code in codes[:i]]
    if double:
        raise InputError(f"compare_partners: {double[0]} stands twice; name it once.")
    return [(code, account_of(code)) for code in codes]


def _about(account: Account) -> dict[str, object]:
    definition = account.definition
    totals = definition.vintages[account.vintage]
    return {
        "partner": account.partner,
        "name": partner_name(account.partner),
        "account": account.name,
        "detail": definition.detail,
        "member_of": definition.member_of or "",
        "imports_usd_bn": totals.imports_usd_m / 1000,
        "exports_usd_bn": totals.exports_usd_m / 1000,
        "deficit_usd_bn": account.deficit_usd_bn,
    }


def _answer(result: Result, ground: Prepared) -> dict[str, object]:
    weight = ground.markets.value[:, ground.markets.partner]
    low, high = _interval(result, "deficit_change_usd_bn")
    from_account = _interval(result, "deficit_change_vs_account_usd_bn")
    rates = {n: float(weight @ result.central[n].to_numpy() / weight.sum()) for n in ("rate_reference", "rate")}
    said = (
        "imports_change_usd_bn",
        "exports_change_usd_bn",
        "duty_change_usd_bn",
        "consumer_gain_usd_bn",
        "deficit_change_vs_account_usd_bn",
    )
    return {
        **rates,
        "deficit_change_usd_bn": result.deficit_change_usd_bn,
        "p5": low,
        "p95": high,
        **{name: float(result.central[name]) for name in said},
        "vs_account_p5": from_account[0],
        "vs_account_p95": from_account[1],
        "failed_draws": result.failed_draws,
    }


def _interval(result: Result, name: str) -> tuple[float, float]:
    return result.interval(name) if len(result.diagnostics) > 1 else (np.nan, np.nan)


def _sum(table: pd.DataFrame) -> pd.DataFrame:
    sums = {name: table[name].sum() for name in table.columns if name.endswith("_usd_bn")}
    words = dict.fromkeys(("partner", "name"), _TOTAL) | dict.fromkeys(("account", "detail", "member_of"), "")
    return pd.DataFrame([{**words, **sums, "failed_draws": table["failed_draws"].sum()}])
