"""Both engines: the same calls have the same results."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ab_assets.errors import AbAssetsError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.loading import load_files
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.conftest import DAY, NOW, TABLE, provenance, rows_of
from tests.warehouse.starrocks.conftest import Time, warehouse_on

PARTITION = {"tag": "retention", "event_date": DAY}
BY_DAY = replace(TABLE, partition_by=("event_date",))
BY_TAG = replace(TABLE, partition_by=("tag",))
KINDS = TableDefinition(
    schema="ab",
    name="kinds",
    columns=(
        Column("event_date", "DATE", nullable=False),
        Column("t", "DATETIME"),
        Column("b", "BOOLEAN"),
        Column("i", "INT"),
        Column("l", "BIGINT"),
        Column("d", "DOUBLE"),
        Column("v", "VARCHAR"),
        Column("w", "VARCHAR(40)"),
    ),
    partition_by=("event_date",),
    sort_key=("event_date",),
)
EVERY_KIND = pl.DataFrame(
    {
        "event_date": [DAY, DAY, DAY],
        "t": [datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), None, NOW],
        "b": [True, False, None],
        "i": pl.Series([1, None, -(2**31)], dtype=pl.Int32),
        "l": [2**62, -(2**62), None],
        "d": [0.1, float("nan"), 1e300],
        "v": ['it\'s \\N "100%" \t\n :x %(x)s', "", None],
        "w": ["留存 ✓", "NULL", "\\N"],
    }
)

Scenario = Callable[[Warehouse, Path], object]


def seen(warehouse: Warehouse, table: str = "ab.toy") -> list[dict[str, object]]:
    order = {"ab.toy": "tag, event_date, user_id, n", "ab.kinds": "l"}[table]
    frame = warehouse.fetch(Statement("seen", f"SELECT * FROM {table} ORDER BY {order}"))
    return [dict(frame.schema), *frame.to_dicts()]


def query(text: str, **values: object) -> Statement:
    return Statement("toy.sql", text, values)


TOY_QUERY = query(
    "SELECT :tag AS tag, :day AS event_date, concat('u', CAST(n AS VARCHAR)) AS user_id, n, "
    "CAST(n AS DOUBLE) / 4 AS share FROM (SELECT 1 AS n UNION ALL SELECT 3 AS n) AS two",
    tag="retention",
    day=DAY,
)
NOTHING = query("SELECT tag, event_date, user_id, n, share FROM ab.toy WHERE n > :most", most=10**6)


def executes(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    inserted = warehouse.execute(
        query(
            "INSERT INTO ab.toy (tag, event_date, user_id, n) SELECT :t, :d, 'a', 1", t="x", d=DAY
        )
    )
    deleted = warehouse.execute(query("DELETE FROM ab.toy WHERE n > :n AND tag = 'x'", n=0))
    none = warehouse.execute(query("DELETE FROM ab.toy WHERE n > 0"))
    dropped = warehouse.execute(query("DROP TABLE ab.toy"))
    again = warehouse.execute(query("DROP TABLE IF EXISTS ab.toy"))
    return inserted, deleted, none, dropped, again, warehouse.tables("ab")


def truncates(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    warehouse.append(TABLE, rows_of({"a": 1, "b": 2}))
    warehouse.execute(query("TRUNCATE TABLE ab.toy"))
    return seen(warehouse)


def fetches(warehouse: Warehouse, _: Path) -> object:
    text = (
        "SELECT :d AS d, :t AS t, :b AS b, :s AS s, :i AS i, :f AS f, 1.5 AS dec, "
        "CAST(2 AS DOUBLE) AS dou, count(*) AS n, '%' AS p, 7 % 4 AS m, CAST(:d AS DATETIME) AS at"
    )
    values = {"d": DAY, "t": NOW, "b": False, "s": "it's \\ %(s)s :s", "i": -3, "f": 0.1}
    frame = warehouse.fetch(query(text, **values))
    return dict(frame.schema), frame.to_dicts()


def fetches_nothing(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(KINDS)
    return seen(warehouse, "ab.kinds")


def overwrites(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    warehouse.append(TABLE, rows_of({"other": 9}, tag="chat"))
    first = warehouse.overwrite(TABLE, PARTITION, TOY_QUERY, provenance())
    again = warehouse.overwrite(TABLE, PARTITION, TOY_QUERY, provenance(path="incremental"))
    return first, again, seen(warehouse), warehouse.read_provenance("ab.toy")


def overwrites_with_nothing(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    warehouse.append(TABLE, rows_of({"a": 1}))
    count = warehouse.overwrite(TABLE, PARTITION, NOTHING, provenance())
    return count, seen(warehouse), warehouse.read_provenance("ab.toy")


def overwrites_days_and_tags(warehouse: Warehouse, _: Path) -> object:
    by_day = replace(BY_DAY, name="by_day")
    by_tag = replace(BY_TAG, name="by_tag")
    for table in (by_day, by_tag):
        warehouse.ensure(table)
    rows = rows_of({"a": 1, "b": 2})
    counts = [
        warehouse.overwrite_rows(by_day, {"event_date": DAY}, rows, provenance()),
        warehouse.overwrite_rows(by_tag, {"tag": "retention"}, rows, provenance(day=None)),
        warehouse.overwrite_rows(by_tag, {"tag": "retention"}, rows.head(1), provenance(day=None)),
    ]
    names = ("ab.by_day", "ab.by_tag")
    return (
        counts,
        [warehouse.fetch(query(f"SELECT count(*) AS n FROM {name}")).item() for name in names],
        [warehouse.read_provenance(name) for name in names],
        warehouse.read_provenance("ab.by_tag", "retention"),
    )


def overwrites_rows(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    counts = [
        warehouse.overwrite_rows(TABLE, PARTITION, rows_of({"a": 1, "b": 2}), provenance()),
        warehouse.overwrite_rows(TABLE, PARTITION, rows_of({"c": 3})),
        warehouse.overwrite_rows(TABLE, PARTITION, rows_of({}), provenance(path="nothing")),
    ]
    return counts, seen(warehouse), warehouse.read_provenance("ab.toy")


def keeps_every_kind(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(KINDS)
    warehouse.overwrite_rows(KINDS, {"event_date": DAY}, EVERY_KIND)
    warehouse.append(KINDS, EVERY_KIND.with_columns(l=pl.col("i").cast(pl.Int64)))
    return warehouse.columns("ab.kinds"), seen(warehouse, "ab.kinds")


def appends(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    order = ["n", "share", "tag", "user_id", "event_date"]
    counts = [
        warehouse.append(TABLE, rows_of({"a": 1, "b": 2}).select(order)),
        warehouse.append(TABLE, rows_of({"c": 1}, tag="chat")),
        warehouse.append(TABLE, rows_of({})),
    ]
    return counts, seen(warehouse)


def ensures(warehouse: Warehouse, _: Path) -> object:
    wider = replace(
        TABLE,
        columns=(
            *TABLE.columns,
            Column("extra", "DATETIME", "100% new"),
            Column("flag", "BOOLEAN"),
        ),
    )
    before = warehouse.columns("ab.toy")
    warehouse.ensure(TABLE)
    warehouse.append(TABLE, rows_of({"a": 1}))
    narrow = warehouse.columns("ab.toy")
    warehouse.ensure(wider)
    warehouse.ensure(wider)
    return before, narrow, warehouse.columns("ab.toy"), seen(warehouse)


def ensures_the_fixed_tables(warehouse: Warehouse, _: Path) -> object:
    names = ("ab_source.events", "ab.experiment_data", "ab.growthbook_experiments")
    for name in names:
        warehouse.ensure(fixed_table(name))
    return [warehouse.columns(name) for name in names], warehouse.tables("ab")


def drops_days(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(TABLE)
    for tag in ("retention", "chat"):
        for day in (1, 2, 3):
            at = date(2026, 1, day)
            warehouse.overwrite_rows(
                TABLE,
                {"tag": tag, "event_date": at},
                rows_of({f"{tag}{day}": day}, tag=tag, day=at),
                provenance(day=at, tag=tag),
            )
    dropped = warehouse.drop_partitions(TABLE, "retention", date(2026, 1, 3))
    nothing = warehouse.drop_partitions(TABLE, "retention", date(2026, 1, 3))
    return dropped, nothing, seen(warehouse), warehouse.read_provenance("ab.toy")


def drops_days_of_a_table_of_one_tag(warehouse: Warehouse, _: Path) -> object:
    warehouse.ensure(BY_DAY)
    for day in (1, 2):
        warehouse.append(BY_DAY, rows_of({f"u{day}": 1}, day=date(2026, 1, day)))
    return warehouse.drop_partitions(BY_DAY, "retention", DAY), seen(warehouse)


def reads_provenance(warehouse: Warehouse, _: Path) -> object:
    none = warehouse.read_provenance("ab.toy")
    warehouse.ensure(TABLE)
    for tag, day, hours in (("b", 2, 0), ("a", 2, 1), ("a", 1, 2), ("a", 1, 3)):
        at = date(2026, 1, day)
        made = replace(provenance(day=at, tag=tag), computed_at=NOW + timedelta(hours=hours))
        warehouse.overwrite_rows(TABLE, {"tag": tag, "event_date": at}, rows_of({}), made)
    return (
        none,
        warehouse.read_provenance("ab.toy"),
        warehouse.read_provenance("ab.toy", "a"),
        warehouse.read_provenance("ab.toy", "a", date(2026, 1, 1)),
        warehouse.read_provenance("ab.toy", event_date=DAY),
        warehouse.read_provenance("ab.other"),
    )


def loads_a_file(warehouse: Warehouse, folder: Path) -> object:
    path = folder / "events.csv"
    path.write_text(
        "event_name,user_id,event_time,event_id,value\n"
        "a,u1,2026-01-02T12:00:00Z,e1,1.5\na,u2,2026-01-02T12:00:00.000001Z,e2,\n"
        ",u3,2026-01-02T12:00:00Z,e3,1\n",
        encoding="utf-8",
    )
    first = load_files(warehouse, "events", [path], NOW)
    again = load_files(warehouse, "events", [path], NOW)
    text = "SELECT event_id, user_id, event_time, value FROM ab_source.events ORDER BY event_id"
    refused = "SELECT target, row_number, reason, raw, loaded_at FROM ab_source.rejected"
    return (
        first,
        again,
        warehouse.fetch(query(text)).to_dicts(),
        warehouse.fetch(query(refused)).to_dicts(),
    )


def sessions(warehouse: Warehouse, _: Path) -> object:
    with warehouse.session():
        warehouse.ensure(TABLE)
        with warehouse.session():
            warehouse.append(TABLE, rows_of({"a": 1}))
        return seen(warehouse)


SCENARIOS: tuple[Scenario, ...] = (
    executes,
    truncates,
    fetches,
    fetches_nothing,
    overwrites,
    overwrites_with_nothing,
    overwrites_days_and_tags,
    overwrites_rows,
    keeps_every_kind,
    appends,
    ensures,
    ensures_the_fixed_tables,
    drops_days,
    drops_days_of_a_table_of_one_tag,
    reads_provenance,
    loads_a_file,
    sessions,
)
REFUSALS: dict[str, Callable[[Warehouse], object]] = {
    "rows of another partition": lambda it: it.overwrite_rows(
        TABLE, PARTITION, rows_of({"a": 1}, tag="chat")
    ),
    "a query of another partition": lambda it: it.overwrite(
        TABLE, {"tag": "chat", "event_date": DAY}, TOY_QUERY, provenance(tag="chat")
    ),
    "a frame without a column": lambda it: it.overwrite_rows(
        TABLE, PARTITION, rows_of({"a": 1}).drop("n")
    ),
    "a frame with a column more": lambda it: it.append(TABLE, rows_of({"a": 1}).with_columns(m=1)),
    "a frame with text for a number": lambda it: it.append(
        TABLE, rows_of({"a": 1}).with_columns(n=pl.lit("x"))
    ),
    "a query without a column": lambda it: it.overwrite(
        TABLE, PARTITION, query("SELECT 'retention' AS tag")
    ),
    "a query that would be cut off": lambda it: it.overwrite(
        TABLE,
        PARTITION,
        query(
            "SELECT :tag AS tag, :day AS event_date, 'u' AS user_id, CAST(1.5 AS DOUBLE) AS n, "
            "CAST(0 AS DOUBLE) AS share",
            tag="retention",
            day=DAY,
        ),
    ),
    "a partition of a table without any": lambda it: it.overwrite_rows(
        replace(TABLE, partition_by=()), {}, rows_of({})
    ),
    "a partition that is not named": lambda it: it.overwrite_rows(
        TABLE, {"tag": "retention"}, rows_of({})
    ),
    "a partition value of the wrong type": lambda it: it.overwrite_rows(
        TABLE, {"tag": "retention", "event_date": "2026-01-02"}, rows_of({})
    ),
    "a column of another type": lambda it: it.ensure(
        replace(TABLE, columns=(*TABLE.columns[:3], Column("n", "DATE"), TABLE.columns[4]))
    ),
    "a column that is gone": lambda it: it.ensure(replace(TABLE, columns=TABLE.columns[:4])),
    "days of a table without days": lambda it: it.drop_partitions(BY_TAG, "a", DAY),
    "an unknown table": lambda it: it.fetch(query("SELECT a FROM ab.nothing")),
    "a text outside the subset": lambda it: it.fetch(query("SELECT 1::int AS a")),
    "a value that cannot be bound": lambda it: it.fetch(query("SELECT :x AS x", x=[1])),
    "a column of an unknown table": lambda it: it.execute(query("DELETE FROM ab.nothing")),
}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Warehouse]]:
    """A warehouse of each kind, with nothing in it."""
    folder = tmp_path_factory.mktemp("engines")
    with StarRocksStandIn(folder / "cluster.duckdb") as cluster:
        star = warehouse_on(cluster, Time())
        duck = DuckDBWarehouse(folder / "ab.duckdb")
        with star.session():
            yield duck, star
        star.close()


@pytest.fixture(autouse=True)
def empty(engines: tuple[Warehouse, Warehouse]) -> Iterator[None]:
    """Drops what a test made."""
    yield
    for engine in engines:
        for schema in ("ab", "ab_source"):
            for name in engine.tables(schema):
                engine.execute(query(f"DROP TABLE {schema}.{name}"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_both_engines_do_the_same(
    scenario: Scenario, engines: tuple[Warehouse, Warehouse], tmp_path: Path
) -> None:
    expected, found = (scenario(engine, tmp_path) for engine in engines)
    assert found == expected


@pytest.mark.parametrize("name", REFUSALS)
def test_both_engines_refuse_the_same_and_change_nothing(
    name: str, engines: tuple[Warehouse, Warehouse]
) -> None:
    kinds = []
    for engine in engines:
        engine.ensure(TABLE)
        engine.overwrite_rows(TABLE, PARTITION, rows_of({"before": 0}), provenance())
        with pytest.raises(AbAssetsError) as caught:
            REFUSALS[name](engine)
        kinds.append(type(caught.value))
        assert [row["user_id"] for row in seen(engine)[1:]] == ["before"]
    assert kinds[0] is kinds[1]
