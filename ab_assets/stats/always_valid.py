"""Inference that stays valid however often it is looked at.

What belongs here: the asymptotic confidence sequence, its p-value and its tuning. What does not:
designs with planned looks (``group_sequential``); combining the looks of one experiment
(``looks``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import lambertw

from ab_assets.stats.arrays import Array, Codes, floats, quiet
from ab_assets.stats.intervals import Interval, Provenance
from ab_assets.stats.reasons import Reason, either, first_reason, only_where_valid
from ab_assets.stats.uplift import UpliftInterval, fieller

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ab_assets.stats.contrast import Contrast

Side = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True, slots=True)
class SequentialPlan:
    """How a confidence sequence is tuned, fixed before the data.

    Attributes:
        planned_units: total units of both arms at which the sequence should be tightest.
        burn_in: units each arm must have before anything is said (the sequence is asymptotic).
        burn_in_events: the same for units with an event, where they are given: rare events are what
            makes a mean slow to become normal.
        side: direction of the alternative.
    """

    planned_units: ArrayLike
    burn_in: int = 100
    burn_in_events: int = 20
    side: Side = "two-sided"


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """Always-valid answers at one look.

    Attributes:
        interval: of the absolute difference.
        uplift: of the relative uplift (Fieller with the sequence's boundary).
        p_value: always-valid p at this look.
        log_p_value: its logarithm.
        boundary: half width in standard errors.
        reason: why all of it is NaN; early on, that the burn-in is not over.
    """

    interval: Interval
    uplift: UpliftInterval
    p_value: Array
    log_p_value: Array
    boundary: Array
    reason: Codes


@quiet
def always_valid_test(
    contrast: Contrast,
    plan: SequentialPlan,
    alpha: ArrayLike = 0.05,
    *,
    events: ArrayLike = np.inf,
) -> SequentialTest:
    """Asymptotic confidence sequence (Waudby-Smith et al. 2024, Ann. Statist. 52(6), 2613–2640).

    On the absolute scale, and by Fieller on the relative one; a delta-method sequence of the
    uplift is not valid early (it rejects a true null in up to a third of experiments).

    Args:
        contrast: the two arms.
        plan: tuning; the same at every look.
        alpha: 1 − confidence over all looks together.
        events: units with an event in the arm that has fewer of them, for the burn-in.

    Examples:
        >>> from ab_assets.stats.proportion import proportion_contrast
        >>> contrast = proportion_contrast(8502, 44700, 8279, 45489)
        >>> float(always_valid_test(contrast, SequentialPlan(90_000)).p_value).__round__(4)
        0.035
    """
    level = np.asarray(alpha, np.float64)
    two_sided = plan.side == "two-sided"
    units = contrast.control.n + contrast.treatment.n
    rho2 = tuned_rho2(level if two_sided else 2.0 * level, plan.planned_units)
    radius = boundary(units, rho2, level, two_sided=two_sided)
    early = np.minimum(contrast.control.n, contrast.treatment.n) < plan.burn_in
    early = early | (np.asarray(events, np.float64) < plan.burn_in_events)
    reason = either(contrast.reason, first_reason((early, Reason.BURN_IN)))
    error = np.sqrt(contrast.variance)
    radius, error = only_where_valid(reason, radius, error)
    z = contrast.difference / error
    log_p = (
        log_p_value(z, units, rho2)
        if two_sided
        else one_sided_log_p_value(z if plan.side == "greater" else -z, units, rho2)
    )
    silenced = replace(contrast, reason=reason)
    uplift = fieller(silenced, radius, level, validity="always-valid")
    return SequentialTest(
        interval=_interval(contrast, plan.side, radius * error, level),
        uplift=uplift,
        p_value=np.exp(log_p),
        log_p_value=log_p,
        boundary=radius,
        reason=reason,
    )


@quiet
def tuned_rho2(alpha: ArrayLike, planned_units: ArrayLike) -> Array:
    """The ρ² that makes the sequence tightest at the planned units, exactly.

    ρ² = (−W₋₁(−α²/e) − 1)/N*, the minimiser of k/(k−1)·log(k/α²) over k = N*ρ² + 1 (Lambert's W;
    Waudby-Smith et al. 2024, appendix B.2). The common expansion is 3 % off at α = 0.05.

    >>> float(tuned_rho2(0.05, 1.0)).__round__(4)
    8.212
    """
    level, planned = (np.asarray(value, np.float64) for value in (alpha, planned_units))
    branch = np.real(lambertw(-(level**2) / np.e, k=-1))
    return np.asarray(np.where(planned > 0, (-branch - 1.0) / planned, np.nan))


@quiet
def boundary(units: Array, rho2: Array, alpha: ArrayLike, *, two_sided: bool = True) -> Array:
    """Half width of the sequence in standard errors (Waudby-Smith et al. 2024, eq. 6 and B.2).

    √(2k/(Nρ²)·log(√k/α)), k = Nρ² + 1; one-sided log(1 + √k/(2α)) takes the logarithm's place.

    >>> float(boundary(np.array(5000.0), tuned_rho2(0.05, 5000), 0.05)).__round__(3)
    3.035
    """
    information = units * rho2
    k = information + 1.0
    level = np.asarray(alpha, np.float64)
    log_odds = (
        0.5 * np.log(k) - np.log(level) if two_sided else np.log1p(np.sqrt(k) / (2.0 * level))
    )
    return np.asarray(np.sqrt(2.0 * k / information * log_odds))


@quiet
def log_p_value(z: Array, units: Array, rho2: Array) -> Array:
    """Logarithm of the two-sided always-valid p: min(0, ½·log k − Nρ²z²/(2k)).

    >>> float(log_p_value(np.array(60.0), np.array(1e4), np.array(1e-3))).__round__(2)
    -1635.16
    """
    information = units * rho2
    k = information + 1.0
    return np.minimum(0.0, 0.5 * np.log(k) - information * z * z / (2.0 * k))


@quiet
def one_sided_log_p_value(z: Array, units: Array, rho2: Array) -> Array:
    """Logarithm of the one-sided always-valid p: the α at which the boundary meets z.

    For a tuning fixed in advance the inversion is closed: √k/(2·(exp(Nρ²z²/(2k)) − 1)), in logs,
    so that an overwhelming effect is not clamped; 0 (p = 1) where z points the other way.

    >>> float(one_sided_log_p_value(np.array(60.0), np.array(1e4), np.array(1e-3))).__round__(2)
    -1635.86
    """
    information = units * rho2
    k = information + 1.0
    exponent = information * z * z / (2.0 * k)
    # log(exp(x) − 1) = x + log(1 − exp(−x))
    log_p = 0.5 * np.log(k) - np.log(2.0) - exponent - np.log(-np.expm1(-exponent))
    return np.where(np.isnan(z), np.nan, np.where(z > 0, np.minimum(0.0, log_p), 0.0))


def _interval(contrast: Contrast, side: Side, reach: Array, alpha: Array) -> Interval:
    missing = np.isnan(reach)
    low, high = contrast.difference - reach, contrast.difference + reach
    if side == "greater":
        high = np.where(missing, np.nan, np.inf)
    elif side == "less":
        low = np.where(missing, np.nan, -np.inf)
    low, high, level = floats(low, high, 1.0 - alpha)
    provenance = Provenance(
        "absolute", "confidence-sequence", contrast.adjustment, validity="always-valid"
    )
    return Interval(low, high, level, provenance)
