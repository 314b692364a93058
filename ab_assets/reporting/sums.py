"""The statistics query's answer as arrays, and moments taken from them.

What belongs here: gathering, for many comparisons at once, the sums of the variables each needs.
What does not: estimators.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.analysis.statistics_query import StatisticsQuery
from ab_assets.stats.moments import Moments

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sums:
    """Arrays over the rows of the statistics query, with one row of zeros at the end.

    Attributes:
        units: Units counted, ``(rows, eligibilities)``.
        totals: Sums of centred variables, ``(rows, variables)``.
        shifts: What was subtracted, ``(rows, variables)``.
        products: Sums of products of centred variables, ``(rows, variables, variables)``; NaN where
            no metric needs them.
        caps: The cap of each variable, NaN without, ``(rows, variables)``.
    """

    units: Floats
    totals: Floats
    shifts: Floats
    products: Floats
    caps: Floats

    @classmethod
    def of(cls, query: StatisticsQuery, frame: pl.DataFrame) -> Self:
        """Reads the frame of :func:`ab_assets.analysis.statistics_query.fetch_sums`."""
        size = len(query.plan.variables)
        products = np.full((frame.height + 1, size, size), np.nan)
        for i, j in query.plan.products:
            column = _column(frame, f"product_{i}_{j}")
            products[:, i, j] = products[:, j, i] = column
        caps = np.full((frame.height + 1, size), np.nan)
        for place, cap in enumerate(query.cap_of):
            if cap is not None:
                caps[:-1, place] = frame[f"cap_{cap}"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return cls(
            units=_matrix(frame, "eligible", len(query.plan.eligibilities)),
            totals=_matrix(frame, "sum", size),
            shifts=_matrix(frame, "shift", size),
            products=products,
            caps=caps,
        )

    def moments(self, rows: Places, eligibility: Places, variables: Places) -> Moments:
        """Moments of some variables for some rows.

        Args:
            rows: Row of each comparison, ``(c,)``; -1 is the row of zeros.
            eligibility: Its eligibility, ``(c,)``.
            variables: Its variables, ``(c, k)``.
        """
        row = rows[:, None]
        upper, right = np.triu_indices(variables.shape[1])
        products = self.products[row, variables[:, upper], variables[:, right]]
        return Moments.from_sums(
            self.units[rows, eligibility],
            self.totals[row, variables],
            products,
            self.shifts[row, variables],
        )


def _matrix(frame: pl.DataFrame, prefix: str, size: int) -> Floats:
    columns = [_column(frame, f"{prefix}_{place}") for place in range(size)]
    return np.stack(columns, axis=1) if columns else np.zeros((frame.height + 1, 0))


def _column(frame: pl.DataFrame, name: str) -> Floats:
    values = frame[name].cast(pl.Float64).fill_null(0.0).to_numpy()
    return np.append(values, 0.0)
