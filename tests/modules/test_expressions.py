"""Column expressions: what they may be, how days merge, and the events a metric may count."""

import pytest

from ab_assets.modules.expressions import (
    EVENT_COLUMNS,
    Merge,
    day_value,
    inferred_merge,
    read_column,
    restricted,
)
from ab_assets.warehouse.schema import fixed_table


def test_a_column_may_use_what_events_have_and_nothing_else() -> None:
    assert fixed_table("ab_source.events").column_names == EVENT_COLUMNS


@pytest.mark.parametrize(
    ("text", "merge"),
    [
        ("count(*)", Merge.SUM),
        ("count(value)", Merge.SUM),
        ("count_if(event_name = 'x')", Merge.SUM),
        ("sum(value)", Merge.SUM),
        ("sum(if(event_name = 'a', if(platform = 'ios', value, 0), 0))", Merge.SUM),
        ("sum(get_json_double(properties, '$.amount'))", Merge.SUM),
        ("(sum(value))", Merge.SUM),
        ("coalesce(sum(value), 0)", Merge.SUM),
        ("ifnull(sum(value), 0)", Merge.SUM),
        ("CAST(sum(value) AS BIGINT)", Merge.SUM),
        ("max(value)", Merge.MAX),
        ("max(if(event_name = 'x', 1, 0))", Merge.MAX),
        ("min(value)", Merge.MIN),
        ("min(CASE WHEN event_name = 'x' THEN value END)", Merge.MIN),
        ("count(DISTINCT session_id)", None),
        ("sum(DISTINCT value)", None),
        ("avg(value)", None),
        ("sum(value) / count(*)", None),
        ("sum(value) + 1", None),
        ("-sum(value)", None),
        ("round(sum(value))", None),
        ("percentile_cont(value, 0.5)", None),
        ("max_by(value, event_time)", None),
    ],
)
def test_how_days_merge_is_inferred_from_the_outermost_aggregate(
    text: str, merge: Merge | None
) -> None:
    assert inferred_merge(read_column(text)) is merge


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the expression is empty"),
        ("value", "aggregates nothing; expected count_if"),
        ("if(event_name = 'x', 1, 0)", "aggregates nothing"),
        ("1", "aggregates nothing"),
        ("sum(value) + value", "uses value outside an aggregate"),
        ("if(event_name = 'x', sum(value), 0)", "uses event_name outside an aggregate"),
        ("sum(max(value))", "nests one aggregate in another"),
        ("count()", "counts nothing; write count"),
        ("sum(amount)", "uses 'amount', which events do not have"),
        ("sum(vlue)", "did you mean 'value'"),
        ("max(event_time)", "is no number: event_time is none"),
        ("sum(country)", "is no number: country is none"),
        ("group_concat(event_name)", "group_concat gives text"),
        ("any_value(value)", "any_value may answer differently"),
        ("approx_count_distinct(user_id)", "count"),
        ("sum(value) AS total", "leave AS out"),
        ("(SELECT max(value) FROM ab_source.events)", "sub-select"),
        ("sum(value) OVER ()", "OVER"),
        ("count_if(event_name = :name)", "binds"),
        ("sum(event.value)", "write the column without its table"),
        ("sum(value), sum(value)", "exactly one expression"),
        ("sum(value); DELETE FROM ab_source.events", "cannot be read as SQL"),
        ("sum(value)) FROM ab_source.events; --", "comments do not belong here"),
        ("sum(value", "parenthesis"),
        ("sum(value) /* hidden */", "comments do not belong here"),
        ("count_if(event_name = 'x' || 'y')", "concat"),
        ('count_if(event_name = "x")', "double quotes"),
        ("count_if(event_name = {{ name }})", ""),
        ("count_if(event_time > now())", "changes from run to run"),
        ("sum(sleep(10))", "sleep"),
    ],
)
def test_text_that_is_no_column_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_column(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(*)", "COUNT(CASE WHEN g THEN 1 END)"),
        ("count(1)", "COUNT(CASE WHEN g THEN 1 END)"),
        ("count(value)", "COUNT(CASE WHEN g THEN value END)"),
        (
            "count_if(event_name = 'x' OR value > 1)",
            "COUNT_IF(g AND (event_name = 'x' OR value > 1))",
        ),
        ("sum(value)", "SUM(CASE WHEN g THEN value END)"),
        ("max(1)", "MAX(CASE WHEN g THEN 1 END)"),
        ("min(value)", "MIN(CASE WHEN g THEN value END)"),
        ("avg(value)", "AVG(CASE WHEN g THEN value END)"),
        ("count(DISTINCT session_id)", "COUNT(DISTINCT CASE WHEN g THEN session_id END)"),
        (
            "count(DISTINCT session_id, device_id)",
            "COUNT(DISTINCT CASE WHEN g THEN session_id END, CASE WHEN g THEN device_id END)",
        ),
        ("sum(DISTINCT value)", "SUM(DISTINCT CASE WHEN g THEN value END)"),
        (
            "sum(if(platform = 'a', if(country = 'b', value, 0), 0))",
            "SUM(CASE WHEN g THEN IF(platform = 'a', IF(country = 'b', value, 0), 0) END)",
        ),
        ("coalesce(max(value), 0)", "COALESCE(MAX(CASE WHEN g THEN value END), 0)"),
        (
            "sum(value) / count(*)",
            "SUM(CASE WHEN g THEN value END) / COUNT(CASE WHEN g THEN 1 END)",
        ),
        (
            "max_by(value, event_time)",
            "MAX_BY(CASE WHEN g THEN value END, CASE WHEN g THEN event_time END)",
        ),
        (
            "min_by(value, event_time)",
            "MIN_BY(CASE WHEN g THEN value END, CASE WHEN g THEN event_time END)",
        ),
        ("percentile_cont(value, 0.5)", "PERCENTILE_CONT(CASE WHEN g THEN value END, 0.5)"),
    ],
)
def test_an_aggregate_counts_only_the_events_in_scope(text: str, expected: str) -> None:
    assert restricted(read_column(text), "g").sql(dialect="starrocks") == expected


