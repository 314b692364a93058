"""Each expression is run on DuckDB and held against the answer StarRocks documents."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.errors import StatementError, WarehouseError
from ab_assets.warehouse.dialect import to_duckdb
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement

Answer = Callable[..., object]


def test_binds_and_backticks_become_those_of_duckdb() -> None:
    assert to_duckdb("SELECT `a` FROM ab.t WHERE b = :b") == 'SELECT "a" FROM ab.t WHERE b = $b'


def test_a_text_outside_the_portable_subset_is_refused_with_every_reason() -> None:
    with pytest.raises(StatementError, match=r"concat\(a, b\); now: its answer"):
        to_duckdb("SELECT a || now() FROM ab.t")


def test_what_duckdb_has_no_form_of_is_refused() -> None:
    with pytest.raises(StatementError, match="DuckDB has no form of this: REGEXP_REPLACE"):
        to_duckdb("SELECT regexp_replace(a, 'x', 'y', 1, 2) FROM ab.t")


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(StatementError, match="write exactly one"):
        to_duckdb("-- nothing")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # CAST to a whole number cuts off; what cannot be read is NULL
        ("CAST(1.9 AS INT)", 1),
        ("CAST(-1.9 AS BIGINT)", -1),
        ("CAST(CAST(2.5 AS DOUBLE) AS TINYINT)", 2),
        ("CAST('12' AS INT)", 12),
        ("CAST(' 12 ' AS BIGINT)", 12),
        ("CAST('abc' AS INT)", None),
        ("CAST('1.9' AS INT)", None),
        ("CAST(9007199254740993 AS BIGINT)", 9007199254740993),
        ("CAST('9223372036854775807' AS BIGINT)", 9223372036854775807),
        ("CAST(300 AS TINYINT)", None),
        ("CAST(true AS INT)", 1),
        ("CAST(NULL AS INT)", None),
        # other casts
        ("CAST('abc' AS DOUBLE)", None),
        ("CAST('1e3' AS DOUBLE)", 1000.0),
        ("CAST('nan' AS DOUBLE)", None),
        ("CAST('inf' AS DOUBLE)", None),
        ("CAST('2026-02-30' AS DATE)", None),
        ("CAST('2026-02-03 10:11:12' AS DATE)", date(2026, 2, 3)),
        ("CAST('2026-02-03' AS DATETIME)", datetime(2026, 2, 3)),  # noqa: DTZ001
        ("CAST('x' AS DATETIME)", None),
        ("DATE '2026-02-03'", date(2026, 2, 3)),
        ("CAST(true AS VARCHAR)", "1"),
        ("CAST(CAST(3 AS DOUBLE) AS VARCHAR)", "3"),
        ("CAST(CAST(3.25 AS DOUBLE) AS VARCHAR)", "3.25"),
        ("CAST(CAST('2026-01-01 00:00:00.5' AS DATETIME) AS VARCHAR)", "2026-01-01 00:00:00.500000"),  # noqa: E501
        ("CAST(CAST('2026-01-01' AS DATETIME) AS STRING)", "2026-01-01 00:00:00"),
        ("CAST(parse_json('\"x\"') AS VARCHAR)", "x"),
        ("CAST('x' AS BOOLEAN)", None),
        # division
        ("7 / 2", 3.5),
        ("1 / 0", None),
        ("1 % 0", None),
        ("mod(-7, 2)", -1),
        # numbers without a finite value
        ("ln(0)", None),
        ("ln(-1)", None),
        ("log10(0)", None),
        ("log2(8)", 3.0),
        ("log(2, 8)", 3.0),
        ("sqrt(-1)", None),
        ("sqrt(4)", 2.0),
        ("pow(10, 400)", None),
        ("power(2, 3)", 8.0),
        ("exp(1000)", None),
        ("round(CAST(2.5 AS DOUBLE))", 3.0),
        ("round(CAST(-2.5 AS DOUBLE))", -3.0),
        ("truncate(CAST(2.567 AS DOUBLE), 2)", 2.56),
        ("greatest(1, NULL)", None),
        ("least(3, 2)", 2),
        ("ceil(1.2)", 2),
        ("sign(CAST(-3 AS DOUBLE))", -1),
        # text
        ("concat('a', 1, true)", "a11"),
        ("concat('a', NULL)", None),
        ("concat_ws('-', 'a', NULL, 'b')", "a-b"),
        ("length('é')", 2),
        ("char_length('é')", 1),
        ("substr('abcdef', 2, 3)", "bcd"),
        ("substr('abc', 0)", ""),
        ("substr('abc', -2)", "bc"),
        ("substr('abc', -5)", ""),
        ("substring('abc', -2, 1)", "b"),
        ("left('abc', 2)", "ab"),
        ("instr('abc', 'c')", 3),
        ("locate('c', 'abc')", 3),
        ("replace('aaa', 'a', 'b')", "bbb"),
        ("split_part('a,b,c', ',', 2)", "b"),
        ("lpad('7', 3, '0')", "007"),
        ("regexp_extract('a1b2', '([a-z])([0-9])', 2)", "1"),
        ("regexp_extract('xyz', '([0-9])', 1)", ""),
        ("regexp_replace('aaa', 'a', 'b')", "bbb"),
        ("'abc' REGEXP 'b'", True),
        ("starts_with('abc', 'ab')", True),
        ("null_or_empty('')", True),
        ("null_or_empty(NULL)", True),
        ("null_or_empty('x')", False),
        ("'axc' LIKE 'a_c'", True),
        (r"'axc' LIKE 'a\_c'", False),
        (r"'a_c' LIKE 'a\_c'", True),
        (r"'a%c' LIKE concat('a', '\%', 'c')", True),
        ("'a' LIKE 'A'", False),
        ("if(NULL, 1, 2)", 2),
        ("ifnull(NULL, 3)", 3),
        ("nvl(NULL, 3)", 3),
        ("nullif(1, 1)", None),
        ("NULL <=> NULL", True),
        ("1 <=> NULL", False),
        # hashes
        ("md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
        ("conv('ff', 16, 10)", "255"),
        ("conv(255, 10, 16)", "FF"),
        ("conv('zz', 16, 10)", None),
        # JSON
        ("get_json_string('{\"a\": \"x\"}', '$.a')", "x"),
        ("get_json_string('{\"a\": {\"b\": 1}}', '$.a.b')", "1"),
        ("get_json_string('{\"a\": 1}', '$.b')", None),
        ("get_json_string('no json', '$.a')", None),
        ("get_json_int('{\"a\": 7}', '$.a')", 7),
        ("get_json_int('{\"a\": 1.9}', '$.a')", 1),
        ("get_json_int('{\"a\": \"7\"}', '$.a')", 7),
        ("get_json_int('{\"a\": \"x\"}', '$.a')", None),
        ("get_json_double('{\"a\": 1.5}', '$.a')", 1.5),
        ("get_json_double('{\"a\": \"x\"}', '$.a')", None),
        ("get_json_bool('{\"a\": true}', '$.a')", True),
        ("CAST(json_query('{\"a\": [1]}', '$.a') AS VARCHAR)", "[1]"),
        # times
        ("dayofweek('2026-11-22')", 1),
        ("dayofweek('2026-11-21')", 7),
        ("dayofweek_iso('2026-11-22')", 7),
        ("weekofyear('2026-01-01')", 1),
        ("hour('2026-01-01 10:11:12')", 10),
        ("minute('2026-01-01 10:11:12')", 11),
        ("second('2026-01-01 10:11:12')", 12),
        ("quarter('2026-05-01')", 2),
        ("year('2026-05-01')", 2026),
        ("to_date('2026-05-01 23:59:59')", date(2026, 5, 1)),
        ("to_date('x')", None),
        ("date('2026-05-01 23:59:59')", date(2026, 5, 1)),
        ("last_day('2026-02-03')", date(2026, 2, 28)),
        ("datediff('2026-01-02 00:00:00', '2026-01-01 23:59:59')", 1),
        ("days_diff('2026-01-02 00:00:00', '2026-01-01 23:59:59')", 0),
        ("days_diff('2010-11-30 23:59:59', '2010-10-31 23:59:59')", 30),
        ("days_diff('2026-01-01 00:00:00', '2026-01-02 23:00:00')", -1),
        ("hours_diff('2026-01-01 01:00:00', '2026-01-01 00:00:01')", 0),
        ("hours_diff('2010-11-30 23:59:59', '2010-11-30 20:58:59')", 3),
        ("minutes_diff('2010-11-30 23:59:59', '2010-11-30 20:58:59')", 181),
        ("seconds_diff('2010-11-30 23:59:59', '2010-11-30 20:59:59')", 10800),
        ("seconds_diff('2026-01-01 00:00:01', '2026-01-01 00:00:00.5')", 0),
        ("milliseconds_diff('2026-01-01 00:00:01', '2026-01-01 00:00:00.5')", 500),
        ("months_diff('2026-03-01', '2026-01-02')", 1),
        ("date_diff('minute', '2010-11-30 23:59:59', '2010-11-30 20:58:59')", 181),
        ("timestampdiff(HOUR, '2026-01-01 00:00:01', '2026-01-01 01:00:00')", 0),
        ("CAST(days_add('2026-01-31', 1) AS DATE)", date(2026, 2, 1)),
        ("CAST(months_add('2026-01-31', 1) AS DATE)", date(2026, 2, 28)),
        ("CAST(date_add('2026-01-31', INTERVAL 1 DAY) AS DATE)", date(2026, 2, 1)),
        ("CAST(date_sub('2026-01-31', INTERVAL 1 MONTH) AS DATE)", date(2025, 12, 31)),
        ("date_format('2026-01-02 03:04:05', '%Y-%m-%d %H:%i:%s')", "2026-01-02 03:04:05"),
        ("date_format('2026-01-02', '%Y%m%d')", "20260102"),
        ("date_trunc('month', '2026-05-17') = '2026-05-01 00:00:00'", True),
        ("date_trunc('week', '2026-11-22') = '2026-11-16 00:00:00'", True),
        ("CAST(convert_tz('2026-01-01 00:00:00', 'UTC', 'Asia/Shanghai') AS VARCHAR)", "2026-01-01 08:00:00"),  # noqa: E501
        ("convert_tz('2026-07-01 00:00:00.25', 'UTC', 'America/New_York') = '2026-06-30 20:00:00.25'", True),  # noqa: E501
    ],
)  # fmt: skip
def test_duckdb_gives_the_answer_starrocks_documents(
    answer: Answer, expression: str, expected: object
) -> None:
    given_answer = answer(expression)
    if isinstance(given_answer, Decimal):
        given_answer = float(given_answer)
    assert (given_answer, type(given_answer)) == (expected, type(expected)) or (
        given_answer == expected and isinstance(expected, int) and isinstance(given_answer, float)
    )


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ("microseconds_add(:t, 1)", datetime(2026, 1, 1, 0, 0, 0, 1)),  # noqa: DTZ001
        ("seconds_sub(:t, 1)", datetime(2025, 12, 31, 23, 59, 59)),  # noqa: DTZ001
        ("minutes_add(:t, 90)", datetime(2026, 1, 1, 1, 30)),  # noqa: DTZ001
        ("hours_add(:t, -1)", datetime(2025, 12, 31, 23)),  # noqa: DTZ001
        ("weeks_add(:t, 1)", datetime(2026, 1, 8)),  # noqa: DTZ001
        ("years_sub(:t, 1)", datetime(2025, 1, 1)),  # noqa: DTZ001
        ("date_add(:t, INTERVAL 36 HOUR)", datetime(2026, 1, 2, 12)),  # noqa: DTZ001
        ("date_sub(:t, INTERVAL (1 + 1) MINUTE)", datetime(2025, 12, 31, 23, 58)),  # noqa: DTZ001
    ],
)
def test_a_time_is_shifted_by_any_unit(answer: Answer, shift: str, expected: datetime) -> None:
    assert answer(shift, t=datetime(2026, 1, 1, tzinfo=UTC)) == expected


def test_an_interval_may_be_a_bind(answer: Answer) -> None:
    assert answer("CAST(date_add(:d, INTERVAL :n DAY) AS DATE)", d=date(2026, 1, 1), n=3) == date(
        2026, 1, 4
    )


def test_a_time_zone_may_be_a_bind(answer: Answer) -> None:
    asked = answer(
        "CAST(convert_tz(:t, 'UTC', :zone) AS DATE)",
        t=datetime(2026, 1, 1, 20, tzinfo=UTC),
        zone="Asia/Shanghai",
    )
    assert asked == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("count_if(a > 1)", 2),
        ("sum(a)", 6),
        ("sum(a > 1)", 2),
        ("avg(a)", 2.0),
        ("var_samp(a)", 1.0),
        ("stddev_samp(a)", 1.0),
        ("var_pop(a) * 3", 2.0),
        ("covar_samp(a, a)", 1.0),
        ("percentile_cont(a, 0.25)", 1.5),
        ("percentile_disc(a, 0.5)", 2.0),
        ("group_concat(b ORDER BY a SEPARATOR '|')", "x|y|z"),
        ("group_concat(b ORDER BY a DESC SEPARATOR ',')", "z,y,x"),
        ("max_by(b, a)", "z"),
        ("min_by(b, a)", "x"),
        ("count(DISTINCT a, b)", 3),
        ("bitmap_union_int(a)", 3),
        ("bitmap_union_int(if(a = 2, 1, 62))", 2),
        ("coalesce(bitmap_union_int(if(a > 3, 1, NULL)), 0)", 0),
        ("sum(CASE WHEN b LIKE 'x%' THEN a ELSE 0 END)", 1),
    ],
)
def test_an_aggregate_gives_the_answer_starrocks_documents(
    warehouse: DuckDBWarehouse, aggregate: str, expected: object
) -> None:
    text = f"SELECT {aggregate} AS answer FROM (VALUES (1, 'x'), (2, 'y'), (3, 'z')) AS t(a, b)"
    assert warehouse.fetch(Statement("test", text)).item() == pytest.approx(expected)


@pytest.mark.parametrize("number", [-1, 63, 64])
def test_a_number_no_bit_stands_for_is_an_error(warehouse: DuckDBWarehouse, number: int) -> None:
    text = "SELECT bitmap_union_int(a) AS answer FROM (VALUES (:number)) AS t(a)"
    with pytest.raises(WarehouseError, match="shift"):
        warehouse.fetch(Statement("test", text, {"number": number}))


def test_nulls_come_first_in_ascending_order(warehouse: DuckDBWarehouse) -> None:
    text = "SELECT a FROM (VALUES (2), (NULL), (1)) AS t(a) ORDER BY a"
    assert warehouse.fetch(Statement("test", text))["a"].to_list() == [None, 1, 2]


def test_nulls_come_last_in_descending_order(warehouse: DuckDBWarehouse) -> None:
    text = "SELECT a FROM (VALUES (2), (NULL), (1)) AS t(a) ORDER BY a DESC"
    assert warehouse.fetch(Statement("test", text))["a"].to_list() == [2, 1, None]


def test_grouping_sets_tell_their_groups(warehouse: DuckDBWarehouse) -> None:
    text = (
        "SELECT a, grouping_id(a) AS g, count(*) AS n FROM (VALUES ('x'), ('y')) AS t(a) "
        "GROUP BY GROUPING SETS ((a), ()) ORDER BY g, a"
    )
    rows = warehouse.fetch(Statement("test", text)).rows()
    assert rows == [("x", 0, 1), ("y", 0, 1), (None, 1, 2)]


def test_one_row_of_each_group_is_kept_by_qualify(warehouse: DuckDBWarehouse) -> None:
    text = (
        "SELECT a, b FROM (VALUES ('x', 2), ('x', 1), ('y', 3)) AS t(a, b) "
        "QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1 ORDER BY a"
    )
    assert warehouse.fetch(Statement("test", text)).rows() == [("x", 1), ("y", 3)]


def test_semi_and_anti_joins_are_kept(warehouse: DuckDBWarehouse) -> None:
    text = (
        "SELECT t.a FROM (VALUES (1), (2)) AS t(a) LEFT ANTI JOIN (VALUES (1)) AS u(a) ON t.a = u.a"
    )
    assert warehouse.fetch(Statement("test", text)).rows() == [(2,)]


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
)
def test_any_text_comes_back_as_it_was_bound(answer: Answer, text: str) -> None:
    assert answer("concat('', :x)", x=text) == text


def test_buckets_are_those_of_the_same_hash_in_python(answer: Answer) -> None:
    expression = "CAST(conv(substr(md5(concat(:s, ':', :u)), 1, 15), 16, 10) AS BIGINT) % 10000"
    for user in ("u1", "007", "é", ""):
        expected = int(hashlib.md5(f"salt:{user}".encode()).hexdigest()[:15], 16) % 10000  # noqa: S324
        assert answer(expression, s="salt", u=user) == expected


@settings(max_examples=40, deadline=None)
@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
)
def test_differences_count_whole_units_towards_zero(
    answer: Answer, one: datetime, other: datetime
) -> None:
    microseconds = (one - other) // (one.resolution)
    expected = abs(microseconds) // 3_600_000_000 * (1 if microseconds >= 0 else -1)
    assert answer("hours_diff(:a, :b)", a=one, b=other) == expected
