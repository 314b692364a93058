"""Webhooks on the loopback interface: real HTTP, scripted answers, everything received is kept."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Script = Callable[["Handler"], None]


@dataclass(frozen=True)
class Received:
    """One request, taken in whole."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content


@dataclass
class Receiver:
    """Answers 200 with ``answer``, unless the script has something else for a request."""

    answer: object = "ok"
    script: list[Script] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        receiver = self

        class Bound(Handler):
            owner = receiver

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A sender that was killed leaves a broken pipe."""

        self._http = Server(("127.0.0.1", 0), Bound)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/hook/verysecrettoken"

    @property
    def texts(self) -> list[str]:
        """The text of every Slack message."""
        return [request.json["text"] for request in self.received]


class Handler(BaseHTTPRequestHandler):
    owner: Receiver
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.owner.received.append(Received(self.path, dict(self.headers), body))
        if self.owner.script:
            self.owner.script.pop(0)(self)
        else:
            self.say(200, self.owner.answer)

    def say(self, status: int, content: object, **headers: str) -> None:
        body = content if isinstance(content, bytes) else _bytes(content)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A test's output is not the place for an access log."""


def _bytes(content: object) -> bytes:
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()


def answers(status: int, content: object = "", **headers: str) -> Script:
    """Answers one request with what is given; headers are written with underscores."""
    return lambda handler: handler.say(status, content, **headers)


def drops_the_connection(handler: Handler) -> None:
    """Takes the message and closes without an answer."""
    handler.close_connection = True


def never_answers(handler: Handler) -> None:
    """Takes the message and says nothing."""
    handler.owner.release.wait(10)
    handler.close_connection = True


def breaks_off(handler: Handler) -> None:
    """Promises a longer answer than it gives."""
    handler.send_response(429)
    handler.send_header("Content-Length", "1000")
    handler.send_header("Retry-After", "7")
    handler.end_headers()
    handler.wfile.write(b"slow")
    handler.wfile.flush()
    handler.close_connection = True


def trickles(handler: Handler) -> None:
    """Sends a byte now and then, never letting a read time out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while not handler.owner.release.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        pass
    handler.close_connection = True
