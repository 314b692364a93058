"""What is wrong, as people are told: a check that did not pass, or a run that failed.

What belongs here: the record, its identity and its class. What does not: where problems are found.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ab_assets.errors import WarehouseError

RUN_CHECK = "run"
NO_PHASE = -1
ASSET_SUBJECT = "asset:"


class Severity(StrEnum):
    """How bad a problem is, mildest first."""

    WARN = "warn"
    FAIL = "fail"
    RUN_FAILED = "run failed"

    @property
    def rank(self) -> int:
        """Its place among the classes."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What makes two findings the same problem.

    Attributes:
        subject: The experiment's id, ``tag:<tag>``, ``job:<name>`` or ``asset:<path>``.
        check: The check's name; ``run`` for a failed run.
        phase_index: The phase, or -1.
    """

    subject: str
    check: str
    phase_index: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong.

    Attributes:
        identity: What it is counted as.
        tag: The business area; empty where a run belongs to none.
        experiment_key: Empty for a problem of the whole tag, or of a run.
        event_date: The day it was found on.
        sentence: What is wrong.
        numbers: Names and values, ready to be shown.
        place: The partition or run, in Dagster's words.
        link: Where to look; empty without ``AB_DAGSTER_URL``.
    """

    identity: Identity
    severity: Severity
    tag: str
    module: str
    experiment_key: str
    experiment_name: str
    event_date: date | None
    sentence: str
    numbers: tuple[tuple[str, str], ...] = ()
    place: str = ""
    link: str = ""

    def to_json(self) -> dict[str, object]:
        """The problem as JSON values, for the ledger and for programs."""
        return {
            "subject": self.identity.subject,
            "check": self.identity.check,
            "phase_index": self.identity.phase_index,
            "severity": self.severity.value,
            "tag": self.tag,
            "module": self.module,
            "experiment_key": self.experiment_key,
            "experiment_name": self.experiment_name,
            "event_date": self.event_date.isoformat() if self.event_date else None,
            "sentence": self.sentence,
            "numbers": dict(self.numbers),
            "place": self.place,
            "link": self.link,
        }


def problem_of_json(values: dict[str, object]) -> Problem:
    """The problem that :meth:`Problem.to_json` wrote.

    Raises:
        WarehouseError: A row of the ledger was changed by hand into something else.
    """
    try:
        day, numbers = values["event_date"], values["numbers"]
        return Problem(
            identity=Identity(
                str(values["subject"]), str(values["check"]), int(str(values["phase_index"]))
            ),
            severity=Severity(str(values["severity"])),
            tag=str(values["tag"]),
            module=str(values["module"]),
            experiment_key=str(values["experiment_key"]),
            experiment_name=str(values["experiment_name"]),
            event_date=date.fromisoformat(str(day)) if day else None,
            sentence=str(values["sentence"]),
            numbers=tuple((name, str(value)) for name, value in dict(numbers).items()),  # type: ignore[call-overload]
            place=str(values["place"]),
            link=str(values["link"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        message = f"ab.alert_messages holds a problem that cannot be read ({error!r})"
        raise WarehouseError(message) from None
