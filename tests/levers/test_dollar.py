"""The dollar as a lever and as an answer to tariffs: prices, quantities and sales against closed forms."""

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.beliefs import Fixed
from tradecalc.levers import ExchangeRate, schedule_of
from tradecalc.markets import average_rates, lay_out
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.terms import InputError


def fixed(value):
    return Fixed(dist="fixed", value=value, reference="assumed")


def dearer(scenario, by, against="partner", **more):
    lever = ExchangeRate(dollar=fixed(by), against=against, reference="assumed", **more)
    return scenario.model_copy(update={"exchange_rate": lever})


@pytest.fixture(scope="module")
def own_law(base, book):
    """The law of the account's year, so that nothing but the dollar moves; measured against itself."""
    law = base.tariffs.model_copy(update={"on": book.law_on, "as_of": None})
    return base.model_copy(update={"tariffs": law, "relative_to": base.name})


def as_to_tariffs(scenario):
    """A scenario as files wrote it before the dollar had elasticities of its own."""
    keep = {k: p for k, p in scenario.parameters.items() if not p.role.startswith("fx_elasticity")}
    return scenario.model_copy(update={"parameters": keep})


def belief(scenario, role, product):
    named = [p for p in scenario.parameters.values() if p.role == role and product in p.products]
    general = [p for p in scenario.parameters.values() if p.role == role and not p.products]
    return (named or general)[0].belief.central


def test_a_dollar_that_stays_moves_nothing(base, book):
    result = run(dearer(base, 0.0), account=book, draws=2)
    plain = run("status-quo-2025-06", account=book, draws=2)
    assert result.deficit_change_usd_bn == pytest.approx(0, abs=1e-12)
    assert float(result.channels.sel(channel="exchange rate")) == pytest.approx(0, abs=1e-12)
    for name in ("price_hat", "quantity_hat", "imports_by_product_usd_bn", "duty_by_product_usd_bn"):
        np.testing.assert_allclose(result.draws[name], plain.draws[name], rtol=1e-12)
    assert np.abs(result.draws["exports_change_by_good_usd_bn"].to_numpy()).max() < 1e-12


@pytest.mark.parametrize(("by", "against"), [(0.1, "partner"), (-0.1, "partner"), (0.25, "all"), (-0.2, "all")])
def test_import_markets_follow_the_closed_form(own_law, book, by, against):
    """Without own elasticities the dollar works as a tariff does: p = (1 + e)^-fx, then two CES nests."""
    own_law = as_to_tariffs(own_law)
    central = run(dearer(own_law, by, against), account=book, draws=0).central
    markets = lay_out(book)
    tariff = average_rates(markets, schedule_of(own_law, book), on=book.law_on, assessed="final")
    price = (1 + by) ** -belief(own_law, "fx_imports", "")
    for row, product in enumerate(markets.products):
        sigma, nest, eta = (belief(own_law, role, product) for role in ("sigma", "sigma_home", "eta"))
        spending = markets.value[row] * (1 + tariff[row])
        foreign = np.arange(len(spending)) != markets.home
        hat = np.ones(len(spending))
        hat[foreign if against == "all" else [markets.partner]] = price
        within = spending[foreign] / spending[foreign].sum()
        imports = (within @ hat[foreign] ** (1 - sigma)) ** (1 / (1 - sigma))
        abroad = spending[foreign].sum() / spending.sum()
        total = (abroad * imports ** (1 - nest) + 1 - abroad) ** (1 / (1 - nest))
        quantity = (price / imports) ** -sigma * (imports / total) ** -nest * total**-eta
        found = central.sel(product=product)
        assert float(found["price_hat"]) == pytest.approx(price, rel=1e-12)
        assert float(found["quantity_hat"]) == pytest.approx(quantity, rel=1e-9)
        value = markets.value[row, markets.partner] * price * quantity
        assert float(found["imports_by_product_usd_bn"]) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("by", [0.1, -0.1])
