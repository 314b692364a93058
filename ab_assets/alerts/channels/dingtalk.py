"""DingTalk: a custom robot, signed when ``AB_ALERT_SECRET`` is set.

What belongs here: its body, signature and answers.

A ``text`` message has no markup; ``at`` says whom to call, and it calls nobody.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from urllib.parse import quote_plus

from ab_assets.alerts.channels.channel import SENT, Outcome, Result
from ab_assets.alerts.channels.http import Webhook, post
from ab_assets.alerts.channels.reading import coded_answer
from ab_assets.alerts.message import Message

# More than twenty messages a minute: the robot is mute for ten.
_TOO_FAST = {130101, 410100, 90030}
_TOO_FAST_SECONDS = 600.0


class DingTalkChannel:
    """Posts to a DingTalk custom robot."""

    name = "dingtalk"
    is_idempotent = False

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def send(self, message: Message, now: datetime) -> Result:
        """Tries once."""
        content = {
            "msgtype": "text",
            "text": {"content": message.text},
            "at": {"atMobiles": [], "atUserIds": [], "isAtAll": False},
        }
        url = self._webhook.url.get_secret_value()
        if self._webhook.key:
            timestamp = str(int(now.timestamp() * 1000))
            sign = quote_plus(dingtalk_signature(timestamp, self._webhook.key))
            url = f"{url}{'&' if '?' in url else '?'}timestamp={timestamp}&sign={sign}"
        return post(
            self._webhook,
            json.dumps(content, ensure_ascii=False).encode(),
            {},
            url=url,
            read=self._read,
        )

    def _read(self, body: bytes) -> Result:
        answer = coded_answer(body, ("errcode",), ("errmsg",))
        if answer is None:
            return Result(Outcome.UNKNOWN, "DingTalk's answer cannot be read")
        if answer.code == 0:
            return SENT
        error = self._webhook.redact(f"DingTalk refused the message ({answer.code}: {answer.text})")
        if answer.code in _TOO_FAST:
            return Result(Outcome.REFUSED, error, _TOO_FAST_SECONDS, is_down=True)
        return Result(Outcome.REFUSED, error)


def dingtalk_signature(timestamp: str, secret: str) -> str:
    """The signature: the secret is the key, and the time and the secret are what is signed.

    Args:
        timestamp: Milliseconds, at most an hour old.
        secret: As the robot's page shows it, ``SEC…``.
    """
    signed = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
