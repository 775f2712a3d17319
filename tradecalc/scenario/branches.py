"""A tree of outcomes: each branch a scenario with a probability, or further branches."""

from collections.abc import Iterator, Mapping

from pydantic import Field, model_validator

from tradecalc.beliefs import Strict


class Branch(Strict):
    """One outcome of a tree: a scenario and its probability, or further branches below it."""

    probability: float = Field(ge=0, le=1)
    scenario: str | None = None
    branches: "dict[str, Branch]" = Field(default_factory=dict)
    reference: str

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Branch":
        if (self.scenario is None) == (not self.branches):
            raise ValueError("a branch has either `scenario:` or `branches:`; give one of them.")
        check_sum(self.branches)
        return self


def check_sum(branches: dict[str, Branch]) -> dict[str, Branch]:
    """Return branches whose probabilities sum to one; the shares may miss it by a rounding of 1e-9."""
    total = sum(branch.probability for branch in branches.values())
    if branches and abs(total - 1) > 1e-9:
        parts = ", ".join(f"{name} {branch.probability:g}" for name, branch in branches.items())
        raise ValueError(f"the probabilities {parts} sum to {total:g}; they must sum to 1.")
    return branches


def leaves(
    branches: Mapping[str, Branch], before: str = "", probability: float = 1.0
) -> Iterator[tuple[str, float, str]]:
    """Yield the name, the probability and the scenario of every outcome at the end of a tree."""
    for name, branch in branches.items():
        full, share = f"{before}{name}", probability * branch.probability
        if branch.scenario is not None:
            yield full, share, branch.scenario
        else:
            yield from leaves(branch.branches, f"{full}, ", share)
