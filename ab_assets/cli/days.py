"""Which days a command is about.

What belongs here: reading dates from arguments and holding them against the range there is. What
does not: running them.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from ab_assets.errors import ConfigurationError
from ab_assets.experiments import Experiment, experiments_in_force
from ab_assets.settings import Settings


def read_date(text: str | None, option: str) -> date | None:
    """A date like 2026-11-20.

    Raises:
        ConfigurationError: It is no date.
    """
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        message = f"{option} {text!r} is no date; write it like 2026-11-20"
        raise ConfigurationError(message)
    return found


def check_day(day: date, settings: Settings, option: str) -> date:
    """The day, when there is a partition for it.

    Raises:
        ConfigurationError: It lies before ``AB_START_DATE``, or has not ended yet.
    """
    if day < settings.start_date:
        message = (
            f"{option} {day} lies before the first partition, {settings.start_date}; "
            "set AB_START_DATE to an earlier day"
        )
        raise ConfigurationError(message)
    if day > settings.yesterday():
        message = (
            f"{option} {day} has not ended yet in {settings.timezone}; "
            f"the newest day is {settings.yesterday()}"
        )
        raise ConfigurationError(message)
    return day


def day_range(first: date, last: date) -> list[date]:
    """The days from first to last.

    Raises:
        ConfigurationError: The last lies before the first.
    """
    if last < first:
        message = f"--to {last} lies before --from {first}"
        raise ConfigurationError(message)
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def days_in_force(
    experiments: Iterable[Experiment], tag: str, settings: Settings, newest: date
) -> list[date]:
    """Every day since the phases in force on the newest day began, within the partitions."""
    starts = [
        item.phase.started_at.astimezone(settings.zone).date()
        for item in experiments_in_force(experiments, tag, newest, settings.zone)
    ]
    if not starts:
        return [newest]
    return day_range(max(min(starts), settings.start_date), newest)
