"""Connections to a StarRocks frontend over the MySQL protocol.

What belongs here: a connection, sending one text and trying it again. What does not: how a session
is set up (engine.py), and what the texts say.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ab_assets.warehouse.origin import current_origin
from ab_assets.warehouse.starrocks.engine import make_engine
from ab_assets.warehouse.starrocks.errors import Patience, StarRocksError, with_patience
from ab_assets.warehouse.starrocks.guard import guard
from ab_assets.warehouse.starrocks.location import StarRocksLocation
from ab_assets.warehouse.starrocks.text import doubled


@dataclass(frozen=True)
class Answer:
    """The rows of a query.

    Attributes:
        description: Of each column what the driver's cursor says: name, type code, …, size.
        rows: The rows.
    """

    description: tuple[tuple[Any, ...], ...]
    rows: list[tuple[Any, ...]]


class StarRocksConnection:
    """One connection of a pool, got when the first text is sent and replaced when it is lost."""

    def __init__(self, engine: sa.Engine, patience: Patience, place: str) -> None:
        self._engine = engine
        self._patience = patience
        self._place = place
        self._connection: sa.Connection | None = None

    def execute(
        self,
        text: str,
        parameters: Mapping[str, object] | None = None,
        *,
        repeatable: bool = True,
    ) -> int:
        """Sends a text and returns how many rows the cluster says it changed.

        Args:
            text: With ``%(name)s`` where values go, every other ``%`` doubled.
            parameters: The values.
            repeatable: Whether the text may be carried out twice: when the connection is lost,
                nobody knows whether it was.

        Raises:
            StarRocksError: The cluster refused it, or did not answer for the whole patience.
        """
        return with_patience(
            lambda: self._send(text, parameters or {})[0],
            self._patience,
            place=self._place,
            repeatable=repeatable,
        )

    def query(self, text: str, parameters: Mapping[str, object] | None = None) -> Answer:
        """Sends a query and returns its rows.

        Args:
            text: With ``%(name)s`` where values go, every other ``%`` doubled.
            parameters: The values.

        Raises:
            StarRocksError: The cluster refused it, or did not answer for the whole patience.
        """
        return with_patience(
            lambda: self._send(text, parameters or {})[1], self._patience, place=self._place
        )

    def close(self) -> None:
        """Gives the connection back to the pool."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _send(self, text: str, parameters: Mapping[str, object]) -> tuple[int, Answer]:
        guard(text)
        full = f"/* {doubled(current_origin())} */ {text}"
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            result = self._connection.exec_driver_sql(full, dict(parameters))
            if not result.returns_rows:
                return max(result.rowcount, 0), Answer((), [])
            cursor: Any = result.cursor
            answer = Answer(tuple(cursor.description), list(cursor.fetchall()))
            result.close()
        except DBAPIError as error:
            self._drop_lost(lost=error.connection_invalidated)
            raise starrocks_error(error.orig) from None
        except PoolTimeoutError:
            message = "all connections this process may have are in use"
            raise StarRocksError(-1, message) from None
        return len(answer.rows), answer

    def _drop_lost(self, *, lost: bool) -> None:
        if lost and self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()


class StarRocksPool:
    """The connections of one warehouse; none is made before the first text is sent.

    Args:
        location: The cluster.
        patience: How long to try again.
    """

    def __init__(self, location: StarRocksLocation, patience: Patience) -> None:
        self._location = location
        self._patience = patience
        self._engine: sa.Engine | None = None
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[StarRocksConnection]:
        """A connection for the time of the block."""
        with self._lock:
            if self._engine is None:
                self._engine = make_engine(self._location)
        place = f"{self._location.host}:{self._location.port}"
        connection = StarRocksConnection(self._engine, self._patience, place)
        try:
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Closes the connections that are kept."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()


def starrocks_error(error: object) -> StarRocksError:
    """The driver's error as ours."""
    arguments: tuple[object, ...] = getattr(error, "args", ())
    code, text = arguments[:2] if len(arguments) > 1 else (-1, str(error))
    number = code if isinstance(code, int) else -1
    return StarRocksError(number, str(text).strip() or "the connection was lost")
