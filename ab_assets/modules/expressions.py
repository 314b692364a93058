"""Column expressions: an aggregate over one unit's events of one day.

What belongs here: reading such an expression, finding how its daily values merge over days, and
restricting it to the events a metric may count. What does not: statements, translation to an
engine.
"""

from difflib import get_close_matches
from enum import StrEnum
from functools import cache

from sqlglot import exp

from ab_assets.errors import StatementError
from ab_assets.warehouse.expressions import parse_expression, shown

EVENT_COLUMNS = (
    "event_id",
    "event_name",
    "user_id",
    "event_time",
    "received_at",
    "session_id",
    "device_id",
    "country",
    "region",
    "city",
    "platform",
    "device_model",
    "os_version",
    "app_version",
    "page_url",
    "value",
    "properties",
)
_NO_NUMBERS = frozenset(EVENT_COLUMNS) - {"value"}


class Merge(StrEnum):
    """How one unit's daily values become one value."""

    SUM = "sum"
    MAX = "max"
    MIN = "min"


_MERGE_OF_AGGREGATE: dict[type[exp.Expr], Merge] = {
    exp.Sum: Merge.SUM,
    exp.Count: Merge.SUM,
    exp.CountIf: Merge.SUM,
    exp.Max: Merge.MAX,
    exp.Min: Merge.MIN,
}
_WRAPPINGS = (exp.Paren, exp.Cast)
_TRANSPARENT = (*_WRAPPINGS, exp.Coalesce)
_COUNTS = exp.Count | exp.CountIf
_REFUSED: dict[type[exp.Expr], str] = {
    exp.AnyValue: "any_value may answer differently each time; use max or min",
    exp.GroupConcat: "group_concat gives text; a column is a number",
}


@cache
def read_column(text: str) -> exp.Expr:
    """Parses a column's SQL; the answer is shared, so copy it before changing it.

    Raises:
        ValueError: The text is no single aggregate expression of the portable subset.

    Examples:
        >>> read_column("count_if(event_name = 'click')").sql(dialect="starrocks")
        "COUNT_IF(event_name = 'click')"
    """
    try:
        expression = parse_expression(text)
    except StatementError as error:
        raise ValueError(str(error)) from None
    problem = _problem(expression)
    if problem:
        message = f"{shown(text)} {problem}"
        raise ValueError(message)
    return expression


def _problem(expression: exp.Expr) -> str:
    """What is wrong with a readable expression; empty where nothing is."""
    aggregates = list(expression.find_all(exp.AggFunc))
    if not aggregates:
        return "aggregates nothing; expected count_if(…), sum(…), max(…) or the like"
    problems = [
        *map(_problem_of_aggregate, aggregates),
        *map(_problem_of_column, expression.find_all(exp.Column)),
    ]
    return next(filter(None, problems), "")


def _problem_of_aggregate(aggregate: exp.AggFunc) -> str:
    if type(aggregate) in _REFUSED:
        return f"cannot be a column: {_REFUSED[type(aggregate)]}"
    what = aggregate.this
    if what is None:
        return "counts nothing; write count(*)"
    if aggregate.find_ancestor(exp.AggFunc):
        return "nests one aggregate in another"
    needs_number = isinstance(aggregate, exp.Sum | exp.Avg | exp.Max | exp.Min)
    if needs_number and isinstance(what, exp.Column) and what.name in _NO_NUMBERS:
        return f"is no number: {what.name} is none; compare it, or read a number from it"
    return ""


