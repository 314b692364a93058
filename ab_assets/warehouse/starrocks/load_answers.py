"""What the answers to a Stream Load mean.

What belongs here: statuses, counts, which refusals pass. What does not: requests and their tries.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.exchange import Answer

_COMMITTED = ("Success", "Publish Timeout")
_EXISTS = "Label Already Exists"
_LONGEST_LINE = 300
# What a cluster says while it restarts or is busy; the load came to nothing and may be sent again.
_PASSING = (
    "no backend alive",
    "no backend or compute node alive",
    "shutting down",
    "concurrent limit",
    "cuncurrent limit",  # as StarRocks writes it
    "larger than limit",
    "too many versions",
)


class OpenOutcomeError(Exception):
    """Not known to be done, or known to pass: the same label may be sent again."""


class StillRunningError(OpenOutcomeError):
    """An earlier try with the label is not over."""


@dataclass(frozen=True)
class LoadAnswer:
    """An answer that says how a load ended.

    Attributes:
        status: StarRocks's word.
        existing: For a label that exists: the state of the load that has it.
        message: StarRocks's sentence.
        total_rows: The rows it read.
        loaded_rows: The rows it kept.
        filtered_rows: The rows it did not.
        error_url: Where it tells which rows and why; empty without one.
    """

    status: str
    existing: str
    message: str
    total_rows: int
    loaded_rows: int
    filtered_rows: int
    error_url: str

    @property
    def is_committed(self) -> bool:
        """The rows are in; after a ``Publish Timeout`` they can be seen a little later."""
        return self.status in _COMMITTED

    @property
    def is_done_before(self) -> bool:
        """An earlier try with the label is in."""
        return self.status == _EXISTS and self.existing == "FINISHED"

    @property
    def refusal(self) -> str:
        """The refusal in a sentence."""
        filtered = f", {self.filtered_rows} rows do not fit the table" if self.filtered_rows else ""
        return f"StarRocks answers {self.status}: {self.message[:_LONGEST_LINE]}{filtered}"


def read_load_answer(answer: Answer, server: str) -> LoadAnswer:
    """Reads the answer of a frontend or backend.

    Raises:
        OpenOutcomeError: The load has to be asked for again, with the same label.
        WarehouseError: It is no answer to a load, or one that no further try changes.
    """
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = f"{server} answers HTTP {status}"
        raise OpenOutcomeError(message)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        message = (
            f"{server} refuses the user (HTTP {status}); check user and password in "
            "AB_WAREHOUSE_URL and the INSERT privilege on the table"
        )
        raise WarehouseError(message)
    if status != HTTPStatus.OK:
        message = f"{server} answers HTTP {status}; check host and http_port in AB_WAREHOUSE_URL"
        raise WarehouseError(message)
    found = _read(answer.body, server)
    if found.status == _EXISTS and not found.is_done_before:
        message = f"a load with this label is {found.existing or 'in an unknown state'}"
        raise StillRunningError(message)
    if not found.is_committed and _passes(found):
        raise OpenOutcomeError(found.refusal)
    return found


def _passes(answer: LoadAnswer) -> bool:
    text = answer.message.lower()
    return not answer.error_url and any(sign in text for sign in _PASSING)


def _read(body: bytes, server: str) -> LoadAnswer:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        # It may have been cut short after the load was done: only the label can tell.
        message = f"the answer of {server} cannot be read"
        raise OpenOutcomeError(message)
    lower = {str(name).lower(): value for name, value in fields.items()}

    def text(*names: str) -> str:
        return next((str(lower[name]) for name in names if lower.get(name) is not None), "")

    def number(name: str) -> int:
        value = lower.get(name)
        return value if isinstance(value, int) else 0

    return LoadAnswer(
        status=text("status"),
        existing=text("existingjobstatus"),
        message=text("message", "msg"),
        total_rows=number("numbertotalrows"),
        loaded_rows=number("numberloadedrows"),
        filtered_rows=number("numberfilteredrows"),
        error_url=text("errorurl"),
    )
