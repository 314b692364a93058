"""What is certain after one POST, and what an error may say."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from ab_assets.alerts.channels.channel import Outcome, Result
from ab_assets.alerts.channels.http import HttpLimits, Webhook, post, retry_after
from ab_assets.errors import ConfigurationError
from tests.alerts.receiver import (
    Receiver,
    answers,
    breaks_off,
    drops_the_connection,
    never_answers,
    trickles,
)

SECRET = "signingsecret"  # noqa: S105 (of a test)
QUICK = HttpLimits(read=0.2)


def send(url: str, limits: HttpLimits | None = None) -> Result:
    webhook = Webhook(SecretStr(url), SecretStr(SECRET), limits or HttpLimits())
    return post(webhook, b"{}", {})


def test_a_success_is_a_success(receiver: Receiver) -> None:
    assert send(receiver.url).outcome is Outcome.SENT
    assert receiver.received[0].headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refused_message_says_nothing_about_the_others(receiver: Receiver, status: int) -> None:
    receiver.script.append(answers(status, "invalid_payload"))
    result = send(receiver.url)
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, False)
    assert f"HTTP {status} invalid_payload" in result.error


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_server_in_trouble_has_not_taken_the_message(receiver: Receiver, status: int) -> None:
    receiver.script.append(answers(status))
    result = send(receiver.url)
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, True)


def test_a_gateway_that_waited_in_vain_knows_nothing(receiver: Receiver) -> None:
    receiver.script.append(answers(504))
    assert send(receiver.url).outcome is Outcome.UNKNOWN


def test_retry_after_is_passed_on(receiver: Receiver) -> None:
    receiver.script.append(answers(429, "slow down", Retry_After="37"))
    assert send(receiver.url).wait_seconds == 37.0


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.script.append(answers(302, Location=receiver.url))
    result = send(receiver.url)
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, True)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("script", [drops_the_connection, never_answers])
def test_without_an_answer_the_fate_is_unknown(receiver: Receiver, script: object) -> None:
    receiver.script.append(script)  # type: ignore[arg-type]
    result = send(receiver.url, QUICK)
    assert (result.outcome, result.is_down) == (Outcome.UNKNOWN, True)
    assert len(receiver.received) == 1


def test_the_status_counts_even_when_the_rest_breaks_off(receiver: Receiver) -> None:
    receiver.script.append(breaks_off)
    result = send(receiver.url)
    assert (result.outcome, result.wait_seconds) == (Outcome.REFUSED, 7.0)


def test_an_answer_that_trickles_is_cut(receiver: Receiver) -> None:
    receiver.script.append(trickles)
    assert send(receiver.url, HttpLimits(total=0.3)).outcome is Outcome.SENT


@pytest.mark.parametrize(("status", "outcome"), [(200, Outcome.SENT), (400, Outcome.REFUSED)])
def test_an_endless_answer_is_cut(receiver: Receiver, status: int, outcome: Outcome) -> None:
    receiver.script.append(answers(status, b"x" * 300_000))
    result = send(receiver.url)
    assert result.outcome is outcome
    assert len(result.error) < 300


def test_a_refused_connection_has_taken_nothing(closed_port: int) -> None:
    result = send(f"http://127.0.0.1:{closed_port}/token")
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, True)
    assert "127.0.0.1 cannot be reached" in result.error


def test_an_unknown_host_has_taken_nothing() -> None:
    assert send("http://no-such-host.invalid/token").outcome is Outcome.REFUSED


def test_a_proxy_that_refuses_has_taken_nothing(
    monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    assert send("http://alerts.example/token").outcome is Outcome.REFUSED


def test_a_server_without_a_trusted_certificate_has_taken_nothing(receiver: Receiver) -> None:
    result = send(receiver.url.replace("http:", "https:"))
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, True)


def test_no_error_repeats_the_address_or_the_secret(receiver: Receiver, closed_port: int) -> None:
    receiver.script += [
        answers(400, f"no hook at {receiver.url} or /hook/verysecrettoken for {SECRET}"),
        drops_the_connection,
    ]
    errors = [send(receiver.url).error, send(receiver.url).error]
    errors.append(send(receiver.url.rsplit(":", 1)[0] + f":{closed_port}/verysecrettoken").error)
    assert all("verysecrettoken" not in error and SECRET not in error for error in errors)
    assert "verysecrettoken" not in repr(Webhook(SecretStr(receiver.url), SecretStr(SECRET)))


@pytest.mark.parametrize(
    "url",
    ["", "ftp://x/verysecret", "http://", "verysecret", "http://h:0/", "http://h/a b", "http://[x"],
)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="AB_ALERT_WEBHOOK") as refused:
        Webhook(SecretStr(url))
    assert "verysecret" not in str(refused.value)


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2025, 3, 10, 12, tzinfo=UTC)
    assert retry_after("Mon, 10 Mar 2025 12:01:00 GMT", now) == 60.0
    assert retry_after("Mon, 10 Mar 2025 11:00:00 GMT", now) == 0.0
    assert retry_after("Mon, 10 Mar 2025 12:00:30 -0000", now) == 30.0
    assert retry_after(None, now) is None
