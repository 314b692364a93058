"""A list of several pages as one list, although the pages are not one snapshot.

What belongs here: offsets, totals, and noticing that the list changed meanwhile. What does not:
what is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook.answers import RefusedQueryError
from ab_assets.growthbook.limits import Limits
from ab_assets.growthbook.transport import Get


@dataclass(frozen=True, slots=True)
class Listing:
    """What was listed, in the server's order, each id once; and what a person should know."""

    items: tuple[object, ...]
    notices: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """One walk over all pages."""

    items: list[object] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    totals: set[int] = field(default_factory=set)
    pages: int = 0

    @property
    def is_consistent(self) -> bool:
        """Nothing says that the list changed during the walk."""
        return len(set(self.ids)) == len(self.ids) and self.totals <= {len(self.items)}


class Pager:
    """Reads lists; remembers which optional parameters the server does not know."""

    def __init__(self, get: Get, limits: Limits) -> None:
        self._get = get
        self._limits = limits
        self._unknown: set[str] = set()

    def read_all(self, path: str, name: str, optional: Mapping[str, str] | None = None) -> Listing:
        """Every item of a list.

        A list of one page is believed when it holds as many items as it says. A longer one is
        believed when two readings in a row found the same ids: an item deleted between two pages
        moves another one across the border unseen, even where the total stays the same.

        Args:
            path: Of the list.
            name: The field that holds the items.
            optional: Parameters that newer servers know; left out where one is refused.

        Returns:
            The items of the last reading.

        Raises:
            GrowthBookError: The server's pages make no sense, or the list never stands still.
        """
        before: list[str] | None = None
        for _ in range(self._limits.readings):
            reading = self._read(path, name, dict(optional or {}))
            if reading.pages == 1 and reading.is_consistent:
                return Listing(tuple(reading.items))
            if reading.ids == before:
                return Listing(_unique(reading), _disagreement(reading, path))
            before = reading.ids
        message = (
            f"GrowthBook's {path} changed during each of {self._limits.readings} readings; "
            "pull again when nobody is editing"
        )
        raise GrowthBookError(message)

    def _read(self, path: str, name: str, optional: dict[str, str]) -> _Reading:
        reading = _Reading()
        offset = 0
        while True:
            page = self._page(path, offset, optional)
            items = page.get(name)
            if not isinstance(items, list):
                message = f"GrowthBook's {path} answered without a list of {name!r}"
                raise GrowthBookError(message)
            reading.pages += 1
            reading.items += items
            reading.ids += [identity for item in items if (identity := _identity(item))]
            total = page.get("total")
            if isinstance(total, int):
                reading.totals.add(total)
            if page.get("hasMore") is not True:
                return reading
            following = _next_offset(page, offset, len(items))
            if following <= offset or reading.pages >= self._limits.pages:
                message = (
                    f"GrowthBook's {path} does not end (page {reading.pages}, offset {offset})"
                )
                raise GrowthBookError(message)
            offset = following

    def _page(self, path: str, offset: int, optional: dict[str, str]) -> dict[str, object]:
        while True:
            known = {key: value for key, value in optional.items() if key not in self._unknown}
            try:
                return self._get(path, {"limit": self._limits.page_size, "offset": offset, **known})
            except RefusedQueryError as error:
                refused = {key for key in known if key.lower() in error.said.lower()}
                if not refused:
                    raise
                self._unknown |= refused


def _next_offset(page: dict[str, object], offset: int, count: int) -> int:
    following = page.get("nextOffset")
    return following if isinstance(following, int) else offset + count


def _identity(item: object) -> str:
    identity = item.get("id") if isinstance(item, dict) else None
    return identity if isinstance(identity, str) else ""


def _unique(reading: _Reading) -> tuple[object, ...]:
    # The later reading of an id is the newer one.
    latest: dict[object, object] = {}
    for position, item in enumerate(reading.items):
        latest[_identity(item) or position] = item
    return tuple(latest.values())


def _disagreement(reading: _Reading, path: str) -> tuple[str, ...]:
    if reading.is_consistent:
        return ()
    said = " or ".join(str(total) for total in sorted(reading.totals)) or "no total"
    return (f"GrowthBook's {path} says {said} but lists {len(_unique(reading))}",)
