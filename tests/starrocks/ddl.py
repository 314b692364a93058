"""CREATE, ALTER, DROP: what changes tables and not their rows.

What belongs here: reading StarRocks's DDL and applying it. What does not: the files behind it.
"""

from dataclasses import replace

from sqlglot import exp

from tests.starrocks.catalogue import StoredColumn, StoredTable, checked_type
from tests.starrocks.queries import parsed
from tests.starrocks.refusals import (
    StarRocksRefusalError,
    refuse_analysis,
    refuse_syntax,
    refuse_unknown_table,
)
from tests.starrocks.session import Answer, Session


def run_create(session: Session, text: str) -> Answer:
    """CREATE DATABASE or CREATE TABLE."""
    tree = parsed(text)
    if not isinstance(tree, exp.Create):
        refuse_syntax("this CREATE is not one the stand-in can read")
    if tree.kind in ("DATABASE", "SCHEMA"):
        name = tree.this.name
        if name in session.store.databases() and not tree.args.get("exists"):
            raise StarRocksRefusalError(1007, f"Can't create database '{name}'; database exists")
        session.store.create_database(name)
        return Answer()
    if tree.kind != "TABLE" or not isinstance(tree.this, exp.Schema) or tree.expression:
        refuse_analysis("the stand-in knows CREATE TABLE with columns only")
    database, name = session.named(tree.this.this.db, tree.this.this.name)
    session.store.check_database(database)
    if any(table.name == name for table in session.store.tables(database)):
        if tree.args.get("exists"):
            return Answer()
        raise StarRocksRefusalError(1050, f"Table '{name}' already exists")
    session.store.create_table(_table(database, name, tree))
    return Answer()


def run_alter(session: Session, text: str) -> Answer:
    """ALTER TABLE … ADD COLUMN, one or several; done when it is answered."""
    tree = parsed(text)
    actions = tree.args.get("actions") if isinstance(tree, exp.Alter) else None
    if not actions or not all(isinstance(action, exp.ColumnDef) for action in actions):
        refuse_analysis("the stand-in knows ALTER TABLE … ADD COLUMN only")
    table = session.store.table(*session.named(tree.this.db, tree.this.name))
    statements = []
    columns = list(table.columns)
    for action in actions:
        column, default = _column(action), _default(action)
        if column.name.lower() in [known.name.lower() for known in columns]:
            raise StarRocksRefusalError(1060, f"Duplicate column name '{column.name}'")
        if not column.nullable and default is None:
            refuse_analysis(f"'{column.name}' cannot be NOT NULL without a default value")
        columns.append(column)
        kind = f'ADD COLUMN "{column.name}" {column.duckdb_type}'
        value = f" DEFAULT {default}" if default else ""
        statements.append(f"ALTER TABLE {table.quoted} {kind}{value}")
    session.store.alter_table(replace(table, columns=tuple(columns)), *statements)
    return Answer()


def run_drop(session: Session, text: str) -> Answer:
    """DROP TABLE [IF EXISTS] … [FORCE]."""
    tree = parsed(text)
    tables = tree.args.get("tables") if isinstance(tree, exp.Drop) else None
    if not tables or tree.args.get("kind") != "TABLE" or len(tables) != 1:
        refuse_analysis("the stand-in knows DROP TABLE only")
    database, name = session.named(tables[0].db, tables[0].name)
    session.store.check_database(database)
    if any(table.name == name for table in session.store.tables(database)):
        session.store.drop_table(database, name)
    elif not tree.args.get("exists"):
        refuse_unknown_table(f"{database}.{name}")
    return Answer()


