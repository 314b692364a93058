from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from ab_assets.errors import ConfigurationError, StatementError, WarehouseError
from ab_assets.warehouse.starrocks.text import (
    partition_literals,
    statement_text,
    table_name,
)
from ab_assets.warehouse.statements import Statement
from tests.warehouse.conftest import DAY, TABLE


def sent(text: str, **values: object) -> tuple[str, dict[str, object]]:
    made = statement_text(Statement("a.sql", text, values))
    return made.text, dict(made.values)


def test_binds_become_places_of_the_driver() -> None:
    assert sent("SELECT :n AS n, :n + 1 AS m, ':n' AS t -- :n", n=2) == (
        "SELECT %(n)s AS n, %(n)s + 1 AS m, ':n' AS t -- :n",
        {"n": 2},
    )


def test_a_percent_sign_of_the_text_is_doubled() -> None:
    assert sent("SELECT a % 2 AS a FROM ab.t WHERE b LIKE '1%'")[0] == (
        "SELECT a %% 2 AS a FROM ab.t WHERE b LIKE '1%%'"
    )


def test_days_and_times_and_booleans_keep_their_type() -> None:
    text, values = sent("SELECT :d AS d, :t AS t, :b AS b", d=DAY, t=datetime(2026, 1, 2), b=True)  # noqa: DTZ001
    assert text == "SELECT DATE %(d)s AS d, DATETIME %(t)s AS t, TRUE AS b"
    assert values == {"d": DAY, "t": datetime(2026, 1, 2)}  # noqa: DTZ001


def test_an_aware_time_is_bound_as_utc() -> None:
    moment = datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8)))
    assert sent("SELECT :t AS t", t=moment)[1] == {"t": datetime(2026, 1, 2)}  # noqa: DTZ001
    assert sent("SELECT :t AS t", t=moment.astimezone(UTC))[1] == {"t": datetime(2026, 1, 2)}  # noqa: DTZ001


@pytest.mark.parametrize("value", [None, 1, 1.5, Decimal("1.5"), "text"])
def test_plain_values_are_bound_as_they_are(value: object) -> None:
    assert sent("SELECT :v AS v", v=value) == ("SELECT %(v)s AS v", {"v": value})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1], "the bind :v is given a list"),
        (float("nan"), "the bind :v is given nan"),
        (float("inf"), "the bind :v is given inf"),
    ],
)
def test_a_value_that_cannot_be_sent_is_refused(value: object, said: str) -> None:
    with pytest.raises(StatementError, match=said):
        sent("SELECT :v AS v", v=value)


def test_a_text_outside_the_portable_subset_is_refused() -> None:
    with pytest.raises(StatementError, match=r"write CAST\(x AS type\)"):
        sent("SELECT 1::int AS a")


def test_table_names_are_checked_and_quoted() -> None:
    assert table_name("ab.toy") == "`ab`.`toy`"
    with pytest.raises(ConfigurationError):
        table_name("ab.toy`; DROP TABLE x")


def test_a_partition_is_named_in_the_order_of_the_table() -> None:
    given = {"event_date": DAY, "tag": "chat-entry v2"}
    assert partition_literals(TABLE, given) == "tag='chat-entry v2', event_date='2026-01-02'"


@pytest.mark.parametrize(
    "tag", ["it's", "a\\", "a%b", 'a"b', "a`b", "a\nb", "a;b", " a", "a" * 256]
)
def test_a_tag_that_could_end_its_literal_is_refused(tag: str) -> None:
    with pytest.raises(WarehouseError, match=r"ab\.toy: .* cannot be the tag of a partition"):
        partition_literals(TABLE, {"tag": tag, "event_date": date(2026, 1, 2)})


def test_a_tag_may_be_of_any_script() -> None:
    assert "tag='留存'" in partition_literals(TABLE, {"tag": "留存", "event_date": DAY})
