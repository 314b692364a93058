"""One Metabase, over its REST API.

What belongs here: requests, tries, refusals, signing in, first setup. What does not: what is sent.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import sleep
from typing import Any
from urllib.parse import quote, quote_plus

import requests
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from ab_assets.errors import ConfigurationError, MetabaseError
from ab_assets.settings import Settings

_TIMEOUT = (10.0, 60.0)
_TRIES = 4
_LONGEST_TEXT = 300
_TOO_MANY, _UNAVAILABLE, _SERVER_ERROR = 429, 503, 500
_SITE = "Experiments"


class _TryAgainError(MetabaseError):
    """An answer that another try may better."""


@dataclass
class MetabaseClient:
    """Asks and tells; ``writes`` counts what was told."""

    base: str
    wait: Callable[[float], None] = sleep
    writes: int = 0
    _session: requests.Session = field(default_factory=requests.Session)
    _headers: dict[str, str] = field(default_factory=dict, repr=False)

    def sign_in(self, settings: Settings) -> None:
        """By key, or with user and password.

        Raises:
            ConfigurationError: Neither is set.
            MetabaseError: Metabase refuses.
        """
        if settings.metabase_api_key is not None:
            self._headers = {"X-API-KEY": _header(settings.metabase_api_key, "METABASE_API_KEY")}
            return
        user, password = _person(settings)
        answer = self._ask("POST", "/api/session", {"username": user, "password": password})
        self._headers = {"X-Metabase-Session": str(_mapping(answer, "/api/session").get("id"))}

    def set_up(self, settings: Settings) -> bool:
        """Makes the first administrator of a brand-new Metabase; false where there is one."""
        properties = _mapping(
            self._ask("GET", "/api/session/properties"), "/api/session/properties"
        )
        if properties.get("has-user-setup") or not properties.get("setup-token"):
            return False
        email, password = _person(settings)
        self._ask(
            "POST",
            "/api/setup",
            {
                "token": properties["setup-token"],
                "user": {"email": email, "password": password, "site_name": _SITE},
                "prefs": {"site_name": _SITE, "allow_tracking": False},
            },
        )
        return True

    def get(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """What is at a path.

        Raises:
            MetabaseError: Nothing that can be used.
        """
        return self._ask("GET", path)

    def listed(self, path: str) -> list[dict[str, Any]]:
        """The things at a path, which older versions list bare.

        Raises:
            MetabaseError: There is no list of things.
        """
        answer = self.get(path)
        things = answer.get("data") if isinstance(answer, dict) else answer
        if not isinstance(things, list) or not all(
            isinstance(thing, dict) and "id" in thing for thing in things
        ):
            raise _wrong_form(path)
        return things

    def one(self, path: str) -> dict[str, Any]:
        """The thing at a path.

        Raises:
            MetabaseError: There is none.
        """
        return _mapping(self.get(path), path)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Makes something and returns it."""
        self.writes += 1
        return _mapping(self._ask("POST", path, body), path)

    def put(self, path: str, body: Mapping[str, object]) -> None:
        """Changes something."""
        self.writes += 1
        self._ask("PUT", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        retrying = Retrying(
            retry=retry_if_exception_type(_TryAgainError),
            wait=wait_exponential(0.5, max=10),
            stop=stop_after_attempt(_TRIES),
            sleep=self.wait,
            reraise=True,
        )
        return retrying(self._attempt, method, path, body)

    def _attempt(self, method: str, path: str, body: Mapping[str, object] | None) -> Any:  # noqa: ANN401
        try:
            answer = self._session.request(
                method,
                f"{self.base}{path}",
                json=None if body is None else dict(body),
                headers=self._headers,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            message = (
                f"Metabase at {self.base} does not answer ({type(error).__name__}); "
                "check METABASE_URL"
            )
            # What a POST made is not known: made again, it could be there twice.
            raise (_TryAgainError if method != "POST" else MetabaseError)(message) from None
        return _read(answer, method, path, _hidden(self._headers, body))


def open_metabase(settings: Settings) -> MetabaseClient:
    """The client of the settings; nothing is asked yet.

    Raises:
        ConfigurationError: ``METABASE_URL`` is not set.
    """
    if settings.metabase_url is None:
        message = (
            "METABASE_URL is not set: set it to Metabase's address, like http://localhost:3001"
        )
        raise ConfigurationError(message)
    return MetabaseClient(settings.metabase_url.rstrip("/"))


def _person(settings: Settings) -> tuple[str, str]:
    if settings.metabase_user is None or settings.metabase_password is None:
        message = (
            "Metabase needs a key or a person: set METABASE_API_KEY, or METABASE_USER and "
            "METABASE_PASSWORD"
        )
        raise ConfigurationError(message)
    return settings.metabase_user, settings.metabase_password.get_secret_value()


def _header(secret: SecretStr, name: str) -> str:
    text = secret.get_secret_value().strip()
    if not text.isascii() or not text.isprintable():
        message = f"{name} holds characters no key has"
        raise ConfigurationError(message)
    return text


def _hidden(headers: Mapping[str, str], body: object) -> list[str]:
    """What was sent and must not be repeated, in every form it may come back in; longest first."""
    secrets = {*headers.values(), *_passwords(body)} - {""}
    forms = {
        form
        for secret in secrets
        for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret))
    }
    return sorted(forms, key=len, reverse=True)


def _passwords(body: object) -> Iterator[str]:
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if name in {"password", "token"} and isinstance(value, str):
            yield value
        yield from _passwords(value)


def _read(answer: requests.Response, method: str, path: str, hidden: Sequence[str]) -> Any:  # noqa: ANN401
    code = answer.status_code
    if 200 <= code < 300:  # noqa: PLR2004 (done)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            message = f"{method} {path}: Metabase's answer is no JSON; check METABASE_URL"
            raise MetabaseError(message) from None
    if code in {401, 403}:
        message = (
            f"{method} {path}: Metabase refuses ({code}); the key or the person has to be an "
            "administrator's: METABASE_API_KEY, or METABASE_USER and METABASE_PASSWORD"
        )
        raise MetabaseError(message)
    message = f"{method} {path}: Metabase answers {code}: {_words(answer, hidden)}"
    # Too many requests and a server that is starting did nothing; other failures may have.
    again = code in {_TOO_MANY, _UNAVAILABLE} or (code >= _SERVER_ERROR and method != "POST")
    raise (_TryAgainError if again else MetabaseError)(message)


def _words(answer: requests.Response, hidden: Sequence[str]) -> str:
    """What the answer says, without what was sent: that may be a password."""
    try:
        body = answer.json()
    except ValueError:
        body = answer.text
    if isinstance(body, dict):
        told = body.get("errors") or body.get("message") or "no reason"
        body = ", ".join(f"{key}: {told[key]}" for key in told) if isinstance(told, dict) else told
    body = str(body)
    for secret in hidden:
        body = body.replace(secret, "***")
    text = " ".join("".join(c if c.isprintable() else " " for c in body).split())
    return text[:_LONGEST_TEXT] or "no reason"


def _mapping(answer: object, path: str) -> dict[str, Any]:
    if isinstance(answer, dict):
        return answer
    raise _wrong_form(path)


def _wrong_form(path: str) -> MetabaseError:
    return MetabaseError(f"{path}: Metabase's answer is not of the form its API documents")
