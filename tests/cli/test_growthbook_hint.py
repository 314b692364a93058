"""A signed webhook makes the sensor look at once; anything else does nothing."""

import hashlib
import hmac
from pathlib import Path

import pytest

from ab_assets.automation.phase_sensor import hint_file
from ab_assets.settings import read_settings
from tests.small_world import World

SECRET = "ewhk_0123456789"  # noqa: S105 (a test's)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "body.json").write_bytes(b'{"event":"experiment.updated"}')
    return World(tmp_path).enter(monkeypatch, GROWTHBOOK_WEBHOOK_SECRET=SECRET)


def _hint(world: World, signature: str, name: str = "body.json") -> int:
    return world.ab("growthbook", "hint", str(world.root / name), "--signature", signature)


def _signature(world: World) -> str:
    body = (world.root / "body.json").read_bytes()
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_a_signed_body_touches_the_file_the_sensor_looks_at(world: World) -> None:
    assert _hint(world, _signature(world)) == 0
    assert hint_file(read_settings()).exists()


def test_a_wrong_signature_does_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert _hint(world, "0" * 64) == 1
    assert not hint_file(read_settings()).exists()
    told = capsys.readouterr().err
    assert "was not signed" in told
    assert SECRET not in told


def test_no_secret_is_wrong_configuration(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROWTHBOOK_WEBHOOK_SECRET", "")
    assert _hint(world, _signature(world)) == 2
    assert "GROWTHBOOK_WEBHOOK_SECRET is not set" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_usage(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _hint(world, "00", "other.json") == 2
    assert "cannot be read" in capsys.readouterr().err
