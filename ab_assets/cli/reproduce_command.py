"""``ab-assets reproduce``: the SQL and the Python behind one number of a report.

What belongs here: its arguments, where its text goes. What does not: making the text.
"""

from pathlib import Path
from typing import Annotated

import typer

from ab_assets.cli.console import ExitCode, messages
from ab_assets.cli.days import read_date
from ab_assets.cli.project import open_project
from ab_assets.errors import ConfigurationError
from ab_assets.reproducing.choosing import Question
from ab_assets.reproducing.notebook import notebook_of
from ab_assets.reproducing.printing import comparison_lines, standing
from ab_assets.reproducing.reproduction import reproduce as find_reproduction
from ab_assets.reproducing.running import run_script
from ab_assets.reproducing.script import script_of


def reproduce(
    tag: Annotated[str, typer.Option(help="The tag.")],
    experiment: Annotated[str, typer.Option(help="The experiment's key or id.")],
    metric: Annotated[str, typer.Option(help="The metric's name.")],
    day: Annotated[
        str | None, typer.Option("--date", help="The day; the newest report by default.")
    ] = None,
    variation: Annotated[
        str | None, typer.Option(help="The variation's key; the first after the control.")
    ] = None,
    dimension: Annotated[
        str, typer.Option(help="A dimension value, like country=US; all users by default.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column of the report (may be given again); the important ones."),
    ] = None,
    from_source: Annotated[
        bool, typer.Option("--from-source", help="Start from exposures and events.")
    ] = False,
    run: Annotated[
        bool,
        typer.Option("--run", help="Run what is printed and compare; exit code 1 if not equal."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write a Python script that runs, instead of printing it.")
    ] = None,
    notebook: Annotated[
        Path | None, typer.Option(help="Write a Jupyter notebook, instead of printing it.")
    ] = None,
) -> None:
    """Print the SQL and the Python that give a number of a report from the warehouse.

    Reads the report, GrowthBook's pulled configuration and, with --run, the wide rows or the
    exposures and events; writes nothing but the files that --output and --notebook name. The
    Python needs only duckdb or pymysql, numpy and scipy, nothing of this project.

    Exit codes: 0 printed, or with --run the numbers agree; 1 with --run they differ or the lines
    did not run, or the warehouse cannot be read; 2 there is no such report, row or column, or a
    file cannot be written.

    For example:

    `ab-assets reproduce --tag retention --experiment retention_daily_streak --metric retention_d1`

    `ab-assets reproduce --tag retention --experiment retention_daily_streak --metric retention_d1
    --run`
    """
    opened = open_project()
    settings = opened.project.settings
    question = Question(experiment, metric, variation, dimension)
    with opened.warehouse.session():
        found = find_reproduction(
            opened.project,
            opened.warehouse,
            tag,
            read_date(day, "--date"),
            question,
            tuple(column or ()),
            from_source=from_source,
        )
    if variation is None:
        _say(found.choice)
    head = standing(found, settings.zone)
    script = script_of(found.cells, head)
    for path, text in ((output, script), (notebook, notebook_of(found.cells, head))):
        if path is not None:
            _write(path, text)
    if output is None and notebook is None:
        typer.echo(script, nl=False)
    if run:
        url = settings.warehouse_url.get_secret_value()
        recomputed = run_script(script, found.reported, url)
        for line in comparison_lines(recomputed):
            typer.echo(f"# {line}")
        if not all(one.agrees for one in recomputed):
            raise typer.Exit(ExitCode.FAILED)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise ConfigurationError(message) from None
    _say(f"wrote {path}")


def _say(text: str) -> None:
    messages.print(text, markup=False, highlight=False, soft_wrap=True)
