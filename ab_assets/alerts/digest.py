"""The daily digest, and messages whose arrival is unknown.

What belongs here: what a digest lists and when it is due; how a later message repeats one that may
be lost. What does not: single problems (``planning``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from ab_assets.alerts.message import Kind, Message, Paragraph, message_id
from ab_assets.alerts.planning import Episode, Observation
from ab_assets.alerts.problem import Identity, Problem
from ab_assets.alerts.wording import problem_text

# Feishu and DingTalk take 20 kB; a Chinese character is three bytes.
MOST_CHARACTERS = 3000
MOST_MENTIONS = 3
_UNKNOWN = "It is unknown whether this earlier message arrived:"


def digest_moment(now: datetime, hour: int) -> datetime:
    """The newest moment a digest was due at, in the time zone of ``now``.

    Before today's hour that is none of today's: the digest of yesterday is not made up for.
    """
    return now.replace(hour=hour, minute=0, second=0, microsecond=0)


def plan_digest(
    episodes: Mapping[Identity, Episode],
    seen: Observation,
    uncertain: Sequence[Message],
    now: datetime,
    moment: datetime,
) -> tuple[Message, ...]:
    """The parts of today's digest; none before its hour, or when there is nothing to tell.

    Args:
        episodes: After the messages of this moment.
        seen: The problems of now; their numbers are newer than those that were told.
        uncertain: Messages that may not have arrived and that nothing repeats yet.
        now: The business's local time.
        moment: When today's digest is due.

    Returns:
        As many parts as the length of a message needs: nothing is cut off.
    """
    if now < moment:
        return ()
    still_open = {
        identity: seen.problems.get(identity, episode.problem)
        for identity, episode in episodes.items()
        if episode.is_open
    }
    old = any(episodes[identity].opened_at < moment for identity in still_open)
    if not old and not any(message.created_at < moment for message in uncertain):
        return ()
    ordered = sorted(
        still_open.values(), key=lambda item: (-item.severity.rank, item.tag, item.identity)
    )
    items: list[_Item] = [
        (Paragraph(problem_text(problem, with_title=True), problem.link), problem, None)
        for problem in ordered
    ]
    items += [(_mention(message), None, message.id) for message in uncertain]
    return _parts(items, len(ordered), now, moment.date())


_Item = tuple[Paragraph, Problem | None, str | None]


def with_mentions(message: Message, uncertain: Iterable[Message]) -> Message:
    """The message, repeating some that may not have arrived."""
    repeated = [item for item in uncertain if item.id != message.id][:MOST_MENTIONS]
    return replace(
        message,
        paragraphs=(*message.paragraphs, *(_mention(item) for item in repeated)),
        mentions=(*message.mentions, *(item.id for item in repeated)),
    )


def _mention(message: Message) -> Paragraph:
    first = message.paragraphs[0] if message.paragraphs else Paragraph("")
    return Paragraph(f"{_UNKNOWN}\n{message.title}\n{first.text}", first.link)


def _parts(items: Sequence[_Item], problems: int, now: datetime, day: date) -> tuple[Message, ...]:
    pages: list[list[_Item]] = [[]]
    length = 0
    for item in items:
        size = len(item[0].text) + len(item[0].link)
        if pages[-1] and length + size > MOST_CHARACTERS:
            pages.append([])
            length = 0
        pages[-1].append(item)
        length += size
    counted = f"{problems} {'problem is' if problems == 1 else 'problems are'} open"
    return tuple(
        Message(
            id=message_id(Kind.DIGEST.value, day.isoformat(), place),
            kind=Kind.DIGEST,
            severity=None,
            identity=None,
            episode=0,
            event_date=day,
            title=f"{counted} on {day}"
            + (f" (part {place} of {len(pages)})" if len(pages) > 1 else ""),
            paragraphs=tuple(paragraph for paragraph, _, _ in page),
            problems=tuple(problem for _, problem, _ in page if problem),
            created_at=now,
            mentions=tuple(mentioned for _, _, mentioned in page if mentioned),
            ordinal=1000 + place,
        )
        for place, page in enumerate(pages, start=1)
    )
