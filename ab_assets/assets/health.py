"""``<module>/health``: every check of every experiment, computed once.

What belongs here: that asset and the Dagster checks that show its findings. What does not: the
checks' rules (:mod:`ab_assets.health`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from ab_assets.analysis.columns import wide_table, with_retired_columns
from ab_assets.analysis.lineage import health_lineage
from ab_assets.analysis.tag_day import TagDay
from ab_assets.assets.describing import (
    GROWTHBOOK_EXPERIMENTS,
    HEALTH_POOL,
    SAME_PARTITION,
    SOURCE_EXPOSURES,
    Layer,
    asset_tags,
    code_version,
    health_key,
    module_group,
    partition_check,
    partition_metadata,
    pool_of,
    table_metadata,
    wide_user_key,
)
from ab_assets.assets.descriptions import Description, asset_link
from ab_assets.assets.experiment_data import resolve_day, why_empty
from ab_assets.assets.origin import asset_origin
from ab_assets.assets.upstream import announcer, serving_wide_partition
from ab_assets.deferred import deferred
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.model import Module
from ab_assets.partitions import read_tag_date, tag_date_partitions
from ab_assets.project import Project
from ab_assets.reporting.formatting import plain_text
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table

if TYPE_CHECKING:
    from ab_assets.health.experiment_checks import check_experiments
    from ab_assets.health.table import findings_frame
    from ab_assets.reporting.finding_card import arm_lines, finding_markdown
    from ab_assets.reporting.health_summary import health_in_short, health_markdown
else:
    check_experiments = deferred("ab_assets.health.experiment_checks:check_experiments")
    findings_frame = deferred("ab_assets.health.table:findings_frame")
    arm_lines = deferred("ab_assets.reporting.finding_card:arm_lines")
    finding_markdown = deferred("ab_assets.reporting.finding_card:finding_markdown")
    health_in_short = deferred("ab_assets.reporting.health_summary:health_in_short")
    health_markdown = deferred("ab_assets.reporting.health_summary:health_markdown")

_MOST_LINES = 60
_MEANINGS = {
    Check.CONSERVATION: "No exposed unit is lost or doubled between the source and the wide table.",
    Check.SAMPLE_RATIO: "Units arrive in the arms as the phase's weights say.",
    Check.SAMPLE_RATIO_BY_DIMENSION: "So they do within each value of each dimension.",
    Check.CROSSOVERS: "Hardly any unit saw two variations, and in no arm more than in another.",
    Check.UNKNOWN_VARIATIONS: "Every exposure names a variation of its experiment.",
    Check.EVENT_JOIN: "Exposed units have events, in every arm alike.",
    Check.PRE_EXPOSURE_BIAS: "No covariate differed between the arms before exposure.",
    Check.COVARIATE_COVERAGE: "Units have a past that covariates can be read from.",
    Check.METRIC_MISSING: "No arm lacks a metric that the others have.",
    Check.METRIC_JUMP: "No arm's mean changed on the day as it never changed before.",
    Check.ENROLMENT: "Units keep being exposed after the first day.",
    Check.CONFIGURATION: "Weights, coverage and seed did not change inside the phase.",
    Check.FULL_DAY: "The phase has lasted a full day.",
    Check.DESIGN: "The experiment's design is one this system analyses.",
    Check.REPLAY: "Units see the variation that GrowthBook's hash gives them.",
}


def build_health(project: Project, module: Module) -> dg.AssetsDefinition:
    """The health of a module's experiments."""
    key = health_key(module.module)
    table = fixed_table(HEALTH_TABLE)
    partitions = tag_date_partitions(module.tags, project.settings)

    @dg.asset(
        key=key,
        description=_description(project, module).markdown,
        partitions_def=partitions,
        deps=[
            dg.AssetDep(wide_user_key(module.module), partition_mapping=SAME_PARTITION),
            GROWTHBOOK_EXPERIMENTS,
            SOURCE_EXPOSURES,
        ],
        code_version=code_version(["health", "pieces"], module),
        metadata=table_metadata(table, health_lineage(module.module)),
        tags=asset_tags(Layer.HEALTH, module.tags, module.module),
        check_specs=[
            partition_check(check.value, key, partitions, meaning, blocking=check.is_structural)
            for check, meaning in _MEANINGS.items()
        ],
        pool=pool_of(project, HEALTH_POOL),
        group_name=module_group(module.module),
        owners=list(module.owners),
        kinds={"sql", project.engine},
    )
    def health(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        engine = warehouse.open()
        with asset_origin(context), engine.session():
            day = resolve_day(project, engine, read_tag_date(context))
            wide = wide_table(day.module.module, day.tag, day.measures)
            made_from = serving_wide_partition(
                project, engine, day, wide, context.run.run_id, announcer(context)
            )
            findings, rows = make_health(project, engine, day, made_from, context.run.run_id)
        return dg.MaterializeResult(
            metadata=health_metadata(day, findings, rows),
            check_results=[_shown(day, check, findings) for check in _MEANINGS],
        )

    return health


def _description(project: Project, module: Module) -> Description:
    wide = asset_link(project.settings, wide_user_key(module.module))
    return Description(
        f"{module.title or module.module}: whether each experiment can be trusted on that day. "
        "Every check is computed once, here, and read by the asset checks, the report, the alerts "
        "and the dashboard.",
        grain="tag × event_date × experiment × check",
        when_it_fails=(
            "`conservation` means that rows were lost or doubled between the source and "
            f"{wide}: nothing after it is made until that is put right. Any other check that "
            "fails marks the rows of its own experiment as not trusted and stops nothing; its "
            "page under Checks says what was seen, arm by arm."
        ),
        look_at=("`docs/health.md` explains every check", "`docs/operations.md`"),
    )


def health_metadata(day: TagDay, findings: Sequence[Finding], rows: int) -> dict[str, Any]:
    """What a materialisation of the partition tells."""
    return partition_metadata(
        fixed_table(HEALTH_TABLE),
        rows,
        reason=why_empty(day),
        **health_entries(day, findings),
    )


def health_entries(day: TagDay, findings: Sequence[Finding]) -> dict[str, Any]:
    """What is wrong, every finding, and how many findings are bad, which the UI plots."""
    if not day.experiments:
        return {}
    return {
        "health": dg.MetadataValue.md(health_in_short(day, findings)),
        "findings": dg.MetadataValue.md(health_markdown(day, findings)),
        "checks_failed": sum(item.status is Status.FAIL for item in findings),
        "checks_warned": sum(item.status is Status.WARN for item in findings),
    }


def check_evaluations(
    day: TagDay, findings: Sequence[Finding], partition: str
) -> list[dg.AssetCheckEvaluation]:
    """The checks as events of their own, for health that was made on another asset's way."""
    key = health_key(day.module.module)
    shown = [(check, _shown(day, check, findings)) for check in _MEANINGS]
    return [
        dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=check.value,
            passed=result.passed,
            metadata=result.metadata or {},
            severity=result.severity,
            description=result.description,
            blocking=check.is_structural,
            partition=partition,
        )
        for check, result in shown
    ]


