"""``ab-assets metabase``: the dashboard in Metabase.

What belongs here: its arguments, and the difference on screen. What does not: the API.
"""

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.text import Text

from ab_assets.cli.console import messages, output
from ab_assets.metabase.applying import Change, Provisioning
from ab_assets.metabase.client import open_metabase
from ab_assets.metabase.files import read_files
from ab_assets.metabase.target import target_of
from ab_assets.reporting.formatting import plain_text
from ab_assets.settings import read_settings

metabase = typer.Typer(no_args_is_help=True, help="Metabase: the dashboard over the results.")
_SIGNS = {"create": "[green]+[/]", "change": "[yellow]~[/]", "archive": "[red]-[/]"}
_WIDEST = 72


@metabase.callback()
def _group() -> None:
    """Metabase: the dashboard over the results."""


@metabase.command()
def apply(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    sqlite: Annotated[
        str | None,
        typer.Option(help="Read this export instead of StarRocks; the path as Metabase sees it."),
    ] = None,
    setup: Annotated[
        bool,
        typer.Option(
            "--setup",
            help="First make METABASE_USER the administrator of a brand-new Metabase.",
        ),
    ] = False,
    renew_password: Annotated[
        bool,
        typer.Option("--renew-password", help="Send METABASE_WAREHOUSE_PASSWORD again."),
    ] = False,
) -> None:
    """Make or update the database, questions and dashboard in Metabase.

    Reads the files of `metabase/` and what Metabase has; writes to Metabase what differs, and shows
    it first. What ab_assets did not make is never touched.

    Exit codes: 0 as the files say, 1 Metabase refused or cannot be reached, 2 wrong usage or
    configuration.

    For example:

    `ab-assets metabase apply --dry-run`

    `ab-assets metabase apply --sqlite /data/reports.sqlite`
    """
    settings = read_settings()
    files = read_files()
    target = target_of(settings, sqlite)
    client = open_metabase(settings)
    if setup and not dry_run and client.set_up(settings):
        messages.print("made the first administrator of this Metabase", highlight=False)
    client.sign_in(settings)
    planned = Provisioning(client, files, target, write=False, renew_password=renew_password)
    changes = planned.run()
    _show(changes)
    counts = Counter(change.action for change in changes)
    if counts["unchanged"] == len(changes):
        messages.print(f"nothing to change: {len(changes)} things are as the files say")
        _say_where(client.base, planned.dashboard_id)
        return
    told = ", ".join(f"{count} to {action}" for action, count in counts.items() if action in _SIGNS)
    if dry_run:
        messages.print(f"{told}; nothing was changed (--dry-run)", highlight=False)
        return
    made = Provisioning(client, files, target, write=True, renew_password=renew_password)
    made.run()
    messages.print(f"done: {told}", highlight=False)
    _say_where(client.base, made.dashboard_id)


def _show(changes: list[Change]) -> None:
    for change in changes:
        if change.action == "unchanged":
            continue
        name = escape(plain_text(change.name))
        output.print(f"{_SIGNS[change.action]} {change.action} {change.kind} [bold]{name}[/]")
        for field in change.fields:
            line = f"    {field.name}: {_short(field.before)} → {_short(field.after)}"
            output.print(Text(line, style="dim"), soft_wrap=True)


def _short(value: object) -> str:
    text = plain_text(str(value))
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


def _say_where(base: str, dashboard: int | None) -> None:
    messages.print(f"{base}/dashboard/{dashboard}", highlight=False, soft_wrap=True, markup=False)
