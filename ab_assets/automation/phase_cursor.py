"""What the phase sensor remembers between two ticks, as a text.

What belongs here: its shape, the text, and what a look at GrowthBook makes of it. What does not:
when to look, and the runs that follow (``phase_sensor``).
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from ab_assets.automation.phase_queue import PhaseQueue, queue_from_json
from ab_assets.experiments import Snapshot
from ab_assets.experiments.changes import Change, compare
from ab_assets.experiments.known import (
    KnownExperiment,
    digest_of,
    known_from_json,
    known_of,
)

_VERSION = 1


class CursorError(Exception):
    """A cursor that nobody here wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseCursor:
    """The state of the sensor.

    Attributes:
        began: The first tick ever: it keeps causes apart from those before a lost cursor.
        answered_at: When GrowthBook answered last.
        known: Every experiment as it was then, by id.
        queue: The partitions still to be asked for.
        pull_after: A pull has to be as new as this before any of them is; ``None`` once it was.
        pulls: How many pulls were asked for since.
        pull_again_at: When to ask for another.
    """

    began: datetime
    answered_at: datetime
    known: Mapping[str, KnownExperiment]
    queue: PhaseQueue = field(default_factory=PhaseQueue)
    pull_after: datetime | None = None
    pulls: int = 0
    pull_again_at: datetime | None = None

    def to_text(self) -> str:
        """The cursor; experiments are packed, a hundred take some ten kilobytes."""
        known = json.dumps([item.to_json() for item in self.known.values()], separators=(",", ":"))
        return json.dumps(
            {
                "version": _VERSION,
                "began": self.began.isoformat(),
                "answered_at": self.answered_at.isoformat(),
                "pull_after": _text(self.pull_after),
                "pulls": self.pulls,
                "pull_again_at": _text(self.pull_again_at),
                "queue": self.queue.to_json(),
                "known": base64.b85encode(zlib.compress(known.encode(), 9)).decode(),
            }
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at GrowthBook gave.

    Attributes:
        cursor: What to remember.
        changes: What is different.
        unclaimed: Tags of changes that no module claims.
    """

    cursor: PhaseCursor
    changes: tuple[Change, ...]
    unclaimed: tuple[str, ...]


def read_phase_cursor(text: str | None) -> PhaseCursor | None:
    """The state of a cursor, ``None`` before the first tick.

    Raises:
        CursorError: The text is none of a cursor.
    """
    if not text:
        return None
    try:
        values = cast("dict[str, object]", json.loads(text))
        packed = zlib.decompress(base64.b85decode(str(values["known"])))
        known = [known_from_json(item) for item in json.loads(packed)]
        return PhaseCursor(
            began=datetime.fromisoformat(str(values["began"])),
            answered_at=datetime.fromisoformat(str(values["answered_at"])),
            known={item.id: item for item in known},
            queue=queue_from_json(values["queue"]),
            pull_after=_moment(values["pull_after"]),
            pulls=int(cast("int", values["pulls"])),
            pull_again_at=_moment(values["pull_again_at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, binascii.Error) as error:
        message = f"the cursor cannot be read ({type(error).__name__})"
        raise CursorError(message) from None


def first_cursor(snapshot: Snapshot, now: datetime) -> PhaseCursor:
    """Remembers what there is and asks for nothing."""
    return PhaseCursor(
        began=now,
        answered_at=now,
        known={item.id: known_of(item) for item in snapshot.experiments},
    )


def after_snapshot(
    cursor: PhaseCursor,
    snapshot: Snapshot,
    tags: Iterable[str],
    *,
    now: datetime,
    days: tuple[date, date],
    zone: ZoneInfo,
) -> Seen:
    """The state after GrowthBook answered.

    An experiment that was refused is remembered as it was: until it is mended, nobody can tell what
    changed.

    Args:
        cursor: The state before.
        snapshot: The answer.
        tags: Those that modules claim.
        now: When it was asked.
        days: The first business day with partitions, and the newest that has ended.
        zone: The business time zone.
    """
    claimed = frozenset(tags)
    current = list(_current(cursor.known, snapshot))
    changes = compare(cursor.known, current, days[1], zone)
    changed = {change.experiment_id for change in changes}
    known = {
        item.id: replace(item, revision=_revision(cursor, item.id) + (item.id in changed))
        for item in current
    }
    queue = cursor.queue
    for change in changes:
        cause = _cause(change, known[change.experiment_id], cursor.began)
        for tag in change.tags:
            if tag in claimed:
                queue = queue.add(tag, change.days(*days), cause)
    after = replace(cursor, answered_at=now, known=known, queue=queue)
    if queue is not cursor.queue:
        after = replace(after, pull_after=snapshot.pulled_at, pulls=0, pull_again_at=None)
    return Seen(
        after,
        tuple(changes),
        tuple(sorted({tag for change in changes for tag in change.tags} - claimed)),
    )


def _current(known: Mapping[str, KnownExperiment], snapshot: Snapshot) -> Iterable[KnownExperiment]:
    current = {item.id: known_of(item) for item in snapshot.experiments}
    yield from current.values()
    refused = {item.id for item in snapshot.refused}
    for identity, item in known.items():
        if identity in current:
            continue
        if identity in refused:
            yield item
        else:
            yield replace(item, state="gone", tags=(), settings="", phases=())


def _revision(cursor: PhaseCursor, identity: str) -> int:
    known = cursor.known.get(identity)
    return known.revision if known else 0


def _cause(change: Change, now: KnownExperiment, began: datetime) -> str:
    """The same for the same change, and another when it comes back after it was undone."""
    phase = "-" if change.phase_index is None else change.phase_index
    mark = digest_of({"began": began.isoformat(), "now": now.to_json()})
    return f"phase:{change.experiment_id}:{phase}:{mark}"


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
