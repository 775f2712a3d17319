"""What the market engine does after its kernel: duty and rent under tariff-rate quotas, and markets that failed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradecalc.partial.block import INPUTS
from tradecalc.partial.inputs import Layout

Floats = NDArray[np.float64]


def fail(failed: NDArray[np.bool_], out: Sequence[Floats], regime: NDArray[np.int8]) -> None:
    """Fill the ``failed`` markets with NaN and regime -1; ``out`` and ``regime`` are flat, market by market."""
    if failed.any():
        regime.reshape(len(failed), -1)[failed] = -1
        for array in out:
            array.reshape(len(failed), -1)[failed] = np.nan


def settle(start: int, layout: Layout, out: Sequence[Floats], regime: NDArray[np.int8]) -> None:
    """Settle the quotas of the markets from ``start`` on, given their regimes.

    ``out`` holds the seven arrays of ``PartialSolution`` by origin, as if there were no quota: a quota that is not
    over-filled changes price and duty, one that binds quantity and rent too, an over-filled one only duty and rent.
    """
    price, quantity, delivered, sales, duty, rent, surplus = out

    def given(name: str, at: NDArray[np.intp]) -> Floats:
        n = INPUTS.index(name)
        return layout.data[n][at + start * layout.origins if layout.steps[n] else at % layout.origins]

    under, binding, over = (np.flatnonzero(regime == case) for case in (1, 2, 3))
    dearer = given("tariff_after", over) - given("tariff_in_quota", over)
    rent[over] = given("value", over) * price[over] * given("quota", over) * dearer
    duty[over] -= rent[over]

    border = delivered[under] / ((1.0 + given("tariff_in_quota", under)) * _behind(under, given))
    held = np.isinf(given("supply", under)) & np.isnan(given("pass_through", under))
    price[under] = np.where(held, price[under], border)

    quantity[binding] = given("quota", binding)
    price[binding] = _price_when_filled(delivered[binding], quantity[binding], binding, given)
    licence = delivered[binding] / (price[binding] * _behind(binding, given)) - (
        1.0 + given("tariff_in_quota", binding)
    )
    rent[binding] = given("value", binding) * (price[binding] * quantity[binding]) * np.maximum(0.0, licence)

    for at in (under, binding):
        p, q, rho = price[at], quantity[at], given("pass_through", at)
        sales[at] = given("value", at) * (p * q)
        duty[at] = sales[at] * given("tariff_in_quota", at)
        gain = (p * q - 1.0) / (1.0 + given("supply", at))
        surplus[at] = given("value", at) * np.where(np.isnan(rho), gain, q * (p - given("origin_cost_hat", at)))


def _behind(at: NDArray[np.intp], given: Any) -> Any:
    return given("cost_hat", at) / (1.0 + given("tariff_before", at))


def _price_when_filled(delivered: Floats, quota: Floats, at: NDArray[np.intp], given: Any) -> Floats:
    """Return the exporter's price at the quantity of the quota: along its supply curve, or by its pass-through."""
    own_cost, cost, rho = given("origin_cost_hat", at), given("cost_hat", at), given("pass_through", at)
    price = own_cost * quota ** (1.0 / given("supply", at))
    passed = np.flatnonzero(~np.isnan(rho))
    d, own, c, share = delivered[passed], own_cost[passed], cost[passed], rho[passed]
    price[passed] = d / c / (d / (own**share * c)) ** (1.0 / share)
    return price  # type: ignore[no-any-return]
