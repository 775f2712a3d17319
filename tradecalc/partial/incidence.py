"""Who bears a duty and who gains: accounts read off a solution of the market engine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradecalc.partial.solution import PartialSolution
from tradecalc.terms import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RentSplit:
    """A quota rent shared out; (..., S), in the unit of ``value``."""

    recorded_value: Floats  #: customs value as recorded: the exporter's part of the rent is in the price
    recorded_duty: Floats  #: duty as collected on that value
    rent_to_exporter: Floats  #: rent the exporter keeps, after in-quota duty on it
    rent_to_importer: Floats  #: rent the importing licence holder keeps


def split_rent(solution: PartialSolution, *, rent_to_exporter: ArrayLike, tariff_in_quota: ArrayLike) -> RentSplit:
    """Return recorded value, duty and rents when exporters hold the share ``rent_to_exporter`` of the licences.

    With share ``l`` the recorded value rises by ``l rent / (1 + tariff_in_quota)``, the duty by ``tariff_in_quota``
    times that, and the importer keeps ``(1 - l) rent``: the three add up to the same sum for every ``l``.

    Args:
        solution: from ``solve_partial``.
        rent_to_exporter: (..., S) share between 0 and 1.
        tariff_in_quota: (..., S) rate inside the quota, as given to ``solve_partial``.
    """
    share, inside = np.asarray(rent_to_exporter, float), np.asarray(tariff_in_quota, float)
    if not ((share >= 0.0) & (share <= 1.0)).all():
        raise InputError(f"split_rent: rent_to_exporter is {share.tolist()}; give shares between 0 and 1.")
    if not (inside > -1.0).all():
        raise InputError(f"split_rent: tariff_in_quota is {inside.tolist()}; give fractions of customs value above -1.")
    exported = share * solution.quota_rent / (1.0 + inside)
    return RentSplit(
        recorded_value=solution.value + exported,
        recorded_duty=solution.duty + inside * exported,
        rent_to_exporter=exported,
        rent_to_importer=(1.0 - share) * solution.quota_rent,
    )


@dataclass(frozen=True)
class Welfare:
    """Duty, who bears it, and the surplus of every side; in the unit of ``value``.

    By origin: ``duty_change = buyer_bears + exporter_bears + licence_holder_bears + barrier_saving + base_effect``.
    By market: ``consumer_gain + duty_change + quota_rent + exporter_surplus + home_surplus + deadweight_loss = 0``.
    """

    duty_before: Floats  #: (..., S)
    duty_change: Floats  #: (..., S)
    buyer_bears: Floats  #: (..., S) a higher delivered price on what is still bought
    exporter_bears: Floats  #: (..., S) a lower border price on it
    licence_holder_bears: Floats  #: (..., S) minus the quota rent, which buyers pay and the treasury does not get
    barrier_saving: Floats  #: (..., S) cost behind the border that no longer stands between the two prices
    base_effect: Floats  #: (..., S) baseline duty on the change in quantity
    consumer_gain: Floats  #: (...) equivalent variation of the buyers
    quota_rent: Floats  #: (...)
    exporter_surplus: Floats  #: (...) foreign exporters along their supply curves
    home_surplus: Floats  #: (...) home producers along their supply curve
    margin_change: Floats  #: (...) exporters under a given pass-through: a change in margin, outside the identity
    deadweight_loss: Floats  #: (...) what all sides together lose


def welfare(
    solution: PartialSolution,
    value: ArrayLike,
    *,
    tariff_before: ArrayLike,
    home: int | None,
    pass_through: ArrayLike | None = None,
    cost_hat: ArrayLike = 1.0,
) -> Welfare:
    """Return who bears the duty, what each side gains and the deadweight loss, from a solution and its inputs.

    The deadweight loss is minus the sum of all gains. When nothing but duties changes it is ``-sum of value p t dq``
    along the way to the new duties. Under a given pass-through the exporters' side is a change in margin, not a surplus
    on resources: it is reported beside the identity, and ``deadweight_loss`` is then net of that transfer.

    Args:
        solution: from ``solve_partial``.
        value, tariff_before, home, pass_through, cost_hat: as given to ``solve_partial``.
    """
    shape = solution.price_hat.shape
    try:
        v, before, cost, rho = (
            np.broadcast_to(np.asarray(np.nan if array is None else array, float), shape)
            for array in (value, tariff_before, cost_hat, pass_through)
        )
    except ValueError:
        raise InputError(
            f"welfare: value, tariff_before, cost_hat and pass_through must broadcast to the solution's shape {shape}; "
            "give them as they were given to solve_partial."
        ) from None
    p, q, d = solution.price_hat, solution.quantity_hat, solution.delivered_hat
    margins, at_home = np.isfinite(rho), np.zeros(shape, dtype=bool)
    if home is not None:
        at_home[..., home] = True
    surplus = np.where(margins, 0.0, solution.exporter_surplus)
    duty_change = solution.duty - v * before
    foreign_surplus, home_surplus = np.where(at_home, 0.0, surplus).sum(-1), np.where(at_home, surplus, 0.0).sum(-1)
    rent = solution.quota_rent.sum(-1)
    gains = solution.consumer_gain + duty_change.sum(-1) + rent + foreign_surplus + home_surplus
    return Welfare(
        duty_before=v * before,
        duty_change=duty_change,
        buyer_bears=v * (1.0 + before) * q * (d - 1.0),
        exporter_bears=v * q * (1.0 - p),
        licence_holder_bears=-solution.quota_rent,
        barrier_saving=v * (1.0 + before) * q * d * (1.0 / cost - 1.0),
        base_effect=v * before * (q - 1.0),
        consumer_gain=solution.consumer_gain,
        quota_rent=np.asarray(rent),
        exporter_surplus=np.asarray(foreign_surplus),
        home_surplus=np.asarray(home_surplus),
        margin_change=np.asarray(np.where(margins, solution.exporter_surplus, 0.0).sum(-1)),
        deadweight_loss=np.asarray(-gains),
    )


_NODES, _WEIGHTS = (array / 2.0 for array in np.polynomial.legendre.leggauss(16))


def gain_by_seller(
    value: ArrayLike,
    *,
    tariff_before: ArrayLike,
    delivered: tuple[ArrayLike, ArrayLike],
    sigma: ArrayLike,
    sigma_home: ArrayLike,
    eta: ArrayLike,
    home: int | None,
) -> Floats:
    """Return what each seller's delivered price does to buyers between two states, (..., S); the sum is their gain.

    With spending ``E_o`` on a seller along a path on which all logarithms of delivered prices move in step::

        gain_o = -integral of E_o dln d_o,   E_o = E0_o d_o^(1 - sigma) P_M^(sigma - sigma_home) P^(sigma_home - eta)

    at home ``E0 d^(1 - sigma_home) P^(sigma_home - eta)``. The sum does not hang on the path (it is the change of
    ``consumer_gain`` at unshifted demand), the parts do: this path treats all sellers alike (Aumann and Shapley, 1974).

    Args:
        value, tariff_before, home: as given to ``solve_partial``.
        delivered: ``delivered_hat`` of the two solutions, (..., S).
        sigma, sigma_home, eta: (...) as given to ``solve_partial``.
    """
    spent = np.asarray(value, float) * (1.0 + np.asarray(tariff_before, float))
    start, stop = (np.log(np.asarray(d, float)) for d in delivered)
    step = stop - start
    s, h, e = (np.asarray(a, float)[..., None] for a in (sigma, sigma_home, eta))
    at_home = np.zeros(spent.shape[-1], dtype=bool)
    if home is not None:
        at_home[home] = True
    abroad = np.where(at_home, 0.0, spent)
    imported = abroad.sum(axis=-1, keepdims=True)
    total = spent.sum(axis=-1, keepdims=True)
    out = np.zeros(np.broadcast_shapes(spent.shape, step.shape, s.shape))
    for node, weight in zip(_NODES + 0.5, _WEIGHTS, strict=True):
        log_d = start + node * step
        log_m = _log_index(np.divide(abroad, imported, out=np.zeros_like(abroad), where=imported > 0), log_d, s)
        pair = np.concatenate([(spent * at_home).sum(axis=-1, keepdims=True), imported], axis=-1) / total
        own = (log_d * at_home).sum(axis=-1, keepdims=True)
        log_p = _log_index(pair, np.concatenate(np.broadcast_arrays(own, log_m), axis=-1), h)
        foreign = (1.0 - s) * log_d + (s - h) * log_m + (h - e) * log_p
        domestic = (1.0 - h) * log_d + (h - e) * log_p
        out -= weight * spent * np.exp(np.where(at_home, domestic, foreign)) * step
    return out


def _log_index(share: Floats, log_price: Floats, elasticity: Floats) -> Floats:
    """Return the logarithm of a CES index, (..., 1); an elasticity within 1e-7 of one is the logarithmic limit."""
    power = 1.0 - elasticity
    power = np.where(np.abs(power) < 1e-7, 1e-7, power)
    return np.asarray(np.log1p((share * np.expm1(power * log_price)).sum(axis=-1, keepdims=True)) / power)
