"""One tag on one day: what its partitions are made from."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ab_assets.analysis.columns import report_table, wide_table, with_retired_columns
from ab_assets.analysis.tag_day import TagDay, tag_day
from ab_assets.errors import UnknownTagError
from ab_assets.experiments import Experiment, MetricOverrides, MetricSetting, config_hash
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.measures import RESERVED
from ab_assets.warehouse.schema import report_columns
from tests.experiments.builders import a_phase, utc
from tests.modules.builders import a_module
from tests.sql.bench import gate

DAY = date(2024, 3, 5)
METRIC = {"type": "mean", "column": "visits", "growthbook": "fact__visits"}
CATALOGUE = ModuleCatalogue.of(
    [(Path("shop/module.yaml"), a_module(tags=["retention"], metrics={"visits": METRIC}))]
)


def a_day(*experiments: Experiment, day: date = DAY, zone: str = "UTC") -> TagDay:
    return tag_day(CATALOGUE, experiments, "retention", day, ZoneInfo(zone))


def test_a_tag_no_module_claims_is_refused() -> None:
    with pytest.raises(UnknownTagError, match=r"did you mean 'retention'"):
        tag_day(CATALOGUE, (), "retentoin", DAY, ZoneInfo("UTC"))


def test_the_day_has_the_bounds_of_its_time_zone() -> None:
    day = a_day(zone="Asia/Shanghai")
    assert (day.starts, day.ends) == (utc("2024-03-04T16:00"), utc("2024-03-05T15:59:59.999999"))


def test_an_experiment_counts_until_the_day_or_its_phase_ends() -> None:
    running, ended = a_day(
        gate(key="a"), gate(id="exp_2", key="b", ended="2024-03-02T12:00")
    ).experiments
    assert running.window_end == utc("2024-03-05T23:59:59.999999")
    assert ended.window_end == utc("2024-03-02T12:00")


def test_an_experiment_carries_its_weights_and_its_hash() -> None:
    phase = a_phase("2024-03-01T00:00", weights=(0.9, 0.1))
    (item,) = a_day(gate(phases=(phase,))).experiments
    assert item.weights == {"0": 0.9, "1": 0.1}
    assert item.config_hash == config_hash(item.experiment, phase)


def test_the_hash_of_a_day_is_over_all_its_experiments_and_empty_without_any() -> None:
    one, two = gate(), gate(id="exp_2", key="b")
    hashes = {a_day(one).config_hash, a_day(two).config_hash, a_day(one, two).config_hash}
    assert len(hashes) == 3
    assert a_day(two, one).config_hash == a_day(one, two).config_hash
    assert a_day().config_hash == ""


def test_a_window_that_one_experiment_overrides_is_a_measure_of_the_day() -> None:
    overrides = MetricOverrides(window_type="conversion", window_hours=48)
    setting = MetricSetting(metric_id="fact__visits", role="goal", overrides=overrides)
    day = a_day(gate(), gate(id="exp_2", key="b", metrics=(setting,)))
    assert [measure.name for measure in day.measures] == [
        "events_after_exposure",
        "visits",
        "amount",
        "visits_within_2d",
    ]


@pytest.mark.parametrize(
    ("now", "ended"),
    [
        (datetime(2024, 3, 5, 23, 59, 59, 999999, tzinfo=UTC), False),
        (datetime(2024, 3, 6, tzinfo=UTC), True),
    ],
)
def test_a_day_has_ended_after_its_last_microsecond(now: datetime, ended: bool) -> None:
    assert a_day().has_ended(now) is ended


def test_by_the_clock_the_past_has_ended_and_the_future_has_not() -> None:
    assert a_day().has_ended()
    assert not a_day(day=date(2100, 1, 1)).has_ended()


def test_no_measure_can_be_named_like_a_column_of_every_wide_table() -> None:
    assert set(wide_table("shop", "retention", ()).column_names) <= RESERVED


def test_a_wide_table_has_a_column_for_each_measure() -> None:
    day = a_day(gate())
    table = wide_table("shop", "Chat-Entry", day.measures)
    assert table.qualified == "ab.tbl_wide_user_shop_chat_entry"
    assert table.column_names[-2:] == ("visits", "amount")
    assert {table.column(measure.name).type for measure in day.measures} == {"DOUBLE"}


def test_a_column_the_warehouse_has_and_no_metric_asks_for_is_kept() -> None:
    table = wide_table("shop", "retention", ())
    kept = with_retired_columns(
        table, dict.fromkeys((*table.column_names, "old", "older"), "DOUBLE")
    )
    assert kept.column_names == (*table.column_names, "old", "older")
    assert with_retired_columns(table, {}) == table


def test_a_report_table_has_the_columns_of_the_dashboard_table() -> None:
    table = report_table("shop", "Chat-Entry")
    assert table.qualified == "ab.tbl_report_user_shop_chat_entry"
    assert (table.columns, table.partition_by) == (report_columns(), ("event_date",))
