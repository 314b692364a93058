"""Covariates: arms that differed before exposure, and units without a past."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import log1p

import numpy as np
import pytest
from scipy.stats import ttest_ind

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.experiments import Variation
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import (
    ArmSums,
    CovariateSums,
    arm_sums,
    measures_statement,
)
from ab_assets.health.pre_exposure import check_covariate_coverage, check_pre_exposure_bias
from ab_assets.modules.health_limits import CovariateCoverageLimits, PreExposureLimits
from tests.experiments.builders import a_phase
from tests.health.builders import an_item
from tests.sql.bench import LEAN, Bench, a_module, gate
from tests.sql.rows import exposed, pay, visit

DAY = date(2024, 3, 4)
WITH_PAST = {
    "visits": {"type": "mean", "column": "visits", "cuped": {"days": 3}},
    "amount": {"type": "mean", "column": "amount", "cuped": {"days": 3}},
}
ARMS = ("0", "1", "2")


def an_experiment_day(metrics: Mapping[str, Mapping[str, object]] = WITH_PAST) -> ExperimentDay:
    """Three arms of equal weight, whose metrics have covariates."""
    variations = tuple(Variation(id=f"var_{key}", key=key, name=key) for key in ARMS)
    phase = a_phase("2024-03-01T00:00", weights=(0.4, 0.3, 0.3))
    module = a_module(metrics, ["visits", "amount"])
    return an_item(gate(variations=variations, phases=(phase,)), DAY, module)


def an_arm(values: Sequence[float], covariate: str = "visits_before_3d") -> ArmSums:
    """An arm of which each unit had so much of a covariate."""
    shift = 0.5
    logs = [log1p(value) - shift for value in values]
    some = sum(value != 0 for value in values)
    sums = CovariateSums(sum(values), some, sum(logs), sum(log**2 for log in logs), shift)
    return ArmSums(units=len(values), covariates={covariate: sums})


def check(*arms: Sequence[float], minimum_units: int = 2) -> Finding:
    found = {key: an_arm(values) for key, values in zip(ARMS, arms, strict=False)}
    limits = PreExposureLimits(minimum_units=minimum_units)
    return check_pre_exposure_bias(an_experiment_day(), found, limits)


def p_value_of(control: Sequence[float], arm: Sequence[float]) -> float:
    return float(ttest_ind(np.log1p(arm), np.log1p(control)).pvalue)


def test_the_p_value_is_students_on_logarithms_over_all_tests() -> None:
    control, first, second = [1.0, 2.0, 4.0, 5.0], [5.0, 6.0, 7.0, 10.0], [1.0, 1.0, 3.0, 4.0]
    finding = check(control, first, second)
    expected = [p_value_of(control, arm) for arm in (first, second)]
    assert (finding.check, finding.status) == (Check.PRE_EXPOSURE_BIAS, Status.PASS)
    assert list(finding.detail["p_values"].values()) == pytest.approx(expected, rel=1e-9)
    assert finding.p_value == pytest.approx(2 * min(expected), rel=1e-9)
    assert finding.detail["covariates"] == {"visits_before_3d": {"0": 3.0, "1": 7.0, "2": 2.25}}


def test_arms_that_differed_before_exposure_fail() -> None:
    finding = check([0.0, 1.0] * 50, [3.0, 4.0] * 50, [0.0, 1.0] * 50)
    assert (finding.status, finding.distrust) == (
        Status.FAIL,
        "pre-exposure bias in visits_before_3d",
    )
    assert finding.message.startswith(
        "visits_before_3d differed before exposure: 3.5 in '1', 0.5 in the control (p = "
    )
    assert finding.message.endswith(", 2 tests)")


def test_several_biased_covariates_are_counted() -> None:
    finding = check([0.0, 1.0] * 50, [3.0, 4.0] * 50, [3.0, 4.0] * 50)
    assert finding.value == 2.0
    assert finding.message.endswith("; 1 more do too")


def test_the_threshold_is_shared_by_all_tests() -> None:
    control, arm = [0.0, 1.0] * 50, [0.0, 1.0, 1.0, 1.0] * 25
    limits = PreExposureLimits(alpha=1.5 * p_value_of(control, arm), minimum_units=2)
    item = an_experiment_day()
    one = {"0": an_arm(control), "1": an_arm(arm)}
    assert check_pre_exposure_bias(item, one, limits).status is Status.FAIL
    both = one | {"2": an_arm(control)}
    assert check_pre_exposure_bias(item, both, limits).status is Status.PASS


def test_a_covariate_few_units_have_is_not_compared() -> None:
    finding = check([0.0] * 95 + [9.0] * 5, [0.0] * 5 + [9.0] * 95, minimum_units=51)
    assert (finding.status, finding.message) == (
        Status.PASS,
        "too few units to compare covariates",
    )


def test_one_heavy_user_in_a_small_arm_is_no_bias() -> None:
    usual = [0.0, 1.0, 2.0, 3.0]
    finding = check(usual * 475, [*usual * 24, *usual[1:], 1e6], minimum_units=50)
    assert finding.status is Status.PASS
    assert finding.p_value is not None
    assert finding.p_value > 0.01


def test_a_small_arm_without_any_of_a_rare_covariate_is_no_bias() -> None:
    rare = [1.0] * 20 + [0.0] * 980
    assert check(rare, [0.0] * 100, minimum_units=0).status is Status.PASS


def test_covariates_that_do_not_vary_are_no_tests() -> None:
    assert check([0.0] * 50, [0.0] * 50).status is Status.PASS
    assert check([], []).status is Status.PASS


def test_without_a_covariate_there_is_nothing_to_compare() -> None:
    item = an_experiment_day({"visits": {"type": "mean", "column": "visits"}})
    for finding in (check_pre_exposure_bias(item, {}), check_covariate_coverage(item, {})):
        assert (finding.status, finding.message) == (
            Status.PASS,
            "no metric of the experiment has a covariate",
        )


def coverage(units: int, covered: int, share: float = 0.05) -> Finding:
    arms = {key: ArmSums(units=units // 2, with_past=covered // 2) for key in "01"}
    limits = CovariateCoverageLimits(share=share)
    return check_covariate_coverage(an_experiment_day(), arms, limits)


def test_units_with_a_past_pass() -> None:
    finding = coverage(1000, 600)
    assert (finding.check, finding.status, finding.value) == (
        Check.COVARIATE_COVERAGE,
        Status.PASS,
        0.6,
    )
    assert finding.message == "600 of 1,000 units (60.0%) have an event before exposure"


def test_hardly_any_unit_with_a_past_is_not_trusted() -> None:
    finding = coverage(1000, 40)
    assert (finding.status, finding.distrust) == (Status.WARN, "covariate coverage low")
    assert finding.detail["with_past"] == {"0": 20, "1": 20}


def test_an_experiment_on_new_users_can_switch_it_off() -> None:
    assert coverage(1000, 0, share=0.0).status is Status.PASS


def test_a_few_units_may_have_no_past() -> None:
    assert coverage(98, 0).status is Status.PASS
    assert coverage(0, 0).status is Status.PASS


def test_rows_of_before_the_count_say_nothing_of_the_past() -> None:
    arms = {"0": ArmSums(units=5000, counted=False)}
    assert check_covariate_coverage(an_experiment_day(), arms).status is Status.PASS


def test_the_warehouse_sums_covariates_and_counts_units_by_variation(bench: Bench) -> None:
    bench.module = a_module(WITH_PAST, ["visits", "amount"])
    bench.load(
        exposed("a", "0", "03-04 10:00"),
        visit("a", "03-03 10:00"),
        visit("a", "03-03 11:00"),
        pay("a", "03-04 10:30", 5),
        pay("a", "03-04 11:30", -5),
        exposed("b", "0", "03-04 10:00"),
        exposed("c", "1", "03-04 10:00"),
        pay("c", "03-02 10:00", -7),
        visit("c", "03-04 10:30"),
        exposed("crossed", "0", "03-04 10:00"),
        exposed("crossed", "1", "03-04 11:00"),
        visit("crossed", "03-03 10:00"),
        exposed("odd", "beta", "03-04 10:00"),
    )
    day = bench.full(DAY).day(DAY)
    rows = bench.warehouse.fetch(measures_statement(bench.library, day, bench.table(day)))
    arms = arm_sums(day, rows)["exp_1"]
    control, treatment = arms["0"], arms["1"]
    assert (control.units, control.silent, control.with_past, control.counted) == (2, 1, 1, True)
    assert (treatment.units, treatment.silent, treatment.with_past) == (1, 0, 1)
    assert (control.sums, treatment.sums) == (
        {"visits": 0.0, "amount": 0.0},
        {"visits": 1.0, "amount": 0.0},
    )
    assert control.some == {"visits": 0, "amount": 0}
    # visits before exposure: 2 and 0 in the control, 0 in the treatment
    past, shift = control.covariate("visits_before_3d"), log1p(2) / 3
    assert (past.total, past.some, past.shift) == (2.0, 1, pytest.approx(shift))
    assert past.centred == pytest.approx(log1p(2) - 2 * shift)
    assert past.squares == pytest.approx((log1p(2) - shift) ** 2 + shift**2)
    spent = treatment.covariate("amount_before_3d")
    assert (spent.total, spent.some) == (-7.0, 1)
    assert treatment.moments("amount_before_3d").mean.item() == pytest.approx(-log1p(7))


def test_a_table_without_covariates_is_summed_too(bench: Bench) -> None:
    bench.module = a_module(LEAN, ["visits"])
    bench.load(exposed("a", "0", "03-04 10:00"), visit("a", "03-04 10:30"))
    day = bench.full(DAY).day(DAY)
    rows = bench.warehouse.fetch(measures_statement(bench.library, day, bench.table(day)))
    assert arm_sums(day, rows)["exp_1"]["0"] == ArmSums(
        1, 0, 0, True, {"visits": 1.0}, {"visits": 1}, {}
    )
