"""What a source had on each day: the counts its checks look at.

What belongs here: the statements ``health/source_days.sql`` and ``health/source_lag.sql`` and their
answers. What does not: judging them (``source_checks``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ab_assets.experiments import day_bounds
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary

WEEKS = 4


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two inputs.

    Attributes:
        time: The column that says when a row happened.
        has_arrivals: Whether it has ``received_at``.
    """

    name: str
    time: str
    has_arrivals: bool


EXPOSURES = Source("exposures", "exposed_at", has_arrivals=False)
EVENTS = Source("events", "event_time", has_arrivals=True)


@dataclass(frozen=True, slots=True)
class SourceDay:
    """The rows of one business day.

    Attributes:
        newest: When the newest of them happened, aware UTC; None on a day without rows.
        known: Rows whose arrival is known.
        late: Those that arrived after the day.
        arrived: Those that arrived on the checked day.
        missed: Those of them whose day is not made again any more.
    """

    rows: int = 0
    newest: datetime | None = None
    known: int = 0
    late: int = 0
    arrived: int = 0
    missed: int = 0


_NO_ROWS = SourceDay()


@dataclass(frozen=True, slots=True)
class Lags:
    """Seconds between a row and its arrival, over the rows of a day; None where none is known."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """A source on a day and on the days of four weeks before.

    Attributes:
        by_day: Days that have rows.
        lookback_days: Days that the daily schedule makes again.
    """

    source: Source
    event_date: date
    zone: ZoneInfo
    by_day: Mapping[date, SourceDay] = field(hash=False)
    lags: Lags
    lookback_days: int

    @property
    def ends(self) -> datetime:
        """The last microsecond of the day, aware UTC."""
        return self.end_of(self.event_date)

    def end_of(self, day: date) -> datetime:
        """The last microsecond of a day, aware UTC."""
        return day_bounds(day, self.zone)[1]

    def of(self, day: date) -> SourceDay:
        """One day, with rows or without."""
        return self.by_day.get(day, _NO_ROWS)

    @property
    def today(self) -> SourceDay:
        """The day that is checked."""
        return self.of(self.event_date)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day from the first that has rows up to the one that is checked."""
        first = min(self.by_day, default=self.event_date)
        length = (self.event_date - first).days
        return tuple(first + timedelta(days=place) for place in range(length + 1))

    @property
    def earlier(self) -> tuple[date, ...]:
        """Those before the one that is checked."""
        return self.days[:-1]

    @property
    def same_weekdays(self) -> tuple[date, ...]:
        """Those of the same weekday."""
        return tuple(day for day in self.earlier if (self.event_date - day).days % 7 == 0)


def read_history(  # noqa: PLR0917 (each is one of the things the answer depends on)
    warehouse: Warehouse,
    library: StatementLibrary,
    source: Source,
    event_date: date,
    zone: ZoneInfo,
    lookback_days: int,
) -> SourceHistory:
    """Asks the warehouse; the source's table must be there."""
    oldest = event_date - timedelta(days=7 * WEEKS)
    starts, ends = day_bounds(event_date, zone)
    values: dict[str, object] = {
        "counted_from": day_bounds(oldest, zone)[0],
        "counted_to": ends,
        "time_zone": zone.key,
    }
    if source.has_arrivals:
        values |= {"event_date": event_date, "lookback_days": lookback_days}
    frame = warehouse.fetch(
        library.render(
            "health/source_days.sql",
            values,
            source=f"source/{source.name}.sql",
            time=source.time,
            has_arrivals=source.has_arrivals,
        )
    )
    lags = Lags()
    if source.has_arrivals:
        bounds = {"counted_from": starts, "counted_to": ends}
        row = warehouse.fetch(library.render("health/source_lag.sql", bounds)).row(0, named=True)
        lags = Lags(row["p50"], row["p95"], row["p99"])
    by_day = {row["day"]: _source_day(row) for row in frame.iter_rows(named=True)}
    return SourceHistory(source, event_date, zone, by_day, lags, lookback_days)


def _source_day(row: Mapping[str, Any]) -> SourceDay:
    return SourceDay(
        rows=row["row_count"],
        newest=row["newest"].replace(tzinfo=UTC),
        known=row.get("known", 0),
        late=row.get("late", 0),
        arrived=row.get("arrived", 0),
        missed=row.get("missed", 0),
    )
