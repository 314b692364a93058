"""Sample ratio: units arrive in the arms as the weights say."""

import pytest

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.sample_ratio import check_sample_ratio
from tests.health.builders import an_assignment


def check(units: list[int], weights: list[float]) -> Finding:
    keyed = {str(place): weight for place, weight in enumerate(weights)}
    return check_sample_ratio("exp_1", an_assignment(*units), keyed)


def test_units_that_fit_the_weights_pass() -> None:
    finding = check([5050, 4950], [0.5, 0.5])
    assert (finding.check, finding.status, finding.distrust) == (
        Check.SAMPLE_RATIO,
        Status.PASS,
        "",
    )
    assert finding.p_value == pytest.approx(0.3173105, abs=1e-6)


def test_units_that_do_not_fit_fail_and_the_message_has_the_numbers() -> None:
    finding = check([10_500, 9_500], [0.5, 0.5])
    assert (finding.status, finding.distrust) == (Status.FAIL, "sample-ratio mismatch")
    assert "10,500 / 9,500 units where 10,000 / 10,000 were expected" in finding.message


def test_units_in_an_arm_of_weight_0_fail_by_themselves() -> None:
    finding = check([1000, 1000, 40], [0.5, 0.5, 0.0])
    assert (finding.status, finding.distrust) == (Status.FAIL, "units in a zero-weight arm")
    assert finding.value == 40.0
    assert finding.message == "40 units are in variation '2', which has weight 0"


def test_a_single_unit_in_an_arm_of_weight_0_fails() -> None:
    assert check([1000, 1000, 1], [0.5, 0.5, 0.0]).status is Status.FAIL


def test_an_arm_of_weight_0_without_units_is_not_counted_as_an_arm() -> None:
    finding = check([5050, 4950, 0], [0.5, 0.5, 0.0])
    assert finding.status is Status.PASS
    assert finding.p_value == pytest.approx(0.3173105, abs=1e-6)


def test_a_small_arm_that_lost_most_of_its_units_fails() -> None:
    # 95 / 5: of 1,000 units 50 were meant for the small arm, and 10 arrived.
    assert check([950, 10], [0.95, 0.05]).status is Status.FAIL


def test_too_few_units_are_not_judged() -> None:
    finding = check([5, 1], [0.5, 0.5])
    assert (finding.status, finding.distrust) == (Status.PASS, "")
    assert "too few" in finding.message


@pytest.mark.parametrize("weights", [[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]])
def test_without_any_unit_nothing_is_judged(weights: list[float]) -> None:
    finding = check([0, 0], weights)
    assert (finding.status, finding.p_value) == (Status.PASS, None)


def test_weights_need_not_add_up_to_1() -> None:
    assert check([9000, 1000], [9.0, 1.0]).status is Status.PASS


def test_an_arm_nobody_arrived_in_is_a_mismatch() -> None:
    assert check([1000, 0], [0.5, 0.5]).status is Status.FAIL


def test_crossovers_and_unknown_keys_are_not_counted() -> None:
    assignment = an_assignment(500, 500, crossovers={"0": 900}, unknown={"beta": 900})
    finding = check_sample_ratio("exp_1", assignment, {"0": 0.5, "1": 0.5})
    assert (finding.status, finding.p_value) == (Status.PASS, 1.0)


def test_the_detail_says_what_was_seen_expected_and_wanted() -> None:
    detail = check([60, 40], [0.5, 0.5]).detail
    assert detail["observed"] == {"0": 60, "1": 40}
    assert detail["expected"] == {"0": 50.0, "1": 50.0}
    assert detail["weights"] == {"0": 0.5, "1": 0.5}
