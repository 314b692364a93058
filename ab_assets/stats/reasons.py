"""Why a number is NaN.

What belongs here: the closed list of reasons, their sentences, and how several are combined. What
does not: deciding what to do about them (the report and the decision table do that).

Every result carries ``reason``, an int8 array of :class:`Reason` codes (0 = nothing wrong), so
that a hundred thousand rows cost a hundred kilobytes; :func:`describe` turns codes into sentences.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ab_assets.stats.arrays import Array, Codes, Flags


class Reason(IntEnum):
    """What stands in the way of an answer; when several do, the first of this list is named."""

    NONE = 0
    NOT_FINITE = 1
    NO_UNITS = 2
    TOO_FEW_UNITS = 3
    NEGATIVE_VARIANCE = 4
    ZERO_VARIANCE = 5
    ZERO_CONTROL_MEAN = 6
    ZERO_DENOMINATOR = 7
    ZERO_COVARIATE_VARIANCE = 8
    COLLINEAR_COVARIATES = 9
    NOT_POSITIVE = 10
    NOT_A_COUNT = 11
    NO_WEIGHT = 12
    NOT_PROBABILITY = 13
    TOO_FEW_GROUPS = 14
    BURN_IN = 15
    EMPTY_STRATUM = 16
    NOT_REACHABLE = 17
    QUANTILE_OUT_OF_REACH = 18


SENTENCES: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.NOT_FINITE: "an input is NaN, infinite or overflows",
    Reason.NO_UNITS: "an arm has no units",
    Reason.TOO_FEW_UNITS: "an arm has too few units for a variance",
    Reason.NEGATIVE_VARIANCE: "the sums give a negative variance: they do not belong together",
    Reason.ZERO_VARIANCE: "the variance is zero, or lost to rounding",
    Reason.ZERO_CONTROL_MEAN: "the control mean is zero: no relative uplift",
    Reason.ZERO_DENOMINATOR: "the denominator of the ratio is zero",
    Reason.ZERO_COVARIATE_VARIANCE: "the covariate does not vary: nothing to adjust with",
    Reason.COLLINEAR_COVARIATES: "the covariates are collinear",
    Reason.NOT_POSITIVE: "a value that must be positive is not",
    Reason.NOT_A_COUNT: "a count is negative, fractional or larger than its total",
    Reason.NO_WEIGHT: "no arm has a positive weight, or a weight is negative",
    Reason.NOT_PROBABILITY: "a probability is outside 0..1",
    Reason.TOO_FEW_GROUPS: "fewer than two groups can be compared",
    Reason.BURN_IN: "too few units or events yet for an always-valid answer",
    Reason.EMPTY_STRATUM: "a stratum has too few units in an arm",
    Reason.NOT_REACHABLE: "no sample size reaches the power asked for",
    Reason.QUANTILE_OUT_OF_REACH: "too few values to bound this quantile",
}


def first_reason(*checks: tuple[Flags | np.bool_, Reason]) -> Codes:
    """The code of the first check that holds, elementwise; 0 where none does.

    >>> first_reason((np.array([True, False]), Reason.NO_UNITS)).tolist()
    [2, 0]
    """
    conditions = np.broadcast_arrays(*(np.asarray(mask, dtype=np.bool_) for mask, _ in checks))
    return np.select(list(conditions), [np.int8(code) for _, code in checks], np.int8(0))


def either(*reasons: Codes) -> Codes:
    """The first of several reasons that is set, elementwise.

    >>> either(np.array([0, 2], np.int8), np.array([5, 5], np.int8)).tolist()
    [5, 2]
    """
    combined = np.asarray(reasons[0], dtype=np.int8)
    for reason in reasons[1:]:
        combined = np.where(combined == 0, reason, combined).astype(np.int8)
    return combined


def only_where_valid(reason: Codes, *values: Array) -> tuple[Array, ...]:
    """``values`` with NaN wherever a reason is set.

    >>> only_where_valid(np.array([0, 5], np.int8), np.array([1.0, 2.0]))[0].tolist()
    [1.0, nan]
    """
    invalid = reason != 0
    if not invalid.any():
        return tuple(
            np.broadcast_to(value, np.broadcast_shapes(value.shape, reason.shape))
            for value in values
        )
    return tuple(np.where(invalid, np.nan, value) for value in values)


def describe(reason: ArrayLike) -> NDArray[np.str_]:
    """The sentences of an array of codes ('' where nothing is wrong).

    >>> describe([0, 5]).tolist()
    ['', 'the variance is zero, or lost to rounding']
    """
    sentences = np.array([SENTENCES[code] for code in Reason])
    return sentences[np.asarray(reason, dtype=np.int8)]
