"""What Dagster's own records say of checks that belong to no experiment.

What belongs here: the newest evaluation of the checks of sources, of GrowthBook's snapshot and of
reconciliation, as problems. What does not: the checks of experiments, which the warehouse keeps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.problem import ASSET_SUBJECT, NO_PHASE, Identity, Problem, Severity
from ab_assets.assets.describing import wide_user_key
from ab_assets.assets.growthbook import growthbook_checks
from ab_assets.assets.reconciliation import RECONCILIATION
from ab_assets.assets.source_checks import check_specs
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.partitions import TagDate

# Of a check with partitions the newest of each tag counts; more are not looked through for it.
_LOOKED_THROUGH = 200
_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


@dataclass(frozen=True, slots=True)
class StandingChecks:
    """The newest evaluations: what is wrong, and what was looked at and is all right."""

    problems: dict[Identity, Problem] = field(default_factory=dict)
    passing: frozenset[Identity] = frozenset()


def standing_checks(
    instance: dg.DagsterInstance, catalogue: ModuleCatalogue, links: DagsterLinks
) -> StandingChecks:
    """Reads them from Dagster's event log; what was never evaluated is in neither."""
    problems: dict[Identity, Problem] = {}
    passing: set[Identity] = set()
    for key, most in _keys(catalogue):
        for tag, record in _newest(instance, key, most):
            evaluation = record.evaluation
            if evaluation is None:
                continue
            path = key.asset_key.to_user_string()
            subject = f"{ASSET_SUBJECT}{path}|{tag}" if tag else f"{ASSET_SUBJECT}{path}"
            identity = Identity(subject, key.name, NO_PHASE)
            if evaluation.passed:
                passing.add(identity)
            else:
                problems[identity] = _problem(identity, key, record, evaluation, links)
    return StandingChecks(problems, frozenset(passing))


def _keys(catalogue: ModuleCatalogue) -> Iterator[tuple[dg.AssetCheckKey, int]]:
    """The checks, and how many evaluations of each may matter."""
    for spec in [*check_specs(), *growthbook_checks()]:
        yield spec.key, 1
    for module in catalogue:
        yield dg.AssetCheckKey(wide_user_key(module.module), RECONCILIATION), _LOOKED_THROUGH


def _newest(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey, most: int
) -> Iterable[tuple[str, AssetCheckExecutionRecord]]:
    """The newest evaluation of each tag; of a check without partitions the newest."""
    found: dict[str, AssetCheckExecutionRecord] = {}
    # Planned ones are left out: a run that makes a partition plans its checks and may skip them.
    for record in instance.event_log_storage.get_asset_check_execution_history(
        key, limit=most, status=_EVALUATED
    ):
        tag = TagDate.of_text(record.partition).tag if record.partition else ""
        found.setdefault(tag, record)
    return found.items()


def _problem(
    identity: Identity,
    key: dg.AssetCheckKey,
    record: AssetCheckExecutionRecord,
    evaluation: dg.AssetCheckEvaluation,
    links: DagsterLinks,
) -> Problem:
    failed = evaluation.severity is dg.AssetCheckSeverity.ERROR
    path = list(key.asset_key.path)
    partition = record.partition or ""
    made = TagDate.of_text(partition) if partition else None
    return Problem(
        identity=identity,
        severity=Severity.FAIL if failed else Severity.WARN,
        tag=made.tag if made else "",
        module=path[0] if made else "",
        experiment_key="",
        experiment_name="",
        event_date=made.event_date if made else None,
        sentence=evaluation.description or "the check did not pass",
        place=f"{'/'.join(path)}, partition {partition}" if partition else "/".join(path),
        link=links.partition(path, partition) if partition else links.run(record.run_id),
    )
