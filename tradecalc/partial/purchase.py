"""The exporter's side of a purchase: how much a value buys, and at what price a quantity is asked."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradecalc.terms import InputError

Floats = NDArray[np.float64]


def purchased_quantity(here: dict[str, Floats], target: Floats, is_value: bool) -> Floats:
    """Return the quantity bought over baseline quantity; ``here`` holds the inputs of the origin, each (...)."""
    name, batch = ("value_after" if is_value else "quantity_hat"), here["value"].shape
    if not (np.isfinite(target).all() and (target > 0.0).all()):
        raise InputError(f"solve_purchase: {name} is {target.tolist()}; give what is bought, above zero and finite.")
    if not here["value"].all():
        raise InputError("solve_purchase: the origin has no value in the baseline to scale; give one that sells.")
    if not here["supply"].all():
        raise InputError(
            "solve_purchase: the supply of the origin is 0, so its quantity is given; give a supply above 0."
        )
    if not is_value:
        return np.array(np.broadcast_to(target, batch))
    sales, x = target / here["value"], here["origin_cost_hat"]
    supply = np.where(np.isfinite(here["supply"]), here["supply"], 1.0)
    quantity = np.where(np.isfinite(here["supply"]), (sales / x) ** (supply / (1.0 + supply)), sales / x)
    inside = sales / _passed(here, here["tariff_in_quota"])  # a dearer duty outside the quota lowers the border price
    passed = np.where(inside <= here["quota"], inside, sales / _passed(here, here["tariff_after"]))
    return np.where(np.isnan(here["pass_through"]), quantity, passed)


def asked_price(here: dict[str, Floats], quantity: Floats) -> Floats:
    """Return the change in the delivered price at which ``quantity`` is offered, before any wedge."""
    filled = np.isfinite(here["quota"]) & (quantity <= here["quota"])
    rate = np.where(filled, here["tariff_in_quota"], here["tariff_after"])
    given = quantity ** (1.0 / here["supply"]) * here["origin_cost_hat"]
    price = np.where(np.isnan(here["pass_through"]), given, _passed(here, rate))
    return price * (1.0 + rate) / (1.0 + here["tariff_before"]) * here["cost_hat"]


def _passed(here: dict[str, Floats], rate: Any) -> Floats:
    rho, tau = here["pass_through"], (1.0 + rate) / (1.0 + here["tariff_before"])
    return here["origin_cost_hat"] ** rho * tau ** (rho - 1.0)  # type: ignore[no-any-return]
