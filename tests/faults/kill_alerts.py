"""Kills the process that tells people what is wrong, again and again, and counts what arrived.

``python -m tests.faults.kill_alerts --kills 30 --seed 1`` lets a process look and deliver without
pause, kills it (SIGKILL) at a random moment, changes what is wrong, and starts it anew. The
receiver lives in this process. Every message has to arrive at most once, and in the end everything
that opened, worsened or ended has to have been told: by its own message or by one that repeats it.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from pydantic import SecretStr

from ab_assets.alerts.channels.generic import GenericChannel
from ab_assets.alerts.channels.http import Webhook
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.alerts.delivery import DeliveryLimits
from ab_assets.alerts.health_problems import read_health
from ab_assets.alerts.ledger import MESSAGES_TABLE, Ledger
from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.telling import tell
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement, StatementLibrary
from tests.alerts.health_rows import a_row, write
from tests.alerts.receiver import Receiver

TAG = "shop"
_KEYS = tuple(f"experiment_{place}" for place in range(6))
_DIGEST_HOUR = 23
# A killed attempt counts as unknown at once: the process that made it is gone.
_LIMITS = DeliveryLimits(grace=timedelta(0))


@dataclass
class Outcome:
    """What came of all kills."""

    kills: int = 0
    planned: int = 0
    received: int = 0
    repeated: int = 0
    problems: list[str] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        rows = [
            ("kills", self.kills),
            *((f"  {name}", count) for name, count in sorted(self.moments.items())),
            ("messages planned", self.planned),
            ("requests received", self.received),
            ("messages of unknown fate, repeated by another", self.repeated),
            ("told twice or never", len(self.problems)),
        ]
        return "\n".join(f"{name:<48}{count:>8,}" for name, count in rows)


def look_for_ever(path: Path, url: str, kind: str) -> None:
    """What is killed: looks and delivers without pause."""
    warehouse = DuckDBWarehouse(path, lock_seconds=20.0)
    library = StatementLibrary(PROJECT_ROOT / "sql")
    webhook = Webhook(SecretStr(url), SecretStr("key"))
    channel = SlackChannel(webhook) if kind == "slack" else GenericChannel(webhook)
    ledger = Ledger(warehouse, library)
    ledger.prepare()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    while True:
        with warehouse.session():
            seen = read_health(warehouse, library, [TAG], DagsterLinks(""))
        report = tell(
            ledger,
            channel,
            seen,
            lambda: datetime.now(UTC),
            digest_hour=_DIGEST_HOUR,
            limits=_LIMITS,
        )
        if report.sent + report.waiting == 0:
            sys.stdout.write("idle\n")
            sys.stdout.flush()
            time.sleep(0.05)


def kill_alerts(folder: Path, kills: int, seed: int, kind: str = "slack") -> Outcome:
    """Kills the process that often; then lets it come to rest and counts."""
    random, outcome = Random(seed), Outcome()
    warehouse = DuckDBWarehouse(folder / "ab.duckdb", lock_seconds=20.0)
    day = date(2025, 3, 1)
    with Receiver() as receiver:
        while outcome.kills < kills:
            day += timedelta(days=1)
            _change(warehouse, day, random)
            before = len(receiver.received)
            with _started(folder, receiver, kind) as process:
                _wait(process, receiver, before + random.randrange(6))
                time.sleep(random.choice([0.0, random.uniform(0.0, 0.3)]))
                process.send_signal(signal.SIGKILL)
            outcome.kills += 1
            outcome.moments[f"after {min(len(receiver.received) - before, 5)} messages"] += 1
            sys.stderr.write(f"kill {outcome.kills}: {len(receiver.received)} received\n")
        # What the last kill left unknown is repeated by the next message there is.
        for extra in ("last_words", "very_last_words"):
            day += timedelta(days=1)
            write(warehouse, a_row(experiment_id=extra, experiment_key=extra), tag=TAG, day=day)
            with _started(folder, receiver, kind) as process:
                assert process.stdout is not None
                while process.stdout.readline() != b"idle\n":
                    assert process.poll() is None
                process.send_signal(signal.SIGKILL)
        _count(warehouse, receiver, kind, outcome)
    return outcome


def _wait(process: "subprocess.Popen[bytes]", receiver: Receiver, count: int) -> None:
    """Until that many messages were received, or there is nothing left to send."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    while len(receiver.received) < count and not process.stdout.read():
        assert process.poll() is None
        time.sleep(0.001)


def _change(warehouse: DuckDBWarehouse, day: date, random: Random) -> None:
    """The next day: each experiment is fine, suspicious or broken."""
    rows = [
        a_row(
            experiment_id=key,
            experiment_key=key,
            experiment_name=key,
            status=random.choice(["pass", "warn", "fail"]),
        )
        for key in _KEYS
    ]
    write(warehouse, *rows, tag=TAG, day=day)


def _started(folder: Path, receiver: Receiver, kind: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.kill_alerts", "--look"),
            *(str(folder / "ab.duckdb"), receiver.url, kind),
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    # A process that cannot even begin would let every check below pass.
    assert process.stdout.readline() == b"started\n"
    return process


def _count(warehouse: DuckDBWarehouse, receiver: Receiver, kind: str, outcome: Outcome) -> None:
    library = StatementLibrary(PROJECT_ROOT / "sql")
    text = f"SELECT DISTINCT message_id, title FROM {MESSAGES_TABLE}"
    planned = warehouse.fetch(Statement("planned", text)).to_dicts()
    outcome.planned, outcome.received = len(planned), len(receiver.received)
    left = Ledger(warehouse, library).outbox()
    outcome.problems += [f"{entry.message.title}: neither sent nor repeated" for entry in left]
    if kind == "generic":
        # The receiver drops ids it has seen: each counts once.
        told = Counter({request.json["id"]: 1 for request in receiver.received})
        texts = [request.json["data"]["text"] for request in receiver.received]
    else:
        own = [text.rpartition("ab_assets alert ")[2] for text in receiver.texts]
        told, texts = Counter(own), receiver.texts
    for message in planned:
        own_id = message["message_id"] if kind == "generic" else message["message_id"][:8]
        if told[own_id] > 1:
            outcome.problems.append(f"{message['title']}: received {told[own_id]} times")
        if told[own_id] == 0:
            outcome.repeated += 1
            if not any(message["title"] in text for text in texts):
                outcome.problems.append(f"{message['title']}: never told")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=["slack", "generic"], default="slack")
    parser.add_argument("--look", nargs=3, metavar=("FILE", "URL", "KIND"))
    arguments = parser.parse_args()
    if arguments.look:
        look_for_ever(Path(arguments.look[0]), *arguments.look[1:])
    with tempfile.TemporaryDirectory(prefix="kill_alerts_") as folder:
        outcome = kill_alerts(Path(folder), arguments.kills, arguments.seed, arguments.kind)
    sys.stdout.write("\n".join([outcome.table(), *outcome.problems, ""]))
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
