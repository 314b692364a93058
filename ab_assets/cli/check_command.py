"""``ab-assets check``: is everything in order before anything runs?

What belongs here: the list of things looked at and what is said of each. What does not: mending.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Annotated

import dagster as dg
import typer
from rich.markup import escape

from ab_assets.alerts.channels.opening import open_channel
from ab_assets.analysis.columns import wide_table
from ab_assets.analysis.configurations import stored_snapshot
from ab_assets.analysis.experiment_data import experiment_data_statement
from ab_assets.analysis.statistics_query import statistics_query
from ab_assets.analysis.tag_day import TagDay, tag_day
from ab_assets.analysis.wide_user import wide_user_statement
from ab_assets.cli.console import CommandFailedError, counted, output
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.cli.reconciling import reconcile_tags, refuse_without_reconcile
from ab_assets.errors import AbAssetsError
from ab_assets.experiments import Experiment, Phase, Variation, all_tags
from ab_assets.resources.growthbook import GrowthBookResource
from ab_assets.warehouse.dialect import portable_subset_problems, to_duckdb

_ANY_DAY = date(2026, 1, 2)


def check(
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile",
            help=(
                "Instead, compare a sample of a wide table's rows with what the source rows give; "
                "reads the rows of whole phases."
            ),
        ),
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG", help="With --reconcile: a tag; every tag by default."),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option(
            "--date", metavar="DATE", help="With --reconcile: the day; yesterday by default."
        ),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="With --reconcile: share of the units, 0.01 by default."
        ),
    ] = None,
) -> None:
    """Check modules, SQL, warehouse, GrowthBook and alerts, and say what is wrong.

    Reads the module files and the settings, asks GrowthBook and the warehouse; writes and sends
    nothing.

    Exit codes: 0 all is in order; 1 something is wrong; 2 the environment or a module file cannot
    be read at all; 3 `--reconcile` found rows that differ.

    For example:

    `ab-assets check`

    `ab-assets check --reconcile --tag retention --share 0.05`
    """
    if not reconcile:
        refuse_without_reconcile(tag=tag, date=day, share=share)
    opened = open_project()
    if reconcile:
        reconcile_tags(opened, tag or [], day, share)
        return
    problems = 0
    catalogue = opened.project.catalogue
    modules = counted(len(catalogue.modules), "module")
    output.print(
        f"[green]ok[/]  {modules}, tags {escape(', '.join(catalogue.tags))}", soft_wrap=True
    )
    for name, look in _looks(opened):
        try:
            told = look()
        except (AbAssetsError, dg.DagsterError) as error:
            problems += 1
            output.print(f"[red]bad[/] {name}: {escape(str(error))}", soft_wrap=True)
        else:
            output.print(f"[green]ok[/]  {name}: {escape(told)}", soft_wrap=True)
    if problems:
        raise CommandFailedError(counted(problems, "problem"))


def _looks(opened: OpenedProject) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "SQL", lambda: _sql(opened)
    yield "definitions", lambda: _definitions(opened)
    yield "warehouse", lambda: _warehouse(opened)
    yield "GrowthBook", lambda: _growthbook(opened)
    yield "alerts", lambda: _alerts(opened)


def _sql(opened: OpenedProject) -> str:
    statements = 0
    for tag in opened.project.catalogue.tags:
        day = _example_day(opened, tag)
        wide = wide_table(day.module.module, tag, day.measures)
        library = opened.project.library
        for statement in (
            experiment_data_statement(library, day),
            wide_user_statement(library, day, wide, day.experiments, ()),
            wide_user_statement(library, day, wide, (), day.experiments),
            statistics_query(library, day, wide).statement,
        ):
            problems = portable_subset_problems(statement.text)
            if problems:
                message = f"{statement.name} for tag {tag}: {'; '.join(problems)}"
                raise AbAssetsError(message)
            to_duckdb(statement.text)
            statements += 1
    return f"{statements} statements fit both dialects"


def _alerts(opened: OpenedProject) -> str:
    channel = open_channel(opened.project.settings)
    if channel is None:
        return "no channel is configured (AB_ALERT_KIND)"
    return f"go by {channel.name}; nothing was sent"


def _example_day(opened: OpenedProject, tag: str) -> TagDay:
    variations = tuple(Variation(id=f"var_{key}", key=key, name=key) for key in ("0", "1"))
    experiment = Experiment(
        id="exp_check",
        key="check",
        name="check",
        status="running",
        tags=(tag,),
        variations=variations,
        phases=(
            Phase(
                index=0,
                name="Main",
                started_at=datetime(2026, 1, 1, tzinfo=UTC),
                weights=(0.5, 0.5),
            ),
        ),
    )
    project = opened.project
    return tag_day(project.catalogue, [experiment], tag, _ANY_DAY, project.settings.zone)


def _definitions(opened: OpenedProject) -> str:
    definitions = opened.definitions
    dg.Definitions.validate_loadable(definitions)
    count = len(list(definitions.resolve_all_asset_specs()))
    return f"{count} assets load"


def _warehouse(opened: OpenedProject) -> str:
    tables = {
        schema: opened.warehouse.tables(schema) for schema in ("ab_source", "ab", "flow_report_app")
    }
    if not any(tables.values()):
        return "it can be opened and is empty; load exposures and events next"
    return ", ".join(f"{len(names)} tables in {schema}" for schema, names in tables.items())


def _growthbook(opened: OpenedProject) -> str:
    settings = opened.project.settings
    if settings.growthbook_api_url is None and settings.growthbook_snapshot is None:
        stored = stored_snapshot(opened.warehouse, opened.project.library)
        if stored is None:
            message = (
                "neither GROWTHBOOK_API_URL nor GROWTHBOOK_SNAPSHOT is set, "
                "and nothing was pulled yet"
            )
            raise AbAssetsError(message)
        return f"not configured; the snapshot of {stored.pulled_at:%Y-%m-%d %H:%M} UTC is used"
    snapshot = GrowthBookResource().pull()
    unclaimed = opened.project.catalogue.unclaimed(all_tags(snapshot.experiments))
    extra = f"; no module claims {', '.join(unclaimed)}" if unclaimed else ""
    experiments = counted(len(snapshot.experiments), "experiment")
    return f"{experiments}, {len(snapshot.refused)} refused{extra}"
