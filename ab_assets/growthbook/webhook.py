"""Whether a webhook was sent by our GrowthBook.

What belongs here: its signature. What does not: what the event says, which nobody here believes: it
is a reason to ask GrowthBook, no more.
"""

import hashlib
import hmac

from pydantic import SecretStr

HEADER = "X-GrowthBook-Signature"


def is_signed(body: bytes, signature: str, secret: SecretStr) -> bool:
    """Whether the signature is that of a body, as GrowthBook's event webhooks sign.

    Args:
        body: The request's body, byte for byte.
        signature: What the header ``X-GrowthBook-Signature`` holds: the HMAC-SHA256 in hexadecimal.
        secret: The webhook's secret.
    """
    expected = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    # Compared as bytes: a text that is not ASCII is no error, it is wrong.
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())
