"""Stream Load: rows into a table over HTTP, each label once.

What belongs here: the two steps (the frontend names a backend, the backend takes the body), what
their answers mean, when the same label is sent again. What does not: how rows are written
(``wire``), one request (``exchange``), which servers are trusted (``load_servers``), and which
tables there are (``staging``).

The frontend answers 307 without reading a body, and clients that follow it lose either the
Authorization header or a streamed body. So the first request is empty and not followed; the second
goes where it pointed.
"""

import base64
import functools
import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, quote, quote_plus, urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.names import identifier
from ab_assets.warehouse.starrocks.exchange import Answer, Times, exchange
from ab_assets.warehouse.starrocks.load_answers import (
    LoadAnswer,
    OpenOutcomeError,
    StillRunningError,
    read_load_answer,
)
from ab_assets.warehouse.starrocks.load_requests import StreamLoad, StreamLoadResult
from ab_assets.warehouse.starrocks.load_servers import backend, row_log
from ab_assets.warehouse.starrocks.location import StarRocksLocation

_ANSWER_BYTES = 1 << 20
_LONGEST_WAIT = 15.0
_REDIRECTS = (301, 302, 307, 308)


class StreamLoader:
    """Loads bodies into tables of one cluster; holds no connection between loads.

    Args:
        location: The cluster.
        timeout_seconds: How long one load may take, and how long an earlier try of it is waited
            for.
        retry_seconds: How long a cluster that does not answer is tried; the default outlasts the
            restart of a frontend.
        sleep: Waits between tries.
        clock: Tells the time of the deadline.
        times: How long each step of a request may take; for loads of ``timeout_seconds`` by
            default.
    """

    def __init__(
        self,
        location: StarRocksLocation,
        timeout_seconds: float = 600.0,
        retry_seconds: float = 240.0,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        times: Times | None = None,
    ) -> None:
        self._location = location
        self._seconds = timeout_seconds
        self._retry_seconds = retry_seconds
        self._sleep = sleep
        self._clock = clock
        self._times = times or Times(answer=timeout_seconds + 30.0)  # the backend gives up first

    def load(self, load: StreamLoad) -> StreamLoadResult:
        """Loads one body, all or nothing, once however often it has to be sent.

        Raises:
            WarehouseError: The load was refused, or it is not known to be done after the last try.
        """
        begun = self._clock()
        retrying = Retrying(
            retry=retry_if_exception_type(OpenOutcomeError),
            wait=wait_exponential(multiplier=0.5, max=_LONGEST_WAIT),
            stop=functools.partial(self._is_over, begun),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, load)
        except OpenOutcomeError as error:
            tries = retrying.statistics["attempt_number"]
            message = (
                f"{load}: {self._safe(str(error))} (gave up after {tries} "
                f"{'try' if tries == 1 else 'tries'})"
            )
            raise WarehouseError(message) from None
        except WarehouseError as error:
            message = f"{load}: {self._safe(str(error))}"
            raise WarehouseError(message) from None

    def _is_over(self, begun: float, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome is not None else None
        most = self._seconds if isinstance(error, StillRunningError) else self._retry_seconds
        return self._clock() + state.upcoming_sleep - begun > most

    def _headers(self, load: StreamLoad) -> dict[str, str]:
        location = self._location
        headers = {
            "Authorization": f"Basic {self._token}",
            "Expect": "100-continue",
            "Connection": "close",
            "Content-Type": "application/json; charset=UTF-8",
            "label": load.label,
            "format": "json",
            "strip_outer_array": "true",
            "columns": ",".join(identifier(name) for name in load.columns),
            "max_filter_ratio": "0",
            "strict_mode": "true",
            "timezone": "UTC",  # Asia/Shanghai without it
            "timeout": str(max(1, int(self._seconds))),
        }
        return headers | ({"warehouse": location.warehouse} if location.warehouse else {})

    def _attempt(self, load: StreamLoad) -> StreamLoadResult:
        location, headers = self._location, self._headers(load)
        host = f"[{location.host}]" if ":" in location.host else location.host
        front = urlsplit(f"{location.http_scheme}://{host}:{location.http_port}{load.path}")
        first = self._put(front, headers, b"")
        if first.status not in _REDIRECTS:
            # Nothing was sent yet, so this is a refusal, or a try for later.
            raise WarehouseError(read_load_answer(first, front.netloc).refusal)
        back = backend(front, first.location)
        second = self._put(back, headers, load.body)
        return self._judged(read_load_answer(second, back.netloc), load)

    def _put(self, address: SplitResult, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return exchange(
                "PUT",
                address,
                headers,
                body,
                times=self._times,
                tls=self._tls,
                most_bytes=_ANSWER_BYTES,
            )
        except ssl.SSLCertVerificationError:
            message = (
                f"the certificate of {address.netloc} is not trusted; name its authority with "
                "ssl_ca in AB_WAREHOUSE_URL"
            )
            raise WarehouseError(message) from None
        except (OSError, http.client.HTTPException) as error:
            message = (
                f"{address.netloc} did not answer ({type(error).__name__}: {error}); check "
                "the network, and host and http_port in AB_WAREHOUSE_URL"
            )
            raise OpenOutcomeError(message) from None

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=ca) if (ca := self._location.ssl_ca) else None

    def _judged(self, answer: LoadAnswer, load: StreamLoad) -> StreamLoadResult:
        if answer.is_done_before:
            return StreamLoadResult(load.label, load.rows, answer.status)
        if not answer.is_committed:
            raise WarehouseError("; ".join([answer.refusal, *row_log(answer.error_url, self._tls)]))
        if not answer.total_rows == answer.loaded_rows == load.rows:
            message = (
                f"{load.rows} rows were sent, StarRocks read {answer.total_rows} and kept "
                f"{answer.loaded_rows}; do not use what was loaded"
            )
            raise WarehouseError(message)
        return StreamLoadResult(load.label, load.rows, answer.status)

    def _safe(self, text: str) -> str:
        """The text without the password, in case that a server repeats what it was sent."""
        password = self._location.password
        if password:
            for secret in (self._token, password, quote(password, safe=""), quote_plus(password)):
                text = text.replace(secret, "***")
        return text

    @functools.cached_property
    def _token(self) -> str:
        location = self._location
        return base64.b64encode(f"{location.user}:{location.password}".encode()).decode("ascii")
