"""Quick questions equal their files, and the thresholds of a quota are found by another route."""

import pytest

import tradecalc as tc
from tradecalc.scenario.quick import good_called
from tradecalc.terms import InputError

ASKED = [
    {"car_tariff": 0.15},
    {"car_tariff": 0.15, "quota": (100_000, 0.10), "pledges": {"soybeans": 1.0, "lng": 3.0}},
    {"other_tariff": 0.2, "base": "no-deal"},
    {"dollar": -0.05, "pledges": {"corn": 0.5}},
    {"pledges": {"aircraft": 2.0}, "base": "british-quota", "quota": (50_000, 0.05)},
    {"car_tariff": 0.15, "partner": "KOR"},
    {"other_tariff": 0.12, "partner": "VNM"},
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_file_of_a_quick_question_gives_identical_numbers(asked, tmp_path):
    result = tc.what_if(**asked, draws=20)
    path = tmp_path / "own.yaml"
    path.write_text(result.to_yaml(), encoding="utf-8")
    again = tc.run(path)
    assert again.central.identical(result.central)
    assert again.draws.identical(result.draws)
    assert again.channels.identical(result.channels)
    assert again.scenario.question == result.scenario.question


def test_a_car_tariff_is_what_a_car_pays_in_all():
    result = tc.what_if(car_tariff=0.15, draws=0)
    half = tc.run("scaled-cut", draws=0)
    rate = float(result.central["rate"].sel(product="cars"))
    assert rate == pytest.approx(float(half.central["rate"].sel(product="cars")), abs=1e-3)
    assert float(tc.what_if(car_tariff=0.0, draws=0).central["rate"].sel(product="cars")) == pytest.approx(
        0.025, abs=1e-3
    )


def test_a_quick_quota_is_that_of_the_file():
    assert (
        tc.what_if(quota=(100_000, 0.10), draws=30)
        .draws["deficit_change_usd_bn"]
        .equals(tc.run("british-quota", draws=30).draws["deficit_change_usd_bn"])
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "what_if: nothing is changed; give one of car_tariff"),
        ({"car_tarif": 0.1}, "what_if: 'car_tarif' is nothing it can change.*Did you mean 'car_tariff'"),
        ({"car_tariff": 15}, "what_if: car_tariff is 15; write a fraction of value from 0 to 3, 15 per cent as 0.15"),
        ({"car_tariff": "much"}, "what_if: car_tariff is 'much'; a number is needed"),
        ({"car_tariff": True}, "a number is needed"),
        ({"quota": 5}, r"what_if: quota is 5; give cars a year and their rate, as \(100_000, 0.10\)"),
        ({"quota": (-1, 0.1)}, "what_if: quota is -1 cars"),
        ({"pledges": 3}, "what_if: pledges is a mapping from a good to USD bn a year"),
        ({"pledges": {"soybeens": 1}}, "what_if: pledges: 'soybeens' is not a good.*Did you mean 'soybeans'"),
        ({"pledges": {"semi": 1}}, "what_if: pledges: 'semi' may mean semiconductor-equipment, semiconductors"),
        ({"pledges": {"lng": 1, "lng-and-gases": 1}}, "lng-and-gases is named twice"),
        ({"pledges": {"corn": -1}}, "corn is -1; an amount of 0 or more"),
        ({"pledges": {"corn": float("nan")}}, "a number is needed"),
        ({"car_tariff": 0.1, "base": "no-deel"}, "'no-deel' is not a shipped scenario.*Did you mean 'no-deal'"),
        ({"car_tariff": 0.1, "base": "tree-2025-06"}, "tree-2025-06 is a tree"),
        ({"car_tariff": 0.1, "partner": "XXX"}, "XXX"),
    ],
    ids=str,
)
def test_a_bad_question_gets_one_sentence(asked, message):
    with pytest.raises(InputError, match=message) as caught:
        tc.what_if(**asked)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("word", "good"), [("lng", "lng-and-gases"), ("car", "cars"), ("Soy", "soybeans"), ("corn", "corn")]
)
def test_people_shorten_names(word, good):
    assert good_called(word, tc.load_account("us-japan-2024").products) == good


def _bisected(crossed, low, high):
    """Return where a sweep first crosses, by halving a grid of nine sizes until it is a few cars wide."""
    while high - low > 0.5:
        sizes = [low + (high - low) * i / 8 for i in range(9)]
        found = tc.sweep("british-quota", parameter="quota: cars", values=sizes, product="cars")
        first = next(i for i, at in enumerate(crossed(found)) if at)
        low, high = sizes[max(first - 1, 0)], sizes[first]
    return high


def test_the_thresholds_of_a_quota_are_where_a_sweep_bends():
    account = tc.load_account("us-japan-2024")
    found = tc.quota_thresholds("british-quota", "cars").iloc[0]
    ends = tc.sweep("british-quota", parameter="quota: cars", values=[0, 1e9], product="cars")["quantity_hat"]
    binds = _bisected(lambda t: t["quantity_hat"] > ends.iloc[0] * (1 + 1e-9), 0, 2 * account.car_units)
    slack = _bisected(lambda t: t["quantity_hat"] >= ends.iloc[1] * (1 - 1e-9), 0, 2 * account.car_units)
    assert found["binds_from_units"] == pytest.approx(binds, abs=1)
    assert found["slack_from_units"] == pytest.approx(slack, abs=1)
    assert found["binds_from_units"] < found["slack_from_units"]


def test_thresholds_need_a_quota():
    with pytest.raises(InputError, match=r"no-deal has no quota on cars in the market engine.*british-quota"):
        tc.quota_thresholds("no-deal", "cars")
    with pytest.raises(InputError, match="carss"):
        tc.quota_thresholds("british-quota", "carss")
