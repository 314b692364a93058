"""The last look at a text before it is sent.

What belongs here: what must never reach a cluster, whoever wrote it. What does not: whether a text
is right.
"""

from collections.abc import Sequence
from typing import NoReturn

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from ab_assets.errors import StatementError
from ab_assets.warehouse.tokens import tokens

_LITERALS = frozenset([TokenType.STRING, TokenType.NUMBER])


def guard(text: str, partition_by: Sequence[str] | None = None) -> None:
    """Refuses an INSERT OVERWRITE that does not name one partition by literals.

    Without a PARTITION clause StarRocks replaces the whole table.

    Args:
        text: What is about to be sent.
        partition_by: The columns the clause has to name; None when the table is not known here.

    Raises:
        StatementError: The text is refused, or cannot be read.
    """
    try:
        stream = tokens(text)
    except TokenError as error:
        message = f"the text cannot be read as SQL, so it is not sent: {error}"
        raise StatementError(message) from None
    words = [token.text.upper() for token in stream]
    overwrites = [
        place
        for place in range(len(words))
        if words[place] == "OVERWRITE" and stream[place].token_type == TokenType.OVERWRITE
    ]
    if partition_by is not None and len(overwrites) != 1:
        _refuse(f"has {len(overwrites)} INSERT OVERWRITE instead of one")
    for place in overwrites:
        named = _partition_columns(stream, place + 1)
        if partition_by is not None and sorted(named) != sorted(partition_by):
            _refuse(f"names {', '.join(named)} in PARTITION instead of {', '.join(partition_by)}")


def _partition_columns(stream: Sequence[Token], place: int) -> list[str]:
    """The columns of the PARTITION clause that stands after the table's name."""
    if place < len(stream) and stream[place].token_type == TokenType.TABLE:
        place += 1
    while place + 1 < len(stream) and stream[place + 1].token_type == TokenType.DOT:
        place += 2
    clause = [*stream[place + 1 : place + 3]]
    if [token.token_type for token in clause] != [TokenType.PARTITION, TokenType.L_PAREN]:
        _refuse("has no PARTITION (column = literal, …), so it would replace the whole table")
    named, place = [], place + 3
    while True:
        item = stream[place : place + 4]
        kinds = [token.token_type for token in item]
        if len(item) < 4 or kinds[1] != TokenType.EQ or kinds[2] not in _LITERALS:  # noqa: PLR2004
            _refuse("has a PARTITION that is not column = literal, …")
        named.append(item[0].text)
        place += 4
        if kinds[3] == TokenType.R_PAREN:
            return named
        if kinds[3] != TokenType.COMMA:
            _refuse("has a PARTITION that is not column = literal, …")


def _refuse(problem: str) -> NoReturn:
    message = f"a text that {problem} is not sent"
    raise StatementError(message)
