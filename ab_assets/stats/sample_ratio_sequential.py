"""A sample-ratio test that may be read every day.

What belongs here: the sequential multinomial test. What does not: the chi-square of one look
(``sample_ratio``), which alarms more often the more often it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, logsumexp, xlogy

from ab_assets.stats.arrays import Array, Codes, quiet
from ab_assets.stats.reasons import either, only_where_valid
from ab_assets.stats.sample_ratio import checked_units

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Prior units per test in the mixture: small ones find large mismatches early, large ones small
# ones.
CONCENTRATIONS = (1e2, 1e3, 1e4, 1e5)


@dataclass(frozen=True, slots=True)
class SequentialSampleRatio:
    """Evidence against the weights, valid at any time.

    Attributes:
        log_e_value: logarithm of the e-value, the evidence so far.
        p_value: min(1, 1/e); over several looks take ``looks.running_p_value``.
        leaked: units in arms of weight 0; any is a failure by itself.
        reason: why there is no p-value.
    """

    log_e_value: Array
    p_value: Array
    leaked: Array
    reason: Codes


@quiet
def sequential_sample_ratio(
    units: ArrayLike,
    weights: ArrayLike,
    concentrations: tuple[float, ...] = CONCENTRATIONS,
) -> SequentialSampleRatio:
    """Multinomial test by a Dirichlet mixture (Lindon & Malek 2022, NeurIPS; arXiv:2011.03567).

    With a_i = k·θ_i: log E = lnΓ(Σa) − lnΓ(Σa + n) + Σ[lnΓ(a_i + S_i) − lnΓ(a_i)] − ΣS_i·ln θ_i.
    The e-values of several k are averaged, which is an e-value again, so that no k has to be
    chosen.

    Args:
        units: cumulative units at a look, ``(..., arms)``; looks may be a leading axis.
        weights: intended shares; need not sum to 1.
        concentrations: the k of the mixture.

    Examples:
        >>> float(sequential_sample_ratio([5000, 5600], [1, 1]).p_value) < 1e-5
        True
    """
    seen, share, reason = checked_units(units, weights)
    used = share > 0
    theta = np.where(used, share, 0.0) / np.where(used, share, 0.0).sum(axis=-1, keepdims=True)
    counts = np.where(used, seen, 0.0)
    n = counts.sum(axis=-1)
    likelihood = xlogy(counts, np.where(used, theta, 1.0)).sum(axis=-1)
    logs = []
    for k in concentrations:
        prior = np.where(used, k * theta, 1.0)
        terms = np.where(used, gammaln(prior + counts) - gammaln(prior), 0.0)
        logs.append(gammaln(k) - gammaln(k + n) + terms.sum(axis=-1) - likelihood)
    log_e = logsumexp(np.stack(logs, axis=-1), axis=-1) - np.log(len(concentrations))
    reason = either(reason)
    log_e, p_value = only_where_valid(reason, log_e, np.exp(-np.maximum(log_e, 0.0)))
    return SequentialSampleRatio(log_e, p_value, np.where(used, 0.0, seen).sum(axis=-1), reason)
