from ab_assets.experiments import MetricSetting, metric_roles


def test_each_metric_is_found_by_its_growthbook_id() -> None:
    goal = MetricSetting(metric_id="fact__1", role="goal")
    guardrail = MetricSetting(metric_id="fact__2", role="guardrail")
    assert metric_roles((goal, guardrail)) == {"fact__1": goal, "fact__2": guardrail}


def test_a_metric_in_two_lists_keeps_the_weightier_role() -> None:
    goal = MetricSetting(metric_id="fact__1", role="goal")
    again = MetricSetting(metric_id="fact__1", role="guardrail")
    assert metric_roles((goal, again)) == {"fact__1": goal}
