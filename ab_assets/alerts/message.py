"""A message: what people are told, before any channel's markup.

What belongs here: the record, its identifier and its JSON. What does not: which messages there
are to be (``planning``, ``digest``).
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ab_assets.alerts.problem import Identity, Problem, Severity, problem_of_json
from ab_assets.errors import WarehouseError


class Kind(StrEnum):
    """Why a message is sent."""

    OPENED = "opened"
    WORSENED = "worsened"
    RECOVERED = "recovered"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, and where to look."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told.

    Attributes:
        id: The same for the same message, however often it is planned.
        identity: The problem it is about; None for a digest.
        episode: How many times the problem has opened.
        title: The first line.
        problems: What it is about, for programs.
        mentions: Earlier messages of unknown fate that it repeats, by id.
        ordinal: Its place among messages of one moment.
    """

    id: str
    kind: Kind
    severity: Severity | None
    identity: Identity | None
    episode: int
    event_date: date | None
    title: str
    paragraphs: tuple[Paragraph, ...]
    problems: tuple[Problem, ...]
    created_at: datetime
    mentions: tuple[str, ...] = ()
    ordinal: int = 0

    @property
    def reference(self) -> str:
        """What a person quotes to find the message in the ledger."""
        return self.id[:8]

    @property
    def text(self) -> str:
        """The whole message as plain text."""
        blocks = [self.title]
        blocks += [f"{part.text}\n{part.link}" if part.link else part.text for part in self.body]
        return "\n\n".join(blocks)

    @property
    def body(self) -> tuple[Paragraph, ...]:
        """The paragraphs below the title, the reference last."""
        return (*self.paragraphs, Paragraph(f"ab_assets alert {self.reference}"))

    @property
    def content_json(self) -> str:
        """Everything but the typed columns of the ledger."""
        return json.dumps(
            {
                "paragraphs": [[part.text, part.link] for part in self.paragraphs],
                "problems": [problem.to_json() for problem in self.problems],
                "mentions": list(self.mentions),
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What :attr:`Message.content_json` holds."""

    paragraphs: tuple[Paragraph, ...]
    problems: tuple[Problem, ...]
    mentions: tuple[str, ...]


def read_content(text: str) -> Content:
    """Reads the content back.

    Raises:
        WarehouseError: A row of the ledger was changed by hand into something else.
    """
    try:
        values = json.loads(text)
        return Content(
            tuple(Paragraph(part[0], part[1]) for part in values["paragraphs"]),
            tuple(problem_of_json(problem) for problem in values["problems"]),
            tuple(str(mentioned) for mentioned in values["mentions"]),
        )
    except (KeyError, ValueError, TypeError, IndexError) as error:
        message = f"ab.alert_messages holds a content that cannot be read ({error!r})"
        raise WarehouseError(message) from None


def message_id(*parts: object) -> str:
    """The identifier that these parts always have."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:32]
