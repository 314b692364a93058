"""Statements as the text and values that the MySQL driver takes.

What belongs here: binds, values, names and literals. What does not: what a text does.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from sqlglot.tokenizer_core import TokenType

from ab_assets.errors import StatementError, WarehouseError
from ab_assets.warehouse.names import check_identifier, identifier
from ab_assets.warehouse.portable import portable_subset_problems
from ab_assets.warehouse.statements import Statement, plain_value
from ab_assets.warehouse.tables import TableDefinition
from ab_assets.warehouse.tokens import tokens, written

# What a partition value may be made of: it cannot be bound, so nothing that has a meaning inside
# a string literal or a driver's text (quotes, backslash, %, control characters) is let in.
_PARTITION_VALUE = re.compile(r"[\w][\w .:/@+=,()#&-]{0,254}")


@dataclass(frozen=True)
class Text:
    """A text with ``%(name)s`` where values go, every other ``%`` doubled.

    Attributes:
        text: The text.
        values: The values, as the driver takes them.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


def statement_text(statement: Statement) -> Text:
    """The statement as the driver takes it.

    Raises:
        StatementError: It leaves the portable subset, or a value cannot be bound.
    """
    problems = portable_subset_problems(statement.text)
    if problems:
        message = "; ".join(problems)
        raise StatementError(message)
    values = {bind: _bindable(bind, value) for bind, value in statement.parameters.items()}
    return Text(
        _with_places(statement.text, values),
        {bind: value for bind, value in values.items() if not isinstance(value, bool)},
    )


def _with_places(text: str, values: Mapping[str, object]) -> str:
    """Puts the driver's places where the binds are."""
    done, parts = 0, []
    for colon, name in pairwise(tokens(text)):
        if colon.token_type == TokenType.COLON and name.start == colon.end + 1:
            bind = written(text, name)
            parts += [doubled(text[done : colon.start]), _place(bind, values[bind])]
            done = name.end + 1
    return "".join([*parts, doubled(text[done:])])


def _place(bind: str, value: object) -> str:
    """A place whose value has the type it has in Python: the driver writes days as plain text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"DATETIME %({bind})s"
    if isinstance(value, date):
        return f"DATE %({bind})s"
    return f"%({bind})s"


def _bindable(bind: str, value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        message = f"the bind :{bind} is given {value}, which StarRocks has no literal for"
        raise StatementError(message)
    return plain_value(bind, value)


def doubled(text: str) -> str:
    """The text with every ``%`` doubled, because the driver takes a single one for a place."""
    return text.replace("%", "%%")


def table_name(qualified: str) -> str:
    """A checked and quoted ``schema.name``.

    >>> table_name("ab.experiment_data")
    '`ab`.`experiment_data`'
    """
    schema, _, name = qualified.partition(".")
    return f"{identifier(schema)}.{identifier(name)}"


def partition_literals(table: TableDefinition, values: Mapping[str, str | date]) -> str:
    """The partition's values as text, in the table's order, for PARTITION and WHERE.

    Raises:
        WarehouseError: A value has a character that may not stand in a statement.
    """
    return ", ".join(
        f"{check_identifier(name)}={literal(table, name, values[name])}"
        for name in table.partition_by
    )


def literal(table: TableDefinition, name: str, value: str | date) -> str:
    """A value of a partition column as a literal."""
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if not _PARTITION_VALUE.fullmatch(value):
        message = (
            f"{table.qualified}: {value!r} cannot be the {name} of a partition on StarRocks: it "
            "starts with a letter, digit or '_' and goes on with those, spaces and "
            ". : / @ + = , ( ) # & -"
        )
        raise WarehouseError(message)
    return f"'{value}'"
