"""Stream Load on the loopback interface: a frontend that names a backend, and the backend.

What belongs here: the two HTTP servers, their refusals and their faults. What does not: tables,
rows and labels; those are the store's, which the MySQL side shares.

Both behave as the sources of StarRocks say: the frontend reads no body; the backend judges a load
by its head, and where it refuses, it answers without having read the body and closes.
"""

import base64
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn, Self

import pyarrow as pa

from tests.starrocks.labels import LabelState
from tests.starrocks.refusals import RowsFilteredError, StarRocksRefusalError
from tests.starrocks.store import Store


class LoadFault(Enum):
    """What a server does once in place of what it should."""

    FRONTEND_BUSY = auto()  # 503 from the frontend
    FRONTEND_DROPS = auto()
    FRONTEND_REFUSES = auto()  # "No backend alive."
    BACKEND_ERROR = auto()  # 500
    BACKEND_LIMITS = auto()  # 429
    DROP_BEFORE_COMMIT = auto()  # the body is read, the load rolled back, no answer
    DROP_AFTER_COMMIT = auto()
    CUT_ANSWER = auto()  # committed, and the answer ends early
    PUBLISH_TIMEOUT = auto()  # committed, to be seen later
    STILL_RUNNING = auto()  # an earlier try with the label has not ended
    SHUTTING_DOWN = auto()  # Fail, to be tried again
    FAIL = auto()  # Fail, for good
    FEWER_ROWS = auto()  # Success, with rows missing
    NO_LEAVE = auto()  # never says 100


_FRONTEND = {LoadFault.FRONTEND_BUSY, LoadFault.FRONTEND_DROPS, LoadFault.FRONTEND_REFUSES}


@dataclass(frozen=True)
class SeenRequest:
    """A request as a server got it.

    Attributes:
        server: ``frontend`` or ``backend``.
        method: PUT or GET.
        path: The path.
        headers: The headers, names in lower case.
        body: The body that was read.
    """

    server: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False, default=b"")


class StreamLoadServer:
    """A frontend and a backend over a store.

    Attributes:
        requests: What the servers got, oldest first.
        faults: What goes wrong next, one entry for each request it concerns.
        location: Where the frontend points to instead of the backend.
        error_url: What a refused load names instead of the backend's own log.
    """

    def __init__(
        self,
        store: Store,
        users: Mapping[str, str],
        frontend_port: int = 0,
    ) -> None:
        self.store = store
        self.users = users
        self.requests: list[SeenRequest] = []
        self.faults: list[LoadFault] = []
        self.location: str | None = None
        self.error_url: str | None = None
        self.logs: dict[str, str] = {}
        self._frontend_port = frontend_port
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._backend = self._serve(_Backend, 0)
        self._frontend = self._serve(_Frontend, self._frontend_port)
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._frontend, self._backend):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def port(self) -> int:
        """The HTTP port of the frontend."""
        return int(self._frontend.server_address[1])

    @property
    def backend_port(self) -> int:
        """The HTTP port of the backend."""
        return int(self._backend.server_address[1])

    def take_fault(self, *, frontend: bool) -> LoadFault | None:
        """The next fault, when it is the server's."""
        with self._guard:
            if self.faults and (self.faults[0] in _FRONTEND) == frontend:
                return self.faults.pop(0)
        return None

    def _serve(self, kind: "type[_Server]", port: int) -> ThreadingHTTPServer:
        bound = type(kind.__name__, (kind,), {"cluster": self})
        server = ThreadingHTTPServer(("127.0.0.1", port), bound)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self._threads.append(thread)
        return server


