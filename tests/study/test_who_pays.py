"""Who pays: every number against a derivation of its own, every sum against the identity that it must keep."""

import numpy as np
import pandas as pd
import pytest

import tradecalc as tc
from tradecalc.partial import gain_by_seller, solve_partial, welfare
from tradecalc.scenario import list_scenarios
from tradecalc.terms import InputError

SCOPES = ["partner", "everybody", "partner_alone"]
DOLLAR = ["no-deal-dollar", "status-quo-dollar", "weaker-dollar"]
SINGLE = [name for name in list_scenarios() if not tc.load_scenario(name).branches and name not in DOLLAR]


@pytest.fixture(scope="module")
def tables():
    return {name: tc.who_pays(name, draws=0, engine="partial") for name in SINGLE}


def by_hand(value, before, after, sigma, home_sigma, eta, rho, home=0):
    """Return price, quantity and delivered price of every seller and the total index, by plain fixed-point algebra."""
    tau = (1 + after) / (1 + before)
    price = np.where(np.arange(value.size) == home, 1.0, tau ** (rho - 1))
    d = price * tau
    spent = value * (1 + before)
    foreign = np.arange(value.size) != home
    share = spent[foreign] / spent[foreign].sum()
    p_m = (share @ d[foreign] ** (1 - sigma)) ** (1 / (1 - sigma))
    own = spent[home] / spent.sum()
    p = (own + (1 - own) * p_m ** (1 - home_sigma)) ** (1 / (1 - home_sigma))
    q = (d / p_m) ** -sigma * (p_m / p) ** -home_sigma * p**-eta
    q[home] = p ** (home_sigma - eta)
    return price, q, d, p


VALUE, BEFORE = np.array([60.0, 30.0, 20.0]), np.array([0.0, 0.02, 0.03])
LOW, HIGH = np.array([0.0, 0.10, 0.10]), np.array([0.0, 0.30, 0.15])
SIGMA, HOME_SIGMA, ETA, RHO = 3.9, 2.2, 0.8, 0.7


def test_all_sides_together_lose_the_wedge_times_the_quantity_lost():
    """Sum of surpluses between two laws = integral of (delivered price less cost) dq, walked in small steps."""
    told = {"sigma": SIGMA, "sigma_home": HOME_SIGMA, "eta": ETA, "home": 0, "tariff_before": BEFORE}
    rho = np.array([np.nan, RHO, RHO])
    sums = []
    for law in (LOW, HIGH):
        solved = solve_partial(VALUE, tariff_after=law, pass_through=rho, **told)
        who = welfare(solved, VALUE, tariff_before=BEFORE, home=0, pass_through=rho)
        sums.append(float(who.margin_change - who.deadweight_loss))
    steps = [
        by_hand(VALUE, BEFORE, LOW + u * (HIGH - LOW), SIGMA, HOME_SIGMA, ETA, RHO) for u in np.linspace(0, 1, 4001)
    ]
    laws = [LOW + u * (HIGH - LOW) for u in np.linspace(0, 1, 4001)]
    walked = 0.0
    for (p0, q0, *_), (p1, q1, *_), t0, t1 in zip(steps, steps[1:], laws, laws[1:], strict=False):
        wedge = (p0 * (1 + t0) + p1 * (1 + t1)) / 2 - 1.0
        walked += float((VALUE * wedge * (q1 - q0))[1:].sum())
    assert sums[1] - sums[0] == pytest.approx(walked, rel=1e-6)


def test_the_buyers_loss_is_split_by_whose_price_moved():
    told = {"sigma": SIGMA, "sigma_home": HOME_SIGMA, "eta": ETA, "home": 0, "tariff_before": BEFORE}
    ends = [
        solve_partial(VALUE, tariff_after=t, pass_through=np.array([np.nan, RHO, RHO]), **told) for t in (LOW, HIGH)
    ]
    delivered = tuple(end.delivered_hat for end in ends)
    found = gain_by_seller(VALUE, delivered=delivered, **told)
    assert found.sum() == pytest.approx(float(ends[1].consumer_gain - ends[0].consumer_gain), rel=1e-10)
    assert found[0] == 0.0
    u = np.linspace(0, 1, 20001)  # the same integral by the trapezium rule
    logs = [np.log(d) for d in delivered]
    spending = []
    for w in u:
        d = np.exp(logs[0] + w * (logs[1] - logs[0]))
        share = (VALUE * (1 + BEFORE))[1:] / (VALUE * (1 + BEFORE))[1:].sum()
        p_m = (share @ d[1:] ** (1 - SIGMA)) ** (1 / (1 - SIGMA))
        own = VALUE[0] / (VALUE * (1 + BEFORE)).sum()
        p = (own + (1 - own) * p_m ** (1 - HOME_SIGMA)) ** (1 / (1 - HOME_SIGMA))
        q = (d[1:] / p_m) ** -SIGMA * (p_m / p) ** -HOME_SIGMA * p**-ETA
        spending.append((VALUE * (1 + BEFORE))[1:] * q * d[1:])
    by_trapezium = -np.trapezoid(np.array(spending), u, axis=0) * (logs[1] - logs[0])[1:]
    assert found[1:] == pytest.approx(by_trapezium, rel=1e-7)


@pytest.mark.parametrize("elasticity", [1.0, 1.0 + 1e-9])
def test_an_elasticity_of_one_is_no_exception(elasticity):
    told = {"sigma": elasticity, "sigma_home": elasticity, "eta": elasticity, "home": 0, "tariff_before": BEFORE}
    ends = [solve_partial(VALUE, tariff_after=t, **told) for t in (LOW, HIGH)]
    found = gain_by_seller(VALUE, delivered=tuple(end.delivered_hat for end in ends), **told)
    assert found.sum() == pytest.approx(float(ends[1].consumer_gain - ends[0].consumer_gain), rel=1e-6)


