"""``growthbook/experiments``: what GrowthBook says, kept with its history.

What belongs here: that asset and its checks. What does not: the client, the record.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import dagster as dg

from ab_assets.assets.describing import (
    GROWTHBOOK_EXPERIMENTS,
    GROWTHBOOK_POOL,
    INPUTS_GROUP,
    PLATFORM_OWNERS,
    Layer,
    asset_tags,
    code_version,
    pool_of,
    table_metadata,
)
from ab_assets.assets.descriptions import Description, growthbook_link
from ab_assets.assets.origin import asset_origin
from ab_assets.deferred import deferred
from ab_assets.errors import ConfigurationError, GrowthBookError
from ab_assets.experiments import Snapshot, all_tags, moment
from ab_assets.project import Project
from ab_assets.resources.growthbook import GrowthBookResource
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import fixed_table

if TYPE_CHECKING:
    from ab_assets.analysis.configurations import record_snapshot, stored_snapshot
else:
    record_snapshot = deferred("ab_assets.analysis.configurations:record_snapshot")
    stored_snapshot = deferred("ab_assets.analysis.configurations:stored_snapshot")

GROWTHBOOK_ANSWERS = "growthbook_answers"
# Metadata for programs: when what stands was read, in seconds since 1970.
PULLED_AT = "pulled_at"
_VALID = "every_experiment_is_valid"
_CLAIMED = "every_tag_has_a_module"
_MEANINGS = {
    GROWTHBOOK_ANSWERS: "GrowthBook could be reached.",
    _VALID: "No experiment was refused.",
    _CLAIMED: "No tag is without a module.",
}


def build_growthbook_experiments(project: Project) -> dg.AssetsDefinition:
    """The snapshot asset."""

    @dg.asset(
        key=GROWTHBOOK_EXPERIMENTS,
        description=_description(project).markdown,
        code_version=code_version(["growthbook"]),
        metadata=table_metadata(fixed_table("ab.growthbook_experiments")),
        tags=asset_tags(Layer.CONFIGURATION),
        check_specs=growthbook_checks(),
        pool=pool_of(project, GROWTHBOOK_POOL),
        group_name=INPUTS_GROUP,
        owners=PLATFORM_OWNERS,
        kinds={"growthbook", project.engine},
    )
    def experiments(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        growthbook: GrowthBookResource,
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
        with asset_origin(context):
            return _pull(project, context, warehouse.open(), growthbook)

    return experiments


def _description(project: Project) -> Description:
    asked = growthbook_link(project.settings)
    return Description(
        "What GrowthBook says of every experiment: phases, variations, weights, metric settings. "
        "Each configuration is kept once, with the time it was first seen.",
        grain="experiment × phase × configuration",
        when_it_fails=(
            "when GrowthBook does not answer, the last good snapshot stands and the check "
            f"`{GROWTHBOOK_ANSWERS}` says so; it fails only where there is none yet. "
            "`ab-assets growthbook pull` tells why in one sentence."
        ),
        look_at=("`docs/operations.md`", *([f"asked: {asked}"] if asked else [])),
    )


def growthbook_checks() -> list[dg.AssetCheckSpec]:
    """The checks of a snapshot."""
    return [
        dg.AssetCheckSpec(name, asset=GROWTHBOOK_EXPERIMENTS, description=meaning)
        for name, meaning in _MEANINGS.items()
    ]


def _pull(
    project: Project,
    context: dg.AssetExecutionContext,
    engine: Warehouse,
    growthbook: GrowthBookResource,
) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
    try:
        snapshot = growthbook.pull()
    except (GrowthBookError, ConfigurationError) as error:
        kept = stored_snapshot(engine, project.library)
        if kept is None:
            raise
        context.log.warning(
            "GrowthBook did not answer; the snapshot of %s stands: %s", kept.pulled_at, error
        )
        return _result(project, kept, failure=str(error))
    recorded = record_snapshot(engine, project.library, snapshot, context.run.run_id)
    return _result(
        project,
        snapshot,
        new_configurations=recorded.new_configurations,
        changed_experiments=recorded.new_payloads,
    )


def _result(
    project: Project, snapshot: Snapshot, failure: str = "", **more: int
) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare class
    loud = [item for item in snapshot.refused if not item.is_quiet]
    unclaimed = project.catalogue.unclaimed(all_tags(snapshot.experiments))
    metadata: dict[str, Any] = {
        "experiments": len(snapshot.experiments),
        "refused": len(snapshot.refused),
        "source": snapshot.source,
        "pulled": moment(snapshot.pulled_at, project.settings.zone),
        PULLED_AT: dg.MetadataValue.timestamp(snapshot.pulled_at),
        "snapshot_is_stale": bool(failure),
        "tags_without_module": ", ".join(unclaimed) or "none",
        "notices": dg.MetadataValue.md(
            "\n".join(f"- {text}" for text in snapshot.notices) or "none"
        ),
        **more,
    }
    return dg.MaterializeResult(
        metadata=metadata,
        check_results=[
            _check(GROWTHBOOK_ANSWERS, [failure] if failure else [], "GrowthBook answered"),
            _check(
                _VALID,
                [item.reason for item in loud],
                f"each of the {len(snapshot.experiments):,} experiments can be read",
            ),
            _check(
                _CLAIMED,
                [_unclaimed(snapshot, tag) for tag in unclaimed],
                "every tag of a running experiment belongs to a module",
            ),
        ],
    )


def _unclaimed(snapshot: Snapshot, tag: str) -> str:
    """Nothing is computed for a tag no module claims: whose it is says whether that is meant."""
    own = (item for item in snapshot.experiments if item.can_be_in_force and tag in item.tags)
    keys = ", ".join(sorted(item.key for item in own))
    return f"no module claims the tag {tag!r}, which is on {keys}"


def _check(name: str, problems: Iterable[str], otherwise: str) -> dg.AssetCheckResult:
    told = list(problems)
    return dg.AssetCheckResult(
        check_name=name,
        passed=not told,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(told) or otherwise,
        metadata={
            "problems": dg.MetadataValue.md("\n".join(f"- {text}" for text in told) or "none")
        },
    )
