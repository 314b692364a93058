"""Where a StarRocks cluster is and how to speak to it: the ``starrocks://`` URL.

What belongs here: the parts and options of the URL, and what is refused of them. What does not:
connecting.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.names import is_identifier

FORM = "starrocks://user:password@host:9030/ab?http_port=8030"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_LARGEST_PORT = 65535


@dataclass(frozen=True)
class StarRocksLocation:
    """A StarRocks frontend; the password is in no ``repr``.

    Attributes:
        host: The frontend, or the balancer before several.
        port: Its MySQL port.
        http_port: Its HTTP port, for Stream Load.
        database: The database a session starts in; statements name theirs.
        user: Who connects.
        password: With what.
        http_scheme: ``http`` or ``https``.
        ssl_ca: A PEM file: both ports must then show a certificate it vouches for.
        resource_group: The resource group of the sessions; None for the cluster's choice.
        warehouse: The compute warehouse of a shared-data cluster; None for its default.
        query_timeout: Seconds a statement may take.
        replication_num: Copies of each tablet of tables that are created.
    """

    host: str
    port: int
    http_port: int
    database: str
    user: str
    password: str = field(repr=False)
    http_scheme: str = "http"
    ssl_ca: str | None = None
    resource_group: str | None = None
    warehouse: str | None = None
    query_timeout: int = 900
    replication_num: int = 1


def read_location(url: str) -> StarRocksLocation:
    """Reads a ``starrocks://`` URL.

    >>> read_location("starrocks://me:secret@fe/ab?query_timeout=60").query_timeout
    60

    Raises:
        ConfigurationError: A part or an option is wrong; the message never has the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 9030
        given = parse_qsl(parts.query, strict_parsing=bool(parts.query), keep_blank_values=True)
    except ValueError:
        _refuse("has a port or an option that cannot be read")
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        # Nothing of it may be repeated: what stands where path and options should is a secret.
        _refuse(
            "has an '@' after its host: encode '/', '?', '#' and '@' of the password as %2F, %3F, "
            "%23 and %40"
        )
    if not parts.hostname or not parts.username:
        _refuse("lacks a host or a user")
    return StarRocksLocation(
        host=parts.hostname,
        port=port,
        database=_database(parts),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        **_options(given),  # type: ignore[arg-type]
    )


def _database(parts: SplitResult) -> str:
    database = unquote(parts.path.strip("/")) or "ab"
    if not is_identifier(database):
        _refuse("names a database that is no lower-case name")
    return database


def _options(given: list[tuple[str, str]]) -> dict[str, object]:
    options: dict[str, object] = {"http_port": 8030}
    for name, value in given:
        if name not in _READERS:
            _refuse(f"has the unknown option {name!r} (there are {', '.join(_READERS)})")
        try:
            options[name] = _READERS[name](value)
        except ValueError as error:
            _refuse(f"has {name}={value!r}, which is not {error}")
    return options


def _whole(smallest: int, largest: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not smallest <= int(value) <= largest:
            message = f"a whole number from {smallest} to {largest}"
            raise ValueError(message)
        return int(value)

    return read


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        message = "a name of letters, digits, '_', '.' and '-'"
        raise ValueError(message)
    return value


def _scheme(value: str) -> str:
    if value not in {"http", "https"}:
        message = "http or https"
        raise ValueError(message)
    return value


def _file(value: str) -> str:
    if not Path(value).is_file():
        message = "a file that is there"
        raise ValueError(message)
    return value


_READERS: dict[str, Callable[[str], object]] = {
    "http_port": _whole(1, _LARGEST_PORT),
    "http_scheme": _scheme,
    "ssl_ca": _file,
    "resource_group": _name,
    "warehouse": _name,
    "query_timeout": _whole(1, 259200),  # the most StarRocks takes
    "replication_num": _whole(1, 99),
}


def _refuse(problem: str) -> NoReturn:
    message = f"AB_WAREHOUSE_URL: the StarRocks URL {problem}; use {FORM}"
    raise ConfigurationError(message) from None
