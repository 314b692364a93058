"""Copies of the small company, built once a process: making its partitions takes seconds."""

import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.small_world import World, build_world, day

MADE_HABIT = (day(1), day(2))
MADE_SHOP = (day(3), day(4))


def loaded_world(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> World:
    """Sources loaded and GrowthBook pulled, nothing made."""
    return _loaded().copy_to(folder).enter(monkeypatch, **more)


def made_world(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> World:
    """``habit`` on days 1 and 2, ``shop`` on days 3 and 4, ``quiet`` on day 1; dashboards too."""
    return _made().copy_to(folder).enter(monkeypatch, **more)


@cache
def _loaded() -> World:
    world = build_world(Path(tempfile.mkdtemp(prefix="small_world_")))
    with pytest.MonkeyPatch.context() as patch:
        world.enter(patch)
        outcome = world.make("growthbook/experiments")
        assert outcome.succeeded, outcome.failure
    return world


@cache
def _made() -> World:
    with pytest.MonkeyPatch.context() as patch:
        world = loaded_world(Path(tempfile.mkdtemp(prefix="small_world_")), patch)
        for tag, days in (("habit", MADE_HABIT), ("shop", MADE_SHOP), ("quiet", (day(1),))):
            world.make_days(tag, *days)
    return world
