"""Which messages follow from what is known and what is seen: a pure state machine.

What belongs here: once when a problem opens, again when it worsens by a class, once when it ends.
What does not: the daily digest (``digest``), and whether a message has arrived (``delivery``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ab_assets.alerts.message import Kind, Message, Paragraph, message_id
from ab_assets.alerts.problem import ASSET_SUBJECT, RUN_CHECK, Identity, Problem, Severity
from ab_assets.alerts.wording import class_word, problem_text, title_of

_NO_LONGER = "Ended:"


@dataclass(frozen=True, slots=True)
class Episode:
    """The newest time a problem was open, as far as people were to be told.

    Attributes:
        number: Which time it is.
        problem: As it was last told.
        worst: The worst class that was told.
        newest_day: The newest day it was told for.
        is_open: Whether its end was not told.
    """

    number: int
    problem: Problem
    worst: Severity
    newest_day: date | None
    opened_at: datetime
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Observation:
    """What is seen now.

    Attributes:
        problems: By identity, dimension values folded.
        newest_days: The newest computed day of each tag.
        passing: What was checked on the newest day and is all right.
        tags: What the modules declare.
    """

    problems: Mapping[Identity, Problem]
    newest_days: Mapping[str, date]
    passing: frozenset[Identity]
    tags: frozenset[str]


def plan_messages(
    episodes: Mapping[Identity, Episode], seen: Observation, now: datetime
) -> tuple[Message, ...]:
    """The messages that are due, the worst problem first.

    Args:
        episodes: The newest episode of every problem there ever was.
        seen: The problems and days of now.
        now: When the messages are planned.

    Returns:
        New messages; planned again from the same state they have the same ids.
    """
    ordered = sorted(
        seen.problems.values(), key=lambda item: (-item.severity.rank, item.tag, item.identity)
    )
    planned = [_told(problem, episodes.get(problem.identity), now) for problem in ordered]
    ended = [
        _recovered(identity, episode, reason, seen, now)
        for identity, episode in sorted(episodes.items())
        if (reason := why_over(identity, episode, seen))
    ]
    messages = [message for message in planned if message] + ended
    return tuple(replace(message, ordinal=place) for place, message in enumerate(messages))


def episodes_after(
    episodes: Mapping[Identity, Episode], messages: Iterable[Message]
) -> dict[Identity, Episode]:
    """The episodes as they are once these messages are in the ledger, oldest message first."""
    after = dict(episodes)
    for message in messages:
        identity = message.identity
        if identity is None or not message.problems:
            continue
        before, problem = after.get(identity), message.problems[0]
        if before is None or message.episode > before.number:
            before = Episode(
                message.episode, problem, problem.severity, problem.event_date, message.created_at
            )
        if message.kind is Kind.RECOVERED:
            after[identity] = replace(before, is_open=False)
            continue
        days = [day for day in (before.newest_day, problem.event_date) if day]
        after[identity] = replace(
            before,
            problem=problem,
            worst=max(before.worst, problem.severity, key=lambda item: item.rank),
            newest_day=max(days, default=None),
            opened_at=min(before.opened_at, message.created_at),
        )
    return after


def why_over(identity: Identity, episode: Episode, seen: Observation) -> str:
    """Why an open problem has ended; empty where it has not, or where nobody looked."""
    if not episode.is_open or identity in seen.problems:
        return ""
    if identity.check == RUN_CHECK:
        return "what failed has been made since, or is no longer followed"
    if identity.subject.startswith(ASSET_SUBJECT):
        return "the check passes again" if identity in seen.passing else ""
    return _why_over_in_health(identity, episode, seen)


def _why_over_in_health(identity: Identity, episode: Episode, seen: Observation) -> str:
    tag = episode.problem.tag
    if tag not in seen.tags:
        return f"no module has the tag {tag} any more"
    newest = seen.newest_days.get(tag)
    if newest is None or (episode.newest_day is not None and newest < episode.newest_day):
        return ""  # not computed since: silence is no recovery
    if identity in seen.passing:
        return f"the check passes on {newest}"
    return f"on {newest} the experiment, or this phase of it, is no longer checked"


def _told(problem: Problem, episode: Episode | None, now: datetime) -> Message | None:
    """The opening or the worsening of a problem; None when people know already."""
    if episode is None or not episode.is_open:
        number = episode.number + 1 if episode else 1
        return _about(problem, Kind.OPENED, number, title_of(problem), now)
    if problem.severity.rank > episode.worst.rank:
        prefix = f"Worse, now {class_word(problem.severity).lower()}"
        return _about(problem, Kind.WORSENED, episode.number, title_of(problem, prefix), now)
    return None


def _recovered(
    identity: Identity, episode: Episode, reason: str, seen: Observation, now: datetime
) -> Message:
    newest = seen.newest_days.get(episode.problem.tag)
    day = newest if identity.check != RUN_CHECK else episode.problem.event_date
    message = _about(
        episode.problem,
        Kind.RECOVERED,
        episode.number,
        title_of(episode.problem, "Recovered"),
        now,
        before=f"{_NO_LONGER} {reason}. It was:",
    )
    return replace(message, event_date=day)


def _about(
    problem: Problem, kind: Kind, number: int, title: str, now: datetime, *, before: str = ""
) -> Message:
    told = problem_text(problem)
    parts: Sequence[object] = (*_identity_parts(problem.identity), number, kind.value)
    if kind is Kind.WORSENED:
        parts = (*parts, problem.severity.value)
    return Message(
        id=message_id(*parts),
        kind=kind,
        severity=problem.severity,
        identity=problem.identity,
        episode=number,
        event_date=problem.event_date,
        title=title,
        paragraphs=(Paragraph(f"{before}\n{told}" if before else told, problem.link),),
        problems=(problem,),
        created_at=now,
    )


def _identity_parts(identity: Identity) -> tuple[object, ...]:
    return identity.subject, identity.check, identity.phase_index
