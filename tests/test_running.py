import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ab_assets.errors import RunStorageError, WarehouseError
from ab_assets.interrupts import interrupts_after
from ab_assets.running import RunOutcome, materialise, open_instance
from ab_assets.settings import PROJECT_ROOT, Settings
from tests.small_world import clear_environment


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch)
    monkeypatch.setenv("DAGSTER_HOME", "")  # opening an instance sets it


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def _run(instance: dg.DagsterInstance, asset: dg.AssetsDefinition) -> RunOutcome:
    definitions = dg.Definitions(assets=[asset])
    return materialise(definitions, instance, [asset.key])


def test_a_run_that_made_everything_succeeded(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def fine() -> None:
        """Nothing to do."""

    outcome = _run(instance, fine)
    assert outcome.succeeded
    assert outcome.checks == ()


def test_a_failure_is_told_in_our_own_words(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def broken() -> None:
        message = "the warehouse: it is full; delete something"
        raise WarehouseError(message) from ValueError("the driver's words")

    assert _run(instance, broken).failure == "the warehouse: it is full; delete something"


def test_a_failure_of_another_s_is_told_by_its_deepest_cause(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def broken() -> None:
        message = "a bug"
        raise ZeroDivisionError(message)

    assert _run(instance, broken).failure == "ZeroDivisionError: a bug"


def test_an_announced_failure_is_told_by_its_description(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def broken() -> None:
        raise dg.Failure(description="make the other one first")

    assert _run(instance, broken).failure == "make the other one first"


def test_a_run_that_fails_before_its_first_step_is_told_too(instance: dg.DagsterInstance) -> None:
    @dg.resource
    def broken(_: dg.InitResourceContext) -> None:
        message = "no such place"
        raise WarehouseError(message)

    @dg.asset(required_resource_keys={"place"})
    def unlucky() -> None:
        """Never begins."""

    definitions = dg.Definitions(assets=[unlucky], resources={"place": broken})
    assert materialise(definitions, instance, [unlucky.key]).failure == "no such place"


def _checked(severity: dg.AssetCheckSeverity, *, blocking: bool) -> dg.AssetsDefinition:
    @dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="checked", blocking=blocking)])
    def checked() -> dg.MaterializeResult:
        result = dg.AssetCheckResult(passed=False, severity=severity, description="a row is gone")
        return dg.MaterializeResult(check_results=[result])

    return checked


def test_a_failed_check_leaves_the_run_a_success(instance: dg.DagsterInstance) -> None:
    outcome = _run(instance, _checked(dg.AssetCheckSeverity.ERROR, blocking=False))
    assert outcome.succeeded
    assert outcome.failed_checks == ("checked · whole: a row is gone",)
    assert outcome.warnings == ()


def test_a_warning_is_no_failed_check(instance: dg.DagsterInstance) -> None:
    outcome = _run(instance, _checked(dg.AssetCheckSeverity.WARN, blocking=False))
    assert outcome.failed_checks == ()
    assert [str(check) for check in outcome.warnings] == ["checked · whole: a row is gone"]


def test_a_blocking_check_fails_the_run_with_its_own_words(instance: dg.DagsterInstance) -> None:
    outcome = _run(instance, _checked(dg.AssetCheckSeverity.ERROR, blocking=True))
    assert outcome.failure == "a row is gone"


def test_an_instance_s_home_is_made_with_the_project_s_configuration(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    with open_instance(Settings(DAGSTER_HOME=home)) as opened:
        assert opened.is_persistent
    assert (home / "dagster.yaml").read_bytes() == (PROJECT_ROOT / "dagster.yaml").read_bytes()


def test_an_instance_s_own_configuration_is_kept(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    with open_instance(Settings(DAGSTER_HOME=tmp_path)):
        pass
    assert (tmp_path / "dagster.yaml").read_text(encoding="utf-8").startswith("telemetry")


def _dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def _left_behind(home: Path, mark: str, status: dg.DagsterRunStatus) -> dg.DagsterRunStatus:
    """The status of an unfinished run after the next command has opened the instance."""

    @dg.job
    def nothing() -> None:
        """No op."""

    settings = Settings(DAGSTER_HOME=home)
    with open_instance(settings) as opened:
        run = opened.create_run_for_job(
            nothing, tags={".dagster/ab_assets_process": mark}, status=status
        )
    with open_instance(settings) as opened:
        found = opened.get_run_by_id(run.run_id)
        assert found is not None
        return found.status


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
def test_a_run_whose_process_is_gone_is_marked_as_failed(
    tmp_path: Path, status: dg.DagsterRunStatus
) -> None:
    mark = f"{socket.gethostname()}:{_dead_process()}:1"
    assert _left_behind(tmp_path, mark, status) is dg.DagsterRunStatus.FAILURE


def test_a_process_number_used_again_is_not_taken_for_the_run_s(tmp_path: Path) -> None:
    mark = f"{socket.gethostname()}:{os.getpid()}:1"
    status = _left_behind(tmp_path, mark, dg.DagsterRunStatus.STARTED)
    assert status is dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize("mark", ["another-machine:1:1", "", "no-pid"])
def test_runs_of_other_machines_and_of_the_daemon_are_left_alone(tmp_path: Path, mark: str) -> None:
    status = _left_behind(tmp_path, mark, dg.DagsterRunStatus.STARTED)
    assert status is dg.DagsterRunStatus.STARTED


def test_a_run_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    @dg.asset
    def looking(context: dg.AssetExecutionContext) -> None:
        with open_instance(Settings(DAGSTER_HOME=tmp_path)) as other:
            run = other.get_run_by_id(context.run.run_id)
            assert run is not None
            assert run.status is dg.DagsterRunStatus.STARTED

    with open_instance(Settings(DAGSTER_HOME=tmp_path)) as opened:
        assert _run(opened, looking).succeeded


def test_an_interrupt_that_dagster_only_notes_ends_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), interrupts_after():
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_in_the_middle_of_an_asset_ends_the_run(instance: dg.DagsterInstance) -> None:
    finished = []

    @dg.asset
    def interrupted() -> None:
        signal.raise_signal(signal.SIGINT)
        finished.append("never")

    with pytest.raises(KeyboardInterrupt):
        _run(instance, interrupted)
    assert finished == []
    (run,) = instance.get_runs()
    assert run.status is dg.DagsterRunStatus.FAILURE


def test_without_an_interrupt_the_block_ends_quietly_and_the_handlers_are_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_after():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.set_wakeup_fd(-1) == -1


def test_in_another_thread_signals_are_left_to_the_main_one() -> None:
    done = []

    def work() -> None:
        with interrupts_after():
            done.append("work")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["work"]


def test_runs_that_cannot_be_kept_are_told_with_the_place_and_the_remedy(tmp_path: Path) -> None:
    settings = Settings(DAGSTER_HOME=tmp_path / "home")
    open_instance(settings).dispose()
    (tmp_path / "home" / "history" / "runs.db").write_bytes(b"no database" * 1_000)
    with pytest.raises(
        RunStorageError, match=r"runs in .*home: .*not a database.*move that folder"
    ):
        open_instance(settings)


def test_a_full_disk_in_the_middle_of_a_run_is_told_with_the_place_and_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    @dg.asset
    def unlucky() -> None:
        """From now on no file of this process can grow."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))

    with open_instance(Settings(DAGSTER_HOME=tmp_path / "home")) as instance:
        try:
            with pytest.raises(RunStorageError, match="make room there"):
                _run(instance, unlucky)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