def _problem_of_column(column: exp.Column) -> str:
    if column.name not in EVENT_COLUMNS:
        near = get_close_matches(column.name, EVENT_COLUMNS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"they have {', '.join(EVENT_COLUMNS)}"
        return f"uses {column.name!r}, which events do not have; {hint}"
    if column.find_ancestor(exp.AggFunc) is None:
        return f"uses {column.name} outside an aggregate"
    return ""


def inferred_merge(expression: exp.Expr) -> Merge | None:
    """How the expression's daily values merge, where its outermost aggregate says so.

    Examples:
        >>> inferred_merge(read_column("coalesce(sum(value), 0)"))
        <Merge.SUM: 'sum'>
        >>> inferred_merge(read_column("sum(value) / count(*)")) is None
        True
    """
    node = expression
    while isinstance(node, _TRANSPARENT):
        node = node.this
    if isinstance(node, exp.Count | exp.Sum) and isinstance(node.this, exp.Distinct):
        return None
    return _MERGE_OF_AGGREGATE.get(type(node))


def restricted(expression: exp.Expr, condition: str) -> exp.Expr:
    """The same aggregate over only the events for which ``condition`` holds.

    Args:
        expression: An expression that :func:`read_column` accepted.
        condition: SQL of ours: the name of a boolean column.

    Examples:
        >>> restricted(read_column("sum(value)"), "in_window").sql(dialect="starrocks")
        'SUM(CASE WHEN in_window THEN value END)'
        >>> restricted(read_column("count(*)"), "in_window").sql(dialect="starrocks")
        'COUNT(CASE WHEN in_window THEN 1 END)'
    """
    restricted_expression = expression.copy()
    guard = exp.column(condition)
    for aggregate in list(restricted_expression.find_all(exp.AggFunc)):
        argument = aggregate.this
        if isinstance(aggregate, exp.CountIf):
            aggregate.set("this", exp.and_(guard.copy(), exp.paren(argument.copy())))
        elif isinstance(argument, exp.Distinct):
            counted = [_guarded(guard, item) for item in argument.expressions]
            aggregate.set("this", exp.Distinct(expressions=counted))
        else:
            aggregate.set("this", _guarded(guard, argument))
        if isinstance(aggregate, exp.ArgMax | exp.ArgMin):
            # An event outside must not be the one that is chosen, either.
            aggregate.set("expression", _guarded(guard, aggregate.expression))
    return restricted_expression


def day_value(expression: exp.Expr, condition: str, merge: Merge) -> exp.Expr:
    """A day's number over only the events for which ``condition`` holds; NULL on a day without any.

    What is not a number by its form (a condition, something read from JSON) is made one.
    The NULL matters where an aggregate of nothing is something: ``if(count(*) < 3, 1, 0)`` must not
    call a day quiet on which nothing happened that the metric may count.

    Examples:
        >>> few = read_column("if(count(*) < 3, 1, 0)")
        >>> day_value(few, "seen", Merge.SUM).sql(dialect="starrocks")
        'CASE WHEN COUNT_IF(seen) > 0 THEN IF(COUNT(CASE WHEN seen THEN 1 END) < 3, 1, 0) END'
    """
    value = restricted(expression, condition)
    if not _is_number(expression):
        value = exp.Cast(this=value, to=exp.DataType.build("DOUBLE"))
    if _is_neutral_without_events(expression, merge):
        return value
    has_any = exp.GT(this=exp.CountIf(this=exp.column(condition)), expression=exp.Literal.number(0))
    return exp.Case().when(has_any, value)


def _is_neutral_without_events(expression: exp.Expr, merge: Merge) -> bool:
    """Whether the value over no event changes nothing when days are merged: NULL, or 0 in a sum."""
    node = expression
    while isinstance(node, _WRAPPINGS):
        node = node.this
    if merge is Merge.SUM:
        node = without_zero_default(node)
    if isinstance(node, _COUNTS):
        return merge is Merge.SUM
    return isinstance(node, exp.AggFunc)


def without_zero_default(node: exp.Expr) -> exp.Expr:
    """What ``coalesce(…, 0)`` is of; any other node as it is.

    Examples:
        >>> without_zero_default(read_column("coalesce(sum(value), 0)")).sql(dialect="starrocks")
        'SUM(value)'
    """
    has_zeros = isinstance(node, exp.Coalesce) and all(map(is_zero, node.expressions))
    inner: exp.Expr = node.this if has_zeros else node
    return inner


def is_zero(node: exp.Expr) -> bool:
    """Whether it is the number 0, written out."""
    return bool(node.is_number) and float(node.name) == 0


def _is_number(node: exp.Expr) -> bool:
    """Whether the form of an expression alone says that it gives a number."""
    if isinstance(
        node, exp.Sum | exp.Avg | exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Neg | _COUNTS
    ):
        return True
    if isinstance(node, exp.Max | exp.Min | exp.Paren):
        return _is_number(node.this)
    if isinstance(node, exp.Coalesce):
        return all(_is_number(part) for part in (node.this, *node.expressions))
    if isinstance(node, exp.Case | exp.If):
        branches = node.args.get("ifs") or [node]
        results = [branch.args["true"] for branch in branches]
        default = node.args.get("default") or node.args.get("false")
        return all(_is_number(part) for part in (*results, *([default] if default else ())))
    if isinstance(node, exp.Column):
        return node.name == "value"
    return isinstance(node, exp.Literal) and node.is_number


def _guarded(guard: exp.Expr, argument: exp.Expr) -> exp.Expr:
    value = exp.Literal.number(1) if isinstance(argument, exp.Star) else argument.copy()
    return exp.Case().when(guard.copy(), value)
