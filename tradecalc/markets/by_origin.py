"""The import markets seller by seller: who bears a duty, who keeps a rent, what each seller's makers gain."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tradecalc.beliefs import Parameter
from tradecalc.markets.layout import Markets
from tradecalc.markets.sides import Border, Side, beliefs_on, each_block, solve_block, surplus_of
from tradecalc.partial import gain_by_seller
from tradecalc.terms import InputError

Array = NDArray[np.float64]
_OF_THE_PARTNER = ("duty", "buyers_bear", "exporters_bear", "base_effect", "surplus", "quantity_hat")


@dataclass(frozen=True, eq=False)
class ByOrigin:
    """The reporter's markets behind one border; arrays (draw, product, origin) in USD bn, hats as ratios.

    ``sales`` is customs value as recorded (home at basic prices), ``surplus`` what makers gain against the account, the
    two rents what licence holders keep; ``consumer_gain`` and ``deadweight_loss`` (draw, product) are of the market.
    """

    sales: Array
    duty: Array
    buyers_bear: Array
    exporters_bear: Array
    rent_to_importer: Array
    rent_to_exporter: Array
    base_effect: Array
    surplus: Array
    quantity_hat: Array
    price_hat: Array
    delivered_hat: Array
    consumer_gain: Array
    deadweight_loss: Array

    @classmethod
    def solve(
        cls,
        markets: Markets,
        parameters: Mapping[str, Parameter],
        values: Mapping[str, Array],
        *,
        before: Array,
        border: Border,
        name: str,
    ) -> "ByOrigin":
        """Return the markets behind one border; arguments as for `solve_side`.

        Raises:
            InputError: the dollar moves and volumes answer it with an elasticity of its own, by which the gain of
                buyers cannot be shared out among sellers.
        """
        parts = []
        for block in each_block(markets, parameters, values, border=border, name=name):
            if block.dollar is not None and block.dollar.elasticity is not None:
                raise InputError(
                    f"{name}: the dollar moves, so who pays cannot be told seller by seller; ask a scenario without "
                    "exchange_rate and dollar_offset."
                )
            solved, recorded, who = solve_block(markets, block, before)
            parts.append(
                cls(
                    sales=recorded.recorded_value,
                    duty=recorded.recorded_duty,
                    buyers_bear=who.buyer_bears,
                    exporters_bear=who.exporter_bears,
                    rent_to_importer=recorded.rent_to_importer,
                    rent_to_exporter=recorded.rent_to_exporter,
                    base_effect=who.base_effect,
                    surplus=surplus_of(markets, block, solved),
                    quantity_hat=solved.quantity_hat,
                    price_hat=solved.price_hat,
                    delivered_hat=solved.delivered_hat,
                    consumer_gain=solved.consumer_gain,
                    deadweight_loss=who.deadweight_loss,
                )
            )
        return cls(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)})

    def with_partner(self, side: Side, partner: int) -> "ByOrigin":
        """Return markets whose partner stands as in ``side``: after plants and links changed what it ships."""
        out = {f.name: getattr(self, f.name).copy() for f in fields(self)}
        sold = self.sales[..., partner]
        grown = np.divide(side.imports, sold, out=np.ones_like(sold), where=sold > 0)
        out["sales"][..., partner] = side.imports
        for rent in ("rent_to_importer", "rent_to_exporter"):
            out[rent][..., partner] *= grown
        for name in _OF_THE_PARTNER:
            out[name][..., partner] = getattr(side, name)
        return ByOrigin(**out)

    def buyers_gain_from(
        self,
        reference: "ByOrigin",
        markets: Markets,
        parameters: Mapping[str, Parameter],
        values: Mapping[str, Array],
        before: Array,
    ) -> Array:
        """Return what buyers gain against a reference by whose delivered price, (draw, product, origin)."""
        roles = beliefs_on(markets, parameters, values)
        sigma, eta, own = roles["sigma"], roles["eta"], roles["sigma_home"]
        assert sigma is not None
        assert eta is not None  # every scenario gives both: see `scenario.Scenario`
        return gain_by_seller(
            markets.value,
            tariff_before=before,
            delivered=(reference.delivered_hat, self.delivered_hat),
            sigma=sigma,
            sigma_home=sigma if own is None else np.where(np.isnan(own), sigma, own),
            eta=eta,
            home=markets.home,
        )
