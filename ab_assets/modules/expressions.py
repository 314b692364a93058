"""Column expressions: an aggregate over one unit's events of one day.

What belongs here: reading such an expression, finding how its daily values merge over days, and
restricting it to the events a metric may count. What does not: statements, translation to an engine.
"""

from enum import StrEnum
from functools import cache

from sqlglot import exp

from ab_assets.warehouse.expressions import parse_expression


class Merge(StrEnum):
    """How one unit's daily values become one value."""

    SUM = "sum"
    MAX = "max"
    MIN = "min"


_MERGE_OF_AGGREGATE: dict[type[exp.Expression], Merge] = {
    exp.Sum: Merge.SUM,
    exp.Count: Merge.SUM,
    exp.CountIf: Merge.SUM,
    exp.Max: Merge.MAX,
    exp.Min: Merge.MIN,
}
_TRANSPARENT = (exp.Paren, exp.Cast, exp.Coalesce)


@cache
def read_column(text: str) -> exp.Expression:
    """Parses a column's SQL; the answer is shared, so copy it before changing it.

    Raises:
        ValueError: The text is no single aggregate expression of the portable subset.

    Examples:
        >>> read_column("count_if(event_name = 'click')").sql(dialect="starrocks")
        "COUNT_IF(event_name = 'click')"
    """
    expression = parse_expression(text)
    aggregates = list(expression.find_all(exp.AggFunc))
    if not aggregates:
        message = f"{text!r} aggregates nothing; expected count_if(…), sum(…), max(…) or the like"
        raise ValueError(message)
    outside = [
        column.sql(dialect="starrocks")
        for column in expression.find_all(exp.Column)
        if column.find_ancestor(exp.AggFunc) is None
    ]
    if outside:
        message = f"{text!r} uses {outside[0]} outside an aggregate"
        raise ValueError(message)
    if any(aggregate.find_ancestor(exp.AggFunc) for aggregate in aggregates):
        message = f"{text!r} nests one aggregate in another"
        raise ValueError(message)
    return expression


def inferred_merge(expression: exp.Expression) -> Merge | None:
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
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        return None
    return _MERGE_OF_AGGREGATE.get(type(node))


def restricted(expression: exp.Expression, condition: str) -> exp.Expression:
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
    return restricted_expression


def _guarded(guard: exp.Expression, argument: exp.Expression) -> exp.Expression:
    value = exp.Literal.number(1) if isinstance(argument, exp.Star) else argument.copy()
    return exp.Case().when(guard.copy(), value)
