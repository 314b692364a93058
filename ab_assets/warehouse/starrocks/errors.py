"""What StarRocks answers when something is wrong, and whether to ask again.

What belongs here: errors with their code, their classes, and the patience with each. What does
not: what a statement that is sent again may do twice (labels.py).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar

import tenacity
from pymysql.constants import CR, ER

from ab_assets.errors import WarehouseError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_CLOSED = 0  # PyMySQL's InterfaceError(0, ''): the connection was closed before
_CONNECTING = frozenset([CR.CR_CONNECTION_ERROR, CR.CR_CONN_HOST_ERROR])
_LOST = frozenset([CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, _CLOSED])
_DENIED = frozenset([ER.DBACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR])
# What a frontend says while another takes over; the code is that of any analysis error.
_TAKING_OVER = ("forward failed", "sockettimeout", "socket timeout", "socket time-out")
# A typing mistake in the URL looks like this, and so does a name server for a moment.
_NO_SUCH_HOST = ("name or service not known", "nodename nor servname", "name resolution")


class Kind(Enum):
    """What an error means for the next attempt."""

    FINAL = auto()  # it will be the same again
    DENIED = auto()  # mostly a mistake, but a frontend that starts says it for some seconds
    UNREACHABLE = auto()  # nothing was sent
    UNKNOWN = auto()  # the statement may have been carried out


class StarRocksError(WarehouseError):
    """An answer of StarRocks, or the lack of one.

    Attributes:
        code: The MySQL error code.
        text: The answer.
        in_doubt: Whether the statement may have been carried out all the same.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} (StarRocks error {code})")
        self.code = code
        self.text = text
        self.in_doubt = self.kind is Kind.UNKNOWN or self.timed_out

    @property
    def timed_out(self) -> bool:
        """Whether a statement took longer than it may: by the cluster's clock or by ours."""
        lowered = self.text.lower()
        return "exceeded time" in lowered or (self.code in _LOST and "timed out" in lowered)

    @property
    def kind(self) -> Kind:
        """What the error means for the next attempt."""
        lowered = self.text.lower()
        if self.code in _CONNECTING:
            if "certificate" in lowered:
                return Kind.FINAL
            return (
                Kind.DENIED
                if any(sign in lowered for sign in _NO_SUCH_HOST)
                else (Kind.UNREACHABLE)
            )
        if self.code in _LOST:
            # Without an answer for so long, a second attempt would not have one sooner.
            return Kind.FINAL if self.timed_out else Kind.UNKNOWN
        if self.code in _DENIED:
            return Kind.DENIED
        if any(sign in lowered for sign in _TAKING_OVER):
            return Kind.UNKNOWN
        return Kind.FINAL


@dataclass(frozen=True)
class Patience:
    """How long to try again.

    Attributes:
        seconds: From the first failure on, while the cluster does not answer: the frontends of a
            cluster restart one after the other in about three minutes.
        denied_seconds: From the first refusal on, when the user is refused.
        first_wait: Before the second attempt; it doubles from there, with jitter.
        longest_wait: Between two attempts.
        sleep: What waits.
        clock: What tells the time.
    """

    seconds: float = 240.0
    denied_seconds: float = 6.0
    first_wait: float = 0.5
    longest_wait: float = 15.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    @classmethod
    def of(cls, seconds: float) -> "Patience":
        """So many seconds, and no longer with a refusal than with silence."""
        return cls(seconds=seconds, denied_seconds=min(seconds, cls.denied_seconds))


def with_patience(
    work: Callable[[], Result], patience: Patience, *, place: str, repeatable: bool = True
) -> Result:
    """Does the work, and again while the cluster is in a state that passes.

    Args:
        work: Raises StarRocksError.
        patience: How long.
        place: The cluster, for the log.
        repeatable: Whether the work may be done twice; otherwise it is only done again when
            nothing was sent.
    """
    # From the first failure, not from the start: a statement that ran for ten minutes when the
    # frontend restarted deserves another attempt.
    since: dict[bool, float] = {}
    doubts: list[StarRocksError] = []

    def may_try_again(state: tenacity.RetryCallState) -> bool:
        error = _error(state)
        if not isinstance(error, StarRocksError):
            return False
        if error.in_doubt:
            doubts.append(error)
        error.in_doubt = bool(doubts)
        if error.kind is Kind.FINAL:
            return False
        if error.kind is Kind.UNKNOWN and not repeatable:
            return False
        denied = error.kind is Kind.DENIED
        failed_at = since.setdefault(denied, patience.clock())
        limit = patience.denied_seconds if denied else patience.seconds
        return patience.clock() - failed_at < limit

    longer = tenacity.wait_exponential_jitter(
        multiplier=patience.first_wait, max=patience.longest_wait, jitter=patience.first_wait
    )

    def wait(state: tenacity.RetryCallState) -> float:
        denied = isinstance(error := _error(state), StarRocksError) and error.kind is Kind.DENIED
        return 2 * patience.first_wait if denied else longer(state)

    def tell(state: tenacity.RetryCallState) -> None:
        logger.warning("StarRocks at %s: %s; trying again", place, _error(state))

    attempts = tenacity.Retrying(
        retry=may_try_again,
        wait=wait,
        sleep=patience.sleep,
        before_sleep=tell,
        reraise=True,
    )
    return attempts(work)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
