"""A scenario through time: its law by date, its ramps, its short run, and what importers bring forward."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import tradecalc as tc
from tradecalc.beliefs import Fixed, sample
from tradecalc.beliefs.calendar import month
from tradecalc.levers import schedule_of
from tradecalc.markets import average_rates, lay_out
from tradecalc.result import load_result
from tradecalc.scenario import load_scenario
from tradecalc.study import run
from tradecalc.study.market import lay_package
from tradecalc.study.prepared import prepared
from tradecalc.terms import InputError

HELD = [str(number) for number in range(2027, 2031)]  # years that are solved whole, with the law of each at rest


@pytest.fixture(scope="module")
def book():
    return tc.load_account()


@pytest.fixture(scope="module")
def paths(book):
    """Paths by name, each run once."""
    known = {}

    def path(name):
        if name not in known:
            known[name] = run(name, account=book, draws=3, path=True)
        return known[name]

    return path


def with_front_loading(scenario, eager):
    belief = Fixed(dist="fixed", value=eager, reference="assumed")
    parameter = scenario.parameters["front_loading"].model_copy(update={"belief": belief})
    return scenario.model_copy(update={"parameters": {**scenario.parameters, "front_loading": parameter}})


def by_month(result):
    return result.path(by="month")["deficit_change_usd_bn"]


@pytest.mark.parametrize("name", ["no-deal", "british-quota", "commitments-2025-09", "roadmap-for-removal"])
def test_a_year_of_the_path_is_a_run_that_asks_about_it(name, paths, book):
    result = paths(name)
    for number in HELD:
        alone = run(name, account=book, draws=3, year=int(number))
        at = result.draws.sel(period=number)
        for found, told in [
            (at["path_deficit_change_usd_bn"], alone.draws["deficit_change_usd_bn"]),
            (at["path_deficit_usd_bn"], alone.draws["deficit_usd_bn"]),
            (at["path_duty_usd_bn"], alone.draws["duty_usd_bn"]),
        ]:
            np.testing.assert_allclose(found, told, rtol=0, atol=1e-9)
        central = result.path().loc[number]
        assert central["deficit_change_usd_bn"] == pytest.approx(alone.deficit_change_usd_bn, abs=1e-9)


def test_a_year_solved_by_months_is_their_mean(paths):
    result = paths("no-deal")
    years, months = result.path(), result.path(by="month")
    assert list(years.index) == [str(number) for number in range(2025, 2031)]
    assert len(months) == 24
    for number in ("2025", "2026"):
        mean = months[months.index.str.startswith(number)].mean()
        columns = ["deficit_change_usd_bn", "deficit_usd_bn", "duty_usd_bn", "rate", "rate_reference"]
        np.testing.assert_allclose(years.loc[number, columns], mean[columns], rtol=1e-12)
    drawn = result.draws["path_deficit_change_usd_bn"]
    own = drawn.isel(period=slice(0, 12)).mean("period").to_numpy()
    assert years.loc["2025", "p5"] == pytest.approx(np.quantile(own, 0.05), abs=1e-12)
    assert years.loc["2025", "p95"] == pytest.approx(np.quantile(own, 0.95), abs=1e-12)


@pytest.mark.parametrize(("name", "months"), [("no-deal", 5), ("commitments-2025-09", 4), ("hike", 4)])
def test_before_its_day_a_scenario_is_its_reference(name, months, paths):
    """Up to the month before the first change of law, in which importers see it come."""
    result = paths(name)
    assert np.abs(result.draws["path_deficit_change_usd_bn"].to_numpy()[:, :months]).max() < 1e-9
    rates = result.path(by="month")
    np.testing.assert_allclose(rates["rate"].iloc[: months + 1], rates["rate_reference"].iloc[: months + 1], rtol=1e-12)


def test_an_extended_pause_leaves_all_flat_while_no_deal_moves_from_9_july(paths, book):
    flat, moves = paths("pause-extended"), paths("no-deal")
    assert np.abs(flat.draws["path_deficit_change_usd_bn"].to_numpy()).max() < 1e-9
    rates = moves.path(by="month")
    assert rates.loc["2025-06", "rate"] == pytest.approx(rates.loc["2025-06", "rate_reference"], rel=1e-12)
    before, after = (rates.loc[m, "rate_reference"] for m in ("2025-07", "2025-08"))
    assert before == pytest.approx(after)
    full = rates.loc["2025-08", "rate"]
    assert rates.loc["2025-07", "rate"] == pytest.approx((8 * before + 23 * full) / 31, rel=1e-12)
    asked = load_scenario("no-deal")
    quiet = by_month(run(with_front_loading(asked, 0.0), account=book, draws=0, path=True))
    assert np.abs(quiet[:"2025-06"]).max() < 1e-9
    assert (quiet["2025-07":] < 0).all()


def test_the_average_tariff_follows_the_law_of_each_day(paths, book):
    asked, markets = load_scenario("no-deal"), lay_out(book)
    weight = markets.value[:, markets.partner] / markets.value[:, markets.partner].sum()
    for name in ("2025-04", "2025-07"):
        number = int(name[5:])
        days = month(number, of=int(name[:4])).days
        law = [min(day, asked.tariffs.on) for day in days]
        schedule = schedule_of(asked, book)
        slow = np.mean(
            [weight @ average_rates(markets, schedule, on=d, assessed="final")[:, markets.partner] for d in law]
        )
        assert paths("no-deal").path(by="month").loc[name, "rate"] == pytest.approx(slow, rel=1e-9)


def test_a_dated_law_lets_the_extended_pause_expire_too(book):
    """The reference snaps back on 9 July, the extension on 7 October: between them imports are larger, then alike."""
    asked = with_front_loading(load_scenario("pause-extended"), 0.0)
    dated = asked.model_copy(update={"timeline": asked.timeline.model_copy(update={"law": "dated"})})
    months = run(dated, account=book, draws=0, path=True).path(by="month")
    change = months["deficit_change_usd_bn"]
    assert np.abs(change[:"2025-06"]).max() < 1e-9
    assert (change["2025-07":"2025-10"] > 0.5).all()
    assert np.abs(change["2025-11":]).max() < 1e-9
    full, paused = months.loc["2025-08", ["rate_reference", "rate"]]
    assert full - paused > 0.04
    assert months.loc["2025-12", "rate"] == pytest.approx(months.loc["2025-12", "rate_reference"])


@pytest.mark.parametrize("name", ["no-deal", "removal", "hike"])
def test_the_short_run_is_smaller_than_the_long_run(name, paths, book):
    long = np.abs(run(name, account=book, draws=3).draws["deficit_change_usd_bn"].to_numpy())
    path = np.abs(paths(name).draws["path_deficit_change_usd_bn"].sel(period=HELD).to_numpy())
    assert (np.diff(np.column_stack([path, long]), axis=1) > 0).all()


def test_a_year_is_the_long_run_with_smaller_elasticities(book):
    """All that respond are scaled by r + (1 - r)(1 - exp(-k t)); prices, shares and supply are not."""
    asked = load_scenario("retaliation")
    short, speed = (asked.parameters[name].belief.central for name in ("short_run", "adjustment_speed"))
    years = (date(2027, 7, 2) - asked.timeline.responds_from).days / 365.25
    factor = short + (1 - short) * (1 - np.exp(-speed * years))
    scaled = {}
    for name, parameter in asked.parameters.items():
        if parameter.role in ("sigma", "sigma_home", "eta", "sigma_partner", "eta_partner"):
            belief = Fixed(dist="fixed", value=parameter.belief.central * factor, reference="assumed")
            scaled[name] = parameter.model_copy(update={"belief": belief})
    assert len(scaled) == 10
    slow = run(asked.model_copy(update={"parameters": {**asked.parameters, **scaled}}), account=book, draws=0)
    fast = run(asked, account=book, draws=0, year=2027)
    for channel, value in slow.channels.to_series().items():
        assert float(fast.channels.sel(channel=channel)) == pytest.approx(value, abs=1e-9)


def test_what_is_brought_forward_is_missing_later(book):
    """Two steps, in June for July and in July for August, each made good within three months."""
    asked = load_scenario("no-deal")
    none, one, two = (
        by_month(run(with_front_loading(asked, eager), account=book, draws=0, path=True)) for eager in (0.0, 1.0, 2.0)
    )
    shift = one - none
    np.testing.assert_allclose(two - none, 2 * shift, rtol=0, atol=1e-9)
    assert shift.sum() == pytest.approx(0, abs=1e-9)
    assert shift["2025-06"] > 1
    assert np.abs(shift[:"2025-05"]).max() < 1e-9
    assert np.abs(shift["2025-11":]).max() < 1e-9
    reference = load_scenario(asked.relative_to)
    early = {
        number: brought_forward(asked, number, book) - brought_forward(reference, number, book) for number in (6, 7)
    }
    by_hand = [early[6], early[7] - early[6] / 3, *[-(early[6] + early[7]) / 3] * 2, -early[7] / 3]
    assert shift["2025-06":"2025-10"].to_list() == pytest.approx(by_hand, abs=1e-9)


def brought_forward(asked, number, book):
    """Return a month's imports at its own law times what their rates rise by until the next month, in logarithms."""
    markets, schedule = lay_out(book), schedule_of(asked, book)

    def mean_law(number):
        days = [min(day, asked.tariffs.on) for day in month(number, of=2025).days]
        return np.mean([average_rates(markets, schedule, on=day, assessed="final") for day in days], axis=0)

    law, after = mean_law(number), mean_law(number + 1)
    values = sample(asked.beliefs(), n=0, seed=1)
    package = lay_package(asked, asked, prepared(book), values, when=month(number, of=2025), dated=True)
    imports = package.side(frozenset()).imports[0]
    return float(imports @ np.log((1 + after) / (1 + law))[:, markets.partner])


