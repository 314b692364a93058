"""deploy/dagster.yaml and deploy/workspace.yaml, read as Dagster reads them."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from dagster import DefaultRunLauncher
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.workspace.load import location_origins_from_yaml_paths
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config
from sqlalchemy.engine import make_url

from ab_assets.settings import PROJECT_ROOT
from tests.deploy.files import DEPLOY, SERVICES, environment_of, example

PROCESSES = ("code-server", "webserver", "daemon")
TEXT = (DEPLOY / "dagster.yaml").read_text("utf-8")
INSTANCE: dict[str, Any] = yaml.safe_load(TEXT)
ONE_MACHINE: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text("utf-8"))
WORKSPACE = yaml.safe_load((DEPLOY / "workspace.yaml").read_text("utf-8"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The daemon's environment, its secrets filled in."""
    given = {name: value or "a1b2c3" for name, value in example().items()}
    stated = environment_of("daemon", given)
    for name, value in stated.items():
        monkeypatch.setenv(name, value)
    return stated


def named_variables(config: object) -> Iterator[str]:
    if isinstance(config, dict):
        for key, value in config.items():
            if key == "env":
                yield str(value)
            else:
                yield from named_variables(value)
    elif isinstance(config, list):
        for item in config:
            yield from named_variables(item)


@pytest.mark.usefixtures("environment")
def test_dagster_accepts_the_instance() -> None:
    ref = InstanceRef.from_dir(str(DEPLOY))
    assert isinstance(ref.run_coordinator, QueuedRunCoordinator)
    assert isinstance(ref.run_launcher, DefaultRunLauncher)
    assert ref.settings["concurrency"] == INSTANCE["concurrency"]
    assert ref.settings["run_monitoring"] == INSTANCE["run_monitoring"]


def test_the_storage_is_the_postgres_of_the_environment(environment: dict[str, str]) -> None:
    data = InstanceRef.from_dir(str(DEPLOY)).storage_data
    assert data is not None
    assert (data.module_name, data.class_name) == (
        "dagster_postgres",
        "DagsterPostgresStorage",
    )
    result = process_config(
        resolve_to_config_type(DagsterPostgresStorage.config_type()), data.config_dict
    )
    assert result.success, result.errors
    url = make_url(pg_url_from_config(result.value))  # type: ignore[arg-type]
    assert (url.host, url.port, url.database, url.username, url.password) == (
        environment["DAGSTER_POSTGRES_HOST"],
        int(environment["DAGSTER_POSTGRES_PORT"]),
        environment["DAGSTER_POSTGRES_DB"],
        environment["DAGSTER_POSTGRES_USER"],
        environment["DAGSTER_POSTGRES_PASSWORD"],
    )
    # The driver SQLAlchemy would choose by itself is not the one that is installed.
    assert url.get_dialect().import_dbapi().__name__ == "psycopg2"


@pytest.mark.parametrize(
    "section", ["concurrency", "run_coordinator", "retention", "telemetry", "nux"]
)
def test_queue_and_pools_are_those_of_one_machine(section: str) -> None:
    assert INSTANCE[section] == ONE_MACHINE[section]


def test_run_monitoring_adds_an_end_to_runs_nobody_hears_of() -> None:
    added = {"max_runtime_seconds", "free_slots_after_run_end_seconds"}
    assert set(INSTANCE["run_monitoring"]) - set(ONE_MACHINE["run_monitoring"]) == added
    for name, value in ONE_MACHINE["run_monitoring"].items():
        assert INSTANCE["run_monitoring"][name] == value


@pytest.mark.parametrize("service", PROCESSES)
def test_every_process_has_the_variables_the_instance_names(service: str) -> None:
    named = {*named_variables(INSTANCE), *named_variables(WORKSPACE)}
    assert named
    assert named <= set(SERVICES[service]["environment"])


def test_the_host_of_the_database_is_a_service(environment: dict[str, str]) -> None:
    assert environment["DAGSTER_POSTGRES_HOST"] in SERVICES


def test_the_database_is_made_with_the_name_and_user_dagster_connects_with() -> None:
    database = SERVICES["dagster-postgres"]["environment"]
    for name in ("DB", "USER", "PASSWORD"):
        assert (
            database[f"POSTGRES_{name}"]
            == SERVICES["daemon"]["environment"][f"DAGSTER_POSTGRES_{name}"]
        )


def test_the_workspace_points_at_the_code_server(environment: dict[str, str]) -> None:
    (origin,) = location_origins_from_yaml_paths([str(DEPLOY / "workspace.yaml")])
    command = SERVICES["code-server"]["command"]
    assert isinstance(origin, GrpcServerCodeLocationOrigin)
    assert origin.host == environment["DAGSTER_CODE_SERVER_HOST"] == "code-server"
    assert str(origin.port) == command[command.index("--port") + 1]
    assert origin.location_name == command[command.index("--location-name") + 1]


@pytest.mark.parametrize("service", PROCESSES)
def test_logs_of_runs_are_on_the_volume_the_webserver_reads(service: str) -> None:
    folder = environment_of(service, {})["DAGSTER_COMPUTE_LOGS"]
    assert f"compute-logs:{folder}" in SERVICES[service]["volumes"]
