from collections.abc import Callable

import dagster as dg
import pytest

from tests.small_world import World, basket, broken_split, build_world, streak

ASSET = "growthbook/experiments"


def _checks(instance: dg.DagsterInstance) -> dict[str, bool]:
    key = dg.AssetKey(ASSET.split("/"))
    summary = instance.event_log_storage.get_asset_check_summary_records(
        [
            dg.AssetCheckKey(key, name)
            for name in (
                "growthbook_answers",
                "every_experiment_is_valid",
                "every_tag_has_a_module",
            )
        ]
    )
    return {
        check.name: record.last_check_execution_record.evaluation.passed
        for check, record in summary.items()
    }


def _metadata(instance: dg.DagsterInstance) -> dict[str, object]:
    event = instance.get_latest_materialization_event(dg.AssetKey(ASSET.split("/")))
    assert event is not None
    assert event.asset_materialization is not None
    return {name: item.value for name, item in event.asset_materialization.metadata.items()}


def test_a_snapshot_says_how_many_experiments_there_are(loaded: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert loaded.make(ASSET, instance=instance).succeeded
        assert _metadata(instance)["experiments"] == 3
        assert _metadata(instance)["snapshot_is_stale"] is False
        assert all(_checks(instance).values())


def test_when_growthbook_is_down_the_last_snapshot_stands_and_is_said_to_be_stale(
    loaded: World,
) -> None:
    loaded.snapshot.unlink()
    with dg.DagsterInstance.ephemeral() as instance:
        assert loaded.make(ASSET, instance=instance).succeeded
        assert _metadata(instance)["experiments"] == 3
        assert _metadata(instance)["snapshot_is_stale"] is True
        assert _checks(instance)["growthbook_answers"] is False


def test_the_first_run_without_growthbook_fails_and_says_why(
    build_loaded: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build_loaded()
    (world.root / "new").mkdir()
    fresh = build_world(world.root / "new").enter(monkeypatch)
    fresh.snapshot.unlink()
    outcome = fresh.make(ASSET)
    assert not outcome.succeeded
    assert str(fresh.snapshot) in outcome.failure


def test_an_experiment_that_makes_no_sense_is_a_warning_and_the_others_are_kept(
    loaded: World,
) -> None:
    loaded.say(streak(), basket(), broken_split(variations=[]))
    with dg.DagsterInstance.ephemeral() as instance:
        assert loaded.make(ASSET, instance=instance).succeeded
        assert _metadata(instance)["experiments"] == 2
        assert _checks(instance)["every_experiment_is_valid"] is False


def test_a_tag_no_module_claims_is_named_with_its_experiments(loaded: World) -> None:
    loaded.say(
        streak(tags=["habit", "nobody"]), basket(tags=["nobody"]), broken_split(archived=True)
    )
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = loaded.make(ASSET, instance=instance)
        assert outcome.succeeded
        assert [(item.text, item.is_error) for item in outcome.warnings] == [
            ("no module claims the tag 'nobody', which is on basket, streak", False)
        ]
        assert _metadata(instance)["tags_without_module"] == "nobody"
        assert _checks(instance)["every_tag_has_a_module"] is False


def test_the_same_snapshot_again_adds_no_configuration(loaded: World) -> None:
    before = loaded.table("ab.growthbook_experiments")
    assert loaded.make(ASSET).succeeded
    assert loaded.table("ab.growthbook_experiments").equals(before)


def test_a_changed_experiment_keeps_its_history(loaded: World) -> None:
    loaded.say(streak(hashVersion=1), broken_split(), basket(status="stopped"))
    with dg.DagsterInstance.ephemeral() as instance:
        assert loaded.make(ASSET, instance=instance).succeeded
        assert _metadata(instance)["changed_experiments"] == 2
    kept = loaded.query(
        "SELECT status FROM ab.growthbook_experiments WHERE experiment_key = 'basket' "
        "AND phase_index = 1 ORDER BY status"
    )
    assert kept["status"].to_list() in (["running", "stopped"], ["running"])
