"""Variables: what one statistics query sums, each thing once."""

import pytest

from ab_assets.modules.variables import (
    Eligibility,
    EligibilityKind,
    Transform,
    eligibility_of,
    plan_variables,
)
from tests.modules.builders import a_metric

RATIO = {"type": "ratio", "column": None, "numerator": "amount", "denominator": "visits"}
CLOSED = EligibilityKind.WINDOW_CLOSED


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Eligibility()),
        ({"delay": {"hours": 12}}, Eligibility()),
        ({"lookback": {"days": 1}}, Eligibility()),
        ({"window": {"days": 1}}, Eligibility(CLOSED, hours=24)),
        ({"window": {"days": 1}, "delay": {"hours": 12}}, Eligibility(CLOSED, hours=36)),
        ({"window": {"days": 1}, "in_progress": "exclude"}, Eligibility(CLOSED, hours=24)),
        ({"window": {"days": 1}, "in_progress": "include"}, Eligibility()),
        ({"type": "retention", "day": 7}, Eligibility(EligibilityKind.DAY_CLOSED, day=7)),
        ({"type": "retention", "day": 7, "in_progress": "include"}, Eligibility()),
    ],
)
def test_a_metric_counts_units_whose_window_has_closed(
    said: dict[str, object], expected: Eligibility
) -> None:
    assert eligibility_of(a_metric(**said)) == expected


def test_a_proportion_is_at_least_1_unless_it_says_otherwise() -> None:
    plan = plan_variables([a_metric(type="proportion"), a_metric(type="proportion", threshold=50)])
    assert [(item.transform, item.threshold) for item in plan.variables] == [
        (Transform.AT_LEAST, 1.0),
        (Transform.AT_LEAST, 50.0),
    ]


def test_retention_is_anything_above_0_unless_it_says_otherwise() -> None:
    metrics = [a_metric(type="retention", day=1), a_metric(type="retention", day=1, threshold=2)]
    plan = plan_variables(metrics)
    assert [item.transform for item in plan.variables] == [Transform.POSITIVE, Transform.AT_LEAST]


def test_a_covariate_is_capped_at_the_cap_of_its_metric() -> None:
    metric = a_metric(cap={"percentile": 0.9}, cuped={"days": 3}, window={"days": 1})
    plan = plan_variables([metric])
    outcome, covariate = plan.variables
    assert (outcome.measure, covariate.measure) == ("visits_within_1d", "visits_before_3d")
    assert outcome.cap_measure == covariate.cap_measure == "visits_within_1d"
    assert plan.of_metric[metric].outcomes == (0,)
    assert plan.of_metric[metric].covariates == (1,)


def test_a_ratio_with_cuped_has_four_variables_and_all_their_products() -> None:
    metric = a_metric(**RATIO, cuped={"days": 3})
    plan = plan_variables([metric])
    assert [item.measure for item in plan.variables] == [
        "amount",
        "visits",
        "amount_before_3d",
        "visits_before_3d",
    ]
    assert len(plan.products) == 10


def test_metrics_share_variables_and_products() -> None:
    plan = plan_variables([a_metric(), a_metric(role="goal"), a_metric(**RATIO)])
    assert [item.measure for item in plan.variables] == ["visits", "amount"]
    assert plan.products == ((0, 0), (0, 1), (1, 1))
    assert len(plan.of_metric) == 3


def test_the_same_measure_over_other_units_is_another_variable() -> None:
    metrics = [a_metric(window={"days": 1}), a_metric(window={"days": 1}, in_progress="include")]
    plan = plan_variables(metrics)
    assert [item.measure for item in plan.variables] == ["visits_within_1d"] * 2
    assert len(plan.eligibilities) == 2


def test_a_ratio_of_a_column_to_itself_is_one_variable() -> None:
    metric = a_metric(type="ratio", column=None, numerator="visits", denominator="visits")
    plan = plan_variables([metric])
    assert (len(plan.variables), plan.of_metric[metric].outcomes) == (1, (0, 0))


def test_no_metrics_need_nothing() -> None:
    plan = plan_variables([])
    assert (plan.variables, plan.products, plan.eligibilities) == ((), (), ())
