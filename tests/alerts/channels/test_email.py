"""Mails as they arrive, and what is certain when they may not have."""

import email
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import quote

import pytest
from aiosmtpd.smtp import Envelope
from pydantic import SecretStr

from ab_assets.alerts.channels.channel import Outcome, Result
from ab_assets.alerts.channels.email import EmailChannel, MailServer, mail_address, mail_server
from ab_assets.errors import ConfigurationError
from tests.alerts import mail_server as loopback
from tests.alerts.builders import NOW, a_message, a_problem, messages_of
from tests.alerts.mail_server import PASSWORD, USER, MailBox

SENDER, TEAM = "ab@example.com", ("team@example.com", "lead@example.com")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return loopback.make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def box() -> MailBox:
    return MailBox()


@pytest.fixture
def port(box: MailBox) -> Iterator[int]:
    with loopback.MailServer(box) as running:
        yield running.port


def channel(port: int, login: str = "", scheme: str = "smtp") -> EmailChannel:
    server = mail_server(SecretStr(f"{scheme}://{login}127.0.0.1:{port}"))
    return EmailChannel(server, SENDER, TEAM)


def send(port: int, login: str = "", scheme: str = "smtp") -> Result:
    return channel(port, login, scheme).send(a_message(), NOW)


def parsed(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def login(user: str = USER, password: str = PASSWORD) -> str:
    return f"{quote(user)}:{quote(password, safe='')}@"


def test_a_mail_arrives_at_everybody(box: MailBox, port: int) -> None:
    message = messages_of(a_problem("key", name="Bcc: x@evil\r\n\r\nбакет <b>", sentence=".\n."))[0]
    assert channel(port).send(message, NOW).outcome is Outcome.SENT
    (envelope,) = box.mails
    mail = parsed(envelope)
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, list(TEAM))
    assert mail["Subject"] == message.title
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n").strip() == message.text
    assert message.id in mail["Message-ID"]
    assert mail["Date"].datetime == NOW


def test_the_text_is_encrypted_and_the_password_sent_where_the_server_can(
    box: MailBox, tls: ssl.SSLContext
) -> None:
    with loopback.MailServer(box, tls) as server:
        assert send(server.port, login()).outcome is Outcome.SENT
    assert box.logins == [(USER, PASSWORD)]


def test_tls_from_the_first_byte(box: MailBox, tls: ssl.SSLContext) -> None:
    with loopback.MailServer(box, tls, tls_first=True) as server:
        assert send(server.port, scheme="smtps").outcome is Outcome.SENT


def test_a_certificate_nobody_trusts_gets_no_mail(
    box: MailBox, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with loopback.MailServer(box, tls) as server:
        result = send(server.port, login())
    assert (result.outcome, box.mails, box.logins) == (Outcome.REFUSED, [], [])
    assert "certificate is not trusted" in result.error


def test_a_password_never_goes_in_the_clear(box: MailBox, port: int) -> None:
    result = send(port, login())
    assert (result.outcome, box.mails) == (Outcome.REFUSED, [])
    assert "offers no STARTTLS" in result.error


def test_a_wrong_password_is_told_without_it(box: MailBox, tls: ssl.SSLContext) -> None:
    with loopback.MailServer(box, tls) as server:
        result = send(server.port, login(password="not-this-one"))  # noqa: S106
    assert result.outcome is Outcome.REFUSED
    assert "535" in result.error
    assert "not-this-one" not in result.error


@pytest.mark.parametrize(
    "fault",
    [
        {"sender_answer": "451 try later"},
        {"refused": frozenset(TEAM)},
        {"data_answer": "554 looks like spam"},
    ],
)
def test_a_mail_the_server_refuses_is_for_sure_not_delivered(
    box: MailBox, port: int, fault: dict[str, object]
) -> None:
    for name, value in fault.items():
        setattr(box, name, value)
    result = send(port)
    assert (result.outcome, box.mails) == (Outcome.REFUSED, [])
    assert any(code in result.error for code in ("451 try later", "550 no such", "554 looks"))


def test_a_mail_that_some_get_is_sent_and_says_so(box: MailBox, port: int) -> None:
    box.refused = frozenset(TEAM[:1])
    result = send(port)
    assert result.outcome is Outcome.SENT
    assert result.error == "1 of 2 recipients were refused"
    assert box.mails[0].rcpt_tos == [TEAM[1]]


def test_a_server_that_breaks_off_after_the_text_may_have_taken_it(box: MailBox, port: int) -> None:
    box.drops_after_data = True
    assert send(port).outcome is Outcome.UNKNOWN
    assert len(box.mails) == 1


def test_a_server_that_wants_no_data_has_taken_nothing(closed_port: int) -> None:
    result = send(closed_port)
    assert (result.outcome, result.is_down) == (Outcome.REFUSED, True)
    assert result.error == "127.0.0.1: it cannot be reached"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587)),
        ("smtps://mail.example", MailServer("mail.example", 465, is_tls_first=True)),
        (
            "smtp://me%40x:a%2Fb@mail.example:25",
            MailServer("mail.example", 25, "me@x", SecretStr("a/b")),
        ),
    ],
)
def test_an_address_of_a_server_is_read(url: str, server: MailServer) -> None:
    assert mail_server(SecretStr(url)) == server


@pytest.mark.parametrize(
    "url",
    ["", "http://u:verysecret@h", "smtp://", "smtp://u:verysecret@h:x", "smtp://u:verysecretö@h"],
)
def test_what_is_no_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="AB_ALERT_SMTP_URL") as refused:
        mail_server(SecretStr(url))
    assert "verysecret" not in str(refused.value)
    assert "verysecret" not in repr(mail_server(SecretStr("smtp://u:verysecret@h")))


def test_an_address_may_carry_a_name() -> None:
    assert mail_address("The Team <team@example.com>", "AB_ALERT_TO") == "team@example.com"


@pytest.mark.parametrize("text", ["", "team", "a@b\nBcc: x@y", "a b@c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="AB_ALERT_TO"):
        mail_address(text, "AB_ALERT_TO")
