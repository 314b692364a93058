"""Any program: a webhook signed by the rules of Standard Webhooks.

What belongs here: its body and headers. The receiver keeps the ids it has seen and drops what comes
again (``Idempotency-Key``, the same as ``webhook-id`` and the body's ``id``).
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime

from ab_assets.alerts.channels.channel import Result
from ab_assets.alerts.channels.http import Webhook, post
from ab_assets.alerts.message import Message
from ab_assets.errors import ConfigurationError

_PREFIX = "whsec_"


class GenericChannel:
    """Posts JSON to a program."""

    name = "generic"
    is_idempotent = True

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook
        signing_key(webhook.key)  # a wrong one is refused before there is anything to send

    def send(self, message: Message, now: datetime) -> Result:
        """Tries once."""
        content = {
            "type": f"alert.{message.kind.value}",
            "id": message.id,
            "timestamp": message.created_at.astimezone(UTC).isoformat(),
            "data": {
                "severity": message.severity.value if message.severity else None,
                "title": message.title,
                "text": message.text,
                "problems": [problem.to_json() for problem in message.problems],
                "mentions": list(message.mentions),
            },
        }
        body = json.dumps(content).encode()
        timestamp = str(int(now.timestamp()))
        headers = {
            "Idempotency-Key": message.id,
            "webhook-id": message.id,
            "webhook-timestamp": timestamp,
        }
        if key := signing_key(self._webhook.key):
            headers["webhook-signature"] = webhook_signature(message.id, timestamp, body, key)
        return post(self._webhook, body, headers)


def signing_key(secret: str) -> bytes:
    """The key a secret stands for: ``whsec_`` and Base64, or any other text as it is.

    Raises:
        ConfigurationError: What follows ``whsec_`` is no Base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        message = "AB_ALERT_SECRET begins with whsec_, but what follows is no Base64"
        raise ConfigurationError(message) from None


def webhook_signature(message_id: str, timestamp: str, body: bytes, key: bytes) -> str:
    """The signature over identifier, time and body, as ``v1,`` and Base64."""
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
