"""Which warehouse: reading ``AB_WAREHOUSE_URL``.

What belongs here: the two forms of the URL and the warehouse each means. What does not: opening
files.
"""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.interface import Warehouse

_FORMS = "use duckdb:///path/ab.duckdb or starrocks://user:password@host:9030/ab?http_port=8030"


@dataclass(frozen=True)
class DuckDBLocation:
    """A DuckDB file."""

    path: Path


@dataclass(frozen=True)
class StarRocksLocation:
    """A StarRocks frontend; the password is in no ``repr``."""

    host: str
    port: int
    http_port: int
    database: str
    user: str
    password: str = field(repr=False)


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
    if separator and scheme == "duckdb":
        return _duckdb(rest)
    if separator and scheme == "starrocks":
        return _starrocks(url)
    shown = f"{scheme}://…" if separator else "a value without '://'"
    message = f"AB_WAREHOUSE_URL is {shown}; {_FORMS}"
    raise ConfigurationError(message)


def open_warehouse(url: str, lock_seconds: float = 60.0) -> Warehouse:
    """The warehouse a URL names; nothing is connected or made before its first use.

    Raises:
        ConfigurationError: The URL is wrong, or names a warehouse this version cannot use.
    """
    location = parse_warehouse_url(url)
    if isinstance(location, StarRocksLocation):
        message = (
            f"AB_WAREHOUSE_URL names StarRocks at {location.host}:{location.port}, which this "
            "version cannot use yet; use duckdb:///path/ab.duckdb"
        )
        raise ConfigurationError(message)
    return DuckDBWarehouse(location.path, lock_seconds=lock_seconds)


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


def _starrocks(url: str) -> StarRocksLocation:
    try:
        parts = urlsplit(url)
        port = parts.port or 9030
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
        http_port = int(options.pop("http_port", ["8030"])[0])
    except ValueError:
        message = (
            "AB_WAREHOUSE_URL: the StarRocks URL has a port or an option that cannot be read; "
            f"{_FORMS}"
        )
        raise ConfigurationError(message) from None
    if not parts.hostname or not parts.username:
        message = f"AB_WAREHOUSE_URL: the StarRocks URL lacks a host or a user; {_FORMS}"
        raise ConfigurationError(message)
    if options:
        message = (
            "AB_WAREHOUSE_URL: the StarRocks URL has the unknown option "
            f"{sorted(options)[0]!r}; {_FORMS}"
        )
        raise ConfigurationError(message)
    return StarRocksLocation(
        host=parts.hostname,
        port=port,
        http_port=http_port,
        database=unquote(parts.path.strip("/")) or "ab",
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
    )
