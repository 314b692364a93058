"""The Routine Load jobs, held against StarRocks's grammar (StarRocks.g4, 3.x) and our own tables.

createRoutineLoadStatement
    : CREATE ROUTINE LOAD (db DOT)? name ON table (loadProperties (COMMA loadProperties)*)?
      jobProperties? FROM source dataSourceProperties?
importColumns    : COLUMNS LEFT_PAREN (qualifiedName | assignment) (COMMA …)* RIGHT_PAREN
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlglot
from sqlglot import exp

from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.schema import fixed_table

FOLDER = PROJECT_ROOT / "sql" / "ingest"
NAMES = ["exposures", "events"]
STATEMENT = re.compile(
    r"CREATE ROUTINE LOAD (?P<database>\w+)\.(?P<job>\w+) ON (?P<table>\w+)\n"
    r"COLUMNS \((?P<columns>.*)\n\)\nPROPERTIES \((?P<properties>.*)\n\)\n"
    r"FROM KAFKA \((?P<source>.*)\n\);\n",
    re.DOTALL,
)
PROPERTY = re.compile(r'\n  "([\w.]+)" = ("(?:[^"\\]|\\.)*")')
OPERATIONS = [
    r"SHOW ALL ROUTINE LOAD FROM ab_source",
    r"SHOW ROUTINE LOAD FOR ab_source\.\w+",
    r'SHOW ROUTINE LOAD TASK FROM ab_source WHERE JobName = "\w+"',
    r"(PAUSE|RESUME|STOP) ROUTINE LOAD FOR ab_source\.\w+",
    r"ALTER ROUTINE LOAD FOR ab_source\.\w+ FROM KAFKA "
    r'\("kafka_partitions" = "\d+", "kafka_offsets" = "\d+"\)',
]


@dataclass(frozen=True)
class Job:
    """A statement, taken apart."""

    database: str
    name: str
    table: str
    sent: list[str]
    derived: dict[str, str]
    properties: dict[str, str]
    source: dict[str, str]


def job(name: str) -> Job:
    match = STATEMENT.search(without_comments(f"{name}_from_kafka.sql"))
    assert match, "the statement has not the form of the grammar"
    items = sqlglot.parse_one(f"SELECT {match['columns']}", read="starrocks").expressions
    return Job(
        match["database"],
        match["job"],
        match["table"],
        [item.name for item in items if isinstance(item, exp.Column)],
        {
            item.this.name: item.expression.sql("starrocks")
            for item in items
            if isinstance(item, exp.EQ)
        },
        pairs(match["properties"]),
        pairs(match["source"]),
    )


def pairs(text: str) -> dict[str, str]:
    found = {key: json.loads(value) for key, value in PROPERTY.findall(text)}
    assert len(found) == text.count(" = ")
    return found


def without_comments(file: str) -> str:
    lines = (FOLDER / file).read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("--"))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_each_column_of_the_table_is_filled_once(name: str) -> None:
    made = job(name)
    table = fixed_table(f"{made.database}.{made.table}")
    plain = [column for column in made.sent if not column.startswith("sent_")]
    assert sorted([*plain, *made.derived]) == sorted(table.column_names)


def test_the_paths_are_those_of_the_columns_in_their_order(name: str) -> None:
    made = job(name)
    paths = json.loads(made.properties["jsonpaths"])
    assert paths == [f"$.{column.removeprefix('sent_')}" for column in made.sent]


def test_what_is_derived_comes_from_what_is_sent(name: str) -> None:
    made = job(name)
    for column, expression in made.derived.items():
        used = {item.name for item in sqlglot.parse_one(expression).find_all(exp.Column)}
        assert used == {f"sent_{column}"}
        assert f"sent_{column}" in made.sent
    # A name that is a column as well would be taken for it.
    table = fixed_table(f"{made.database}.{made.table}")
    assert not {column for column in made.sent if column.startswith("sent_")} & set(
        table.column_names
    )


def test_what_a_file_must_have_a_message_must_have(name: str) -> None:
    """A value that cannot be read becomes NULL, which a NOT NULL column refuses: a rejected row."""
    made = job(name)
    table = fixed_table(f"{made.database}.{made.table}")
    needed = {column.name for column in table.columns if not column.nullable}
    assert needed == set(made.derived) - {"received_at"}


def test_times_are_utc_and_wrong_values_are_rejected(name: str) -> None:
    properties = job(name).properties
    assert (properties["format"], properties["timezone"]) == ("json", "UTC")
    assert properties["strict_mode"] == "true"
    assert 0 < float(properties["max_filter_ratio"]) < 1
    assert int(properties["max_error_number"]) > 0
    assert int(properties["log_rejected_record_num"]) > 0


def test_brokers_have_to_be_put_in_and_no_offset_is_skipped(name: str) -> None:
    source = job(name).source
    assert source["kafka_broker_list"].startswith("<")
    assert source["property.kafka_default_offsets"] == "OFFSET_BEGINNING"
    assert (source["kafka_topic"], source["property.group.id"]) == (
        f"ab_{name}",
        f"ab_assets_{name}",
    )


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-01-05 12:34:56", "2026-01-05T12:34:56"),
        ("2026-01-05T12:34:56Z", "2026-01-05T12:34:56"),
        ("2026-01-05T12:34:56.789Z", "2026-01-05T12:34:56.789000"),
        ("2026-01-05 12:34:56.789012", "2026-01-05T12:34:56.789012"),
        # An offset would have to be added, and a cast would drop it: a rejected row is better.
        ("2026-01-05T12:34:56+08:00", None),
        ("2026-01-05", None),
        ("1767616496", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize(
    ("target", "column"),
    [("exposures", "exposed_at"), ("events", "event_time"), ("events", "received_at")],
)
def test_a_time_is_read_as_utc_or_not_at_all(
    answer: Callable[..., object], target: str, column: str, sent: str | None, read: str | None
) -> None:
    found = answer(of_sent(target, column), sent=sent)
    assert (found.isoformat() if isinstance(found, datetime) else found) == read


@pytest.mark.parametrize(("sent", "read"), [("u1", "u1"), (" u 1 ", " u 1 "), ("", None)])
@pytest.mark.parametrize("blank", ["user_id", "experiment_key", "variation_key"])
def test_an_empty_name_is_no_name(
    answer: Callable[..., object], blank: str, sent: str, read: str | None
) -> None:
    assert answer(of_sent("exposures", blank), sent=sent) == read


def of_sent(target: str, column: str) -> str:
    """A derived column as an expression of a bind."""
    expression = job(target).derived[column]
    return re.sub(rf"`?\bsent_{column}\b`?", "CAST(:sent AS VARCHAR)", expression)


def test_the_statements_of_operation_have_the_forms_of_the_grammar() -> None:
    text = without_comments("operate.sql")
    statements = [" ".join(part.split()) for part in text.split(";") if part.strip()]
    assert len(statements) >= len(OPERATIONS)
    for statement in statements:
        assert [form for form in OPERATIONS if re.fullmatch(form, statement)], statement
    jobs = {job(name).name for name in NAMES}
    assert set(re.findall(r"\w+_from_kafka", text)) <= jobs
