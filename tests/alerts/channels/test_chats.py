"""What Slack, Feishu, DingTalk and a program receive, and how their answers are taken."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from ab_assets.alerts.channels.channel import Channel, Outcome
from ab_assets.alerts.channels.dingtalk import DingTalkChannel, dingtalk_signature
from ab_assets.alerts.channels.feishu import FeishuChannel, feishu_signature
from ab_assets.alerts.channels.generic import GenericChannel, signing_key, webhook_signature
from ab_assets.alerts.channels.http import Webhook
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.alerts.digest import with_mentions
from ab_assets.alerts.message import Message
from ab_assets.errors import ConfigurationError
from tests.alerts.builders import NOW, a_message, a_problem, messages_of
from tests.alerts.receiver import Receiver, answers

HOSTILE = '<!channel> <@U1> @all *b* [x](http://evil) <at user_id="all"></at> a\nb & "q" {{x}} 😈'
SECRET = "SEC0123456789"  # noqa: S105 (of a test)


def hostile() -> Message:
    return messages_of(a_problem("key", name=HOSTILE, sentence=HOSTILE))[0]


def hook(receiver: Receiver, secret: str = "") -> Webhook:
    return Webhook(SecretStr(receiver.url), SecretStr(secret))


def test_slack_gets_escaped_text_without_markup(receiver: Receiver) -> None:
    message = hostile()
    assert SlackChannel(hook(receiver)).send(message, NOW).outcome is Outcome.SENT
    content = receiver.received[0].json
    assert (content["mrkdwn"], content["link_names"]) == (False, False)
    link = message.paragraphs[0].link
    text = content["text"].replace(f"<{link}|Open in Dagster>", "", 1)
    assert link in content["text"]
    assert "<" not in text
    assert ">" not in text
    assert "&lt;!channel&gt;" in text


def test_a_message_without_a_link_has_none(receiver: Receiver) -> None:
    message = messages_of(a_problem(link=""))[0]
    SlackChannel(hook(receiver)).send(message, NOW)
    FeishuChannel(hook(receiver)).send(message, NOW)
    assert all("Open in Dagster" not in request.body.decode() for request in receiver.received)


def test_feishu_gets_elements_of_plain_text(receiver: Receiver) -> None:
    receiver.answer = {"code": 0, "msg": "success", "data": {}}
    message = hostile()
    assert FeishuChannel(hook(receiver)).send(message, NOW).outcome is Outcome.SENT
    content = receiver.received[0].json
    assert content["msg_type"] == "post"
    post = content["content"]["post"]["en_us"]
    elements = [element for line in post["content"] for element in line]
    assert {element["tag"] for element in elements} == {"text", "a"}
    assert all("\n" not in element["text"] and element["text"] for element in elements)
    assert "<at" not in json.dumps(content)
    assert [element["href"] for element in elements if element["tag"] == "a"] == [
        message.paragraphs[0].link
    ]
    assert "sign" not in content


@pytest.mark.parametrize("channel", [FeishuChannel, DingTalkChannel])
def test_the_longest_message_stays_within_what_the_chats_take(
    receiver: Receiver, channel: type[FeishuChannel | DingTalkChannel]
) -> None:
    def long(key: str) -> Message:
        return messages_of(a_problem(key + "籃" * 300, name="球" * 300, sentence="籃" * 900))[0]

    message = with_mentions(long("a"), [long("b"), long("c"), long("d"), long("e"), long("f")])
    channel(hook(receiver)).send(message, NOW)
    assert len(receiver.received[0].body) < 20_000


def test_feishu_is_signed_by_seconds(receiver: Receiver) -> None:
    FeishuChannel(hook(receiver, SECRET)).send(a_message(), NOW)
    content = receiver.received[0].json
    assert content["timestamp"] == str(int(NOW.timestamp()))
    key = f"{content['timestamp']}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
    assert content["sign"] == expected == feishu_signature(content["timestamp"], SECRET)


def test_dingtalk_gets_plain_text_and_calls_nobody(receiver: Receiver) -> None:
    receiver.answer = {"errcode": 0, "errmsg": "ok"}
    message = hostile()
    assert DingTalkChannel(hook(receiver)).send(message, NOW).outcome is Outcome.SENT
    content = receiver.received[0].json
    assert content["msgtype"] == "text"
    assert content["text"]["content"] == message.text
    assert content["at"] == {"atMobiles": [], "atUserIds": [], "isAtAll": False}


@pytest.mark.parametrize("query", ["", "?access_token=abc"])
def test_dingtalk_is_signed_by_milliseconds_in_the_address(receiver: Receiver, query: str) -> None:
    webhook = Webhook(SecretStr(receiver.url + query), SecretStr(SECRET))
    DingTalkChannel(webhook).send(a_message(), NOW)
    parameters = parse_qs(urlsplit(receiver.received[0].path).query)
    timestamp = str(int(NOW.timestamp() * 1000))
    signed = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256)
    assert parameters["timestamp"] == [timestamp]
    assert parameters["sign"] == [base64.b64encode(signed.digest()).decode()]
    assert parameters["sign"] == [dingtalk_signature(timestamp, SECRET)]
    assert ("access_token" in parameters) == bool(query)


CODED: Mapping[str, tuple[type[FeishuChannel | DingTalkChannel], str, str]] = {
    "feishu": (FeishuChannel, "code", "msg"),
    "dingtalk": (DingTalkChannel, "errcode", "errmsg"),
}


def coded(kind: str, receiver: Receiver) -> tuple[Channel, str, str]:
    channel, code, text = CODED[kind]
    return channel(hook(receiver, SECRET)), code, text


@pytest.mark.parametrize("kind", CODED)
def test_an_error_in_an_answer_of_status_200_is_a_failure(kind: str, receiver: Receiver) -> None:
    channel, code, text = coded(kind, receiver)
    receiver.answer = {code: 19021, text: f"sign match fail\nfor {SECRET}"}
    result = channel.send(a_message(), NOW)
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, False)
    assert "19021: sign match fail for ***" in result.error


@pytest.mark.parametrize(("kind", "limit"), [("feishu", 11232), ("dingtalk", 130101)])
def test_too_many_messages_hold_the_channel(kind: str, limit: int, receiver: Receiver) -> None:
    channel, code, text = coded(kind, receiver)
    receiver.answer = {code: limit, text: "too fast"}
    result = channel.send(a_message(), NOW)
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, True)
    assert result.wait_seconds in {60.0, 600.0}


@pytest.mark.parametrize("kind", CODED)
@pytest.mark.parametrize("answer", ["", "<html>", "[]", "{}", {"code": "x"}])
def test_an_answer_nobody_can_read_is_no_answer(
    kind: str, answer: object, receiver: Receiver
) -> None:
    channel, _, _ = coded(kind, receiver)
    receiver.answer = answer
    assert channel.send(a_message(), NOW).outcome is Outcome.UNKNOWN


def test_the_older_answer_of_feishu_is_read_as_well(receiver: Receiver) -> None:
    receiver.answer = {"StatusCode": 0, "StatusMessage": "success"}
    assert FeishuChannel(hook(receiver)).send(a_message(), NOW).outcome is Outcome.SENT


def test_a_program_gets_the_message_with_its_id_signed(receiver: Receiver) -> None:
    key = base64.b64encode(b"0123456789abcdef").decode()
    channel = GenericChannel(hook(receiver, f"whsec_{key}"))
    message = hostile()
    assert channel.send(message, NOW).outcome is Outcome.SENT
    request = receiver.received[0]
    headers = {name.lower(): value for name, value in request.headers.items()}
    timestamp = str(int(NOW.timestamp()))
    assert headers["idempotency-key"] == headers["webhook-id"] == message.id == request.json["id"]
    assert headers["webhook-timestamp"] == timestamp
    signed = f"{message.id}.{timestamp}.".encode() + request.body
    mac = hmac.new(b"0123456789abcdef", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert request.json["type"] == "alert.opened"
    assert request.json["data"]["problems"][0]["experiment_name"] == HOSTILE


def test_the_signature_is_that_of_the_published_example() -> None:
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = webhook_signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}', key
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_without_a_secret_nothing_is_signed(receiver: Receiver) -> None:
    GenericChannel(hook(receiver)).send(a_message(), NOW)
    assert "webhook-signature" not in {name.lower() for name in receiver.received[0].headers}


def test_a_time_is_told_in_utc(receiver: Receiver) -> None:
    message = a_message(at=datetime(2025, 3, 10, 12, tzinfo=UTC))
    GenericChannel(hook(receiver, "plain secret")).send(message, NOW)
    assert receiver.received[0].json["timestamp"] == "2025-03-10T12:00:00+00:00"


def test_a_signing_secret_that_is_no_base64_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="AB_ALERT_SECRET") as refused:
        signing_key("whsec_not base64")
    assert "not base64" not in str(refused.value)


def test_a_signature_is_refused_by_the_server_like_any_other_message(receiver: Receiver) -> None:
    receiver.script.append(answers(401, "bad signature"))
    assert GenericChannel(hook(receiver, "x")).send(a_message(), NOW).outcome is Outcome.REFUSED
