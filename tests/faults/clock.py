"""A clock that is wrong by some days, for a process that runs one command.

What belongs here: replacing the clock our own modules read. What does not: Dagster's and DuckDB's
own times, which no number depends on.
"""

import datetime as dt
import sys


class _AnyTime(type(dt.datetime)):  # type: ignore[misc]
    """Times of the real class count as times of the shifted one."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, dt.datetime)


def shift_clock(days: float) -> None:
    """Makes ``datetime.now`` of every module of ours wrong by these days."""
    shift = dt.timedelta(days=days)

    class Shifted(dt.datetime, metaclass=_AnyTime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.now(tz) + shift

    for name, module in list(sys.modules.items()):
        if name.startswith("ab_assets") and vars(module).get("datetime") is dt.datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]
