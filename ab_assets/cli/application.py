"""The application: its commands, and how errors become exit codes.

What belongs here: that wiring, and the list of commands. What does not: any command, which is
imported when it is called.
"""

import sys
import warnings

import typer
from rich.markup import escape

from ab_assets.cli.console import CheckFailedError, CommandFailedError, ExitCode, messages
from ab_assets.cli.lazy_commands import lazy_group
from ab_assets.errors import AbAssetsError, ConfigurationError
from ab_assets.warehouse.origin import origin

COMMANDS = {
    "run": "Make reports: tags and days, through Dagster, in dependency order.",
    "report": "Show the report of a tag: verdicts, metrics, health.",
    "plan": "Plan an experiment: how many users, how many days, or what can be found.",
    "reproduce": "Print the SQL and the Python that give a number of a report from the warehouse.",
    "health": "Show every open problem: failed checks and runs, late reports, silent automation.",
    "check": "Check modules, SQL, warehouse, GrowthBook and alerts, and say what is wrong.",
    "schema": "Print the DDL of every table, show what differs in the warehouse, or apply it.",
    "export": "Write the tables of `flow_report_app` as files, for any tool, while runs go on.",
    "demo": (
        "Build a synthetic company, run everything, and hold the verdicts against what was planted."
    ),
    "load": "Load exposures or events from Parquet, CSV or NDJSON files.",
    "growthbook": "GrowthBook: which experiments there are.",
    "metabase": "Metabase: the dashboard over the results.",
}

app = typer.Typer(
    name="ab-assets",
    cls=lazy_group(COMMANDS),
    help=(
        "Experiment analytics as a Dagster asset graph.\n\nResults go to standard output, progress "
        "and errors to standard error.\n\nExit codes: 0 done, 1 failed, 2 wrong usage or "
        "configuration, 3 done but a health check failed, 130 interrupted."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback()
def _group() -> None:
    """The commands are those of ``COMMANDS``."""


def main() -> None:
    """Runs the command line and exits."""
    sys.exit(run_application(sys.argv[1:]))


def run_application(arguments: list[str]) -> int:
    """Runs one command.

    Returns:
        The exit code; the reason for anything but 0 is on standard error.
    """
    with warnings.catch_warnings():
        # Dagster marks its partition mappings as beta, and calls what it deprecated itself; a user
        # of the command can do nothing about either.
        warnings.filterwarnings("ignore", module="dagster")
        warnings.filterwarnings("ignore", module="ab_assets")
        try:
            with origin(" ".join(["cli", *arguments[:1]])):
                app(arguments, prog_name="ab-assets")
        except SystemExit as stop:  # Typer's way to end: help, wrong usage, Ctrl-C
            code = stop.code if isinstance(stop.code, int) else ExitCode.FAILED
        except AbAssetsError as error:
            if not isinstance(error, CommandFailedError):
                _say(str(error))
            code = _exit_code(error)
        except OSError as error:  # a disk, a folder or a name, which no traceback explains better
            _say(f"{error.filename or 'the system'}: {error.strerror or type(error).__name__}")
            code = ExitCode.FAILED
    if code == ExitCode.INTERRUPTED:
        _say("interrupted; no partition was left half-written")
    return code


def _exit_code(error: AbAssetsError) -> ExitCode:
    if isinstance(error, ConfigurationError):
        return ExitCode.WRONG_USAGE
    return ExitCode.CHECK_FAILED if isinstance(error, CheckFailedError) else ExitCode.FAILED


def _say(text: str) -> None:
    messages.print(f"[bold red]ab-assets:[/] {escape(text)}", highlight=False, soft_wrap=True)
