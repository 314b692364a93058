"""The sessions of the active days: when they start and how long they last.

What belongs here: the clock of the company. What does not: what happens inside a session
(``behaviour.py``). A session never runs over midnight, so that a day's rows are that day's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ab_assets.demo.days import UserDays
from ab_assets.demo.people import People

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SETTLING = 3 * SECOND
_LATEST_START = 23 * HOUR
_MOST_SESSIONS = 4


@dataclass(frozen=True)
class Sessions:
    """Sessions, grouped by user-day; times in microseconds since the company's first midnight.

    Attributes:
        user_day: Position of the user-day.
        start: When the session starts.
        end: When it ends.
        first_of: For each user-day, the position of its first session.
        count: For each user-day, how many sessions it has.
    """

    user_day: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first_of: NDArray[np.int64]
    count: NDArray[np.int64]

    def pick(self, rng: np.random.Generator, user_day: NDArray[np.int64]) -> NDArray[np.int64]:
        """A session of each given user-day."""
        offset = (rng.random(len(user_day)) * self.count[user_day]).astype(np.int64)
        return self.first_of[user_day] + offset

    def moment(self, rng: np.random.Generator, session: NDArray[np.int64]) -> NDArray[np.int64]:
        """A moment inside each given session, after it has settled."""
        start = self.start[session] + SETTLING
        return start + whole_milliseconds(rng.random(len(session)) * (self.end[session] - start))


def make_sessions(seed: int, people: People, user_days: UserDays) -> Sessions:
    """Draws the sessions of every user-day, mostly in the evening."""
    rng = np.random.default_rng([seed, 3])
    size = len(user_days.user)
    count = np.minimum(1 + rng.poisson(0.25, size), _MOST_SESSIONS)
    first_of = np.cumsum(count) - count
    user_day = np.repeat(np.arange(size), count)
    order = np.arange(len(user_day)) - first_of[user_day]
    opening = rng.beta(3.2, 2.2, size) * _LATEST_START
    room = (_LATEST_START - opening)[user_day] / _MOST_SESSIONS
    start = opening[user_day] + room * (order + rng.random(len(user_day)) * (order > 0))
    depth = people.chat_depth[user_days.user][user_day]
    minutes = np.clip(rng.lognormal(1.5, 0.9, len(user_day)) * np.sqrt(depth), 0.2, 55)
    start = user_days.day[user_day] * DAY + whole_milliseconds(start)
    return Sessions(
        user_day=user_day,
        start=start,
        end=start + whole_milliseconds(minutes * MINUTE),
        first_of=first_of,
        count=count,
    )


def whole_milliseconds(times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Times as clients write them: cut to the millisecond.

    >>> whole_milliseconds(np.array([1999.5, 2000.0]))
    array([1000, 2000])
    """
    return times.astype(np.int64) // MILLISECOND * MILLISECOND
