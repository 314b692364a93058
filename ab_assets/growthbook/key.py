"""The API's key, checked before anything is sent.

What belongs here: what people put into ``GROWTHBOOK_API_KEY``, and how it signs a request. What
does not: sending.
"""

import requests.auth
from pydantic import SecretStr
from requests import PreparedRequest

from ab_assets.errors import ConfigurationError


class BearerKey(requests.auth.AuthBase):
    """Adds the key to a request at the last moment, and shows it nowhere else.

    An object of ``requests``' own kind, not a header: a header would lose against a ``.netrc``.
    """

    def __init__(self, key: SecretStr) -> None:
        text = key.get_secret_value().strip()
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            message = (
                "GROWTHBOOK_API_KEY is empty or holds characters no key has; "
                "set it to a secret key or a personal access token of GrowthBook"
            )
            raise ConfigurationError(message)
        self._key = SecretStr(text)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Signs the request."""
        request.headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        return request

    def redact(self, text: str) -> str:
        """The text without the key, should a server repeat it."""
        return text.replace(self._key.get_secret_value(), "***")
