"""What is said once of an experiment."""

from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.reporting.headline import headline_of
from tests.reporting.seeded import Seeded

UTC = ZoneInfo("UTC")


def of_three_arms(seeded: Seeded) -> pl.DataFrame:
    return seeded.report.filter(pl.col("experiment_id") == "exp_three")


def test_it_names_experiment_tag_day_and_phase(seeded: Seeded) -> None:
    found = headline_of(of_three_arms(seeded), UTC)
    assert (found.name, found.key, found.tag) == ("Name of exp_three", "key_exp_three", "checkout")
    assert found.event_date == date(2026, 10, 10)
    assert found.phase == "phase 0 “Main” since 2026-10-01 00:00 UTC"


def test_the_start_is_told_in_the_business_time_zone(seeded: Seeded) -> None:
    found = headline_of(of_three_arms(seeded), ZoneInfo("Asia/Shanghai"))
    assert found.phase == "phase 0 “Main” since 2026-10-01 08:00 Asia/Shanghai"


def test_each_variation_but_the_control_is_decided_once(seeded: Seeded) -> None:
    found = headline_of(of_three_arms(seeded), UTC)
    assert [item.variation for item in found.decisions] == ["Treatment 1", "Treatment 2"]


def test_distrust_is_read_from_the_decision_not_from_a_reason_all_rows_share(
    seeded: Seeded,
) -> None:
    shared = of_three_arms(seeded).with_columns(trust=pl.lit("no unit is counted yet"))
    assert headline_of(shared, UTC).distrust == ""
    untrusted = shared.with_columns(decision_reason=pl.lit("not trusted: crossovers"))
    assert headline_of(untrusted, UTC).distrust == "crossovers"


def test_crossovers_that_are_not_counted_are_none(seeded: Seeded) -> None:
    unknown = of_three_arms(seeded).with_columns(crossover_users=pl.lit(None, pl.Int64))
    assert headline_of(unknown, UTC).crossovers == 0
