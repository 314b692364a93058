"""The application: its commands, and how errors become exit codes.

What belongs here: that wiring. What does not: any command.
"""

import sys
import warnings

import typer
from rich.markup import escape

from ab_assets.cli.check_command import check
from ab_assets.cli.console import CheckFailedError, CommandFailedError, ExitCode, messages
from ab_assets.cli.demo_command import demo
from ab_assets.cli.export_command import export
from ab_assets.cli.growthbook_command import growthbook
from ab_assets.cli.health_command import health
from ab_assets.cli.load_command import load
from ab_assets.cli.metabase_command import metabase
from ab_assets.cli.plan_command import plan
from ab_assets.cli.report_command import report
from ab_assets.cli.reproduce_command import reproduce
from ab_assets.cli.run_command import run
from ab_assets.cli.schema_command import schema
from ab_assets.errors import AbAssetsError, ConfigurationError
from ab_assets.warehouse.origin import origin

app = typer.Typer(
    name="ab-assets",
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
app.add_typer(load, name="load")
app.add_typer(growthbook, name="growthbook")
app.add_typer(metabase, name="metabase")
app.command()(run)
app.command()(report)
app.command()(plan)
app.command()(reproduce)
app.command()(health)
app.command()(check)
app.command()(schema)
app.command()(export)
app.command()(demo)


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
