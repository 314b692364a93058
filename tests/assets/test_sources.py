from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tests.small_world import World, an_exposure


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