def test_restricting_leaves_the_expression_itself_alone() -> None:
    column = read_column("sum(value)")
    restricted(column, "g")
    assert column.sql(dialect="starrocks") == "SUM(value)"


@pytest.mark.parametrize(
    ("text", "merge"),
    [
        ("sum(value)", Merge.SUM),
        ("sum(value)", Merge.MAX),
        ("count(*)", Merge.SUM),
        ("(count(*))", Merge.SUM),
        ("coalesce(sum(value), 0)", Merge.SUM),
        ("max(value)", Merge.MAX),
        ("max(1)", Merge.SUM),
        ("CAST(min(value) AS DOUBLE)", Merge.MIN),
    ],
)
def test_an_aggregate_that_is_nothing_without_events_needs_no_guard(
    text: str, merge: Merge
) -> None:
    assert not day_value(read_column(text), "g", merge).sql(dialect="starrocks").startswith("CASE")


@pytest.mark.parametrize(
    ("text", "merge"),
    [
        ("count(*)", Merge.MIN),
        ("count_if(event_name = 'x')", Merge.MAX),
        ("coalesce(max(value), 0)", Merge.MAX),
        ("coalesce(sum(value), 5)", Merge.SUM),
        ("coalesce(sum(value), '0')", Merge.SUM),
        ("if(count(*) < 3, 1, 0)", Merge.SUM),
        ("sum(value) + 1", Merge.SUM),
        ("1 - count(*)", Merge.SUM),
    ],
)
def test_one_that_says_something_of_nothing_is_null_on_a_day_without_events(
    text: str, merge: Merge
) -> None:
    made = day_value(read_column(text), "g", merge).sql(dialect="starrocks")
    assert made.startswith("CASE WHEN COUNT_IF(g) > 0 THEN ")


@pytest.mark.parametrize(
    "text",
    [
        "sum(value)",
        "count(*)",
        "max(value)",
        "max(1)",
        "(min(value))",
        "max(if(event_name = 'x', 1, 0))",
        "max(CASE WHEN event_name = 'x' THEN 1 WHEN value > 1 THEN value END)",
        "coalesce(max(value), 0)",
        "1 - max(value)",
        "-min(value)",
    ],
)
def test_a_number_by_its_form_is_left_as_it_is(text: str) -> None:
    assert "CAST" not in day_value(read_column(text), "g", Merge.SUM).sql(dialect="starrocks")


@pytest.mark.parametrize(
    "text",
    [
        "max(event_name = 'x')",
        "min(value > 1 AND value < 5)",
        "max(if(event_name = 'x', value > 1, FALSE))",
        "coalesce(max(event_name = 'x'), FALSE)",
        "max(get_json_double(properties, '$.amount'))",
        "max(hour(event_time))",
    ],
)
def test_what_is_no_number_by_its_form_is_made_one(text: str) -> None:
    assert "AS DOUBLE)" in day_value(read_column(text), "g", Merge.MAX).sql(dialect="starrocks")
