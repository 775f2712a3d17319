"""What people call a scenario: every shipped one has a title and a short name, and nothing else is shown to readers."""

import pytest
from matplotlib import pyplot

import tradecalc as tc
from tradecalc import plots
from tradecalc.report.pages import beliefs, scenarios
from tradecalc.scenario import leaves, list_scenarios, load_scenario, questions
from tradecalc.scenario.words import words_of

NAMES = list_scenarios()
SLUGS = [name for name in NAMES if "-" in name]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_has_a_title_and_a_short_name(name):
    scenario = load_scenario(name)
    assert 10 <= len(scenario.title) <= 70
    assert len(scenario.short) <= 24
    assert "{" not in scenario.title + scenario.short
    assert name not in (scenario.title, scenario.short) or "-" not in name


def test_short_names_are_unique():
    assert len({load_scenario(name).short for name in NAMES}) == len(NAMES)


def test_a_title_names_the_partner_that_is_asked():
    assert "Vietnam" in tc.run("removal", partner="VNM", draws=0).scenario.title
    assert "the partner" in {name: title for name, title, _ in questions()}["removal"]


@pytest.mark.parametrize("name", ["x", "a-much-longer-name-than-any-figure-holds", "no-deal"])
def test_a_name_alone_gives_both(name):
    title, short = words_of(name)
    assert len(title) >= 3
    assert 2 <= len(short) <= 24


def test_a_title_says_which_form_a_file_is():
    for every, alone in (("fifteen", "fifteen-alone"), ("agreement-2025-09", "agreement-alone")):
        assert "for every origin" in load_scenario(every).title
        assert "for Japan alone" in load_scenario(alone).title
    assert "for every origin" in load_scenario("commitments-2025-09").title
    assert "for Japan alone" in load_scenario("commitments-alone").title


def _words_on(ax):
    texts = [ax.get_title(), ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel(), ax.get_label()]
    texts += [label.get_text() for label in (*ax.get_yticklabels(), *ax.get_xticklabels())]
    legend = ax.get_legend()
    texts += [text.get_text() for text in legend.get_texts()] if legend else []
    pyplot.close(ax.figure)
    return " ".join(texts)


def test_no_figure_carries_a_slug():
    headline = tc.headline_table(["no-deal", "roadmap-for-removal"], draws=0)
    tree = tc.run("tree-2025-06", draws=2)
    world = tc.run("no-deal", engine="general", draws=0)
    drawn = [
        plots.spread(headline),
        plots.spread(headline.drop(columns=["short", "title"])),
        plots.bridge(tc.run("roadmap-for-removal", draws=0)),
        plots.branches(tree),
        plots.partners(world),
        plots.path(tc.run("jera-lng", draws=0, path=True)),
    ]
    for ax in drawn:
        words = _words_on(ax)
        assert not [slug for slug in SLUGS if slug in words], words


def test_tables_of_the_report_call_scenarios_by_their_names():
    assert {row["title"] for row in scenarios()} == {load_scenario(name).title for name in NAMES}
    assert not [row["against"] for row in scenarios() if row["against"] in SLUGS]
    shown = [str(row[-1]) for row in beliefs().body]
    assert not [text for text in shown for slug in SLUGS if slug in text.split(", ")]
    table = tc.branch_table(tc.run("tree-2025-06", draws=0))
    assert list(table["title"])[-1] == load_scenario("tree-2025-06").title
    assert load_scenario("hike").title in set(table["title"])


def test_the_june_tree_knows_nothing_later():
    """Every outcome rests on law as known by 14 June 2025, and on nothing that was said after it."""
    from tradecalc.scenario import load_references

    tree, known = load_scenario("tree-2025-06"), load_references()
    day = load_scenario("status-quo-2025-06").tariffs.as_of
    ends = [load_scenario(name) for _, _, name in leaves(tree.branches)]
    for end in ends:
        assert end.tariffs.as_of is not None, end.name
        assert end.tariffs.as_of <= day, end.name
        spoke = [known[key].citation for key in end.references() if known[key].status == "press"]
        later = [
            text for text in spoke for month in ("July", "August", "September", "October", "November") if month in text
        ]
        assert not later, (end.name, later)
