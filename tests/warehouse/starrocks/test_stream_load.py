import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError, WarehouseError
from ab_assets.warehouse.starrocks.exchange import Times
from ab_assets.warehouse.starrocks.load_requests import StreamLoad, StreamLoadResult
from ab_assets.warehouse.starrocks.location import StarRocksLocation
from ab_assets.warehouse.starrocks.stream_load import StreamLoader
from ab_assets.warehouse.starrocks.wire import bodies
from tests.clock import Time
from tests.starrocks.catalogue import StoredColumn, StoredTable
from tests.starrocks.labels import LabelState
from tests.starrocks.store import Store
from tests.starrocks.stream_load_server import LoadFault, StreamLoadServer

TABLE = StoredTable(
    "ab",
    "toy",
    (
        StoredColumn("id", "BIGINT", nullable=False),
        StoredColumn("text", "VARCHAR(65533)"),
        StoredColumn("share", "DOUBLE"),
        StoredColumn("at", "DATETIME"),
        StoredColumn("day", "DATE"),
        StoredColumn("flag", "BOOLEAN"),
    ),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("load") / "cluster.duckdb") as opened:
        yield opened


@pytest.fixture
def server(store: Store) -> Iterator[StreamLoadServer]:
    store.create_table(TABLE)
    with StreamLoadServer(store, {"writer": "sécret:x"}) as running:
        yield running
    store.drop_table("ab", "toy")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def location(server: StreamLoadServer) -> StarRocksLocation:
    return StarRocksLocation("127.0.0.1", 9030, server.port, "ab", "writer", "sécret:x")


@pytest.fixture
def loader(location: StarRocksLocation, time: Time) -> StreamLoader:
    return loader_for(location, time)


def loader_for(location: StarRocksLocation, time: Time) -> StreamLoader:
    times = Times(connect=5, answer=5, leave=5)
    return StreamLoader(location, 60, 20, sleep=time.sleep, clock=time.clock, times=times)


def load_of(rows: list[dict[str, object]], label: str) -> StreamLoad:
    columns = tuple(rows[0])
    return StreamLoad("ab", "toy", columns, label, json.dumps(rows).encode(), len(rows))


_labels = iter(f"label-{number}" for number in range(10_000))


def toy(count: int = 2) -> StreamLoad:
    return load_of([{"id": number, "text": "a"} for number in range(count)], next(_labels))


def kept(store: Store, *columns: str) -> list[tuple[object, ...]]:
    with store.connected() as connection:
        names = ", ".join(f'"{name}"' for name in columns)
        return connection.execute(f"SELECT {names} FROM ab.toy ORDER BY id").fetchall()


def test_rows_are_in_the_table(loader: StreamLoader, store: Store) -> None:
    load = toy(3)
    assert loader.load(load) == StreamLoadResult(load.label, 3, "Success")
    assert kept(store, "id", "text") == [(0, "a"), (1, "a"), (2, "a")]


def test_the_first_step_is_empty_and_the_second_goes_where_it_points(
    loader: StreamLoader, server: StreamLoadServer
) -> None:
    load = toy()
    loader.load(load)
    first, second = server.requests
    assert (first.server, first.headers["content-length"]) == ("frontend", "0")
    assert (second.server, second.body) == ("backend", load.body)
    for request in (first, second):
        assert request.path == "/api/ab/toy/_stream_load"
        assert request.headers["expect"] == "100-continue"
        assert request.headers["label"] == load.label
        assert request.headers["columns"] == "`id`,`text`"
        assert request.headers["timezone"] == "UTC"
        assert request.headers["max_filter_ratio"] == "0"
        assert request.headers["strict_mode"] == "true"
        assert request.headers["timeout"] == "60"
        assert "warehouse" not in request.headers


def test_the_warehouse_of_shared_data_is_named(
    location: StarRocksLocation, server: StreamLoadServer, time: Time
) -> None:
    loader_for(replace(location, warehouse="loading"), time).load(toy())
    assert [request.headers["warehouse"] for request in server.requests] == ["loading"] * 2