@pytest.mark.parametrize("name", DOLLAR)
def test_where_the_dollar_moves_who_pays_is_refused(name):
    with pytest.raises(tc.InputError, match="the dollar moves, so who pays cannot be told seller by seller"):
        tc.who_pays(name, draws=0)


def told(table):
    """Return the scopes of a table: one that cannot be told is blank throughout, and the table says why."""
    blank = [scope for scope in SCOPES if table[scope].isna().all()]
    assert blank == (["partner_alone"] if "no_partner_alone" in table.attrs else [])
    return [scope for scope in SCOPES if scope not in blank]


@pytest.mark.parametrize("name", SINGLE)
def test_what_is_borne_is_the_duty_and_the_rents(tables, name):
    table = tables[name]
    for scope in told(table):
        borne = table.loc["borne: buyers", scope] + table.loc["borne: exporters", scope]
        total = borne - table.loc["borne: licences", scope] + table.loc["borne: base", scope]
        assert total == pytest.approx(table.loc["treasury", scope], abs=1e-9), scope


@pytest.mark.parametrize("name", SINGLE)
def test_sides_sum_and_scopes_meet(tables, name):
    table = tables[name]
    sides = table[table["kind"] == "side"]
    for scope in told(table):
        assert sides[scope].sum() == pytest.approx(table.loc["all", scope], abs=1e-9)
    result = tc.run(name, draws=0, engine="partial").central
    assert table.loc["buyers", "everybody"] == pytest.approx(float(result["consumer_gain_usd_bn"]), abs=1e-9)
    assert table.loc["treasury", "partner"] == pytest.approx(float(result["duty_change_usd_bn"]), abs=1e-9)
    assert table.loc["sales: partner", "partner"] == pytest.approx(float(result["imports_change_usd_bn"]), abs=1e-9)
    makers = table.loc[["makers: price", "makers: volume"], "partner"].sum()
    assert makers == pytest.approx(float(result["exporter_surplus_change_usd_bn"]), abs=1e-9)
    rivals = table[table["kind"] == "rival"]["everybody"].sum()
    assert rivals == pytest.approx(table.loc["rivals", "everybody"], abs=1e-9)


def test_terms_for_japan_alone_are_not_the_law_for_everybody(tables):
    """With the partner's law alone, buyers gain what its goods give them; the others' law costs them the rest."""
    table = tables["agreement-2025-09"]
    assert table.loc["buyers", "everybody"] < -10
    assert 1.5 < table.loc["buyers", "partner_alone"] < 4
    assert table.loc["buyers", "partner"] == pytest.approx(table.loc["buyers", "partner_alone"], rel=0.1)


def test_partner_alone_is_the_scenario_with_others_of_the_references_day(tables):
    asked, reference = tc.load_scenario("fifteen"), tc.load_scenario("status-quo-2025-06")
    law = asked.tariffs.model_copy(update={"others": reference.tariffs.on})
    alone = tc.run(asked.model_copy(update={"tariffs": law}), draws=0).central
    assert tables["fifteen"].loc["buyers", "partner_alone"] == pytest.approx(float(alone["consumer_gain_usd_bn"]))
    assert tables["removal"].loc["buyers", "partner_alone"] == tables["removal"].loc["buyers", "everybody"]


def test_a_change_for_others_only_is_nothing_where_the_partner_alone_moves(tables):
    table = tables["rivals-in-mexico-and-canada"]
    assert table.loc["buyers", "everybody"] != 0
    assert table.loc["buyers", "partner_alone"] == 0


def test_yen_are_at_the_mean_rate_of_the_accounts_year(tables):
    months = tc.load_table("usd-jpy-monthly")
    rate = months.loc[pd.to_datetime(months["month"]).dt.year == 2024, "usd_jpy"].mean()
    table = tables["removal"]
    assert table.loc["makers: price", "currency_bn"] == pytest.approx(table.loc["makers: price", "partner"] * rate)
    assert table.attrs["currency"] == "JPY"
    assert table.loc["buyers", "currency_bn"] != table.loc["buyers", "currency_bn"]
    other = tc.who_pays("removal", partner="KOR", draws=0)
    assert other["currency_bn"].isna().all()


def test_a_margin_makes_lost_volume_cost_something():
    """Makers with a margin of a tenth lose a tenth of what they no longer ship, at the account's prices."""
    none, some = (tc.who_pays("no-deal", draws=0, margin=m).loc["makers: volume", "partner"] for m in (0.0, 0.1))
    ends = [tc.run(n, draws=0).central["quantity_hat"].to_series() for n in ("no-deal", "status-quo-2025-06")]
    shipped = tc.load_account().imports_usd_bn.reindex(ends[0].index)
    assert some - none == pytest.approx(0.1 * float((shipped * (ends[0] - ends[1])).sum()), rel=1e-9)


def test_draws_give_intervals_around_the_central_case():
    table = tc.who_pays("no-deal", draws=30)
    assert (table["partner_p5"] <= table["partner_p95"]).loc["buyers"]
    assert table.attrs["failed_draws"] == 0
    central = tc.who_pays("no-deal", draws=0)
    assert table["everybody"].to_numpy() == pytest.approx(central["everybody"].to_numpy(), nan_ok=True)
    assert not any("_p5" in column for column in central)


def test_bad_input():
    with pytest.raises(InputError, match=r"margin is 1\.5"):
        tc.who_pays("no-deal", margin=1.5)
    with pytest.raises(InputError, match="is a tree"):
        tc.who_pays("tree-2025-06")
