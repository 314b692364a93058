"""Reports between memory and the warehouse.

What belongs here: writing a report frame over its partition. What does not: making or reading
reports.
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.analysis.columns import report_table
from ab_assets.deferred import deferred
from ab_assets.partitions import EVENT_DATE, TAG
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.origin import origin

if TYPE_CHECKING:
    import pandas as pd

    from ab_assets.reporting.frame_type import to_polars
else:
    to_polars = deferred("ab_assets.reporting.frame_type:to_polars")
    pd = deferred("pandas")


class ReportIOManager(dg.ConfigurableIOManager):
    """Overwrites the partition (tag, event_date) of a report table, all or nothing.

    The output's metadata says what the rows were made from: ``config_hash``, ``sql_hash``,
    ``reason``.
    """

    warehouse: dg.ResourceDependency[WarehouseResource]

    def handle_output(self, context: dg.OutputContext, obj: "pd.DataFrame") -> None:
        """Writes the frame and its provenance in one transaction."""
        key = context.partition_key
        if not isinstance(key, dg.MultiPartitionKey):
            message = f"a report is written to a (tag, event_date) partition, not to {key!r}"
            raise dg.DagsterInvariantViolationError(message)
        tag = key.keys_by_dimension[TAG]
        event_date = date.fromisoformat(key.keys_by_dimension[EVENT_DATE])
        table = report_table(context.asset_key.path[0], tag)
        made_from = {
            name: str(context.output_metadata[name].value)
            for name in ("config_hash", "sql_hash", "reason")
            if name in context.output_metadata
        }
        warehouse = self.warehouse.open()
        asset = context.asset_key.to_user_string()
        with origin(asset, str(key), context.run_id), warehouse.session():
            warehouse.ensure(table)
            rows = warehouse.overwrite_rows(
                table,
                {"event_date": event_date},
                to_polars(obj),
                Provenance(
                    tag=tag,
                    event_date=event_date,
                    config_hash=made_from.get("config_hash", ""),
                    sql_hash=made_from.get("sql_hash", ""),
                    run_id=context.run_id,
                    path="cumulative",
                    computed_at=datetime.now(UTC),
                    reason=made_from.get("reason", ""),
                ),
            )
        context.add_output_metadata(
            {"dagster/row_count": rows, "dagster/table_name": table.qualified}
        )

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """Reports are read where they lie: by SQL."""
        message = f"{context.asset_key}: read the report table by SQL"
        raise NotImplementedError(message)
