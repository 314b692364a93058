import pytest

from tests.growthbook.server import KEY, GrowthBookServer
from tests.small_world import World, broken_split, streak


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def _say(capture: pytest.CaptureFixture[str]) -> str:
    return " ".join(capture.readouterr().out.split())


def test_all_in_order_is_exit_code_0(loaded: World, shown: pytest.CaptureFixture[str]) -> None:
    assert loaded.ab("check") == 0
    told = _say(shown)
    assert "bad" not in told
    assert "2 modules, tags habit, quiet, shop" in told
    assert "3 experiments, 0 refused" in told


def test_a_tag_without_module_is_told(loaded: World, shown: pytest.CaptureFixture[str]) -> None:
    loaded.say(streak(tags=["habit", "nobody"]))
    assert loaded.ab("check") == 0
    assert "no module claims nobody" in _say(shown)


def test_an_empty_warehouse_is_in_order(
    loaded: World, monkeypatch: pytest.MonkeyPatch, shown: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", f"duckdb://{loaded.root}/other.duckdb")
    assert loaded.ab("check") == 0
    assert "load exposures and events next" in _say(shown)


def test_a_snapshot_that_is_no_json_is_bad(
    loaded: World, shown: pytest.CaptureFixture[str]
) -> None:
    loaded.snapshot.write_text("{", encoding="utf-8")
    assert loaded.ab("check") == 1
    assert f"bad GrowthBook: {loaded.snapshot} is no JSON" in _say(shown)


def test_a_file_that_is_no_warehouse_is_bad(
    loaded: World, shown: pytest.CaptureFixture[str]
) -> None:
    (loaded.root / "ab.duckdb").write_text("x" * 5000, encoding="utf-8")
    assert loaded.ab("check") == 1
    assert "bad warehouse" in _say(shown)


def test_a_column_outside_the_portable_subset_is_wrong_configuration(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = loaded.modules / "shop" / "module.yaml"
    text = path.read_text(encoding="utf-8").replace("sum(if(event_name", "summe(if(event_name")
    path.write_text(text, encoding="utf-8")
    assert loaded.ab("check") == 2
    told = capsys.readouterr().err
    assert str(path) in told
    assert "columns.revenue" in told
    assert "summe" in told.lower()


def test_no_growthbook_at_all_is_bad(
    loaded: World, monkeypatch: pytest.MonkeyPatch, shown: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    loaded.execute("DELETE FROM ab.growthbook_pulls WHERE TRUE")
    assert loaded.ab("check") == 1
    assert "neither GROWTHBOOK_API_URL nor GROWTHBOOK_SNAPSHOT is set" in _say(shown)


def test_without_a_source_the_stored_snapshot_serves(
    loaded: World, monkeypatch: pytest.MonkeyPatch, shown: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    assert loaded.ab("check") == 0
    assert "not configured; the snapshot of" in _say(shown)


def test_a_growthbook_server_is_asked(
    loaded: World, monkeypatch: pytest.MonkeyPatch, shown: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    with GrowthBookServer(experiments=[streak(), broken_split(variations=[])]) as server:
        monkeypatch.setenv("GROWTHBOOK_API_URL", server.url)
        monkeypatch.setenv("GROWTHBOOK_API_KEY", KEY)
        assert loaded.ab("check") == 0
    told = _say(shown)
    assert "1 experiment, 1 refused" in told
    assert KEY not in told


def test_a_channel_of_alerts_is_named_and_half_a_configuration_is_bad(
    loaded: World, monkeypatch: pytest.MonkeyPatch, shown: pytest.CaptureFixture[str]
) -> None:
    assert loaded.ab("check") == 0
    assert "alerts: no channel is configured" in _say(shown)
    monkeypatch.setenv("AB_ALERT_KIND", "slack")
    assert loaded.ab("check") == 1
    assert "bad alerts: AB_ALERT_KIND is slack but AB_ALERT_WEBHOOK is not set" in _say(shown)
    monkeypatch.setenv("AB_ALERT_WEBHOOK", "https://hooks.example/verysecret")
    assert loaded.ab("check") == 0
    told = _say(shown)
    assert "alerts: go by slack; nothing was sent" in told
    assert "verysecret" not in told
