"""``ab-assets growthbook``: a snapshot of the experiments, and a hint that they changed.

What belongs here: its answers. What does not: the client, the record.
"""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from ab_assets.analysis.configurations import required_snapshot
from ab_assets.assets.describing import GROWTHBOOK_EXPERIMENTS
from ab_assets.assets.growthbook import GROWTHBOOK_ANSWERS
from ab_assets.automation.phase_sensor import hint_file
from ab_assets.cli.console import CommandFailedError, messages, output
from ab_assets.cli.project import open_project
from ab_assets.errors import ConfigurationError
from ab_assets.experiments import Snapshot, moment
from ab_assets.growthbook.webhook import HEADER, is_signed
from ab_assets.running import BadCheck, materialise, open_instance
from ab_assets.settings import read_settings

growthbook = typer.Typer(no_args_is_help=True, help="GrowthBook: which experiments there are.")


@growthbook.callback()
def _group() -> None:
    """GrowthBook: which experiments there are."""


@growthbook.command()
def pull() -> None:
    """Take a snapshot of GrowthBook's experiments into the warehouse.

    Reads GROWTHBOOK_SNAPSHOT, a saved answer of the API, or else GROWTHBOOK_API_URL with
    GROWTHBOOK_API_KEY. Writes `ab.growthbook_experiments`, each configuration once, and lists the
    experiments, those that were refused, and why.

    Exit codes: 0 there is a new snapshot; 1 GrowthBook gave none, and the last one stands; 2 the
    settings are wrong.

    For example:

    `ab-assets growthbook pull`

    `GROWTHBOOK_SNAPSHOT=experiments.json ab-assets growthbook pull`
    """
    opened = open_project()
    instance = open_instance(opened.project.settings)
    with messages.status("asking GrowthBook …"):
        outcome = materialise(opened.definitions, instance, [GROWTHBOOK_EXPERIMENTS])
    if not outcome.succeeded:
        messages.print(f"[bold red]GrowthBook:[/] {escape(outcome.failure)}", soft_wrap=True)
        raise CommandFailedError(outcome.failure)
    stale = [check for check in outcome.warnings if check.name == GROWTHBOOK_ANSWERS]
    if stale:
        say_growthbook_warning(stale[0])
        raise CommandFailedError(stale[0].text)
    snapshot = required_snapshot(opened.warehouse, opened.project.library)
    output.print(_told(snapshot, opened.project.catalogue.tags, opened.project.settings.zone))
    for notice in snapshot.notices:
        messages.print(f"[yellow]note[/] {escape(notice)}", soft_wrap=True)
    for refused in snapshot.refused:
        if not refused.is_quiet:
            messages.print(f"[red]refused[/] {escape(refused.reason)}", soft_wrap=True)


@growthbook.command()
def hint(
    body: Annotated[
        Path, typer.Argument(metavar="FILE", help="The body of the webhook, unchanged.")
    ],
    signature: Annotated[str, typer.Option(metavar="HEX", help=f"What the header {HEADER} holds.")],
) -> None:
    """Have the sensor ask GrowthBook at once, for a webhook that GrowthBook has signed.

    Reads the body and GROWTHBOOK_WEBHOOK_SECRET. Writes `growthbook.hint` in DAGSTER_HOME, which
    the sensor sees; nothing is taken from the webhook itself.

    Exit codes: 0 the sensor will ask; 1 the signature is wrong; 2 the secret is not set, or the
    file cannot be read.

    Example: `ab-assets growthbook hint body.json --signature 5f2c…`
    """
    settings = read_settings()
    secret = settings.growthbook_webhook_secret
    if secret is None:
        message = "GROWTHBOOK_WEBHOOK_SECRET is not set: set it to the secret of the webhook"
        raise ConfigurationError(message)
    try:
        content = body.read_bytes()
    except OSError as error:
        message = f"{body} cannot be read ({error.strerror}); save the webhook's body there"
        raise ConfigurationError(message) from None
    if not is_signed(content, signature, secret):
        text = f"{body} was not signed with GROWTHBOOK_WEBHOOK_SECRET; nothing was done"
        messages.print(f"[bold red]refused:[/] {escape(text)}", soft_wrap=True)
        raise CommandFailedError(text)
    path = hint_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    messages.print("the next tick of phases_sensor asks GrowthBook")


def say_growthbook_warning(check: BadCheck) -> None:
    """What is amiss with the snapshot of GrowthBook that is used."""
    text = check.text
    if check.name == GROWTHBOOK_ANSWERS:
        text = f"GrowthBook gave no new snapshot, the last one stands: {text}"
    messages.print(f"[yellow]note[/] {escape(text)}", soft_wrap=True, highlight=False)


def _told(snapshot: Snapshot, tags: tuple[str, ...], zone: ZoneInfo) -> Table:
    table = Table(
        "experiment",
        "status",
        "tags",
        "newest phase",
        title=f"{len(snapshot.experiments)} experiments",
    )
    for item in snapshot.experiments:
        shown = [tag if tag in tags else f"[dim]{escape(tag)}[/]" for tag in item.tags]
        newest = max(item.phases, key=lambda phase: phase.started_at, default=None)
        table.add_row(
            escape(item.key),
            "archived" if item.archived else item.status,
            ", ".join(shown),
            f"{newest.index}: {escape(newest.name)}, since {moment(newest.started_at, zone)}"
            if newest
            else "none",
        )
    return table
