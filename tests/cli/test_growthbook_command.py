import pytest

from tests.growthbook.server import KEY, GrowthBookServer
from tests.small_world import World, basket, broken_split, streak


def test_a_pull_shows_the_experiments(loaded: World, capsys: pytest.CaptureFixture[str]) -> None:
    loaded.say(streak(), basket(archived=True))
    assert loaded.ab("growthbook", "pull") == 0
    shown = capsys.readouterr().out
    assert "2 experiments" in shown
    assert "streak" in shown
    assert "archived" in shown


def test_what_was_refused_is_told(loaded: World, capsys: pytest.CaptureFixture[str]) -> None:
    loaded.say(streak(), broken_split(variations=[]))
    assert loaded.ab("growthbook", "pull") == 0
    assert "refused" in capsys.readouterr().err


def test_a_server_is_pulled_with_its_key(
    loaded: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    with GrowthBookServer(experiments=[streak(), basket()]) as server:
        monkeypatch.setenv("GROWTHBOOK_API_URL", server.url)
        monkeypatch.setenv("GROWTHBOOK_API_KEY", KEY)
        assert loaded.ab("growthbook", "pull") == 0
    shown = capsys.readouterr()
    assert "2 experiments" in shown.out
    assert KEY not in shown.out + shown.err


def test_a_pull_that_got_nothing_is_a_failure_and_the_last_snapshot_stands(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = loaded.table("ab.growthbook_pulls")
    loaded.snapshot.write_text("[", encoding="utf-8")
    assert loaded.ab("growthbook", "pull") == 1
    shown = capsys.readouterr()
    assert "GrowthBook gave no new snapshot, the last one stands" in shown.err
    assert str(loaded.snapshot) in shown.err
    assert shown.out == ""
    assert loaded.table("ab.growthbook_pulls").equals(before)


def test_the_first_pull_that_got_nothing_says_why(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.execute("DELETE FROM ab.growthbook_pulls WHERE TRUE")
    loaded.snapshot.unlink()
    assert loaded.ab("growthbook", "pull") == 1
    assert f"there is no file {loaded.snapshot}" in capsys.readouterr().err


def test_a_repeated_pull_says_the_same_experiments(loaded: World) -> None:
    before = loaded.table("ab.growthbook_experiments")
    assert loaded.ab("growthbook", "pull") == 0
    assert loaded.table("ab.growthbook_experiments").equals(before)
