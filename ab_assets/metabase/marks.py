"""How what we made is known again.

What belongs here: the mark at the end of a description, identities made of keys, and whether what
is there says what is wanted. What does not: asking.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

_SPACE = UUID("5d7a5c1e-6f0b-4f3c-9d54-3a1c4b2f7e10")
_MARK = re.compile(r"\[made by ab_assets · key=([\w/-]+) · ([0-9a-f]{8})\]$")


def marked(description: str, key: str, content: object) -> str:
    """A description with the mark: the key, and a hash of what the files say.

    Without the hash, what was deleted from a file would not be noticed: Metabase adds to what it
    is given, so only what is wanted can be compared.

    Examples:
        >>> marked("All goals", "card/goals", {})
        'All goals [made by ab_assets · key=card/goals · 44136fa3]'
    """
    text = json.dumps(content, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{description} [made by ab_assets · key={key} · {digest}]"


def key_of(item: Mapping[str, Any]) -> str | None:
    """The key in the mark of something; ``None`` for what we did not make."""
    description = item.get("description")
    found = _MARK.search(description) if isinstance(description, str) else None
    return found[1] if found else None


def ours(items: Iterable[Mapping[str, Any]], key: str) -> Mapping[str, Any] | None:
    """The one of that key; of several, which are copies people made, the oldest."""
    return min((item for item in items if key_of(item) == key), key=_id, default=None)


def identity(key: str) -> str:
    """A UUID that is the same every time.

    Examples:
        >>> identity("filter/tag") == identity("filter/tag")
        True
    """
    return str(uuid5(_SPACE, key))


def says(there: object, wanted: object) -> bool:
    """Whether what is there has everything that is wanted; it may have more.

    Examples:
        >>> says({"a": 1, "id": 7}, {"a": 1}), says([1, 2], [1])
        (True, False)
    """
    if isinstance(wanted, Mapping):
        theirs = there if isinstance(there, Mapping) else {}
        return all(says(theirs.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(there, list)
            and len(there) == len(wanted)
            and all(says(one, other) for one, other in zip(there, wanted, strict=True))
        )
    return bool(there == wanted)


def _id(item: Mapping[str, Any]) -> int:
    return int(item["id"])
