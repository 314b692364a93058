"""When users arrive.

What belongs here: users after so many days, and days until so many users. What does not: where the
numbers come from (:mod:`ab_assets.planning.history`), how many users are needed.
"""

from dataclasses import dataclass
from itertools import accumulate
from math import ceil

DAYS_A_WEEK = 7
#: Ten years: an experiment that needs longer will never be finished.
LONGEST_DAYS = 3650
# Keeps 20.000000000000004 days from becoming 21.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Traffic:
    """New users an experiment gets from its first day on.

    A product whose users come back fills an experiment fast and then slowly: the regulars are seen
    in its first days, later only who is rare or new. So the first days are told one by one.

    Attributes:
        pace: A day, after the first days.
        first_days: On each of the first days; empty where the pace is the same from the start.
        source: Where this is known from, as words.

    Examples:
        >>> traffic = Traffic(100.0, (500.0, 200.0))
        >>> traffic.users_by(1), traffic.users_by(4), traffic.days_for(801)
        (500.0, 900.0, 4)
    """

    pace: float
    first_days: tuple[float, ...] = ()
    source: str = ""

    def users_by(self, days: int) -> float:
        """Users that have arrived by the end of a day; the first day is day 1."""
        told = self.first_days[: max(days, 0)]
        return sum(told) + self.pace * max(days - len(self.first_days), 0)

    def days_for(self, users: float) -> int | None:
        """Whole days until so many users have arrived; ``None`` where ten years are too few."""
        arrived = 0.0
        for day, arrived in enumerate(accumulate(self.first_days), start=1):
            if arrived >= users - _ROUNDING:
                return day
        if self.pace <= 0:
            return None
        days = len(self.first_days) + max(ceil((users - arrived) / self.pace - _ROUNDING), 0)
        return max(days, 1) if days <= LONGEST_DAYS else None

    def scaled(self, factor: float) -> "Traffic":
        """The same with another share of users in the experiment."""
        first = tuple(units * factor for units in self.first_days)
        return Traffic(self.pace * factor, first, self.source)


def whole_weeks(days: int) -> int:
    """Days rounded up to whole weeks, so that every weekday counts alike.

    >>> whole_weeks(15)
    21
    """
    return ceil(days / DAYS_A_WEEK) * DAYS_A_WEEK
