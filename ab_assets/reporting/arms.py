"""Which two rows of sums each comparison is made of.

What belongs here: laying out comparisons (experiment × metric × dimension value × variation) over
the rows of the statistics query. What does not: statistics.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from ab_assets.analysis.statistics_query import StatisticsQuery
from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.experiments import Variation
from ab_assets.modules.model import Metric
from ab_assets.modules.variables import MetricVariables


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of the report to be: a variation of an experiment under one metric and segment.

    Attributes:
        row: Position of the variation's sums; -1 where it has no unit.
        control_row: Position of the control's sums; -1 likewise.
        segment_row: Position of any row of the segment, for what the segment's rows share.
        crossovers: Crossover units of the experiment in this segment.
    """

    item: ExperimentDay
    metric_name: str
    metric: Metric
    variables: MetricVariables = field(hash=False)
    dimension: str
    dimension_value: str
    variation: Variation
    row: int
    control_row: int
    segment_row: int
    crossovers: int

    @property
    def is_control(self) -> bool:
        """Whether it is the control's own row."""
        return self.variation.key == self.item.control.key


@dataclass(frozen=True, slots=True)
class _Segment:
    dimension: str
    value: str
    rows: dict[str, int]
    crossovers: int


def lay_out(day: TagDay, query: StatisticsQuery, sums: pl.DataFrame) -> list[Arm]:
    """Every row of the report, all users first, then each dimension (analysis rule 9).

    An experiment without any unit yet has its all-users rows, so that nobody wonders where it is.
    """
    return [
        arm
        for item in day.experiments
        for segment in _segments(item, query.dimensions, sums)
        for arm in _segment_arms(item, query, segment)
    ]


def _segments(
    item: ExperimentDay, dimensions: tuple[str, ...], sums: pl.DataFrame
) -> Iterator[_Segment]:
    own = (
        sums.with_row_index("position")
        .filter(pl.col("experiment_id") == item.experiment.id)
        .sort("position")
    )
    for dimension in ("", *dimensions):
        rows = own.filter(pl.col("dimension") == dimension)
        values = [""] if not dimension else _largest_first(rows)
        for value in values:
            chosen = rows.filter(pl.col("dimension_value") == value)
            compared = chosen.filter(~pl.col("is_crossover"))
            yield _Segment(
                dimension,
                value,
                dict(compared.select("variation_key", "position").iter_rows()),
                int(chosen.filter(pl.col("is_crossover"))["units"].sum()),
            )


def _largest_first(rows: pl.DataFrame) -> list[str]:
    sizes = (
        rows.filter(~pl.col("is_crossover"))
        .group_by("dimension_value")
        .agg(pl.col("units").sum())
        .sort(
            pl.col("dimension_value") == "(other)",
            -pl.col("units"),
            "dimension_value",
        )
    )
    return sizes["dimension_value"].to_list()


def _segment_arms(item: ExperimentDay, query: StatisticsQuery, segment: _Segment) -> Iterator[Arm]:
    control_row = segment.rows.get(item.control.key, -1)
    for name, metric in item.metrics.items():
        for variation in item.experiment.variations:
            yield Arm(
                item=item,
                metric_name=name,
                metric=metric,
                variables=query.plan.of_metric[metric],
                dimension=segment.dimension,
                dimension_value=segment.value,
                variation=variation,
                row=segment.rows.get(variation.key, -1),
                control_row=control_row,
                segment_row=next(iter(segment.rows.values()), -1),
                crossovers=segment.crossovers,
            )
