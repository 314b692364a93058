"""The demo on a warehouse of one's own."""

import os
from pathlib import Path

import pytest

from ab_assets.cli.application import run_application
from tests.demo.test_end_to_end import SET_BY_THE_DEMO
from tests.small_world import World, build_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = build_world(tmp_path / "company")
    world.enter(monkeypatch)
    for name in SET_BY_THE_DEMO:
        monkeypatch.setenv(name, os.environ.get(name, ""))  # so that it is put back afterwards
        if not os.environ[name]:
            monkeypatch.delenv(name)
    return world


def test_a_warehouse_with_rows_is_left_alone(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = world.tables()
    url = world.environment["AB_WAREHOUSE_URL"]
    options = ["--folder", str(tmp_path / "demo"), "--warehouse", url]
    assert run_application(["demo", *options]) == 2
    assert "has rows; the demo needs a warehouse of its own" in " ".join(
        capsys.readouterr().err.split()
    )
    assert {name: frame.height for name, frame in world.tables().items()} == {
        name: frame.height for name, frame in before.items()
    }


def test_the_environment_file_is_for_its_owner_alone(world: World, tmp_path: Path) -> None:
    run_application(["demo", "--folder", str(tmp_path), "--warehouse", "duckdb:///nowhere/"])
    assert (tmp_path / "environment").stat().st_mode & 0o077 == 0
