"""What findings mean for the report."""

import pytest

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.reporting.trust import StructuralFailureError, trust_of


def a_finding(check: Check, status: Status = Status.PASS, **changes: object) -> Finding:
    values: dict[str, object] = {
        "experiment_id": "exp_1",
        "check": check,
        "status": status,
        "message": f"{check} said so",
    }
    return Finding(**(values | changes))


def test_without_a_finding_everything_is_trusted() -> None:
    assert trust_of([]).distrust == {}


def test_a_structural_failure_stops_the_report() -> None:
    finding = a_finding(Check.CONSERVATION, Status.FAIL, message="3 units are lost")
    with pytest.raises(StructuralFailureError, match="conservation: 3 units are lost"):
        trust_of([finding])


def test_a_structural_check_that_passed_stops_nothing() -> None:
    assert trust_of([a_finding(Check.CONSERVATION)]).distrust == {}


def test_a_statistical_failure_distrusts_its_experiment_alone() -> None:
    findings = [
        a_finding(Check.SAMPLE_RATIO, Status.FAIL, distrust="sample-ratio mismatch"),
        a_finding(Check.SAMPLE_RATIO, experiment_id="exp_2"),
    ]
    assert trust_of(findings).distrust == {"exp_1": "sample-ratio mismatch"}


def test_a_failure_is_named_before_a_warning_that_came_first() -> None:
    findings = [
        a_finding(Check.FULL_DAY, Status.WARN, distrust="less than one full day"),
        a_finding(Check.CROSSOVERS, Status.FAIL, distrust="crossovers"),
    ]
    assert trust_of(findings).distrust == {"exp_1": "crossovers"}


def test_of_two_failures_the_first_is_named() -> None:
    findings = [
        a_finding(Check.SAMPLE_RATIO, Status.FAIL, distrust="sample-ratio mismatch"),
        a_finding(Check.CROSSOVERS, Status.FAIL, distrust="crossovers"),
    ]
    assert trust_of(findings).distrust == {"exp_1": "sample-ratio mismatch"}


def test_a_warning_without_distrust_distrusts_nothing() -> None:
    assert trust_of([a_finding(Check.CROSSOVERS, Status.WARN)]).distrust == {}


def test_both_sample_ratio_p_values_are_carried() -> None:
    detail = {"sequential_p_value": 0.2}
    trust = trust_of([a_finding(Check.SAMPLE_RATIO, p_value=0.1, detail=detail)])
    assert trust.sample_ratio_p_values == {"exp_1": 0.1}
    assert trust.sequential_sample_ratio_p_values == {"exp_1": 0.2}


def test_a_sample_ratio_that_could_not_be_judged_has_no_p_value() -> None:
    detail = {"sequential_p_value": None}
    trust = trust_of([a_finding(Check.SAMPLE_RATIO, detail=detail)])
    assert trust.sample_ratio_p_values == {}
    assert trust.sequential_sample_ratio_p_values == {}


def test_p_values_of_other_checks_are_not_the_sample_ratios() -> None:
    assert trust_of([a_finding(Check.CROSSOVERS, p_value=0.1)]).sample_ratio_p_values == {}
