"""The statements a cluster got.

What belongs here: what is kept of each. What does not: running them.
"""

import threading
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Recorded:
    """A statement the cluster got.

    Attributes:
        text: As it came, comments included.
        user: Whose.
        session: The number of its connection.
        is_done: Whether it has ended, well or not; what follows is only told then.
        label: The label of the load it was; None where it was none.
        code: The error it got; None where it got none.
        affected: The rows it changed, as the cluster says.
    """

    text: str
    user: str
    session: int
    is_done: bool = False
    label: str | None = None
    code: int | None = None
    affected: int = 0


class Record:
    """The statements a cluster got, in the order they came; safe to use from several threads."""

    def __init__(self) -> None:
        self._items: list[Recorded] = []
        self._places: dict[object, int] = {}
        self._guard = threading.Lock()

    def come(self, text: str, user: str, session: int) -> object:
        """Notes a statement that has come; gives what :meth:`done` knows it by."""
        with self._guard:
            key = object()
            self._places[key] = len(self._items)
            self._items.append(Recorded(text, user, session))
            return key

    def done(
        self, key: object, *, label: str | None, code: int | None = None, affected: int = 0
    ) -> None:
        """Notes how a statement ended."""
        with self._guard:
            place = self._places.pop(key, None)
            if place is not None:
                self._items[place] = replace(
                    self._items[place], is_done=True, label=label, code=code, affected=affected
                )

    def forget(self) -> None:
        """Empties the record."""
        with self._guard:
            self._items.clear()
            self._places.clear()

    def items(self) -> list[Recorded]:
        """The statements so far."""
        with self._guard:
            return list(self._items)
