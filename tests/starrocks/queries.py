"""Queries: from StarRocks's text to rows, as far as both engines answer alike.

What belongs here: reading, checking and running a SELECT, and what other statements need of
that. What does not: statements that change something.
"""

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ab_assets.errors import StatementError
from ab_assets.warehouse.dialect import expression_to_duckdb
from ab_assets.warehouse.duckdb.functions import macros_for
from ab_assets.warehouse.portable import token_problems, tree_problems
from tests.starrocks import information_schema
from tests.starrocks.refusals import StarRocksRefusalError, refuse_analysis, refuse_syntax
from tests.starrocks.session import Answer, Session

_ESCAPE = "loses its backslash on StarRocks"  # a driver escapes more than our files may


def run_query(session: Session, text: str) -> Answer:
    """Runs a SELECT."""
    tree = parsed(text)
    if not isinstance(tree, exp.Query):
        refuse_syntax("a query was expected")
    names = _names(tree)
    if _is_of_session(tree):
        sql = translated_tree(_with_session_values(session, tree))
    else:
        sql = translated(session, text, tree)
    connection = session.connection
    execute(connection, sql)
    described = connection.description or []
    kinds = [str(column[1]) for column in described]
    if len(names) != len(kinds):
        names = [str(column[0]) for column in described]
    return Answer(list(zip(names, kinds, strict=True)), connection.fetchall())


def parsed(text: str) -> exp.Expr:
    """The tree of one statement.

    Raises:
        StarRocksRefusalError: It cannot be read (1064).
    """
    try:
        trees = [tree for tree in sqlglot.parse(text, read="starrocks") if tree is not None]
    except SqlglotError as error:
        refuse_syntax(str(error).strip().splitlines()[0])
    if len(trees) != 1:
        refuse_syntax("one statement at a time was expected")
    tree = trees[0]
    for node in list(tree.find_all(exp.Hint)):
        node.pop()
    return tree


def translated(session: Session, text: str, tree: exp.Expr) -> str:
    """DuckDB's text of a tree that reads tables.

    Raises:
        StarRocksRefusalError: A table is unknown, or the text leaves what is known to mean the
            same on both engines.
    """
    place_tables(session, tree)
    problems = [problem for problem in token_problems(text) if _ESCAPE not in problem]
    problems += tree_problems(tree)
    if problems:
        refuse_analysis("; ".join(dict.fromkeys(problems)))
    information_schema.use_copies(session, tree)
    return translated_tree(tree)


def translated_tree(tree: exp.Expr) -> str:
    """DuckDB's text of a tree."""
    try:
        return expression_to_duckdb(tree)
    except StatementError as error:
        refuse_analysis(str(error))


def place_tables(session: Session, tree: exp.Expr) -> None:
    """Gives every table its database and refuses those that are not there."""
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier) or (not table.db and table.name in ctes):
            continue
        database, name = session.named(table.db, table.name)
        table.set("db", exp.to_identifier(database))
        table.set("catalog", None)
        if database.lower() == information_schema.NAME:
            information_schema.check(session, name)
        else:
            session.store.table(database, name)


def execute(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None
) -> None:
    """Runs DuckDB's text with the macros it calls, and turns its errors into StarRocks's."""
    try:
        for macro in macros_for(sql):
            connection.execute(macro)
        connection.execute(sql, parameters or {})
    except duckdb.Error as error:
        raise told(error) from None


def told(error: duckdb.Error) -> StarRocksRefusalError:
    """What StarRocks would say where DuckDB says this."""
    first = str(error).strip().splitlines()[0]
    if isinstance(error, duckdb.InterruptException):
        return StarRocksRefusalError(
            5024, "Query timeout. Increase the query_timeout session variable and retry"
        )
    return StarRocksRefusalError(1064, f"Getting analyzing error. Detail message: {first}.")


def _names(tree: exp.Query) -> list[str]:
    """The columns' names as StarRocks gives them; empty where a star stands for them."""
    if any(item.find(exp.Star) and not item.find(exp.Count) for item in tree.selects):
        return []
    return [
        item.alias_or_name
        if isinstance(item, exp.Alias | exp.Column)
        else item.sql("starrocks").lower()
        for item in tree.selects
    ]


def _is_of_session(tree: exp.Query) -> bool:
    return not tree.find(exp.Table) and bool(tree.find(*_SESSION_NODES))


def _with_session_values(session: Session, tree: exp.Expr) -> exp.Expr:
    root = exp.Paren(this=tree.copy())
    for node in list(root.find_all(*_SESSION_NODES)):
        alias = node.sql("starrocks").lower()
        value = exp.Literal.string(_value(session, node))
        in_list = isinstance(node.parent, exp.Select)
        node.replace(exp.alias_(value, alias, quoted=True) if in_list else value)
    inner: exp.Expr = root.this
    return inner


_SESSION_NODES = (
    exp.SessionParameter,
    exp.CurrentVersion,
    exp.CurrentUser,
    exp.CurrentDatabase,
    exp.CurrentSchema,
    exp.Version,
    exp.Anonymous,
)


def _value(session: Session, node: exp.Expr) -> str:
    if isinstance(node, exp.SessionParameter):
        return variable(session, node.name)
    name = node.name.lower() if isinstance(node, exp.Anonymous) else type(node).__name__.lower()
    values = {
        "currentversion": f"{session.version}-1a2b3c4",
        "current_version": f"{session.version}-1a2b3c4",
        "version": "8.0.33",
        "currentuser": f"'{session.user}'@'%'",
        "user": f"'{session.user}'@'%'",
        "currentdatabase": session.database or "",
        "currentschema": session.database or "",
        "database": session.database or "",
        "connection_id": str(session.number),
    }
    if name not in values:
        refuse_analysis(f"No matching function with signature: {name}()")
    return values[name]


def variable(session: Session, name: str) -> str:
    """The value of a session variable.

    Raises:
        StarRocksRefusalError: There is no such variable (1193).
    """
    known = {**session.variables, "version": "8.0.33", "version_comment": session.version}
    if name.lower() not in known:
        raise StarRocksRefusalError(1193, f"Unknown system variable '{name}'")
    return known[name.lower()]
