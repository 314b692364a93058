"""Tags × business days: the partitions, and the only place that builds or reads a partition key.

What belongs here: partition definitions and keys. What does not: which days to run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import dagster as dg

from ab_assets.settings import Settings

TAG = "tag"
EVENT_DATE = "event_date"


@dataclass(frozen=True, slots=True)
class TagDate:
    """One partition of a dated asset."""

    tag: str
    event_date: date

    @property
    def key(self) -> dg.MultiPartitionKey:
        """Dagster's key: its text sorts the dimensions by name (``2026-01-05|retention``)."""
        return dg.MultiPartitionKey({TAG: self.tag, EVENT_DATE: self.event_date.isoformat()})

    @classmethod
    def of_text(cls, text: str) -> "TagDate":
        """The partition whose key reads so, as Dagster's records keep it.

        >>> TagDate.of_text("2026-01-05|retention")
        TagDate(tag='retention', event_date=datetime.date(2026, 1, 5))
        """
        day, _, tag = text.partition("|")
        return cls(tag, date.fromisoformat(day))

    @property
    def run_tags(self) -> dict[str, str]:
        """The tags that give a run this partition, also where its assets' definitions differ."""
        return {
            "dagster/partition": str(self.key),
            f"dagster/partition/{TAG}": self.tag,
            f"dagster/partition/{EVENT_DATE}": self.event_date.isoformat(),
        }


def tag_date_partitions(tags: Sequence[str], settings: Settings) -> dg.MultiPartitionsDefinition:
    """Tags × days since ``AB_START_DATE``; a day is there once it has ended."""
    return dg.MultiPartitionsDefinition(
        {
            TAG: dg.StaticPartitionsDefinition(list(tags)),
            EVENT_DATE: dg.DailyPartitionsDefinition(
                start_date=settings.start_date.isoformat(), timezone=settings.timezone
            ),
        }
    )


def tag_partitions(tags: Sequence[str]) -> dg.StaticPartitionsDefinition:
    """One partition a tag."""
    return dg.StaticPartitionsDefinition(list(tags))


def read_tag_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> TagDate:
    """The one partition a run is about."""
    key = context.partition_key
    if not isinstance(key, dg.MultiPartitionKey):
        message = f"{key!r} is no (tag, event_date) partition"
        raise dg.DagsterInvariantViolationError(message)
    dimensions = key.keys_by_dimension
    return TagDate(dimensions[TAG], date.fromisoformat(dimensions[EVENT_DATE]))
