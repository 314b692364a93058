"""Statements as tokens.

What belongs here: what can be said of a text before it is parsed: its binds, its normal form,
the names written before parentheses. What does not: anything that needs the tree.
"""

from functools import lru_cache
from itertools import pairwise

import sqlglot
from sqlglot.tokenizer_core import Token, TokenType


@lru_cache(maxsize=512)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text in the StarRocks dialect, without comments.

    Raises:
        sqlglot.errors.TokenError: A string or a comment is not closed.
    """
    return tuple(sqlglot.tokenize(text, read="starrocks"))


def written(text: str, token: Token) -> str:
    """The token as it stands in the text, quotes included."""
    return text[token.start : token.end + 1]


def normalised(text: str) -> str:
    """The text without comments, with one space between tokens.

    >>> normalised("SELECT  1 -- one")
    'SELECT 1'
    """
    return " ".join(written(text, token) for token in tokens(text))


def bind_names(text: str) -> frozenset[str]:
    """The names of the binds in a text.

    >>> sorted(bind_names("SELECT :tag, ':no', :day"))
    ['day', 'tag']
    """
    stream = tokens(text)
    return frozenset(
        written(text, after)
        for colon, after in pairwise(stream)
        if colon.token_type == TokenType.COLON and after.start == colon.end + 1
    )
