"""No secret of the environment shows anywhere: on no screen, in no log, error or event."""

import base64
import json
import logging
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, quote_plus

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value

from ab_assets.cli.project import open_project
from ab_assets.definitions import build_defs
from ab_assets.errors import WarehouseError
from ab_assets.settings import read_settings
from ab_assets.warehouse.starrocks.load_requests import StreamLoad
from ab_assets.warehouse.starrocks.stream_load import StreamLoader
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.url import StarRocksLocation, parse_warehouse_url
from tests.growthbook.server import GrowthBookServer, Handler
from tests.small_world import HABITS, LAST, World
from tests.starrocks.mysql_server import Account
from tests.starrocks.stand_in import StarRocksStandIn

USER = "writer"
PASSWORD = "s3cr3t-PASS/@:#% ü!"  # noqa: S105 (of nobody; most of it is encoded in a URL)
KEY = "secret_user_s3cr3t-KEY"
OTHERS = {
    "AB_ALERT_KIND": "slack",
    "AB_ALERT_WEBHOOK": "https://127.0.0.1:1/services/s3cr3t-HOOK",
    "AB_ALERT_SECRET": "s3cr3t-SIGN",
    "AB_ALERT_SMTP_URL": "smtps://mail:s3cr3t-MAIL@127.0.0.1:1",
    "GROWTHBOOK_WEBHOOK_SECRET": "s3cr3t-HINT",
    "METABASE_URL": "http://127.0.0.1:1",
    "METABASE_API_KEY": "mb_s3cr3t-KEY",
    "METABASE_WAREHOUSE_USER": "ab_reader",
    "METABASE_WAREHOUSE_PASSWORD": "s3cr3t-READER",
}
_PAIR = f"{USER}:{PASSWORD}"
SENTINELS = frozenset(
    [
        "s3cr3t",
        PASSWORD,
        quote(PASSWORD, safe=""),
        quote_plus(PASSWORD),
        *(base64.b64encode(_PAIR.encode(coding)).decode() for coding in ("utf-8", "latin-1")),
        base64.b64encode(PASSWORD.encode()).decode(),
    ]
)
COMMANDS = {
    "check": ("check",),
    "diff": ("schema", "--diff"),
    "apply": ("schema", "--apply"),
    "ddl": ("schema",),
    "exposures": ("load", "exposures", "exposures.csv"),
    "events": ("load", "events", "events.csv"),
    "pull": ("growthbook", "pull"),
    "run": ("run", "--tag", "habit", "--date", LAST.isoformat()),
    "report": ("report", "--tag", "habit"),
    "plan": ("plan", "--tag", "habit", "--metric", "visits_per_user", "--effect", "5%"),
    "reproduce": ("reproduce", "--tag", "habit", "--experiment", "streak", "--metric", "visits"),
    "health": ("health", "--tag", "habit"),
    "export": ("export", "exported"),
}
EXPOSURES = "user_id,experiment_key,variation_key,exposed_at\nu1,streak,0,2025-03-03 01:02:03\n"
EVENTS = "event_name,user_id,event_time\nvisit,u1,2025-03-03 01:02:03\n"

Enter = Callable[..., World]


