"""Which runs bring a tag up to date, and in which order.

What belongs here: the run requests that the schedules, and the command line in its own way, are
made of. What does not: launching them.
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from ab_assets.assets.describing import (
    EXPERIMENT_DATA,
    RESULTS,
    health_key,
    plan_key,
    report_user_key,
    wide_user_key,
)
from ab_assets.modules.model import Module
from ab_assets.partitions import TagDate
from ab_assets.settings import Settings

# Dagster's own job over all assets: only there may one run make assets whose partitions differ.
ALL_ASSETS_JOB = "__ASSET_JOB"
SERIAL_TAG = "ab_assets/tag"
_LAST = -1_000_000


def partition_assets(module: Module) -> list[dg.AssetKey]:
    """The assets one (tag, event_date) run makes, in dependency order."""
    name = module.module
    return [EXPERIMENT_DATA, wide_user_key(name), health_key(name), report_user_key(name)]


def lookback_days(settings: Settings, newest: date, most: int | None = None) -> list[date]:
    """The newest day and days before it, in order, none before ``AB_START_DATE``.

    Args:
        settings: The first day, and how many days are looked back by default.
        newest: The last of them.
        most: How many days instead.
    """
    wanted = settings.lookback_days if most is None else most
    # Not one by one from the newest back: somebody may ask for more days than a date can count.
    first = max(settings.start_date.toordinal(), newest.toordinal() - wanted + 1)
    return [date.fromordinal(number) for number in range(first, newest.toordinal() + 1)]


def daily_requests(module: Module, settings: Settings, newest: date) -> Iterator[dg.RunRequest]:
    """For each tag of a module: its look-back days in order, then its dashboard rows and plans.

    Runs of one tag never overlap (``SERIAL_TAG`` has a limit of one in ``dagster.yaml``), and the
    queue takes them by priority, so that each day finds the one before it made.
    """
    for tag in module.tags:
        days = lookback_days(settings, newest)
        for place, day in enumerate(days):
            partition = TagDate(tag, day)
            yield dg.RunRequest(
                run_key=f"{tag}:{day}:{newest}",
                asset_selection=partition_assets(module),
                tags={
                    **partition.run_tags,
                    **_order(tag, len(days) - place),
                },
            )
        yield dg.RunRequest(
            run_key=f"{tag}:dashboard:{newest}",
            asset_selection=[*RESULTS, plan_key(module.module)],
            tags={"dagster/partition": tag, **_order(tag, 0)},
        )


def phase_request(
    module: Module, settings: Settings, tag: str, day: date, cause: str
) -> dg.RunRequest:
    """A day of a tag that a change in GrowthBook touches.

    The queue takes older days first, whichever tick asked for them, and the daily runs before all.
    """
    partition = TagDate(tag, day)
    return dg.RunRequest(
        run_key=f"{cause}:{tag}:{day}",
        asset_selection=partition_assets(module),
        tags={**partition.run_tags, **_order(tag, (settings.start_date - day).days - 1)},
    )


def dashboard_request(tag: str, cause: str) -> dg.RunRequest:
    """The dashboard rows of a tag, after all its days."""
    return dg.RunRequest(
        run_key=f"{cause}:{tag}:dashboard",
        asset_selection=list(RESULTS),
        tags={"dagster/partition": tag, **_order(tag, _LAST)},
    )


def _order(tag: str, priority: int) -> dict[str, str]:
    return {SERIAL_TAG: tag, "dagster/priority": str(priority)}
