"""Columns that count a unit's days: 1 for a day on which something happened, summed over days.

What belongs here: recognising such a column, and when a day counts in it. What does not: how an
engine counts days (:mod:`ab_assets.analysis.wide_user`).
"""

from sqlglot import exp

from ab_assets.modules.expressions import Merge, is_zero, without_zero_default


def day_condition(expression: exp.Expr, merge: Merge) -> exp.Expr | None:
    """What an event has to be for its day to count; None where the column is no count of days.

    Args:
        expression: An expression that :func:`ab_assets.modules.expressions.read_column` accepted.
        merge: How its daily values become one.

    Examples:
        >>> from ab_assets.modules.expressions import read_column
        >>> paid = read_column("max(if(event_name = 'pay', 1, 0))")
        >>> day_condition(paid, Merge.SUM).sql(dialect="starrocks")
        "event_name = 'pay'"
        >>> day_condition(read_column("max(1)"), Merge.SUM).sql(dialect="starrocks")
        'TRUE'
        >>> day_condition(read_column("max(value)"), Merge.SUM) is None
        True
    """
    if merge is not Merge.SUM:
        return None
    node = without_zero_default(expression.unnest()).unnest()
    if not isinstance(node, exp.Max) or node.expressions:
        return None
    return _when_one(node.this.unnest())


def _when_one(flag: exp.Expr) -> exp.Expr | None:
    """The condition under which a value is 1, where it is 0 or NULL otherwise."""
    if _is_one(flag):
        return exp.true()
    if isinstance(flag, exp.Case) and flag.this is None and len(flag.args["ifs"]) == 1:
        only: exp.Expr = flag.args["ifs"][0]
        otherwise = flag.args.get("default")
    elif isinstance(flag, exp.If):
        only, otherwise = flag, flag.args.get("false")
    else:
        return None
    counts = _is_one(only.args["true"]) and (otherwise is None or _is_nothing(otherwise))
    return only.this.copy() if counts else None


def _is_nothing(node: exp.Expr) -> bool:
    return isinstance(node, exp.Null) or is_zero(node)


def _is_one(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_number and float(node.name) == 1
