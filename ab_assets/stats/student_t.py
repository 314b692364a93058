"""Student's t where it is hard or slow: tails below 1e-300 and quantiles by the hundred thousand.

What belongs here: tail probabilities and quantiles of t, infinite degrees of freedom (the normal)
included. What does not: tests built from them.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, log_ndtr, ndtr, ndtri, stdtr, stdtrit

from ab_assets.stats.arrays import Array, Flags, floats, quiet

#: From this many degrees of freedom on, and from 25·z² on for far quantiles, the expansion is
#: closer than 1e-12 to the exact quantile and fifty times faster.
EXPANSION_FROM, EXPANSION_PER_SQUARE = 100.0, 25.0
#: Hill's transformation is used from here on, where its first neglected term is below this.
HILL_FROM, HILL_ERROR = 200.0, 1e-12
#: Stands for larger degrees of freedom where they are not infinite; no tail changes beyond.
MOST_DF = 1e18
#: Below this a tail probability is taken from its logarithm.
UNDERFLOW = 1e-290
CONTINUED_FRACTION_TERMS = 400
CONVERGED = 1e-15


@quiet
def lower_tail(t: Array, df: Array) -> Array:
    """P(T <= t); with t = -|statistic| this keeps every digit of a small p-value.

    From 200 degrees of freedom on and not too far out, Hill's transformation to a normal variable
    is as exact as the incomplete beta function and three times faster; elsewhere the latter is
    used.

    >>> float(lower_tail(np.array(-8.3), np.array(np.inf))) > 0
    True
    """
    t, df = floats(t, df)
    z, trusted = _hill(t, df)
    tail = np.asarray(ndtr(z), dtype=np.float64)
    if trusted.all():
        return tail
    exact = ~trusted
    tail[exact] = np.where(
        np.isposinf(df[exact]), ndtr(t[exact]), stdtr(np.minimum(df[exact], MOST_DF), t[exact])
    )
    return tail


def _hill(t: Array, df: Array) -> tuple[Array, Flags]:
    """A normal variable with the tail of t, and where it is exact (Hill 1970, CACM alg. 395)."""
    shifted = df - 0.5
    b = 48.0 * shifted * shifted
    c2 = shifted * np.log1p(t * t / df)
    second = (((4.0 * c2 + 33.0) * c2 + 240.0) * c2 + 855.0) / (10.0 * b * b)
    z = np.copysign(np.sqrt(c2), t) * (1.0 + (c2 + 3.0) / b - second)
    return z, np.asarray((df >= HILL_FROM) & (c2**6 <= HILL_ERROR * b**3))


@quiet
def log_lower_tail(t: Array, df: Array, tail: Array | None = None) -> Array:
    """Log P(T <= t), also where the probability is below the smallest float.

    Args:
        t: statistics.
        df: degrees of freedom, inf for the normal.
        tail: P(T <= t) if it is known already (it is what costs time).

    Examples:
        >>> float(log_lower_tail(np.array(-1e3), np.array(1e5))).__round__(3)
        -119901.391
    """
    t, df = np.broadcast_arrays(np.asarray(t, np.float64), np.asarray(df, np.float64))
    probability = lower_tail(t, df) if tail is None else np.asarray(tail)
    logarithm = np.asarray(np.log(probability))
    extreme = (probability < UNDERFLOW) & np.isfinite(t)
    if extreme.any():
        logarithm = np.array(logarithm)
        logarithm[extreme] = _log_far_tail(t[extreme], df[extreme])
    return logarithm


def _log_far_tail(t: Array, df: Array) -> Array:
    """Half the incomplete beta I_x(df/2, 1/2), x = df/(df+t²), by its continued fraction, in logs.

    Lentz's method on the fraction of Abramowitz & Stegun 26.5.8; it converges fast exactly where
    it is used, far out in the tail.
    """
    finite = np.isfinite(df)
    degrees = np.where(finite, df, 1.0)
    a, b = 0.5 * degrees, 0.5
    ratio = degrees / (t * t)
    x = ratio / (1.0 + ratio)
    log_front = -a * np.log1p(1.0 / ratio) - b * np.log1p(ratio) - np.log(a) - betaln(a, b)
    logarithm = log_front + np.log(_beta_fraction(a, b, x)) - np.log(2.0)
    return np.asarray(np.where(finite, logarithm, log_ndtr(t)))


def _beta_fraction(a: Array, b: float, x: Array) -> Array:
    c = np.ones_like(x)
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    fraction = d.copy()
    for m in range(1, CONTINUED_FRACTION_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d = 1.0 / (1.0 + even * d)
        c = 1.0 + even / c
        fraction *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d = 1.0 / (1.0 + odd * d)
        c = 1.0 + odd / c
        change = d * c
        fraction *= change
        if np.all(np.abs(change - 1.0) < CONVERGED):
            break
    return fraction


@quiet
def quantile(probability: Array, df: Array) -> Array:
    """The t below which a t variable falls with this probability; normal for infinite df.

    From 100 degrees of freedom on, the five-term Cornish–Fisher expansion (Abramowitz & Stegun
    26.7.5) replaces the exact inversion.

    >>> float(quantile(np.array(0.975), np.array(np.inf))).__round__(12)
    1.95996398454
    """
    z = np.asarray(ndtri(probability), dtype=np.float64)
    df = np.asarray(df, dtype=np.float64)
    expansion = _cornish_fisher(z, df)
    enough = np.maximum(EXPANSION_FROM, EXPANSION_PER_SQUARE * z * z)
    small = np.broadcast_to(~(df >= enough), expansion.shape)
    if not small.any():
        return expansion
    exact = np.array(expansion)
    target, degrees = np.broadcast_arrays(np.asarray(probability, np.float64), df)
    exact[small] = stdtrit(degrees[small], target[small])
    return exact


def _cornish_fisher(z: Array, df: Array) -> Array:
    square, v = z * z, 1.0 / df
    g1 = (square + 1) / 4
    g2 = ((5 * square + 16) * square + 3) / 96
    g3 = (((3 * square + 19) * square + 17) * square - 15) / 384
    g4 = ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / 92160
    g5 = (
        ((((27 * square + 339) * square + 930) * square - 1782) * square - 765) * square + 17955
    ) / 368640
    return z * (1 + v * (g1 + v * (g2 + v * (g3 + v * (g4 + v * g5)))))
