"""E-mail over SMTP.

What belongs here: the server's address, the mail, and what is certain after each command. The
message has left once its text goes out after DATA; before that nothing was delivered.
"""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from ab_assets.alerts.channels.channel import SENT, Outcome, Result
from ab_assets.alerts.message import Message
from ab_assets.alerts.wording import one_line
from ab_assets.errors import ConfigurationError

_PORTS = {"smtp": 587, "smtps": 465}
_OK = 250
_MAIL_ID_HOST = "ab-assets.invalid"
_LONGEST_EXCERPT = 200
_ONE = r"[^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\[\]\\]+"
_ADDRESS = re.compile(rf"(?P<bare>{_ONE})|[^<>@\r\n]*<(?P<named>{_ONE})>", re.ASCII)
_RECIPIENT_TAKEN = {250, 251}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server to hand mail to.

    Attributes:
        password: Sent over TLS alone.
        is_tls_first: TLS from the first byte (``smtps``); otherwise STARTTLS where it is offered.
        seconds: The bound of each command.
    """

    host: str
    port: int
    user: str = ""
    password: SecretStr = field(default=SecretStr(""))
    is_tls_first: bool = False
    seconds: float = 10.0


def mail_server(url: SecretStr) -> MailServer:
    """The server that ``smtp(s)://user:password@host:port`` names.

    Raises:
        ConfigurationError: It is no such address; the text is not repeated.
    """
    try:
        parts = urlsplit(url.get_secret_value())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        message = (
            "AB_ALERT_SMTP_URL is no mail server; set it like smtp://user:password@host:587 "
            "(STARTTLS) or smtps://user:password@host:465, with special characters in the "
            "password percent-encoded"
        )
        raise ConfigurationError(message)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        message = "AB_ALERT_SMTP_URL: user and password can only hold ASCII characters"
        raise ConfigurationError(message)
    return MailServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=user,
        password=SecretStr(password),
        is_tls_first=parts.scheme == "smtps",
    )


def mail_address(text: str, variable: str) -> str:
    """The bare address of ``Name <a@b>`` or ``a@b``.

    Raises:
        ConfigurationError: It is no address.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        message = f"{variable}: {one_line(text, 80)!r} is no e-mail address"
        raise ConfigurationError(message)
    return found.group("bare") or found.group("named")


class EmailChannel:
    """Hands messages to a mail server."""

    name = "email"
    is_idempotent = False

    def __init__(self, server: MailServer, sender: str, recipients: tuple[str, ...]) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients

    def send(self, message: Message, now: datetime) -> Result:
        """Tries once."""
        mail = self._mail(message, now).as_bytes(policy=SMTP_POLICY)
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return self._refused(error)
        try:
            self._introduce(connection)
            refused = self._envelope(connection)
        except (OSError, smtplib.SMTPException) as error:
            return self._refused(error)
        else:
            return self._data(connection, mail, refused)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.is_tls_first:
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                timeout=server.seconds,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(server.host, server.port, timeout=server.seconds)

    def _introduce(self, connection: smtplib.SMTP) -> None:
        server = self._server
        connection.ehlo_or_helo_if_needed()
        is_safe = server.is_tls_first
        if not is_safe and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo_or_helo_if_needed()
            is_safe = True
        if server.user:
            if not is_safe:
                message = "it offers no STARTTLS, and the password is not sent without it"
                raise smtplib.SMTPException(message)
            connection.login(server.user, server.password.get_secret_value())

    def _envelope(self, connection: smtplib.SMTP) -> int:
        """Sender and recipients; returns how many recipients were refused, fewer than all."""
        code, said = connection.mail(self._sender)
        if code != _OK:
            raise smtplib.SMTPSenderRefused(code, said, self._sender)
        answers = [connection.rcpt(recipient) for recipient in self._recipients]
        refused = [answer for answer in answers if answer[0] not in _RECIPIENT_TAKEN]
        if len(refused) == len(answers):
            raise smtplib.SMTPResponseException(*refused[0])
        return len(refused)

    def _data(self, connection: smtplib.SMTP, mail: bytes, refused: int) -> Result:
        try:
            code, said = connection.data(mail)
        except smtplib.SMTPDataError as error:
            return self._refused(error)
        except (OSError, smtplib.SMTPException):
            error_text = f"{self._server.host} broke off before it confirmed the mail"
            return Result(Outcome.UNKNOWN, error_text, is_down=True)
        if code != _OK:
            return self._refused(smtplib.SMTPDataError(code, said))
        if refused:
            return Result(
                Outcome.SENT, f"{refused} of {len(self._recipients)} recipients were refused"
            )
        return SENT

    def _refused(self, error: Exception) -> Result:
        if isinstance(error, smtplib.SMTPResponseException):
            said = error.smtp_error
            words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            reason = f"{error.smtp_code} {one_line(words, _LONGEST_EXCERPT)}"
        elif isinstance(error, ssl.SSLError):
            reason = "its certificate is not trusted"
        elif isinstance(error, smtplib.SMTPException) and error.args:
            reason = one_line(str(error.args[0]), _LONGEST_EXCERPT)
        else:
            reason = "it cannot be reached"
        password = self._server.password.get_secret_value()
        if password:
            reason = reason.replace(password, "***")
        return Result(Outcome.REFUSED, f"{self._server.host}: {reason}", is_down=True)

    def _mail(self, message: Message, now: datetime) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.title
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = now
        # The same for every attempt: many mail programs show such a mail once.
        mail["Message-ID"] = f"<{message.id}@{_MAIL_ID_HOST}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="quoted-printable")
        return mail
