"""A YAML file becomes one frozen question made of levers, beliefs and dates.

In: a name or a path. Out: a `Scenario` whose every good, reference and belief was checked, each fault with its line.
Start with `load_scenario` in load.py; scenario.py is what a file may say, shelf.py where files stand.
"""

from typing import TYPE_CHECKING

from tradecalc.doors import late

if TYPE_CHECKING:
    from tradecalc.beliefs import Distribution as Distribution
    from tradecalc.beliefs import load_references as load_references
    from tradecalc.levers import LawChange as LawChange
    from tradecalc.levers import Pledge as Pledge
    from tradecalc.levers import Quota as Quota
    from tradecalc.levers import TariffQuestion as TariffQuestion
    from tradecalc.scenario.believed import assumptions as assumptions
    from tradecalc.scenario.branches import leaves as leaves
    from tradecalc.scenario.load import check_scenarios as check_scenarios
    from tradecalc.scenario.load import load_scenario as load_scenario
    from tradecalc.scenario.rebound import on_account as on_account
    from tradecalc.scenario.scenario import Scenario as Scenario
    from tradecalc.scenario.scenario import scenario_class as scenario_class
    from tradecalc.scenario.shelf import list_scenarios as list_scenarios
    from tradecalc.scenario.shelf import questions as questions
    from tradecalc.scenario.shelf import scenario_path as scenario_path

__all__ = [
    "Distribution",
    "LawChange",
    "Pledge",
    "Quota",
    "Scenario",
    "TariffQuestion",
    "assumptions",
    "check_scenarios",
    "leaves",
    "list_scenarios",
    "load_references",
    "load_scenario",
    "on_account",
    "questions",
    "scenario_class",
    "scenario_path",
]

__getattr__ = late(
    __name__,
    {
        "believed": ("assumptions",),
        "branches": ("leaves",),
        "rebound": ("on_account",),
        "load": ("check_scenarios", "load_scenario"),
        "scenario": ("Scenario", "scenario_class"),
        "shelf": ("list_scenarios", "questions", "scenario_path"),
        "tradecalc.beliefs": ("Distribution", "load_references"),
        "tradecalc.levers": ("LawChange", "Pledge", "Quota", "TariffQuestion"),
    },
)
