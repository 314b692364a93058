"""SET, USE, SHOW, DESC and what else clients ask before they begin.

What belongs here: statements about the session and the catalogue. What does not: rows.
"""

import re

from sqlglot import exp

from tests.starrocks.catalogue import StoredTable
from tests.starrocks.queries import parsed, variable
from tests.starrocks.refusals import (
    StarRocksRefusalError,
    refuse_access,
    refuse_analysis,
    refuse_syntax,
)
from tests.starrocks.session import Answer, Session, texts

_TIMEOUTS = ("query_timeout", "insert_timeout")
_DESCRIBED = ("Field", "Type", "Null", "Key", "Default", "Extra")


def run_set(session: Session, text: str) -> Answer:
    """SET of session variables."""
    tree = parsed(text)
    if not isinstance(tree, exp.Set) or not tree.expressions:
        refuse_syntax("SET takes name = value")
    changes = {}
    for item in tree.expressions:
        kind = item.args.get("kind")
        if kind in ("NAMES", "CHARACTER SET"):
            continue
        if kind == "GLOBAL":
            refuse_access("OPERATE", "SYSTEM", "")
        if not isinstance(item.this, exp.EQ):
            refuse_syntax("SET takes name = value")
        name, value = item.this.this.name.lower(), _plain(item.this.expression)
        variable(session, name)
        if name in _TIMEOUTS and not value.isdigit():
            raise StarRocksRefusalError(1232, f"Incorrect argument type to variable '{name}'")
        if name == "time_zone" and not re.fullmatch(r"[A-Za-z_]+(/\w+)*|[+-]\d\d:\d\d", value):
            raise StarRocksRefusalError(1298, f"Unknown or incorrect time zone: '{value}'")
        changes[name] = value
    session.variables.update(changes)
    return Answer()


def run_use(session: Session, text: str) -> Answer:
    """USE of a database."""
    tree = parsed(text)
    if not isinstance(tree, exp.Use) or not tree.this:
        refuse_syntax("USE takes a database")
    session.use(tree.this.name)
    return Answer()


def run_describe(session: Session, text: str) -> Answer:
    """DESC of a table."""
    tree = parsed(text)
    if not isinstance(tree, exp.Describe) or not isinstance(tree.this, exp.Table):
        refuse_syntax("DESC takes a table")
    table = session.store.table(*session.named(tree.this.db, tree.this.name))
    rows = [
        (
            column.name,
            column.type.lower(),
            "YES" if column.nullable else "NO",
            "true" if column.name in table.key else "false",
            None,
            "",
        )
        for column in table.columns
    ]
    return texts(_DESCRIBED, rows)


def _variables(session: Session, found: re.Match[str]) -> Answer:
    known = {**session.variables, "version": "8.0.33", "version_comment": session.version}
    rows = [item for item in sorted(known.items()) if _like(item[0], found["like"])]
    return texts(("Variable_name", "Value"), rows)


def _databases(session: Session, found: re.Match[str]) -> Answer:
    names = [*session.store.databases(), "information_schema"]
    return texts(("Database",), [(name,) for name in sorted(names) if _like(name, found["like"])])


def _tables(session: Session, found: re.Match[str]) -> Answer:
    database, _ = session.named(found["db"], "")
    session.store.check_database(database)
    names = [table.name for table in session.store.tables(database)]
    rows = [(name, "BASE TABLE") for name in names if _like(name, found["like"])]
    if found["full"]:
        return texts((f"Tables_in_{database}", "Table_type"), rows)
    return texts((f"Tables_in_{database}",), [row[:1] for row in rows])


def _full_columns(session: Session, found: re.Match[str]) -> Answer:
    table = _named_table(session, found)
    columns = (*_DESCRIBED[:2], "Collation", *_DESCRIBED[2:], "Privileges", "Comment")
    rows = [
        (
            column.name,
            column.type.lower(),
            "",
            "YES" if column.nullable else "NO",
            "YES" if column.name in table.key else "NO",
            None,
            "",
            "",
            column.comment,
        )
        for column in table.columns
    ]
    return texts(columns, rows)


