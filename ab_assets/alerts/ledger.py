"""The ledger in the warehouse: what was to be told, and what came of it.

What belongs here: rows to records and back. What does not: which messages there are to be, and
sending them. Nothing is ever changed or deleted: both tables only grow.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ab_assets.alerts.attempts import Attempt, Status
from ab_assets.alerts.message import Kind, Message, read_content
from ab_assets.alerts.planning import Episode, episodes_after
from ab_assets.alerts.problem import NO_PHASE, Identity, Severity
from ab_assets.errors import WarehouseError
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import StatementLibrary

MESSAGES_TABLE = "ab.alert_messages"
ATTEMPTS_TABLE = "ab.alert_attempts"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that is not finished, and the rows about sending it."""

    message: Message
    attempts: tuple[Attempt, ...]


class Ledger:
    """Reads and adds to the two tables.

    Args:
        warehouse: Where they are.
        library: The statements.
    """

    def __init__(self, warehouse: Warehouse, library: StatementLibrary) -> None:
        self._warehouse = warehouse
        self._library = library

    def session(self) -> AbstractContextManager[None]:
        """Lets the calls inside the block share one connection; no message is sent inside."""
        return self._warehouse.session()

    def prepare(self) -> None:
        """Makes the tables that are missing."""
        for name in (MESSAGES_TABLE, ATTEMPTS_TABLE):
            self._warehouse.ensure(fixed_table(name))

    def episodes(self) -> dict[Identity, Episode]:
        """The newest episode of every problem there ever was."""
        rows = self._rows("alerts/episodes.sql")
        messages = sorted((_message(row) for row in rows), key=_order)
        return episodes_after({}, _first_of_each(messages))

    def outbox(self) -> list[Entry]:
        """The messages that are not finished, oldest first."""
        messages = [_message(row) for row in self._rows("alerts/outbox.sql")]
        attempts: dict[str, list[Attempt]] = {}
        for row in self._rows("alerts/open_attempts.sql"):
            attempts.setdefault(row["message_id"], []).append(_attempt(row))
        messages.sort(key=_order)
        return [
            Entry(message, tuple(attempts.get(message.id, ())))
            for message in _first_of_each(messages)
        ]

    def attempts(self, message_id: str) -> list[Attempt]:
        """Every row about sending one message."""
        rows = self._rows("alerts/attempts.sql", {"message_id": message_id})
        return [_attempt(row) for row in rows]

    def has_digest(self, day: date) -> bool:
        """Whether the digest of a day was planned."""
        return bool(self._rows("alerts/digests.sql", {"day": day})[0]["parts"])

    def add_messages(self, messages: Sequence[Message]) -> None:
        """Records what is to be told, before any of it is sent."""
        if messages:
            table = fixed_table(MESSAGES_TABLE)
            rows = (_message_row(message) for message in messages)
            self._warehouse.append(table, frame_of(table, rows))

    def add_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Records what came of sending."""
        table = fixed_table(ATTEMPTS_TABLE)
        self._warehouse.append(table, frame_of(table, (_attempt_row(row) for row in attempts)))

    def _rows(
        self, path: str, parameters: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        return self._warehouse.fetch(self._library.render(path, parameters or {})).to_dicts()


def _order(message: Message) -> tuple[datetime, int]:
    return message.created_at, message.ordinal


def _first_of_each(messages: Iterable[Message]) -> list[Message]:
    """Of the same message, planned by two processes at once, the one that both see first."""
    first: dict[str, Message] = {}
    for message in messages:
        first.setdefault(message.id, message)
    return list(first.values())


def _message_row(message: Message) -> dict[str, object]:
    identity = message.identity
    about = message.problems[0] if identity and message.problems else None
    return {
        "message_id": message.id,
        "kind": message.kind.value,
        "severity": message.severity.value if message.severity else "",
        "subject": identity.subject if identity else "",
        "check_name": identity.check if identity else "",
        "phase_index": identity.phase_index if identity else NO_PHASE,
        "episode": message.episode,
        "tag": about.tag if about else "",
        "module": about.module if about else "",
        "experiment_key": about.experiment_key if about else "",
        "experiment_name": about.experiment_name if about else "",
        "event_date": message.event_date,
        "title": message.title,
        "content": message.content_json,
        "ordinal": message.ordinal,
        "created_at": _stored(message.created_at),
    }


def _message(row: Mapping[str, Any]) -> Message:
    content = read_content(row["content"])
    try:
        kind = Kind(row["kind"])
        severity = Severity(row["severity"]) if row["severity"] else None
    except ValueError as error:
        message = f"{MESSAGES_TABLE}, message {row['message_id']}: {error}"
        raise WarehouseError(message) from None
    identity = content.problems[0].identity if kind is not Kind.DIGEST else None
    return Message(
        id=row["message_id"],
        kind=kind,
        severity=severity,
        identity=identity,
        episode=row["episode"],
        event_date=row["event_date"],
        title=row["title"],
        paragraphs=content.paragraphs,
        problems=content.problems,
        created_at=row["created_at"].replace(tzinfo=UTC),
        mentions=content.mentions,
        ordinal=row["ordinal"],
    )


def _attempt_row(attempt: Attempt) -> dict[str, object]:
    later = attempt.next_attempt_at
    return {
        "message_id": attempt.message_id,
        "claim": attempt.claim,
        "status": attempt.status.value,
        "channel": attempt.channel,
        "holds_channel": attempt.holds_channel,
        "recorded_at": _stored(attempt.recorded_at),
        "next_attempt_at": _stored(later) if later else None,
        "error": attempt.error,
    }


def _attempt(row: Mapping[str, Any]) -> Attempt:
    later = row["next_attempt_at"]
    return Attempt(
        message_id=row["message_id"],
        claim=row["claim"],
        status=Status(row["status"]),
        channel=row["channel"],
        recorded_at=row["recorded_at"].replace(tzinfo=UTC),
        next_attempt_at=later.replace(tzinfo=UTC) if later else None,
        holds_channel=bool(row["holds_channel"]),
        error=row["error"] or "",
    )


def _stored(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