def test_the_gas_of_june_2025_comes_in_2029(paths, book):
    """By hand: 5.5 million tonnes at the account's value, less two billion, at 0.7, 0.55 and the ramp's mean of a year.

    The ramp runs over the 1,461 days of 2029 to 2032, since all of it comes after 2032.
    """
    result = paths("jera-lng")
    drawn = result.draws["path_deficit_change_usd_bn"]
    assert (drawn.to_numpy()[:, [str(p)[:4] < "2029" for p in drawn["period"].to_numpy()]] == 0).all()
    full = 0.7 * 0.55 * (5.5e6 * book.unit_value("lng-and-gases", "tonnes") / 1e9 - 2.0)
    first, second = (sum(range(n, n + 365)) / 365 / 1461 for n in (0, 365))
    years = result.path()["deficit_change_usd_bn"]
    assert years["2029"] == pytest.approx(-first * full, rel=1e-9)
    assert years["2030"] == pytest.approx(-second * full, rel=1e-9)
    assert run("jera-lng", account=book, draws=0).deficit_change_usd_bn == pytest.approx(-full, rel=1e-9)


def test_a_lever_without_a_ramp_starts_on_the_day_that_is_asked_about(book):
    """A pledge made on 14 June counts for 17 days of June; a quota from the month whose middle it reaches."""
    offer = by_month(run("offer-2025-06", account=book, draws=0, path=True))
    assert load_scenario("offer-2025-06").tariffs.on == date(2025, 6, 14)
    assert offer[:"2025-05"].to_list() == pytest.approx([0] * 5, abs=1e-12)
    assert offer["2025-06"] == pytest.approx(-2.0 * 17 / 30, abs=1e-9)
    assert offer["2025-07":].to_list() == pytest.approx([-2.0] * 18, abs=1e-9)
    quota = by_month(run("british-quota", account=book, draws=0, path=True))
    assert quota[:"2025-05"].to_list() == pytest.approx([0] * 5, abs=1e-9)
    assert (quota["2025-06":] > 0.1).all()