def _create_table(session: Session, found: re.Match[str]) -> Answer:
    table = _named_table(session, found)
    return texts(("Table", "Create Table"), [(table.name, _ddl(table))])


def _config(session: Session, found: re.Match[str]) -> Answer:
    if session.read_only:
        refuse_access("OPERATE", "SYSTEM", "")
    rows = [("run_mode", "[]", "shared_nothing", "String", "false", "")]
    columns = ("Key", "AliasNames", "Value", "Type", "IsMutable", "Comment")
    return texts(columns, [row for row in rows if _like(row[0], found["like"])])


def _warnings(session: Session, found: re.Match[str]) -> Answer:
    return texts(("Level", "Code", "Message"), [])


def _named_table(session: Session, found: re.Match[str]) -> StoredTable:
    database, _, name = found["table"].replace("`", "").rpartition(".")
    return session.store.table(*session.named(database, name))


def _ddl(table: StoredTable) -> str:
    columns = ",\n".join(
        f"  `{column.name}` {column.type.lower()} {'NULL' if column.nullable else 'NOT NULL'}"
        f' COMMENT "{column.comment}"'
        for column in table.columns
    )
    lines = [f"CREATE TABLE `{table.name}` (\n{columns}\n) ENGINE=OLAP "]
    word = "PRIMARY" if table.model == "PRI_KEYS" else "DUPLICATE"
    lines += [f"{word} KEY({_list(table.key)})"] if table.key else []
    lines += [f'COMMENT "{table.comment}"'] if table.comment else []
    if table.partition_by:
        lines.append(f"PARTITION BY ({_list(table.partition_by)})")
    elif table.partition_day:
        lines.append(f"PARTITION BY date_trunc('day', {table.partition_day})")
    spread = f"HASH({_list(table.bucket_by)})" if table.bucket_by else "RANDOM"
    buckets = f" BUCKETS {table.buckets} " if table.buckets else ""
    lines.append(f"DISTRIBUTED BY {spread}{buckets}")
    properties = ",\n".join(f'"{name}" = "{value}"' for name, value in table.properties)
    lines.append(f"PROPERTIES (\n{properties}\n);")
    return "\n".join(lines)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _like(name: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    regular = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return bool(re.fullmatch(regular, name, re.IGNORECASE))


def _plain(value: exp.Expr) -> str:
    if isinstance(value, exp.Boolean):
        return "1" if value.this else "0"
    return value.name or value.sql("starrocks")


_SHOWS = (
    (r"SHOW (?:GLOBAL |SESSION )?VARIABLES(?: LIKE '(?P<like>[^']*)')?", _variables),
    (r"SHOW (?:DATABASES|SCHEMAS)(?: LIKE '(?P<like>[^']*)')?", _databases),
    (
        r"SHOW (?P<full>FULL )?TABLES(?: (?:FROM|IN) `?(?P<db>\w+)`?)?(?: LIKE '(?P<like>[^']*)')?",
        _tables,
    ),
    (r"SHOW FULL COLUMNS FROM (?P<table>[\w.`]+)", _full_columns),
    (r"SHOW CREATE TABLE (?P<table>[\w.`]+)", _create_table),
    (r"ADMIN SHOW FRONTEND CONFIG LIKE '(?P<like>[^']*)'", _config),
    (r"SHOW WARNINGS", _warnings),
)


def run_show(session: Session, text: str) -> Answer:
    """The SHOW statements that clients send by themselves."""
    plain = " ".join(text.split()).rstrip("; ")
    matches = ((re.fullmatch(pattern, plain, re.IGNORECASE), show) for pattern, show in _SHOWS)
    for found, show in matches:
        if found:
            return show(session, found)
    return refuse_analysis(f"the stand-in does not know {plain}")
