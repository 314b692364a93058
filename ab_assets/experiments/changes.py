"""What became different in GrowthBook, and which days it is about.

What belongs here: comparing what was known with what is so now. What does not: asking GrowthBook,
and making partitions again.

Days are given as a first and a last; a change that concerns only days to come has none of the past,
and its first then lies after the newest day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ab_assets.experiments.known import KnownExperiment, KnownPhase
from ab_assets.experiments.phase_changes import phase_sentences

_DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    """What happened."""

    NEW_EXPERIMENT = "new experiment"
    NEW_PHASE = "new phase"
    PHASE_REMOVED = "phase removed"
    PHASE = "phase changed"
    PHASE_END = "end of a phase moved"
    SETTINGS = "settings changed"
    STARTED = "started"
    STOPPED = "stopped"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    TAGS = "tags changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        kind: What happened.
        experiment_id: To which experiment.
        phase_index: To which phase; ``None`` where it is no matter of one phase.
        sentence: What a person is told.
        tags: The tags whose partitions it touches.
        first: The first business day it touches.
        last: The last one; ``None`` where it holds from the first on.
    """

    kind: ChangeKind
    experiment_id: str
    phase_index: int | None
    sentence: str
    tags: tuple[str, ...]
    first: date
    last: date | None = None

    def days(self, earliest: date, newest: date) -> list[date]:
        """The business days it touches, of those there are, in order."""
        first = max(self.first, earliest)
        last = newest if self.last is None else min(self.last, newest)
        return [first + number * _DAY for number in range((last - first).days + 1)]


