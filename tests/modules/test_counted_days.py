"""Which columns count days, and what makes a day count."""

import pytest

from ab_assets.modules.counted_days import day_condition
from ab_assets.modules.expressions import Merge, read_column


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("max(1)", "TRUE"),
        ("(max((1)))", "TRUE"),
        ("max(1.0)", "TRUE"),
        ("coalesce(max(1), 0)", "TRUE"),
        ("max(if(value > 3, 1, 0))", "value > 3"),
        ("max(if(value > 3, 1, NULL))", "value > 3"),
        ("max(if(value > 3 OR value < 1, 1.0, 0.0))", "value > 3 OR value < 1"),
        ("max(CASE WHEN value > 3 THEN 1 END)", "value > 3"),
        ("max(CASE WHEN value > 3 THEN 1 ELSE 0 END)", "value > 3"),
        ("coalesce(max(CASE WHEN value > 3 THEN 1 END), 0)", "value > 3"),
    ],
)
def test_a_day_of_one_or_nothing_is_counted(text: str, condition: str) -> None:
    found = day_condition(read_column(text), Merge.SUM)
    assert found is not None
    assert found.sql(dialect="starrocks") == condition


@pytest.mark.parametrize(
    "text",
    [
        "max(2)",
        "max(value)",
        "min(1)",
        "sum(1)",
        "max(1) + 1",
        "max(if(value > 3, 2, 0))",
        "max(if(value > 3, 1, 2))",
        "max(if(value > 3, 1, value))",
        "max(CASE WHEN value > 3 THEN 1 WHEN value > 2 THEN 1 END)",
        "max(CASE value WHEN 3 THEN 1 END)",
        "coalesce(max(1), 1)",
        "if(count(*) < 3, 1, 0)",
    ],
)
def test_any_other_number_of_a_day_is_not(text: str) -> None:
    assert day_condition(read_column(text), Merge.SUM) is None


@pytest.mark.parametrize("merge", [Merge.MAX, Merge.MIN])
def test_where_days_are_not_summed_they_are_not_counted(merge: Merge) -> None:
    assert day_condition(read_column("max(1)"), merge) is None
