"""The ledger over the wire: the same story on StarRocks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ab_assets.alerts.channels.http import Webhook
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.alerts.health_problems import read_health
from ab_assets.alerts.ledger import Ledger
from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.telling import tell
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.statements import StatementLibrary
from tests.alerts.builders import TAG, clock_at
from tests.alerts.health_rows import a_row, write
from tests.alerts.receiver import Receiver, answers
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.starrocks.conftest import Time, warehouse_on


@pytest.fixture
def star(tmp_path: Path) -> Iterator[StarRocksWarehouse]:
    with StarRocksStandIn(tmp_path / "cluster.duckdb") as cluster:
        opened = warehouse_on(cluster, Time())
        yield opened
        opened.close()


def test_a_story_is_told_once_on_starrocks_too(
    star: StarRocksWarehouse, library: StatementLibrary, receiver: Receiver
) -> None:
    ledger, slack = Ledger(star, library), SlackChannel(Webhook(SecretStr(receiver.url)))
    ledger.prepare()
    receiver.script.append(answers(500))
    for hours, status in enumerate(["warn", "warn", "fail", "pass", "pass"]):
        write(star, a_row(status=status, experiment_name="<b>\"籃'\\"))
        seen = read_health(star, library, [TAG], DagsterLinks(""))
        tell(ledger, slack, seen, clock_at(hours=hours), digest_hour=11)
    first_words = [text.split(":")[0] for text in receiver.texts]
    assert first_words == ["Warning", "Warning", "Worse, now failed", "Recovered"]
    assert ledger.outbox() == []
