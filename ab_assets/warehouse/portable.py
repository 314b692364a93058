"""The portable subset: what our SQL may use so that both engines answer alike.

What belongs here: the checks of a text and its tree, each with the remedy. What does not:
translation.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from ab_assets.warehouse.functions import PORTABLE, REASONS
from ab_assets.warehouse.names import is_identifier
from ab_assets.warehouse.tokens import tokens, written

# Words that may stand before a parenthesis without being a function.
_NO_FUNCTIONS = frozenset(
    [
        "all",
        "and",
        "any",
        "as",
        "asc",
        "between",
        "by",
        "case",
        "cast",
        "cube",
        "desc",
        "distinct",
        "double",
        "else",
        "except",
        "exists",
        "explain",
        "from",
        "having",
        "in",
        "inner",
        "insert",
        "intersect",
        "interval",
        "into",
        "is",
        "join",
        "left",
        "like",
        "limit",
        "not",
        "on",
        "or",
        "outer",
        "over",
        "partition",
        "right",
        "rollup",
        "select",
        "set",
        "sets",
        "some",
        "then",
        "union",
        "using",
        "values",
        "varchar",
        "when",
        "where",
        "with",
        "char",
        "decimal",
        "xor",
        "regexp",
        "rlike",
        "end",
        "mod",
        "div",
        "offset",
        "cross",
        "full",
        "filter",
    ]
) - {"left", "right", "mod"}

# What stands before a name whose parenthesis holds columns or a bind, not arguments.
_BEFORE_ALIAS = frozenset(["as", "into", ":"])

_WHO_ASKS = "{}: the answer would depend on who asks"
_TOKEN_PROBLEMS = {
    TokenType.DPIPE: "'||' is a logical OR on StarRocks: write concat(a, b)",
    TokenType.DCOLON: "'::' is no StarRocks: write CAST(x AS type)",
    TokenType.ARROW: "'->' gives JSON with quotes: write get_json_string(x, '$.key')",
    TokenType.DARROW: "'->>' is no StarRocks: write get_json_string(x, '$.key')",
    TokenType.DIV: "DIV rounds differently: write CAST(floor(a / b) AS BIGINT)",
    TokenType.ILIKE: "ILIKE is no StarRocks: write lower(x) LIKE lower(pattern)",
    TokenType.SEMICOLON: "a ';' is not needed, and two statements may not stand in one file",
    # Functions without parentheses.
    TokenType.CURRENT_TIMESTAMP: f"current_timestamp: {REASONS['current_timestamp']}",
    TokenType.CURRENT_DATE: f"current_date: {REASONS['current_date']}",
    TokenType.CURRENT_DATETIME: f"current_datetime: {REASONS['current_timestamp']}",
    TokenType.CURRENT_TIME: f"current_time: {REASONS['current_time']}",
    TokenType.LOCALTIME: f"localtime: {REASONS['localtime']}",
    TokenType.LOCALTIMESTAMP: f"localtimestamp: {REASONS['localtimestamp']}",
    TokenType.CURRENT_USER: _WHO_ASKS.format("current_user"),
    TokenType.CURRENT_ROLE: _WHO_ASKS.format("current_role"),
}

_NODE_PROBLEMS: dict[type[exp.Expr], str] = {
    exp.Filter: "FILTER is missing before StarRocks 4.0: write sum(if(condition, x, 0))",
    exp.Merge: "MERGE is no StarRocks: overwrite the partition",
    exp.Update: "UPDATE needs a PRIMARY KEY table: overwrite the partition",
    exp.Lateral: "LATERAL is not portable",
    exp.Pivot: "PIVOT is not portable: write one if() a column",
    exp.TableSample: "TABLESAMPLE is not portable",
    exp.Parameter: "session variables (@x) are not portable: bind the value",
    exp.SessionParameter: "system variables (@@x) are not portable: bind the value",
    exp.Bracket: "arrays and maps differ between the engines: use JSON functions or rows",
    exp.Array: "arrays differ between the engines: use JSON functions or rows",
    exp.Struct: "STRUCT differs between the engines: use columns",
    exp.Map: "maps differ between the engines: use JSON functions or rows",
    exp.Lambda: "lambdas differ between the engines",
    exp.TryCast: "TRY_CAST is not needed: CAST gives NULL for what cannot be read",
    exp.Command: "this is no statement we can read",
    **dict.fromkeys(
        (exp.HexString, exp.BitString, exp.National, exp.Introducer),
        "a prefix before '…' means something else on each engine: write the text itself",
    ),
    exp.Collate: "COLLATE is not portable: write lower(x) = lower(y)",
    exp.AtTimeZone: "AT TIME ZONE is not portable: times are UTC",
    exp.Any: "ANY is not portable: use IN",
    exp.All: "ALL (…) is not portable: use max or min",
    exp.JSON: "IS JSON is no StarRocks: read the value with get_json_string",
}

_STATEMENTS = (exp.Query, exp.Insert, exp.Delete, exp.TruncateTable, exp.Drop)
_WHOLE_NUMBERS = (
    exp.DType.TINYINT,
    exp.DType.SMALLINT,
    exp.DType.INT,
    exp.DType.BIGINT,
    exp.DType.INT128,
)
_CASTS = frozenset(
    [
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "INT",
        "BIGINT",
        "INT128",
        "FLOAT",
        "DOUBLE",
        "DECIMAL",
        "DATE",
        "DATETIME",
        "TIMESTAMP",
        "VARCHAR",
        "TEXT",
        "JSON",
    ]
)
_ESCAPES = re.compile(r"\\(.)", re.DOTALL)


def portable_subset_problems(text: str) -> list[str]:
    """What in a statement one of the engines would refuse or answer differently.

    >>> portable_subset_problems("SELECT a || b FROM ab.t")
    ["'||' is a logical OR on StarRocks: write concat(a, b)"]
    """
    return list(_problems(text))


@lru_cache(maxsize=512)
def _problems(text: str) -> tuple[str, ...]:
    try:
        found = [*token_problems(text)]
        trees = sqlglot.parse(text, read="starrocks")
    except SqlglotError as error:
        return (f"the text cannot be read as SQL: {_first_line(error)}",)
    if len(trees) != 1 or trees[0] is None:
        return (
            f"there are {sum(tree is not None for tree in trees)} statements; write exactly one",
        )
    tree = trees[0]
    if not isinstance(tree, _STATEMENTS):
        found.append(
            "only SELECT, INSERT INTO … SELECT, DELETE, TRUNCATE and DROP can be run as statements"
        )
    found.extend(tree_problems(tree))
    return tuple(dict.fromkeys(found))


def token_problems(text: str) -> Iterator[str]:
    """The problems that show in the tokens: operators, quotes, functions as they were written."""
    stream = tokens(text)
    for index, token in enumerate(stream):
        if token.token_type in _TOKEN_PROBLEMS:
            yield _TOKEN_PROBLEMS[token.token_type]
        if token.token_type == TokenType.STRING:
            yield from _string_problems(written(text, token))
        if token.token_type == TokenType.L_PAREN and index > 0:
            yield from _called_problems(text, stream, index - 1)


def _called_problems(text: str, stream: tuple[Token, ...], last: int) -> Iterator[str]:
    """The problems of what stands before a parenthesis, perhaps with dots in it."""
    first = last
    while first > 1 and stream[first - 1].token_type == TokenType.DOT:
        first -= 2
    ahead = written(text, stream[first - 1]).lower() if first > 0 else ""
    if ahead in _BEFORE_ALIAS:
        return
    name = written(text, stream[last]).strip("`")
    if first < last:
        yield f"{text[stream[first].start : stream[last].end + 1]}: functions have no schema"
    yield from _function_problems(name)


def tree_problems(tree: exp.Expr) -> Iterator[str]:
    """The problems that show in the tree."""
    tables = {cte.alias for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if type(node) in _NODE_PROBLEMS:
            yield _NODE_PROBLEMS[type(node)]
        for kind, check in _CHECKS:
            if isinstance(node, kind):
                yield from check(node)
        if isinstance(node, exp.Table):
            yield from _table_problems(node, tables)


def _string_problems(literal: str) -> Iterator[str]:
    if literal.startswith('"'):
        yield (
            f"{literal}: double quotes mean text on StarRocks and a name elsewhere: use '…' or `…`"
        )
    for escape in _ESCAPES.findall(literal):
        if escape not in "\\'\"ntr0%_":
            yield f"{literal}: '\\{escape}' loses its backslash on StarRocks: write two"


def _function_problems(name: str) -> Iterator[str]:
    lowered = name.lower()
    if not re.fullmatch(r"[a-z_]\w*", lowered) or lowered in _NO_FUNCTIONS or lowered in PORTABLE:
        return
    if lowered in REASONS:
        yield f"{lowered}: {REASONS[lowered]}"
        return
    near = difflib.get_close_matches(lowered, sorted(PORTABLE), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    yield f"{lowered} is not among the functions both engines answer alike{hint}"


def _table_problems(table: exp.Table, ctes: set[str]) -> Iterator[str]:
    if not isinstance(table.this, exp.Identifier):
        yield f"{table.sql('starrocks')}: table functions are not portable"
        return
    if table.args.get("partition"):
        yield f"{table.name}: PARTITION names rows only on StarRocks: filter by the column"
    names = [part.name for part in table.parts]
    if not all(is_identifier(name) for name in names):
        yield f"{'.'.join(names)}: table names are lower-case letters, digits and underscores"
    if len(names) == 1 and names[0] not in ctes:
        yield f"{names[0]}: name the table with its schema, as in ab.{names[0]}"


def _group(node: exp.Group) -> Iterator[str]:
    if node.args.get("all"):
        yield "GROUP BY ALL is no StarRocks: name the columns"


def _star(node: exp.Star) -> Iterator[str]:
    if any(node.args.get(name) for name in ("except_", "except", "replace", "rename")):
        yield "SELECT * EXCLUDE, EXCEPT or REPLACE is not portable: name the columns"


def _distinct(node: exp.Distinct) -> Iterator[str]:
    if node.args.get("on"):
        yield "DISTINCT ON is no StarRocks: use QUALIFY row_number() OVER (…) = 1"


def _with(node: exp.With) -> Iterator[str]:
    if node.args.get("recursive"):
        yield "WITH RECURSIVE is not portable"
    for cte in node.expressions:
        if cte.args["alias"].columns:
            yield f"{cte.alias}: name the columns inside the SELECT, not after the name of the WITH"


def _join(node: exp.Join) -> Iterator[str]:
    if node.side == "FULL" and node.args.get("using"):
        yield "FULL JOIN … USING gives the left column on StarRocks: use ON and coalesce"
    if node.method:
        yield f"{node.method} JOIN is not portable: use ON"


def _select(node: exp.Select) -> Iterator[str]:
    if node.args.get("windows"):
        yield "WINDOW w AS (…) is not portable: write OVER (…) out"
    if node.args.get("locks"):
        yield "FOR UPDATE is not portable"


def _qualify(node: exp.Qualify) -> Iterator[str]:
    condition = node.this
    window = condition.this if isinstance(condition, exp.EQ) else None
    numbered = isinstance(window, exp.Window) and isinstance(window.this, exp.RowNumber)
    if not numbered or not condition.expression.is_int:
        yield "QUALIFY is portable only as QUALIFY row_number() OVER (…) = 1"


def _subquery(node: exp.Subquery) -> Iterator[str]:
    if isinstance(node.parent, exp.From | exp.Join) and not node.alias:
        yield "a SELECT after FROM or JOIN needs a name: (SELECT …) AS name"


def _type(node: exp.DataType) -> Iterator[str]:
    name = node.this.name if isinstance(node.this, exp.DType) else str(node.this)
    if name not in _CASTS:
        yield f"{node.sql('starrocks')} is not among the types both engines have"
    elif node.this in _WHOLE_NUMBERS and node.expressions:
        yield f"{node.sql('starrocks')}: whole numbers take no width"


def _group_concat(node: exp.GroupConcat) -> Iterator[str]:
    inner = node.this.this if isinstance(node.this, exp.Order) else node.this
    inner = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    if isinstance(inner, exp.Concat) and not node.args.get("separator"):
        yield "group_concat(a, ',') joins both on StarRocks: write group_concat(a SEPARATOR ',')"


def _distinct_from(node: exp.NullSafeNEQ) -> Iterator[str]:
    yield f"{node.sql('starrocks')}: write NOT (a <=> b)"


def _set_operation(node: exp.SetOperation) -> Iterator[str]:
    if not isinstance(node, exp.Union) and not node.args.get("distinct"):
        yield "INTERSECT ALL and EXCEPT ALL are no StarRocks"


def _placeholder(node: exp.Placeholder) -> Iterator[str]:
    if not node.args.get("this"):
        yield "'?' has no name: write a bind as :name"


def _insert(node: exp.Insert) -> Iterator[str]:
    if node.args.get("overwrite"):
        yield "INSERT OVERWRITE is what the warehouse's overwrite does: give it the SELECT alone"


def _conv(node: exp.Anonymous) -> Iterator[str]:
    if node.name.lower() != "conv":
        return
    bases = [base.sql() for base in node.expressions[1:]]
    if bases not in (["16", "10"], ["10", "16"]):
        yield "conv is portable only between base 16 and base 10"


def _anonymous(node: exp.Anonymous) -> Iterator[str]:
    # Whatever way a name came to be a call: sqlglot knows the others by their class.
    yield from _function_problems(node.name)
    if node.name.lower() in _NO_FUNCTIONS:
        yield f"{node.name.lower()} is no function"


_CHECKS: tuple[tuple[type[exp.Expr], Callable[[Any], Iterator[str]]], ...] = (
    (exp.Group, _group),
    (exp.Star, _star),
    (exp.Distinct, _distinct),
    (exp.With, _with),
    (exp.Join, _join),
    (exp.Select, _select),
    (exp.Qualify, _qualify),
    (exp.Subquery, _subquery),
    (exp.DataType, _type),
    (exp.GroupConcat, _group_concat),
    (exp.NullSafeNEQ, _distinct_from),
    (exp.SetOperation, _set_operation),
    (exp.Placeholder, _placeholder),
    (exp.Insert, _insert),
    (exp.Anonymous, _conv),
    (exp.Anonymous, _anonymous),
)


def _first_line(error: Exception) -> str:
    return re.sub(r"\x1b\[\d+m", "", str(error)).strip().splitlines()[0]
