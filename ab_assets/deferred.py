"""Names that are imported when they are first used.

What belongs here: that mechanism, for whoever names more than it mostly uses: the definitions, of
which a run needs one asset's work; a command line, of which a call needs one command. What does
not: which names those are.

The import is written twice, for people and their tools, and for the interpreter::

    if TYPE_CHECKING:
        from ab_assets.planning.history import read_history
    else:
        read_history = deferred("ab_assets.planning.history:read_history")
"""

from importlib import import_module
from operator import attrgetter


class deferred:  # noqa: N801 (it reads as a statement)
    """Stands for a module, or for a function or class in one, and imports it when it is used.

    Importing is Python's own: threads that use it at once wait for the one that imports. A class
    can be called and its attributes read; ``isinstance`` and ``except`` want the class itself.

    Examples:
        >>> json, dumps = deferred("json"), deferred("json:dumps")
        >>> json.loads("[1]"), dumps([1])
        ([1], '[1]')
    """

    def __init__(self, place: str) -> None:
        self._place = place

    def _found(self) -> object:
        module, _, name = self._place.partition(":")
        found = import_module(module)
        return attrgetter(name)(found) if name else found

    def __getattr__(self, name: str) -> object:
        return getattr(self._found(), name)

    def __call__(self, *arguments: object, **options: object) -> object:
        """Calls what it stands for."""
        return self._found()(*arguments, **options)  # type: ignore[operator]  # mypy sees the import

    def __repr__(self) -> str:
        return f"<deferred {self._place}>"
