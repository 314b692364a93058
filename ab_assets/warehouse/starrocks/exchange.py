"""One HTTP request with ``Expect: 100-continue`` taken at its word.

What belongs here: sending the head, waiting for leave to send the body, reading a bounded answer.
What does not: what is asked and what an answer means (``stream_load``).

The usual clients (requests, httpx) send the body without waiting. A StarRocks backend refuses a
load on its head alone (a used label, a wrong password) and closes the connection; a client that is
still sending then sees a reset instead of the reason.
"""

import http.client
import io
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import SplitResult

_CONTINUE_SECONDS = 5.0  # then the body is sent all the same, as RFC 9110 asks of clients
_BLOCK = 1 << 18
_HEAD = b"HTTP/1.1 100"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: The HTTP status.
        location: Where a redirect points; None without one.
        body: The text, cut at the limit that was asked for.
    """

    status: int
    location: str | None
    body: bytes


@dataclass(frozen=True)
class Times:
    """How long each step may take, in seconds.

    Attributes:
        connect: Until the connection stands.
        answer: Until the answer begins, once everything is sent.
        leave: Until the body is sent without the server's leave.
    """

    connect: float = 10.0
    answer: float = 600.0
    leave: float = _CONTINUE_SECONDS


def exchange(
    method: str,
    address: SplitResult,
    headers: Mapping[str, str],
    body: bytes,
    *,
    times: Times,
    tls: ssl.SSLContext | None,
    most_bytes: int,
) -> Answer:
    """Sends one request on a connection of its own; redirects are not followed.

    Args:
        method: ``PUT`` or ``GET``.
        address: Of scheme http or https; user information in it is not used.
        headers: All headers but Host and Content-Length.
        body: The body; sent when the server agrees, if the headers expect that.
        times: How long to wait.
        tls: How certificates are checked; None for the defaults.
        most_bytes: The longest answer that is read.

    Raises:
        OSError: The connection broke, was refused or took too long.
        http.client.HTTPException: What came back is no HTTP.
    """
    connection = _connection(address, times.connect, tls)
    try:
        connection.putrequest(method, _target(address), skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        sock = connection.sock
        reader = None
        if "Expect" in headers and body:
            reader = _leave(sock, times.leave)
        sock.settimeout(times.answer)
        if reader is None or _continues(reader):
            _send(sock, body)
        return _read(sock, reader, method, most_bytes)
    finally:
        connection.close()


def _connection(
    address: SplitResult, timeout: float, tls: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    host = address.hostname or ""
    if address.scheme == "https":
        context = tls or ssl.create_default_context()
        return http.client.HTTPSConnection(host, address.port, timeout=timeout, context=context)
    return http.client.HTTPConnection(host, address.port, timeout=timeout)


def _target(address: SplitResult) -> str:
    path = address.path or "/"
    return f"{path}?{address.query}" if address.query else path


def _leave(sock: socket.socket, seconds: float) -> io.BufferedReader | None:
    """A reader with the beginning of the first answer in it; None when there was none in time."""
    sock.settimeout(seconds)
    reader = sock.makefile("rb")
    try:
        reader.peek(len(_HEAD))
    except TimeoutError:
        reader.close()  # a reader that timed out once reads no more
        return None
    return reader


def _continues(reader: io.BufferedReader) -> bool:
    return reader.peek(len(_HEAD))[: len(_HEAD)] == _HEAD


def _send(sock: socket.socket, body: bytes) -> None:
    view = memoryview(body)
    for start in range(0, len(view), _BLOCK):
        sock.sendall(view[start : start + _BLOCK])  # a bound for each block, not for them all


class _Read:
    """Stands in for a socket whose reading has begun."""

    def __init__(self, reader: io.BufferedReader) -> None:
        self._reader = reader

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The reader."""
        return self._reader


def _read(
    sock: socket.socket, reader: io.BufferedReader | None, method: str, most_bytes: int
) -> Answer:
    source = sock if reader is None else cast("socket.socket", _Read(reader))
    response = http.client.HTTPResponse(source, method=method)
    with response:
        response.begin()  # passes over a 100
        body = response.read(most_bytes)
        return Answer(response.status, response.headers["Location"], body)
