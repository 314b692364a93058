"""``ab-assets check --reconcile``: is a wide table what its source rows give?

What belongs here: its partitions, what is said of each, the exit code. What does not: the
comparison (:mod:`ab_assets.health.reconciliation`).
"""

from collections.abc import Sequence

import dagster as dg
from rich.markup import escape

from ab_assets.analysis.unit_sample import UnitSample
from ab_assets.assets.reconciliation import (
    DEFAULT_SHARE,
    reconciliation_key,
    reconciliation_op,
)
from ab_assets.automation.runs import SERIAL_TAG
from ab_assets.cli.console import CheckFailedError, CommandFailedError, counted, output
from ab_assets.cli.days import check_day, read_date
from ab_assets.cli.project import OpenedProject
from ab_assets.errors import ConfigurationError
from ab_assets.partitions import TagDate
from ab_assets.running import materialise, open_instance


def reconcile_tags(
    opened: OpenedProject, tags: Sequence[str], day: str | None, share: float | None
) -> None:
    """Compares a sample of each tag's partition and says what came of it.

    Args:
        opened: The project.
        tags: Every tag where there is none.
        day: The day; yesterday by default.
        share: Of the units.

    Raises:
        ConfigurationError: The tag, the day or the share is none.
        CheckFailedError: A partition is not what the source rows give.
        CommandFailedError: A comparison could not be made.
    """
    settings = opened.project.settings
    when = check_day(read_date(day, "--date") or settings.yesterday(), settings, "--date")
    sample = UnitSample(DEFAULT_SHARE if share is None else share)
    partitions = [TagDate(tag, when) for tag in tags or opened.project.catalogue.tags]
    modules = [opened.project.catalogue.module_of(item.tag).module for item in partitions]
    instance, definitions = open_instance(settings), opened.definitions
    failed, wrong = [], []
    for partition, module in zip(partitions, modules, strict=True):
        name = f"{partition.tag} {partition.event_date}"
        key = reconciliation_key(module)
        outcome = materialise(
            definitions,
            instance,
            [],
            tags={**partition.run_tags, SERIAL_TAG: partition.tag},
            op_config={reconciliation_op(module): {"share": sample.share}},
            checks=[key],
        )
        if outcome.failure:
            failed.append(name)
            _say("[bold red]failed:[/]", name, outcome.failure)
            continue
        wrong += [f"{name}: {text.text}" for text in outcome.checks]
        mark = "[red]bad[/]" if outcome.checks else "[green]ok[/] "
        _say(mark, name, _told(instance, key))
    if failed:
        text = f"{counted(len(failed), 'comparison')} failed: {', '.join(failed)}"
        raise CommandFailedError(text)
    if wrong:
        text = f"{counted(len(wrong), 'partition')} of {len(partitions)} not as in full:\n  "
        raise CheckFailedError(text + "\n  ".join(wrong))


def refuse_without_reconcile(**options: object) -> None:
    """Options that say what to reconcile, where nothing is to be.

    Raises:
        ConfigurationError: One is given.
    """
    given = [f"--{name}" for name, value in options.items() if value not in (None, [])]
    if given:
        message = f"{', '.join(given)}: only with --reconcile"
        raise ConfigurationError(message)


def _told(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> str:
    """What the check said that just ran; a run tells only of those that did not pass."""
    (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    evaluation = record.evaluation
    return (evaluation.description or "") if isinstance(evaluation, dg.AssetCheckEvaluation) else ""


def _say(mark: str, name: str, text: str) -> None:
    output.print(f"{mark} {escape(name)}: {escape(text)}", soft_wrap=True, highlight=False)
