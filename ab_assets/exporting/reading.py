"""The tables dashboards read, as frames.

What belongs here: which they are, and their rows in a stable order. What does not: files.
"""

from collections.abc import Mapping

import polars as pl

from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import fixed_tables
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

DASHBOARD_SCHEMA = "flow_report_app"


def dashboard_tables() -> tuple[TableDefinition, ...]:
    """The tables of the schema."""
    return tuple(table for table in fixed_tables().values() if table.schema == DASHBOARD_SCHEMA)


def read_tables(
    warehouse: Warehouse, library: StatementLibrary, tag: str | None
) -> Mapping[str, pl.DataFrame]:
    """The rows of each table, of all tags or one, in the types and order of the table.

    A table that was never made has no rows. One short connection reads all of them.
    """
    frames: dict[str, pl.DataFrame] = {}
    with warehouse.session():
        there = warehouse.tables(DASHBOARD_SCHEMA)
        for table in dashboard_tables():
            schema = pl.Schema(frame_schema(table))
            if table.name not in there:
                frames[table.name] = pl.DataFrame(schema=schema)
                continue
            # A table of an older version lacks the newest columns until it is made again.
            known = warehouse.columns(table.qualified)
            columns = tuple(name for name in table.column_names if name in known)
            statement = library.render(
                "testing_result/export.sql",
                {} if tag is None else {"tag": tag},
                table=table,
                columns=columns,
                one_tag=tag is not None,
            )
            frame = pl.concat(
                [
                    pl.DataFrame(schema=schema),
                    warehouse.fetch(statement).cast({name: schema[name] for name in columns}),
                ],
                how="diagonal",
            )
            frames[table.name] = frame.sort(frame.columns, nulls_last=True)
    return frames
