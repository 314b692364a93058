"""How much of the machine the embedded warehouse may use.

What belongs here: the limits, from the settings, and how DuckDB is told them. What does not:
reading the environment.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ByteSize, TypeAdapter

from ab_assets.settings import Settings

DEFAULT_MEMORY = "3GB"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may take.

    Attributes:
        memory: The most memory rows may take; what needs more is written to ``spill_directory`` and
            read again. Python and its libraries come on top (about 0.5 GB).
        threads: How many threads work; ``None`` for one a core.
        spill_directory: Where rows go that do not fit; ``None`` for a folder beside the file.
    """

    memory: str = DEFAULT_MEMORY
    threads: int | None = None
    spill_directory: Path | None = None

    @property
    def memory_bytes(self) -> int:
        """The most memory, in bytes.

        Examples:
            >>> Limits(memory="1GB").memory_bytes, Limits(memory="512MiB").memory_bytes
            (1000000000, 536870912)
        """
        return int(TypeAdapter(ByteSize).validate_python(self.memory))

    def config(self, path: Path) -> dict[str, Any]:
        """What DuckDB is opened with for a file.

        Examples:
            >>> Limits(memory="1GB", threads=2).config(Path("/data/ab.duckdb"))
            {'temp_directory': '/data/ab.duckdb.tmp', 'memory_limit': '1GB', 'threads': 2}
        """
        threads = {} if self.threads is None else {"threads": self.threads}
        spilled = self.spill_directory or f"{path}.tmp"
        return {"temp_directory": str(spilled), "memory_limit": self.memory, **threads}


DEFAULT_LIMITS = Limits()


def duckdb_limits(settings: Settings) -> Limits:
    """What the settings say."""
    return Limits(settings.duckdb_memory, settings.duckdb_threads, settings.duckdb_spill_directory)
