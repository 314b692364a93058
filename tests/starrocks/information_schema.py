"""``information_schema``: what the cluster says of its tables and loads.

What belongs here: the columns and rows of its views, by version. What does not: queries of them.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from tests.starrocks.labels import Load
from tests.starrocks.refusals import refuse_analysis, refuse_unknown_table
from tests.starrocks.session import Session

NAME = "information_schema"
_RENAMED_SINCE = (3, 4)  # the loads view names its columns otherwise since then

Row = dict[str, object]
Fields = dict[str, str]  # the columns of a view with their types


def check(session: Session, name: str) -> None:
    """Refuses a view that is not there."""
    if name.lower() not in _VIEWS:
        refuse_unknown_table(f"{NAME}.{name}")


def use_copies(session: Session, tree: exp.Expr) -> None:
    """Lets the tree read this moment's copies of the views it names."""
    used = [table for table in tree.find_all(exp.Table) if table.db.lower() == NAME]
    for table in used:
        name = table.name.lower()
        if name == "load_tracking_logs":
            _check_filtered(tree)
        _copy(session, name)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
        table.set("this", exp.to_identifier(f"ab_stand_in_{name}"))
        table.set("db", exp.to_identifier("temp"))


def _check_filtered(tree: exp.Expr) -> None:
    columns = {
        column.name.lower()
        for where in tree.find_all(exp.Where)
        for column in where.find_all(exp.Column)
    }
    if not columns & {"job_id", "label", "id"}:
        refuse_analysis("load_tracking_logs has to be filtered by job_id or label")


def _copy(session: Session, name: str) -> None:
    fields, rows = _VIEWS[name](session)
    shape = json.dumps(fields)
    given = json.dumps([{field: row.get(field) for field in fields} for row in rows], default=str)
    session.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE ab_stand_in_{name} AS "
        f"SELECT unnest(from_json($given, '[{shape}]'), recursive := true)",
        {"given": given},
    )


def _text(*names: str) -> Fields:
    return dict.fromkeys(names, "VARCHAR")


def _number(*names: str) -> Fields:
    return dict.fromkeys(names, "BIGINT")


def _time(*names: str) -> Fields:
    return dict.fromkeys(names, "TIMESTAMP")


def _tables(session: Session) -> tuple[Fields, list[Row]]:
    fields = {
        **_text("TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE"),
        **_number("VERSION"),
        **_text("ROW_FORMAT"),
        **_number("TABLE_ROWS", "AVG_ROW_LENGTH", "DATA_LENGTH", "MAX_DATA_LENGTH"),
        **_number("INDEX_LENGTH", "DATA_FREE", "AUTO_INCREMENT"),
        **_time("CREATE_TIME", "UPDATE_TIME", "CHECK_TIME"),
        **_text("TABLE_COLLATION"),
        **_number("CHECKSUM"),
        **_text("CREATE_OPTIONS", "TABLE_COMMENT"),
    }
    rows: list[Row] = [
        {
            "TABLE_CATALOG": "def",
            "TABLE_SCHEMA": table.schema,
            "TABLE_NAME": table.name,
            "TABLE_TYPE": "BASE TABLE",
            "ENGINE": "StarRocks",
            "TABLE_COLLATION": "utf8_general_ci",
            "TABLE_COMMENT": table.comment or "OLAP",
        }
        for table in session.store.tables()
    ]
    return fields, rows


def _tables_config(session: Session) -> tuple[Fields, list[Row]]:
    fields = _text(
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "TABLE_ENGINE",
        "TABLE_MODEL",
        "PRIMARY_KEY",
        "PARTITION_KEY",
        "DISTRIBUTE_KEY",
        "DISTRIBUTE_TYPE",
    )
    fields |= {**_number("DISTRIBUTE_BUCKET"), **_text("SORT_KEY", "PROPERTIES")}
    rows: list[Row] = [
        {
            "TABLE_SCHEMA": table.schema,
            "TABLE_NAME": table.name,
            "TABLE_ENGINE": "OLAP",
            "TABLE_MODEL": table.model,
            "PRIMARY_KEY": _quoted(table.key) if table.model == "PRI_KEYS" else "",
            "PARTITION_KEY": _quoted(table.partition_by or (table.partition_day or "",)),
            "DISTRIBUTE_KEY": _quoted(table.bucket_by),
            "DISTRIBUTE_TYPE": "HASH" if table.bucket_by else "RANDOM",
            "DISTRIBUTE_BUCKET": table.buckets or 0,
            "SORT_KEY": _quoted(table.key),
            "PROPERTIES": json.dumps(dict(table.properties)),
        }
        for table in session.store.tables()
    ]
    return fields, rows


