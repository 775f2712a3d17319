"""What people call a scenario: its title, its short name in figures and tables, and what it is measured against."""

from textwrap import shorten
from typing import Any, Final

from tradecalc.account import account_exists, read_definition
from tradecalc.scenario.shelf import PARTNER, read_scenario, scenario_path
from tradecalc.terms import InputError

SHORTEST: Final = 24  # characters of a short name: what a bar's label and a column's head hold


def with_words(value: Any) -> Any:
    """Return what a file says of a scenario, with a title and a short name made of its name where it gives none."""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return value
    title, short = words_of(value["name"])
    return {"title": title, "short": short, **value}


def words_of(name: str) -> tuple[str, str]:
    """Return the title and the short name that a name alone gives."""
    said = name.replace("-", " ").strip()
    title = (said[:1].upper() + said[1:]).ljust(3, ".")
    return title, shorten(title, SHORTEST, placeholder="") or title[:SHORTEST]


def short_of(name: str) -> str:
    """Return the short name of a shipped scenario or of the file at a path; the name itself where there is none."""
    return _word(name, "short")


def title_of(name: str, account: str) -> str:
    """Return the title of a shipped scenario or of the file at a path, told of an account's partner; or the name."""
    return _word(name, "title").replace(PARTNER, partner_of(account))


def told_of(scenario: Any, partner: str) -> Any:
    """Return a scenario whose question and title name a partner where its file writes ``{partner}``."""
    words, heading = scenario.wording or scenario.question, scenario.heading or scenario.title
    told = {"question": words.replace(PARTNER, partner), "title": heading.replace(PARTNER, partner)}
    return scenario.model_copy(update={"wording": words, "heading": heading, **told})


def partner_of(account: str) -> str:
    """Return the partner of an account as a sentence names it; the account itself where there is none of that name."""
    return read_definition(account).in_a_sentence if account_exists(account) else account


def against(scenario: Any) -> str:
    """Return the short name of what a scenario is measured against."""
    return str(scenario.short) if scenario.relative_to == scenario.name else short_of(scenario.relative_to)


def _word(name: str, field: str) -> str:
    try:
        said = with_words(read_scenario(scenario_path(name)).value)
    except InputError:
        return name
    return str(said.get(field, name)) if isinstance(said, dict) else name
