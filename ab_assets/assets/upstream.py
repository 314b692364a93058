"""Refusing upstream partitions that do not serve.

What belongs here: the check that the wide partition an asset is about to read is there, whole, and
made of the configuration in force. What does not: making it.
"""

import dagster as dg

from ab_assets.analysis.tag_day import TagDay
from ab_assets.project import Project
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.tables import TableDefinition


def wide_partition(
    project: Project, warehouse: Warehouse, day: TagDay, table: TableDefinition
) -> Provenance:
    """The provenance of the wide partition.

    Raises:
        dagster.Failure: It was never made, was dropped since, or is of another configuration.
    """
    asset = f"{day.module.module}/wide_user"
    where = f"partition {day.tag} | {day.event_date} of {asset}"
    remedy = (
        f"materialise {asset} for it first "
        f"(or run `ab-assets run --tag {day.tag} --date {day.event_date}`)"
    )
    made = warehouse.read_provenance(table.qualified, day.tag, day.event_date)
    if not made:
        raise dg.Failure(
            description=f"{where} was never made, or dropped after AB_WIDE_KEEP_DAYS; {remedy}",
            allow_retries=False,
        )
    record = made[-1]
    counted = warehouse.fetch(
        project.library.render(
            "wide_user/rows.sql", {"tag": day.tag, "event_date": day.event_date}, table=table
        )
    ).item()
    if counted != record.row_count:
        raise dg.Failure(
            description=(
                f"{where} has {counted:,} rows of the {record.row_count:,} it was made with: "
                f"something else changed it; {remedy}"
            ),
            allow_retries=False,
        )
    if record.config_hash != day.config_hash:
        raise dg.Failure(
            description=(
                f"{where} was made of another configuration than GrowthBook's newest; {remedy}"
            ),
            allow_retries=False,
        )
    return record
