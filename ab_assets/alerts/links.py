"""Where in Dagster's UI something is.

What belongs here: addresses of pages. What does not: what they show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class DagsterLinks:
    """Addresses below a base; without a base every link is empty.

    Examples:
        >>> DagsterLinks("https://dagster.example/").partition(["habits", "health"], "2025-03-05|a")
        'https://dagster.example/assets/habits/health?view=partitions&partition=2025-03-05%7Ca'
        >>> DagsterLinks("").run("abc")
        ''
    """

    base: str

    def partition(self, asset: Sequence[str], partition: str) -> str:
        """The page of an asset's partition."""
        path = "/".join(quote(part, safe="") for part in asset)
        return self._page(f"assets/{path}?view=partitions&partition={quote(partition, safe='')}")

    def run(self, run_id: str) -> str:
        """The page of a run."""
        return self._page(f"runs/{quote(run_id, safe='')}")

    def _page(self, path: str) -> str:
        return f"{self.base.rstrip('/')}/{path}" if self.base else ""
