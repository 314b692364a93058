"""The SQLAlchemy engine of a cluster, and the variables of its sessions.

What belongs here: pooling, time-outs, TLS, what a new session is told. What does not: statements.
"""

from contextlib import closing

import pymysql
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import QueuePool

from ab_assets.warehouse.starrocks.location import StarRocksLocation

_KEPT = 2  # connections a process keeps
_AT_MOST = 16  # connections a process has at once
_RECYCLE_SECONDS = 1800
_POOL_SECONDS = 60.0  # to wait for a connection another thread has
_GRACE_SECONDS = 30  # for the cluster to say itself that a statement took too long


def make_engine(location: StarRocksLocation) -> sa.Engine:
    """The SQLAlchemy engine of a cluster."""
    tls = (
        {"ssl_ca": location.ssl_ca, "ssl_verify_cert": True, "ssl_verify_identity": True}
        if location.ssl_ca
        else {}
    )
    engine = sa.create_engine(
        sa.URL.create(
            "starrocks",
            username=location.user,
            host=location.host,
            port=location.port,
        ),
        connect_args={
            # Not in the URL: the dialect writes what it reads there into its debug log.
            # In bytes: the driver would send Latin-1 where the cluster keeps UTF-8.
            "password": location.password.encode(),
            "connect_timeout": 10,
            "read_timeout": location.query_timeout + _GRACE_SECONDS,
            "write_timeout": location.query_timeout + _GRACE_SECONDS,
            "charset": "utf8mb4",
            "autocommit": None,
            **tls,
        },
        poolclass=QueuePool,
        pool_size=_KEPT,
        max_overflow=_AT_MOST - _KEPT,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        pool_recycle=_RECYCLE_SECONDS,
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    # Statements stand alone: there is no transaction to roll back.
    engine.dialect.do_rollback = _no_rollback  # type: ignore[assignment, method-assign]
    # Asking for the mode takes rights of an administrator, and nothing here depends on it.
    engine.dialect.run_mode = "shared_nothing"  # type: ignore[attr-defined]
    event.listen(engine, "connect", _SessionVariables(location))
    return engine


def _no_rollback(_connection: object) -> None:
    """Takes the place of a ROLLBACK."""


class _SessionVariables:
    """Sets the variables of every new session."""

    def __init__(self, location: StarRocksLocation) -> None:
        self._location = location

    def __call__(self, connection: DBAPIConnection, _record: object) -> None:
        location = self._location
        with closing(connection.cursor()) as cursor:
            cursor.execute(
                "SET time_zone = 'UTC', query_timeout = %s, enable_insert_strict = true",
                (location.query_timeout,),
            )
            if location.resource_group:
                cursor.execute("SET resource_group = %s", (location.resource_group,))
            if location.warehouse:
                cursor.execute("SET warehouse = %s", (location.warehouse,))
            try:
                cursor.execute("SET insert_timeout = %s", (location.query_timeout,))
            except pymysql.err.MySQLError as error:
                # Since 3.3.5 an INSERT has a time-out of its own, of four hours; before, it has
                # that of every statement.
                if "unknown system variable" not in str(error).lower():
                    raise
