"""Slack: an incoming webhook.

What belongs here: its body. Slack takes no key that would let it drop a message it has seen.

``mrkdwn: false`` turns formatting off; what remains special (links, ``<!channel>``) begins with
one of the three characters that Slack asks to be escaped.
"""

import json
from datetime import datetime

from ab_assets.alerts.channels.channel import Result
from ab_assets.alerts.channels.http import Webhook, post
from ab_assets.alerts.message import Message


class SlackChannel:
    """Posts to a Slack incoming webhook."""

    name = "slack"
    is_idempotent = False

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def send(self, message: Message, now: datetime) -> Result:  # noqa: ARG002 (unsigned)
        """Tries once."""
        blocks = [_escaped(message.title)]
        blocks += [
            _escaped(part.text)
            + (f"\n<{_escaped(part.link)}|Open in Dagster>" if part.link else "")
            for part in message.body
        ]
        content = {
            "text": "\n\n".join(blocks),
            "mrkdwn": False,
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return post(self._webhook, json.dumps(content, ensure_ascii=False).encode(), {})


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
