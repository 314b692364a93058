import re
from dataclasses import replace

import pytest

from ab_assets.warehouse.schema import GRANTS_FILE, fixed_tables
from tests.small_world import World, build_world, wide_table_of

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


def test_the_schemas_are_made_before_the_tables(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.ab("schema", "--dialect", "starrocks")
    heads = re.findall(r"^CREATE (\w+) IF NOT EXISTS ([\w.]+)", capsys.readouterr().out, re.M)
    databases = [name for kind, name in heads if kind == "DATABASE"]
    assert sorted(databases) == ["ab", "ab_source", "flow_report_app"]
    assert [kind for kind, _ in heads[:3]] == ["DATABASE"] * 3
    assert {name.partition(".")[0] for kind, name in heads[3:]} == set(databases)


def test_the_copies_of_a_tablet_are_as_asked(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loaded.ab("schema", "--dialect", "starrocks", "--replication", "3") == 0
    shown = capsys.readouterr().out
    assert set(re.findall(r'"replication_num" = "(\d+)"', shown)) == {"3"}


def test_the_difference_of_an_empty_warehouse_is_every_table(
    loaded: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (loaded.root / "new").mkdir()
    fresh = build_world(loaded.root / "new").enter(monkeypatch, AB_WAREHOUSE_URL=_empty(loaded))
    assert fresh.ab("schema", "--diff") == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert {f"create {table}" for table in (*fixed_tables(), *PER_TAG)} <= set(lines)
    assert f"{len(lines)} tables to change" in shown.err


def test_what_is_applied_is_said_and_leaves_no_difference(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loaded.ab("schema", "--apply") == 0
    assert "created ab.tbl_wide_user_shop_shop\n" in capsys.readouterr().out
    assert loaded.ab("schema", "--diff") == 0
    shown = capsys.readouterr()
    assert (shown.out, "as declared, nothing to do" in shown.err) == ("", True)


def test_a_new_measure_is_a_column_to_add(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.ab("schema", "--apply")
    module = loaded.modules / "shop" / "module.yaml"
    module.write_text(with_second_metric(module.read_text()))
    capsys.readouterr()
    assert loaded.ab("schema", "--diff") == 0
    shown = capsys.readouterr().out
    assert shown == "add ab.tbl_wide_user_shop_shop: payments DOUBLE\n"
    assert loaded.ab("schema", "--apply") == 0
    assert capsys.readouterr().out == shown.replace("add", "added")
    assert "payments" in loaded.warehouse.columns("ab.tbl_wide_user_shop_shop")


def test_a_measure_no_metric_asks_for_any_more_is_no_difference(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    module = loaded.modules / "shop" / "module.yaml"
    before = module.read_text()
    module.write_text(with_second_metric(before))
    loaded.ab("schema", "--apply")
    module.write_text(before)
    capsys.readouterr()
    assert loaded.ab("schema", "--diff") == 0
    assert capsys.readouterr().out == ""


def test_a_refused_change_is_shown_with_its_reason_and_the_exit_code(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.spoil_wide_table("shop")
    assert loaded.ab("schema", "--diff") == 2
    shown = capsys.readouterr()
    assert re.search(
        r"^refuse ab\.tbl_wide_user_shop_shop: .* is DATE in the warehouse .*RENAME",
        shown.out,
        re.M,
    )
    assert "create ab.tbl_wide_user_habits_habit" in shown.out
    assert "1 table cannot be changed" in shown.err


def test_nothing_is_applied_where_something_is_refused(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.spoil_wide_table("shop")
    before = loaded.tables().keys()
    assert loaded.ab("schema", "--apply") == 2
    assert "refuse ab.tbl_wide_user_shop_shop" in capsys.readouterr().out
    assert loaded.tables().keys() == before


def test_a_column_that_is_added_to_a_table_with_a_refused_one_is_not_announced(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    table = wide_table_of("shop")
    columns = (*table.columns[:-2], replace(table.columns[-1], type="DATE"))
    loaded.warehouse.ensure(replace(table, columns=columns))
    assert loaded.ab("schema", "--diff") == 2
    assert "add ab." not in capsys.readouterr().out


def test_the_grants_are_printed_as_they_stand(
    loaded: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loaded.ab("schema", "--grants") == 0
    assert capsys.readouterr().out == GRANTS_FILE.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--diff", "--apply"), "--diff and --apply exclude each other"),
        (("--grants", "--diff"), "--diff and --grants exclude each other"),
        (("--apply", "--replication", "3"), "replication_num of AB_WAREHOUSE_URL"),
        (("--diff", "--dialect", "duckdb"), "--dialect is for printed DDL, not for --diff"),
        (("--dialect", "duckdb", "--replication", "3"), "DuckDB keeps one copy"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    loaded: World, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert loaded.ab("schema", *options) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def with_second_metric(module: str) -> str:
    column = "columns:\n  payments: \"count_if(event_name = 'pay')\"\n"
    metric = "metrics:\n  payments_per_user: {type: mean, column: payments}\n"
    return module.replace("columns:\n", column).replace("metrics:\n", metric)


def _empty(world: World) -> str:
    return f"duckdb://{world.root}/empty.duckdb"
