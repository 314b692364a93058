"""The API's address, checked before anything is sent.

What belongs here: what people put into ``GROWTHBOOK_API_URL``. What does not: the key (``key``),
sending.
"""

from urllib.parse import urlsplit

from ab_assets.errors import ConfigurationError

_PREFIX = "/api/v1"


def api_base(url: str) -> str:
    """The address every path is added to.

    Args:
        url: As people write it: with or without a trailing slash, with or without ``/api/v1``.

    Returns:
        ``scheme://host[:port][/prefix]/api/v1``, without a trailing slash.

    Raises:
        ConfigurationError: It is no http(s) address, or carries a password, query or fragment.

    Examples:
        >>> api_base("https://growthbook.example.com/")
        'https://growthbook.example.com/api/v1'
    """
    text = url.strip()
    remedy = "set GROWTHBOOK_API_URL to the API's address, like https://api.growthbook.io"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() or not character.isprintable() for character in text):
        message = f"GROWTHBOOK_API_URL is no http or https address; {remedy}"
        raise ConfigurationError(message)
    if "@" in parts.netloc or parts.query or parts.fragment:
        # The address is not repeated: what stands before the @ is a password.
        message = f"GROWTHBOOK_API_URL carries a user, a query or a fragment; {remedy}"
        raise ConfigurationError(message)
    path = parts.path.rstrip("/").removesuffix(_PREFIX).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}{_PREFIX}"