def _columns(session: Session) -> tuple[Fields, list[Row]]:
    fields = {
        **_text("TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME"),
        **_number("ORDINAL_POSITION"),
        **_text("COLUMN_DEFAULT", "IS_NULLABLE", "DATA_TYPE"),
        **_number("CHARACTER_MAXIMUM_LENGTH", "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION"),
        **_number("NUMERIC_SCALE", "DATETIME_PRECISION"),
        **_text("CHARACTER_SET_NAME", "COLLATION_NAME", "COLUMN_TYPE", "COLUMN_KEY", "EXTRA"),
        **_text("PRIVILEGES", "COLUMN_COMMENT"),
        **_number("COLUMN_SIZE", "DECIMAL_DIGITS"),
        **_text("GENERATION_EXPRESSION"),
        **_number("SRS_ID"),
    }
    rows: list[Row] = [
        {
            "TABLE_CATALOG": "def",
            "TABLE_SCHEMA": table.schema,
            "TABLE_NAME": table.name,
            "COLUMN_NAME": column.name,
            "ORDINAL_POSITION": position,
            "IS_NULLABLE": "YES" if column.nullable else "NO",
            "DATA_TYPE": column.base_type.lower(),
            "CHARACTER_MAXIMUM_LENGTH": column.length,
            "COLUMN_TYPE": column.type.lower(),
            "COLUMN_KEY": ("PRI" if table.model == "PRI_KEYS" else "DUP")
            if column.name in table.key
            else "",
            "COLUMN_COMMENT": column.comment,
            "COLUMN_SIZE": column.length,
        }
        for table in session.store.tables()
        for position, column in enumerate(table.columns, start=1)
    ]
    return fields, rows


def _schemata(session: Session) -> tuple[Fields, list[Row]]:
    fields = _text("CATALOG_NAME", "SCHEMA_NAME")
    names = [*session.store.databases(), NAME]
    return fields, [{"CATALOG_NAME": "def", "SCHEMA_NAME": name} for name in names]


def _loads(session: Session) -> tuple[Fields, list[Row]]:
    is_new = _is_new(session)
    first = (
        {**_number("ID"), **_text("LABEL", "PROFILE_ID", "DB_NAME", "TABLE_NAME", "USER")}
        if is_new
        else {**_number("JOB_ID"), **_text("LABEL", "DATABASE_NAME")}
    )
    fields = {
        **first,
        **_text("STATE", "PROGRESS", "TYPE", "PRIORITY"),
        **_number("SCAN_ROWS", "FILTERED_ROWS", "UNSELECTED_ROWS", "SINK_ROWS"),
        **_time("CREATE_TIME", "LOAD_START_TIME", "LOAD_FINISH_TIME"),
        **_text("ERROR_MSG", "TRACKING_SQL"),
    }
    loads = [
        load for load in session.store.labels.loads() if is_new or load.kind == "INSERT"
    ]  # before, the view knew no Stream Loads
    return fields, [_load_row(load) for load in loads]


def _load_row(load: Load) -> Row:
    row: Row = {
        "ID": load.job,
        "JOB_ID": load.job,
        "LABEL": load.label,
        "DB_NAME": load.database,
        "DATABASE_NAME": load.database,
        "TABLE_NAME": load.table,
        "STATE": load.state.value,
        "TYPE": load.kind.removesuffix("_LOAD"),
        "PRIORITY": "NORMAL",
        "SCAN_ROWS": load.rows,
        "FILTERED_ROWS": load.filtered,
        "UNSELECTED_ROWS": 0,
        "SINK_ROWS": load.rows,
        "CREATE_TIME": _second(load.created_at),
        "LOAD_START_TIME": _second(load.created_at),
        "LOAD_FINISH_TIME": _second(load.finished_at),
        "ERROR_MSG": load.error or None,
        "TRACKING_SQL": "select tracking_log from information_schema.load_tracking_logs where "
        f"job_id={load.job}"
        if load.log
        else None,
    }
    return row


def _load_tracking_logs(session: Session) -> tuple[Fields, list[Row]]:
    fields = {
        **_number("ID", "JOB_ID"),
        **_text("LABEL", "DATABASE_NAME", "TRACKING_LOG", "TYPE"),
    }
    rows = [
        {
            **_load_row(load),
            "TRACKING_LOG": load.log or None,
        }
        for load in session.store.labels.loads()
    ]
    return fields, rows


def _views(session: Session) -> tuple[Fields, list[Row]]:
    return _text("TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "VIEW_DEFINITION"), []


def _is_new(session: Session) -> bool:
    parts = session.version.split(".")
    return (int(parts[0]), int(parts[1])) >= _RENAMED_SINCE


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name)


def _second(time: datetime | None) -> datetime | None:
    return time.replace(microsecond=0) if time else None


_VIEWS = {
    "tables": _tables,
    "tables_config": _tables_config,
    "columns": _columns,
    "schemata": _schemata,
    "loads": _loads,
    "load_tracking_logs": _load_tracking_logs,
    "views": _views,
    "materialized_views": _views,
}
