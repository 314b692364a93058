"""The sources' checks of a day, as Dagster shows them.

What belongs here: their specs, their configuration, and findings as check results. What does not:
the checks' rules (:mod:`ab_assets.health.source_checks`), the assets (``sources``).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from ab_assets.assets.describing import SOURCE_EVENTS, SOURCE_EXPOSURES
from ab_assets.errors import ConfigurationError
from ab_assets.health.finding import Status
from ab_assets.health.source_checks import (
    DEFAULT_SOURCE_LIMITS,
    SourceCheck,
    SourceFinding,
    SourceLimits,
    check_source,
)
from ab_assets.health.source_days import EVENTS, EXPOSURES, SourceHistory, read_history
from ab_assets.project import Project
from ab_assets.reporting.formatting import markdown_table, number
from ab_assets.resources.warehouse import WarehouseResource

_SOURCES = {SOURCE_EXPOSURES: EXPOSURES, SOURCE_EVENTS: EVENTS}
_MEANINGS = {
    SourceCheck.VOLUME: "The day has as many rows as the same weekday usually has.",
    SourceCheck.FRESHNESS: "Its rows reach up to the end of the day.",
    SourceCheck.LATE_ROWS: "Rows arrive while their day is still made again.",
}


class SourceChecksConfig(dg.Config):
    """Which day is checked, and where a source stops being healthy.

    Attributes:
        day: The day, like 2026-11-20; yesterday where it is empty.
        low: Warn below this share of the rows of the same weekday in the weeks before.
        high: Warn above this many times as many.
        quiet_minutes: The newest row may always lie this long before the end of the day.
        quiet_times: And this many times as long before it as usual.
        missed: Warn above this share of arrivals for days that are not made again any more.
    """

    day: str = ""
    low: float = DEFAULT_SOURCE_LIMITS.low
    high: float = DEFAULT_SOURCE_LIMITS.high
    quiet_minutes: float = DEFAULT_SOURCE_LIMITS.quiet_minutes
    quiet_times: float = DEFAULT_SOURCE_LIMITS.quiet_times
    missed: float = DEFAULT_SOURCE_LIMITS.missed

    @property
    def limits(self) -> SourceLimits:
        """The thresholds."""
        return SourceLimits(self.low, self.high, self.quiet_minutes, self.quiet_times, self.missed)

    def checked_day(self, project: Project) -> date:
        """The day to check.

        Raises:
            ConfigurationError: It is no date.
        """
        if not self.day:
            return project.settings.yesterday()
        try:
            return date.fromisoformat(self.day)
        except ValueError:
            message = f"day {self.day!r} is no date; write it like 2026-11-20"
            raise ConfigurationError(message) from None


def check_specs() -> list[dg.AssetCheckSpec]:
    """Every check of both sources."""
    return [
        dg.AssetCheckSpec(check.value, asset=key, description=meaning)
        for key, source in _SOURCES.items()
        for check, meaning in _MEANINGS.items()
        if source.has_arrivals or check is not SourceCheck.LATE_ROWS
    ]


def source_history(
    project: Project, key: dg.AssetKey, warehouse: WarehouseResource, day: date
) -> SourceHistory:
    """What the checks of a source on a day look at."""
    engine, settings = warehouse.open(), project.settings
    with engine.session():
        return read_history(
            engine, project.library, _SOURCES[key], day, settings.zone, settings.lookback_days
        )


def check_results(
    key: dg.AssetKey, history: SourceHistory, limits: SourceLimits
) -> Iterator[dg.AssetCheckResult]:
    """The findings as Dagster shows them."""
    days = markdown_table(["day", "same weekday", "rows", "late"], _rows(history))
    for finding in check_source(history, limits):
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=finding.check.value,
            passed=finding.status is Status.PASS,
            severity=dg.AssetCheckSeverity.ERROR
            if finding.status is Status.FAIL
            else dg.AssetCheckSeverity.WARN,
            description=finding.message,
            metadata={**_numbers(history, finding), "days": dg.MetadataValue.md(days)},
        )


def _rows(history: SourceHistory) -> Iterator[list[str]]:
    """The day and the days before, newest first; the same weekdays are those it is held against."""
    marked = {history.event_date, *history.same_weekdays}
    for day in reversed(history.days):
        found = history.of(day)
        mark = "●" if day in marked else ""
        yield [f"{day:%a} {day}", mark, f"{found.rows:,}", f"{found.late:,}"]


def _numbers(history: SourceHistory, finding: SourceFinding) -> dict[str, Any]:
    numbers = {"value": finding.value, "threshold": finding.threshold, **finding.detail}
    return {
        "day": str(history.event_date),
        **{
            name: number(held) if isinstance(held, float) else held
            for name, held in numbers.items()
            if held is not None
        },
    }
