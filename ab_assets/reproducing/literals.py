"""Statements as text that stands alone: every value written into it as a literal.

What belongs here: that writing, for a person to copy. What does not: running anything; statements
that run have their values bound.
"""

from datetime import date, datetime
from pathlib import Path

import sqlglot
from sqlglot import exp

from ab_assets.errors import StatementError
from ab_assets.warehouse.dialect import expression_to_duckdb, portable_subset_problems
from ab_assets.warehouse.duckdb.functions import macros_for
from ab_assets.warehouse.statements import Statement, plain_value


def standing_alone(statement: Statement, sources: dict[str, Statement], dialect: str) -> str:
    """A statement with its values, in a warehouse's own words.

    Args:
        statement: The statement.
        sources: Statements that take the place of tables, by the table's unqualified name.
        dialect: ``duckdb`` or ``starrocks``.

    Examples:
        >>> asked = Statement("t", "SELECT a FROM ab.t WHERE b = :b", {"b": "it's"})
        >>> print(standing_alone(asked, {}, "starrocks"))
        SELECT
          a
        FROM ab.t
        WHERE
          b = 'it''s'
    """
    tree = _with_values(statement)
    for table in list(tree.find_all(exp.Table)):
        if table.name in sources:
            inner = _with_values(sources[table.name])
            alias = table.alias or table.name
            table.replace(exp.Subquery(this=inner, alias=exp.TableAlias(this=alias)))
    if dialect == "starrocks":
        return tree.sql(dialect="starrocks", pretty=True, comments=True)
    own = expression_to_duckdb(tree)
    pretty = sqlglot.parse_one(own, read="duckdb").sql(dialect="duckdb", pretty=True)
    macros = [f"{text.replace(' OR REPLACE', '', 1)};" for text in macros_for(own)]
    return "\n".join([*macros, pretty])


def attaching(path: Path) -> str:
    """The statements that open a DuckDB file for reading, before any other.

    Attached under a name of its own: opened as it is, a file ``ab.duckdb`` would be a catalogue
    ``ab`` beside the schema ``ab``.

    Examples:
        >>> print(attaching(Path("/data/ab.duckdb")).splitlines()[0])
        ATTACH '/data/ab.duckdb' AS warehouse (READ_ONLY);
    """
    name = exp.Literal.string(str(path.absolute())).sql(dialect="duckdb")
    return f"ATTACH {name} AS warehouse (READ_ONLY);\nUSE warehouse;\nSET TimeZone = 'UTC';"


def _with_values(statement: Statement) -> exp.Expr:
    problems = portable_subset_problems(statement.text)
    if problems:
        message = "; ".join(problems)
        raise StatementError(message)
    tree = sqlglot.parse_one(statement.text, read="starrocks")
    for place in list(tree.find_all(exp.Placeholder)):
        place.replace(_literal(place.name, statement.parameters[place.name]))
    return tree


def _literal(bind: str, given: object) -> exp.Expr:
    value = plain_value(bind, given)
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(" ")), exp.DType.DATETIME)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DType.DATE)
    if isinstance(value, float):
        return exp.cast(exp.convert(value), exp.DType.DOUBLE)
    return exp.convert(value)
