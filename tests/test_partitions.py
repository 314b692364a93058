from datetime import date, timedelta

import dagster as dg
import pytest

from ab_assets.partitions import TagDate, read_tag_date, tag_date_partitions, tag_partitions
from ab_assets.settings import Settings


def test_a_key_is_built_of_tag_and_day_whatever_their_order_in_text() -> None:
    key = TagDate("retention", date(2026, 1, 5)).key
    assert key == "2026-01-05|retention"
    assert key.keys_by_dimension == {"tag": "retention", "event_date": "2026-01-05"}


def test_a_key_is_one_of_the_partitions() -> None:
    partitions = tag_date_partitions(["ads", "push"], Settings(start_date=date(2026, 1, 1)))
    assert partitions.has_partition_key(TagDate("push", date(2026, 1, 5)).key)


def test_a_tag_no_module_has_is_no_partition() -> None:
    partitions = tag_date_partitions(["ads"], Settings(start_date=date(2026, 1, 1)))
    assert not partitions.has_partition_key(TagDate("push", date(2026, 1, 5)).key)


def test_days_before_the_start_date_are_no_partitions() -> None:
    partitions = tag_date_partitions(["ads"], Settings(start_date=date(2026, 1, 4)))
    assert not partitions.has_partition_key(TagDate("ads", date(2026, 1, 3)).key)
    assert partitions.has_partition_key(TagDate("ads", date(2026, 1, 4)).key)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_day_becomes_a_partition_when_it_has_ended_in_the_time_zone(zone: str) -> None:
    settings = Settings(start_date=date(2026, 1, 1), timezone=zone)
    partitions = tag_date_partitions(["ads"], settings)
    assert partitions.has_partition_key(TagDate("ads", settings.yesterday()).key)
    assert not partitions.has_partition_key(TagDate("ads", settings.today()).key)


def test_the_dashboard_has_one_partition_a_tag() -> None:
    assert tag_partitions(["ads", "push"]).get_partition_keys() == ["ads", "push"]


def test_run_tags_name_the_partition_as_a_whole_and_by_dimension() -> None:
    assert TagDate("ads", date(2026, 1, 5)).run_tags == {
        "dagster/partition": "2026-01-05|ads",
        "dagster/partition/tag": "ads",
        "dagster/partition/event_date": "2026-01-05",
    }


def _asset(partitions: dg.PartitionsDefinition, seen: list[TagDate]) -> dg.AssetsDefinition:
    @dg.asset(partitions_def=partitions)
    def reader(context: dg.AssetExecutionContext) -> None:
        seen.append(read_tag_date(context))

    return reader


def test_a_run_reads_back_the_tag_and_the_day_of_its_key() -> None:
    seen: list[TagDate] = []
    asked = TagDate("ads", date(2026, 1, 5))
    partitions = tag_date_partitions(["ads"], Settings(start_date=date(2026, 1, 1)))
    dg.materialize([_asset(partitions, seen)], partition_key=asked.key)
    assert seen == [asked]


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(dg.DagsterInvariantViolationError, match="no \\(tag, event_date\\)"):
        dg.materialize([_asset(tag_partitions(["ads"]), [])], partition_key="ads")


def test_partition_days_are_consecutive_over_a_change_of_the_clocks() -> None:
    settings = Settings(start_date=date(2026, 3, 27), timezone="Europe/Berlin")
    partitions = tag_date_partitions(["ads"], settings)
    days = [date(2026, 3, 27) + timedelta(days=place) for place in range(5)]
    assert all(partitions.has_partition_key(TagDate("ads", day).key) for day in days)
