"""What each lever of a trade deal does to a bilateral deficit, how sure we are, who pays, and where the trade goes."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "AccountError": "terms",
    "ConvergenceError": "terms",
    "InputError": "terms",
    "ScheduleError": "terms",
    "TradecalcError": "terms",
    "assumptions": "scenario",
    "branch_table": "study",
    "compare_partners": "study",
    "frontier": "study",
    "headline_table": "study",
    "interactions": "study",
    "levels": "study",
    "load_account": "account",
    "load_result": "result",
    "load_scenario": "scenario",
    "load_table": "account",
    "load_tariffs": "tariffs",
    "market_table": "study",
    "no_change_path": "evidence",
    "partners": "study",
    "per_dollar": "study",
    "prepare": "study",
    "quota_thresholds": "study",
    "run": "study",
    "solve_for": "study",
    "sweep": "study",
    "two_books": "account",
    "two_margins": "study",
    "what_if": "study",
    "who_gains": "study",
    "who_pays": "study",
    "write_report": "report",
}
_MODULES = ("general", "partial", "pledges", "plots", "study", "tariffs", "terms", "world")

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import the home of a public name on first use, so that ``import tradecalc`` stays fast."""
    if name in _MODULES:
        return import_module(f"tradecalc.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'tradecalc' has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"tradecalc.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, *_MODULES, "__version__"]
