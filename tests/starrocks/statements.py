"""What StarRocks's statements do here.

What belongs here: telling statements apart, who may run which. What does not: each one's doing.
"""

from collections.abc import Callable

from sqlglot.errors import TokenError

from ab_assets.warehouse.tokens import tokens
from tests.starrocks.administration import run_describe, run_set, run_show, run_use
from tests.starrocks.ddl import run_alter, run_create, run_drop
from tests.starrocks.deletes import run_delete, run_truncate
from tests.starrocks.inserts import run_insert
from tests.starrocks.queries import run_query
from tests.starrocks.refusals import refuse_access, refuse_analysis, refuse_syntax
from tests.starrocks.session import Answer, Session

_READING: dict[str, Callable[[Session, str], Answer]] = {
    "SELECT": run_query,
    "WITH": run_query,
    "(": run_query,
    "SET": run_set,
    "USE": run_use,
    "SHOW": run_show,
    "ADMIN": run_show,
    "DESC": run_describe,
    "DESCRIBE": run_describe,
}
_WRITING: dict[str, Callable[[Session, str], Answer]] = {
    "INSERT": run_insert,
    "DELETE": run_delete,
    "CREATE": run_create,
    "ALTER": run_alter,
    "DROP": run_drop,
    "TRUNCATE": run_truncate,
}
_NOTHING = frozenset(["COMMIT", "ROLLBACK"])


def run_statement(session: Session, text: str) -> Answer:
    """Runs one statement.

    Raises:
        StarRocksRefusalError: The cluster refuses it.
    """
    session.label = None
    words = _words(text)
    first = words[0].upper() if words else ""
    body = _body(text)
    if first in _NOTHING:
        return Answer()  # no transaction is open: every statement is one of its own
    if first in ("BEGIN", "START"):
        refuse_analysis("the stand-in has no transactions of several statements")
    if first in _READING:
        return _READING[first](session, body)
    if first not in _WRITING:
        refuse_syntax(f"Unexpected input '{first or '<EOF>'}'")
    if session.read_only:
        refuse_access(first, "TABLE", "of the statement")
    return _WRITING[first](session, body)


def _words(text: str) -> list[str]:
    try:
        return [token.text for token in tokens(text)[:1]]
    except TokenError as error:
        refuse_syntax(str(error).strip().splitlines()[0])


def _body(text: str) -> str:
    """The statement without what stands before its first word, and without a last ';'."""
    stream = tokens(text)
    end = -1 if stream and stream[-1].text == ";" else None
    kept = stream[:end]
    return text[kept[0].start : kept[-1].end + 1] if kept else ""
