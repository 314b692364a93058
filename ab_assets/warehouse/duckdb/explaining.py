"""DuckDB's errors in words that say what to do.

What belongs here: what is added to an error of the file itself. What does not: a locked file
(connection.py), and errors of statements, which speak for themselves.
"""

import re

_FULL = re.compile(
    r"No space left on device|File too large|quota exceeded|Could not write file|"
    r"Could not (sync|truncate) file|temp directory size|Failed to create checkpoint",
    re.IGNORECASE,
)
_DAMAGED = re.compile(
    r"Corrupt (database|WAL) file|Could not read enough bytes|Failure while replaying WAL|"
    r"not a valid DuckDB database|read out of bounds|Failed to deserialize|Serialization Error",
    re.IGNORECASE,
)


_NO_MEMORY = re.compile(r"Out of Memory Error", re.IGNORECASE)


def explained(text: str) -> str:
    """The error of DuckDB, with a remedy where it is the file or its disk that is wrong.

    >>> explained("IO Error: No space left on device")[-37:]
    'ORY), then run the same command again'
    """
    text = text.strip()
    remedy = _remedy(text)
    return f"{text}; {remedy}" if remedy else text


def _remedy(text: str) -> str:
    if _NO_MEMORY.search(text):
        return (
            "nothing of this was kept; give it more memory with AB_DUCKDB_MEMORY, or fewer "
            "threads, each of which needs its share, with AB_DUCKDB_THREADS"
        )
    if _FULL.search(text):
        return (
            "nothing of this write was kept; make room on the disk with the warehouse file (or of "
            "AB_DUCKDB_SPILL_DIRECTORY), then run the same command again"
        )
    if _DAMAGED.search(text):
        return (
            "the warehouse file is damaged or is no DuckDB file: move it away with its .wal, then "
            "put a backup in its place, or load the sources again and run "
            "`ab-assets run --all --full`"
        )
    return ""