@pytest.mark.parametrize(
    "fault",
    [
        LoadFault.FRONTEND_BUSY,
        LoadFault.FRONTEND_DROPS,
        LoadFault.FRONTEND_REFUSES,
        LoadFault.BACKEND_ERROR,
        LoadFault.BACKEND_LIMITS,
        LoadFault.DROP_BEFORE_COMMIT,
        LoadFault.SHUTTING_DOWN,
    ],
)
def test_a_load_that_came_to_nothing_is_sent_again_with_its_label(
    fault: LoadFault, loader: StreamLoader, server: StreamLoadServer, store: Store, time: Time
) -> None:
    server.faults.append(fault)
    load = toy()
    assert loader.load(load).status == "Success"
    assert kept(store, "id") == [(0,), (1,)]
    assert {request.headers["label"] for request in server.requests} == {load.label}
    assert time.waits == [0.5]


@pytest.mark.parametrize("fault", [LoadFault.DROP_AFTER_COMMIT, LoadFault.CUT_ANSWER])
def test_a_load_whose_answer_was_lost_is_not_done_twice(
    fault: LoadFault, loader: StreamLoader, server: StreamLoadServer, store: Store
) -> None:
    server.faults.append(fault)
    result = loader.load(toy())
    assert (result.rows, result.status) == (2, "Label Already Exists")
    assert kept(store, "id") == [(0,), (1,)]


def test_what_is_refused_by_its_head_costs_no_body(
    loader: StreamLoader, server: StreamLoadServer
) -> None:
    load = toy()
    loader.load(load)
    assert loader.load(load).status == "Label Already Exists"
    assert server.requests[-1].body == b""


def test_a_publish_timeout_is_committed_and_not_sent_again(
    loader: StreamLoader, server: StreamLoadServer, store: Store
) -> None:
    server.faults.append(LoadFault.PUBLISH_TIMEOUT)
    assert loader.load(toy()).status == "Publish Timeout"
    assert len(server.requests) == 2
    assert len(kept(store, "id")) == 2


def test_an_earlier_try_that_still_runs_is_waited_for(
    loader: StreamLoader, server: StreamLoadServer, store: Store, time: Time
) -> None:
    server.faults += [LoadFault.STILL_RUNNING] * 3
    assert loader.load(toy()).status == "Success"
    assert time.waits == [0.5, 1.0, 2.0]
    assert len(kept(store, "id")) == 2


def test_the_wait_for_an_earlier_try_ends(
    loader: StreamLoader, store: Store, server: StreamLoadServer, time: Time
) -> None:
    load = toy()
    store.labels.set_state("ab", load.label, LabelState.LOADING, "toy")
    with pytest.raises(WarehouseError, match="a load with this label is RUNNING") as caught:
        loader.load(load)
    assert load.label in str(caught.value)
    assert "gave up after 8 tries" in str(caught.value)
    assert 40 < time.now <= 60
    assert kept(store, "id") == []


def test_a_cluster_that_does_not_answer_is_given_up(time: Time) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    location = StarRocksLocation("127.0.0.1", 9030, port, "ab", "writer", "secret")
    with pytest.raises(WarehouseError) as caught:
        loader_for(location, time).load(toy())
    assert f"127.0.0.1:{port} did not answer (ConnectionRefusedError" in str(caught.value)
    assert "check the network, and host and http_port" in str(caught.value)
    assert 10 < time.now <= 20


def test_a_failed_load_says_why_and_is_not_sent_again(
    loader: StreamLoader, server: StreamLoadServer
) -> None:
    server.faults.append(LoadFault.FAIL)
    load = toy()
    with pytest.raises(WarehouseError) as caught:
        loader.load(load)
    assert str(caught.value) == (
        f"Stream Load of 2 rows into ab.toy (label {load.label}): StarRocks answers Fail: the disk "
        "is gone"
    )
    assert len(server.requests) == 2


def test_rows_that_do_not_fit_are_told_from_the_log(
    loader: StreamLoader, store: Store, server: StreamLoadServer
) -> None:
    load = load_of([{"id": None, "at": "x"}, {"id": 1, "at": "2026-01-02"}], next(_labels))
    with pytest.raises(WarehouseError) as caught:
        loader.load(load)
    assert "too many filtered rows, 1 rows do not fit the table; Error: " in str(caught.value)
    assert "The type of 'at' is DATETIME. (1 rows)" in str(caught.value)
    assert "NULL value in non-nullable column 'id'. (1 rows)" in str(caught.value)
    assert "authorization" not in server.requests[-1].headers
    assert kept(store, "id") == []