def _table(database: str, name: str, tree: exp.Create) -> StoredTable:
    columns = tuple(
        _column(item) for item in tree.this.expressions if isinstance(item, exp.ColumnDef)
    )
    spread = tree.find(exp.DistributedByProperty)
    primary = tree.find(exp.PrimaryKey)
    days, day = _partition(tree)
    table = StoredTable(
        schema=database,
        name=name,
        columns=columns,
        key=_names(primary or tree.find(exp.DuplicateKeyProperty)),
        model="PRI_KEYS" if primary else "DUP_KEYS",
        partition_by=days,
        partition_day=day,
        bucket_by=_names(spread),
        buckets=int(spread.args["buckets"].name) if spread and spread.args.get("buckets") else None,
        comment=_comment(tree),
        properties=_properties(tree),
    )
    _check(table)
    return table


def _check(table: StoredTable) -> None:
    names = [column.name.lower() for column in table.columns]
    doubled = [name for name in names if names.count(name) > 1]
    if doubled:
        raise StarRocksRefusalError(1060, f"Duplicate column name '{doubled[0]}'")
    days = (table.partition_day,) if table.partition_day else ()
    for used in (*table.key, *table.partition_by, *table.bucket_by, *days):
        table.column(used)
    if tuple(names[: len(table.key)]) != tuple(name.lower() for name in table.key):
        refuse_analysis("Key columns should be a ordered prefix of the schema")
    for used in table.key:
        if table.column(used).base_type in ("JSON", "DOUBLE", "FLOAT"):
            refuse_analysis(
                f"Invalid data type of key column '{used}': '{table.column(used).type}'"
            )
    for used in table.partition_by:
        kind = table.column(used)
        if kind.base_type not in ("VARCHAR", "CHAR", "DATE", "DATETIME", "INT", "BIGINT"):
            refuse_analysis(f"Partition column '{used}' must not be {kind.type}")


def _column(item: exp.Expr) -> StoredColumn:
    kinds = [constraint.kind for constraint in item.args.get("constraints") or []]
    nulls = [kind for kind in kinds if isinstance(kind, exp.NotNullColumnConstraint)]
    comments = [kind.name for kind in kinds if isinstance(kind, exp.CommentColumnConstraint)]
    given = item.args.get("kind")
    if given is None:
        refuse_syntax(f"the column '{item.name}' has no type")
    return StoredColumn(
        name=item.name,
        type=checked_type(given.sql("starrocks")),
        nullable=all(bool(kind.args.get("allow_null")) for kind in nulls),
        comment=comments[0] if comments else "",
    )


def _default(item: exp.Expr) -> str | None:
    kinds = [constraint.kind for constraint in item.args.get("constraints") or []]
    found = [kind.this for kind in kinds if isinstance(kind, exp.DefaultColumnConstraint)]
    return str(found[0].sql("duckdb")) if found else None


def _partition(tree: exp.Expr) -> tuple[tuple[str, ...], str | None]:
    found = tree.find(exp.PartitionedByProperty)
    if found is None:
        if tree.find(exp.PartitionByRangeProperty, exp.PartitionByListProperty):
            refuse_analysis("the stand-in knows expression partitions only")
        return (), None
    inner = found.this.expressions
    if len(inner) == 1 and isinstance(inner[0], exp.TimestampTrunc):
        if inner[0].args["unit"].name.upper() != "DAY":
            refuse_analysis("the stand-in knows partitions by day only")
        return (), inner[0].this.name
    if not all(isinstance(item, exp.Column | exp.Identifier) for item in inner):
        refuse_analysis("the stand-in knows partitions by columns or date_trunc('day', …) only")
    return tuple(item.name for item in inner), None


def _names(found: exp.Expr | None) -> tuple[str, ...]:
    return tuple(item.name for item in found.expressions) if found else ()


def _comment(tree: exp.Expr) -> str:
    found = tree.find(exp.SchemaCommentProperty)
    return found.name if found else ""


def _properties(tree: exp.Expr) -> tuple[tuple[str, str], ...]:
    return tuple(
        (item.name, item.args["value"].name)
        for item in tree.find_all(exp.Property)
        if type(item) is exp.Property
    )
