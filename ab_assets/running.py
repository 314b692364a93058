"""Materialising through Dagster from this process: ordinary runs, seen in the UI like any other.

What belongs here: the instance, one run after the other, what came of each. What does not: which
partitions to make (:mod:`ab_assets.cli.run_command`), progress on a screen.
"""

import os
import shutil
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import dagster as dg
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.execute_in_process import core_execute_in_process
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX
from dagster_shared.error import SerializableErrorInfo
from sqlalchemy.exc import SQLAlchemyError

from ab_assets.errors import ConfigurationError, RunStorageError
from ab_assets.instance_files import open_home
from ab_assets.interrupts import interrupts_after
from ab_assets.settings import PROJECT_ROOT, Settings

# Hidden in the UI: it is for this module, not for people.
_PROCESS_TAG = f"{HIDDEN_TAG_PREFIX}ab_assets_process"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_CHECK_FAILED = "DagsterAssetCheckFailedError"
_STORAGE_ERRORS = ("sqlalchemy.exc.", "sqlite3.")
_UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True, slots=True)
class BadCheck:
    """An asset check that did not pass.

    Attributes:
        is_error: Whether its severity is ERROR; otherwise it is a warning.
    """

    asset: str
    name: str
    text: str
    is_error: bool

    def __str__(self) -> str:
        return f"{self.asset} · {self.name}: {self.text}"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of one run.

    Attributes:
        failure: Why it failed, in the words of the first error of ours; empty when it succeeded.
        checks: The checks that did not pass.
    """

    run_id: str
    failure: str
    checks: tuple[BadCheck, ...]

    @property
    def succeeded(self) -> bool:
        """Whether every asset was made."""
        return not self.failure

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """Sentences of the checks that failed with severity ERROR."""
        return tuple(str(check) for check in self.checks if check.is_error)

    @property
    def warnings(self) -> tuple[BadCheck, ...]:
        """The checks that only warn."""
        return tuple(check for check in self.checks if not check.is_error)


def open_instance(settings: Settings) -> DagsterInstance:
    """The Dagster instance of ``DAGSTER_HOME``, by default ``.dagster`` in the project.

    A home without ``dagster.yaml`` gets the project's. Runs that a killed process left behind are
    marked as failed, so that nobody waits for them.

    Raises:
        ConfigurationError: The home can be no folder of ours.
        RunStorageError: Its files cannot be read or written.
    """
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "dagster.yaml").exists():
            # Under its name only when it is whole: another process may read it at this moment.
            copied = home / f"dagster.yaml.{os.getpid()}"
            shutil.copyfile(PROJECT_ROOT / "dagster.yaml", copied)
            copied.replace(home / "dagster.yaml")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "its name is not UTF-8"
        message = f"DAGSTER_HOME: {home} cannot be the folder of Dagster's files: {why}"
        raise ConfigurationError(message) from None
    os.environ["DAGSTER_HOME"] = str(home)
    with _storage_told():
        instance = open_home(home)
        _close_abandoned_runs(instance)
    return instance


def materialise(
    definitions: dg.Definitions,
    instance: DagsterInstance,
    assets: Iterable[dg.AssetKey],
    tags: Mapping[str, str] | None = None,
    op_config: Mapping[str, Mapping[str, object]] | None = None,
    *,
    checks: Iterable[dg.AssetCheckKey] = (),
) -> RunOutcome:
    """Runs some assets, of one partition when the tags name one.

    Args:
        definitions: Where the assets are.
        instance: Keeps the run.
        assets: Their keys; the checks their own steps make are made, too.
        tags: The run's tags.
        op_config: Configuration by op name.
        checks: Checks that have steps of their own.

    Raises:
        KeyboardInterrupt: Ctrl-C came meanwhile; the run is over.
        RunStorageError: Dagster could not keep what happened.
    """
    everything = definitions.resolve_implicit_global_asset_job_def()
    selected = frozenset(assets)
    job = _subset(everything, selected, frozenset(checks))
    config = {name: {"config": dict(values)} for name, values in (op_config or {}).items()}
    with interrupts_after(), _storage_told():
        # Dagster's own execute_in_process would not record the selection, which is what the list
        # of runs shows as a run's target.
        result = core_execute_in_process(
            job=InMemoryJob(job_def=job.as_ephemeral_job(resource_defs={}, input_values={})),
            run_config={**_QUIET, "ops": config},
            instance=instance,
            output_capturing_enabled=True,
            raise_on_error=False,
            run_tags={**(tags or {}), _PROCESS_TAG: _process_mark(os.getpid())},
            asset_selection=selected,
        )
    bad = tuple(
        BadCheck(
            "/".join(check.asset_key.path),
            check.check_name,
            check.description or "failed",
            check.severity is dg.AssetCheckSeverity.ERROR,
        )
        for check in result.get_asset_check_evaluations()
        if not check.passed
    )
    failure = "" if result.success else failure_sentence(result.all_events)
    return RunOutcome(result.run_id, failure, bad)


@lru_cache(maxsize=64)
def _subset(
    everything: dg.JobDefinition,
    assets: frozenset[dg.AssetKey],
    checks: frozenset[dg.AssetCheckKey],
) -> dg.JobDefinition:
    """The job over some assets and checks; resolving it costs as much as a short run.

    Left to itself, Dagster adds every check of the assets, also those that run by themselves.
    """
    graph = everything.asset_layer.asset_graph
    own = {
        key
        for asset in assets
        for key in graph.get_execution_set_asset_and_check_keys(asset)
        if isinstance(key, dg.AssetCheckKey)
    }
    return everything.get_subset(asset_selection=assets, asset_check_selection=own | checks)


def failure_sentence(events: Sequence[dg.DagsterEvent]) -> str:
    """In one sentence, why a run failed: the first step that did, or the run before any step."""
    told = chain(_step_failures(events), _job_failures(events))
    return next(told, "the run failed; see its log in the UI")


def failed_checks(events: Iterable[dg.DagsterEvent]) -> list[dg.AssetCheckEvaluation]:
    """The blocking checks that did not pass."""
    evaluations = (
        event.asset_check_evaluation_data
        for event in events
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    return [check for check in evaluations if check.blocking and not check.passed]


def stopped_by_check(event: dg.DagsterEvent) -> bool:
    """Whether a step failed for nothing but a blocking check."""
    if not event.is_step_failure:
        return False
    error = event.step_failure_data.error
    return error is not None and error.cls_name == _CHECK_FAILED


def _step_failures(events: Sequence[dg.DagsterEvent]) -> Iterator[str]:
    for event in events:
        if not event.is_step_failure:
            continue
        failure = event.step_failure_data
        if failure.user_failure_data and failure.user_failure_data.description:
            yield failure.user_failure_data.description
        elif stopped_by_check(event):
            # It names the check only; the check's own words say more.
            checks = failed_checks(events)
            yield "; ".join(check.description or check.check_name for check in checks)
        elif failure.error is not None:
            yield _own_words(failure.error)


def _job_failures(events: Sequence[dg.DagsterEvent]) -> Iterator[str]:
    for event in events:
        if not event.is_job_failure:
            continue
        # A run whose process is gone has a message and nothing else.
        error = event.job_failure_data.error if event.event_specific_data else None
        told = _own_words(error) if error else (event.message or "").strip()
        if told:
            yield told


def _own_words(error: SerializableErrorInfo) -> str:
    """What the first error of ours in the chain of causes says; without one, the deepest cause."""
    while error.cause is not None and not _is_ours(error):
        error = error.cause
    if error.message.startswith(_STORAGE_ERRORS):
        return _storage_sentence(error.message)
    return error.message.partition(": ")[2].strip() if _is_ours(error) else error.message.strip()


def _is_ours(error: SerializableErrorInfo) -> bool:
    return error.message.startswith("ab_assets.")


@contextmanager
def _storage_told() -> Iterator[None]:
    """Says of an error of Dagster's own storage where that is, and what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise RunStorageError(_storage_sentence(str(error))) from error


def _storage_sentence(text: str) -> str:
    return (
        f"Dagster cannot keep its runs in {os.environ.get('DAGSTER_HOME', '')}: "
        f"{text.strip().splitlines()[0]}; no partition is half-written: make room there, or, when "
        "its files are damaged, move that folder away (a new one is made), then run the same "
        "command again"
    )


def _close_abandoned_runs(instance: DagsterInstance) -> None:
    """Marks runs as failed whose process on this machine is gone."""
    for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED)):
        mark = run.tags.get(_PROCESS_TAG, "")
        host, _, rest = mark.partition(":")
        pid = rest.partition(":")[0]
        if host == socket.gethostname() and pid.isdigit() and _process_mark(int(pid)) != mark:
            instance.report_run_failed(run, f"the process {pid} that ran it is gone")


def _process_mark(pid: int) -> str:
    """Machine, number and start of a process, so that a number used again is not taken for it.

    The start is empty for a process that is gone, and where the system has no ``/proc``: there a
    run that was killed stays as it is.
    """
    try:
        # The name in brackets may hold anything, so the fields are counted from behind it.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        started = fields[19]
    except OSError:
        started = ""
    return f"{socket.gethostname()}:{pid}:{started}"