def test_sales_follow_the_price_in_the_buyers_currency(base, book, by):
    """Without own elasticities, one rival at a given price and supply without limit: sales have a closed form."""
    base = as_to_tariffs(base)
    parameters = {name: p for name, p in base.parameters.items() if p.role != "supply_partner"}
    moved = run(dearer(base.model_copy(update={"parameters": parameters}), by), account=book, draws=0).central
    for good in ("chemicals", "corn", "cars"):
        reaches = (1 + by) ** belief(base, "fx_exports", good)
        known = book.partner_share(good)
        share = known if np.isfinite(known) else belief(base, "share_partner", good)
        sigma, eta = belief(base, "sigma_partner", good), belief(base, "eta_partner", good)
        index = (share * reaches ** (1 - sigma) + 1 - share) ** (1 / (1 - sigma))
        sold = (reaches / index) ** -sigma * index**-eta * reaches / (1 + by)
        change = float(book.exports_usd_bn[good]) * (sold - 1)
        assert float(moved["exports_change_by_good_usd_bn"].sel(good=good)) == pytest.approx(change, rel=1e-9)


@pytest.mark.parametrize(("name_or_change", "sign"), [("weaker-dollar", -1), (0.1, 1)])
def test_both_directions_of_trade(base, book, name_or_change, sign):
    """A cheaper dollar: fewer pieces in, more value out, a smaller deficit; a dearer one the other way round.

    What imports are worth may go either way, since fewer pieces cost more each.
    """
    asked = load_scenario(name_or_change) if isinstance(name_or_change, str) else dearer(base, name_or_change)
    result = run(asked, account=book, draws=6)
    assert (sign * (result.draws["quantity_hat"] - run(base, account=book, draws=6).draws["quantity_hat"]) > 0).all()
    assert (sign * result.draws["exports_change_usd_bn"] < 0).all()
    assert (sign * result.draws["deficit_change_usd_bn"] > 0).all()
    assert (sign * (result.draws["price_hat"] - run(base, account=book, draws=6).draws["price_hat"]) < 0).all()
    by_draw = result.draws["channel_usd_bn"].sum("channel")
    np.testing.assert_allclose(by_draw, result.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9)


def test_a_dollar_against_all_lets_no_one_else_gain(base, book):
    """Rivals become cheaper too, so imports from the partner rise by less than when its currency falls alone."""
    base = as_to_tariffs(base)
    alone = run(dearer(base, 0.1, "partner"), account=book, draws=4).draws["imports_change_usd_bn"]
    everybody = run(dearer(base, 0.1, "all"), account=book, draws=4).draws["imports_change_usd_bn"]
    assert (everybody < alone).all()
    assert (everybody > 0).all()


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("by", [0.15, -0.2])
def test_who_bears_the_duty_adds_up_when_the_dollar_moves(base, book, own, by):
    draws = run(dearer(base if own else as_to_tariffs(base), by), account=book, draws=4).draws
    parts = draws["buyers_bear_usd_bn"] + draws["exporters_bear_usd_bn"] - draws["licences_keep_usd_bn"]
    np.testing.assert_allclose(parts + draws["base_effect_usd_bn"], draws["duty_change_usd_bn"], rtol=0, atol=1e-9)


def test_a_ramp_brings_the_dollar_in_steps(base, book):
    ramp = ({"on": "2026-01-01", "share": 0.4}, {"on": "2028-01-01", "share": 1.0})
    fast, slow = dearer(base, 0.04), dearer(base, 0.1, ramp=ramp)
    at_once, full, before = (
        run(asked, account=book, draws=0, year=year).deficit_change_usd_bn
        for asked, year in ((fast, 2030), (slow, 2030), (slow, 2025))
    )
    assert full > at_once > 0
    assert before == pytest.approx(0, abs=1e-12)
    step = dearer(base, 0.1, ramp=ramp[:1])
    assert run(step, account=book, draws=0, year=2030).deficit_change_usd_bn == pytest.approx(at_once, abs=1e-9)


BUDGET_LAB = 0.174  # an assumption of its tariff model: data/references.yaml, dollar_either_way


def answering(name, by):
    """A shipped scenario of which the dollar rises by so much for a rise of the average tariff."""
    asked = load_scenario(name)
    moved = asked.parameters["dollar_offset"].model_copy(update={"belief": fixed(by)})
    return asked.model_copy(update={"parameters": {**asked.parameters, "dollar_offset": moved}})


