"""A StarRocks cluster for tests: its two ports over one DuckDB file.

It speaks the wire protocols, keeps labels and refuses what a cluster refuses, but its SQL is
answered by DuckDB through our own translation: it proves the way over the wire, not what
StarRocks's functions mean.

What belongs here: starting and ending it, what tests see of it. What does not: protocols.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from ab_assets.warehouse.url import StarRocksLocation, parse_warehouse_url
from tests.starrocks.faults import Faults
from tests.starrocks.labels import LabelRegistry
from tests.starrocks.mysql_client import Account
from tests.starrocks.mysql_server import MysqlServer
from tests.starrocks.record import Record, Recorded
from tests.starrocks.session import Session
from tests.starrocks.store import Store
from tests.starrocks.stream_load_server import StreamLoadServer

ACCOUNTS = {"writer": Account("secret"), "reader": Account("sesame", read_only=True)}


class StarRocksStandIn:
    """A cluster that lives as long as the ``with`` block.

    Attributes:
        store: Its data.
        faults: What goes wrong, as the test wants it.
        accounts: Its users.
        http: Its frontend and backend for Stream Loads.
    """

    def __init__(
        self,
        path: Path,
        *,
        databases: Sequence[str] = ("ab",),
        version: str = "3.5.2",
        accounts: Mapping[str, Account] | None = None,
    ) -> None:
        """Describes the cluster; nothing is opened yet.

        Args:
            path: The DuckDB file, which is made when it is missing; a cluster that had it before
                left its tables there, but not its labels.
            databases: The databases there are from the start.
            version: What it says it is.
            accounts: Its users; ``writer`` and ``reader`` when none are given.
        """
        self.store = Store(path, databases)
        self.faults = Faults()
        self.accounts = dict(accounts or ACCOUNTS)
        self._version = version
        self._record = Record()
        self._stack = ExitStack()
        self._mysql = MysqlServer(self._session, self.accounts, self.faults, self._record)
        passwords = {name: account.password for name, account in self.accounts.items()}
        self.http = StreamLoadServer(self.store, passwords)

    def __enter__(self) -> Self:
        """Opens its ports."""
        self._stack.enter_context(self.store)
        self._stack.enter_context(self.http)
        self._mysql.start()
        self._stack.callback(self._mysql.stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends its threads and closes its file."""
        self._stack.close()

    @property
    def port(self) -> int:
        """The port of the MySQL protocol."""
        return self._mysql.port

    @property
    def http_port(self) -> int:
        """The frontend's HTTP port, for Stream Loads."""
        return self.http.port

    @property
    def url(self) -> str:
        """The URL of the cluster for its writer."""
        return self.url_of("writer")

    @property
    def location(self) -> StarRocksLocation:
        """The location of the cluster for its writer."""
        location = parse_warehouse_url(self.url)
        assert isinstance(location, StarRocksLocation)
        return location

    @property
    def labels(self) -> LabelRegistry:
        """The loads and their labels."""
        return self.store.labels

    @property
    def statements(self) -> list[Recorded]:
        """The statements it got so far, in the order they came."""
        return self._record.items()

    def url_of(self, user: str, database: str = "ab") -> str:
        """The URL of the cluster for one of its users."""
        password = self.accounts[user].password
        return (
            f"starrocks://{user}:{password}@127.0.0.1:{self.port}/{database}"
            f"?http_port={self.http_port}"
        )

    def texts(self, pattern: str = "") -> list[str]:
        """The texts of the statements that match a regular expression, oldest first."""
        regular = re.compile(pattern, re.IGNORECASE | re.DOTALL)
        return [item.text for item in self.statements if regular.search(item.text)]

    def forget_statements(self) -> None:
        """Empties the record."""
        self._record.forget()

    def _session(self, number: int) -> Session:
        return Session(self.store, number, self._version)
