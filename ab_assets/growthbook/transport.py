"""One GET at a time, with its tries, waits and bounds.

What belongs here: connections and time. What does not: what an answer means (``answers``), and
lists of several pages (``paging``).
"""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook.answers import Answer, RetryableError, read_answer
from ab_assets.growthbook.key import BearerKey
from ab_assets.growthbook.limits import Limits

Query = Mapping[str, str | int]
_CHUNK_BYTES = 64 * 1024


class Get(Protocol):
    """Asks for one path and returns the JSON object."""

    def __call__(self, path: str, query: Query) -> dict[str, object]:
        """Asks."""


class DirectSession(requests.Session):
    """A session that sees no redirect anywhere, so that none is followed, prepared or parsed."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class Transport:
    """Asks one GrowthBook, within one time budget; lives as long as one pull."""

    def __init__(
        self,
        base: str,
        key: BearerKey,
        session: requests.Session,
        limits: Limits,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = base
        self._key = key
        self._session = session
        self._limits = limits
        self._sleep = sleep
        self._clock = clock
        self._deadline = clock() + limits.total_seconds

    def get(self, path: str, query: Query) -> dict[str, object]:
        """The JSON object at a path.

        Args:
            path: Beginning with a slash, below ``/api/v1``.
            query: The parameters.

        Returns:
            The object.

        Raises:
            RefusedQueryError: 400; the caller may know a parameter to leave out.
            GrowthBookError: After the last try.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(RetryableError),
            wait=self._wait,
            stop=self._stop,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, f"{self._base}{path}", query)
        except RetryableError as error:
            tries = retrying.statistics["attempt_number"]
            message = f"{error} (gave up after {tries} {'try' if tries == 1 else 'tries'})"
            raise GrowthBookError(message) from None

    def _attempt(self, url: str, query: Query) -> dict[str, object]:
        limits = self._limits
        left = self._deadline - self._clock()
        if left <= 0:
            message = f"reading {url} took longer than {limits.total_seconds:g} s altogether"
            raise GrowthBookError(message)
        try:
            with self._session.get(
                url,
                params=dict(query),
                auth=self._key,
                headers={"Accept": "application/json"},
                timeout=(min(limits.connect_seconds, left), min(limits.read_seconds, left)),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._body(url, response)
                answer = Answer(url, response.status_code, response.headers, body, self._key.redact)
        except requests.exceptions.SSLError:
            message = (
                f"the certificate of {url} is not trusted; check the address, or REQUESTS_CA_BUNDLE"
            )
            raise GrowthBookError(message) from None
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            message = f"GrowthBook at {url} did not answer within {limits.read_seconds:g} s"
            raise RetryableError(message) from None
        except (requests.ConnectionError, urllib3.exceptions.HTTPError):
            message = (
                f"GrowthBook at {url} cannot be reached; check GROWTHBOOK_API_URL and the network"
            )
            raise RetryableError(message) from None
        except requests.RequestException as error:
            message = f"{url} cannot be asked ({type(error).__name__}); check GROWTHBOOK_API_URL"
            raise GrowthBookError(message) from None
        return read_answer(answer, limits.longest_rate_limit_seconds)

    def _body(self, url: str, response: requests.Response) -> bytes:
        # Piece by piece: a time-out alone does not bound an answer that trickles.
        chunks: list[bytes] = []
        size = 0
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            chunks.append(chunk)
            if size > self._limits.answer_bytes:
                message = f"the answer of {url} is longer than {self._limits.answer_bytes} bytes"
                raise GrowthBookError(message)
            if self._clock() > self._deadline:
                message = (
                    f"reading {url} took longer than {self._limits.total_seconds:g} s altogether"
                )
                raise GrowthBookError(message)
        return b"".join(chunks)

    def _wait(self, state: RetryCallState) -> float:
        asked = _asked_wait(state)
        if asked is not None:
            return asked
        limits = self._limits
        return wait_exponential(limits.first_wait_seconds, max=limits.longest_wait_seconds)(state)

    def _stop(self, state: RetryCallState) -> bool:
        limits = self._limits
        limited = _asked_wait(state) is not None
        most = limits.rate_limit_attempts if limited else limits.attempts
        too_late = self._clock() + state.upcoming_sleep > self._deadline
        return state.attempt_number >= most or too_late


def _asked_wait(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.wait_seconds if isinstance(error, RetryableError) else None
