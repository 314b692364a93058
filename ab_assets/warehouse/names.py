"""Names that may stand in SQL text.

What belongs here: the one rule for identifiers, the text types a template may output, and how a
tag becomes part of a table name. What does not: values; those are bound, never written.
"""

import re
from collections.abc import Iterable

from ab_assets.errors import ConfigurationError

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")
_LONGEST_IDENTIFIER = 128  # StarRocks refuses longer column names since 3.0 unless told otherwise


class Fragment(str):
    """SQL text that was checked or written by us, so that a template may output it as it is."""

    __slots__ = ()


def is_identifier(name: str) -> bool:
    """Tells whether a name may be used for a table, column or schema."""
    return len(name) <= _LONGEST_IDENTIFIER and _IDENTIFIER.fullmatch(name) is not None


def check_identifier(name: object) -> str:
    """Returns the name when it may be used for a table, column or schema.

    Raises:
        ConfigurationError: It is no text of the form ``[a-z_][a-z0-9_]*``.
    """
    if not isinstance(name, str) or not is_identifier(name):
        message = (
            f"{name!r} is no identifier: use lower-case letters, digits and underscores, not a "
            f"digit first, at most {_LONGEST_IDENTIFIER} characters"
        )
        raise ConfigurationError(message)
    return name


def identifier(name: object) -> Fragment:
    """Quotes a checked name for the StarRocks dialect.

    >>> identifier("event_date")
    '`event_date`'
    """
    return Fragment(f"`{check_identifier(name)}`")


def identifiers(names: Iterable[object]) -> Fragment:
    """Quotes checked names and puts commas between them.

    >>> identifiers(["tag", "event_date"])
    '`tag`, `event_date`'
    """
    return Fragment(", ".join(identifier(name) for name in names))


def table_suffix(tag: str) -> str:
    """The form of a tag inside a table name: lower case, and _ for what is not a-z, 0-9 or _.

    >>> table_suffix("Chat-Entry")
    'chat_entry'
    """
    return re.sub(r"[^a-z0-9_]", "_", tag.lower())


def check_injective(tags: Iterable[str]) -> None:
    """Checks that no two tags share a table.

    Raises:
        ConfigurationError: Two different tags have the same form inside a table name, or a tag is
            empty.
    """
    owners: dict[str, str] = {}
    for tag in tags:
        suffix = table_suffix(tag)
        if not suffix:
            message = "a tag is empty; every tag needs a name because its tables carry it"
            raise ConfigurationError(message)
        other = owners.setdefault(suffix, tag)
        if other != tag:
            message = (
                f"the tags {other!r} and {tag!r} would share the tables that end in "
                f"'_{suffix}'; rename one of them"
            )
            raise ConfigurationError(message)