def test_a_label_whose_load_failed_can_be_used_again(
    loader: StreamLoader, server: StreamLoadServer, store: Store
) -> None:
    load = load_of([{"id": None}], next(_labels))
    with pytest.raises(WarehouseError, match="too many filtered rows"):
        loader.load(load)
    loader.load(replace(load, body=b'[{"id": 7}]'))
    assert kept(store, "id") == [(7,)]


def test_a_long_log_is_cut(loader: StreamLoader, server: StreamLoadServer) -> None:
    server.logs["long"] = "\n".join(f"row {number} " + "x" * 400 for number in range(9))
    server.error_url = f"http://127.0.0.1:{server.backend_port}/api/_load_error_log?file=long"
    with pytest.raises(WarehouseError) as caught:
        loader.load(load_of([{"id": None}], next(_labels)))
    assert "row 4 " in str(caught.value)
    assert "row 5 " not in str(caught.value)
    assert str(caught.value).endswith("and 4 more lines")
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///etc/passwd", "named no address of its log"),
        ("ftp://127.0.0.1/x", "named no address of its log"),
        ("http://[", "could not be read (ValueError)"),
        ("http://127.0.0.1:1/x", "could not be read (ConnectionRefusedError)"),
        ("http://127.0.0.1:{port}/api/_load_error_log?file=none", "(HTTP 404)"),
    ],
)
def test_a_log_that_cannot_be_read_does_not_hide_the_refusal(
    url: str, told: str, loader: StreamLoader, server: StreamLoadServer
) -> None:
    server.error_url = url.format(port=server.backend_port)
    with pytest.raises(WarehouseError, match="too many filtered rows") as caught:
        loader.load(load_of([{"id": None}], next(_labels)))
    assert told in str(caught.value)


def test_rows_that_went_missing_are_no_success(
    loader: StreamLoader, server: StreamLoadServer
) -> None:
    server.faults.append(LoadFault.FEWER_ROWS)
    with pytest.raises(WarehouseError, match="2 rows were sent, StarRocks read 1 and kept 1"):
        loader.load(toy())


def test_a_wrong_password_is_told_without_the_password(
    location: StarRocksLocation, time: Time
) -> None:
    with pytest.raises(WarehouseError, match="HTTP 401") as caught:
        loader_for(replace(location, password="other"), time).load(toy())  # noqa: S106
    assert "check user and password in AB_WAREHOUSE_URL" in str(caught.value)
    assert "other" not in str(caught.value)
    assert time.waits == []


def test_a_password_that_the_answer_repeats_is_not_shown(
    loader: StreamLoader, server: StreamLoadServer
) -> None:
    server.logs["told"] = "user writer password sécret:x"
    server.error_url = f"http://127.0.0.1:{server.backend_port}/api/_load_error_log?file=told"
    with pytest.raises(WarehouseError, match=r"password \*\*\*"):
        loader.load(load_of([{"id": None}], next(_labels)))


@pytest.mark.parametrize(
    "target",
    [
        "/api/ab/toy/_stream_load",
        "ftp://127.0.0.1:{port}/api/ab/toy/_stream_load",
        "//127.0.0.1:{port}/api/ab/toy/_stream_load",
        "http://127.0.0.1/api/ab/toy/_stream_load",
        "http://127.0.0.1:{port}/login",
        "http://[:{port}/api/ab/toy/_stream_load",
        "http://127.0.0.1:x/api/ab/toy/_stream_load",
    ],
)
def test_the_password_goes_to_backends_alone(
    target: str, loader: StreamLoader, server: StreamLoadServer
) -> None:
    server.location = target.format(port=server.backend_port)
    with pytest.raises(WarehouseError, match="points to no backend's Stream Load"):
        loader.load(toy())
    assert len(server.requests) == 1


def test_user_information_of_the_redirect_is_not_used(
    loader: StreamLoader, server: StreamLoadServer
) -> None:
    server.location = f"http://other:pw@127.0.0.1:{server.backend_port}/api/ab/toy/_stream_load"
    assert loader.load(toy()).rows == 2
    assert server.requests[1].headers["host"] == f"127.0.0.1:{server.backend_port}"


def test_a_server_that_is_no_frontend_is_told(loader: StreamLoader, time: Time) -> None:
    with answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as port:
        location = StarRocksLocation("127.0.0.1", 9030, port, "ab", "writer", "secret")
        with pytest.raises(WarehouseError, match="answers HTTP 404; check host and http_port"):
            loader_for(location, time).load(toy())


