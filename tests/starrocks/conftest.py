"""A cluster and clients of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.starrocks.stand_in import StarRocksStandIn

DAYS = """
CREATE TABLE IF NOT EXISTS ab.days (
  tag VARCHAR(20) NOT NULL COMMENT 'business area',
  event_date DATE NOT NULL,
  n BIGINT,
  x DOUBLE
)
DUPLICATE KEY (tag, event_date)
COMMENT 'tag x day'
PARTITION BY (tag, event_date)
DISTRIBUTED BY HASH(n) BUCKETS 2
PROPERTIES ("replication_num" = "1")
"""
Rows = Sequence[tuple[Any, ...]]


class Client:
    """A connection that gives rows, or how many rows the cluster says it changed."""

    def __init__(self, cluster: StarRocksStandIn, user: str = "writer", **options: str) -> None:
        account = cluster.accounts[user]
        self.connection = pymysql.connect(
            host="127.0.0.1",
            port=cluster.port,
            user=user,
            password=account.password,
            ssl_disabled=True,
            **options,
        )
        self.cursor = self.connection.cursor()

    def rows(self, text: str, values: tuple[object, ...] | None = None) -> list[tuple[Any, ...]]:
        self.cursor.execute(text, values)
        return list(self.cursor.fetchall())

    def run(self, text: str, values: tuple[object, ...] | None = None) -> int:
        return self.cursor.execute(text, values)

    def code(self, text: str) -> int:
        """The number of the error the text gets."""
        with pytest.raises(pymysql.MySQLError) as caught:
            self.cursor.execute(text)
        code: int = caught.value.args[0]
        return code

    def refusal(self, text: str) -> str:
        """The text of the error the text gets."""
        with pytest.raises(pymysql.MySQLError) as caught:
            self.cursor.execute(text)
        return str(caught.value.args[1])

    def close(self) -> None:
        if self.connection.open:
            self.connection.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[StarRocksStandIn]:
    with StarRocksStandIn(tmp_path / "cluster.duckdb") as running:
        yield running


@pytest.fixture
def connect(cluster: StarRocksStandIn) -> Iterator[Callable[..., Client]]:
    """Makes clients that are closed in the end."""
    with ExitStack() as stack:

        def made(user: str = "writer", **options: str) -> Client:
            client = Client(cluster, user, **options)
            stack.callback(client.close)
            return client

        yield made


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    made = connect()
    made.run(DAYS)
    return made


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client for tests that leave the table as it is: empty."""
    with StarRocksStandIn(tmp_path_factory.mktemp("standing") / "cluster.duckdb") as running:
        made = Client(running)
        made.run(DAYS)
        yield made
        made.close()
