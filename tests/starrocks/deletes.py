"""DELETE and TRUNCATE.

What belongs here: what a DELETE may say of a table that is no PRIMARY KEY table. What does not:
loads.
"""

from sqlglot import exp

from ab_assets.warehouse.duckdb.overwrite import transaction
from tests.starrocks.catalogue import StoredTable
from tests.starrocks.queries import execute, parsed, translated
from tests.starrocks.refusals import StarRocksRefusalError, refuse_analysis, refuse_syntax
from tests.starrocks.session import Answer, Session

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def run_delete(session: Session, text: str) -> Answer:
    """DELETE … WHERE; the cluster does not say how many rows went."""
    tree = parsed(text)
    if not isinstance(tree, exp.Delete) or not isinstance(tree.this, exp.Table):
        refuse_syntax("DELETE FROM takes one table")
    table = session.store.table(*session.named(tree.this.db, tree.this.name))
    where = tree.args.get("where")
    if where is None:
        refuse_analysis("Where clause is not set")
    if table.model != "PRI_KEYS":
        _check(table, where.this)
    sql = translated(session, text, tree)
    with session.store.locked(table.schema, table.name):
        with transaction(session.connection):
            execute(session.connection, sql)
            session.middle()
        load = session.store.labels.begin(table.schema, table.name, None, "DELETE")
        session.store.labels.finish(load, 0)
    info = f"{{'label':'delete_{load.job}', 'status':'VISIBLE', 'txnId':'{load.job}'}}"
    return Answer(info=info)


def run_truncate(session: Session, text: str) -> Answer:
    """TRUNCATE TABLE."""
    tree = parsed(text)
    if not isinstance(tree, exp.TruncateTable) or len(tree.expressions) != 1:
        refuse_syntax("TRUNCATE TABLE takes one table")
    target = tree.expressions[0]
    table = session.store.table(*session.named(target.db, target.name))
    with session.store.locked(table.schema, table.name):
        execute(session.connection, f"DELETE FROM {table.quoted}")
    return Answer()


def _check(table: StoredTable, condition: exp.Expr) -> None:
    """Columns against literals, joined by AND: nothing else."""
    if isinstance(condition, exp.Paren):
        _check(table, condition.this)
    elif isinstance(condition, exp.And):
        _check(table, condition.left)
        _check(table, condition.right)
    elif isinstance(condition, exp.Or):
        refuse_analysis("Compound predicate's op should be AND")
    elif isinstance(condition, exp.Not) and isinstance(condition.this, exp.In | exp.Is):
        _check(table, condition.this)
    elif isinstance(condition, _COMPARISONS):
        _check_column(table, condition.left)
        _check_literal(condition.right, "Right expr of binary predicate should be value")
    elif isinstance(condition, exp.In) and not condition.args.get("query"):
        _check_column(table, condition.this)
        for item in condition.expressions:
            _check_literal(item, "Child of in predicate should be value")
    elif isinstance(condition, exp.Is) and isinstance(condition.expression, exp.Null):
        _check_column(table, condition.this)
    else:
        refuse_analysis(
            "Where clause only supports compound predicate, binary predicate, is_null predicate "
            "and in predicate"
        )


def _check_column(table: StoredTable, side: exp.Expr) -> None:
    if not isinstance(side, exp.Column):
        refuse_analysis("Left expr of binary predicate should be column name")
    if table.column(side.name).base_type in ("FLOAT", "DOUBLE", "JSON"):
        raise StarRocksRefusalError(5017, f"Column is not a key column: '{side.name}'")


def _check_literal(side: exp.Expr, refusal: str) -> None:
    inner = side.this if isinstance(side, exp.Neg | exp.Cast) else side
    if not isinstance(inner, exp.Literal | exp.Boolean):
        refuse_analysis(refusal)