@pytest.fixture(scope="module")
def offset(book):
    return run(answering("no-deal-dollar", BUDGET_LAB), account=book, draws=4)


def rise(asked, book):
    """Return the rise of the average tariff on all imports, at the values of the account."""
    markets = lay_out(book)
    after = average_rates(markets, schedule_of(asked, book), on=asked.tariffs.on, assessed=asked.tariffs.assessed)
    before = average_rates(markets, tc.load_tariffs("us"), on=book.law_on, assessed="final")
    abroad = np.delete(markets.value, markets.home, axis=1)
    return float((np.delete(after - before, markets.home, axis=1) * abroad).sum() / abroad.sum())


@pytest.mark.parametrize("per_point", [BUDGET_LAB, -0.6])
@pytest.mark.parametrize("name", ["no-deal-dollar", "status-quo-dollar"])
def test_a_dollar_that_answers_tariffs_is_a_dollar_that_was_moved_by_as_much(name, per_point, book):
    asked = answering(name, per_point)
    answered = run(asked, account=book, draws=0)
    by = asked.parameters["dollar_offset"].belief.central * rise(asked, book)
    assert 0 < by / per_point < 0.3
    parameters = {k: p for k, p in asked.parameters.items() if p.role != "dollar_offset"}
    plain = asked.model_copy(update={"parameters": parameters, "relative_to": asked.name})
    moved = run(dearer(plain, by, "all"), account=book, draws=0)
    assert answered.deficit_change_vs_account_usd_bn == pytest.approx(moved.deficit_change_vs_account_usd_bn, abs=1e-9)
    np.testing.assert_allclose(answered.central["price_hat"], moved.central["price_hat"], rtol=1e-12)


def test_it_answers_on_both_sides_and_the_channels_still_sum(offset, book):
    assert float(offset.channels.sum()) == pytest.approx(offset.deficit_change_usd_bn, abs=1e-9)
    by_draw = offset.draws["channel_usd_bn"].sum("channel")
    np.testing.assert_allclose(by_draw, offset.draws["deficit_change_usd_bn"], rtol=0, atol=1e-9)
    asked = load_scenario("no-deal-dollar")
    reference = run(answering("status-quo-dollar", BUDGET_LAB), account=book, draws=0)
    levels = offset.deficit_change_vs_account_usd_bn - reference.deficit_change_vs_account_usd_bn
    assert levels == pytest.approx(offset.deficit_change_usd_bn, abs=1e-9)
    assert rise(asked, book) > rise(load_scenario("status-quo-dollar"), book) > 0


def test_a_dollar_that_rises_with_tariffs_gives_some_of_it_back(offset, book):
    plain = run("no-deal", account=book, draws=4, seed=offset.scenario.draws.seed)
    gives_back = offset.draws["deficit_change_usd_bn"] - plain.draws["deficit_change_usd_bn"]
    assert gives_back[0] > 0  # the central case; where imports answer little a cheaper price weighs more than pieces
    assert float(offset.channels.sel(channel="tariffs: exports")) > 0


def test_no_answer_of_the_dollar_is_no_answer(book):
    asked = load_scenario("no-deal-dollar")
    quiet = asked.parameters["dollar_offset"].model_copy(update={"belief": fixed(0.0)})
    asked = asked.model_copy(update={"parameters": {**asked.parameters, "dollar_offset": quiet}})
    plain = run("no-deal", account=book, draws=0).deficit_change_usd_bn
    assert run(asked, account=book, draws=0).deficit_change_usd_bn == pytest.approx(plain, abs=1e-9)


@pytest.mark.parametrize("role", ["fx_imports", "fx_exports"])
def test_a_dollar_without_a_belief_is_one_sentence(base, book, role):
    parameters = {name: p for name, p in base.parameters.items() if p.role != role}
    asked = dearer(base.model_copy(update={"parameters": parameters}), 0.1)
    with pytest.raises(InputError, match=f"own: the dollar moves, but no parameter gives {role}.*add one") as caught:
        run(asked, account=book, draws=0)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(("by", "against"), [(0.1, "partner"), (-0.1, "partner"), (0.25, "all")])
