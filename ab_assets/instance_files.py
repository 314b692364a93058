"""Dagster's own SQLite files, kept open while a command runs.

What belongs here: how this process reaches the files of ``DAGSTER_HOME``. What does not: what is
in them, which is Dagster's alone: another process, with Dagster's own classes, sees the same.

Dagster opens and closes a file for each of the hundreds of statements of a run, which makes SQLite
write everything through each time, and builds each statement's text anew. That was most of a run.
"""

import fcntl
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as db
from dagster import DagsterInstance
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

# The index, the run that goes on and those that went before it.
_KEPT_OPEN = 4
# Held while the files are opened, and let go of by the system when the process ends in any way.
_OPENING = "opening.lock"


def open_home(home: Path) -> DagsterInstance:
    """The instance of a folder, with its files kept open where they are SQLite's.

    One process at a time: of two that make the files at once, Dagster lets one fail.
    """
    with (home / _OPENING).open("w") as opening:
        fcntl.flock(opening, fcntl.LOCK_EX)
        return _open(home)


def _open(home: Path) -> DagsterInstance:
    ref = InstanceRef.from_dir(str(home))
    storage = ref.storage_data
    if storage is not None and storage.class_name == DagsterSqliteStorage.__name__:
        kept = ConfigurableClassData(__name__, KeptStorage.__name__, storage.config_yaml)
        ref = ref._replace(storage_data=kept)
    return DagsterInstance.from_ref(ref)


class KeptEventLog(SqliteEventLogStorage):
    """The event log: one file a run, and an index."""

    def __init__(self, base_dir: str) -> None:
        self._kept: OrderedDict[str, db.Engine] = OrderedDict()
        self._empty = b""
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:
            engine = self._kept_engine(shard)
            if shard not in self._initialized_dbs:
                self._initialise(shard, engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _initialise(self, shard: str, engine: db.Engine) -> None:
        """Makes the file of a run like that of the first; Dagster reads its migrations for each."""
        path = Path(self.path_for_shard(shard))
        if path.exists():
            self._initdb(engine)
        elif self._empty:
            path.write_bytes(self._empty)
        else:
            self._initdb(engine)
            engine.dispose()  # only then everything is in the file itself
            self._empty = path.read_bytes()

    def dispose(self) -> None:
        """Closes the files."""
        while self._kept:
            self._kept.popitem()[1].dispose()
        super().dispose()

    def _kept_engine(self, shard: str) -> db.Engine:
        if shard not in self._kept:
            self._kept[shard] = _engine(self.conn_string_for_shard(shard))
        self._kept.move_to_end(shard)
        if len(self._kept) > _KEPT_OPEN:
            self._kept.popitem(last=False)[1].dispose()
        return self._kept[shard]


class KeptRuns(SqliteRunStorage):
    """The list of runs."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept = _engine(conn_string)
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[db.Connection]:
        """A connection in a transaction."""
        with self._kept.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Closes the file."""
        self._kept.dispose()
        super().dispose()


class KeptStorage(DagsterSqliteStorage):
    """Dagster's storage with the files of runs and events kept open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        own = self._event_log_storage, self._run_storage
        self._event_log_storage = KeptEventLog(own[0]._base_dir)  # noqa: SLF001 (Dagster's)
        self._run_storage = KeptRuns(own[1]._conn_string)  # noqa: SLF001

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Any,  # noqa: ANN401 (Dagster's)
    ) -> Self:
        """Makes one, as Dagster does."""
        return cls.from_local(inst_data=inst_data, **config_value)


def _engine(conn_string: str) -> db.Engine:
    engine = db.create_engine(
        conn_string,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )

    @db.event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:  # noqa: ANN401 (the driver's)
        # A power cut may lose the last moments of the log, never its consistency.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
