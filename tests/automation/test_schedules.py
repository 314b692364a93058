"""The daily schedules ask for the right partitions in the right order."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import dagster as dg
import pytest

from ab_assets.assets.describing import EXPERIMENT_DATA, RESULTS, plan_key
from ab_assets.automation.runs import lookback_days, partition_assets
from ab_assets.automation.schedules import build_schedules
from ab_assets.definitions import build_defs
from ab_assets.errors import ConfigurationError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.project import Project, read_project
from ab_assets.running import materialise
from ab_assets.settings import Settings
from tests.small_world import World, day
from tests.small_world_copies import loaded_world

# Dagster warns of keys of its own, dagster/partition/<dimension>: they have two slashes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Non-compliant tag keys"),
    pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run"),
]
MORNING = datetime(2025, 3, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        yield loaded_world(tmp_path_factory.mktemp("world"), patch)


@pytest.fixture(scope="module")
def project(world: World) -> Project:
    return read_project(Settings())


@pytest.fixture(scope="module")
def definitions(project: Project) -> dg.Definitions:
    return build_defs(project=project)


def _requests(
    definitions: dg.Definitions, name: str, at: datetime = MORNING
) -> list[dg.RunRequest]:
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def(name)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance, scheduled_execution_time=at, repository_def=repository
        )
        return list(schedule.evaluate_tick(context).run_requests or [])


def _partitions(requests: list[dg.RunRequest]) -> list[str]:
    return [request.tags["dagster/partition"] for request in requests]


def test_each_tag_gets_its_days_in_order_and_then_its_dashboard(
    definitions: dg.Definitions,
) -> None:
    assert _partitions(_requests(definitions, "habits_daily")) == [
        "2025-03-05|habit",
        "2025-03-06|habit",
        "2025-03-07|habit",
        "habit",
        "2025-03-05|quiet",
        "2025-03-06|quiet",
        "2025-03-07|quiet",
        "quiet",
    ]


def test_the_queue_takes_the_oldest_day_first_and_the_dashboard_last(
    definitions: dg.Definitions,
) -> None:
    requests = _requests(definitions, "shop_daily")
    assert [int(request.tags["dagster/priority"]) for request in requests] == [3, 2, 1, 0]


def test_runs_of_one_tag_wait_for_each_other(definitions: dg.Definitions) -> None:
    tags = [request.tags["ab_assets/tag"] for request in _requests(definitions, "habits_daily")]
    assert tags == ["habit"] * 4 + ["quiet"] * 4


def test_the_same_tick_asks_for_the_same_runs_and_the_next_for_others(
    definitions: dg.Definitions,
) -> None:
    keys = [request.run_key for request in _requests(definitions, "shop_daily")]
    again = [request.run_key for request in _requests(definitions, "shop_daily")]
    next_day = datetime(2025, 3, 9, 1, tzinfo=UTC)
    later = [request.run_key for request in _requests(definitions, "shop_daily", next_day)]
    assert keys == again
    assert len(set(keys)) == 4
    assert not set(keys) & set(later)


def test_a_day_is_made_in_dependency_order(definitions: dg.Definitions, project: Project) -> None:
    requests = _requests(definitions, "shop_daily")
    module = project.catalogue.module_of("shop")
    assert list(requests[0].asset_selection or []) == partition_assets(module)
    assert list(requests[-1].asset_selection or []) == [*RESULTS, plan_key("shop")]
    assert partition_assets(module)[0] == EXPERIMENT_DATA


def test_the_runs_of_a_tag_succeed_as_they_are_asked_for(
    world: World, definitions: dg.Definitions
) -> None:
    requests = [
        request
        for request in _requests(definitions, "habits_daily")
        if request.tags["ab_assets/tag"] == "quiet"
    ]
    with dg.DagsterInstance.ephemeral() as instance:
        for request in (requests[0], requests[-1]):
            assets = request.asset_selection or []
            assert materialise(definitions, instance, assets, request.tags).succeeded
    shown = world.query(
        "SELECT event_date FROM ab.partition_provenance WHERE tag = 'quiet' ORDER BY event_date"
    )
    assert set(shown["event_date"].to_list()) == {day(3), None}


def test_before_the_second_day_there_is_only_the_first(definitions: dg.Definitions) -> None:
    at = datetime(2025, 3, 4, 1, tzinfo=UTC)
    assert _partitions(_requests(definitions, "shop_daily", at)) == ["2025-03-03|shop", "shop"]


def test_yesterday_is_that_of_the_business_s_time_zone(project: Project) -> None:
    settings = Settings(timezone="Asia/Shanghai")
    definitions = build_defs(project=Project(settings, project.catalogue, project.library))
    at = datetime(2025, 3, 7, 17, tzinfo=UTC)  # one o'clock of the 8th in Shanghai
    assert "2025-03-07|shop" in _partitions(_requests(definitions, "shop_daily", at))


def test_growthbook_comes_half_an_hour_before_the_modules(definitions: dg.Definitions) -> None:
    crons = {
        schedule.name: schedule.cron_schedule
        for schedule in definitions.get_repository_def().schedule_defs
    }
    assert crons == {
        "growthbook_daily": "30 0 * * *",
        "sources_daily": "45 0 * * *",
        "habits_daily": "0 1 * * *",
        "shop_daily": "0 1 * * *",
        "reconciliation_weekly": "0 4 * * 0",
        "automation_health_hourly": "20 * * * *",
    }


def test_days_of_the_look_back_are_in_order_and_end_with_the_newest() -> None:
    settings = Settings(start_date=date(2025, 3, 3), lookback_days=4)
    assert lookback_days(settings, day(8)) == [day(5), day(6), day(7), day(8)]
    assert lookback_days(settings, day(2)) == [day(1), day(2)]


def test_more_days_may_be_asked_for_than_there_are() -> None:
    settings = Settings(start_date=date(2025, 3, 3))
    assert lookback_days(settings, day(2), 10**12) == [day(1), day(2)]


@pytest.mark.parametrize("name", ["growthbook", "sources"])
def test_a_module_with_the_name_of_a_shared_schedule_is_refused(
    project: Project, name: str
) -> None:
    renamed = project.catalogue.module_of("shop").model_copy(update={"module": name})
    catalogue = ModuleCatalogue.of([(project.settings.modules_dir, renamed)])
    with pytest.raises(ConfigurationError, match=f"the schedule {name}_daily"):
        build_schedules(Project(project.settings, catalogue, project.library))
