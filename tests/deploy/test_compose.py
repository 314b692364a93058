"""compose.yaml, as far as it can be held to account without a container engine."""

import re
import tomllib
from collections.abc import Iterator

import click
import pytest

from ab_assets.settings import PROJECT_ROOT, Settings
from tests.deploy.files import (
    COMPOSE,
    COMPOSE_TEXT,
    OURS,
    SERVICES,
    container_path,
    environment_of,
    example,
    parse_command,
    variables,
)

SECRET = re.compile(r"PASS|PWD|SECRET|KEY|WEBHOOK|WAREHOUSE_URL|SMTP_URL")
DURATION = re.compile(r"(?:\d+h)?(?:\d+m)?(?:\d+s)?")
# Of the Compose specification; a misspelt key would be refused by Compose, or silently not count.
TOP_LEVEL = {"name", "services", "networks", "volumes"}
SERVICE = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "hostname", "image",
    "init", "logging", "mem_limit", "networks", "ports", "restart", "security_opt",
    "stop_grace_period", "ulimits", "volumes",
}  # fmt: skip
HEALTH = {"test", "interval", "timeout", "retries", "start_period", "disable"}
# Variables of the project that a container does not take from the environment file: the image has
# its own modules, home and folder of pages, no warehouse file is shared, GrowthBook is asked
# itself, and what Metabase is signed in to with is given to `ab-assets metabase apply` alone.
NOT_PASSED_ON = {
    "AB_DUCKDB_MEMORY",
    "AB_DUCKDB_SPILL_DIRECTORY",
    "AB_DUCKDB_THREADS",
    "AB_MODULES_DIR",
    "AB_REPORTS_DIR",
    "AB_WAREHOUSE_LOCK_SECONDS",
    "DAGSTER_HOME",
    "GROWTHBOOK_SNAPSHOT",
    "METABASE_API_KEY",
    "METABASE_PASSWORD",
    "METABASE_USER",
    "METABASE_WAREHOUSE_PASSWORD",
    "METABASE_WAREHOUSE_USER",
}


def project_variables() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        yield str(field.validation_alias or f"AB_{name.upper()}")


def neighbours(service: str) -> set[str]:
    networks = set(SERVICES[service]["networks"])
    return {
        name for name in SERVICES if name != service and networks & set(SERVICES[name]["networks"])
    }


def test_compose_has_only_keys_the_specification_knows() -> None:
    unknown = {key for key in COMPOSE if key not in TOP_LEVEL and not key.startswith("x-")}
    unknown |= {key for service in SERVICES.values() for key in service if key not in SERVICE}
    unknown |= {
        key
        for service in SERVICES.values()
        for key in service.get("healthcheck", {})
        if key not in HEALTH
    }
    assert unknown == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_is_pinned_to_a_version(service: str) -> None:
    name, _, tag = SERVICES[service]["image"].rpartition(":")
    assert name
    assert re.fullmatch(r"v?\d+\.\d+(\.\d+)*(-\w+)?", tag)


def test_our_image_has_the_version_of_the_project() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"ab_assets:{project['version']}"}


def test_the_example_names_the_variables_of_compose_and_no_others() -> None:
    assert set(variables()) == set(example())


def test_defaults_are_those_of_the_example() -> None:
    stated = {name: found - {""} for name, found in variables().items() if found != {""}}
    assert stated == {name: {example()[name]} for name in stated}


def test_defaults_are_those_of_the_project() -> None:
    fields = Settings.model_fields
    for name, value in example().items():
        field = fields.get(name.removeprefix("AB_").lower())
        if name.startswith("AB_") and field is not None and value:
            assert str(field.default) == value, name


def test_the_code_server_gets_every_variable_the_project_reads() -> None:
    passed_on = set(SERVICES["code-server"]["environment"])
    missing = set(project_variables()) - NOT_PASSED_ON - passed_on
    assert missing == set(), "add to x-project in deploy/compose.yaml and to environment.example"


def test_no_secret_is_written_down() -> None:
    written = {name for name, value in example().items() if SECRET.search(name) and value}
    written |= {
        f"{service}: {name}"
        for service, stated in SERVICES.items()
        for name, value in stated.get("environment", {}).items()
        if SECRET.search(name) and not re.fullmatch(r"\$\{\w+:[-?][^}]*\}", str(value))
    }
    assert written == set()


