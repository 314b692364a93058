"""A Metabase on loopback that answers as its API documents: ids, full replacement, refusals."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

Json = Any  # what JSON can say
KEY = "mb_key"
CARD_FIELDS = {
    *("name", "type", "dataset_query", "parameters", "parameter_mappings", "description"),
    *("display", "visualization_settings", "collection_id", "collection_position", "archived"),
}


@dataclass
class Metabase:
    """What is kept, and what was asked of it."""

    things: dict[str, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: {"database": {}, "collection": {}, "card": {}, "dashboard": {}}
    )
    writes: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    token: str | None = None
    person: tuple[str, str] | None = None
    sessions: set[str] = field(default_factory=set)
    fail_at: int | None = None
    failures: list[int] = field(default_factory=list)
    url: str = ""
    ids: "count[int]" = field(default_factory=lambda: count(1))

    def made(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in self.things[kind].values() if not item.get("archived")]

    def answer(  # noqa: PLR0911 (one for each kind of answer)
        self, method: str, path: str, headers: Mapping[str, str], body: Json
    ) -> tuple[int, Any]:
        if self.failures:
            return self.failures.pop(0), {"message": "busy"}
        bare = path.partition("?")[0]
        if bare == "/api/session/properties":
            return 200, {"setup-token": self.token, "has-user-setup": self.person is not None}
        if bare == "/api/setup":
            return self._setup(body)
        if bare == "/api/session":
            if self.person != (body["username"], body["password"]):
                return 401, {"errors": {"password": "did not match stored password"}}
            session = f"session-{next(self.ids)}"
            self.sessions.add(session)
            return 200, {"id": session}
        signed = headers.get("X-API-KEY") == KEY
        if not signed and headers.get("X-Metabase-Session") not in self.sessions:
            return 401, "Unauthenticated"
        if method in {"POST", "PUT"}:
            if self.fail_at is not None and len(self.writes) == self.fail_at:
                return 500, {"message": "out of memory"}
            self.writes.append((method, bare))
            self.bodies.append(body)
        return self._thing(method, bare, path, body)

    def _setup(self, body: Json) -> tuple[int, Any]:
        if self.person is not None:
            return 403, "a user currently exists"
        if body["token"] != self.token:
            return 400, {"errors": {"token": "Token does not match the setup token."}}
        self.person = (body["user"]["email"], body["user"]["password"])
        self.token = None
        return 200, {"id": "first"}

    def _thing(self, method: str, bare: str, path: str, body: Json) -> tuple[int, Any]:
        found = re.fullmatch(r"/api/(\w+)(?:/(\d+))?(/items)?", bare)
        if found is None or found[1] not in self.things:
            return 404, "API endpoint does not exist."
        kind, number, items = found[1], found[2], found[3]
        if number is None:
            return self._listed(kind) if method == "GET" else self._create(kind, body)
        thing = self.things[kind].get(int(number))
        if thing is None:
            return 404, "Not found."
        if items:
            return 200, {"data": self._items(int(number))}
        if method == "GET":
            return 200, self._shown(kind, thing, legacy="legacy-mbql=true" in path)
        return self._update(kind, thing, body)

    def _listed(self, kind: str) -> tuple[int, Any]:
        things = [self._shown(kind, item, legacy=False) for item in self.things[kind].values()]
        return 200, {"data": things, "total": len(things)} if kind == "database" else things

    def _items(self, collection: int) -> list[dict[str, Any]]:
        return [
            {key: item.get(key) for key in ("id", "name", "description")} | {"model": kind}
            for kind in ("card", "dashboard")
            for item in self.made(kind)
            if item.get("collection_id") == collection
        ]

    def _create(self, kind: str, body: Json) -> tuple[int, Any]:
        needed = {
            "card": ("name", "display", "dataset_query", "visualization_settings"),
            "database": ("name", "engine", "details"),
        }.get(kind, ("name",))
        errors = {key: "value must be given" for key in needed if body.get(key) is None}
        if kind == "card":
            errors |= dict.fromkeys(set(body) - CARD_FIELDS, "disallowed key")
        if kind == "database":
            # It takes no description when it is made.
            body = {key: body[key] for key in ("name", "engine", "details", "is_full_sync")}
        if errors:
            return 400, {"errors": errors}
        thing = {**deepcopy(body), "id": next(self.ids), "archived": False}
        if kind == "dashboard":
            thing |= {"dashcards": [], "tabs": [], "parameters": []}
        self.things[kind][thing["id"]] = thing
        return 200, thing

    def _update(self, kind: str, thing: dict[str, Any], body: Json) -> tuple[int, Any]:
        if kind == "dashboard" and "dashcards" in body:
            tabs = {
                tab["id"]: next(self.ids) if tab["id"] < 0 else tab["id"] for tab in body["tabs"]
            }
            if tabs and any(item.get("dashboard_tab_id") is None for item in body["dashcards"]):
                return 400, {"message": "makes sure every card has a tab"}
            body = deepcopy(body)
            for tab in body["tabs"]:
                tab["id"] = tabs[tab["id"]]
            for item in body["dashcards"]:
                item["dashboard_tab_id"] = tabs[item["dashboard_tab_id"]]
                item["id"] = next(self.ids) if item["id"] < 0 else item["id"]
            body["dashcards"].reverse()  # they come in no promised order
        thing.update(deepcopy(body))
        return 200, thing

    def _shown(self, kind: str, thing: dict[str, Any], *, legacy: bool) -> dict[str, Any]:
        shown = deepcopy(thing)
        if kind == "database" and "password" in shown["details"]:
            shown["details"]["password"] = "**MetabasePass**"  # noqa: S105
        if kind == "card" and not legacy:
            native = shown["dataset_query"]["native"]
            stage = {"lib/type": "mbql.stage/native", "native": native["query"]}
            shown["dataset_query"] = {"lib/type": "mbql/query", "stages": [stage]}
        return shown


@contextmanager
def serving(metabase: Metabase) -> Iterator[Metabase]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            code, answer = metabase.answer(self.command, self.path, dict(self.headers), body)
            text = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = _do  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    metabase.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield metabase
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
