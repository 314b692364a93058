"""Which warehouse: reading ``AB_WAREHOUSE_URL``.

What belongs here: the two forms of the URL and the warehouse each means. What does not: opening
files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ab_assets.deferred import deferred
from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.duckdb.limits import DEFAULT_LIMITS, Limits
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.starrocks.location import FORM, StarRocksLocation, read_location

if TYPE_CHECKING:
    from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
    from ab_assets.warehouse.starrocks.errors import Patience
    from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
else:
    DuckDBWarehouse = deferred("ab_assets.warehouse.duckdb.warehouse:DuckDBWarehouse")
    Patience = deferred("ab_assets.warehouse.starrocks.errors:Patience")
    StarRocksWarehouse = deferred("ab_assets.warehouse.starrocks.warehouse:StarRocksWarehouse")

_FORMS = f"use duckdb:///path/ab.duckdb or {FORM}"

__all__ = ["DuckDBLocation", "StarRocksLocation", "open_warehouse", "parse_warehouse_url"]


@dataclass(frozen=True)
class DuckDBLocation:
    """A DuckDB file."""

    path: Path


def parse_warehouse_url(url: str) -> DuckDBLocation | StarRocksLocation:
    """Reads a warehouse URL.

    ``duckdb:///path`` is the absolute path ``/path`` (as the path part of a URL is);
    ``duckdb://./path``
    and ``duckdb://~/path`` are relative to the current and the home folder. ``%20`` and the like
    stand
    for the characters they encode.

    >>> parse_warehouse_url("duckdb:///data/ab.duckdb").path
    PosixPath('/data/ab.duckdb')

    Raises:
        ConfigurationError: It is neither form; the message never has the password.
    """
    scheme, separator, rest = url.partition("://")
    if not _is_text(url):
        message = f"AB_WAREHOUSE_URL holds bytes that are not UTF-8; {_FORMS}"
        raise ConfigurationError(message)
    if separator and scheme == "duckdb":
        return _duckdb(rest)
    if separator and scheme == "starrocks":
        return read_location(url)
    shown = f"{scheme}://…" if separator else "a value without '://'"
    message = f"AB_WAREHOUSE_URL is {shown}; {_FORMS}"
    raise ConfigurationError(message)


def open_warehouse(
    url: str,
    lock_seconds: float = 60.0,
    patience_seconds: float = 240.0,
    limits: Limits = DEFAULT_LIMITS,
) -> Warehouse:
    """The warehouse a URL names; nothing is connected or made before its first use.

    Args:
        url: As in ``AB_WAREHOUSE_URL``.
        lock_seconds: How long to wait for a DuckDB file that another process has open.
        patience_seconds: How long to try again while StarRocks does not answer.
        limits: How much of the machine DuckDB may use.

    Raises:
        ConfigurationError: The URL is wrong.
    """
    location = parse_warehouse_url(url)
    if isinstance(location, StarRocksLocation):
        return StarRocksWarehouse(location, Patience.of(patience_seconds))
    return open_duckdb(location.path, lock_seconds, limits)


def open_duckdb(path: Path, lock_seconds: float, limits: Limits = DEFAULT_LIMITS) -> Warehouse:
    """The warehouse in a DuckDB file; see :func:`open_warehouse`."""
    return DuckDBWarehouse(path, lock_seconds=lock_seconds, limits=limits)


def _is_text(url: str) -> bool:
    """Whether no byte of the environment stayed undecoded in it."""
    return all(not "\ud800" <= character <= "\udfff" for character in url)


def _duckdb(rest: str) -> DuckDBLocation:
    text = unquote(rest)
    if text.startswith(("/", "./", "../")):
        path = Path(text)
    elif text.startswith("~/"):
        path = Path(text).expanduser()
    else:
        message = (
            "AB_WAREHOUSE_URL: a DuckDB path starts with '/', './' or '~/', as in "
            "duckdb:///path/ab.duckdb"
        )
        raise ConfigurationError(message)
    if not path.name or text.endswith("/") or "?" in text or "\0" in text:
        message = (
            "AB_WAREHOUSE_URL: the DuckDB URL has to end with a file name, as in "
            "duckdb:///path/ab.duckdb"
        )
        raise ConfigurationError(message)
    return DuckDBLocation(path)
