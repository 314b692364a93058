"""What Dagster and Python cost around the work: imports, commands, runs, definitions, pages.

What belongs here: seconds that are neither SQL nor statistics. What does not: those.

    python -m bench.orchestration [--tags 300] [--days 334] [--runs 5] [--events 2000] [--short]

Each time is the least of several runs. A partition's overhead is what of its run lies outside the
sessions of the warehouse: Dagster's events, checks and storage, and what the UI is told.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MODULES = 20
_MYSELF = [sys.executable, "-W", "ignore", "-m", "bench.orchestration"]
PATIENCE = 300.0

QUERIES = {
    "lineage: every asset with its links": "{ assetNodes { assetKey { path } groupName kinds "
    "dependencyKeys { path } dependedByKeys { path } hasMaterializePermission jobNames } }",
    "asset: what its page shows": "query Q($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key)"
    " { ... on AssetNode { id description opNames owners { __typename } tags { key value } "
    "metadataEntries { label description } partitionDefinition { description } "
    "assetMaterializations(limit: 1) { timestamp partition } } } }",
    "asset: partitions by status": "query Q($key: AssetKeyInput!) { assetNodeOrError("
    "assetKey: $key) { ... on AssetNode { id partitionStats { numMaterialized numPartitions } "
    "assetPartitionStatuses { ... on MultiPartitionStatuses { primaryDimensionName ranges { "
    "primaryDimStartKey primaryDimEndKey secondaryDim { ... on DefaultPartitionStatuses { "
    "materializedPartitions } ... on TimePartitionStatuses { ranges { status startKey endKey } }"
    " } } } } } } }",
    "asset: keys of the launch dialog": "query Q($key: AssetKeyInput!) { assetNodeOrError("
    "assetKey: $key) { ... on AssetNode { id partitionKeysByDimension { name partitionKeys } } } }",
    "asset: newest 50 materialisations": "query Q($key: AssetKeyInput!) { assetNodeOrError("
    "assetKey: $key) { ... on AssetNode { id assetMaterializations(limit: 50) { timestamp runId "
    "partition metadataEntries { label } } } } }",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints every table."""
    asked = _asked(arguments)
    if asked.child:
        _CHILDREN[asked.child](asked)
        return
    runs = asked.runs
    with tempfile.TemporaryDirectory(prefix="orchestration_") as name:
        folder = Path(name)
        _head("imports", "wall s", "CPU s")
        for text in ("import dagster", "import ab_assets.definitions"):
            _row(text, *_least([[sys.executable, "-W", "ignore", "-c", text]] * runs))
        _head("commands", "wall s", "CPU s")
        for words in (["--help"], ["report", "--help"], ["run", "--help"], ["run"]):
            command = [str(BIN / "ab-assets"), *words]
            _row(" ".join(["ab-assets", *words]), *_least([command] * runs))
        _partitions(folder / "company")
        _head("definitions", "wall s", "CPU s", "of it our own")
        for tags in sorted({10, min(100, asked.tags), asked.tags}):
            loads = [_load(folder / f"tags_{tags}", tags, asked.days) for _ in range(runs)]
            wall, cpu, own = (min(column) for column in zip(*loads, strict=True))
            _row(f"{tags} tags", wall, cpu, own)
        _pages(folder / "pages", asked)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tags", type=int, default=300)
    parser.add_argument("--days", type=int, default=334)
    parser.add_argument("--runs", type=int, default=5, help="of which the least counts")
    parser.add_argument("--events", type=int, default=2000, help="materialisations recorded")
    parser.add_argument("--short", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--child", choices=sorted(_CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.short:
        asked.tags, asked.days, asked.runs, asked.events = 20, 30, 1, 40
    return asked


def _head(title: str, *columns: str) -> None:
    print(f"\n{title:<44}" + "".join(f"{column:>16}" for column in columns))


def _row(title: str, *values: float) -> None:
    print(f"{title:<44}" + "".join(f"{value:>16.2f}" for value in values), flush=True)


def _least(commands: Sequence[list[str]]) -> tuple[float, float]:
    """Wall and CPU seconds of a process; it may end as it likes."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("AB_")}
    found = []
    for command in commands:
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append((wall, cpu))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def _child(kind: str, folder: Path, **environment: str) -> Any:  # noqa: ANN401 (JSON)
    """What a process of ours prints last."""
    done = subprocess.run(
        [*_MYSELF, "--child", kind, "--folder", str(folder)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _partitions(folder: Path) -> None:
    folder.mkdir()
    began = time.time()
    _child("company", folder)
    found = _child("partitions", folder, BENCH_STARTED=str(time.time()))
    _head("ab-assets run, small demo company", "wall s", "CPU s")
    _row("from its start to its first SQL", found["first_wall"], found["first_cpu"])
    rest = found["partitions"][1:]
    for what, place in (("a partition", 0), ("of it outside the warehouse's sessions", 2)):
        mean = [sum(one[place + column] for one in rest) / len(rest) for column in (0, 1)]
        _row(f"{what}, mean of {len(rest)}", *mean)
    _row("the same of the first, which imports", *found["partitions"][0][2:])
    print(f"(made and run in {time.time() - began:.0f} s)")


def _make_company(asked: argparse.Namespace) -> None:
    from ab_assets.cli.application import run_application  # noqa: PLC0415
    from ab_assets.cli.demo_command import _prepare  # noqa: PLC0415
    from ab_assets.demo import build_company  # noqa: PLC0415

    folder = asked.folder
    _prepare(folder, build_company(seed=7, users=1_500, days=12), "")
    for target in ("exposures", "events"):
        _succeeded(run_application(["load", target, str(folder / f"{target}.parquet")]))
    own = {name: text for name, text in os.environ.items() if name.startswith(("AB_", "GROW"))}
    own["DAGSTER_HOME"] = os.environ["DAGSTER_HOME"]
    (folder / "environment.json").write_text(json.dumps(own), encoding="utf-8")
    print("{}")


def _run_partitions(asked: argparse.Namespace) -> None:
    os.environ.update(json.loads((asked.folder / "environment.json").read_text(encoding="utf-8")))
    from ab_assets.cli import run_command  # noqa: PLC0415
    from ab_assets.cli.application import run_application  # noqa: PLC0415
    from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse  # noqa: PLC0415

    clock = _Sessions()
    session, partition = DuckDBWarehouse.session, run_command.Runner._partition  # noqa: SLF001
    made = []

    @contextmanager
    def timed_session(self: DuckDBWarehouse) -> Iterator[None]:
        with clock.inside(), session(self):
            yield

    def timed_partition(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        before, inside = (time.perf_counter(), time.process_time()), (clock.wall, clock.cpu)
        outcome = partition(*arguments, **options)
        wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
        made.append((wall, cpu, wall - clock.wall + inside[0], cpu - clock.cpu + inside[1]))
        return outcome

    DuckDBWarehouse.session = timed_session  # type: ignore[method-assign]
    run_command.Runner._partition = timed_partition  # type: ignore[method-assign]  # noqa: SLF001
    start = date.fromisoformat(os.environ["AB_START_DATE"])
    days = ["--from", str(start + timedelta(days=2)), "--to", str(start + timedelta(days=8))]
    code = run_application(["run", "--tag", "retention", *days])
    _succeeded(code, 0, 3)
    first = clock.first or (0.0, 0.0)
    print(json.dumps({"first_wall": first[0], "first_cpu": first[1], "partitions": made}))


def _succeeded(code: int, *right: int) -> None:
    if code not in (right or (0,)):
        message = f"the command ended with {code}"
        raise SystemExit(message)


class _Sessions:
    """Time inside the outermost sessions, and when the first began."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self.first: tuple[float, float] | None = None
        self._depth = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        self._depth += 1
        begun = time.perf_counter(), time.process_time()
        if self.first is None:
            self.first = time.time() - float(os.environ["BENCH_STARTED"]), begun[1]
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self.wall += time.perf_counter() - begun[0]
                self.cpu += time.process_time() - begun[1]


def _load(folder: Path, tags: int, days: int) -> tuple[float, float, float]:
    environment = _many_tags(folder, tags, days)
    found = _child("definitions", folder, **environment)
    return found["wall"], found["cpu"], found["own"]


def _many_tags(folder: Path, tags: int, days: int) -> dict[str, str]:
    """The retention module many times over, with tags of their own."""
    import yaml  # noqa: PLC0415

    text = (ROOT / "sql/modules/retention/module.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    modules = min(MODULES, tags)
    for place in range(modules):
        own = folder / "modules" / f"module_{place}"
        own.mkdir(parents=True, exist_ok=True)
        names = [f"tag_{number}" for number in range(place, tags, modules)]
        made = {**content, "module": own.name, "tags": names}
        (own / "module.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    start = datetime.now(UTC).date() - timedelta(days=days)
    return {
        "AB_MODULES_DIR": str(folder / "modules"),
        "AB_START_DATE": start.isoformat(),
        "AB_WAREHOUSE_URL": f"duckdb://{folder}/ab.duckdb",
        "DAGSTER_HOME": str(folder / "dagster"),
    }


def _load_definitions(_: argparse.Namespace) -> None:
    begun = time.perf_counter()
    import dagster  # noqa: F401, PLC0415

    floor = time.process_time()
    from ab_assets.definitions import defs  # noqa: PLC0415

    defs.get_repository_def().load_all_definitions()
    wall, cpu = time.perf_counter() - begun, time.process_time()
    print(json.dumps({"wall": wall, "cpu": cpu, "own": cpu - floor}))


def _pages(folder: Path, asked: argparse.Namespace) -> None:
    """Dagster's own page server on these definitions, asked what its pages ask."""
    environment = _many_tags(folder, asked.tags, asked.days)
    recorded = _child("events", folder, **environment, BENCH_EVENTS=str(asked.events))
    partitions = asked.tags * asked.days
    _head(f"pages at {partitions:,} partitions, {recorded['events']:,} made", "first s", "then s")
    print(f"{'recording a materialisation, ms':<44}{recorded['ms']:>16.1f}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(BIN / "dagster-webserver"), "-m", "ab_assets.definitions", "-p", str(port)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _row("server: from its start to its first answer", _wait(port))
        for title, query in QUERIES.items():
            times = [_ask(port, query) for _ in range(max(2, asked.runs))]
            _row(title, times[0], min(times[1:]))
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _record_events(_: argparse.Namespace) -> None:
    import dagster as dg  # noqa: PLC0415

    from ab_assets.cli.project import open_project  # noqa: PLC0415
    from ab_assets.running import open_instance  # noqa: PLC0415

    project = open_project().project
    wanted, start = int(os.environ["BENCH_EVENTS"]), project.settings.start_date
    days = (project.settings.yesterday() - start).days
    begun = time.perf_counter()
    with open_instance(project.settings) as instance:
        for number in range(wanted):
            tag = project.catalogue.tags[number % len(project.catalogue.tags)]
            day = start + timedelta(days=number // len(project.catalogue.tags) % days)
            key = dg.MultiPartitionKey({"tag": tag, "event_date": day.isoformat()})
            event = dg.AssetMaterialization("experiment_data", partition=key)
            instance.report_runless_asset_event(event)
    spent = (time.perf_counter() - begun) / wanted * 1000
    print(json.dumps({"events": wanted, "ms": spent}))


def _wait(port: int) -> float:
    begun = time.perf_counter()
    while time.perf_counter() - begun < PATIENCE:
        try:
            _ask(port, "{ version }")
        except OSError:
            time.sleep(0.1)
        else:
            return time.perf_counter() - begun
    message = f"dagster-webserver did not answer within {PATIENCE:.0f} s"
    raise SystemExit(message)


def _ask(port: int, query: str) -> float:
    body = json.dumps({"query": query, "variables": {"key": {"path": ["experiment_data"]}}})
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        body.encode(),
        {"Content-Type": "application/json"},
    )
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        content = json.load(answer)
    spent = time.perf_counter() - begun
    if "errors" in content:
        raise SystemExit(json.dumps(content["errors"])[:2000])
    return spent


_CHILDREN = {
    "company": _make_company,
    "partitions": _run_partitions,
    "definitions": _load_definitions,
    "events": _record_events,
}

if __name__ == "__main__":
    main()
