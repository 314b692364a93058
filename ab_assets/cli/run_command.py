"""``ab-assets run``: materialise partitions, in dependency order.

What belongs here: its arguments, the plan of partitions, progress, the exit code. What does not:
how a run is executed (:mod:`ab_assets.running`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer
from dagster import DagsterInstance
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from ab_assets.analysis.configurations import required_snapshot, stored_snapshot
from ab_assets.assets.describing import DASHBOARD_TABLES, GROWTHBOOK_EXPERIMENTS, wide_user_key
from ab_assets.automation.runs import SERIAL_TAG, partition_assets
from ab_assets.cli.console import CheckFailedError, CommandFailedError, counted, messages
from ab_assets.cli.days import check_day, day_range, days_in_force, read_date
from ab_assets.cli.growthbook_command import say_growthbook_warning
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.errors import ConfigurationError
from ab_assets.partitions import TagDate
from ab_assets.running import RunOutcome, materialise, open_instance


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The partitions to make, in order.

    Attributes:
        full: Whether every wide partition is made from the source rows.
    """

    partitions: tuple[TagDate, ...]
    full: bool

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, in order."""
        return tuple(dict.fromkeys(partition.tag for partition in self.partitions))


def run(
    tag: Annotated[
        list[str] | None, typer.Option(help="A tag; may be given several times.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every tag of every module.")] = False,
    day: Annotated[
        str | None, typer.Option("--date", help="One day; yesterday by default.")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day of a range.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day of a range.")] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help=(
                "Make wide tables from the source rows of the whole phase. "
                "Without dates: every day of the phases in force."
            ),
        ),
    ] = False,
) -> None:
    """Make reports: tags and days, through Dagster, in dependency order.

    For example:

    `ab-assets run --tag retention`

    `ab-assets run --all --from 2026-11-01 --to 2026-11-20`

    `ab-assets run --tag retention --full`
    """
    opened = open_project()
    tags = _tags(opened, tag or [], every=every)
    dates = _dates(opened, day, first, last)
    instance = open_instance(opened.project.settings)
    runner = Runner(opened, instance)
    runner.pull()
    _conclude(runner.execute(plan_runs(opened, tags, dates, full=full)))


def _tags(opened: OpenedProject, asked: Sequence[str], *, every: bool) -> tuple[str, ...]:
    catalogue = opened.project.catalogue
    if every and asked:
        message = "either --tag or --all, not both"
        raise ConfigurationError(message)
    if not every and not asked:
        known = ", ".join(catalogue.tags)
        message = (
            f"say which tags: --tag T (several times if need be), or --all; known tags: {known}"
        )
        raise ConfigurationError(message)
    if every:
        return catalogue.tags
    for name in asked:
        catalogue.module_of(name)
    return tuple(dict.fromkeys(asked))


def _dates(
    opened: OpenedProject, day: str | None, first: str | None, last: str | None
) -> list[date] | None:
    settings = opened.project.settings
    if day is not None and (first is not None or last is not None):
        message = "either --date, or --from and --to, not both"
        raise ConfigurationError(message)
    if day is not None:
        return [check_day(read_date(day, "--date") or settings.yesterday(), settings, "--date")]
    if first is None and last is None:
        return None
    if first is None:
        message = "--to needs --from"
        raise ConfigurationError(message)
    start = check_day(read_date(first, "--from") or settings.yesterday(), settings, "--from")
    end = read_date(last, "--to") or settings.yesterday()
    return [check_day(item, settings, "--to") for item in day_range(start, end)]


def plan_runs(
    opened: OpenedProject, tags: Sequence[str], dates: list[date] | None, *, full: bool
) -> RunPlan:
    """The partitions of some tags: on the dates; without them yesterday, or in full every day.

    Raises:
        ConfigurationError: There is no partition of yesterday yet.
        GrowthBookError: In full without dates, and no experiments are known yet.
    """
    settings = opened.project.settings
    newest = settings.yesterday()
    if dates is None and not full:
        dates = [check_day(newest, settings, "yesterday,")]
    if dates is not None:
        return RunPlan(tuple(TagDate(tag, item) for tag in tags for item in dates), full)
    snapshot = required_snapshot(opened.warehouse, opened.project.library)
    return RunPlan(
        tuple(
            TagDate(tag, item)
            for tag in tags
            for item in days_in_force(snapshot.experiments, tag, settings, newest)
        ),
        full,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a plan.

    Attributes:
        failed: Partitions that could not be made.
        failed_checks: Sentences of health checks that failed.
    """

    plan: RunPlan
    failed: tuple[str, ...]
    failed_checks: tuple[str, ...]


