"""Lengths of time in module files: ``{hours: 72}`` or ``{days: 3}``.

What belongs here: reading and naming such a length. What does not: clocks and calendars.
"""

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_HOURS_A_DAY = 24
LONGEST_HOURS = 366 * _HOURS_A_DAY


class Duration(BaseModel):
    """A whole number of hours or days (a day is 24 hours).

    Examples:
        >>> Duration(days=3).total_hours, Duration(hours=36).label
        (72, '36h')
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: int | None = Field(default=None, strict=True, ge=1, le=LONGEST_HOURS)
    days: int | None = Field(default=None, strict=True, ge=1, le=366)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.hours is None) == (self.days is None):
            message = "expected exactly one of hours or days, like {hours: 72}"
            raise ValueError(message)
        return self

    @property
    def total_hours(self) -> int:
        """The length in hours."""
        return self.hours if self.hours is not None else (self.days or 0) * _HOURS_A_DAY

    @property
    def length(self) -> timedelta:
        """The length as a ``timedelta``."""
        return timedelta(hours=self.total_hours)

    @property
    def label(self) -> str:
        """A short name, the same for equal lengths: it becomes part of a column name."""
        hours = self.total_hours
        return f"{hours // _HOURS_A_DAY}d" if hours % _HOURS_A_DAY == 0 else f"{hours}h"
