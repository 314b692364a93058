"""A business day as two instants, where an analysis window ends, and an instant as people read it.

What belongs here: calendar arithmetic in the business time zone. What does not: which phase a day
has (``in_force``).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ab_assets.experiments.model import Phase

_RESOLUTION = timedelta(microseconds=1)


def day_bounds(event_date: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last microsecond of a business day, both inclusive.

    A day is as long as its zone makes it: 23 or 25 hours where clocks change. A day the zone
    skipped altogether has no instant; its last then lies before its first.

    Args:
        event_date: The business day.
        zone: The business time zone.

    Returns:
        Two aware UTC times.

    Examples:
        >>> first, last = day_bounds(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
        >>> first.isoformat(), last.isoformat()
        ('2026-03-28T23:00:00+00:00', '2026-03-29T21:59:59.999999+00:00')
    """
    first = _midnight(event_date, zone)
    return first, _midnight(event_date + timedelta(days=1), zone) - _RESOLUTION


def window_end(phase: Phase, event_date: date, zone: ZoneInfo) -> datetime:
    """The last instant that counts: the phase's end or the day's, whichever is earlier; inclusive.

    Args:
        phase: The phase in force.
        event_date: The business day the result is "as of".
        zone: The business time zone.

    Returns:
        An aware UTC time.
    """
    _, last = day_bounds(event_date, zone)
    return last if phase.ended_at is None else min(phase.ended_at, last)


def moment(when: datetime, zone: ZoneInfo) -> str:
    """An instant as people read it: to the minute, in the business time zone, which is named.

    Args:
        when: Aware, or naive in UTC as the warehouse gives it.
        zone: The business time zone.

    Examples:
        >>> moment(datetime(2026, 1, 5, 16, 30), ZoneInfo("Asia/Shanghai"))
        '2026-01-06 00:30 Asia/Shanghai'
    """
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return f"{aware.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # A midnight that clocks jump over maps to the instant of the jump, and one that comes twice to
    # the first: both are where the day begins.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
