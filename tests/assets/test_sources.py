from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from ab_assets.cli.project import open_project
from ab_assets.errors import ConfigurationError
from tests.small_world import LAST, World, an_exposure, day


@pytest.fixture
def observed(loaded: World) -> dict[str, dg.AssetObservation]:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    loaded.add_exposures([an_exposure(f"new{n}", "0", "streak", yesterday) for n in range(4)])
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = loaded.make("source/exposures", "source/events", instance=instance)
        assert outcome.succeeded, outcome.failure
        found = {}
        for name in ("exposures", "events"):
            key = dg.AssetKey(["source", name])
            records = instance.fetch_observations(key, limit=1).records
            assert records[0].asset_observation is not None
            found[name] = records[0].asset_observation
        return found


def test_the_rows_of_the_newest_days_are_counted(
    observed: dict[str, dg.AssetObservation],
) -> None:
    metadata = observed["exposures"].metadata
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    assert metadata["rows_of_newest_days"].value == 4
    assert metadata["newest_day"].value == str(yesterday)
    assert f"| {yesterday} | 4 |" in str(metadata["daily_rows"].value)


def test_a_source_without_new_rows_says_none(observed: dict[str, dg.AssetObservation]) -> None:
    metadata = observed["events"].metadata
    assert metadata["rows_of_newest_days"].value == 0
    assert metadata["newest_day"].value == "none"


def _observe(world: World, config: dict[str, object]) -> dict[str, dg.AssetCheckEvaluation]:
    """Observes both sources; gives the checks' evaluations by source and name."""
    job = open_project().definitions.resolve_implicit_global_asset_job_def()
    keys = {dg.AssetKey(["source", name]) for name in ("exposures", "events")}
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.get_subset(asset_selection=keys).execute_in_process(
            instance=instance, run_config={"ops": {"observe_sources": {"config": config}}}
        )
    assert result.success
    return {
        f"{item.asset_key.path[-1]} {item.check_name}": item
        for item in result.get_asset_check_evaluations()
    }


def test_a_healthy_day_passes_every_check_and_shows_its_days(loaded: World) -> None:
    found = _observe(loaded, {"day": str(day(6))})
    assert set(found) == {
        "exposures volume",
        "exposures freshness",
        "events volume",
        "events freshness",
        "events late_rows",
    }
    assert all(item.passed for item in found.values())
    volume = found["events volume"]
    assert "too few weeks to say what is usual on a Saturday" in (volume.description or "")
    rows = loaded.query(
        f"SELECT count(*) AS n FROM ab_source.events WHERE CAST(event_time AS DATE) = '{day(6)}'"
    ).item()
    assert f"| Sat {day(6)} | ● | {rows} | 0 |" in str(volume.metadata["days"].value)


def test_a_day_that_was_not_loaded_fails(loaded: World) -> None:
    found = _observe(loaded, {"day": str(LAST + timedelta(days=1))})
    volume = found["events volume"]
    assert not volume.passed
    assert volume.severity is dg.AssetCheckSeverity.ERROR
    assert volume.description == f"no events on {LAST + timedelta(days=1)}; the last are of {LAST}"
    assert not found["events freshness"].passed


def test_a_day_that_is_none_is_refused(loaded: World) -> None:
    with pytest.raises(ConfigurationError, match=r"day 'soon' is no date; write it like 2026"):
        _observe(loaded, {"day": "soon"})
