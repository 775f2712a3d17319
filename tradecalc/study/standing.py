"""Which levers meet, and which of them stand when some are pulled: the same for both engines."""

from collections.abc import Iterator, Mapping
from typing import Any

from tradecalc.levers import Lever, kinds

Laid = Mapping[str, Any]
Pair = tuple[Mapping[type[Lever], Laid], Mapping[type[Lever], Laid]]  #: of a scenario and of its reference, by kind


def players(laid: Pair, stage: str | None = None) -> Iterator[str]:
    """Yield the levers that differ between a scenario and its reference, or those of them that reach a stage."""
    for kind in kinds():
        if stage is not None and not kind.reaches(stage):
            continue
        new, old = laid[0][kind], laid[1][kind]
        yield from (kind.player(name) for name in {**new, **old} if not kind.same(new.get(name), old.get(name)))


def standing(kind: type[Lever], laid: Pair, chosen: frozenset[str]) -> dict[str, Any]:
    """Return what stands of a kind: the levers ``chosen`` as in the scenario, all others as in the reference."""
    new, old = laid[0][kind], laid[1][kind]
    picked = {name: (new if kind.player(name) in chosen else old).get(name) for name in {**new, **old}}
    return {name: lever for name, lever in picked.items() if lever is not None}
