"""What ``report_user`` hands to Dagster: the type of its output.

What belongs here: how that type reads in the UI, and where its values are checked. What does not:
the rules of its columns (:mod:`ab_assets.reporting.frame_type`), which need pandas.
"""

from functools import cache
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.deferred import deferred
from ab_assets.warehouse.schema import report_columns

if TYPE_CHECKING:
    from ab_assets.reporting.frame_type import frame_check
else:
    frame_check = deferred("ab_assets.reporting.frame_type:frame_check")


@cache  # Dagster wants one type of a name
def report_output_type() -> dg.DagsterType:
    """The type; dagster-pandas checks each value by its columns' kinds and limits."""
    columns = "\n".join(f"+ **{column.name}**: `{column.type}`" for column in report_columns())
    return dg.DagsterType(
        name="ReportFrame",
        description=(
            "One row an experiment × metric × dimension value × variation.\n"
            f"### Columns\n{columns}\n"
        ),
        type_check_fn=lambda _, value: frame_check(value),
    )
