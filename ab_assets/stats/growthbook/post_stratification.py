"""Post-stratified effects as GrowthBook computes them.

What belongs here: its within-stratum estimates (regression with a residual variance common to both
arms) and their combination. What does not: the method used by default (``stats.stratification``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ab_assets.stats.arrays import Array, quiet
from ab_assets.stats.regression import inverse_of

if TYPE_CHECKING:
    from ab_assets.stats.moments import Moments


@quiet
def post_stratified_effect(
    control: Moments, treatment: Moments, outcomes: int = 1
) -> tuple[Array, Array]:
    """Absolute effect and its standard error; the strata are the last axis of the moments.

    Args:
        control: moments of the outcome (or numerator, denominator) and then of any covariates.
        treatment: the same of the treatment.
        outcomes: 1 for a mean, 2 for a ratio; what follows are covariates.

    Examples:
        >>> from ab_assets.stats.moments import Moments
        >>> rows = np.random.default_rng(1).normal(size=(2, 3, 40, 1))
        >>> effect, error = post_stratified_effect(Moments.of(rows[0]), Moments.of(rows[1]))
        >>> bool(np.isclose(effect, (rows[1] - rows[0]).mean()))
        True
    """
    adjusted = control.mean.shape[-1] > outcomes
    means, covariance = (_regressed if adjusted else _plain)(control, treatment, outcomes)
    weight = (control.n + treatment.n) / (control.n + treatment.n).sum(axis=-1, keepdims=True)
    units = (control.n + treatment.n).sum(axis=-1)
    overall = np.einsum("...h,...hi->...i", weight, means)
    away = means - overall[..., None, :]
    between = np.einsum("...h,...hi,...hj->...ij", weight, away, away) / units[..., None, None]
    total = np.einsum("...h,...hij->...ij", weight**2, covariance) + between
    effect, gradient = _difference(overall, outcomes)
    return effect, np.sqrt(np.einsum("...i,...ij,...j->...", gradient, total, gradient))


def _plain(control: Moments, treatment: Moments, outcomes: int) -> tuple[Array, Array]:
    """Means of (control's outcomes, treatment's outcomes) and their covariance, per stratum."""
    means = np.concatenate([control.mean, treatment.mean], axis=-1)
    covariance = np.zeros((*means.shape, 2 * outcomes))
    for start, arm in ((0, control), (outcomes, treatment)):
        block = slice(start, start + outcomes)
        covariance[..., block, block] = arm.covariance / arm.n[..., None, None]
    return means, covariance


def _regressed(control: Moments, treatment: Moments, outcomes: int) -> tuple[Array, Array]:
    """The same, adjusted to the stratum's mean covariates by one slope for both arms."""
    both = control + treatment
    within = control.scatter + treatment.scatter
    inverse, _ = inverse_of(within[..., outcomes:, outcomes:])
    cross = within[..., outcomes:, :outcomes]
    slopes = inverse @ cross
    # One coefficient per arm and outcome and one per covariate and outcome.
    spent = 3 if outcomes == 1 else 6
    residual = within[..., :outcomes, :outcomes] - np.swapaxes(cross, -1, -2) @ slopes
    residual = residual / (both.n - spent)[..., None, None]
    away = [arm.mean[..., outcomes:] - both.mean[..., outcomes:] for arm in (control, treatment)]
    means = np.concatenate(
        [
            arm.mean[..., :outcomes] - np.einsum("...i,...ij->...j", gap, slopes)
            for arm, gap in zip((control, treatment), away, strict=True)
        ],
        axis=-1,
    )
    leverage = np.einsum("a...i,...ij,b...j->...ab", np.stack(away), inverse, np.stack(away))
    leverage[..., 0, 0] += 1.0 / control.n
    leverage[..., 1, 1] += 1.0 / treatment.n
    spread = both.covariance[..., outcomes:, outcomes:] / both.n[..., None, None]
    shared = np.swapaxes(slopes, -1, -2) @ spread @ slopes
    covariance = leverage[..., :, None, :, None] * residual[..., None, :, None, :]
    covariance = covariance + shared[..., None, :, None, :]
    return means, covariance.reshape(means.shape[:-1] + 2 * (2 * outcomes,))


def _difference(means: Array, outcomes: int) -> tuple[Array, Array]:
    if outcomes == 1:
        return means[..., 1] - means[..., 0], np.broadcast_to([-1.0, 1.0], means.shape)
    numerator, denominator = means[..., [0, 2]], means[..., [1, 3]]
    ratio = numerator / denominator
    gradient = np.stack(
        [
            -1.0 / denominator[..., 0],
            ratio[..., 0] / denominator[..., 0],
            1.0 / denominator[..., 1],
            -ratio[..., 1] / denominator[..., 1],
        ],
        axis=-1,
    )
    return ratio[..., 1] - ratio[..., 0], gradient
