"""Who asks: the asset, the partition and the run on whose behalf a statement is sent.

What belongs here: keeping that for the time of a block, and its text, which a warehouse may put
into a comment before a statement so that its audit log tells who ran what. What does not: sending
anything.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_PROJECT = "ab_assets"
# What may stand in a comment of any SQL text: nothing that could end it, and no % (a placeholder
# to the MySQL driver).
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_/|.:= -]")
_LONGEST_PART = 100

_current: ContextVar[str] = ContextVar("ab_assets_origin", default=_PROJECT)


@contextmanager
def origin(asset: str, partition: str = "", run_id: str = "") -> Iterator[None]:
    """Says on whose behalf this thread's statements inside the block are sent.

    An inner block counts until it ends. Characters that have no business in an SQL comment become
    ``_``, and long texts are cut: the origin is for people who read a log.

    Args:
        asset: The asset or command, as in ``habits/wide_user`` or ``cli load``.
        partition: Its partition key; empty where there is none.
        run_id: The Dagster run; empty outside one.

    Examples:
        >>> with origin("habits/wide_user", "2026-01-05|habit", "4f1c"):
        ...     current_origin()
        'ab_assets asset=habits/wide_user partition=2026-01-05|habit run=4f1c'
        >>> current_origin()
        'ab_assets'
    """
    named = {"asset": asset, "partition": partition, "run": run_id}
    parts = [f"{name}={_clean(value)}" for name, value in named.items() if value]
    before = _current.set(" ".join([_PROJECT, *parts]))
    try:
        yield
    finally:
        _current.reset(before)


def current_origin() -> str:
    """The origin of this thread's statements, safe inside an SQL comment and never empty."""
    return _current.get()


def _clean(value: str) -> str:
    return _NOT_ALLOWED.sub("_", value)[:_LONGEST_PART]
