import pytest

from ab_assets.warehouse.portable import portable_subset_problems


def problems(text: str) -> str:
    return "; ".join(portable_subset_problems(text))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM ab.t",
        "WITH x AS (SELECT 1 AS a) SELECT a FROM x UNION ALL SELECT 2",
        "SELECT a, sum(if(b, 1, 0)) AS n FROM ab.t GROUP BY a HAVING n > 2 ORDER BY a DESC LIMIT 3",
        "SELECT a FROM ab.t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1",
        "SELECT a, grouping(a) AS g FROM ab.t GROUP BY GROUPING SETS ((a), ())",
        "SELECT t.a FROM ab.t AS t LEFT JOIN (SELECT 1 AS a) AS u ON t.a = u.a AND (t.b OR u.b)",
        "SELECT a FROM ab.t WHERE a IN (SELECT b FROM ab.u) AND NOT (a <=> :x)",
        "SELECT a FROM ab.t LEFT SEMI JOIN ab.u ON t.a = u.a",
        "SELECT date_add(d, INTERVAL :n DAY) AS e, CAST(a AS DECIMAL(10, 2)) AS f FROM ab.t",
        "SELECT x.a FROM (VALUES (1, 'a'), (2, 'b')) AS x(a, b)",
        "SELECT group_concat(DISTINCT a ORDER BY a SEPARATOR ',') AS g FROM ab.t",
        "SELECT replace(a, 'x', 'y') AS r, left(a, 2) AS l, mod(b, 2) AS m, `a` FROM `ab`.`t`",
        "SELECT 'a\\\\d' AS pattern, 'it''s' AS quoted, 'a\\nb' AS broken",
        "INSERT INTO ab.t (a, b) SELECT 1, 2",
        "DELETE FROM ab.t WHERE a = :x",
        "TRUNCATE TABLE ab.t",
        "DROP TABLE IF EXISTS ab.t",
    ],
)
def test_the_portable_subset_has_no_problems(text: str) -> None:
    assert portable_subset_problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT a || b FROM ab.t", "write concat(a, b)"),
        ("SELECT a::int FROM ab.t", "write CAST(x AS type)"),
        ("SELECT a -> '$.x' FROM ab.t", "write get_json_string"),
        ("SELECT a ->> '$.x' FROM ab.t", "write get_json_string"),
        ("SELECT a DIV b FROM ab.t", "write CAST(floor(a / b) AS BIGINT)"),
        ("SELECT a ILIKE 'x' FROM ab.t", "ILIKE is no StarRocks"),
        ("SELECT 1;", "';' is not needed"),
        ("SELECT 1; DROP TABLE ab.t", "there are 2 statements; write exactly one"),
        ("", "there are 0 statements; write exactly one"),
        ("SELECT current_timestamp", "current_timestamp: its answer changes from run to run"),
        ("SELECT current_date()", "current_date: its answer changes from run to run"),
        ("SELECT now()", "now: its answer changes from run to run"),
        ("SELECT rand()", "rand: its answer changes"),
        ("SELECT ndv(a) FROM ab.t", "ndv: the engines approximate differently"),
        (
            "SELECT unix_timestamp(a) FROM ab.t",
            "unix_timestamp: it depends on the session's time zone",
        ),
        ("SELECT stddev(a) FROM ab.t", "stddev: it does not say whether of a sample"),
        ("SELECT week(a) FROM ab.t", "week: its first week differs"),
        (
            "SELECT cuont(a) FROM ab.t",
            "cuont is not among the functions both engines answer alike; did you mean count",
        ),
        ("SELECT read_csv('x') FROM ab.t", "read_csv is not among the functions"),
        ("SELECT `read_csv`('x') FROM ab.t", "read_csv is not among the functions"),
        ("SELECT sum(a) FILTER (WHERE b) FROM ab.t", "write sum(if(condition, x, 0))"),
        (
            "MERGE INTO ab.t USING ab.u ON t.a = u.a WHEN MATCHED THEN DELETE",
            "MERGE is no StarRocks",
        ),
        ("UPDATE ab.t SET a = 1", "UPDATE needs a PRIMARY KEY table"),
        ("CREATE TABLE ab.t (a INT)", "only SELECT, INSERT INTO"),
        ("SELECT @x", "bind the value"),
        ("SELECT @@version", "bind the value"),
        ("SELECT a[1] FROM ab.t", "arrays and maps differ"),
        ("SELECT [1, 2]", "arrays differ"),
        ("SELECT try_cast(a AS INT) FROM ab.t", "TRY_CAST is not needed"),
        ("SELECT a FROM ab.t GROUP BY ALL", "GROUP BY ALL is no StarRocks"),
        ("SELECT * EXCEPT (a) FROM ab.t", "name the columns"),
        ("SELECT DISTINCT ON (a) b FROM ab.t", "DISTINCT ON is no StarRocks"),
        ("WITH RECURSIVE x AS (SELECT 1) SELECT 1 FROM x", "WITH RECURSIVE is not portable"),
        ("WITH x (a) AS (SELECT 1) SELECT a FROM x", "x: name the columns inside the SELECT"),
        ("SELECT 1 FROM ab.t FULL JOIN ab.u USING (a)", "use ON and coalesce"),
        ("SELECT 1 FROM ab.t NATURAL JOIN ab.u", "NATURAL JOIN is not portable"),
        ("SELECT a FROM ab.t WINDOW w AS (ORDER BY a)", "write OVER (…) out"),
        ("SELECT a FROM ab.t FOR UPDATE", "FOR UPDATE is not portable"),
        ("SELECT a FROM ab.t QUALIFY sum(a) OVER () > 1", "QUALIFY is portable only as"),
        ("SELECT a FROM ab.t QUALIFY rank() OVER (ORDER BY a) = 1", "QUALIFY is portable only as"),
        (
            "SELECT a FROM ab.t QUALIFY row_number() OVER (ORDER BY a) = b",
            "QUALIFY is portable only as",
        ),
        ("SELECT 1 FROM (SELECT 1 AS a)", "needs a name: (SELECT …) AS name"),
        ("SELECT CAST(a AS INT(11)) FROM ab.t", "whole numbers take no width"),
        ("SELECT CAST(a AS TIME) FROM ab.t", "is not among the types both engines have"),
        ("SELECT TIMESTAMP '2026-01-01 00:00:00'", "is not among the types both engines have"),
        ("SELECT group_concat(a, ',') FROM ab.t", "write group_concat(a SEPARATOR ',')"),
        ("SELECT group_concat(DISTINCT a, ',') FROM ab.t", "write group_concat(a SEPARATOR ',')"),
        ("SELECT a IS DISTINCT FROM b FROM ab.t", "write NOT (a <=> b)"),
        ("SELECT a FROM ab.t EXCEPT ALL SELECT a FROM ab.u", "EXCEPT ALL are no StarRocks"),
        ("SELECT ?", "'?' has no name"),
        ("SELECT conv(a, 2, 10) FROM ab.t", "conv is portable only between base 16 and base 10"),
        ('SELECT "a"', "use '…' or `…`"),
        ("SELECT 'a\\d'", "loses its backslash on StarRocks: write two"),
        ("SELECT a FROM ab.t PARTITION(p1)", "filter by the column"),
        ("SELECT a FROM t", "name the table with its schema, as in ab.t"),
        ("SELECT a FROM `x.parquet`", "table names are lower-case letters"),
        ("SELECT a FROM unnest(x)", "unnest is not among the functions"),
        ("SELECT a FROM ab.t TABLESAMPLE (10 PERCENT)", "TABLESAMPLE is not portable"),
        ("SELECT a FROM abs(1)", "table functions are not portable"),
        ("SELECT 'open", "the text cannot be read as SQL"),
        ("SELECT (1", "the text cannot be read as SQL"),
        ("INSERT OVERWRITE ab.t PARTITION(a='x') SELECT 1", "give it the SELECT alone"),
        ("SELECT a FROM ab.t, LATERAL (SELECT 1) AS x", "not portable"),
    ],
)
def test_what_one_engine_refuses_or_answers_differently_is_told_with_the_remedy(
    text: str, said: str
) -> None:
    assert said in problems(text)


def test_every_problem_of_a_text_is_told_once() -> None:
    assert portable_subset_problems("SELECT a || b, c || d, now() FROM ab.t") == [
        "'||' is a logical OR on StarRocks: write concat(a, b)",
        "now: its answer changes from run to run; pass the value as a bind",
    ]


def test_words_in_strings_are_no_problem() -> None:
    assert portable_subset_problems("SELECT 'a || b :: now() FILTER' AS a") == []
