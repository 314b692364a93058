"""Tree rewrites that keep StarRocks's answers on DuckDB.

What belongs here: one rewrite a difference that plain translation gets silently wrong. What does
not: functions that only need a macro of the same name (duckdb/functions.py), and what is not
portable at all.
"""

from collections.abc import Callable

from sqlglot import exp

_WHOLE = (
    exp.DType.TINYINT,
    exp.DType.SMALLINT,
    exp.DType.INT,
    exp.DType.BIGINT,
    exp.DType.INT128,
)
_FRACTIONS = (exp.DType.FLOAT, exp.DType.DOUBLE)
_TEXTS = (exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.CHAR)


def rewrite(tree: exp.Expr) -> exp.Expr:
    """Returns the tree with every difference rewritten; the given tree is left alone.

    Not sqlglot's transform: that leaves what is inside a replaced node as it was.
    """
    root = exp.Paren(this=tree.copy())
    inner_first = reversed(list(root.this.walk()))
    for node in inner_first:
        handler = _REWRITES.get(type(node))
        if handler is None:
            continue
        new = handler(node)
        if new is not node:
            node.replace(new)
    rewritten: exp.Expr = root.this
    return rewritten.pop()


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _cast(node: exp.Expr) -> exp.Expr:
    """Unreadable text is NULL; fractions are cut off; NaN and infinity are NULL; see sr_text."""
    kind = node.args["to"].this
    value = node.this
    if kind in _WHOLE and not _is_plain_number(value):
        value = _call("sr_whole", value)
    elif kind in _FRACTIONS and not _is_plain_number(value):
        return exp.TryCast(this=_call("sr_finite", value), to=node.args["to"])
    elif kind in _TEXTS:
        return _text(value)
    return exp.TryCast(this=value, to=node.args["to"])


def _concat(node: exp.Expr) -> exp.Expr:
    """Arguments become text by StarRocks's rules; a NULL makes the whole NULL, as in both."""
    node.set("expressions", [_text(part) for part in node.expressions])
    return node


def _like(node: exp.Expr) -> exp.Expr:
    r"""'\\' escapes in StarRocks's patterns; DuckDB's have no escape unless one is named."""
    pattern = node.expression
    if (pattern.is_string and "\\" not in pattern.name) or isinstance(node.parent, exp.Escape):
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def _regexp_extract(node: exp.Expr) -> exp.Expr:
    """The third argument is the group (sqlglot reads it as a position)."""
    group = node.args.get("position") or exp.Literal.number(0)
    return _call("regexp_extract", node.this, node.expression, group)


def _day_of_week(node: exp.Expr) -> exp.Expr:
    return _call("sr_dayofweek", node.this)


def _length(node: exp.Expr) -> exp.Expr:
    """length() counts bytes in StarRocks, characters in DuckDB; char_length() counts characters."""
    return _call("strlen", _text(node.this)) if node.args.get("binary") else node


def _shift(sign: type[exp.Binary]) -> Callable[[exp.Expr], exp.Expr]:
    def shifted(node: exp.Expr) -> exp.Expr:
        """Text and days are shifted as DATETIME."""
        interval = exp.Interval(
            this=exp.Paren(this=_number(node.expression)), unit=node.args["unit"]
        )
        return exp.Paren(this=sign(this=_time(node.this), expression=interval))

    return shifted


def _difference(node: exp.Expr) -> exp.Expr:
    """datediff() compares days; date_diff() counts whole units that passed, not borders."""
    if node.args.get("date_part_boundary") or not node.args.get("unit"):
        days = [
            exp.TryCast(this=part, to=exp.DataType.build("date"))
            for part in (node.expression, node.this)
        ]
        return _call("date_diff", exp.Literal.string("day"), *days)
    unit = exp.Literal.string(node.args["unit"].name.lower())
    return _call("date_sub", unit, _time(node.expression), _time(node.this))


def _finite(node: exp.Expr) -> exp.Expr:
    """What has no finite value (the logarithm of 0, the root of -1) is NULL."""
    return _call("sr_finite", node.copy())


def _substring(node: exp.Expr) -> exp.Expr:
    start, length = node.args["start"], node.args.get("length")
    is_plain = isinstance(start, exp.Literal) and start.is_int and int(start.name) > 0
    if is_plain and (length is None or _is_plain_number(length)):
        return node
    arguments = [node.this, start] if length is None else [node.this, start, length]
    return _call("sr_substr" if length is None else "sr_substr_length", *arguments)


def _truncate_to(node: exp.Expr) -> exp.Expr:
    """date_trunc() of a text or a day works on its DATETIME."""
    unit = exp.Literal.string(node.args["unit"].name.lower())
    return _call("date_trunc", unit, _time(node.this))


def _date_part(node: exp.Expr) -> exp.Expr:
    node.set("this", _time(node.this))
    return node


def _text(value: exp.Expr) -> exp.Expr:
    return value if value.is_string else _call("sr_text", value)


def _time(value: exp.Expr) -> exp.Expr:
    return exp.TryCast(this=value, to=exp.DataType.build("datetime", dialect="starrocks"))


def _number(value: exp.Expr) -> exp.Expr:
    return exp.Literal.number(value.name) if value.is_string else value


def _is_plain_number(value: exp.Expr) -> bool:
    return value.is_int and not value.is_string


_REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Cast: _cast,
    exp.Concat: _concat,
    exp.ConcatWs: _concat,
    exp.Like: _like,
    exp.RegexpExtract: _regexp_extract,
    exp.DayOfWeek: _day_of_week,
    exp.Length: _length,
    exp.DateAdd: _shift(exp.Add),
    exp.DateSub: _shift(exp.Sub),
    exp.DateDiff: _difference,
    exp.TimestampDiff: _difference,
    exp.Ln: _finite,
    exp.Log: _finite,
    exp.Sqrt: _finite,
    exp.Pow: _finite,
    exp.Exp: _finite,
    exp.Substring: _substring,
    exp.TimestampTrunc: _truncate_to,
    exp.DateTrunc: _truncate_to,
    exp.Hour: _date_part,
    exp.Minute: _date_part,
    exp.Second: _date_part,
    exp.Quarter: _date_part,
    exp.LastDay: _date_part,
    exp.DayOfWeekIso: _date_part,
}
