"""What is switched on and fell silent is a problem; what is off, or on time, is none."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.test_utils import instance_for_test
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster_shared.error import SerializableErrorInfo

from ab_assets.assets.describing import GROWTHBOOK_EXPERIMENTS
from ab_assets.assets.growthbook import PULLED_AT
from ab_assets.automation.health import automation_names, automation_problems
from ab_assets.automation.phase_cursor import PhaseCursor
from ab_assets.definitions import build_defs
from ab_assets.project import Project, read_project
from ab_assets.reporting.staleness import expected_day
from ab_assets.settings import Settings
from tests.small_world import World, day
from tests.small_world_copies import made_world

pytestmark = [
    pytest.mark.filterwarnings("ignore:Non-compliant tag keys"),
    pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run"),
]
# shop is made until day 4, habit until day 2, quiet on day 1.
NOW = datetime(2025, 3, 7, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        yield made_world(tmp_path_factory.mktemp("world"), patch)


@pytest.fixture(scope="module")
def project(world: World) -> Project:
    return read_project(Settings())


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with instance_for_test(temp_dir=str(tmp_path_factory.mktemp("dagster"))) as made:
        yield made


def _origin(name: str, location: str = "ab_assets") -> RemoteInstigatorOrigin:
    target = LoadableTargetOrigin(module_name="ab_assets.definitions")
    code = InProcessCodeLocationOrigin(target, location_name=location)
    return RemoteInstigatorOrigin(RemoteRepositoryOrigin(code, "__repository__"), name)


def switch_on(
    instance: dg.DagsterInstance,
    name: str,
    ticked: datetime | None = None,
    *,
    status: InstigatorStatus = InstigatorStatus.RUNNING,
    tick_status: TickStatus = TickStatus.SKIPPED,
    cursor: str | None = None,
    started: datetime | None = None,
    location: str = "ab_assets",
) -> None:
    """What the daemon leaves in Dagster's storage."""
    kind = InstigatorType.SENSOR if name.endswith("sensor") else InstigatorType.SCHEDULE
    began = started.timestamp() if started else None
    data = (
        SensorInstigatorData(min_interval=60, cursor=cursor, last_sensor_start_timestamp=began)
        if kind is InstigatorType.SENSOR
        else ScheduleInstigatorData(
            "0 4 * * 0" if name.endswith("weekly") else "0 1 * * *", start_timestamp=began
        )
    )
    state = InstigatorState(_origin(name, location), kind, status, data)
    instance.add_instigator_state(state)
    if ticked is not None:
        tick = TickData(
            instigator_origin_id=state.instigator_origin_id,
            instigator_name=name,
            instigator_type=kind,
            status=tick_status,
            timestamp=ticked.timestamp(),
            selector_id=state.selector_id,
            run_ids=[],
            error=SerializableErrorInfo("it failed", [], None)
            if tick_status is TickStatus.FAILURE
            else None,
        )
        instance.create_tick(tick)


def problems(
    world: World, project: Project, instance: dg.DagsterInstance, now: datetime = NOW
) -> list[str]:
    return automation_problems(project, instance, world.warehouse, now)


def test_every_sensor_and_schedule_is_looked_at(project: Project) -> None:
    repository = build_defs(project=project).get_repository_def()
    there = [*repository.schedule_defs, *repository.sensor_defs]
    assert sorted(automation_names(project)) == sorted(item.name for item in there)


