"""Expressions that people write in module files.

What belongs here: reading one scalar or aggregate expression and refusing everything else. What
does not: what the columns in it mean.
"""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError, TokenError

from ab_assets.errors import StatementError
from ab_assets.warehouse.functions import WINDOW_FUNCTIONS
from ab_assets.warehouse.names import Fragment, is_identifier
from ab_assets.warehouse.portable import token_problems, tree_problems
from ab_assets.warehouse.tokens import tokens

_REFUSED: dict[type[exp.Expr], str] = {
    exp.Query: "a sub-select is no expression over one unit's events",
    exp.Exists: "a sub-select is no expression over one unit's events",
    exp.Window: "window functions (OVER) see more than one unit; aggregate instead",
    exp.Placeholder: "binds (:name) have no value here; write the value out",
    exp.Alias: "the column is named by its key; leave AS out",
}

_SHOWN = 200
_LONGEST = 20_000
# Parsers go down some twenty calls for each; Python allows a thousand.
_DEEPEST = 20
_OPENING, _CLOSING = frozenset(["L_PAREN", "CASE"]), frozenset(["R_PAREN", "END"])


def parse_expression(text: str) -> exp.Expr:
    """Reads one expression of the portable subset.

    >>> parse_expression("count_if(event_name = 'login')").sql("starrocks")
    "COUNT_IF(event_name = 'login')"

    Raises:
        StatementError: The text is empty, no single expression, or not portable; every reason is
            named.
    """
    problems = list(dict.fromkeys(_problems(text)))
    if problems:
        message = f"{shown(text)}: {'; '.join(problems)}"
        raise StatementError(message)
    return _tree(text)


def shown(text: str) -> str:
    """The beginning of an expression, as a message repeats it."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def expression_fragment(text: str) -> Fragment:
    """The text of a checked expression, in parentheses, for a template to output."""
    parse_expression(text)
    return Fragment(f"({text.strip()})")


def _tree(text: str) -> exp.Expr:
    tree = sqlglot.parse_one(f"SELECT ({text})", read="starrocks")
    inner: exp.Expr = tree.expressions[0].this
    return inner


def _problems(text: str) -> Iterator[str]:
    try:
        problem = _problem_of_form(text)
        if problem:
            yield problem
            return
        select = sqlglot.parse_one(f"SELECT ({text})", read="starrocks")
    except (SqlglotError, TokenError) as error:
        yield f"it cannot be read as SQL: {str(error).strip().splitlines()[0]}"
        return
    except RecursionError:
        yield "it stands too deep in itself to be read"
        return
    yield from token_problems(text)
    only = select.expressions[0]
    if not isinstance(only, exp.Paren | exp.Subquery):
        yield "write exactly one expression"
        return
    yield from tree_problems(only.this)
    yield from _tree_problems(only.this)


def _problem_of_form(text: str) -> str:
    """What keeps a text from being parsed as one expression at all; empty where nothing does."""
    if not text.strip():
        return "the expression is empty"
    if len(text) > _LONGEST:
        return f"it is longer than {_LONGEST:,} characters"
    if _has_comment(text):
        return "comments do not belong here; use the description"
    if not _balanced(text):
        return "a parenthesis has no partner"
    if _depth(text) > _DEEPEST:
        return f"parentheses and CASE stand more than {_DEEPEST} deep in each other"
    return ""


def _tree_problems(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        for kind, reason in _REFUSED.items():
            if isinstance(node, kind):
                yield reason
        if isinstance(node, exp.Func) and node.sql_name().lower() in WINDOW_FUNCTIONS:
            yield _REFUSED[exp.Window]
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            yield "'*' stands only in count(*)"
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            yield from _column_problems(node)


def _column_problems(column: exp.Column) -> Iterator[str]:
    if column.table:
        yield f"{column.sql('starrocks')}: write the column without its table"
    if not is_identifier(column.name):
        yield f"{column.name}: columns are lower-case letters, digits and underscores"


def _has_comment(text: str) -> bool:
    return any(token.comments for token in tokens(f"({text}\n)"))


def _balanced(text: str) -> bool:
    depth = 0
    for token in tokens(text):
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(token.token_type.name, 0)
        if depth < 0:
            return False
    return depth == 0


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in tokens(text):
        name = token.token_type.name
        depth += (name in _OPENING) - (name in _CLOSING)
        deepest = max(deepest, depth)
    return deepest