def test_secrets_reach_only_the_services_that_use_them() -> None:
    given = {name: f"<{name}>" for name in example()}
    seen = {
        name: {
            variable
            for variable in example()
            if SECRET.search(variable)
            and any(f"<{variable}>" in value for value in environment_of(name, given).values())
        }
        for name in SERVICES
    }
    alerts = {"AB_ALERT_WEBHOOK", "AB_ALERT_SECRET", "AB_ALERT_SMTP_URL"}
    growthbook = {"GROWTHBOOK_API_KEY", "GROWTHBOOK_WEBHOOK_SECRET"}
    project = {"AB_WAREHOUSE_URL", *growthbook, *alerts}
    assert seen == {
        "starrocks": {"STARROCKS_ROOT_PASSWORD"},
        "schema": {"AB_WAREHOUSE_URL"},
        "dagster-postgres": {"DAGSTER_POSTGRES_PASSWORD"},
        "code-server": {"DAGSTER_POSTGRES_PASSWORD", *project},
        "webserver": {"DAGSTER_POSTGRES_PASSWORD"},
        "daemon": {"DAGSTER_POSTGRES_PASSWORD"},
        "metabase-postgres": {"METABASE_POSTGRES_PASSWORD"},
        "metabase": {"METABASE_POSTGRES_PASSWORD", "METABASE_ENCRYPTION_SECRET_KEY"},
    }


def test_ports_are_bound_to_this_machine_by_default() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert all(port.startswith("${BIND_ADDRESS:-127.0.0.1}:") for port in ports)
    assert example()["BIND_ADDRESS"] == "127.0.0.1"


def test_metabase_reaches_the_warehouse_and_its_own_database_only() -> None:
    assert neighbours("metabase") == {"starrocks", "metabase-postgres"}


def test_each_database_is_reached_by_those_that_use_it_only() -> None:
    assert neighbours("dagster-postgres") == {"code-server", "webserver", "daemon"}
    assert neighbours("metabase-postgres") == {"metabase"}
    assert neighbours("starrocks") == {"schema", "code-server", "metabase"}


def test_networks_and_volumes_are_declared_and_used() -> None:
    networks = {name for service in SERVICES.values() for name in service["networks"]}
    volumes = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    }
    assert networks == set(COMPOSE["networks"])
    # Named volumes only: nothing of the machine is mounted.
    assert volumes == set(COMPOSE["volumes"])


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_comes_back_is_limited_and_says_how_it_is(service: str) -> None:
    stated = SERVICES[service]
    is_one_shot = service == "schema"
    assert stated["restart"] == ("no" if is_one_shot else "unless-stopped")
    assert re.fullmatch(r"\d+[mg]", stated["mem_limit"])
    # The webserver's check is the image's own.
    health = stated.get("healthcheck", {})
    assert is_one_shot or service == "webserver" or health["test"]
    for name in ("interval", "timeout", "start_period"):
        assert name not in health or DURATION.fullmatch(health[name])


def test_the_limits_fit_the_machine_that_is_named() -> None:
    def mebibytes(limit: str) -> int:
        return int(limit[:-1]) * (1024 if limit.endswith("g") else 1)

    total = sum(mebibytes(service["mem_limit"]) for service in SERVICES.values())
    match = re.search(r"machine of (\d+) GB", COMPOSE_TEXT)
    assert match
    # schema has ended before the others are up.
    assert total - mebibytes(SERVICES["schema"]["mem_limit"]) <= int(match[1]) * 1024


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_waits_for_can_come_true(service: str) -> None:
    for name, stated in SERVICES[service].get("depends_on", {}).items():
        if stated["condition"] == "service_completed_successfully":
            assert SERVICES[name]["restart"] == "no"
        else:
            assert stated["condition"] == "service_healthy"
            assert "test" in SERVICES[name]["healthcheck"]


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("schema", ["ab-assets", "schema"]),
        ("code-server", ["dagster", "code-server", "start"]),
        ("webserver", ["dagster-webserver"]),
        ("daemon", ["dagster-daemon", "run"]),
    ],
)
def test_commands_are_understood_by_what_they_start(service: str, path: list[str]) -> None:
    assert parse_command(SERVICES[service]["command"]) == path


@pytest.mark.parametrize("service", ["code-server", "daemon"])
def test_health_checks_are_understood_by_what_they_start(service: str) -> None:
    kind, *words = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    assert parse_command(words)


@pytest.mark.parametrize("words", [["dagster", "nothing"], ["dagster-daemon", "run", "--nothing"]])
def test_a_wrong_command_is_noticed(words: list[str]) -> None:
    with pytest.raises(click.ClickException):
        parse_command(words)


@pytest.mark.parametrize("service", ["webserver", "daemon"])
def test_the_workspace_a_command_names_is_in_the_image(service: str) -> None:
    command = SERVICES[service]["command"]
    assert container_path(command[command.index("--workspace") + 1]).is_file()
