"""Runs that have ended, as Dagster keeps them.

What belongs here: reading run records and their events. What does not: which failures are still
open (``alerts.failed_runs``).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

import dagster as dg
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunRecord, RunsFilter

from ab_assets.alerts.failed_runs import OVERLAP, FailedRuns, FinishedRun
from ab_assets.automation.runs import SERIAL_TAG
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.partitions import EVENT_DATE, TAG
from ab_assets.running import failed_checks, failure_sentence, stopped_by_check

_PAGE = 500
_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE]
_PARTITION = "dagster/partition"
_WILL_RETRY = "dagster/will_retry"
_HEALTH = "health"


def finished_runs(
    instance: DagsterInstance,
    state: FailedRuns,
    catalogue: ModuleCatalogue,
    location: str | None = None,
) -> Iterator[FinishedRun]:
    """The runs that ended since the state was made.

    Args:
        instance: Where runs are kept.
        state: What was read before. What a successful run made is read only where it can end a
            failure: events cost more than all the rest.
        catalogue: Whose tags.
        location: Runs of other code locations are left out.
    """
    known = {run_id for run_id, _ in state.recent}
    records = [
        record
        for record in _records(instance, state.seen_until - OVERLAP)
        if record.dagster_run.run_id not in known and _is_ours(record.dagster_run, location)
    ]
    failed = {failure.partition for failure in state.failures}
    failed |= {
        record.dagster_run.tags.get(_PARTITION, "")
        for record in records
        if record.dagster_run.status is DagsterRunStatus.FAILURE
    }
    for record in records:
        yield from _finished(instance, record, catalogue, failed)


def _records(instance: DagsterInstance, since: datetime) -> Iterator[RunRecord]:
    chosen = RunsFilter(statuses=_ENDED, updated_after=since)
    cursor: str | None = None
    while True:
        records = instance.get_run_records(chosen, limit=_PAGE, cursor=cursor)
        yield from records
        if len(records) < _PAGE:
            return
        cursor = records[-1].dagster_run.run_id


def _is_ours(run: DagsterRun, location: str | None) -> bool:
    origin = run.remote_job_origin
    return origin is None or location is None or origin.location_name == location


def _finished(
    instance: DagsterInstance, record: RunRecord, catalogue: ModuleCatalogue, failed: set[str]
) -> Iterator[FinishedRun]:
    run = record.dagster_run
    partition = run.tags.get(_PARTITION, "")
    sentence, assets = "", list[str]()
    if run.status is DagsterRunStatus.FAILURE:
        if run.tags.get(_WILL_RETRY) == "true":
            return
        events = _events(
            instance,
            run.run_id,
            dg.DagsterEventType.STEP_FAILURE,
            dg.DagsterEventType.RUN_FAILURE,
            dg.DagsterEventType.ASSET_CHECK_EVALUATION,
            dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
            dg.DagsterEventType.ASSET_MATERIALIZATION,
        )
        if _is_told_by_health(events):
            return
        sentence = failure_sentence(events)
        assets = _unmade(run, events)
    elif partition in failed:
        kind = dg.DagsterEventType.ASSET_MATERIALIZATION
        assets = sorted(_assets(_events(instance, run.run_id, kind), kind))
    tag, day = _tag_and_day(run, partition, catalogue)
    ended = record.end_time or record.update_timestamp.timestamp()
    yield FinishedRun(
        run_id=run.run_id,
        job=run.job_name,
        partition=partition,
        tag=tag,
        module=catalogue.module_of(tag).module if tag in catalogue.tags else "",
        event_date=day,
        assets=tuple(assets),
        ended_at=datetime.fromtimestamp(ended, UTC),
        sentence=sentence,
    )


def _events(
    instance: DagsterInstance, run_id: str, *kinds: dg.DagsterEventType
) -> list[dg.DagsterEvent]:
    entries = instance.all_logs(run_id, of_type=set(kinds))
    return [entry.dagster_event for entry in entries if entry.dagster_event is not None]


def _is_told_by_health(events: Sequence[dg.DagsterEvent]) -> bool:
    """Whether nothing failed but a check of a health asset: its row is a problem of its own."""
    steps = [event for event in events if event.is_step_failure]
    checks = failed_checks(events)
    return (
        bool(steps)
        and bool(checks)
        and all(stopped_by_check(event) for event in steps)
        and all(check.asset_key.path[-1] == _HEALTH for check in checks)
    )


def _unmade(run: DagsterRun, events: Sequence[dg.DagsterEvent]) -> list[str]:
    """What was to be made and was not, and what was made by a step that failed all the same."""
    planned = _assets(events, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    planned |= {key.to_user_string(): "__".join(key.path) for key in run.asset_selection or ()}
    made = _assets(events, dg.DagsterEventType.ASSET_MATERIALIZATION)
    failed = {event.step_key for event in events if event.is_step_failure}
    return sorted(asset for asset, step in planned.items() if asset not in made or step in failed)


def _assets(events: Iterable[dg.DagsterEvent], kind: dg.DagsterEventType) -> dict[str, str]:
    """The assets of events of one kind, each with the key of its step."""
    return {
        event.asset_key.to_user_string(): "__".join(event.asset_key.path)
        for event in events
        if event.event_type is kind and event.asset_key is not None
    }


def _tag_and_day(
    run: DagsterRun, partition: str, catalogue: ModuleCatalogue
) -> tuple[str, date | None]:
    day_text, bar, tag = partition.partition("|")
    if not bar:
        day_text, tag = "", partition if partition in catalogue.tags else ""
    tag = run.tags.get(f"{_PARTITION}/{TAG}") or tag or run.tags.get(SERIAL_TAG, "")
    day_text = run.tags.get(f"{_PARTITION}/{EVENT_DATE}") or day_text
    try:
        return tag, date.fromisoformat(day_text)
    except ValueError:
        return tag, None
