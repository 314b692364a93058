"""``ab-assets demo``: a synthetic company, from nothing to verdicts beside the planted truth.

What belongs here: the sequence of steps. What does not: the company, the runs, the verdicts.
"""

import json
import os
import shlex
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from ab_assets.cli.console import CommandFailedError, messages, output
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.cli.run_command import Runner, RunPlan
from ab_assets.demo import Company, build_company
from ab_assets.demo.verdicts import verdict_table, verdicts
from ab_assets.errors import ConfigurationError
from ab_assets.partitions import TagDate
from ab_assets.reporting.reading import read_report
from ab_assets.running import open_instance
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.loading import load_files
from ab_assets.warehouse.schema import fixed_tables

ENVIRONMENT_FILE = "environment"


def demo(
    folder: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Where its warehouse, files and Dagster runs go.",
            show_default="data/demo in the project",
        ),
    ] = PROJECT_ROOT / "data" / "demo",
    every_day: Annotated[
        bool, typer.Option("--every-day", help="Make all 21 days of every tag; takes minutes.")
    ] = False,
    warehouse: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="URL of an empty warehouse to use, as in AB_WAREHOUSE_URL.",
            show_default="a DuckDB file in the folder",
        ),
    ] = "",
) -> None:
    """Build a synthetic company, run everything, and hold the verdicts against what was planted.

    40,000 users, 21 days, five modules. Reads nothing of yours. Writes the folder: what an earlier
    demo left there is replaced; its `environment` file sets what the other commands need to look
    at the demo. A warehouse of your own is only used while its source tables are empty.

    Exit codes: 0 every planted fact was decided as planted; 1 a run failed or a verdict differs;
    2 the warehouse has rows already.

    For example:

    `ab-assets demo`

    `ab-assets demo --folder /tmp/demo --every-day`
    """
    if folder.exists() and not folder.is_dir():
        message = f"--folder {folder} is a file; name a folder, or nothing yet"
        raise ConfigurationError(message)
    with messages.status("inventing a company …"):
        company = build_company()
        _prepare(folder, company, warehouse)
    opened = open_project()
    _refuse_rows(opened)
    _load(opened, folder)
    runner = Runner(opened, open_instance(opened.project.settings))
    runner.pull()
    tags = opened.project.catalogue.tags
    plan = RunPlan(
        tuple(
            TagDate(tag, day) for tag in tags for day in _days(company, tag, every_day=every_day)
        ),
        full=False,
    )
    made = runner.execute(plan)
    if made.failed:
        message = f"{len(made.failed)} partitions failed"
        raise CommandFailedError(message)
    reports = {tag: _last_report(opened, tag, company.last_day) for tag in tags}
    found = verdicts(company.truth, reports)
    output.print(verdict_table(found))
    wrong = [item for item in found if not item.agrees]
    output.print(
        f"{len(found) - len(wrong)} of {len(found)} planted facts decided as planted; "
        f"{len(made.failed_checks)} health findings failed, as the planted faults should."
    )
    messages.print("Look at it: `make dev`, then the address it prints.")
    messages.print(f"HTML reports: {folder / 'reports'}/*.html", markup=False, soft_wrap=True)
    if wrong:
        message = f"{len(wrong)} verdicts differ from what was planted"
        raise CommandFailedError(message)


def _refuse_rows(opened: OpenedProject) -> None:
    """Ends the command where somebody's own rows are: the demo's would be mixed with them."""
    warehouse = opened.warehouse
    with warehouse.session():
        for table in fixed_tables().values():
            if table.schema != "ab_source" or not warehouse.columns(table.qualified):
                continue
            count = opened.project.library.render("source/row_count.sql", {}, table=table)
            if warehouse.fetch(count)["row_count"].item():
                message = (
                    f"{table.qualified} of this warehouse has rows; the demo needs a warehouse of "
                    "its own: name an empty one with --warehouse, or leave the option out"
                )
                raise ConfigurationError(message)


def _prepare(folder: Path, company: Company, warehouse: str) -> None:
    """An empty folder with the company's files, and the environment that points at it."""
    folder = folder.absolute()
    for name in ("ab.duckdb", "ab.duckdb.wal", ENVIRONMENT_FILE):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "dagster", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    company.exposures.write_parquet(folder / "exposures.parquet")
    company.events.write_parquet(folder / "events.parquet")
    snapshot = folder / "growthbook.json"
    snapshot.write_text(json.dumps(company.growthbook, indent=1), encoding="utf-8")
    environment = {
        "AB_WAREHOUSE_URL": warehouse or f"duckdb:///{folder / 'ab.duckdb'}",
        "AB_START_DATE": company.first_day.isoformat(),
        "AB_TIMEZONE": "UTC",
        "AB_MODULES_DIR": str(PROJECT_ROOT / "sql" / "modules"),
        "AB_WIDE_KEEP_DAYS": "30",
        "AB_REPORTS_DIR": str(folder / "reports"),
        "GROWTHBOOK_SNAPSHOT": str(snapshot),
        "DAGSTER_HOME": str(folder / "dagster"),
    }
    os.environ.update(environment)
    file = folder / ENVIRONMENT_FILE
    file.touch(mode=0o600)  # the URL of a cluster has a password
    file.write_text(shell_lines(environment), encoding="utf-8")


def shell_lines(environment: Mapping[str, str]) -> str:
    """Lines that a shell reads to exactly these values, whatever is in them.

    Examples:
        >>> print(shell_lines({"AB_WAREHOUSE_URL": "starrocks://u:$(x)@h/ab"}), end="")
        export AB_WAREHOUSE_URL='starrocks://u:$(x)@h/ab'
    """
    return "".join(f"export {name}={shlex.quote(text)}\n" for name, text in environment.items())


def _load(opened: OpenedProject, folder: Path) -> None:
    with messages.status("loading exposures and events …"):
        now = datetime.now(UTC)
        for target in ("exposures", "events"):
            report = load_files(opened.warehouse, target, [folder / f"{target}.parquet"], now=now)
            messages.print(f"loaded {report.rows_loaded:,} {target}", highlight=False)


def _days(company: Company, tag: str, *, every_day: bool) -> list[date]:
    """The last day; for a tag with a second phase a day of the first and the day before too."""
    last = company.last_day
    if every_day:
        total = (last - company.first_day).days + 1
        return [company.first_day + timedelta(days=place) for place in range(total)]
    has_phases = any(fact.tag == tag and fact.kind == "phases" for fact in company.truth)
    if not has_phases:
        return [last]
    return [company.first_day + timedelta(days=6), last - timedelta(days=1), last]


def _last_report(opened: OpenedProject, tag: str, day: date) -> pl.DataFrame:
    project = opened.project
    return read_report(opened.warehouse, project.library, project.catalogue, tag, day)