def test_levels_start_from_the_published_deficit(paths, book):
    """Between the account's law and that of January 2025 only the duties on Chinese goods rose; it narrows nothing."""
    markets, law = lay_out(book), tc.load_tariffs("us")
    then, first = (average_rates(markets, law, on=on, assessed="final") for on in (book.law_on, date(2025, 1, 15)))
    moved = {markets.origins[column] for column in np.flatnonzero((then != first).any(axis=0))}
    assert moved == {"CHN"}
    assert (first >= then).all()
    same_law = replace(book, law_on=date(2025, 1, 15))
    for name in ("no-deal", "jera-lng"):
        start = run(name, account=same_law, draws=0, path=True).path(by="month")["deficit_usd_bn"].iloc[0]
        assert start == pytest.approx(book.deficit_usd_bn, abs=1e-9)
        assert 0 < paths(name).path(by="month")["deficit_usd_bn"].iloc[0] - book.deficit_usd_bn < 0.1


def test_a_saved_path_is_the_same_when_loaded(paths, tmp_path):
    result = paths("commitments-2025-09")
    again = load_result(result.save(tmp_path / "a.tcr"))
    for by in ("year", "month"):
        assert again.path(by=by).equals(result.path(by=by))
    assert again == result


def test_the_path_leaves_the_answer_as_it_was(paths, book):
    alone = run("no-deal", account=book, draws=3)
    assert paths("no-deal").deficit_change_usd_bn == alone.deficit_change_usd_bn
    np.testing.assert_array_equal(paths("no-deal").draws["channel_usd_bn"], alone.draws["channel_usd_bn"])


def test_a_path_is_solved_when_it_is_asked_for(paths, book, tmp_path):
    later = run("no-deal", account=book, draws=3)
    assert later.path().equals(paths("no-deal").path())
    assert later.path(by="month").equals(paths("no-deal").path(by="month"))
    again = load_result(later.save(tmp_path / "a.tcr"))
    with pytest.raises(InputError, match=r"path: no-deal was saved without one; use run\(..., path=True\)"):
        again.path()


@pytest.mark.parametrize("options", [{"timeline": None}, {"year": 2027}, {"engine": "general"}])
def test_a_path_that_cannot_be_is_one_sentence(options, book):
    asked = load_scenario("no-deal").model_copy(update=options)
    with pytest.raises(InputError, match="no-deal: a path needs `timeline:`, no `year:` and the market") as caught:
        run(asked, account=book, draws=0, path=True)
    assert len(str(caught.value).splitlines()) == 1


def test_a_path_is_by_year_or_month(paths):
    with pytest.raises(InputError, match="by is 'week'; 'year' and 'month' are allowed"):
        paths("no-deal").path(by="week")


def test_a_year_needs_a_speed_for_its_short_run(book):
    asked = load_scenario("no-deal")
    kept = {name: p for name, p in asked.parameters.items() if p.role != "adjustment_speed"}
    with pytest.raises(InputError, match="no-deal: a year is asked about and short_run is given; add adjustment_speed"):
        run(asked.model_copy(update={"parameters": kept}), account=book, draws=0, year=2026)
