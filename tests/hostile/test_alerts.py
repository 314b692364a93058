"""Alerts about things of any name: they call nobody, forge nothing, and each chat reads them."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from ab_assets.alerts.channels.channel import Channel, Outcome
from ab_assets.alerts.channels.dingtalk import DingTalkChannel
from ab_assets.alerts.channels.email import EmailChannel, MailServer
from ab_assets.alerts.channels.feishu import FeishuChannel
from ab_assets.alerts.channels.generic import GenericChannel
from ab_assets.alerts.channels.http import Webhook
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.alerts.message import Message
from tests.alerts.builders import NOW, a_problem, messages_of
from tests.alerts.receiver import Receiver
from tests.hostile.corpus import LONG, TEXTS, UNPRINTED

CHATS: dict[str, Callable[[Webhook], Channel]] = {
    "slack": SlackChannel,
    "feishu": FeishuChannel,
    "dingtalk": DingTalkChannel,
    "generic": GenericChannel,
}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver({"code": 0, "errcode": 0}) as opened:
        yield opened


def messages() -> list[Message]:
    """Every text of the corpus as a name and a sentence, several to a message."""
    texts = [" ".join(TEXTS[start : start + 6]) for start in range(0, len(TEXTS), 6)]
    return [
        messages_of(a_problem(f"k{number}{text[:40]}", name=text, sentence=text))[0]
        for number, text in enumerate([*texts, LONG])
    ]


@pytest.mark.parametrize("kind", CHATS)
def test_every_text_arrives_as_text_in_a_body_that_is_json(receiver: Receiver, kind: str) -> None:
    receiver.received.clear()
    channel = CHATS[kind](Webhook(SecretStr(receiver.url), SecretStr("")))
    sent = messages()
    for message in sent:
        assert channel.send(message, NOW).outcome is Outcome.SENT
    bodies = [request.json for request in receiver.received]
    assert len(bodies) == len(sent)
    for body in bodies:
        if kind == "generic":  # a program gets names as they are, and the words for people beside
            body = body["data"]["text"]  # noqa: PLW2901
        told = json.dumps(body, ensure_ascii=False)
        assert not (UNPRINTED - {"\n"}) & set("".join(strings(body)))
        assert len(told.encode()) < 20_000
        assert kind != "slack" or set(re.findall(r"<([^|>]*)", body["text"])) <= links(sent)
        assert kind != "feishu" or "<at" not in told
        assert kind != "dingtalk" or body["at"]["isAtAll"] is False


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def links(sent: list[Message]) -> set[str]:
    found = {part.link for message in sent for part in message.body}
    return {link.replace("&", "&amp;") for link in found if link}


def test_no_text_adds_a_header_to_a_mail() -> None:
    channel = EmailChannel(MailServer("127.0.0.1", 1), "a@example.com", ("b@example.com",))
    plain = channel._mail(messages_of(a_problem())[0], NOW)
    for message in messages():
        mail = channel._mail(message, NOW)
        assert mail.keys() == plain.keys()
        assert "\n" not in str(mail["Subject"])
        assert mail["To"] == "b@example.com"
