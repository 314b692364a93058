"""Exit codes and help: what a scheduler and a newcomer rely on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from ab_assets.cli.application import COMMANDS as SUMMARIES
from ab_assets.cli.application import app, run_application
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from tests.small_world import World

COMMANDS = [
    [],
    ["run"],
    ["report"],
    ["health"],
    ["check"],
    ["schema"],
    ["demo"],
    ["load"],
    ["load", "exposures"],
    ["load", "events"],
    ["growthbook"],
    ["growthbook", "pull"],
    ["growthbook", "hint"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_every_command_is_no_failure(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_application([*command, "--help"]) == 0
    assert "Usage: ab-assets" in capsys.readouterr().out


def test_the_list_of_commands_says_of_each_what_its_own_help_says_first() -> None:
    commands = typer.main.get_command(app).commands
    said = {name: command.help.split("\n\n")[0] for name, command in commands.items()}
    assert {name: " ".join(text.split()) for name, text in said.items()} == SUMMARIES


_HELP = """
import sys
from ab_assets.cli.application import run_application
assert run_application(["--help"]) == 0
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def test_the_list_of_commands_imports_none_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HELP],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    assert loaded & {"dagster", "duckdb", "numpy", "pydantic", "sqlglot"} == set()


def test_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    run_application(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "0 done, 1 failed, 2 wrong usage or configuration" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["load"],
        ["nonsense"],
        ["run", "--nonsense"],
        ["run", "--tag"],
        ["report"],
        ["load", "exposures"],
        ["schema", "--dialect", "oracle"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert run_application(arguments) == 2


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AB_START_DATE", "soon", "AB_START_DATE"),
        ("AB_MODULES_DIR", "/no/such/folder", "AB_MODULES_DIR"),
        ("AB_WAREHOUSE_URL", "mysql://root:hunter2@host/ab", "AB_WAREHOUSE_URL"),
        ("AB_WAREHOUSE_URL", "starrocks://root:hunter2@host:9030/ab?http=80", "StarRocks"),
        ("AB_TIMEZONE", "Mars/Olympus", "AB_TIMEZONE"),
    ],
)
def test_a_wrong_environment_is_exit_code_2_and_named_without_its_secrets(  # noqa: PLR0917
    loaded: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    told: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert loaded.ab("check") == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert "hunter2" not in shown.err + shown.out


def test_a_malformed_module_is_told_with_file_key_and_expectation(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = loaded.modules / "shop" / "module.yaml"
    text = path.read_text(encoding="utf-8").replace("type: mean", "type: average")
    path.write_text(text, encoding="utf-8")
    assert loaded.ab("run", "--all") == 2
    shown = capsys.readouterr().err
    assert str(path) in shown
    assert "metrics.revenue_per_user.type" in shown
    assert "'mean'" in shown


def test_a_module_with_the_name_of_a_shared_schedule_is_refused(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (loaded.modules / "shop" / "module.yaml").read_text(encoding="utf-8")
    (loaded.modules / "shop").rename(loaded.modules / "sources")
    changed = text.replace("module: shop", "module: sources")
    (loaded.modules / "sources" / "module.yaml").write_text(changed, encoding="utf-8")
    assert loaded.ab("run", "--tag", "shop") == 2
    assert "module 'sources'" in capsys.readouterr().err


def test_ctrl_c_is_exit_code_130(
    loaded: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> list[str]:
        signal.raise_signal(signal.SIGINT)  # in the middle of the command, whatever it takes
        return []

    monkeypatch.setattr(DuckDBWarehouse, "tables", interrupted)
    # As in a process of its own: a library that other tests use may have put a handler in place.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert loaded.ab("check") == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert "interrupted" in capsys.readouterr().err


def test_the_command_is_installed_and_ends_with_the_exit_code(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROJECT_ROOT / ".venv/bin/ab-assets", "run"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ab-assets: say which tags")