def test_where_nothing_is_switched_on_nothing_is_late(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    assert problems(world, project, instance) == []
    with dg.DagsterInstance.ephemeral() as without_storage:
        assert problems(world, project, without_storage) == []


def test_what_ticks_is_in_order(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    switch_on(instance, "alerts_sensor", NOW - timedelta(minutes=5))
    switch_on(instance, "growthbook_daily", NOW - timedelta(hours=20))
    switch_on(instance, "reconciliation_weekly", NOW - timedelta(days=6))
    assert problems(world, project, instance) == []


@pytest.mark.parametrize(
    ("name", "silent"),
    [
        ("alerts_sensor", timedelta(minutes=11)),
        ("growthbook_daily", timedelta(hours=27)),
        ("reconciliation_weekly", timedelta(days=8)),
    ],
)
def test_what_fell_silent_is_told(
    world: World, project: Project, instance: dg.DagsterInstance, name: str, silent: timedelta
) -> None:
    switch_on(instance, name, NOW - silent)
    (told,) = problems(world, project, instance)
    assert f"{name} has completed no tick since {NOW - silent:%Y-%m-%d %H:%M} UTC" in told


def test_ticks_that_fail_are_no_sign_of_life(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    switch_on(instance, "alerts_sensor", NOW, tick_status=TickStatus.FAILURE)
    switch_on(instance, "phases_sensor", NOW - timedelta(hours=1), tick_status=TickStatus.SUCCESS)
    assert len(problems(world, project, instance)) == 1


def test_what_was_just_switched_on_has_time(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    state = InstigatorState(
        _origin("alerts_sensor"), InstigatorType.SENSOR, InstigatorStatus.DECLARED_IN_CODE
    )
    instance.add_instigator_state(state)
    switch_on(instance, "phases_sensor", NOW - timedelta(days=9), started=NOW)
    switch_on(instance, "growthbook_daily", started=NOW - timedelta(hours=1))
    assert problems(world, project, instance) == []


def test_what_is_switched_off_or_of_a_removed_module_is_no_problem(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    long_ago = NOW - timedelta(days=9)
    switch_on(instance, "alerts_sensor", long_ago, status=InstigatorStatus.STOPPED)
    switch_on(instance, "forgotten_daily", long_ago)
    assert problems(world, project, instance) == []


def test_of_two_code_locations_the_livelier_counts(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    for location, minutes in (("one", 500), ("ab_assets", 1), ("other", 700)):
        ticked = NOW - timedelta(minutes=minutes)
        switch_on(instance, "alerts_sensor", ticked, location=location)
    assert problems(world, project, instance) == []


def test_growthbook_that_does_not_answer_the_sensor_is_told_after_three_hours(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    answered = NOW - timedelta(hours=4)
    cursor = PhaseCursor(began=answered, answered_at=answered, known={}).to_text()
    switch_on(instance, "phases_sensor", NOW, cursor=cursor)
    assert problems(world, project, instance, NOW - timedelta(hours=2)) == []
    switch_on_again = problems(world, project, instance)
    assert switch_on_again == [
        "GrowthBook has not answered since 2025-03-07 08:00 UTC; its last snapshot stands"
    ]


def test_without_the_sensor_a_pull_a_day_is_enough(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    made = dg.AssetMaterialization(
        GROWTHBOOK_EXPERIMENTS, metadata={PULLED_AT: dg.MetadataValue.timestamp(NOW)}
    )
    instance.report_runless_asset_event(made)
    switch_on(instance, "phases_sensor", NOW, cursor="nonsense", status=InstigatorStatus.STOPPED)
    assert problems(world, project, instance, NOW + timedelta(hours=25)) == []
    (told,) = problems(world, project, instance, NOW + timedelta(hours=27))
    assert "GrowthBook has not answered" in told


def test_a_pull_that_says_no_time_and_a_cursor_of_somebody_else_say_nothing(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(GROWTHBOOK_EXPERIMENTS))
    switch_on(instance, "phases_sensor", NOW, cursor="nonsense")
    assert problems(world, project, instance) == []


def test_a_scheduled_tag_that_is_behind_is_told(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    switch_on(instance, "shop_daily", NOW)
    assert problems(world, project, instance) == []
    switch_on(instance, "habits_daily", NOW)
    assert problems(world, project, instance) == [
        "the newest report of tag 'habit' is of 2025-03-04, 2 days late",
        "the newest report of tag 'quiet' is of 2025-03-03, 3 days late",
    ]


def test_yesterday_s_report_is_expected_at_nine() -> None:
    assert expected_day(datetime(2025, 3, 7, 8, 59, tzinfo=UTC)) == date(2025, 3, 5)
    assert expected_day(datetime(2025, 3, 7, 9, tzinfo=UTC)) == day(4)


def test_its_own_job_fails_where_a_pull_does_not(
    world: World, project: Project, instance: dg.DagsterInstance
) -> None:
    switch_on(instance, "alerts_sensor", datetime.now(UTC) - timedelta(hours=1))
    definitions = build_defs(project=project)
    outcomes = {}
    for job in ("automation_health", "growthbook"):
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance, raise_on_error=False
        )
        checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
        assert not checks["automation_health"].passed
        assert "alerts_sensor" in (checks["automation_health"].description or "")
        outcomes[job] = result.success
    assert outcomes == {"automation_health": False, "growthbook": True}
