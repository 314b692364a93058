"""CREATE, ALTER, DROP, DELETE, TRUNCATE and the catalogue."""

import pytest

from ab_assets.warehouse.schema import fixed_tables
from ab_assets.warehouse.tables import create_table
from tests.starrocks.conftest import DAYS, Client
from tests.starrocks.stand_in import StarRocksStandIn

COLUMNS = (
    "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_COMMENT "
    "FROM information_schema.columns WHERE TABLE_SCHEMA = 'ab' AND TABLE_NAME = 'days' "
    "ORDER BY ORDINAL_POSITION"
)


def test_the_catalogue_tells_columns_as_they_were_declared(client: Client) -> None:
    assert client.rows(COLUMNS) == [
        ("tag", "varchar(20)", "NO", "DUP", "business area"),
        ("event_date", "date", "NO", "DUP", ""),
        ("n", "bigint", "YES", "", ""),
        ("x", "double", "YES", "", ""),
    ]


def test_the_catalogue_tells_tables_and_databases(client: Client) -> None:
    client.run("CREATE DATABASE IF NOT EXISTS more")
    client.run("CREATE DATABASE IF NOT EXISTS more")
    assert client.rows(
        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_COMMENT FROM information_schema.tables"
    ) == [("ab", "days", "tag x day")]
    assert client.rows("SHOW DATABASES LIKE 'mo%'") == [("more",)]
    assert client.rows(
        "SELECT SCHEMA_NAME FROM information_schema.schemata ORDER BY SCHEMA_NAME"
    ) == [
        ("ab",),
        ("information_schema",),
        ("more",),
    ]
    assert client.rows("SHOW TABLES FROM ab") == [("days",)]
    assert client.rows("SHOW FULL TABLES FROM `ab` LIKE 'd%'") == [("days", "BASE TABLE")]


def test_a_table_that_is_there_is_left_alone(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2)")
    client.run(DAYS)
    assert client.rows("SELECT count(*) AS n FROM ab.days") == [(1,)]


@pytest.mark.parametrize("name", sorted(fixed_tables()))
def test_every_table_of_ours_can_be_made(standing: Client, name: str) -> None:
    table = fixed_tables()[name]
    standing.run(f"CREATE DATABASE IF NOT EXISTS {table.schema}")
    standing.run(create_table(table, "starrocks"))
    described = standing.rows(f"DESC {name}")
    assert [row[0] for row in described] == list(table.column_names)


def test_tables_outlive_their_cluster(client: Client, cluster: StarRocksStandIn) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2)")
    client.close()
    path = cluster.store.path
    cluster.__exit__(None, None, None)
    with StarRocksStandIn(path) as later:
        again = Client(later)
        assert again.rows("SELECT tag FROM ab.days") == [("a",)]
        assert again.rows(COLUMNS)[0][4] == "business area"
        again.close()


def test_a_new_column_is_null_in_the_rows_that_are_there(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2)")
    client.run("ALTER TABLE ab.days ADD COLUMN `y` VARCHAR(65533) COMMENT 'new'")
    client.run("ALTER TABLE ab.days ADD COLUMN z INT NOT NULL DEFAULT '3', ADD COLUMN w JSON")
    assert client.rows("SELECT y, z, w FROM ab.days") == [(None, 3, None)]
    assert client.rows(COLUMNS)[4] == ("y", "varchar(65533)", "YES", "", "new")


def test_drop_and_truncate(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2)")
    assert client.run("TRUNCATE TABLE ab.days") == 0
    assert client.rows("SELECT tag FROM ab.days") == []
    client.run("DROP TABLE IF EXISTS ab.days FORCE")
    client.run("DROP TABLE IF EXISTS ab.days FORCE")
    assert client.code("DROP TABLE ab.days") == 5502
    assert client.code("SELECT tag FROM ab.days") == 5502


