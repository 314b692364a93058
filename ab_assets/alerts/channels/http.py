"""One POST to a webhook, and what is certain about it afterwards.

What belongs here: connections, time, status codes. What does not: bodies and signatures, which are
each channel's own, and trying again.

The address of a webhook is a password: no error repeats it or anything that ``requests`` says.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3
from pydantic import SecretStr

from ab_assets.alerts.channels.channel import SENT, Outcome, Result
from ab_assets.alerts.wording import one_line
from ab_assets.errors import ConfigurationError
from ab_assets.growthbook.transport import DirectSession

_LONGEST_ANSWER = 64 * 1024
_LONGEST_EXCERPT = 200
_SHORTEST_SECRET = 8
_OK = range(200, 300)
_REDIRECTS = range(300, 400)
# A gateway that waited in vain cannot say whether the message was taken.
_GATEWAY_TIMEOUT = 504
_BUSY = {408, 425, 429}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """Bounds of one POST, in seconds; an answer that trickles is cut at ``total``."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 15.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to post to.

    Attributes:
        url: Secret as a whole.
        secret: What messages are signed with; empty where they are not.
    """

    url: SecretStr
    secret: SecretStr = field(default_factory=lambda: SecretStr(""))
    limits: HttpLimits = field(default_factory=HttpLimits)

    def __post_init__(self) -> None:
        """Checks the address without repeating it."""
        text = self.url.get_secret_value()
        try:
            parts = urlsplit(text)
            usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable or any(c.isspace() or not c.isprintable() for c in text):
            message = (
                "AB_ALERT_WEBHOOK is no http or https address; set it to the address the channel "
                "gave out for the webhook"
            )
            raise ConfigurationError(message)

    @property
    def host(self) -> str:
        """All of the address that may be shown."""
        return urlsplit(self.url.get_secret_value()).hostname or ""

    @property
    def key(self) -> str:
        """The signing secret in the clear."""
        return self.secret.get_secret_value()

    def redact(self, text: str) -> str:
        """The text without any part of the address or the secret."""
        parts = urlsplit(self.url.get_secret_value())
        secrets = {self.url.get_secret_value(), self.key, parts.path, parts.query}
        secrets |= set(re.split(r"[/?&=@:]", self.url.get_secret_value()))
        for secret in sorted(secrets - {parts.hostname}, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


ReadBody = Callable[[bytes], Result]


def post(
    webhook: Webhook,
    body: bytes,
    headers: Mapping[str, str],
    *,
    url: str | None = None,
    read: ReadBody = lambda _: SENT,
) -> Result:
    """Posts once.

    Args:
        webhook: Where to.
        body: JSON.
        headers: Besides the content type.
        url: The address with what a signature adds to it.
        read: What an answer of status 2xx means.

    Returns:
        ``UNKNOWN`` only where the message may have been taken.
    """
    limits = webhook.limits
    deadline = time.monotonic() + limits.total
    try:
        with (
            DirectSession() as session,
            session.post(
                url or webhook.url.get_secret_value(),
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8", **headers},
                timeout=(limits.connect, limits.read),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            status, answer_headers = response.status_code, response.headers
            answer = _body(response, deadline)
    except requests.RequestException as failure:
        return _unanswered(failure, webhook.host)
    if status in _OK:
        return read(answer)
    said = webhook.redact(answer.decode("utf-8", "replace"))
    told = f"{webhook.host} answered HTTP {status} {one_line(said, _LONGEST_EXCERPT)}".strip()
    return _refusal(status, answer_headers, told)


def _unanswered(failure: requests.RequestException, host: str) -> Result:
    """What is certain when there is no answer; only before the request is sent is it much."""
    if isinstance(failure, requests.exceptions.SSLError):
        error = f"the certificate of {host} is not trusted; check REQUESTS_CA_BUNDLE"
        return Result(Outcome.REFUSED, error, is_down=True)
    cause = failure.args[0] if failure.args else None
    never_connected = isinstance(
        getattr(cause, "reason", cause),
        urllib3.exceptions.NewConnectionError | urllib3.exceptions.NameResolutionError,
    )
    unreachable = (requests.ConnectTimeout, requests.exceptions.ProxyError)
    if never_connected or isinstance(failure, unreachable):
        return Result(Outcome.REFUSED, f"{host} cannot be reached", is_down=True)
    return Result(Outcome.UNKNOWN, f"{host} broke off before it answered", is_down=True)


def _refusal(status: int, headers: Mapping[str, str], told: str) -> Result:
    if status in _REDIRECTS:
        told = f"{told}, a redirect, which is not followed; set AB_ALERT_WEBHOOK to the address"
        return Result(Outcome.REFUSED, told, is_down=True)
    if status == _GATEWAY_TIMEOUT:
        return Result(Outcome.UNKNOWN, told, is_down=True)
    if status in _BUSY or status >= 500:  # noqa: PLR2004 - HTTP's own number
        wait = retry_after(headers.get("Retry-After"), datetime.now(UTC))
        return Result(Outcome.REFUSED, told, wait, is_down=True)
    return Result(Outcome.REFUSED, told)


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` header asks for, as a number or as a date.

    Examples:
        >>> retry_after("30", datetime(2025, 1, 1, tzinfo=UTC))
        30.0
        >>> retry_after("soon", datetime(2025, 1, 1, tzinfo=UTC)) is None
        True
    """
    if value is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value.strip()):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def _body(response: requests.Response, deadline: float) -> bytes:
    """What there is of the answer: the status has told the most, whatever happens to the rest."""
    body = b""
    try:
        while len(body) <= _LONGEST_ANSWER and time.monotonic() < deadline:
            chunk = response.raw.read1(_LONGEST_ANSWER, decode_content=True)
            if not chunk:
                break
            body += chunk
    except urllib3.exceptions.HTTPError:
        return body
    return body