class _Server(BaseHTTPRequestHandler):
    cluster: StreamLoadServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer
    name = ""

    def note(self, body: bytes = b"") -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.cluster.requests.append(SeenRequest(self.name, self.command, self.path, headers, body))

    def answer(self, status: int, content: object, **headers: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def drop(self) -> None:
        self.close_connection = True

    def handle_expect_100(self) -> bool:
        return True  # each server decides for itself

    def has_password(self) -> bool:
        given = self.headers.get("Authorization", "")
        tokens = (
            base64.b64encode(f"{user}:{password}".encode()).decode()
            for user, password in self.cluster.users.items()
        )
        return given in {f"Basic {token}" for token in tokens}

    def log_message(self, *_: object) -> None:
        pass


class _Frontend(_Server):
    name = "frontend"

    def do_PUT(self) -> None:
        self.note()
        fault = self.cluster.take_fault(frontend=True)
        if fault is LoadFault.FRONTEND_DROPS:
            self.drop()
        elif fault is LoadFault.FRONTEND_BUSY:
            self.answer(503, b"busy")
        elif fault is LoadFault.FRONTEND_REFUSES:
            self.answer(
                200, {"Status": "FAILED", "Message": "class DdlException: No backend alive."}
            )
        elif not self.has_password():
            self.answer(401, {"status": "FAILED", "msg": "Access denied"})
        elif self.headers.get("Expect", "").lower() != "100-continue":
            self.answer(200, {"Status": "FAILED", "Message": "There is no 100-continue header"})
        else:
            backend = f"http://127.0.0.1:{self.cluster.backend_port}{self.path}"
            self.answer(307, b"", Location=self.cluster.location or backend)


class _RefusedLoadError(Exception):
    def __init__(self, **fields: object) -> None:
        super().__init__(str(fields))
        self.fields = fields


class _Backend(_Server):
    name = "backend"

    def do_GET(self) -> None:
        self.note()
        name = self.path.partition("file=")[2]
        log = self.cluster.logs.get(name)
        if log is None:
            self.answer(404, b"no such file")
        else:
            self.answer(200, log.encode())

    def do_PUT(self) -> None:
        fault = self.cluster.take_fault(frontend=False)
        if fault in (LoadFault.BACKEND_ERROR, LoadFault.BACKEND_LIMITS):
            self.note()
            self.answer(500 if fault is LoadFault.BACKEND_ERROR else 429, b"no")
            return
        try:
            self._judge_head(fault)
            if fault is not LoadFault.NO_LEAVE and self.headers.get("Expect"):
                self.send_response_only(100)
                self.end_headers()
                self.wfile.flush()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.note(body)
            if fault is LoadFault.DROP_BEFORE_COMMIT:
                self.drop()
                return
            rows = self._load(body)
        except _RefusedLoadError as refusal:
            if not self.cluster.requests or self.cluster.requests[-1].server != "backend":
                self.note()
            self._tell(**refusal.fields)
            return
        self._tell_done(rows, fault)

    def _judge_head(self, fault: LoadFault | None) -> None:
        if not self.has_password():
            _refuse(Message="no valid Basic authorization")
        if not self.headers.get("label"):
            _refuse(Message="this cluster wants a label")
        if self.headers.get("timezone") != "UTC":
            _refuse(Message="this cluster wants the timezone UTC")
        wanted = {"format": "json", "strip_outer_array": "true", "strict_mode": "true"}
        for name, value in wanted.items():
            if self.headers.get(name) != value:
                _refuse(Message=f"this cluster wants {name}: {value}")
        if fault is LoadFault.SHUTTING_DOWN:
            _refuse(Message="Service is shutting down, please retry later!")
        if fault is LoadFault.FAIL:
            _refuse(Message="the disk is gone")
        database = self.path.split("/")[2]
        state = self.cluster.store.labels.state(database, self.headers["label"])
        if fault is LoadFault.STILL_RUNNING or state not in (None, LabelState.CANCELLED):
            done = state is LabelState.FINISHED and fault is not LoadFault.STILL_RUNNING
            _refuse(
                Status="Label Already Exists",
                ExistingJobStatus="FINISHED" if done else "RUNNING",
                Message=f"Label [{self.headers['label']}] has already been used.",
            )

    def _load(self, body: bytes) -> int:
        _, _, database, table, _ = self.path.split("/")
        columns = [name.strip("`") for name in self.headers.get("columns", "").split(",")]
        try:
            objects = json.loads(body, parse_constant=_no_constant)
        except ValueError as error:
            _refuse(Message=f"Failed to parse json as array. error: {error}")
        arrays = [pa.array([item.get(name) for item in objects]) for name in columns]
        try:
            return self.cluster.store.insert_rows(
                database,
                table,
                columns,
                pa.table(arrays, names=columns),
                self.headers["label"],
            )
        except RowsFilteredError as error:
            self.cluster.logs[f"error_log_{error.job}"] = "\n".join(error.reasons)
            own = (
                f"http://127.0.0.1:{self.cluster.backend_port}/api/_load_error_log"
                f"?file=error_log_{error.job}"
            )
            _refuse(
                Message="too many filtered rows",
                NumberTotalRows=error.total,
                NumberFilteredRows=error.filtered,
                ErrorURL=self.cluster.error_url or own,
            )
        except StarRocksRefusalError as error:
            _refuse(Message=error.text)

    def _tell_done(self, rows: int, fault: LoadFault | None) -> None:
        if fault is LoadFault.DROP_AFTER_COMMIT:
            self.drop()
        elif fault is LoadFault.CUT_ANSWER:
            self.answer(200, b'{"Status": "Succ')
        elif fault is LoadFault.PUBLISH_TIMEOUT:
            self._tell(Status="Publish Timeout", NumberTotalRows=rows, NumberLoadedRows=rows)
        elif fault is LoadFault.FEWER_ROWS:
            self._tell(Status="Success", NumberTotalRows=rows - 1, NumberLoadedRows=rows - 1)
        else:
            self._tell(Status="Success", Message="OK", NumberTotalRows=rows, NumberLoadedRows=rows)

    def _tell(self, **fields: object) -> None:
        counts = dict.fromkeys(
            ("NumberTotalRows", "NumberLoadedRows", "NumberFilteredRows", "NumberUnselectedRows"), 0
        )
        shown = {"Label": self.headers.get("label"), "Status": "Fail", "Message": "", **counts}
        self.answer(200, shown | fields)


def _refuse(**fields: object) -> NoReturn:
    raise _RefusedLoadError(**fields)


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)