def test_own_elasticities_by_hand_price_times_volume(base, own_law, book, by, against):
    """Value change = price change times volume change, good by good; rivals play no part at a given elasticity."""
    central = run(dearer(own_law, by, against), account=book, draws=0).central
    price = (1 + by) ** -belief(own_law, "fx_imports", "cars")
    volume = price ** -belief(own_law, "fx_elasticity_imports", "cars")
    for product in ("cars", "machine-tools", "pharmaceuticals"):
        seen = central.sel(product=product)
        assert float(seen["price_hat"]) == pytest.approx(price, rel=1e-12)
        assert float(seen["quantity_hat"]) == pytest.approx(volume, rel=1e-12)
        value = float(book.imports_usd_bn[product]) * price * volume
        assert float(seen["imports_by_product_usd_bn"]) == pytest.approx(value, rel=1e-9)
    central = run(dearer(base, by, against), account=book, draws=0).central  # no law moves exports
    for good in ("chemicals", "corn", "cars", "lng-and-gases", "aircraft"):
        abroad = (1 + by) ** belief(own_law, "fx_exports", good)  # price in the buyer's currency
        sold = abroad ** -belief(own_law, "fx_elasticity_exports", good)
        change = float(book.exports_usd_bn[good]) * (abroad / (1 + by) * sold - 1)
        assert float(central["exports_change_by_good_usd_bn"].sel(good=good)) == pytest.approx(change, rel=1e-9)


def test_the_weaker_dollar_by_hand(own_law, book):
    """A tenth: imports keep their value at an elasticity of one; exports bring 0.9^-1, goods in dollars 0.9^-0.2."""
    named = own_law.parameters["fx_exports_in_dollars"].products
    exports = book.exports_usd_bn.drop(["residual", "revision"]).fillna(0.0)
    in_dollars = exports.index.isin(named)
    by_hand = (0.9**-1 - 1) * exports[~in_dollars].sum() + (0.9**-0.2 - 1) * exports[in_dollars].sum()
    found = run("weaker-dollar", account=book, draws=0)
    assert found.deficit_change_usd_bn == pytest.approx(-by_hand, abs=1e-9)
    assert found.deficit_change_usd_bn == pytest.approx(-6.549, abs=1e-3)


@pytest.mark.parametrize("by", [0.1, -0.2])
def test_goods_that_all_price_in_dollars_do_not_change_against_each_other(base, book, by):
    """Neither substitution nor shares there move them, and their price in dollars stays."""
    plain = run(dearer(base, by), account=book, draws=0).central
    close = {
        k: p.model_copy(update={"belief": fixed(60.0)}) if p.role == "sigma_partner" else p
        for k, p in base.parameters.items()
    }
    closer = run(dearer(base.model_copy(update={"parameters": close}), by), account=book, draws=0).central
    for good in base.parameters["fx_exports_in_dollars"].products:
        if float(book.exports_usd_bn[good]) > 0:
            change = plain["exports_change_by_good_usd_bn"].sel(good=good)
            assert float(change) == float(closer["exports_change_by_good_usd_bn"].sel(good=good))
            assert abs(float(change)) < 0.05 * float(book.exports_usd_bn[good])


def test_old_files_run_as_before(book, tmp_path):
    """A file that holds the roles of before and none of the new ones keeps the elasticities of tariffs."""
    own = tmp_path / "own.yaml"
    line = "dist: fixed, value"
    own.write_text(
        "name: own\nquestion: What did it say?\naccount: us-japan-2024\nengine: partial\nrelative_to: own\n"
        "tariffs: {on: 2025-06-14}\ndraws: {n: 2, seed: 1}\nparameters:\n"
        + "".join(
            f"  {role}: {{{line}: {value}, reference: assumed}}\n"
            for role, value in (
                ("sigma", 3.8),
                ("eta", 1.0),
                ("pass_through", 0.9),
                ("sigma_partner", 3.8),
                ("eta_partner", 1.0),
                ("share_partner", 0.1),
                ("fx_imports", 0.3),
                ("fx_exports", 0.8),
                ("dollar_offset", 0.174),
            )
        )
    )
    answered = run(str(own), account=book, draws=0)
    assert answered.deficit_change_usd_bn == 0
    assert np.isfinite(answered.deficit_change_vs_account_usd_bn)


