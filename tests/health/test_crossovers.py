"""Crossovers and unknown keys: their limits, and whether one arm has more of them."""

import pytest

from ab_assets.health.crossovers import check_crossovers, check_unknown_variations
from ab_assets.health.finding import Finding, Status
from tests.health.builders import an_assignment


def check(compared: tuple[int, int], crossovers: dict[str, int]) -> Finding:
    return check_crossovers("exp_1", an_assignment(*compared, crossovers=crossovers), ["0", "1"])


@pytest.mark.parametrize(
    ("compared", "crossed", "status"),
    [
        ((495, 495), 10, Status.FAIL),  # 10 of 1,000: 1 %
        ((491, 500), 9, Status.PASS),  # 9 of 1,000
        ((400, 400), 9, Status.PASS),  # more than 1 %, but a handful
        ((496, 495), 10, Status.WARN),  # 10 of 1,001: just less than 1 %
        ((4995, 4995), 10, Status.WARN),  # 0.1 %
        ((4996, 4995), 10, Status.PASS),  # just less than 0.1 %
        ((500, 500), 0, Status.PASS),
        ((0, 0), 0, Status.PASS),
    ],
)
def test_the_share_of_crossovers_has_two_limits(
    compared: tuple[int, int], crossed: int, status: Status
) -> None:
    half = {"0": crossed // 2, "1": crossed - crossed // 2}
    finding = check(compared, half)
    assert finding.status is status
    assert bool(finding.distrust) is (status is Status.FAIL)


def test_the_message_has_the_numbers() -> None:
    finding = check((495, 495), {"0": 5, "1": 5})
    assert finding.message.startswith("10 of 1,000 units (1.00%) saw more than one variation")
    assert finding.distrust == "crossovers"


def test_crossovers_that_started_in_one_arm_fail_even_when_they_are_few() -> None:
    finding = check((50_000, 50_000), {"0": 60, "1": 5})
    assert (finding.status, finding.distrust) == (Status.FAIL, "crossover rate differs by arm")
    assert finding.p_value is not None
    assert finding.p_value < 1e-9


def test_crossovers_in_proportion_to_the_arms_are_no_difference() -> None:
    finding = check((90_000, 10_000), {"0": 90, "1": 10})
    assert (finding.status, finding.p_value) == (Status.PASS, pytest.approx(1.0, abs=1e-3))


def test_a_few_crossovers_say_nothing_about_the_arms() -> None:
    assert check((50_000, 50_000), {"0": 9}).p_value is None


def test_a_crossover_that_saw_an_unknown_key_first_is_counted_too() -> None:
    finding = check((495, 495), {"beta": 10})
    assert (finding.status, finding.value) == (Status.FAIL, 0.01)


def test_units_with_only_an_unknown_key_are_not_in_the_rate() -> None:
    assignment = an_assignment(495, 495, crossovers={"0": 10}, unknown={"beta": 9000})
    assert check_crossovers("exp_1", assignment, ["0", "1"]).value == 0.01


def test_no_unknown_key_passes() -> None:
    finding = check_unknown_variations("exp_1", an_assignment(5, 5))
    assert (finding.status, finding.distrust) == (Status.PASS, "")


def test_unknown_keys_are_counted_and_named_largest_first() -> None:
    assignment = an_assignment(5, 5, unknown={"beta": 2, "": 7, "a": 2, "z": 1})
    finding = check_unknown_variations("exp_1", assignment)
    assert (finding.status, finding.value) == (Status.WARN, 12.0)
    assert finding.message.endswith("left out: '' (7), 'a' (2), 'beta' (2)")


def test_of_many_unknown_keys_the_twenty_largest_are_kept() -> None:
    unknown = {f"k{number:02d}": number for number in range(1, 31)}
    detail = check_unknown_variations("exp_1", an_assignment(5, 5, unknown=unknown)).detail
    assert list(detail["units"]) == [f"k{number:02d}" for number in range(30, 10, -1)]
