"""The sensor as Dagster evaluates it: a real warehouse, real runs, a real server."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest

from ab_assets.automation.alerts import build_alerts_sensor
from ab_assets.definitions import build_defs
from ab_assets.errors import ConfigurationError
from ab_assets.project import read_project
from ab_assets.resources.notifier import NotifierResource
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.settings import Settings
from tests.alerts.health_rows import a_row, write
from tests.alerts.receiver import Receiver, answers
from tests.automation.test_standing_checks import evaluate
from tests.small_world import World, day
from tests.small_world_copies import loaded_world

pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys")


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> World:
    return loaded_world(tmp_path_factory.mktemp("world"), monkeypatch)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[Receiver]:
    with Receiver() as running:
        monkeypatch.setenv("AB_ALERT_KIND", "slack")
        monkeypatch.setenv("AB_ALERT_WEBHOOK", running.url)
        monkeypatch.setenv("AB_DAGSTER_URL", "https://dagster.example")
        yield running


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


class Daemon:
    """Evaluates the sensor tick after tick, keeping its cursor."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self.cursor: str | None = None

    def tick(self, lock_seconds: float = -1.0) -> str:
        sensor = build_alerts_sensor(read_project(Settings()))
        context = dg.build_sensor_context(
            self._instance,
            cursor=self.cursor,
            resources={
                "warehouse": WarehouseResource(lock_seconds=lock_seconds),
                "notifier": NotifierResource(),
            },
        )
        result = sensor.evaluate_tick(context)
        self.cursor = result.cursor
        assert result.run_requests == []
        return result.skip_message or ""


@pytest.fixture
def daemon(instance: dg.DagsterInstance) -> Daemon:
    return Daemon(instance)


def test_without_a_channel_it_says_so_and_touches_nothing(world: World, daemon: Daemon) -> None:
    assert "no channel is configured" in daemon.tick()
    assert "alert_messages" not in world.warehouse.tables("ab")


def test_half_a_configuration_fails_the_tick(
    world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AB_ALERT_KIND", "slack")
    with pytest.raises(ConfigurationError, match="AB_ALERT_WEBHOOK"):
        daemon.tick()


def test_it_runs_by_itself(world: World) -> None:
    sensor = build_defs().get_repository_def().get_sensor_def("alerts_sensor")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 60


def test_a_failed_check_is_told_once_and_its_end_once(
    world: World, daemon: Daemon, receiver: Receiver
) -> None:
    write(world.warehouse, a_row(), tag="shop", day=day(2))
    assert [daemon.tick(), daemon.tick()] == ["1 sent", "nothing to send"]
    write(world.warehouse, a_row(status="pass"), tag="shop", day=day(3))
    assert daemon.tick() == "1 sent"
    told, recovered = receiver.texts
    assert "https://dagster.example/assets/shop_module/health?view=partitions" in told
    assert recovered.startswith("Recovered: sample ratio · Basket (basket)")


def test_a_failed_check_of_a_source_is_told_once_and_its_end_once(
    world: World, daemon: Daemon, instance: dg.DagsterInstance, receiver: Receiver
) -> None:
    events = dg.AssetKey(["source", "events"])
    evaluate(instance, events, "volume", passed=False)
    daemon.tick()
    daemon.tick()
    assert len(receiver.received) == 1
    assert b"volume is wrong" in receiver.received[0].body
    evaluate(instance, events, "volume", passed=True)
    daemon.tick()
    assert len(receiver.received) == 2
    assert b"Recovered" in receiver.received[1].body


def test_a_failed_run_is_told_and_ends_when_it_was_made_again(
    world: World, daemon: Daemon, receiver: Receiver, instance: dg.DagsterInstance
) -> None:
    assert daemon.tick() == "nothing to send"
    world.spoil_wide_table("shop")
    failed = world.make("shop/wide_user", tag="shop", when=day(2), instance=instance)
    assert daemon.tick() == "1 sent"
    assert receiver.texts[0].startswith("Run failed: tag shop\n\ntag shop · 2025-03-04\n")
    assert failed.failure.replace("<", "&lt;").replace(">", "&gt;")[:200] in receiver.texts[0]
    assert f"https://dagster.example/runs/{failed.run_id}" in receiver.texts[0]
    world.execute("DROP TABLE ab.tbl_wide_user_shop_shop")
    assert daemon.tick() == "nothing to send"
    assert world.make("shop/wide_user", tag="shop", when=day(2), instance=instance).succeeded
    assert daemon.tick() == "1 sent"
    assert receiver.texts[1].startswith("Recovered: tag shop")


def test_a_channel_in_trouble_leaves_the_tick_whole(
    world: World, daemon: Daemon, receiver: Receiver
) -> None:
    write(world.warehouse, a_row(), tag="shop", day=day(2))
    receiver.script.append(answers(500, "oh no"))
    assert daemon.tick() == "1 failed; 127.0.0.1 answered HTTP 500 oh no"
    assert daemon.tick() == "1 waiting"


def test_a_warehouse_that_is_busy_is_looked_at_again(
    world: World, daemon: Daemon, receiver: Receiver
) -> None:
    write(world.warehouse, a_row(), tag="shop", day=day(2))
    hold = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); "
        "sys.stdin.read()"
    )
    path = str(world.warehouse.path)
    with subprocess.Popen(
        [sys.executable, "-c", hold, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert "the warehouse is busy" in daemon.tick(lock_seconds=0.05)
        other.communicate()
    assert daemon.tick() == "1 sent"


def test_a_cursor_that_was_lost_tells_nothing_twice(
    world: World, daemon: Daemon, receiver: Receiver, instance: dg.DagsterInstance
) -> None:
    world.spoil_wide_table("shop")
    assert not world.make("shop/wide_user", tag="shop", when=day(2), instance=instance).succeeded
    assert daemon.tick() == "1 sent"
    daemon.cursor = None
    assert daemon.tick() == "nothing to send"


def test_a_day_that_is_older_than_the_newest_changes_nothing(
    world: World, daemon: Daemon, receiver: Receiver
) -> None:
    write(world.warehouse, a_row(), tag="shop", day=day(3))
    daemon.tick()
    write(world.warehouse, a_row(status="pass"), tag="shop", day=day(3) - timedelta(days=1))
    assert daemon.tick() == "nothing to send"
