"""The check ``incremental_equals_full`` of ``<module>/wide_user``, which runs by itself.

What belongs here: that check. What does not: the comparison
(:mod:`ab_assets.health.reconciliation`), when it runs (:mod:`ab_assets.automation`).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.analysis.columns import wide_table
from ab_assets.analysis.tag_day import TagDay
from ab_assets.analysis.unit_sample import UnitSample
from ab_assets.assets.describing import partition_check, pool_of, wide_user_key
from ab_assets.assets.experiment_data import resolve_day, why_empty
from ab_assets.assets.origin import asset_origin
from ab_assets.deferred import deferred
from ab_assets.experiments import moment
from ab_assets.modules.model import Module
from ab_assets.partitions import TagDate, read_tag_date, tag_date_partitions
from ab_assets.project import Project
from ab_assets.reporting.formatting import markdown_table
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse

if TYPE_CHECKING:
    from ab_assets.health.reconciliation import Reconciliation, reconcile
else:
    reconcile = deferred("ab_assets.health.reconciliation:reconcile")

RECONCILIATION = "incremental_equals_full"
DEFAULT_SHARE = 0.01
_SHOWN = 20


class ReconciliationConfig(dg.Config):
    """How much is compared.

    Attributes:
        share: Of the units: 0.01 is one in a hundred, 1 is all of them.
    """

    share: float = DEFAULT_SHARE


def reconciliation_key(module: str) -> dg.AssetCheckKey:
    """The key of a module's check."""
    return dg.AssetCheckKey(wide_user_key(module), RECONCILIATION)


def reconciliation_op(module: str) -> str:
    """The name its configuration is given by."""
    return f"{module}__{RECONCILIATION}"


def build_reconciliation(project: Project, module: Module) -> dg.AssetChecksDefinition:
    """The check of a module's wide tables."""
    key = wide_user_key(module.module)
    spec = partition_check(
        RECONCILIATION,
        key,
        tag_date_partitions(module.tags, project.settings),
        "Rows that were built on yesterday's are those that the source rows give. On a sample of "
        "units; runs by itself, weekly or by `ab-assets check --reconcile`.",
        blocking=False,
    )

    # can_subset makes the result optional: a run that makes the partition compares nothing.
    @dg.multi_asset_check(
        name=reconciliation_op(module.module),
        specs=[spec],
        can_subset=True,
        pool=pool_of(project, f"wide_user_{module.module}"),
    )
    def incremental_equals_full(
        context: dg.AssetCheckExecutionContext,
        config: ReconciliationConfig,
        warehouse: WarehouseResource,
    ) -> Iterator[dg.AssetCheckResult]:
        if key in context.job_def.asset_layer.executable_asset_keys:
            context.log.info("the partition is made in this run; it is not compared")
            return
        engine = warehouse.open()
        with asset_origin(context, key), engine.session():
            result = reconciled(project, engine, read_tag_date(context), UnitSample(config.share))
        yield result

    return incremental_equals_full


def reconciled(
    project: Project, warehouse: Warehouse, partition: TagDate, sample: UnitSample
) -> dg.AssetCheckResult:
    """Compares a sample of a partition and says what came of it."""
    day = resolve_day(project, warehouse, partition)
    table = wide_table(day.module.module, day.tag, day.measures)
    key = wide_user_key(day.module.module)
    made = warehouse.read_provenance(table.qualified, day.tag, day.event_date)
    nothing = why_empty(day) or _why_not(day, made)
    if nothing:
        return dg.AssetCheckResult(
            asset_key=key,
            check_name=RECONCILIATION,
            passed=True,
            description=f"nothing to compare: {nothing}",
        )
    found = reconcile(warehouse, project.library, day, table, sample)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=RECONCILIATION,
        passed=not found.differences,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_sentence(found, sample, moment(made[-1].computed_at, day.zone)),
        metadata={
            "rows": found.rows,
            "units_that_differ": found.units_that_differ,
            "share": f"{sample.share:.2%}".replace("%", " %"),
            "path": made[-1].path,
            "differences": dg.MetadataValue.md(_table(found)),
        },
    )


def _why_not(day: TagDay, made: Sequence[Provenance]) -> str:
    """Why a partition cannot be compared; empty where it can."""
    if not made:
        return "the partition was never made, or was dropped after AB_WIDE_KEEP_DAYS"
    if made[-1].config_hash != day.config_hash:
        return "the partition was made of another configuration than GrowthBook's newest"
    return ""


def _sentence(found: "Reconciliation", sample: UnitSample, made_at: str) -> str:
    rows = f"{found.rows:,} rows of {sample.share:.2%} of the units"
    if not found.differences:
        return f"{rows} are what the source rows give"
    return (
        f"{found.units_that_differ:,} of {rows} are not what the source rows give now (the "
        f"partition was made {made_at}); the first: {found.differences[0]}"
    )


def _table(found: "Reconciliation") -> str:
    if not found.differences:
        return "none"
    rows = [
        [
            item.experiment_key,
            item.user_id,
            item.column or "the row",
            str(item.wide),
            str(item.full),
        ]
        for item in found.differences[:_SHOWN]
    ]
    told = markdown_table(["experiment", "unit", "column", "wide table", "in full"], rows)
    more = len(found.differences) - len(rows)
    return f"{told}\n\nand {more:,} more" if more > 0 else told
