"""Settings and arguments that were made to end a command in a traceback or to reach a terminal."""

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ab_assets.cli import report_command
from ab_assets.cli.application import run_application
from ab_assets.cli.demo_command import shell_lines
from ab_assets.errors import ConfigurationError
from ab_assets.modules.loader import load_modules
from tests.hostile.corpus import TEXTS, UNPRINTED
from tests.small_world import FIRST, HABITS, World

LONGER_THAN_ANY_NAME = "x" * 5000
NOT_UTF_8 = os.fsdecode(b"/tmp/\xff")

Told = Callable[[], str]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project with nothing in its warehouse."""
    made = World(tmp_path)
    (made.modules / "habits").mkdir(parents=True)
    (made.modules / "habits" / "module.yaml").write_text(HABITS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    made.enter(monkeypatch)
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    return made


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str]) -> Told:
    """What a command said, with nothing in it a terminal would obey."""

    def read() -> str:
        shown = capfd.readouterr()
        assert shown.err
        assert not (UNPRINTED - {"\n"}) & set(shown.out + shown.err)
        assert "Traceback" not in shown.err
        return shown.err

    return read


WRONG = {
    "AB_WAREHOUSE_URL": ["x", "duckdb://", "duckdb:///", f"duckdb://{NOT_UTF_8}", "\x1b[31m://x"],
    "AB_TIMEZONE": ["../../etc/passwd", LONGER_THAN_ANY_NAME, "\x1b[31m", "UTC\n", NOT_UTF_8],
    "AB_START_DATE": ["0", "1767225600", "0001-01-01", "2026-02-30", "２０２６-01-01", "NaN"],
    "AB_LOOKBACK_DAYS": ["1.5", "nan", "٣", "9" * 5000, ""],
    "AB_WAREHOUSE_LOCK_SECONDS": ["nan", "inf", "1e400", "-0.1"],
    "AB_MODULES_DIR": ["/dev/null", NOT_UTF_8, LONGER_THAN_ANY_NAME, "\x1b[31m"],
    "AB_ALERT_KIND": ["[bold]", "\x1b[31m"],
    "AB_DAGSTER_URL": ["javascript:alert(1)", "http://u:p@h", "http://h/\x1b[31m", "http://h\n"],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG.items() for value in values],
    ids=lambda value: ascii(value)[:40],
)
def test_a_wrong_setting_is_named_and_ends_with_two(
    world: World, monkeypatch: pytest.MonkeyPatch, told: Told, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert run_application(["schema", "--diff"]) == 2
    assert name in told()


@pytest.mark.parametrize("home", ["/dev/null", "/dev/null/below"])
def test_a_home_dagster_cannot_have_is_named_and_ends_with_two(
    world: World, monkeypatch: pytest.MonkeyPatch, told: Told, home: str
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", home)
    assert world.ab("run", "--tag", "habit", "--date", FIRST.isoformat()) == 2
    assert "DAGSTER_HOME" in told()


COMMANDS = {
    "tag of a report": (["report", "--tag"], 2),
    "tag of a run": (["run", "--date", FIRST.isoformat(), "--tag"], 2),
    "tag of a plan": (["plan", "--metric", "visits_per_user", "--tag"], 2),
    "tag of health": (["health", "--tag"], 2),
    "tag of an export": (["export", "out", "--tag"], 2),
    "day of a report": (["report", "--tag", "habit", "--date"], 2),
    "language": (["report", "--tag", "habit", "--language"], 2),
    "file of a load": (["load", "events"], 1),
}
SOME = (
    "'; DROP TABLE x; --",
    "[/] {{ 7 * 7 }} %s",
    "../../etc/passwd",
    "9" * 400,
    "habit \x1b[31m",
)


@pytest.mark.parametrize(("command", "code"), COMMANDS.values(), ids=COMMANDS)
def test_an_argument_of_any_text_is_refused_in_a_sentence(
    world: World, told: Told, command: list[str], code: int
) -> None:
    for text in SOME:
        assert world.ab(*command, text) == code, text
        told()


def test_a_tag_of_any_text_is_no_tag_of_ours(world: World) -> None:
    catalogue = load_modules(world.modules)
    for text in TEXTS:
        with pytest.raises(ConfigurationError):
            catalogue.module_of(text)


def test_an_argument_that_is_not_utf_8_is_refused_in_a_sentence(world: World, told: Told) -> None:
    assert world.ab("report", "--tag", os.fsdecode(b"\xff")) == 2
    assert world.ab("load", "events", os.fsdecode(b"\xff.csv")) == 1
    assert "its name is not UTF-8" in told()


def test_a_file_in_the_place_of_a_folder_is_refused(world: World, told: Told) -> None:
    (world.root / "taken").write_text("", encoding="utf-8")
    assert world.ab("demo", "--folder", "taken") == 2
    assert "taken is a file" in told()


def test_what_a_disk_refuses_is_a_sentence_too(
    world: World, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/full/\x1b[31m")

    monkeypatch.setattr(report_command, "open_project", refuse)
    assert world.ab("report", "--tag", "habit") == 1
    assert "No space left on device" in told()


def test_the_environment_of_a_demo_is_read_by_a_shell_as_it_was_written(tmp_path: Path) -> None:
    values = {f"X{number}": text for number, text in enumerate(TEXTS) if "\0" not in text}
    (tmp_path / "environment").write_text(shell_lines(values), encoding="utf-8", newline="")
    read = subprocess.run(
        ["sh", "-c", ". ./environment; env -0"], cwd=tmp_path, capture_output=True, check=True
    )
    shown = dict(line.split("=", 1) for line in read.stdout.decode().split("\0") if line)
    assert shown.items() >= values.items()


def test_the_name_and_the_reasons_of_a_file_reach_no_terminal_as_commands(
    world: World, told: Told
) -> None:
    name = "a\x1b[31m\r[/b]\u202e.csv".replace("/", "")
    rows = "event_name,user_id,event_time,\x1b]0;x\x07\ne,u1,\x1b[2J\u2028soon,x\n"
    (world.root / name).write_text(rows, encoding="utf-8")
    assert world.ab("load", "events", name) == 0
    shown = told()
    assert "\\x1b[31m" in shown
    assert "\\x1b[2J" in shown
