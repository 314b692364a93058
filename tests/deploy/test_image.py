"""The Dockerfile and the build context, as far as they can be held to account without a build."""

import re
import tomllib

import pytest

from ab_assets.settings import PROJECT_ROOT
from tests.deploy.files import (
    DEPLOY,
    context_files,
    copied,
    dockerfile,
    is_ignored,
    parse_command,
)

PROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINNED = dict(
    line.lower().split("==")
    for line in (PROJECT_ROOT / "constraints.txt").read_text("utf-8").splitlines()
)


def words(word: str) -> list[str]:
    return [instruction.text for instruction in dockerfile() if instruction.word == word]


def listed(text: str) -> list[str]:
    """The exec form of a command."""
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text)


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_in_the_context(source: str) -> None:
    path = PROJECT_ROOT / source
    assert path.exists()
    assert not is_ignored(source)
    assert path.is_file() or any(
        not is_ignored(file) for file in context_files([source]) if "__pycache__" not in file
    )


def test_the_context_holds_what_is_copied_and_nothing_else() -> None:
    sources = tuple(copied())
    roots = sorted(PROJECT_ROOT.iterdir())
    touched = {source.split("/")[0] for source in sources}
    # A folder nothing is copied from is out as a whole, whatever it holds.
    strangers = {
        path.name for path in roots if path.name not in touched and not is_ignored(path.name)
    }
    strangers |= {
        path
        for path in context_files([path.name for path in roots if path.name in touched])
        if not is_ignored(path)
        and path not in sources
        and not path.startswith(tuple(f"{name}/" for name in sources))
    }
    assert strangers == set()


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".dagster/dagster.yaml",
        ".venv/bin/python",
        "ab_assets.egg-info/PKG-INFO",
        "ab_assets/__pycache__/settings.cpython-311.pyc",
        "ab_assets/stats/__pycache__/mean.cpython-311.pyc",
        "data/ab.duckdb",
        "deploy/compose.yaml",
        "deploy/environment",
        "tests/test_settings.py",
    ],
)
def test_secrets_data_and_what_is_not_needed_stay_out_of_the_context(path: str) -> None:
    assert is_ignored(path)


@pytest.mark.parametrize(
    "path",
    [
        "ab_assets/settings.py",
        "sql/modules/retention/module.yaml",
        "metabase/dashboard.yaml",
        "deploy/dagster.yaml",
    ],
)
def test_the_project_is_in_the_context(path: str) -> None:
    assert not is_ignored(path)


def test_the_filled_in_environment_is_not_committed() -> None:
    ignored = (PROJECT_ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "/deploy/environment" in ignored


def test_sql_and_metabase_lie_beside_the_package_as_the_settings_expect() -> None:
    assert {"ab_assets ab_assets", "sql sql", "metabase metabase"} <= set(words("COPY"))
    assert "--editable '.[cluster]'" in " ".join(words("RUN"))
    assert "--from=build /opt/ab_assets /opt/ab_assets" in words("COPY")


def test_the_pages_of_reports_go_where_the_user_of_the_image_may_write() -> None:
    (folder,) = re.findall(r"AB_REPORTS_DIR=(\S+)", " ".join(words("ENV")))
    made = next(line for line in words("RUN") if "install -d" in line)
    assert folder in made.split("install -d", 1)[1].split()


def test_every_stage_starts_from_a_pinned_python_the_project_supports() -> None:
    images = {text.split()[0] for text in words("FROM")}
    assert len(words("FROM")) == 2
    assert images == {"python:3.11-slim-bookworm"}
    assert PROJECT["requires-python"].startswith(">=3.11,")


def test_the_packages_of_the_image_are_pinned() -> None:
    for requirement in PROJECT["optional-dependencies"]["cluster"]:
        name = re.split(r"[<>=]", requirement)[0]
        assert name in PINNED
    assert "psycopg2-binary" in PINNED
    assert all(
        "--constraint constraints.txt" in text
        for text in words("RUN")
        if "install -" in text and "pip" in text
    )


def test_the_storage_package_is_of_the_release_of_dagster() -> None:
    assert PINNED["dagster-postgres"] == PINNED["dagster-pandas"]


def test_the_image_does_not_run_as_root() -> None:
    last = max(instruction.stage for instruction in dockerfile())
    users = [item.text for item in dockerfile() if item.word == "USER" and item.stage == last]
    assert users == ["dagster"]


def test_no_layer_holds_a_secret() -> None:
    assert words("ARG") == []
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert not re.search(r"(?i)password|secret_key|api_key|token", text)
    assert not re.search(r"(?i)index-url|trusted-host", text)


def test_what_the_image_runs_is_understood_by_what_it_starts() -> None:
    (command,) = words("CMD")
    assert parse_command(listed(command)) == ["dagster-webserver"]


def test_the_health_check_asks_the_port_the_webserver_has() -> None:
    (command,) = words("CMD")
    (health,) = words("HEALTHCHECK")
    arguments = listed(command)
    port = arguments[arguments.index("--port") + 1]
    code = listed(health)[-1]
    compile(code, "HEALTHCHECK", "exec")
    assert f"http://127.0.0.1:{port}/server_info" in code
