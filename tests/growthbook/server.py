"""A GrowthBook on the loopback interface: real HTTP, the recorded server's answers and refusals.

It keeps a list of experiments, checks the key, refuses unknown parameters, and pages. A test
scripts faults: each entry of ``script`` answers one request in place of the list.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

KEY = "secret_admin_1234567890abcdef"

Script = Callable[["Handler"], None]


@dataclass
class GrowthBookServer:
    experiments: list[object] = field(default_factory=list)
    fact_metrics: list[object] = field(default_factory=list)
    parameters: frozenset[str] = frozenset({"limit", "offset", "sortBy", "archived", "tag"})
    script: list[Script] = field(default_factory=list)
    after_page: Callable[["GrowthBookServer"], None] | None = None
    total_error: int = 0
    requests: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        server = self

        class Bound(Handler):
            growthbook = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
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
        return f"http://127.0.0.1:{self._http.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    growthbook: GrowthBookServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for a delayed acknowledgement

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        self.growthbook.requests.append({"path": parts.path, **query})
        self.growthbook.authorizations.append(self.headers.get("Authorization"))
        if self.growthbook.script:
            self.growthbook.script.pop(0)(self)
            return
        refusal = self._refusal(parts.path, query)
        if refusal is not None:
            status, message = refusal
            self.answer(status, {"message": message})
            return
        name = {"experiments": "experiments", "fact-metrics": "factMetrics"}[
            parts.path.removeprefix("/api/v1/")
        ]
        self.answer(200, self._page(name, query))
        if self.growthbook.after_page is not None:
            self.growthbook.after_page(self.growthbook)

    def _refusal(self, path: str, query: dict[str, str]) -> tuple[int, str] | None:
        authorization = self.headers.get("Authorization")
        if authorization is None:
            return 400, "Missing Authorization header"
        if authorization != f"Bearer {KEY}":
            return 401, "Invalid API key"
        if path not in {"/api/v1/experiments", "/api/v1/fact-metrics"}:
            return 404, "Unknown API endpoint"
        unknown = sorted(query.keys() - self.growthbook.parameters)
        if unknown:
            named = ", ".join(f'"{name}"' for name in unknown)
            return 400, f"Querystring: [] Unrecognized key: {named}"
        if not 1 <= int(query.get("limit", "10")) <= 100:
            return 400, "Querystring: [limit] Too big: expected number to be <=100"
        return None

    def _page(self, name: str, query: dict[str, str]) -> dict[str, object]:
        server = self.growthbook
        everything = server.experiments if name == "experiments" else server.fact_metrics
        limit, offset = int(query.get("limit", "10")), int(query.get("offset", "0"))
        items = everything[offset : offset + limit]
        more = offset + limit < len(everything)
        return {
            name: items,
            "limit": limit,
            "offset": offset,
            "count": len(items),
            "total": len(everything) + server.total_error,
            "hasMore": more,
            "nextOffset": offset + limit if more else None,
        }

    def answer(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A test's output is not the place for an access log."""


def answers(status: int, content: object, headers: dict[str, str] | None = None) -> Script:
    """Answers one request with what is given."""
    return lambda handler: handler.answer(status, content, headers)


def limits_requests(**headers: str) -> Script:
    """429, with headers written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answers(429, {"message": "Too many requests, limit to 60 per minute"}, named)


def drops_the_connection(handler: Handler) -> None:
    """Closes without an answer."""
    handler.close_connection = True


def breaks_off(handler: Handler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"experiments": [')
    handler.wfile.flush()
    handler.close_connection = True


def never_answers(handler: Handler) -> None:
    """Keeps the connection open until the test is over."""
    handler.growthbook.release.wait(10)
    handler.close_connection = True


def trickles(handler: Handler) -> None:
    """Sends a byte now and then, never letting a read time out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while not handler.growthbook.release.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        pass
    handler.close_connection = True
