import sqlglot

from ab_assets.warehouse.rewrites import rewrite


def test_the_tree_that_is_given_stays_as_it_was() -> None:
    tree = sqlglot.parse_one("SELECT CAST(a AS INT), a LIKE b, ln(a)", read="starrocks")
    before = repr(tree)
    rewrite(tree)
    assert repr(tree) == before


def test_a_pattern_that_needs_no_escape_is_left_alone() -> None:
    tree = sqlglot.parse_one("a LIKE 'x%'", read="starrocks")
    assert rewrite(tree).sql("duckdb") == "a LIKE 'x%'"


def test_a_cast_of_a_plain_number_stays_plain() -> None:
    tree = sqlglot.parse_one("CAST(1 AS BIGINT) + CAST(2 AS DOUBLE)", read="starrocks")
    assert rewrite(tree).sql("duckdb") == "TRY_CAST(1 AS BIGINT) + TRY_CAST(2 AS DOUBLE)"


def test_a_function_inside_a_function_is_rewritten_too() -> None:
    tree = sqlglot.parse_one("sqrt(ln(CAST(a AS INT)))", read="starrocks")
    assert (
        rewrite(tree).sql("duckdb")
        == "SR_FINITE(SQRT(SR_FINITE(LN(TRY_CAST(SR_WHOLE(a) AS INT)))))"
    )
