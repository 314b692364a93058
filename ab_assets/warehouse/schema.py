"""The fixed tables: the files of ``sql/schema`` as definitions.

What belongs here: reading CREATE TABLE files, so that the file is the one truth, and where the
grants are. What does not: tables that exist once per tag; their definitions are made from modules.
"""

from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ab_assets.errors import ConfigurationError, StatementError
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.tables import Column, TableDefinition

SCHEMA_FOLDER = PROJECT_ROOT / "sql" / "schema"
GRANTS_FILE = SCHEMA_FOLDER / "grants.sql"
HEALTH_TABLE = "ab.experiment_health"
PLAN_TABLE = "ab.experiment_plan"
REPORT_TABLE = "flow_report_app.tbl_report_ab_testing_result"


@cache
def fixed_tables() -> dict[str, TableDefinition]:
    """Every table of ``sql/schema``, by its qualified name."""
    tables = [read_table(path) for path in table_files()]
    return {table.qualified: table for table in tables}


def table_files() -> list[Path]:
    """The files of ``sql/schema`` that declare a table each; users and roles are none."""
    return [path for path in sorted(SCHEMA_FOLDER.glob("*.sql")) if path != GRANTS_FILE]


def fixed_table(qualified: str) -> TableDefinition:
    """The table of that name.

    Raises:
        ConfigurationError: No file of ``sql/schema`` declares it.
    """
    try:
        return fixed_tables()[qualified]
    except KeyError:
        message = (
            f"no file in {SCHEMA_FOLDER} declares {qualified}; it has {', '.join(fixed_tables())}"
        )
        raise ConfigurationError(message) from None


def report_columns() -> tuple[Column, ...]:
    """The columns of every report table, in order."""
    return fixed_table(REPORT_TABLE).columns


def read_table(path: Path) -> TableDefinition:
    """Reads one CREATE TABLE file.

    Raises:
        StatementError: The file is no CREATE TABLE of the form the other files have.
    """
    try:
        tree = sqlglot.parse_one(path.read_text(encoding="utf-8"), read="starrocks")
    except SqlglotError as error:
        message = f"{path}: the file cannot be read as SQL: {error}"
        raise StatementError(message) from None
    body = tree.this if isinstance(tree, exp.Create) else None
    if not isinstance(body, exp.Schema):
        message = f"{path}: a schema file is one CREATE TABLE IF NOT EXISTS with its columns"
        raise StatementError(message)
    layout = _Layout(tree)
    days, day = layout.partition()
    return TableDefinition(
        schema=body.this.db,
        name=body.this.name,
        columns=tuple(_column(item) for item in body.expressions),
        partition_by=days,
        sort_key=layout.names(exp.DuplicateKeyProperty),
        bucket_by=layout.names(exp.DistributedByProperty),
        buckets=layout.buckets(),
        comment=layout.comment(),
        partition_day=day,
    )


class _Layout:
    """The clauses after the columns."""

    def __init__(self, tree: exp.Expr) -> None:
        self._tree = tree

    def names(self, kind: type[exp.Expr]) -> tuple[str, ...]:
        found = self._tree.find(kind)
        return tuple(item.name for item in found.expressions) if found else ()

    def partition(self) -> tuple[tuple[str, ...], str | None]:
        found = self._tree.find(exp.PartitionedByProperty)
        if found is None:
            return (), None
        inner = found.this.expressions
        if isinstance(inner[0], exp.TimestampTrunc):
            return (), inner[0].this.name
        return tuple(item.name for item in inner), None

    def buckets(self) -> int:
        found = self._tree.find(exp.DistributedByProperty)
        return int(found.args["buckets"].name) if found and found.args.get("buckets") else 1

    def comment(self) -> str:
        found = self._tree.find(exp.SchemaCommentProperty)
        return found.name if found else ""


def _column(item: exp.Expr) -> Column:
    constraints = [constraint.kind for constraint in item.args.get("constraints") or []]
    nulls = [kind for kind in constraints if isinstance(kind, exp.NotNullColumnConstraint)]
    comments = [kind.name for kind in constraints if isinstance(kind, exp.CommentColumnConstraint)]
    return Column(
        name=item.name,
        type=item.args["kind"]
        .sql("starrocks")
        .replace("VARCHAR(65533)", "VARCHAR")
        .replace("STRING", "VARCHAR"),
        comment=comments[0] if comments else "",
        nullable=all(bool(kind.args.get("allow_null")) for kind in nulls),
    )
