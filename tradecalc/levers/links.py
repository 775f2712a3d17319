"""Links between goods: shipments that follow when another good is not shipped."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from tradecalc.beliefs import Share
from tradecalc.levers.setting import Laid, Setting
from tradecalc.levers.shape import Lever
from tradecalc.markets import Side


class Link(Lever):
    """Shipments that follow when another good is not shipped: parts for the plants that make it in the partner's place.

    ``share``: USD of ``to`` for each USD, at the account's prices, by which shipments of ``source`` fall short of the
    account's year. It belongs to the markets, so the scenario and its reference are both solved with it.
    """

    field: ClassVar[str] = "links"
    word: ClassVar[str] = "link"
    shared: ClassVar[bool] = True
    no_world: ClassVar[str] = "its sectors already buy inputs from each other by their input shares"

    source: str = Field(alias="from")
    to: str
    share: Share
    reference: str

    @classmethod
    def named(cls, question: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield both ends of each link."""
        for name, link in cls.held(question).items():
            yield (cls.field, name, "from"), link.source
            yield (cls.field, name, "to"), link.to

    @classmethod
    def after_the_border(cls, side: Side, standing: Laid, here: Setting) -> Side:
        """Return the import markets with what follows when another good is not shipped."""
        imports = side.imports.copy()
        for name, link in standing.items():
            source, to = (here.markets.row(product, f"links.{name}") for product in (link.source, link.to))
            missing = here.markets.value[source, here.markets.partner] * (1.0 - side.quantity_hat[:, source])
            follow = here.values[f"links.{name}.share"] * missing * side.price_hat[:, to]
            imports[:, to] = np.maximum(imports[:, to] + follow, 0.0)
        return side.with_imports(imports, here.baseline_duty)