def test_a_delete_says_no_number_of_rows(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2), ('b', '2026-01-02', -1, 2)")
    assert (
        client.run(
            "DELETE FROM ab.days WHERE (tag = 'b' AND event_date < DATE '2026-02-01') AND n >= -1 "
            "AND n IS NOT NULL AND tag NOT IN ('c')"
        )
        == 0
    )
    assert client.rows("SELECT tag FROM ab.days") == [("a",)]


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("", "Where clause is not set"),
        ("WHERE tag = 'a' OR n = 1", "op should be AND"),
        ("WHERE tag = concat('a', 'b')", "Right expr of binary predicate should be value"),
        ("WHERE lower(tag) = 'a'", "Left expr of binary predicate should be column name"),
        ("WHERE tag LIKE 'a%'", "only supports compound predicate"),
        ("WHERE tag IN (SELECT tag FROM ab.days)", "only supports compound predicate"),
        ("WHERE n IN (1, n)", "Child of in predicate should be value"),
        ("WHERE x = 1", "not a key column"),
    ],
)
def test_a_delete_takes_columns_and_literals_only(standing: Client, where: str, told: str) -> None:
    assert told in standing.refusal(f"DELETE FROM ab.days {where}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CREATE TABLE nowhere.t (a INT) DUPLICATE KEY (a)", 5501),
        ("CREATE TABLE ab.days (a INT) DUPLICATE KEY (a)", 1050),
        ("CREATE TABLE ab.t (a INT, A INT) DUPLICATE KEY (a)", 1060),
        ("CREATE TABLE ab.t (a NONSENSE) DUPLICATE KEY (a)", 1064),
        ("CREATE TABLE ab.t (a VARCHAR(2000000)) DUPLICATE KEY (a)", 1064),
        ("CREATE TABLE ab.t (a INT, b INT) DUPLICATE KEY (b)", 1064),
        ("CREATE TABLE ab.t (a JSON) DUPLICATE KEY (a)", 1064),
        ("CREATE TABLE ab.t (a INT) DUPLICATE KEY (b)", 1064),
        ("CREATE TABLE ab.t (a INT, b DOUBLE) DUPLICATE KEY (a) PARTITION BY (b)", 1064),
        (
            "CREATE TABLE ab.t (a DATETIME) DUPLICATE KEY (a) PARTITION BY date_trunc('month', a)",
            1064,
        ),
        ("CREATE TABLE ab.t (a INT) DUPLICATE KEY (a) PARTITION BY (a + 1)", 1064),
        ("CREATE TABLE ab.t AS SELECT 1 AS a", 1064),
        ("CREATE TABLE ab.t (a) DUPLICATE KEY (a)", 1064),
        ("CREATE NONSENSE", 1064),
        ("CREATE TABLE ab.t (a INT) DUPLICATE KEY (a) PARTITION BY RANGE (a) ()", 1064),
        ("DELETE FROM ab.days USING ab.days AS b WHERE tag = 'a'", 1064),
        ("CREATE VIEW ab.v AS SELECT 1 AS a", 1064),
        ("CREATE DATABASE ab", 1007),
        ("ALTER TABLE ab.days ADD COLUMN n INT", 1060),
        ("ALTER TABLE ab.days ADD COLUMN m INT NOT NULL", 1064),
        ("ALTER TABLE ab.days DROP COLUMN n", 1064),
        ("ALTER TABLE ab.nope ADD COLUMN n INT", 5502),
        ("DROP DATABASE ab", 1064),
        ("DROP TABLE nowhere.t", 5501),
        ("TRUNCATE TABLE ab.nope", 5502),
        ("TRUNCATE ab.days, ab.more", 1064),
        ("DELETE FROM ab.nope WHERE a = 1", 5502),
        ("DELETE a, b FROM ab.days", 1064),
        ("DESC ab.nope", 5502),
        ("DESC SELECT 1", 1064),
    ],
)
def test_ddl_that_a_cluster_refuses_is_refused(standing: Client, text: str, code: int) -> None:
    assert standing.code(text) == code


def test_a_primary_key_table_is_known_as_one(client: Client) -> None:
    client.run(
        "CREATE TABLE ab.keyed (id BIGINT NOT NULL, v DECIMAL(10, 2), w STRING, u LARGEINT, "
        "c CHAR(3)) PRIMARY KEY (id) DISTRIBUTED BY HASH(id) BUCKETS 3"
    )
    client.run("INSERT INTO ab.keyed VALUES (1, 1.5, 'w', 170141183460469231731, 'abc')")
    assert client.run("DELETE FROM ab.keyed WHERE lower(w) = 'w'") == 0
    assert client.rows("SELECT id FROM ab.keyed") == []
    assert client.rows(
        "SELECT TABLE_MODEL, PRIMARY_KEY, DISTRIBUTE_BUCKET FROM information_schema.tables_config"
        " WHERE TABLE_NAME = 'keyed'"
    ) == [("PRI_KEYS", "`id`", 3)]
    assert "PRIMARY KEY(`id`)" in client.rows("SHOW CREATE TABLE ab.keyed")[0][1]