def leaks(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Which secret shows where."""
    return [
        (where, sentinel)
        for where, text in texts.items()
        for sentinel in SENTINELS
        if sentinel in text
    ]


def starrocks(where: str, password: str = PASSWORD, options: str = "http_port=1") -> str:
    return f"starrocks://{USER}:{quote(password, safe='')}@{where}/ab?{options}"


@pytest.fixture
def enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Enter]:
    """An environment full of secrets, with a GrowthBook that repeats the key it was sent."""
    caplog.set_level(logging.DEBUG)
    with GrowthBookServer() as growthbook:
        growthbook.script = [_echo] * 50

        def make(warehouse_url: str) -> World:
            world = World(tmp_path)
            (world.modules / "habits").mkdir(parents=True)
            (world.modules / "habits" / "module.yaml").write_text(HABITS, encoding="utf-8")
            (tmp_path / "exposures.csv").write_text(EXPOSURES)
            (tmp_path / "events.csv").write_text(EVENTS)
            monkeypatch.chdir(tmp_path)
            more = {
                "AB_WAREHOUSE_URL": warehouse_url,
                "AB_WAREHOUSE_PATIENCE_SECONDS": "0",
                "GROWTHBOOK_API_URL": growthbook.url,
                "GROWTHBOOK_API_KEY": KEY,
                **OTHERS,
            }
            world.enter(monkeypatch, **more)
            monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
            return world

        yield make


def _echo(handler: Handler) -> None:
    handler.answer(401, {"message": f"no: {handler.headers['Authorization']}"})


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A cluster that knows the user, with another password."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    accounts = {USER: Account("another")}
    with StarRocksStandIn(folder / "refusing.duckdb", accounts=accounts) as cluster:
        yield f"127.0.0.1:{cluster.port}", f"http_port={cluster.http_port}"


def test_a_secret_is_found_where_there_is_one() -> None:
    """The other tests would pass as well if nothing were looked at."""
    assert leaks({"screen": f"a{PASSWORD}b"})
    assert leaks({"url": f"starrocks://writer:{quote(PASSWORD, safe='')}@fe"})
    assert leaks({"header": f"Basic {base64.b64encode(_PAIR.encode()).decode()}"})
    assert not leaks({"screen": "starrocks://…"})


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_reaches_no_cluster_tells_no_secret(
    enter: Enter,
    command: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = enter(starrocks("127.0.0.1:1"))
    code = world.ab(*command)
    assert code == (0 if command == ("schema",) else 1)
    _nothing_leaked(world, capfd, caplog)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_the_cluster_refuses_tells_no_secret(
    enter: Enter,
    refusing: tuple[str, str],
    command: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    where, options = refusing
    world = enter(starrocks(where, options=options))
    world.ab(*command)
    _nothing_leaked(world, capfd, caplog)


@pytest.mark.parametrize(
    ("status", "person"), [(200, False), (302, True), (400, True), (400, False), (500, False)]
)
def test_a_metabase_that_repeats_what_it_was_sent_is_not_quoted(
    enter: Enter,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    status: int,
    *,
    person: bool,
) -> None:
    monkeypatch.setattr("ab_assets.metabase.client.sleep", lambda _: None)
    with echoing(status) as url:
        world = enter(starrocks("127.0.0.1:1"))
        monkeypatch.setenv("METABASE_URL", url)
        if person:
            monkeypatch.delenv("METABASE_API_KEY")
            monkeypatch.setenv("METABASE_USER", "admin@example.com")
            monkeypatch.setenv("METABASE_PASSWORD", PASSWORD)
        assert world.ab("metabase", "apply") == 1
    _nothing_leaked(world, capfd, caplog)


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """A server that says what it was sent in every field somebody might quote."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = f"{self.headers} {self.rfile.read(length).decode()}"
            told = {"message": sent, "errors": {"password": sent}, "setup-token": "t", "id": sent}
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Location", f"http://127.0.0.1:1/{quote(PASSWORD)}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_GET  # noqa: N815 (the base class's names)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _nothing_leaked(
    world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    shown = capfd.readouterr()
    assert shown.out + shown.err
    texts = {"output": shown.out, "errors": shown.err, "log": caplog.text}
    assert leaks(texts | files_of(world.root / "dagster")) == []


def files_of(folder: Path) -> dict[str, str]:
    """Everything Dagster keeps: runs, events, logs of the steps."""
    return {
        str(path): path.read_bytes().decode("latin-1")
        for path in folder.rglob("*")
        if path.is_file()
    }


def _wrong_urls() -> dict[str, str]:
    """URLs somebody types by mistake; most of them with a password that was not encoded."""
    tail = "@fe:9030/ab?http_port=8030"
    return {
        "a slash": f"starrocks://{USER}:s3cr3t/s3cr3t{tail}",
        "a number and a slash": f"starrocks://{USER}:1/s3cr3t{tail}",
        "at and slash": f"starrocks://{USER}:s3cr3t@s3cr3t/s3cr3t{tail}",
        "at": f"starrocks://{USER}:s3cr3t@s3cr3t{tail}",
        "hash": f"starrocks://{USER}:s3cr3t#s3cr3t{tail}",
        "question mark": f"starrocks://{USER}:s3cr3t?s3cr3t{tail}",
        "at and question mark": f"starrocks://{USER}:a@b?s3cr3t=s3cr3t{tail}",
        "at and option": f"starrocks://{USER}:a@b?http_port=s3cr3t{tail}",
        "bracket": f"starrocks://{USER}:s3cr3t[{tail}",
        "percent": f"starrocks://{USER}:s3cr3t%zz{tail}&http_port=x",
        "no user": "starrocks://:s3cr3t@fe/ab",
        "option": f"starrocks://{USER}:s3cr3t{tail}&replication_num=many",
        "two options": f"starrocks://{USER}:s3cr3t{tail}&nonsense=1",
        "file": f"starrocks://{USER}:s3cr3t{tail}&ssl_ca=/nowhere/ca.pem",
        "scheme": f"mysql://{USER}:s3cr3t{tail}",
        "no scheme": f"{USER}:s3cr3t@fe",
        "duckdb": f"duckdb://{USER}:s3cr3t@fe/ab.duckdb",
    }


@pytest.mark.parametrize("url", _wrong_urls().values(), ids=_wrong_urls())
def test_a_wrong_url_is_not_repeated(
    enter: Enter,
    url: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = enter(url)
    assert world.ab("schema", "--diff") in {1, 2}
    _nothing_leaked(world, capfd, caplog)


@pytest.mark.parametrize("password", ["pass€word s3cr3t", "s3cr3t\0", "s3cr3t\n"])
def test_a_password_the_driver_cannot_send_is_not_repeated(
    enter: Enter,
    password: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = enter(starrocks("127.0.0.1:1", password))
    assert world.ab("schema", "--diff") in {1, 2}
    _nothing_leaked(world, capfd, caplog)


@pytest.mark.parametrize("reachable", [True, False])
def test_an_error_with_all_its_causes_tells_no_secret(
    enter: Enter, refusing: tuple[str, str], *, reachable: bool
) -> None:
    where, options = refusing if reachable else ("127.0.0.1:1", "http_port=1")
    enter(starrocks(where, options=options))
    with pytest.raises(WarehouseError) as raised:
        open_project().warehouse.fetch(Statement("question", "SELECT 1 AS one", {}))
    chain = "".join(traceback.format_exception(raised.value))
    assert (
        leaks({"chain": chain, "error": repr(raised.value), "args": repr(raised.value.args)}) == []
    )


@pytest.mark.parametrize("status", [307, 401, 500])
def test_a_stream_load_server_that_repeats_what_it_was_sent_is_not_quoted(status: int) -> None:
    class Echo(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            sent = self.headers["Authorization"]
            plain = base64.b64decode(sent.removeprefix("Basic ")).decode()
            body = f"{sent} {plain} {quote(plain, safe='')} {quote_plus(plain)}".encode()
            self.send_response(status)
            self.send_header("Location", f"http://{quote(plain, safe=':')}@127.0.0.1:1/x")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            port = server.server_address[1]
            location = StarRocksLocation("127.0.0.1", 1, port, "ab", USER, PASSWORD)
            loader = StreamLoader(location, retry_seconds=0.0)
            with pytest.raises(WarehouseError) as raised:
                loader.load(StreamLoad("ab", "toy", ("user_id",), "label", b"[]", 0))
        finally:
            server.shutdown()
            thread.join()
    chain = "".join(traceback.format_exception(raised.value))
    assert leaks({"chain": chain, "error": repr(raised.value), "loader": repr(loader)}) == []


def test_a_password_of_any_characters_signs_in(tmp_path: Path) -> None:
    accounts = {USER: Account(f"{PASSWORD}€")}
    with StarRocksStandIn(tmp_path / "cluster.duckdb", accounts=accounts) as cluster:
        url = starrocks(f"127.0.0.1:{cluster.port}", f"{PASSWORD}€")
        location = parse_warehouse_url(url)
        assert isinstance(location, StarRocksLocation)
        warehouse = StarRocksWarehouse(location)
        assert warehouse.fetch(Statement("question", "SELECT 1 AS one", {})).item() == 1
        warehouse.close()


def test_nothing_that_is_printed_by_accident_has_a_secret(enter: Enter) -> None:
    enter(starrocks("127.0.0.1:1"))
    settings = read_settings()
    opened = open_project()
    location = getattr(opened.warehouse, "location", None)
    texts = {
        "settings": f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}",
        "project": repr(opened.project),
        "opened": repr(opened),
        "warehouse": f"{opened.warehouse!r} {opened.warehouse}",
        "location": f"{location!r} {location}",
    }
    assert location is not None
    assert leaks(texts) == []


def test_what_dagster_knows_of_the_definitions_has_no_secret(enter: Enter) -> None:
    enter(starrocks("127.0.0.1:1"))
    definitions = build_defs()
    repository = definitions.get_repository_def()
    metadata = [spec.metadata for spec in definitions.resolve_all_asset_specs()]
    with warnings.catch_warnings():
        # Dagster's own call of something it deprecated.
        warnings.filterwarnings("ignore", message=".*environment_vars")
        snapshot = serialize_value(RepositorySnap.from_def(repository))
    texts = {
        "metadata": repr(metadata),
        "snapshot": snapshot,
        "resources": repr(
            [repr(resource) for resource in repository.get_top_level_resources().values()]
        ),
    }
    assert "experiment_data" in texts["snapshot"]
    assert leaks(texts) == []


@pytest.mark.parametrize(
    ("asset", "tag"),
    [("growthbook/experiments", None), ("experiment_data", "habit"), ("habits/wide_user", "habit")],
)
def test_the_events_of_a_failed_run_have_no_secret(
    enter: Enter, asset: str, tag: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    world = enter(starrocks("127.0.0.1:1"))
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = world.make(asset, tag=tag, when=LAST if tag else None, instance=instance)
        assert not outcome.succeeded
        events = instance.all_logs(outcome.run_id)
        run = instance.get_run_by_id(outcome.run_id)
        assert run is not None
        texts = {f"event {place}": serialize_value(event) for place, event in enumerate(events)}
        texts |= {"run": serialize_value(run), "outcome": repr(outcome), "log": caplog.text}
    assert any("STEP_FAILURE" in text for text in texts.values())
    assert leaks(texts) == []
