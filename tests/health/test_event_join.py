"""Exposed units without any event: ids that do not match, in all arms or in one."""

import pytest

from ab_assets.health.event_join import check_event_join
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums
from ab_assets.modules.health_limits import EventJoinLimits


def check(*arms: tuple[int, int], limits: EventJoinLimits | None = None) -> Finding:
    """Arms '0', '1', … of so many units and so many without an event."""
    sums = {
        str(place): ArmSums(units=units, silent=silent)
        for place, (units, silent) in enumerate(arms)
    }
    return check_event_join("exp_1", sums, limits or EventJoinLimits())


def test_units_with_events_pass() -> None:
    finding = check((1000, 300), (1000, 310))
    assert (finding.check, finding.status, finding.distrust) == (
        Check.EVENT_JOIN,
        Status.PASS,
        "",
    )
    assert finding.message == "610 of 2,000 exposed units (30.5%) have no event since"
    assert finding.p_value == pytest.approx(0.627200, abs=1e-6)
    assert finding.detail["without_event"] == {"0": 300, "1": 310}


def test_hardly_any_unit_with_an_event_is_an_identity_mismatch() -> None:
    finding = check((1000, 960), (1000, 950))
    assert (finding.status, finding.distrust) == (
        Status.FAIL,
        "events of exposed units fail to join",
    )
    assert finding.message.endswith(
        "(95.5%) have no event since: exposures and events do not carry the same ids"
    )


def test_a_small_experiment_may_be_that_quiet() -> None:
    assert check((400, 400), (400, 400)).status is Status.PASS


def test_one_arm_whose_events_are_lost_fails() -> None:
    finding = check((1000, 300), (1000, 700))
    assert (finding.status, finding.distrust) == (Status.FAIL, "events of one arm fail to join")
    assert finding.message.startswith(
        "30.0% of the units of '0' have no event, 70.0% of the others (p = "
    )


def test_of_three_arms_the_odd_one_is_named() -> None:
    assert "'2'" in check((1000, 300), (1000, 305), (1000, 990)).message


def test_a_difference_a_treatment_may_make_is_a_warning() -> None:
    finding = check((5000, 1500), (5000, 1900))
    assert (finding.status, finding.distrust) == (Status.WARN, "")


def test_an_established_but_small_difference_is_silent() -> None:
    finding = check((100_000, 30_000), (100_000, 31_000))
    assert finding.p_value is not None
    assert finding.p_value < 1e-5
    assert finding.status is Status.PASS


def test_a_large_difference_of_a_few_units_is_not_established() -> None:
    finding = check((8, 1), (8, 4))
    assert (finding.status, finding.p_value) == (Status.PASS, None)
    assert check((60, 20), (60, 35)).status is Status.PASS


@pytest.mark.parametrize("arms", [[], [(0, 0), (0, 0)], [(50, 10)], [(50, 10), (0, 0)]])
def test_without_two_arms_there_is_no_difference(arms: list[tuple[int, int]]) -> None:
    finding = check(*arms)
    assert (finding.status, finding.p_value) == (Status.PASS, None)


def test_rows_of_before_the_count_are_not_judged() -> None:
    arms = {"0": ArmSums(units=5000, silent=5000, counted=False)}
    finding = check_event_join("exp_1", arms)
    assert finding.status is Status.PASS
    assert "before all events were counted" in finding.message


def test_the_thresholds_are_the_modules() -> None:
    limits = EventJoinLimits(silent=0.5, minimum_units=10)
    assert check((10, 6), (10, 6), limits=limits).status is Status.FAIL
