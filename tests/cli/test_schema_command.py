import pytest

from ab_assets.warehouse.schema import fixed_tables
from tests.small_world import World, build_world

PER_TAG = [
    "ab.tbl_wide_user_habits_habit",
    "ab.tbl_report_user_habits_quiet",
    "ab.tbl_wide_user_shop_shop",
]


@pytest.mark.parametrize(
    ("dialect", "mark"), [("starrocks", "DISTRIBUTED BY HASH"), ("duckdb", "TIMESTAMP")]
)
def test_the_ddl_of_every_table_is_printed_in_the_dialect(
    loaded: World, capsys: pytest.CaptureFixture[str], dialect: str, mark: str
) -> None:
    assert loaded.ab("schema", "--dialect", dialect) == 0
    shown = capsys.readouterr().out.replace("`", "").replace('"', "")
    assert mark in shown
    for table in [*fixed_tables(), *PER_TAG]:
        assert f"CREATE TABLE IF NOT EXISTS {table}" in shown


def test_the_warehouse_s_own_dialect_is_the_default(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.ab("schema", "--dialect", "duckdb")
    explicit = capsys.readouterr().out
    loaded.ab("schema")
    assert capsys.readouterr().out == explicit


def test_printing_touches_no_warehouse(loaded: World) -> None:
    before = loaded.warehouse.tables("ab")
    assert loaded.ab("schema") == 0
    assert loaded.warehouse.tables("ab") == before


def test_applied_every_table_is_there_and_a_second_time_changes_nothing(
    loaded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (loaded.root / "new").mkdir()
    fresh = build_world(loaded.root / "new").enter(monkeypatch)
    assert fresh.ab("schema", "--apply") == 0
    tables = fresh.tables()
    assert set(fixed_tables()) | set(PER_TAG) <= set(tables)
    assert fresh.ab("schema", "--apply") == 0
    assert fresh.tables().keys() == tables.keys()