def test_an_answer_that_is_no_http_is_tried_again(time: Time) -> None:
    with answering(b"J\x00\x00\x00mysql handshake\r\n\r\n") as port:
        location = StarRocksLocation("127.0.0.1", 9030, port, "ab", "writer", "secret")
        with pytest.raises(WarehouseError, match="BadStatusLine"):
            loader_for(location, time).load(toy())


def test_a_backend_that_never_gives_leave_gets_the_body_after_a_while(
    location: StarRocksLocation, server: StreamLoadServer, store: Store
) -> None:
    server.faults.append(LoadFault.NO_LEAVE)
    loader = StreamLoader(location, times=Times(leave=0.05))
    assert loader.load(toy()).rows == 2
    assert len(kept(store, "id")) == 2


def test_names_and_labels_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="no identifier"):
        StreamLoad("ab", "toy/../x", ("id",), "l", b"[]", 0)
    with pytest.raises(ConfigurationError, match="no identifier"):
        StreamLoad("ab", "toy", ("id`",), "l", b"[]", 0)
    with pytest.raises(WarehouseError, match=r"'a\\r\\nb' is no label"):
        StreamLoad("ab", "toy", ("id",), "a\r\nb", b"[]", 0)


def test_the_body_is_in_no_repr() -> None:
    assert "body" not in repr(StreamLoad("ab", "toy", ("id",), "l", b'[{"id":1}]', 1))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["\\N", "", "null", '"', "\\", "a\tb", "a\nb", "a\r\nb", "'", "😀", ",", "\x00", "\u2028", "{}"]
)
rows_of_any_kind = st.lists(
    st.tuples(
        st.none() | texts,
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.datetimes().map(lambda moment: moment.replace(fold=0)),
        st.none() | st.dates(),
        st.none() | st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
    ),
    min_size=1,
    max_size=40,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=8,
    deadline=None,
)
@given(rows_of_any_kind)
def test_every_value_arrives_as_it_was(
    loader: StreamLoader, store: Store, rows: list[tuple[object, ...]]
) -> None:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "text": pl.String,
        "share": pl.Float64,
        "at": pl.Datetime("us"),
        "day": pl.Date,
        "flag": pl.Boolean,
        "id": pl.Int64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    with store.connected() as connection:
        connection.execute("DELETE FROM ab.toy")
    for body in bodies([frame], most_bytes=2000):
        loader.load(StreamLoad("ab", "toy", tuple(schema), next(_labels), body.text, body.rows))
    found = kept(store, *schema)
    assert sorted(map(repr, found)) == sorted(map(repr, rows))


class answering:  # noqa: N801  reads as a verb
    """A server that says one thing to everybody."""

    def __init__(self, answer: bytes, certificate: Path | None = None) -> None:
        self._answer = answer
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._server.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client, suppress(OSError):
                secured = self._tls.wrap_socket(client, server_side=True) if self._tls else client
                with secured:
                    secured.recv(65536)
                    secured.sendall(self._answer)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(path), "-out", str(path) + ".crt"]
    done = subprocess.run(
        ["openssl", *request.split(), *names, *files], check=True, capture_output=True
    )
    assert done.returncode == 0
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def over_tls(location: StarRocksLocation, port: int, authority: Path | None) -> StarRocksLocation:
    return replace(
        location,
        http_port=port,
        http_scheme="https",
        ssl_ca=str(authority) if authority else None,
    )


def test_a_certificate_nobody_vouches_for_is_refused(
    location: StarRocksLocation, time: Time, certificate: Path
) -> None:
    with answering(b"", certificate) as port:
        loader = loader_for(over_tls(location, port, None), time)
        with pytest.raises(WarehouseError, match="is not trusted; name its authority with ssl_ca"):
            loader.load(toy())
    assert time.waits == []


def test_the_password_does_not_go_from_https_to_http(
    location: StarRocksLocation, time: Time, certificate: Path, server: StreamLoadServer
) -> None:
    target = f"http://127.0.0.1:{server.backend_port}/api/ab/toy/_stream_load"
    redirect = f"HTTP/1.1 307 Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    with answering(redirect, certificate) as port:
        loader = loader_for(over_tls(location, port, certificate), time)
        with pytest.raises(WarehouseError, match="from https to http"):
            loader.load(toy())
    assert server.requests == []
