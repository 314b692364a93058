"""The jobs that make several partitions one after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import pytest

from ab_assets.automation.broad_jobs import DaysConfig, made_days, tags_of
from ab_assets.definitions import build_defs
from ab_assets.errors import ConfigurationError
from ab_assets.project import Project, read_project
from ab_assets.settings import Settings
from ab_assets.warehouse.schema import REPORT_TABLE, fixed_table
from tests.small_world import World, day
from tests.small_world_copies import loaded_world

pytestmark = [
    pytest.mark.filterwarnings("ignore:Non-compliant tag keys"),
    pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        yield loaded_world(tmp_path_factory.mktemp("world"), patch)


@pytest.fixture(scope="module")
def project(world: World) -> Project:
    assert world.modules.exists()
    return read_project(Settings())


@pytest.fixture(scope="module")
def definitions(project: Project) -> dg.Definitions:
    return build_defs(project=project)


def start(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    config: Mapping[str, object],
) -> dg.ExecuteInProcessResult:
    return definitions.resolve_job_def(job).execute_in_process(
        instance=instance,
        run_config={"ops": {f"make_{job}": {"config": dict(config)}}},
        raise_on_error=False,
    )


def runs_of(instance: dg.DagsterInstance, started_by: dg.ExecuteInProcessResult) -> list[str]:
    """The partitions of the runs a job started, in order."""
    job = started_by.dagster_run
    mark = f"{job.job_name} {job.run_id[:8]}"
    runs = instance.get_runs(dg.RunsFilter(tags={"ab_assets/started_by": mark}))
    assert all(run.asset_selection for run in runs)
    return [run.tags["dagster/partition"] for run in reversed(runs)]


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return data.description or ""


def test_everything_is_every_tag_and_one_that_fails_stops_no_other(
    world: World, definitions: dg.Definitions
) -> None:
    world.spoil_wide_table("quiet")
    with dg.DagsterInstance.ephemeral() as instance:
        result = start(definitions, instance, "everything", {"last_day": str(day(1))})
        assert not result.success
        made = runs_of(instance, result)
        told = failure_of(result)
    assert made == [f"{day(1)}|habit", "habit", f"{day(1)}|quiet", f"{day(1)}|shop", "shop"]
    assert told.startswith(f"quiet {day(1)}: ")
    assert "shop" not in told


def test_one_tag_is_made_day_after_day_and_then_on_the_dashboard(
    definitions: dg.Definitions,
) -> None:
    config = {"tag": "shop", "last_day": str(day(2)), "days": 2}
    with dg.DagsterInstance.ephemeral() as instance:
        result = start(definitions, instance, "one_tag", config)
        assert result.success
        assert runs_of(instance, result) == [f"{day(1)}|shop", f"{day(2)}|shop", "shop"]


def test_a_dashboard_that_fails_is_told_with_its_run(
    world: World, definitions: dg.Definitions
) -> None:
    dashboard = fixed_table(REPORT_TABLE)
    world.execute(f"DROP TABLE {REPORT_TABLE}")
    columns = tuple(replace(item, type="VARCHAR") for item in dashboard.columns)
    world.warehouse.ensure(replace(dashboard, columns=columns))
    config = {"tag": "shop", "last_day": str(day(1))}
    with dg.DagsterInstance.ephemeral() as instance:
        result = start(definitions, instance, "one_tag", config)
        assert runs_of(instance, result) == [f"{day(1)}|shop", "shop"]
    assert failure_of(result).startswith("shop dashboard: ")


@pytest.mark.parametrize(
    ("job", "config", "told"),
    [
        ("one_tag", {"tag": "shopp"}, "did you mean 'shop'"),
        ("one_module", {"module": "x"}, "there is no module 'x'; there are habits, shop"),
        ("everything", {"last_day": "soon"}, "last_day 'soon' is no date"),
        ("everything", {"last_day": "2025-03-02"}, "2025-03-02 has no partition"),
        ("everything", {"last_day": "2999-01-01"}, "2999-01-01 has no partition"),
        ("everything", {"days": 0}, "at least one day"),
    ],
)
def test_a_wrong_configuration_is_told_in_a_sentence_and_makes_nothing(
    definitions: dg.Definitions, job: str, config: dict[str, object], told: str
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = start(definitions, instance, job, config)
        assert not result.success
        assert told in failure_of(result)
        assert runs_of(instance, result) == []


def test_by_default_the_day_is_yesterday(project: Project) -> None:
    before = project.settings.yesterday()
    assert made_days(project, DaysConfig()) in ([before], [project.settings.yesterday()])
    assert datetime.now(UTC).date() > before


def test_a_module_that_does_not_exist_is_refused(project: Project) -> None:
    assert tags_of(project, "habits") == ("habit", "quiet")
    with pytest.raises(ConfigurationError, match="no module 'nope'"):
        tags_of(project, "nope")
