"""The SQL of cards for the databases Metabase reads.

What belongs here: SQLite's form of a text with optional clauses, and what Metabase makes of such a
text. What does not: the dialect of the embedded warehouse.
"""

import re
from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ab_assets.errors import StatementError

_OPTIONAL = re.compile(r"\[\[AND (.*?)\]\]", re.DOTALL)
_TAG = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_OPEN, _CLOSE, _VALUE = "'ab_open' = 'ab_open'", "'ab_close' = 'ab_close'", "ab_value_"
_CLAUSE = re.compile(rf"AND \(\s*{_OPEN}\s+AND\s+(.*?)\s+AND\s+{_CLOSE}\s*\)", re.DOTALL)


def to_sqlite(text: str) -> str:
    """The text for SQLite, with its optional clauses; tables lose their schema.

    Examples:
        >>> print(to_sqlite("SELECT concat(a, 'x') AS b FROM s.t WHERE c = 1 [[AND d = {{d}}]]"))
        SELECT
          a || 'x' AS b
        FROM t
        WHERE
          c = 1
          [[AND d = {{d}}]]

    Raises:
        StatementError: It is no SQL.
    """
    closed = _OPTIONAL.sub(rf"AND ({_OPEN} AND \1 AND {_CLOSE})", text)
    closed = _TAG.sub(rf"'{_VALUE}\1'", closed)
    try:
        tree = sqlglot.parse_one(closed, read="starrocks").transform(_for_sqlite)
    except SqlglotError as error:
        message = f"a card cannot be read as SQL: {' '.join(str(error).split())}"
        raise StatementError(message) from None
    made = tree.sql(dialect="sqlite", pretty=True)
    made = re.sub(rf"'{_VALUE}(\w+)'", r"{{\1}}", made)
    return _CLAUSE.sub(_opened, made)


def _opened(found: re.Match[str]) -> str:
    return f"[[AND {' '.join(found[1].split())}]]"


def resolved(text: str, values: Mapping[str, str]) -> str:
    """What Metabase sends: clauses of filters without a value fall away, the others get it.

    Examples:
        >>> resolved("SELECT 1 WHERE 1 = 1 [[AND a = {{a}}]] [[AND b = {{b}}]]", {"b": "it's"})
        "SELECT 1 WHERE 1 = 1  AND b = 'it''s'"
    """

    def clause(found: re.Match[str]) -> str:
        names = set(_TAG.findall(found[1]))
        return f"AND {found[1]}" if names <= set(values) else ""

    kept = _OPTIONAL.sub(clause, text)
    return _TAG.sub(lambda found: f"'{values[found[1]].replace(chr(39), chr(39) * 2)}'", kept)


def _for_sqlite(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Table):
        return exp.to_table(node.name, alias=node.alias or None)
    inner = node.this if isinstance(node, exp.Cast) else None
    if isinstance(inner, exp.Cast) and inner.to.this is exp.DataType.Type.DECIMAL:
        # SQLite knows no decimals: a fixed number of digits is a matter of text.
        digits = inner.to.expressions[1].name
        text = exp.Anonymous(
            this="PRINTF", expressions=[exp.Literal.string(f"%.{digits}f"), inner.this]
        )
        missing = exp.Is(this=inner.this.copy(), expression=exp.Null())
        return exp.Case(ifs=[exp.If(this=missing, true=exp.Null())], default=text)
    return node
