"""What README and docs say about directions: each sentence still stands there, and is computed to be true."""

import re
from functools import cache

import pytest

import tradecalc as tc
from tradecalc.files import shipped


@cache
def change(name: str, engine: str = "partial", closure: str = "fixed") -> float:
    asked = tc.load_scenario(name).replace({"world.closure": closure})
    return tc.run(asked, engine=engine, draws=0).deficit_change_usd_bn


def swept(name: str, parameter: str, low: float, high: float, column: str = "deficit_change_usd_bn"):
    return tc.sweep(name, parameter=parameter, values=[low, high])[column].to_list()


def spread(name: str, parameter: str) -> float:
    few, many = swept(name, parameter, *tc.load_scenario(name).beliefs()[parameter].bounds)
    return abs(many - few)


def world_larger_for_removal_smaller_for_no_deal() -> bool:
    both = [abs(change(name, "general")) > abs(change(name)) for name in ("removal", "no-deal")]
    return both == [True, False]


def bilateral_falls_and_overall_does_not() -> bool:
    found = tc.run("no-deal", engine="general", draws=0)
    return found.deficit_change_usd_bn < -1 and abs(float(found.central["overall_deficit_change_usd_bn"])) < 1e-6


def substitution_moves_removal_more_than_pass_through() -> bool:
    return spread("removal", "sigma_cars") > spread("removal", "pass_through_cars")


def lower_home_substitution_leaves_more_trade() -> bool:
    column = "deficit_change_vs_account_usd_bn"
    names = ("sigma_home_goods", "sigma_home_cars")
    ends = [swept("status-quo-2025-06", name, 1.5, 3.5, column) for name in names]
    return all(few > many for few, many in ends)


def larger_share_lowers_barriers() -> bool:
    asked = [
        ("barriers-2025-06", "share_partner_cars", 0.005, 0.03),
        ("barriers-2025-06", "share_partner_goods", 0.02, 0.3),
    ]
    return all(abs(few) > abs(many) for few, many in (swept(*one) for one in asked))


def more_parts_less_gain() -> bool:
    few, many = swept("investment-2025-06", "localisation.cars.parts.share", 0.05, 0.3)
    return few < many < 0


def half_of_defence() -> bool:
    few, many = swept("agreement-2025-09", "pledges.defence.in_goods", 0.2, 0.5)
    return round(few - many, 1) == 0.9


def closure_hardly_moves_the_bilateral() -> bool:
    ends = [change(name, "general", closure) / change(name, "general") for name in ("removal", "no-deal")
            for closure in ("balanced", "proportional")]  # fmt: skip
    return all(abs(ratio - 1) < 0.02 for ratio in ends)


CLAIMS = [
    ("README.md", "finds a larger change for the removal and a smaller one for no deal",
     world_larger_for_removal_smaller_for_no_deal),
    ("README.md", "a bilateral deficit can fall while the overall one does not", bilateral_falls_and_overall_does_not),
    ("docs/assumptions.md",
     "finds a larger change than the market engine for the removal and a smaller one for no deal",
     world_larger_for_removal_smaller_for_no_deal),
    ("docs/assumptions.md", "substitution between origins moves the answer more than pass-through does",
     substitution_moves_removal_more_than_pass_through),
    ("docs/assumptions.md", "Lower values leave more of the trade in place", lower_home_substitution_leaves_more_trade),
    ("docs/assumptions.md", "A larger share lowers every response to a barrier",
     larger_share_lowers_barriers),
    ("docs/assumptions.md", "A higher parts share lowers the gain", more_parts_less_gain),
    ("docs/assumptions.md", "A half would narrow the deficit by 0.9 bn more", half_of_defence),
    ("docs/assumptions.md", "the closure hardly moves the bilateral one", closure_hardly_moves_the_bilateral),
]  # fmt: skip


def text_of(file: str) -> str:
    path = shipped("docs").parent / "README.md" if file == "README.md" else shipped("docs") / file.removeprefix("docs/")
    return " ".join(path.read_text("utf-8").split())


@pytest.mark.parametrize(("file", "fragment", "computed"), CLAIMS, ids=[claim[1][:40] for claim in CLAIMS])
def test_a_directional_claim_stands_and_is_true(file, fragment, computed):
    assert fragment in text_of(file), "reworded: change the claim here too, or take it out"
    assert computed()


@pytest.mark.parametrize("file", ["README.md", "docs/assumptions.md"])
def test_no_other_sentence_says_which_way_it_errs(file):
    text = text_of(file)
    for _, fragment, _ in CLAIMS:
        text = text.replace(fragment, "")
    found = re.findall(r"[^.|]*\b(?:[Oo]verstate|[Uu]nderstate|errs upward|errs downward)[^.|]*", text)
    assert not found, found
