"""What an HTTP answer means: a JSON object, a reason to try again, or a sentence for a person.

What belongs here: status codes, headers and bodies. What does not: connections, and when to try
again (``transport``).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook import json_text
from ab_assets.growthbook.fields import clean_text

_LONGEST_EXCERPT = 200
_SHORTEST_RATE_LIMIT_SECONDS = 1.0
_WHOLE_WINDOW_SECONDS = 60.0
_LONGEST_RESET_SECONDS = 3600.0


class RetryableError(GrowthBookError):
    """Worth another try. ``wait_seconds`` is what the server asked for; ``None``: it did not."""

    def __init__(self, message: str, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class RefusedQueryError(GrowthBookError):
    """400: the server does not know a parameter, or misses the key. ``said`` is its own text."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message)
        self.said = said


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, wholly read; ``redact`` takes the key out of what the server says."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redact: Callable[[str], str]


def read_answer(answer: Answer, longest_wait: float) -> dict[str, object]:
    """The JSON object of an answer.

    Args:
        answer: The answer.
        longest_wait: The most seconds taken from ``Retry-After``.

    Returns:
        The object.

    Raises:
        RetryableError: 429 or 5xx.
        RefusedQueryError: 400.
        GrowthBookError: Anything else that is no JSON object.
    """
    status, url = answer.status, answer.url
    if status == 200:  # noqa: PLR2004 - HTTP's own number
        return _object(answer)
    said = _said(answer)
    if 300 <= status < 400:  # noqa: PLR2004
        # Not followed: the key must never reach a host nobody configured.
        target = re.match(r"https?://[^/?#@\s]+", answer.headers.get("Location", ""))
        where = answer.redact(target.group()) if target else "another path"
        message = (
            f"GrowthBook at {url} redirects to {clean_text(where)}, which is not followed with "
            "a key; set GROWTHBOOK_API_URL to the final address"
        )
        raise GrowthBookError(message)
    if status == 429:  # noqa: PLR2004
        message = f"GrowthBook at {url} limits requests (429 {said})"
        raise RetryableError(message, _rate_limit_wait(answer.headers, longest_wait))
    if status >= 500:  # noqa: PLR2004
        message = f"GrowthBook at {url} failed (HTTP {status} {said}); look at its server's log"
        raise RetryableError(message)
    if status == 400:  # noqa: PLR2004
        hint = "; a proxy took the key away" if "authorization" in said.lower() else ""
        message = f"GrowthBook at {url} refused the request (400 {said}){hint}"
        raise RefusedQueryError(message, said)
    raise GrowthBookError(_refusal(status, url, said))


def _refusal(status: int, url: str, said: str) -> str:
    if status in {401, 403}:
        return (
            f"GrowthBook at {url} refused the key ({status} {said}); set GROWTHBOOK_API_KEY to a "
            "key that may read experiments"
        )
    if status == 404:  # noqa: PLR2004
        return (
            f"there is no GrowthBook API at {url} (404 {said}); set GROWTHBOOK_API_URL to the "
            "API's address, not the app's (self-hosted: usually port 3100)"
        )
    return f"GrowthBook at {url} answered HTTP {status} {said}; expected 200"


def _object(answer: Answer) -> dict[str, object]:
    try:
        content = json_text.decode(answer.body)
    except json_text.JsonTextError as error:
        if answer.body.lstrip()[:1] == b"<":
            message = (
                f"{answer.url} answered with a web page, not JSON; set GROWTHBOOK_API_URL to the "
                "API's address, not the app's, and let it pass any login page"
            )
        else:
            message = f"{answer.url} answered with something that is no JSON ({error})"
        raise GrowthBookError(message) from None
    if isinstance(content, dict):
        return content
    message = f"{answer.url} answered with a JSON {type(content).__name__}, not an object"
    raise GrowthBookError(message)


def _said(answer: Answer) -> str:
    try:
        content = json_text.decode(answer.body)
    except json_text.JsonTextError:
        page = answer.body[: 4 * _LONGEST_EXCERPT].decode("utf-8", "replace")
        content = re.sub(r"<[^>]*>?", " ", page)
    if isinstance(content, dict):
        content = content.get("message", "")
    text = content if isinstance(content, str) else ""
    plain = clean_text(" ".join(answer.redact(text).split()))
    return plain[:_LONGEST_EXCERPT] or "without a message"


def _rate_limit_wait(headers: Mapping[str, str], longest: float) -> float:
    # RateLimit-Reset is the true wait; Retry-After is always the whole window.
    reset = _seconds(headers.get("RateLimit-Reset"))
    if reset is not None and reset <= _LONGEST_RESET_SECONDS:
        return max(reset, _SHORTEST_RATE_LIMIT_SECONDS)
    after = _seconds(headers.get("Retry-After"))
    wait = _WHOLE_WINDOW_SECONDS if after is None else after
    return min(max(wait, _SHORTEST_RATE_LIMIT_SECONDS), longest)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\d{1,9}(\.\d+)?", text) else None
