"""``ab-assets health``: every problem that is open now.

What belongs here: gathering them, and the table. What does not: the checks, and telling anybody.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from dagster import DagsterInstance
from rich.markup import escape
from rich.table import Table

from ab_assets.alerts.failed_runs import read_failed_runs
from ab_assets.alerts.problem import NO_PHASE, Problem, Severity
from ab_assets.automation.finished_runs import finished_runs
from ab_assets.automation.health import automation_names, ticking_problems
from ab_assets.automation.heartbeats import heartbeats
from ab_assets.automation.observing import observe
from ab_assets.cli.console import CheckFailedError, counted, output
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.staleness import expected_day, stale_reports
from ab_assets.running import open_instance

_STYLES = {"warn": "yellow", "fail": "red", "run failed": "bold red"}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProblem:
    """One line.

    Attributes:
        severity: ``warn``, ``fail`` or ``run failed``.
        check: The check; ``run`` for a failed run, ``report`` for a late report, ``automation`` for
            something that should run by itself.
        tag: The business area; empty where it belongs to none.
        experiment: The tracking key; empty where it is no matter of one.
        phase: The phase; ``None`` likewise.
        day: The day it was found on; ``None`` where it has none.
        sentence: What is wrong.
        numbers: Names and values.
        place: Where in Dagster.
        link: Its page; empty without ``AB_DAGSTER_URL``.
    """

    severity: str
    check: str
    sentence: str
    tag: str = ""
    experiment: str = ""
    phase: int | None = None
    day: date | None = None
    numbers: Mapping[str, str]
    place: str = ""
    link: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        names = [name for name in OpenProblem.__slots__ if name not in {"day", "numbers"}]
        values = {name: getattr(self, name) for name in names}
        day = self.day.isoformat() if self.day else None
        return values | {"day": day, "numbers": dict(self.numbers)}


def health(
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="One tag; all by default.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an array of problems and nothing else.")
    ] = False,
) -> None:
    """Show every open problem: failed checks and runs, late reports, silent automation.

    Reads the health of each tag's newest day from the warehouse, and the runs and ticks that
    Dagster keeps; writes nothing. Piped, it prints a line a problem, with tabs between.

    Exit codes: 0 nothing fails, whatever warns; 3 something fails; 2 no module claims the tag.

    For example:

    `ab-assets health`

    `ab-assets health --tag retention --json`
    """
    opened = open_project()
    if tag is not None:
        opened.project.catalogue.module_of(tag)
    instance = open_instance(opened.project.settings)
    problems = open_problems(opened, instance, _now(), tag)
    if as_json:
        typer.echo(json.dumps([item.to_json() for item in problems], ensure_ascii=False, indent=1))
    else:
        _show(problems, tag)
    failing = [item for item in problems if item.severity != Severity.WARN.value]
    if failing:
        message = f"{counted(len(failing), 'problem')} open"
        raise CheckFailedError(message)


def open_problems(
    opened: OpenedProject, instance: DagsterInstance, now: datetime, tag: str | None = None
) -> list[OpenProblem]:
    """Every problem, the worst first.

    Args:
        opened: The project.
        instance: Where runs and ticks are kept.
        now: Aware.
        tag: Leaves out what belongs to no tag or another.
    """
    project = opened.project
    tags = project.catalogue.tags if tag is None else (tag,)
    runs = read_failed_runs(None, now)
    runs = runs.after(finished_runs(instance, runs, project.catalogue), now)
    with opened.warehouse.session():
        seen = observe(project, opened.warehouse, instance, runs, tags)
        expected = expected_day(now.astimezone(project.settings.zone))
        stale = stale_reports(opened.warehouse, project.catalogue, tags, expected)
    told = [_of(problem) for problem in seen.problems.values()]
    for report in stale:
        severity = Severity.WARN if report.newest is None else Severity.FAIL
        told.append(
            OpenProblem(
                severity=severity.value,
                check="report",
                sentence=str(report),
                tag=report.tag,
                day=report.newest,
                numbers={"expected": report.expected.isoformat()},
            )
        )
    if tag is None:
        beats = heartbeats(instance, automation_names(project))
        told += [
            OpenProblem(severity="fail", check="automation", sentence=text, numbers={})
            for text in ticking_problems(instance, beats, now, project.settings.zone)
        ]
    return sorted((item for item in told if tag in {None, item.tag}), key=_order)


def _of(problem: Problem) -> OpenProblem:
    phase = problem.identity.phase_index
    return OpenProblem(
        severity=problem.severity.value,
        check=problem.identity.check,
        sentence=problem.sentence,
        tag=problem.tag,
        experiment=problem.experiment_key,
        phase=None if phase == NO_PHASE else phase,
        day=problem.event_date,
        numbers=dict(problem.numbers),
        place=problem.place,
        link=problem.link,
    )


def _order(item: OpenProblem) -> tuple[int, str, str, str, str]:
    return -Severity(item.severity).rank, item.tag, item.experiment, item.check, item.sentence


def _show(problems: Sequence[OpenProblem], tag: str | None) -> None:
    if not problems:
        output.print(f"nothing is wrong{f' with {tag}' if tag else ''}", markup=False)
    elif output.is_terminal:
        table = Table("", "tag", "experiment", "check", "day", "what is wrong")
        for item in problems:
            style = _STYLES[item.severity]
            table.add_row(f"[{style}]{item.severity}[/]", *map(escape, _cells(item)))
        output.print(table)
    else:
        # A program wants whole lines, however long.
        for item in problems:
            typer.echo("\t".join((item.severity, *_cells(item))))


def _cells(item: OpenProblem) -> tuple[str, ...]:
    phase = "" if item.phase is None else f" · phase {item.phase}"
    experiment = f"{item.experiment}{phase}" if item.experiment else ""
    day = item.day.isoformat() if item.day else ""
    return tuple(
        plain_text(text) for text in (item.tag, experiment, item.check, day, item.sentence)
    )
