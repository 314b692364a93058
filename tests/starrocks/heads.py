"""The head of an INSERT: everything before its query.

What belongs here: reading ``INSERT {INTO | OVERWRITE} t [PARTITION …] [WITH LABEL l] [(…)]``, in
the order every version takes. What does not: running it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from sqlglot.tokenizer_core import Token, TokenType

from ab_assets.warehouse.tokens import tokens, written
from tests.starrocks.refusals import refuse_analysis, refuse_syntax

_NAMES = (TokenType.IDENTIFIER, TokenType.VAR)
_NO_NAME = frozenset(
    [TokenType.L_PAREN, TokenType.R_PAREN, TokenType.STRING, TokenType.COMMA, TokenType.EQ]
)


@dataclass(frozen=True)
class InsertHead:
    """What an INSERT says before its query.

    Attributes:
        overwrite: Whether the rows replace others.
        database: The database; None where it is not named.
        table: The table.
        partition: The literals of PARTITION(column = literal, …); None without it.
        label: The label; None without one.
        columns: The columns that are named; None where none are.
        rest: The query, or VALUES and its rows.
    """

    overwrite: bool
    database: str | None
    table: str
    partition: Mapping[str, str] | None
    label: str | None
    columns: Sequence[str] | None
    rest: str


def read_head(text: str) -> InsertHead:
    """Reads the head of an INSERT.

    Raises:
        StarRocksRefusalError: It is not of that form (1064).
    """
    reader = _Reader(text)
    reader.word("INSERT")
    overwrite = reader.either("OVERWRITE", "INTO") == "OVERWRITE"
    if reader.at("TABLE"):
        reader.word("TABLE")
    first = reader.name()
    database, table = (first, reader.after_dot()) if reader.at(".") else (None, first)
    partition = reader.partition() if reader.at("PARTITION") else None
    label = None
    if reader.at("WITH") and reader.at("LABEL", ahead=1):
        reader.word("WITH")
        reader.word("LABEL")
        label = reader.name()
    columns = reader.names() if reader.at("(") and not reader.at("SELECT", ahead=1) else None
    return InsertHead(overwrite, database, table, partition, label, columns, reader.rest())


class _Reader:
    """Tokens, one after the other; hints are passed over."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [token for token in tokens(text) if token.token_type is not TokenType.HINT]
        self._next = 0

    def at(self, word: str, ahead: int = 0) -> bool:
        index = self._next + ahead
        return index < len(self._tokens) and self._written(self._tokens[index]).upper() == word

    def word(self, word: str) -> None:
        if not self.at(word):
            self._refuse(word)
        self._next += 1

    def either(self, *words: str) -> str:
        for word in words:
            if self.at(word):
                self.word(word)
                return word
        return self._refuse(" or ".join(words))

    def name(self) -> str:
        token = self._take()
        if token is None or token.token_type in _NO_NAME:
            self._next -= 1
            self._refuse("a name")
        return token.text

    def after_dot(self) -> str:
        self.word(".")
        return self.name()

    def names(self) -> list[str]:
        self.word("(")
        found = [self.name()]
        while self.at(","):
            self.word(",")
            found.append(self.name())
        self.word(")")
        return found

    def partition(self) -> dict[str, str]:
        self.word("PARTITION")
        if not self.at("(") or not self.at("=", ahead=2):
            refuse_analysis(
                "the stand-in addresses partitions by the values of their columns: "
                "PARTITION(column = literal, …)"
            )
        self.word("(")
        found: dict[str, str] = {}
        while True:
            name = self.name()
            self.word("=")
            found[name] = self._literal()
            if not self.at(","):
                break
            self.word(",")
        self.word(")")
        return found

    def rest(self) -> str:
        if self._next >= len(self._tokens):
            self._refuse("a query")
        return self._text[self._tokens[self._next].start :]

    def _literal(self) -> str:
        if self.at("DATE") or self.at("DATETIME"):
            self._next += 1
        token = self._take()
        if token is None or token.token_type not in (TokenType.STRING, TokenType.NUMBER):
            self._next -= 1
            self._refuse("a literal")
        return token.text

    def _take(self) -> Token | None:
        self._next += 1
        index = self._next - 1
        return self._tokens[index] if index < len(self._tokens) else None

    def _written(self, token: Token) -> str:
        return written(self._text, token)

    def _refuse(self, expected: str) -> NoReturn:
        ahead = self._tokens[self._next : self._next + 1]
        found = self._written(ahead[0]) if ahead else "<EOF>"
        refuse_syntax(f"Unexpected input '{found}', the most similar input is {{{expected}}}")


def literal_value(text: str, base_type: str) -> str | date:
    """The value of a partition's literal.

    Raises:
        StarRocksRefusalError: It is no value of the column's type.
    """
    if base_type not in ("DATE", "DATETIME"):
        return text
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        refuse_analysis(f"Invalid date value: '{text}'")
