"""The sources: is the day there, is it as large as usual, and did its rows come in time?

What belongs here: volume, freshness and late rows of one source on one day. What does not: the
counts they look at (``source_days``), checks of experiments (``experiment_checks``).
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from statistics import median

from ab_assets.experiments import moment
from ab_assets.health.finding import Status
from ab_assets.health.source_days import SourceHistory

# Fewer same weekdays than this say nothing of what is usual.
FEWEST_WEEKS = 2
_DAY = timedelta(days=1)


class SourceCheck(StrEnum):
    """The checks, by the name they have in the UI."""

    VOLUME = "volume"
    FRESHNESS = "freshness"
    LATE_ROWS = "late_rows"


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Where a source stops being healthy.

    Attributes:
        low: Less than this share of the usual number of rows is worth a look.
        high: So is more than this many times.
        quiet_minutes: How long before the end of the day the newest row may lie in any case.
        quiet_times: How many times as long as usual it may.
        missed: Share of the day's arrivals that may belong to days not made again any more.
    """

    low: float = 0.5
    high: float = 2.0
    quiet_minutes: float = 60.0
    quiet_times: float = 4.0
    missed: float = 0.001


DEFAULT_SOURCE_LIMITS = SourceLimits()


@dataclass(frozen=True, slots=True)
class SourceFinding:
    """One check of one source on one day.

    Attributes:
        value: What was measured, as the sentence says.
        threshold: What it was held against.
        detail: More numbers, by name.
    """

    check: SourceCheck
    status: Status
    message: str
    value: float | None = None
    threshold: float | None = None
    detail: dict[str, float | int | None] = field(default_factory=dict, hash=False)


def check_source(
    history: SourceHistory, limits: SourceLimits = DEFAULT_SOURCE_LIMITS
) -> tuple[SourceFinding, ...]:
    """Every check that the source has the columns for."""
    findings = (check_volume(history, limits), check_freshness(history, limits))
    if not history.source.has_arrivals:
        return findings
    return (*findings, check_late_rows(history, limits))


def check_volume(
    history: SourceHistory, limits: SourceLimits = DEFAULT_SOURCE_LIMITS
) -> SourceFinding:
    """Holds the day's rows against the median of the same weekday in the weeks before.

    A day without rows fails as soon as an earlier one had some: half a median of no rows, after a
    month of outage, would be passed by anything.
    """
    rows, day = history.today.rows, history.event_date
    weekday = f"{day:%A}"
    counts = [history.of(earlier).rows for earlier in history.same_weekdays]
    usual = float(median(counts)) if counts else 0.0
    ratio = rows / usual if usual else None

    def finding(status: Status, message: str) -> SourceFinding:
        return SourceFinding(
            SourceCheck.VOLUME,
            status,
            message,
            value=ratio,
            threshold=limits.low if ratio is None or ratio < 1 else limits.high,
            detail={"rows": rows, "usual": usual, "weeks": len(counts)},
        )

    if not history.by_day:
        return finding(Status.WARN, f"no {history.source.name} on {day} nor in the weeks before")
    if not rows:
        last = max(history.by_day)
        return finding(Status.FAIL, f"no {history.source.name} on {day}; the last are of {last}")
    told = f"{rows:,} {history.source.name} on {day}"
    if len(counts) < FEWEST_WEEKS or ratio is None:
        return finding(Status.PASS, f"{told}; too few weeks to say what is usual on a {weekday}")
    told = f"{told}, {ratio:.2f} times the {usual:,.0f} that are usual on a {weekday}"
    outside = ratio < limits.low or ratio > limits.high
    return finding(Status.WARN if outside else Status.PASS, told)


def check_freshness(
    history: SourceHistory, limits: SourceLimits = DEFAULT_SOURCE_LIMITS
) -> SourceFinding:
    """Holds the time between the newest row and the end of the day against that of days before.

    A source that stopped during the day can have as many rows as usual. Small companies are quiet
    at night, so what is usual counts, but an hour is never too long.
    """
    newest = max((day.newest for day in history.by_day.values() if day.newest), default=None)
    if newest is None:
        message = f"no {history.source.name} up to the end of {history.event_date}"
        return SourceFinding(SourceCheck.FRESHNESS, Status.WARN, message)
    gap = history.ends - newest
    usual = timedelta(seconds=median(_gaps(history))) if history.earlier else timedelta()
    allowed = max(timedelta(minutes=limits.quiet_minutes), min(limits.quiet_times * usual, _DAY))
    status = Status.PASS if gap <= allowed else Status.WARN
    return SourceFinding(
        SourceCheck.FRESHNESS,
        Status.FAIL if gap >= _DAY else status,
        f"the newest row is of {moment(newest, history.zone)}, {_time(gap)} before the end of "
        f"{history.event_date}; {_time(usual)} are usual",
        value=gap.total_seconds(),
        threshold=allowed.total_seconds(),
        detail={"usual_seconds": usual.total_seconds()},
    )


def check_late_rows(
    history: SourceHistory, limits: SourceLimits = DEFAULT_SOURCE_LIMITS
) -> SourceFinding:
    """How late rows come, and whether any of those that came on the day come too late to count.

    The daily schedule makes the newest ``AB_LOOKBACK_DAYS`` days again: rows of an older day that
    arrive now are in no incremental partition.
    """
    day = history.today
    arrived = sum(item.arrived for item in history.by_day.values())
    missed = sum(item.missed for item in history.by_day.values())
    share = missed / arrived if arrived else 0.0
    detail: dict[str, float | int | None] = {
        "rows": day.rows,
        "late": day.late,
        "arrived": arrived,
        "missed": missed,
        "lag_p50_seconds": history.lags.p50,
        "lag_p95_seconds": history.lags.p95,
        "lag_p99_seconds": history.lags.p99,
    }
    status = Status.WARN if share > limits.missed else Status.PASS
    told = [_lateness(history)]
    if missed:
        told.append(
            f"{missed:,} of the {arrived:,} rows that arrived on the day ({share:.2%}) are of days "
            f"that are not made again any more (AB_LOOKBACK_DAYS is {history.lookback_days})"
        )
    return SourceFinding(
        SourceCheck.LATE_ROWS,
        status,
        "; ".join(told),
        value=share,
        threshold=limits.missed,
        detail=detail,
    )


def _lateness(history: SourceHistory) -> str:
    day, lags = history.today, history.lags
    if not day.known or lags.p50 is None or lags.p95 is None or lags.p99 is None:
        return f"it is not known when the rows of {history.event_date} arrived"
    seconds = (_time(timedelta(seconds=value)) for value in (lags.p50, lags.p95, lags.p99))
    return (
        f"{day.late:,} of {day.known:,} rows of {history.event_date} ({day.late / day.known:.2%}) "
        "arrived after the day had ended; half of the rows took up to {}, 95% up to {}, 99% up to "
        "{}"
    ).format(*seconds)


def _gaps(history: SourceHistory) -> list[float]:
    """How many seconds before its end the newest row of each earlier day lay."""
    gaps = (
        _DAY if (newest := history.of(day).newest) is None else history.end_of(day) - newest
        for day in history.earlier
    )
    return [gap.total_seconds() for gap in gaps]


def _time(duration: timedelta) -> str:
    """A duration as people say it.

    >>> [_time(timedelta(seconds=value)) for value in (4.2, 90, 5400, 200000)]
    ['4 s', '1.5 min', '1.5 h', '2.3 d']
    """
    seconds = duration.total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
