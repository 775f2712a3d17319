"""A YAML file becomes one frozen question made of levers, beliefs and dates.

In: a name or a path. Out: a `Scenario` whose every good, reference and belief was checked, each fault with its line.
Start with `load_scenario` in load.py; scenario.py is what a file may say, shelf.py where files stand, words.py what
people call it; edit.py and write.py change it and write it back, quick.py asks without a file.
"""

from typing import TYPE_CHECKING

from tradecalc.doors import late

if TYPE_CHECKING:
    from tradecalc.beliefs import load_references as load_references
    from tradecalc.levers import Pledge as Pledge
    from tradecalc.scenario.believed import assumptions as assumptions
    from tradecalc.scenario.branches import leaves as leaves
    from tradecalc.scenario.load import check_scenarios as check_scenarios
    from tradecalc.scenario.load import load_scenario as load_scenario
    from tradecalc.scenario.quick import Quick as Quick
    from tradecalc.scenario.quick import quick_scenario as quick_scenario
    from tradecalc.scenario.rebound import on_account as on_account
    from tradecalc.scenario.scenario import Scenario as Scenario
    from tradecalc.scenario.scenario import scenario_class as scenario_class
    from tradecalc.scenario.shelf import list_scenarios as list_scenarios
    from tradecalc.scenario.shelf import questions as questions
    from tradecalc.scenario.shelf import scenario_path as scenario_path
    from tradecalc.scenario.words import against as against
    from tradecalc.scenario.words import short_of as short_of
    from tradecalc.scenario.words import title_of as title_of
    from tradecalc.scenario.write import as_yaml as as_yaml

__all__ = [
    "Pledge",
    "Quick",
    "Scenario",
    "against",
    "as_yaml",
    "assumptions",
    "check_scenarios",
    "leaves",
    "list_scenarios",
    "load_references",
    "load_scenario",
    "on_account",
    "questions",
    "quick_scenario",
    "scenario_class",
    "scenario_path",
    "short_of",
    "title_of",
]

__getattr__ = late(
    __name__,
    {
        "believed": ("assumptions",),
        "branches": ("leaves",),
        "quick": ("Quick", "quick_scenario"),
        "rebound": ("on_account",),
        "load": ("check_scenarios", "load_scenario"),
        "scenario": ("Scenario", "scenario_class"),
        "shelf": ("list_scenarios", "questions", "scenario_path"),
        "words": ("against", "short_of", "title_of"),
        "write": ("as_yaml",),
        "tradecalc.beliefs": ("load_references",),
        "tradecalc.levers": ("Pledge",),
    },
)
