import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.errors import StatementError
from ab_assets.warehouse.expressions import expression_fragment, parse_expression
from ab_assets.warehouse.names import Fragment


@pytest.mark.parametrize(
    "text",
    [
        "count_if(event_name = 'session_start')",
        "max(1)",
        "count(*)",
        "sum(if(event_name = 'pay', value, 0))",
        "count(DISTINCT if(event_name = 'chat', session_id, NULL))",
        "sum(CASE WHEN page_url LIKE '/shop%' THEN 1 ELSE 0 END)",
        "max(get_json_int(properties, '$.level'))",
        "min(event_time)",
        "sum(`value`) / nullif(count(*), 0)",
        "'a;b -- c'",
        "sum(CAST(value AS BIGINT))",
        "event_date = DATE '2026-01-01'",
    ],
)
def test_an_expression_of_the_portable_subset_is_read(text: str) -> None:
    assert parse_expression(text) == sqlglot.parse_one(text, read="starrocks")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the expression is empty"),
        ("  \n", "the expression is empty"),
        ("cnt(x)", "cnt is not among the functions both engines answer alike; did you mean count"),
        ("sum(*)", r"'\*' stands only in count\(\*\)"),
        ("(SELECT 1)", "a sub-select is no expression"),
        ("x IN (SELECT y FROM ab.t)", "a sub-select is no expression"),
        ("EXISTS (SELECT 1)", "a sub-select is no expression"),
        ("1) , (2", "a parenthesis has no partner"),
        ("(1", "a parenthesis has no partner"),
        ("1, 2", "write exactly one expression"),
        ("a; DROP TABLE x", "cannot be read as SQL"),
        ("1; ", "cannot be read as SQL|exactly one"),
        ("sum(value) FROM ab.t", "cannot be read as SQL"),
        ("a -- c", "comments do not belong here"),
        ("/* c */ a", "comments do not belong here"),
        ("'open", "cannot be read as SQL"),
        ("sum(x) OVER ()", r"window functions \(OVER\) see more than one unit"),
        ("row_number()", r"window functions \(OVER\) see more than one unit"),
        ("e.value", "write the column without its table"),
        ("`Value`", "columns are lower-case letters"),
        ("x AS y", "leave AS out"),
        (":x", r"binds \(:name\) have no value here"),
        ("?", "binds"),
        ("a || b", r"write concat\(a, b\)"),
        ("now()", "now: its answer changes"),
        ('"x"', "double quotes mean text"),
        ("sum(x) FILTER (WHERE y)", "FILTER is missing before StarRocks 4.0"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(StatementError, match=said):
        parse_expression(text)


def test_every_reason_is_named() -> None:
    with pytest.raises(StatementError) as caught:
        parse_expression("now() || rand()")
    assert [word in str(caught.value) for word in ("now:", "rand:", "concat")] == [True] * 3


def test_a_checked_expression_is_a_fragment_in_parentheses() -> None:
    fragment = expression_fragment(" max(a) ")
    assert (fragment, type(fragment)) == ("(max(a))", Fragment)


@given(st.text(alphabet="ab1'()`;,-/*#\\\" \n=+:.", max_size=14))
def test_no_text_gets_out_of_its_parentheses(text: str) -> None:
    try:
        fragment = expression_fragment(text)
    except StatementError:
        return
    trees = sqlglot.parse(f"SELECT {fragment} AS one, 2 AS two FROM ab.t", read="starrocks")
    assert len(trees) == 1
    assert [item.alias for item in trees[0].expressions] == ["one", "two"]  # type: ignore[union-attr]
