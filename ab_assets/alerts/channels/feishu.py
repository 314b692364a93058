"""Feishu and Lark: a custom bot, signed when ``AB_ALERT_SECRET`` is set.

What belongs here: its body, signature and answers.

A ``post`` message is made of elements, so that names cannot become mentions as they would in a
``text`` message, where ``<at user_id="all">`` is markup.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime

from ab_assets.alerts.channels.channel import SENT, Outcome, Result
from ab_assets.alerts.channels.http import Webhook, post
from ab_assets.alerts.channels.reading import coded_answer
from ab_assets.alerts.message import Message, Paragraph

# Too many messages: five a second, a hundred a minute.
_TOO_FAST = {11232, 99991400}
_TOO_FAST_SECONDS = 60.0


class FeishuChannel:
    """Posts to a Feishu custom bot."""

    name = "feishu"
    is_idempotent = False

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def send(self, message: Message, now: datetime) -> Result:
        """Tries once."""
        lines = [line for part in message.body for line in _lines(part)]
        post_body = {"title": _harmless(message.title), "content": lines}
        content: dict[str, object] = {
            "msg_type": "post",
            "content": {"post": {"en_us": post_body}},
        }
        if self._webhook.key:
            timestamp = str(int(now.timestamp()))
            content |= {
                "timestamp": timestamp,
                "sign": feishu_signature(timestamp, self._webhook.key),
            }
        return post(
            self._webhook, json.dumps(content, ensure_ascii=False).encode(), {}, read=self._read
        )

    def _read(self, body: bytes) -> Result:
        answer = coded_answer(body, ("code", "StatusCode"), ("msg", "StatusMessage"))
        if answer is None:
            return Result(Outcome.UNKNOWN, "Feishu's answer cannot be read")
        if answer.code == 0:
            return SENT
        error = self._webhook.redact(f"Feishu refused the message ({answer.code}: {answer.text})")
        if answer.code in _TOO_FAST:
            return Result(Outcome.REFUSED, error, _TOO_FAST_SECONDS, is_down=True)
        return Result(Outcome.REFUSED, error)


def feishu_signature(timestamp: str, secret: str) -> str:
    """The signature: the *key* is the time, a line feed and the secret; nothing is signed with it.

    Args:
        timestamp: Seconds, at most an hour old.
        secret: As the bot's page shows it.
    """
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def _lines(part: Paragraph) -> list[list[dict[str, str]]]:
    lines = [[{"tag": "text", "text": _harmless(line)}] for line in part.text.split("\n")]
    if part.link:
        lines.append([{"tag": "a", "text": "Open in Dagster", "href": part.link}])
    return lines


def _harmless(text: str) -> str:
    # The elements are plain text already; a client that parsed them all the same finds no tag.
    return text.replace("<at", "‹at")