class Runner:
    """Executes a plan, one run a partition, and remembers what failed."""

    def __init__(self, opened: OpenedProject, instance: DagsterInstance) -> None:
        self._opened = opened
        self._instance = instance
        self._definitions = opened.definitions

    def pull(self) -> None:
        """Takes a snapshot of GrowthBook where one is configured; else the last one stands."""
        settings = self._opened.project.settings
        if settings.growthbook_api_url is None and settings.growthbook_snapshot is None:
            stored = stored_snapshot(self._opened.warehouse, self._opened.project.library)
            if stored is not None:
                return
        outcome = materialise(self._definitions, self._instance, [GROWTHBOOK_EXPERIMENTS])
        if not outcome.succeeded:
            _say_failed("growthbook/experiments", outcome)
            raise CommandFailedError(outcome.failure)
        for warning in outcome.warnings:
            say_growthbook_warning(warning)

    def execute(self, plan: RunPlan) -> Made:
        """Makes every partition, then each tag's dashboard rows.

        A tag stops at its first failed day: later days would build on it. The other tags go on.
        """
        failed: list[str] = []
        checks: list[str] = []
        with _progress() as progress:
            bar = progress.add_task("", total=len(plan.partitions) + len(plan.tags))
            for tag in plan.tags:
                days = [item for item in plan.partitions if item.tag == tag]
                for partition in days:
                    _say_begun(progress, bar, f"{tag} {partition.event_date}")
                    outcome = self._partition(partition, full=plan.full)
                    checks += [f"{partition.event_date} {text}" for text in outcome.failed_checks]
                    if not outcome.succeeded:
                        failed.append(f"{tag} {partition.event_date}")
                        _say_failed(failed[-1], outcome)
                        break
                    progress.advance(bar)
                else:
                    _say_begun(progress, bar, f"{tag} dashboard")
                    outcome = self._dashboard(tag)
                    if not outcome.succeeded:
                        failed.append(f"{tag} dashboard")
                        _say_failed(failed[-1], outcome)
                    progress.advance(bar)
        return Made(plan, tuple(failed), tuple(dict.fromkeys(checks)))

    def _partition(self, partition: TagDate, *, full: bool) -> RunOutcome:
        module = self._opened.project.catalogue.module_of(partition.tag)
        wide = "__".join(wide_user_key(module.module).path)
        return materialise(
            self._definitions,
            self._instance,
            partition_assets(module),
            tags={**partition.run_tags, SERIAL_TAG: partition.tag},
            op_config={wide: {"full": full}},
        )

    def _dashboard(self, tag: str) -> RunOutcome:
        return materialise(
            self._definitions,
            self._instance,
            DASHBOARD_TABLES,
            tags={"dagster/partition": tag, SERIAL_TAG: tag},
        )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=messages,
        transient=True,
        disable=not messages.is_terminal,
    )


def _say_begun(progress: Progress, bar: TaskID, what: str) -> None:
    """Moves the bar's text; a log gets a line, so that one can see where a long run is."""
    progress.update(bar, description=escape(what))
    if not messages.is_terminal:
        messages.print(escape(what), highlight=False)


def _conclude(made: Made) -> None:
    tags = ", ".join(made.plan.tags)
    what = f"{counted(len(made.plan.partitions), 'partition')} of {tags}"
    if made.failed:
        text = f"{len(made.failed)} of {what}: {', '.join(made.failed)}"
        messages.print(f"[bold red]failed:[/] {escape(text)}", soft_wrap=True, highlight=False)
        raise CommandFailedError(text)
    messages.print(f"[green]made[/] {escape(what)}", highlight=False)
    if made.failed_checks:
        lines = "\n  ".join(made.failed_checks)
        text = f"{counted(len(made.failed_checks), 'health check')} failed:\n  {lines}"
        raise CheckFailedError(text)


def _say_failed(what: str, outcome: RunOutcome) -> None:
    messages.print(
        f"[bold red]failed:[/] {escape(what)}: {escape(outcome.failure)} (run {outcome.run_id})",
        soft_wrap=True,
        highlight=False,
    )
