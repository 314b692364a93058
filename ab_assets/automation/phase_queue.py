"""Partitions that wait to be asked for, each with the change it is due to.

What belongs here: adding, taking in order, and a short text of it. What does not: what a run of one
looks like (``runs``), and when they may be taken (``phase_sensor``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple, cast

_DAY = timedelta(days=1)


class Waiting(NamedTuple):
    """One partition to be made again.

    Attributes:
        tag: The business area.
        day: The business day; ``None`` for the dashboard rows, which come after the tag's last day.
        cause: What is to be told of why, and never twice.
    """

    tag: str
    day: date | None
    cause: str


@dataclass(frozen=True, slots=True)
class PhaseQueue:
    """What waits.

    Attributes:
        days: By tag: the days, each with its cause.
        dashboards: By tag: the cause of its dashboard rows; every tag with days has them.
    """

    days: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    dashboards: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(days) for days in self.days.values()) + len(self.dashboards)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that have something waiting."""
        return tuple(sorted(self.dashboards))

    def add(self, tag: str, days: Iterable[date], cause: str) -> "PhaseQueue":
        """With more days of a tag; a day that waits already waits once, for its first cause."""
        added = dict.fromkeys(days, cause)
        if not added:
            return self
        merged = {**added, **self.days.get(tag, {})}
        return PhaseQueue(
            {**self.days, tag: merged},
            {**self.dashboards, tag: self.dashboards.get(tag, cause)},
        )

    def take(self, number: int) -> tuple[list[Waiting], "PhaseQueue"]:
        """The first of what waits, and the rest.

        Days come in order, all tags of a day together; a tag's dashboard rows after its last day.
        """
        days = [
            Waiting(tag, day, cause)
            for tag, days in self.days.items()
            for day, cause in days.items()
        ]
        days.sort(key=lambda item: (item.day or date.max, item.tag))
        last = [Waiting(tag, None, self.dashboards[tag]) for tag in self.tags]
        taken = [*days, *last][:number]
        gone = {(item.tag, item.day) for item in taken}
        return taken, PhaseQueue(
            {
                tag: {day: cause for day, cause in days.items() if (tag, day) not in gone}
                for tag, days in self.days.items()
            },
            {tag: cause for tag, cause in self.dashboards.items() if (tag, None) not in gone},
        )

    def to_json(self) -> dict[str, object]:
        """Plain values: ranges of days that follow each other and have one cause."""
        return {tag: [_ranges(self.days.get(tag, {})), self.dashboards[tag]] for tag in self.tags}


def queue_from_json(values: object) -> PhaseQueue:
    """What :meth:`PhaseQueue.to_json` wrote.

    Raises:
        ValueError: It wrote nothing like this.
        TypeError: Likewise.
    """
    days: dict[str, dict[date, str]] = {}
    dashboards: dict[str, str] = {}
    for tag, (ranges, dashboard) in cast("dict[str, tuple[list[list[str]], str]]", values).items():
        for first_text, last_text, cause in ranges:
            first, last = date.fromisoformat(first_text), date.fromisoformat(last_text)
            for number in range((last - first).days + 1):
                days.setdefault(tag, {})[first + number * _DAY] = str(cause)
        dashboards[tag] = str(dashboard)
    return PhaseQueue(days, dashboards)


def _ranges(days: Mapping[date, str]) -> list[list[str]]:
    ordered = sorted(days.items())
    # Days of one range have the same distance to their place in the order.
    runs = groupby(enumerate(ordered), key=lambda item: (item[1][0] - item[0] * _DAY, item[1][1]))
    ranges = []
    for (_, cause), group in runs:
        members = [day for _, (day, _) in group]
        ranges.append([members[0].isoformat(), members[-1].isoformat(), cause])
    return ranges