def test_the_sign_of_the_answer_in_2025_lies_in_the_belief(book):
    """The dollar fell as tariffs rose: the shipped table says by how much, the law by how much they rose."""
    yen = tc.load_table("usd-jpy-monthly").set_index("month")["usd_jpy"].astype(float)
    yen.index = yen.index.astype(str).str[:10]
    moved = yen["2025-06-01"] / yen["2025-01-01"] - 1
    rose = rise(load_scenario("status-quo-2025-06"), book)
    seen = moved / rose
    low, high = load_scenario("no-deal-dollar").parameters["dollar_offset"].belief.bounds
    assert yen["2025-04-01"] < yen["2025-01-01"]
    assert -0.08 < moved < -0.07
    assert low < seen < 0 < high
    assert abs(yen["2026-01-01"] / yen["2025-01-01"] - 1) < 0.01  # a year later it stood where it had been


def test_the_yen_of_2021_to_2024_against_what_became_of_the_deficit(book):
    """The dollar rose by 38 per cent in yen; the published deficit by 8 bn. The elasticities of tariffs say 79 bn."""
    books = tc.two_books([2021, 2024]).set_index("year")
    by = float(books["usd_jpy"].loc[2024] / books["usd_jpy"].loc[2021] - 1)
    seen = float(books["us_deficit_usd_bn"].diff().iloc[1])
    asked = dearer(load_scenario("weaker-dollar"), by)
    claimed = run(asked, account=book, draws=200)
    low, high = np.quantile(claimed.draws["deficit_change_usd_bn"], [0.05, 0.95])
    before = run(as_to_tariffs(asked), account=book, draws=0).deficit_change_usd_bn
    assert (round(seen, 1), round(by, 2)) == (8.0, 0.38)
    assert before > 8 * seen
    assert claimed.deficit_change_usd_bn == pytest.approx(16.5, abs=0.1)
    assert (low, high) == pytest.approx((9.5, 21.6), abs=0.6)
    assert seen < low  # still twice what was seen: what else moved the deficit in these years is not in the lever


def test_an_offset_that_leaves_no_dollar_is_one_sentence(book, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: status-quo-2025-06\nname: own\nquestion: What is too much?\ntariffs:\n  overrides:\n"
        "    - {kind: rate, authority: ieepa_reciprocal, origin: '*', from: 2025-06-14, rate: 3}\n"
        "parameters:\n  dollar_offset: {dist: fixed, value: -2, reference: assumed}\n"
    )
    with pytest.raises(InputError, match="takes more than nine tenths off the dollar"):
        run(str(own), account=book, draws=0)


def test_what_buyers_gain_from_a_dearer_dollar_is_the_area_under_their_demand(own_law, book):
    """No duty moves: from 1 to p at an elasticity of 0.5 the gain is the integral of V (1 + t) x^-0.5."""
    half = own_law.parameters["fx_elasticity_imports"].model_copy(update={"belief": fixed(0.5)})
    asked = own_law.model_copy(update={"parameters": own_law.parameters | {"fx_elasticity_imports": half}})
    asked = asked.model_copy(update={"relative_to": "law-2024"})
    found = run(dearer(asked, 0.2), account=book, draws=0).central
    rate = average_rates(lay_out(book), tc.load_tariffs("us"), on=book.law_on, assessed="final")
    markets = lay_out(book)
    price = 1.2 ** -belief(own_law, "fx_imports", "cars")
    path = np.linspace(price, 1.0, 20_001)
    heights = path**-0.5
    area = float(((heights[1:] + heights[:-1]) / 2 * np.diff(path)).sum())
    paid = markets.value[:, markets.partner] * (1 + rate[:, markets.partner])
    assert float(found["consumer_gain_usd_bn"]) == pytest.approx(float(paid.sum() * area), rel=1e-7)
    duty = float((markets.value * rate)[:, markets.partner].sum() * (price**0.5 - 1))
    assert float(found["duty_change_usd_bn"]) == pytest.approx(duty, rel=1e-7)
    assert float(found["deadweight_loss_usd_bn"]) == pytest.approx(-paid.sum() * area - duty, rel=1e-7)