class _Pair(NamedTuple):
    """One experiment then and now, and the newest business day that has ended."""

    before: KnownExperiment
    now: KnownExperiment
    newest: date
    zone: ZoneInfo

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def change(
        self,
        kind: ChangeKind,
        phase: KnownPhase | None,
        text: str,
        *,
        first: date,
        last: date | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> Change:
        return Change(
            kind=kind,
            experiment_id=self.now.id,
            phase_index=phase.index if phase else None,
            sentence=f"experiment {self.now.key!r} ({self.now.id}): {text}",
            tags=self.now.tags if tags is None else tags,
            first=first,
            last=last,
        )

    def first_of_newest(self) -> date:
        """The first day of the phase that starts last."""
        phase = self.now.newest_phase
        return self.day(phase.started_at) if phase else self.newest + _DAY


def compare(
    before: Mapping[str, KnownExperiment],
    now: Iterable[KnownExperiment],
    newest: date,
    zone: ZoneInfo,
) -> list[Change]:
    """Every difference that an analysis can see.

    A tag that stays is touched by what happened to the experiment; one that was added from the
    start of the newest phase on; one that was taken away, like every tag of an experiment that is
    archived or gone, on the newest day only, for GrowthBook does not say since when: reports of
    earlier days stand.

    Args:
        before: What was known, by id.
        now: What GrowthBook has now; what it has no more comes as ``gone``.
        newest: The newest business day that has ended.
        zone: The business time zone.

    Returns:
        In the order of ``now``.
    """
    changes: list[Change] = []
    for item in now:
        known = before.get(item.id)
        if known is not None and known.is_live and not item.is_live:
            changes += _left(_Pair(known, item, newest, zone))
        elif known is not None and known.is_live:
            changes += _moved(_Pair(known, item, newest, zone))
        elif item.is_live:
            changes += _came(_Pair(known or item, item, newest, zone), is_new=known is None)
    return changes


def _came(pair: _Pair, *, is_new: bool) -> Iterator[Change]:
    phase = pair.now.newest_phase
    if phase is None:
        return
    since = f"phase {phase.index} since {pair.day(phase.started_at)}"
    if is_new:
        kind, text = ChangeKind.NEW_EXPERIMENT, f"it is new, {since}"
    else:
        kind, text = ChangeKind.STARTED, f"it was {pair.before.state} and is in force, {since}"
    yield pair.change(kind, phase, text, first=pair.day(phase.started_at))


def _left(pair: _Pair) -> Iterator[Change]:
    if pair.now.state == "archived":
        kind, text = ChangeKind.ARCHIVED, "it was archived"
    elif pair.now.state == "draft":
        kind, text = ChangeKind.WITHDRAWN, "it was made a draft again"
    else:
        kind, text = ChangeKind.WITHDRAWN, "GrowthBook has it no more"
    yield pair.change(kind, None, text, first=pair.newest, tags=pair.before.tags)


def _moved(pair: _Pair) -> Iterator[Change]:
    yield from _tags(pair)
    known = {phase.index: phase for phase in pair.before.phases}
    current = {phase.index: phase for phase in pair.now.phases}
    for index in sorted(known.keys() | current.keys()):
        if index not in current:
            yield _removed(pair, known[index])
        elif index not in known:
            yield _added(pair, current[index])
        else:
            yield from _phase(pair, known[index], current[index])
    yield from _status(pair)
    if pair.before.settings != pair.now.settings:
        text = "its key, arms, metrics or analysis settings changed"
        phase = pair.now.newest_phase
        yield pair.change(ChangeKind.SETTINGS, phase, text, first=pair.first_of_newest())


def _tags(pair: _Pair) -> Iterator[Change]:
    old, new = set(pair.before.tags), set(pair.now.tags)
    if added := tuple(sorted(new - old)):
        text = f"it has the tag {', '.join(added)} now"
        yield pair.change(
            ChangeKind.TAGS, pair.now.newest_phase, text, first=pair.first_of_newest(), tags=added
        )
    if removed := tuple(sorted(old - new)):
        text = f"it has the tag {', '.join(removed)} no more"
        yield pair.change(ChangeKind.TAGS, None, text, first=pair.newest, tags=removed)


def _added(pair: _Pair, phase: KnownPhase) -> Change:
    before = max(
        (item for item in pair.now.phases if _order(item) < _order(phase)), key=_order, default=None
    )
    if before is None:
        users = "it is the first in time"
    elif before.seed == phase.seed:
        users = "with the seed of the one before: users keep their places"
    else:
        users = "with a new seed: users were randomised again"
    first = pair.day(phase.started_at)
    text = f"phase {phase.index} began on {first}, {users}"
    last = _last_day(pair, phase, pair.now.phases)
    return pair.change(ChangeKind.NEW_PHASE, phase, text, first=first, last=last)


def _removed(pair: _Pair, phase: KnownPhase) -> Change:
    first = pair.day(phase.started_at)
    text = f"phase {phase.index}, which began on {first}, was removed"
    last = _last_day(pair, phase, pair.before.phases)
    return pair.change(ChangeKind.PHASE_REMOVED, phase, text, first=first, last=last)


def _phase(pair: _Pair, known: KnownPhase, phase: KnownPhase) -> Iterator[Change]:
    last = _last_day(pair, phase, pair.now.phases)
    if known.digest != phase.digest:
        first = pair.day(min(known.started_at, phase.started_at))
        # Phases may have changed places: days the phase had before are touched too.
        was = _last_day(pair, known, pair.before.phases)
        either = max(was, last) if was and last else None
        for text in phase_sentences(known, phase, pair.zone):
            yield pair.change(ChangeKind.PHASE, phase, text, first=first, last=either)
    if known.ended_at == phase.ended_at:
        return
    first = pair.day(min(moment for moment in (known.ended_at, phase.ended_at) if moment))
    if last is not None and last < first:
        return
    ended = f"ended on {pair.day(phase.ended_at)}" if phase.ended_at else "is open again"
    stopped = pair.now.state == "stopped" and phase == pair.now.newest_phase and phase.ended_at
    kind = ChangeKind.STOPPED if stopped else ChangeKind.PHASE_END
    told = (
        f"it was stopped: phase {phase.index} {ended}"
        if stopped
        else f"phase {phase.index} {ended}"
    )
    yield pair.change(kind, phase, told, first=first, last=last)


def _status(pair: _Pair) -> Iterator[Change]:
    """A status that changed without its newest phase being closed or opened by it."""
    if pair.before.state == pair.now.state:
        return
    old, new = pair.before.newest_phase, pair.now.newest_phase
    if (old and old.ended_at) != (new and new.ended_at):
        return
    kind, text = (
        (ChangeKind.STOPPED, "it was stopped, its phase is open")
        if pair.now.state == "stopped"
        else (ChangeKind.STARTED, "it runs again")
    )
    yield pair.change(kind, new, text, first=pair.newest + _DAY)


def _last_day(pair: _Pair, phase: KnownPhase, phases: Iterable[KnownPhase]) -> date | None:
    """The last day a phase is in force: the one before the next phase starts."""
    later = [item.started_at for item in phases if _order(item) > _order(phase)]
    return pair.day(min(later)) - _DAY if later else None


def _order(phase: KnownPhase) -> tuple[datetime, int]:
    return phase.started_at, phase.index
