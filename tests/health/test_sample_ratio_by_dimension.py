"""Sample ratio by segment: a loss of one platform that the total hides, and few false alarms."""

from datetime import date

import polars as pl
import pytest

from ab_assets.health.experiment_checks import check_experiments
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.sample_ratio_by_dimension import (
    Segment,
    check_sample_ratio_by_dimension,
    segments_of,
)
from ab_assets.modules.health_limits import DimensionSampleRatioLimits
from tests.sql.bench import LEAN, TAG, Bench, a_module
from tests.sql.rows import exposed

EVEN = {"0": 0.5, "1": 0.5}
DAY = date(2024, 3, 2)
THIS_CHECK = Check.SAMPLE_RATIO_BY_DIMENSION


def segment(value: str, *units: int, dimension: str = "platform") -> Segment:
    return Segment(dimension, value, {str(place): count for place, count in enumerate(units)})


def check(*segments: Segment, weights: dict[str, float] | None = None) -> Finding:
    return check_sample_ratio_by_dimension("exp_1", segments, weights or EVEN)


def test_segments_that_fit_the_weights_pass() -> None:
    finding = check(segment("ios", 5050, 4950), segment("web", 990, 1010))
    assert (finding.check, finding.status) == (Check.SAMPLE_RATIO_BY_DIMENSION, Status.PASS)
    assert finding.message == "the units of 2 segments fit the weights"
    # Two tests: the smaller p-value (0.3173) twice.
    assert finding.p_value == pytest.approx(2 * 0.3173105, abs=1e-6)


def test_a_loss_in_one_segment_fails_and_is_named() -> None:
    finding = check(segment("ios", 5000, 5000), segment("web", 1200, 1000))
    assert (finding.status, finding.distrust) == (
        Status.FAIL,
        "sample-ratio mismatch in platform=web",
    )
    assert (finding.dimension, finding.dimension_value) == ("platform", "web")
    assert finding.message.startswith(
        "sample-ratio mismatch in platform=web: 1,200 / 1,000 units where 1,100 / 1,100 were "
        "expected (p = 4"
    )
    assert finding.value == 1.0


def test_losses_that_cancel_in_the_total_fail() -> None:
    finding = check(segment("ios", 1200, 1000), segment("web", 1000, 1200))
    assert finding.status is Status.FAIL
    assert "; also platform=web" in finding.message


def test_the_threshold_is_shared_by_all_segments() -> None:
    odd = segment("web", 1075, 925)  # p = 0.0008 by itself
    assert check(odd).status is Status.FAIL
    assert check(odd, *(segment(str(k), 500, 500) for k in range(19))).status is Status.PASS


def test_a_small_arm_of_a_segment_that_lost_most_of_its_units_fails() -> None:
    finding = check(segment("web", 950, 10), weights={"0": 0.95, "1": 0.05})
    assert finding.status is Status.FAIL


def test_an_arm_of_weight_0_is_no_arm_of_a_segment() -> None:
    finding = check(segment("web", 5050, 4950, 0), weights={"0": 0.5, "1": 0.5, "2": 0.0})
    assert finding.status is Status.PASS
    assert finding.p_value == pytest.approx(0.3173105, abs=1e-6)


def test_a_segment_of_few_units_is_judged_by_the_sequential_test_alone() -> None:
    finding = check(segment("web", 6, 2))
    assert (finding.status, finding.p_value) == (Status.PASS, None)
    assert finding.message == "no segment has enough units to judge its sample ratio"
    assert check(segment("web", 700, 0), weights={"0": 0.995, "1": 0.005}).status is Status.PASS
    assert check(segment("web", 7, 693), weights={"0": 0.995, "1": 0.005}).status is Status.FAIL


def test_without_segments_there_is_nothing_to_judge() -> None:
    assert check().status is Status.PASS
    assert check(segment("web", 0, 0)).status is Status.PASS


def test_a_mismatch_of_the_whole_experiment_is_not_told_twice() -> None:
    finding = check_sample_ratio_by_dimension(
        "exp_1", [segment("ios", 500, 500), segment("web", 1200, 1000)], EVEN, whole_fails=True
    )
    assert (finding.status, finding.distrust) == (Status.PASS, "")
    assert finding.message == "the mismatch of the whole experiment is plainest in platform=web"


def test_the_detail_has_every_segments_units_and_p_values() -> None:
    detail = check(segment("ios", 50, 50), segment("web", 60, 40)).detail
    assert detail["tests"] == 2
    first, second = detail["segments"]
    assert first["observed"] == {"0": 60, "1": 40}
    assert first["expected"] == {"0": 50.0, "1": 50.0}
    assert first["p_value"] == pytest.approx(2 * 0.0455003, abs=1e-6)
    assert (second["value"], second["p_value"]) == ("ios", 1.0)


def test_the_threshold_is_the_modules() -> None:
    limits = DimensionSampleRatioLimits(alpha=0.1)
    found = check_sample_ratio_by_dimension("exp_1", [segment("web", 60, 40)], EVEN, limits)
    assert (found.status, found.threshold) == (Status.FAIL, 0.1)


def test_the_rest_of_many_values_is_one_segment() -> None:
    rows = [
        {"variation_key": key, "channel": value, "units": units}
        for value, units in (("a", 5), ("b", 9), ("c", 2), ("d", 1), ("(other)", 7))
        for key in "01"
    ]
    found = segments_of(pl.DataFrame(rows), ["channel"], 2)
    assert [(one.value, dict(one.units)) for one in found] == [
        ("b", {"0": 9, "1": 9}),
        ("(other)", {"0": 15, "1": 15}),
    ]


def test_the_warehouse_counts_compared_units_by_each_dimension(bench: Bench) -> None:
    bench.module = a_module(LEAN, ["visits"], dimensions=("country", "platform"))
    bench.load(
        exposed("a", "0", "03-01 10:00", country="DE", platform="ios"),
        exposed("b", "0", "03-01 10:00", country="DE"),
        exposed("c", "1", "03-01 10:00", country="FR", platform="ios"),
        exposed("crossed", "0", "03-01 10:00", country="DE", platform="ios"),
        exposed("crossed", "1", "03-01 11:00", country="DE", platform="ios"),
        exposed("odd", "beta", "03-01 10:00", country="DE", platform="ios"),
    )
    day = bench.full(DAY).day(DAY)
    table = bench.table(day)
    told = check_experiments(bench.warehouse, bench.library, day, table)
    assert {one.detail["tests"] for one in told if one.check is THIS_CHECK} == {4}
    statement = bench.library.render(
        "health/assigned_by_dimension.sql",
        {"tag": TAG, "event_date": DAY},
        table=table,
        dimensions=day.module.dimensions,
    )
    found = segments_of(bench.warehouse.fetch(statement), day.module.dimensions, 20)
    assert [(one.name, dict(one.units)) for one in found] == [
        ("country=DE", {"0": 2}),
        ("country=FR", {"1": 1}),
        ("platform=ios", {"0": 1, "1": 1}),
        ("platform=(unknown)", {"0": 1}),
    ]
