"""Runs that failed and what they should have made: a fold that fits into a sensor's cursor.

What belongs here: which failures are still open, and the problems they are. What does not: reading
runs from Dagster (``automation``).

A failure is over once every asset it left unmade was made for the same partition. One that nobody
makes again is followed for a week.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.problem import NO_PHASE, RUN_CHECK, Identity, Problem, Severity
from ab_assets.alerts.wording import one_line

FOLLOWED = timedelta(days=7)
OVERLAP = timedelta(minutes=10)
_LONGEST_SENTENCE = 500


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended.

    Attributes:
        partition: As Dagster writes it; empty where there is none.
        tag: The business area; empty where it belongs to none.
        event_date: The day of the partition.
        assets: What a successful run made, or what a failed one left unmade.
        sentence: Why it failed; empty where it did not.
    """

    run_id: str
    job: str
    partition: str
    tag: str
    module: str
    event_date: date | None
    assets: tuple[str, ...]
    ended_at: datetime
    sentence: str = ""

    @property
    def subject(self) -> str:
        """Whose problem a failure is."""
        return f"tag:{self.tag}" if self.tag else f"job:{self.job}"

    @property
    def target(self) -> tuple[str, str]:
        """What a later run has to be about to make up for it."""
        return self.partition, "" if self.assets else self.job


@dataclass(frozen=True, slots=True)
class FailedRuns:
    """The failures that are open.

    Attributes:
        seen_until: Runs that ended long before were read.
        recent: Ids of runs read lately: their ends may come in any order.
    """

    seen_until: datetime
    failures: tuple[FinishedRun, ...] = ()
    recent: tuple[tuple[str, datetime], ...] = ()

    def after(self, runs: Iterable[FinishedRun], now: datetime) -> "FailedRuns":
        """The state after more runs have ended."""
        known = {run_id for run_id, _ in self.recent}
        fresh = [
            run
            for run in runs
            if run.run_id not in known and run.ended_at > self.seen_until - OVERLAP
        ]
        fresh.sort(key=lambda run: run.ended_at)
        failures = self.failures
        for run in fresh:
            failures = _added(failures, run) if run.sentence else _made(failures, run)
        seen_until = max([self.seen_until, *(run.ended_at for run in fresh)])
        recent = [*self.recent, *((run.run_id, run.ended_at) for run in fresh)]
        return FailedRuns(
            seen_until,
            tuple(run for run in failures if run.ended_at > now - FOLLOWED),
            tuple(item for item in recent if item[1] > seen_until - 2 * OVERLAP),
        )

    def problems(self, links: DagsterLinks) -> dict[Identity, Problem]:
        """One problem a tag, or a job that belongs to no tag."""
        by_subject: dict[str, list[FinishedRun]] = {}
        for run in sorted(self.failures, key=lambda item: item.ended_at):
            by_subject.setdefault(run.subject, []).append(run)
        problems = (_problem(runs, links) for runs in by_subject.values())
        return {problem.identity: problem for problem in problems}

    def to_text(self) -> str:
        """The state as a cursor."""
        return json.dumps(
            {
                "seen_until": self.seen_until.isoformat(),
                "failures": [asdict(run) for run in self.failures],
                "recent": [[run_id, ended.isoformat()] for run_id, ended in self.recent],
            },
            default=lambda moment: moment.isoformat(),
        )


def read_failed_runs(text: str | None, now: datetime) -> FailedRuns:
    """The state of a cursor; one that is missing or is none of ours begins a week ago."""
    try:
        values = json.loads(text or "")
        failures = tuple(_run(run) for run in values["failures"])
        recent = tuple((str(item[0]), datetime.fromisoformat(item[1])) for item in values["recent"])
        return FailedRuns(datetime.fromisoformat(values["seen_until"]), failures, recent)
    except (ValueError, KeyError, TypeError, IndexError):
        return FailedRuns(now - FOLLOWED)


def _run(values: dict[str, object]) -> FinishedRun:
    day, assets = values["event_date"], values["assets"]
    if not isinstance(assets, list):
        message = "assets is no list"
        raise TypeError(message)
    return FinishedRun(
        run_id=str(values["run_id"]),
        job=str(values["job"]),
        partition=str(values["partition"]),
        tag=str(values["tag"]),
        module=str(values["module"]),
        event_date=date.fromisoformat(str(day)) if day else None,
        assets=tuple(str(asset) for asset in assets),
        ended_at=datetime.fromisoformat(str(values["ended_at"])),
        sentence=str(values["sentence"]),
    )


def _added(failures: Sequence[FinishedRun], run: FinishedRun) -> tuple[FinishedRun, ...]:
    """The newest failure of a partition speaks for it, with all that is unmade."""
    same = [item for item in failures if item.target == run.target]
    unmade = sorted({*run.assets, *(asset for item in same for asset in item.assets)})
    run = replace(
        run, assets=tuple(unmade), sentence=one_line(run.sentence, _LONGEST_SENTENCE) or "it failed"
    )
    return (*(item for item in failures if item not in same), run)


def _made(failures: Sequence[FinishedRun], run: FinishedRun) -> tuple[FinishedRun, ...]:
    left: list[FinishedRun] = []
    for failure in failures:
        if failure.partition != run.partition:
            left.append(failure)
        elif failure.assets:
            unmade = tuple(asset for asset in failure.assets if asset not in run.assets)
            if unmade:
                left.append(replace(failure, assets=unmade))
        elif failure.job != run.job:
            left.append(failure)
    return tuple(left)


def _problem(runs: Sequence[FinishedRun], links: DagsterLinks) -> Problem:
    newest = runs[-1]
    numbers = [("partition", newest.partition)] if newest.partition else []
    numbers += [("failed assets", ", ".join(newest.assets))] if newest.assets else []
    if len(runs) > 1:
        numbers.append(("partitions that failed", str(len(runs))))
    return Problem(
        identity=Identity(newest.subject, RUN_CHECK, NO_PHASE),
        severity=Severity.RUN_FAILED,
        tag=newest.tag,
        module=newest.module,
        experiment_key="",
        experiment_name="",
        event_date=newest.event_date,
        sentence=newest.sentence,
        numbers=tuple(numbers),
        place=f"run {newest.run_id}",
        link=links.run(newest.run_id),
    )
