from collections.abc import Callable
from pathlib import Path

import pytest

from tests.small_world import World
from tests.small_world_copies import loaded_world, made_world


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return loaded_world(tmp_path, monkeypatch)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return made_world(tmp_path, monkeypatch)


@pytest.fixture
def build_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    """For tests that need two worlds, or another environment."""

    def build(name: str = "", **more: str) -> World:
        return loaded_world(tmp_path / name if name else tmp_path, monkeypatch, **more)

    return build


@pytest.fixture
def build_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def build(**more: str) -> World:
        return made_world(tmp_path, monkeypatch, **more)

    return build
