"""From the StarRocks dialect to DuckDB's.

What belongs here: the way in to translating, checking and reading SQL text. What does not: the
rules themselves (portable.py, rewrites.py, duckdb/functions.py).
"""

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ab_assets.errors import StatementError
from ab_assets.warehouse.expressions import expression_fragment, parse_expression
from ab_assets.warehouse.portable import portable_subset_problems
from ab_assets.warehouse.rewrites import rewrite

__all__ = [
    "expression_fragment",
    "parse_expression",
    "portable_subset_problems",
    "to_duckdb",
]


@lru_cache(maxsize=512)
def to_duckdb(text: str) -> str:
    """Translates one statement; its binds ``:name`` become ``$name``.

    >>> to_duckdb("SELECT `tag` FROM ab.experiment_data WHERE event_date = :day")
    'SELECT "tag" FROM ab.experiment_data WHERE event_date = $day'

    Raises:
        StatementError: The text leaves the portable subset; every reason is named.
    """
    problems = portable_subset_problems(text)
    if problems:
        message = "; ".join(problems)
        raise StatementError(message)
    return expression_to_duckdb(sqlglot.parse_one(text, read="starrocks"))


def expression_to_duckdb(tree: exp.Expr) -> str:
    """Translates a tree read from the StarRocks dialect."""
    try:
        return rewrite(tree).sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except SqlglotError as error:
        message = f"DuckDB has no form of this: {error}"
        raise StatementError(message) from None