def make_health(
    project: Project, warehouse: Warehouse, day: TagDay, made_from: Provenance, run_id: str
) -> tuple[Sequence[Finding], int]:
    """Checks every experiment of a tag on a day and keeps the findings."""
    wide = wide_table(day.module.module, day.tag, day.measures)
    # Rows made before a column existed have nothing in it, which the checks say.
    warehouse.ensure(with_retired_columns(wide, warehouse.columns(wide.qualified)))
    table = fixed_table(HEALTH_TABLE)
    warehouse.ensure(table)
    findings = check_experiments(warehouse, project.library, day, wide)
    record = Provenance(
        tag=day.tag,
        event_date=day.event_date,
        config_hash=day.config_hash,
        sql_hash=made_from.sql_hash,
        run_id=run_id,
        path=made_from.path,
        computed_at=datetime.now(UTC),
        reason=why_empty(day),
    )
    partition: dict[str, str | date] = {"tag": day.tag, "event_date": day.event_date}
    rows = warehouse.overwrite_rows(table, partition, findings_frame(day, findings, run_id), record)
    return findings, rows


def _shown(day: TagDay, check: Check, findings: Sequence[Finding]) -> dg.AssetCheckResult:
    """One Dagster check over all experiments of the partition: the worst of them decides."""
    own = [finding for finding in findings if finding.check is check]
    names = {item.experiment.id: item.experiment.key for item in day.experiments}
    bad = sorted(
        (finding for finding in own if finding.status is not Status.PASS),
        key=lambda finding: finding.status is not Status.FAIL,
    )
    failed = sum(finding.status is Status.FAIL for finding in bad)
    return dg.AssetCheckResult(
        check_name=check.value,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if failed else dg.AssetCheckSeverity.WARN,
        description=_told(bad or own, names) or why_empty(day),
        metadata={
            **_arms(own, names),
            **{
                plain_text(names[item.experiment_id]): dg.MetadataValue.md(finding_markdown(item))
                for item in own
            },
            "experiments_failed": failed,
            "experiments_warned": len(bad) - failed,
        },
    )


def _told(findings: Sequence[Finding], names: Mapping[str, str]) -> str:
    """What was found as sentences, one that is true of several experiments told once."""
    experiments: dict[str, list[str]] = {}
    for item in findings:
        experiments.setdefault(item.message, []).append(names[item.experiment_id])
    return "; ".join(f"{', '.join(keys)}: {message}" for message, keys in experiments.items())


def _arms(findings: Sequence[Finding], names: Mapping[str, str]) -> dict[str, Any]:
    """The numbers by arm of all experiments in one table, which the UI shows in place."""
    lines = [
        {"experiment": names[item.experiment_id], **line}
        for item in findings
        for line in arm_lines(item)
    ][:_MOST_LINES]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    records = [dg.TableRecord({name: line.get(name, "") for name in columns}) for line in lines]
    return {"arms": dg.MetadataValue.table(records)} if records else {}
