"""What is read of runs that have ended, as Dagster really keeps them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterInstance, DagsterRunStatus
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from ab_assets.alerts.failed_runs import FailedRuns, FinishedRun
from ab_assets.automation.finished_runs import finished_runs
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.loader import load_modules
from ab_assets.running import materialise
from tests.small_world import SHOP

pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys")
PARTITION = {"dagster/partition": "2025-03-09|shop"}
HEALTH, REPORT = dg.AssetKey(["shop", "health"]), dg.AssetKey(["shop", "report_user"])
NOTHING_READ = FailedRuns(datetime.now(UTC) - timedelta(days=1))


@dg.asset(key=["shop", "fine"])
def fine() -> None:
    """Never fails."""


@dg.asset(key=["shop", "broken"])
def broken() -> None:
    message = "no disk"
    raise OSError(message)


def checked(key: dg.AssetKey, *, passed: bool) -> dg.AssetsDefinition:
    @dg.asset(key=key, check_specs=[dg.AssetCheckSpec("right", asset=key, blocking=True)])
    def made() -> dg.MaterializeResult:  # type: ignore[type-arg]
        result = dg.AssetCheckResult(check_name="right", passed=passed, description="units lost")
        return dg.MaterializeResult(check_results=[result])

    return made


@dg.asset(key=["shop", "after"], deps=[dg.AssetKey(["shop", "broken"])])
def after() -> None:
    """Skipped when the other fails."""


@pytest.fixture
def catalogue(tmp_path: Path) -> ModuleCatalogue:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "module.yaml").write_text(SHOP, encoding="utf-8")
    return load_modules(tmp_path)


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def read(instance: DagsterInstance, catalogue: ModuleCatalogue) -> "Reader":
    return Reader(instance, catalogue)


class Reader:
    """Runs assets and reads what came of them."""

    def __init__(self, instance: DagsterInstance, catalogue: ModuleCatalogue) -> None:
        self.instance, self.catalogue = instance, catalogue

    def after(
        self, *assets: dg.AssetsDefinition, tags: dict[str, str] | None = None
    ) -> list[FinishedRun]:
        keys = [key for made in assets for key in made.keys]
        materialise(
            dg.Definitions(assets), self.instance, keys, PARTITION if tags is None else tags
        )
        return self.all()

    def all(
        self, location: str | None = None, state: FailedRuns = NOTHING_READ
    ) -> list[FinishedRun]:
        return list(finished_runs(self.instance, state, self.catalogue, location))


def test_a_run_that_succeeded_says_what_it_made_where_something_failed(read: Reader) -> None:
    (failed,) = read.after(broken)
    made = next(run for run in read.after(fine) if not run.sentence)
    assert made.assets == ("shop/fine",)
    later = FailedRuns(NOTHING_READ.seen_until, (failed,), ((failed.run_id, failed.ended_at),))
    assert read.all(state=later) == [made]


def test_of_a_run_that_ends_no_failure_only_the_end_is_read(read: Reader) -> None:
    (run,) = read.after(fine)
    assert (run.assets, run.sentence, run.partition) == ((), "", "2025-03-09|shop")
    assert (run.tag, run.module, run.event_date) == ("shop", "shop", date(2025, 3, 9))
    assert datetime.now(UTC) - run.ended_at < timedelta(minutes=5)


def test_a_run_that_failed_says_why_and_what_is_unmade(read: Reader) -> None:
    (run,) = read.after(fine, broken, after)
    assert run.assets == ("shop/after", "shop/broken")
    assert "no disk" in run.sentence


def test_a_failed_check_of_health_is_told_by_its_row(read: Reader) -> None:
    assert read.after(checked(HEALTH, passed=False)) == []


def test_a_failed_check_elsewhere_is_a_failed_run_in_its_words(read: Reader) -> None:
    (run,) = read.after(checked(REPORT, passed=False))
    assert (run.sentence, run.assets) == ("units lost", ("shop/report_user",))


def test_a_failed_check_of_health_beside_another_fault_is_a_failed_run(read: Reader) -> None:
    (run,) = read.after(checked(HEALTH, passed=False), broken)
    assert "shop/broken" in run.assets


def test_a_run_that_is_tried_again_is_no_failure_yet(read: Reader) -> None:
    assert read.after(broken, tags={"dagster/will_retry": "true"}) == []


@pytest.mark.parametrize(
    ("tags", "tag", "day"),
    [
        ({}, "", None),
        ({"dagster/partition": "shop"}, "shop", None),
        ({"dagster/partition": "other"}, "", None),
        ({"dagster/partition": "x|y"}, "y", None),
        ({"ab_assets/tag": "shop"}, "shop", None),
    ],
)
def test_tag_and_day_are_read_as_far_as_they_are_there(
    read: Reader, tags: dict[str, str], tag: str, day: date | None
) -> None:
    (run,) = read.after(fine, tags=tags)
    assert (run.tag, run.event_date, run.module) == (tag, day, "shop" if tag == "shop" else "")


def test_a_run_that_ended_before_any_step_leaves_all_unmade(read: Reader) -> None:
    run = read.instance.create_run_for_job(
        dg.Definitions([fine]).resolve_implicit_global_asset_job_def(),
        asset_selection=frozenset(fine.keys),
        tags=PARTITION,
    )
    read.instance.report_run_failed(run, "its process is gone")
    (ended,) = read.all()
    assert (ended.assets, ended.job) == (("shop/fine",), "__ASSET_JOB")
    assert ended.sentence == "its process is gone"


def test_a_run_that_was_cancelled_is_nobodys_fault(read: Reader) -> None:
    run = read.instance.create_run_for_job(
        dg.Definitions([fine]).resolve_implicit_global_asset_job_def()
    )
    read.instance.report_run_canceled(run)
    assert read.all() == []


def test_more_runs_than_a_page_are_all_read(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ab_assets.automation.finished_runs._PAGE", 2)
    job = dg.Definitions([fine]).resolve_implicit_global_asset_job_def()
    for _ in range(5):
        read.instance.create_run_for_job(job, status=DagsterRunStatus.FAILURE)
    assert len({run.run_id for run in read.all()}) == 5


def test_runs_of_other_code_locations_are_left_out(read: Reader) -> None:
    job = dg.Definitions([fine]).resolve_implicit_global_asset_job_def()
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("ours"), "r")
    read.instance.create_run_for_job(
        job,
        status=DagsterRunStatus.FAILURE,
        remote_job_origin=RemoteJobOrigin(repository, "j"),
    )
    assert (len(read.all("ours")), len(read.all("theirs")), len(read.all())) == (1, 0, 1)
