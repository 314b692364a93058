"""Buckets: which hashes belong to which variation.

What belongs here: ranges from coverage and weights, and the variation of every bucket. What does
not: hashing. All of it in the SDKs' own floating-point steps: a border is where theirs is.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from ab_assets.replay.hashing import BUCKETS, check_version

BucketRange = tuple[float, float]
NOT_INCLUDED = -1
# Weights that sum to less or more are not used: the SDKs split equally instead.
LEAST_SUM, LARGEST_SUM = 0.99, 1.01


def usable_weights(weights: Sequence[float] | None, variations: int) -> tuple[float, ...]:
    """The weights the SDKs split by: these, or equal ones where these make no sense.

    >>> usable_weights((0.5, 0.4), 2)
    (0.5, 0.5)
    """
    if (
        weights is not None
        and len(weights) == variations
        and all(weight >= 0 for weight in weights)
        and LEAST_SUM <= sum(weights) <= LARGEST_SUM
    ):
        return tuple(weights)
    return (1 / variations,) * variations if variations else ()


def bucket_ranges(
    variations: int, coverage: float = 1.0, weights: Sequence[float] | None = None
) -> tuple[BucketRange, ...]:
    """Each variation's half-open range: its weight after those before it, cut to the coverage.

    >>> bucket_ranges(2, 0.5)
    ((0.0, 0.25), (0.5, 0.75))
    """
    covered = min(max(coverage, 0.0), 1.0)
    usable = usable_weights(weights, variations)
    starts = accumulate(usable, initial=0.0)
    return tuple(
        (start, start + covered * weight) for start, weight in zip(starts, usable, strict=False)
    )


def choose_variation(number: float, ranges: Sequence[BucketRange]) -> int:
    """The first variation whose range holds the number, or -1.

    >>> choose_variation(0.5, [(0.0, 0.5), (0.5, 1.0)])
    1
    """
    for index, (low, high) in enumerate(ranges):
        if low <= number < high:
            return index
    return NOT_INCLUDED


def variation_of_bucket(version: int, ranges: Sequence[BucketRange]) -> NDArray[np.int16]:
    """The variation of every bucket of a hash version; -1 where no range holds it.

    There are so few buckets that users need no comparison of their own: one look-up each.
    """
    check_version(version)
    count = BUCKETS[version]
    return np.array(
        [choose_variation(bucket / count, ranges) for bucket in range(count)], dtype=np.int16
    )
