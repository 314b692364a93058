"""The sensor as Dagster evaluates it, over a snapshot file that changes and a real GrowthBook."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from ab_assets.assets.describing import GROWTHBOOK_EXPERIMENTS, RESULTS
from ab_assets.assets.growthbook import PULLED_AT
from ab_assets.automation.phase_cursor import read_phase_cursor
from ab_assets.automation.phase_sensor import BUDGET, build_phases_sensor, hint_file
from ab_assets.automation.runs import partition_assets
from ab_assets.definitions import build_defs
from ab_assets.project import read_project
from ab_assets.resources.growthbook import GrowthBookResource
from ab_assets.settings import Settings
from tests.growthbook.payloads import a_phase_payload, a_split
from tests.growthbook.server import KEY, GrowthBookServer, answers
from tests.small_world import World, experiment
from tests.small_world_copies import loaded_world

pytestmark = [
    pytest.mark.filterwarnings("ignore:Non-compliant tag keys"),
    pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run"),
]
NOW = datetime(2025, 5, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
START = TODAY - timedelta(days=60)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def a_phase(days: int, seed: str = "one", until: int | None = None, **changes: object) -> object:
    end = "" if until is None else f"{ago(until)}T00:00:00.000Z"
    return a_phase_payload(
        dateStarted=f"{ago(days)}T00:00:00.000Z", dateEnded=end, seed=seed, **changes
    )


STREAK = experiment("streak", "habit", phases=[a_phase(9)])
BASKET = experiment("basket", "shop", phases=[a_phase(9)])
BASKET_AGAIN = experiment("basket", "shop", phases=[a_phase(9, until=3), a_phase(3, seed="two")])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        started = {"AB_START_DATE": START.isoformat()}
        yield loaded_world(tmp_path_factory.mktemp("world"), patch, **started)


@pytest.fixture(scope="module")
def definitions(shared: World) -> dg.Definitions:
    return build_defs(project=read_project(Settings()))


@pytest.fixture
def world(shared: World) -> World:
    shared.say(STREAK, BASKET)
    return shared


class Daemon:
    """Evaluates the sensor tick after tick, six minutes apart, keeping its cursor."""

    def __init__(self, instance: dg.DagsterInstance, definitions: dg.Definitions) -> None:
        self.instance = instance
        self.cursor: str | None = None
        self.reason = ""
        self.now = NOW
        self.project = read_project(Settings())
        self._repository = definitions.get_repository_def()

    def tick(self, minutes: int = 6) -> list[dg.RunRequest]:
        self.now += timedelta(minutes=minutes)
        sensor = build_phases_sensor(self.project, lambda: self.now)
        context = dg.build_sensor_context(
            self.instance,
            cursor=self.cursor,
            repository_def=self._repository,
            resources={"growthbook": GrowthBookResource()},
        )
        result = sensor.evaluate_tick(context)
        self.cursor = result.cursor
        self.reason = result.skip_message or ""
        return list(result.run_requests or [])

    def pull(self, *, stale: bool = False) -> None:
        """What a run of the pull leaves in Dagster."""
        at = datetime.now(UTC) - timedelta(hours=1 if stale else 0)
        made = dg.AssetMaterialization(
            GROWTHBOOK_EXPERIMENTS, metadata={PULLED_AT: dg.MetadataValue.timestamp(at)}
        )
        self.instance.report_runless_asset_event(made)

    def tick_and_pull(self) -> list[dg.RunRequest]:
        """A tick that finds a change, the pull it asks for, and the tick after it."""
        (request,) = self.tick()
        assert list(request.asset_selection or []) == [GROWTHBOOK_EXPERIMENTS]
        self.pull()
        return self.tick()


@pytest.fixture
def daemon(world: World, definitions: dg.Definitions) -> Iterator[Daemon]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Daemon(instance, definitions)


def partitions(requests: list[dg.RunRequest]) -> list[str]:
    tags = (request.tags.get("dagster/partition") for request in requests)
    return [tag for tag in tags if tag]


def days_of(tag: str, first: int, last: int = 1) -> list[str]:
    return [f"{ago(days)}|{tag}" for days in range(first, last - 1, -1)]


def test_the_first_tick_takes_what_is_there_as_known(daemon: Daemon) -> None:
    assert daemon.tick() == []
    assert daemon.reason == "2 experiments are known from now on"
    assert daemon.tick() == []
    assert daemon.reason == "nothing changed in GrowthBook"


def test_a_new_phase_asks_for_its_days_and_no_others_and_never_again(
    world: World, daemon: Daemon
) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    requests = daemon.tick_and_pull()
    assert partitions(requests) == [*days_of("shop", 3), "shop"]
    keys = [request.run_key or "" for request in requests]
    assert keys[0].startswith("phase:exp_basket:1:")
    assert keys[0].endswith(f":shop:{ago(3)}")
    assert keys[-1].endswith(":shop:dashboard")
    assert len(set(keys)) == 4
    assert daemon.tick() == []
    assert daemon.reason == "nothing changed in GrowthBook"


def test_the_runs_are_those_of_the_schedules(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    *days, dashboard = daemon.tick_and_pull()
    module = daemon.project.catalogue.module_of("shop")
    assert all(list(day.asset_selection or []) == partition_assets(module) for day in days)
    assert list(dashboard.asset_selection or []) == list(RESULTS)
    assert {request.tags["ab_assets/tag"] for request in (*days, dashboard)} == {"shop"}


def test_the_queue_takes_older_days_first_and_the_daily_runs_before_them(
    world: World, daemon: Daemon
) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    requests = daemon.tick_and_pull()
    priorities = [int(request.tags["dagster/priority"]) for request in requests]
    assert priorities == sorted(priorities, reverse=True)
    assert priorities[0] < 0
    assert len(set(priorities)) == 4


def test_the_runs_succeed_as_they_are_asked_for(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    (pull,) = daemon.tick()
    assert partitions([pull]) == []
    assert world.make("growthbook/experiments", instance=daemon.instance).succeeded
    *days, dashboard = daemon.tick()
    for request in (days[-1], dashboard):
        assets = [key.to_user_string() for key in request.asset_selection or []]
        tag, day = ("shop", ago(1)) if request is days[-1] else ("shop", None)
        assert world.make(*assets, tag=tag, when=day, instance=daemon.instance).succeeded
    made = world.query(
        "SELECT DISTINCT phase_index FROM ab.experiment_health WHERE experiment_id = 'exp_basket'"
    )
    assert made["phase_index"].to_list() == [1]


def test_until_the_pull_is_done_no_partition_is_asked_for(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    (first,) = daemon.tick()
    assert daemon.tick(1) == []
    assert "4 runs of shop wait until GrowthBook is pulled" in daemon.reason
    (second,) = daemon.tick(12)
    assert first.run_key != second.run_key
    daemon.pull()
    assert len(daemon.tick(1)) == 4


def test_growthbook_down_in_between_loses_nothing(world: World, daemon: Daemon) -> None:
    daemon.tick()
    kept = daemon.cursor
    world.snapshot.write_text("{", encoding="utf-8")
    assert daemon.tick() == []
    assert daemon.reason.startswith("GrowthBook did not answer, nothing counts as changed")
    assert "last answer at" in daemon.reason
    assert daemon.cursor == kept
    world.say(STREAK, BASKET_AGAIN)
    requests = daemon.tick_and_pull()
    assert partitions(requests) == [*days_of("shop", 3), "shop"]


def test_what_waits_is_asked_for_while_growthbook_is_down(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    daemon.tick()
    daemon.pull()
    world.snapshot.unlink()
    assert len(daemon.tick()) == 4


def test_a_pull_that_failed_does_not_count(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    daemon.tick()
    daemon.pull(stale=True)
    assert daemon.tick(1) == []
    assert "wait until GrowthBook is pulled" in daemon.reason


def test_a_pull_that_says_no_time_does_not_count(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    daemon.tick()
    daemon.instance.report_runless_asset_event(dg.AssetMaterialization(GROWTHBOOK_EXPERIMENTS))
    assert daemon.tick(1) == []


def test_down_at_the_first_tick_remembers_nothing(world: World, daemon: Daemon) -> None:
    world.snapshot.unlink()
    assert daemon.tick() == []
    assert daemon.cursor is None


def test_a_refusing_server_says_no_secret(
    world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    with GrowthBookServer(experiments=[STREAK, BASKET]) as server:
        monkeypatch.setenv("GROWTHBOOK_API_URL", server.url)
        monkeypatch.setenv("GROWTHBOOK_API_KEY", KEY)
        daemon.tick()
        assert daemon.reason == "2 experiments are known from now on"
        server.script.append(answers(401, {"message": f"Invalid API key {KEY}"}))
        assert daemon.tick() == []
        assert "GrowthBook did not answer" in daemon.reason
        server.experiments = [STREAK, BASKET_AGAIN]
        (request,) = daemon.tick()
    assert KEY not in f"{daemon.reason}{daemon.cursor}{request}"


def test_more_than_the_budget_goes_on_where_it_stopped(world: World, daemon: Daemon) -> None:
    daemon.tick()
    moved = experiment("streak", "habit", phases=[a_phase(25)])
    world.say(moved, BASKET_AGAIN)
    first = daemon.tick_and_pull()
    assert len(first) == BUDGET
    assert partitions(first) == days_of("habit", 25, 6)
    second = daemon.tick(1)
    both = [[f"{ago(days)}|habit", f"{ago(days)}|shop"] for days in (3, 2, 1)]
    expected = [*days_of("habit", 5, 4), *both[0], *both[1], *both[2], "habit", "shop"]
    assert partitions(second) == expected
    assert daemon.tick(1) == []


def test_a_change_while_runs_wait_asks_for_each_day_once(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(experiment("streak", "habit", phases=[a_phase(25)]), BASKET)
    daemon.tick_and_pull()
    split = a_split(0.9, 0.1)
    world.say(experiment("streak", "habit", phases=[a_phase(25, trafficSplit=split)]), BASKET)
    requests = daemon.tick_and_pull()
    assert partitions(requests) == days_of("habit", 25, 6)
    assert partitions(daemon.tick(1)) == [*days_of("habit", 5), "habit"]


def test_a_change_that_comes_back_is_another_cause(world: World, daemon: Daemon) -> None:
    daemon.tick()
    asked = set()
    changed = experiment("basket", "shop", phases=[a_phase(2, coverage=0.5)])
    plain = experiment("basket", "shop", phases=[a_phase(2)])
    for basket in (plain, changed, plain, changed):
        world.say(STREAK, basket)
        asked |= {request.run_key for request in daemon.tick_and_pull()[-3:]}
    assert len(asked) == 12


def test_a_tick_that_is_repeated_asks_for_the_same_runs(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET_AGAIN)
    before = daemon.cursor
    daemon.tick()
    daemon.cursor = before
    daemon.tick()
    daemon.pull()
    before = daemon.cursor
    first = [request.run_key for request in daemon.tick(1)]
    daemon.cursor = before
    assert [request.run_key for request in daemon.tick(1)] == first


def test_no_day_before_the_first_partition_is_asked_for(
    world: World,
    daemon: Daemon,
    definitions: dg.Definitions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AB_START_DATE", ago(2).isoformat())
    late = Daemon(daemon.instance, definitions)
    late.tick()
    world.say(experiment("streak", "habit", phases=[a_phase(50)]), BASKET)
    assert partitions(late.tick_and_pull()) == [*days_of("habit", 2), "habit"]


def test_a_tag_nobody_claims_is_told_and_not_asked_for(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET, experiment("other", "nobody", phases=[a_phase(4)]))
    assert daemon.tick() == []
    assert "experiment 'other' (exp_other): it is new" in daemon.reason
    assert "no module claims the tag 'nobody'" in daemon.reason


def test_a_phase_of_today_waits_for_the_daily_run(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(
        STREAK, experiment("basket", "shop", phases=[a_phase(9, until=0), a_phase(0, seed="two")])
    )
    assert daemon.tick() == []
    assert f"phase 1 began on {TODAY}" in daemon.reason


def test_an_experiment_that_is_refused_counts_as_unchanged(world: World, daemon: Daemon) -> None:
    daemon.tick()
    world.say(STREAK, BASKET | {"variations": []})
    assert daemon.tick() == []
    world.say(STREAK, BASKET)
    assert daemon.tick() == []
    assert daemon.reason == "nothing changed in GrowthBook"


def test_an_experiment_that_is_gone_leaves_the_newest_day_and_may_come_back(
    world: World, daemon: Daemon
) -> None:
    daemon.tick()
    world.say(STREAK)
    gone = daemon.tick_and_pull()
    assert partitions(gone) == [*days_of("shop", 1), "shop"]
    world.say(STREAK, BASKET)
    back = daemon.tick_and_pull()
    assert partitions(back) == [*days_of("shop", 9), "shop"]
    assert not {request.run_key for request in gone} & {request.run_key for request in back}


def test_growthbook_is_asked_every_five_minutes_and_at_once_on_a_hint(
    world: World, daemon: Daemon
) -> None:
    daemon.tick(0)
    world.say(STREAK, BASKET_AGAIN)
    assert daemon.tick(1) == []
    hint = hint_file(daemon.project.settings)
    hint.parent.mkdir(parents=True, exist_ok=True)
    hint.touch()
    later = (NOW + timedelta(minutes=2)).timestamp()
    os.utime(hint, (later, later))
    assert len(daemon.tick(1)) == 1


def test_a_cursor_of_somebody_else_begins_anew(world: World, daemon: Daemon) -> None:
    for text in ("{", "[]", json.dumps({"known": "x"}), "null"):
        daemon.cursor = text
        assert daemon.tick() == []
        assert "the cursor cannot be read" in daemon.reason
        assert "2 experiments are known from now on" in daemon.reason


def test_five_hundred_experiments_fit_into_the_cursor(world: World, daemon: Daemon) -> None:
    phases = [a_phase(9, until=3), a_phase(3, seed="two")]
    world.say(*[experiment(f"key-{number}", "habit", phases=phases) for number in range(500)])
    daemon.tick()
    assert len(daemon.cursor or "") < 40_000


def test_without_a_clock_of_its_own_it_uses_the_time_of_day(
    world: World, daemon: Daemon, definitions: dg.Definitions
) -> None:
    repository = definitions.get_repository_def()
    resources = {"growthbook": GrowthBookResource()}
    context = dg.build_sensor_context(
        daemon.instance, repository_def=repository, resources=resources
    )
    result = repository.get_sensor_def("phases_sensor").evaluate_tick(context)
    known = read_phase_cursor(result.cursor)
    assert known is not None
    assert known.answered_at > NOW


def test_a_person_switches_it_on(definitions: dg.Definitions) -> None:
    sensor = definitions.get_repository_def().get_sensor_def("phases_sensor")
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert sensor.minimum_interval_seconds == 60
