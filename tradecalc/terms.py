"""The words: dimensions, the registry of variables with unit and definition, and the error classes."""

from difflib import get_close_matches

from tradecalc.variables import DIMENSIONS, VARIABLES, Variable

__all__ = [
    "DIMENSIONS",
    "VARIABLES",
    "AccountError",
    "ConvergenceError",
    "InputError",
    "ScheduleError",
    "TradecalcError",
    "Variable",
    "nearest",
]


class TradecalcError(Exception):
    """Base of every error a user can cause or must know of; its text is one sentence that says what to do."""


class InputError(TradecalcError):
    """An argument or a file is not what it must be; yours to fix."""


class AccountError(TradecalcError):
    """An account does not balance; the message prints both sides and the gap."""


class ScheduleError(TradecalcError):
    """Two rules claim one good on one day, or no rule does; the message prints the rules and the window."""


class ConvergenceError(TradecalcError):
    """A solver stopped short; the message gives residual, tolerance, iterations and the worst place."""


def nearest(word: str, allowed: list[str] | tuple[str, ...] | set[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest allowed word, or an empty string."""
    close = get_close_matches(str(word), sorted(allowed), n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else ""
