"""How fast files of events are loaded, and that memory does not grow with them.

What belongs here: made events, one loading process a size and engine, its rows a second and peak
memory. What does not: what a StarRocks cluster does with the rows: its backend is a process of ours
that counts them, adds up their ids, and throws them away.

    python bench/loading.py [FOLDER]

Peak memory is the whole process's, Python and its libraries included (the row of 0 rows).
"""

from __future__ import annotations

import json
import multiprocessing
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.loading import load_files
from ab_assets.warehouse.starrocks.connection import Answer
from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.load_file import FileLoading
from ab_assets.warehouse.starrocks.location import StarRocksLocation
from ab_assets.warehouse.starrocks.stream_load import StreamLoader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection

    from ab_assets.warehouse.loading_types import FileRows, LoadedFile
    from ab_assets.warehouse.starrocks.load_requests import StreamLoad, StreamLoadResult

SIZES = (0, 500_000, 1_000_000, 2_500_000, 5_000_000)
BATCH = 100_000
NOW = datetime(2026, 2, 1, tzinfo=UTC)
_IDS = re.compile(rb'\{"event_id":"e(\d+)"')
_START = 1_767_225_600_000_000  # 2026-01-01
_DAYS = 14 * 86_400_000_000


def events(first: int, rows: int) -> pl.DataFrame:
    """Some events: the ids count up, everything else is drawn."""
    rng = np.random.default_rng([1, first])
    names = np.array(["session_start", "page_view", "purchase", "search"])
    frame = pl.DataFrame(
        {
            "number": np.arange(first, first + rows),
            "event_name": names[rng.choice(4, rows, p=[0.2, 0.6, 0.05, 0.15])],
            "user": rng.integers(0, 1_000_000, rows),
            "event_time": _START + rng.integers(0, _DAYS, rows),
            "country": np.array(["FR", "DE", "US", "JP", "BR"])[rng.integers(0, 5, rows)],
            "platform": np.array(["ios", "android", "web"])[rng.integers(0, 3, rows)],
            "page": rng.integers(0, 5_000, rows),
            "value": np.where(rng.random(rows) < 0.05, rng.exponential(20.0, rows), np.nan),
        }
    )
    return frame.select(
        event_id=pl.format("e{}", "number"),
        event_name="event_name",
        user_id=pl.format("user-{}", "user"),
        event_time=pl.col("event_time").cast(pl.Datetime("us")),
        session_id=pl.format("session-{}-{}", "user", "page"),
        country="country",
        platform="platform",
        app_version=pl.lit("7.12.1"),
        page_url=pl.format("https://shop.example/catalogue/{}?from=home", "page"),
        value=pl.col("value").fill_nan(None),
        properties=pl.format('{{"position": {}, "list": "recommended"}}', "page"),
    )


def write(folder: Path) -> dict[int, Path]:
    """A Parquet file of each size, the small ones the beginnings of the large one."""
    paths = {rows: folder / f"events-{rows}.parquet" for rows in SIZES if rows}
    with ExitStack() as stack:
        schema = events(0, 1).to_arrow().schema
        writers = {
            rows: stack.enter_context(pq.ParquetWriter(path, schema))
            for rows, path in paths.items()
        }
        for start in range(0, max(SIZES), BATCH):
            batch = events(start, BATCH).to_arrow()
            for rows, writer in writers.items():
                if start < rows:
                    writer.write_table(batch)
    return paths


class Counted:
    """A loader that counts what it sent."""

    def __init__(self, loader: StreamLoader) -> None:
        self._loader = loader
        self.rows = 0

    def load(self, load: StreamLoad) -> StreamLoadResult:
        """Loads one body."""
        self.rows += load.rows
        return self._loader.load(load)


class Statements:
    """Stands in for the MySQL side: an empty cluster that moves every staged row."""

    def __init__(self, loader: Counted) -> None:
        self._loader = loader

    def execute(
        self, text: str, _parameters: Mapping[str, object] | None = None, **_: object
    ) -> int:
        """The rows a statement changes."""
        return self._loader.rows if text.startswith("INSERT INTO `ab_source`.`events`") else 0

    def query(self, text: str, _parameters: Mapping[str, object] | None = None) -> Answer:
        """The rows of a query."""
        counts = {"nameless": [(0,)], "known_ids": [(0, 0)]}
        return Answer((), next((rows for word, rows in counts.items() if word in text), []))


class ToStarRocks:
    """A warehouse that can load files."""

    def __init__(self, port: int) -> None:
        location = StarRocksLocation("127.0.0.1", 9030, port, "ab", "bench", "secret")
        self._loader = Counted(StreamLoader(location))

    def load_file(self, rows: FileRows) -> LoadedFile:
        """Loads one file."""
        statements = Statements(self._loader)
        return FileLoading(
            statements,  # type: ignore[arg-type]
            self._loader,
            lambda _table: None,
            Patience(),
        ).load(rows)


def backend(pipe: Connection) -> None:
    """A frontend and a backend; the pipe is told their port and asked for counts."""
    seen = {"rows": 0, "ids": 0, "bytes": 0}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            if self.headers["Content-Length"] == "0":
                self.send_response(307)
                here = f"http://127.0.0.1:{server.server_address[1]}{self.path}"
                self.send_header("Location", here)
                self._end(b"")
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ids = [int(found) for found in _IDS.findall(body)]
            seen["rows"] += len(ids)
            seen["ids"] += sum(ids)
            seen["bytes"] += len(body)
            counts = dict.fromkeys(("NumberTotalRows", "NumberLoadedRows"), len(ids))
            self.send_response(200)
            self._end(json.dumps({"Status": "Success", **counts}).encode())

        def _end(self, body: bytes) -> None:
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pipe.send(server.server_address[1])
        while pipe.recv():
            pipe.send(dict(seen))
            seen.update(dict.fromkeys(seen, 0))
        server.shutdown()


def load_one(engine: str, target: str, path: Path) -> dict[str, float]:
    """Loads one file in this process and says how long it took and how much it needed."""
    warehouse = DuckDBWarehouse(Path(target)) if engine == "duckdb" else ToStarRocks(int(target))
    begun, used = time.perf_counter(), time.process_time()
    rows = 0
    if path.exists():
        rows = load_files(warehouse, "events", [path], NOW).rows_loaded  # type: ignore[arg-type]
    return {
        "rows": rows,
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - used,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measured(engine: str, target: str, path: Path) -> dict[str, float]:
    """The numbers of a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", engine, target, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def told(engine: str, found: dict[str, float]) -> None:
    rate = found["rows"] / found["seconds"] if found["rows"] else 0
    print(
        f"{engine:9} {found['rows']:>9,} rows {found['seconds']:7.1f} s {found['cpu']:7.1f} CPU-s "
        f"{rate:>9,.0f} rows/s   peak {found['peak']:6.0f} MiB",
        flush=True,
    )


def main(folder: Path, engines: tuple[str, ...]) -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=backend, args=(theirs,))
    server.start()
    port = ours.recv()
    paths = write(folder)
    for rows in SIZES:
        path = paths.get(rows, folder / "none")
        for engine in engines:
            target = str(port) if engine == "starrocks" else str(folder / "ab.duckdb")
            Path(target).unlink(missing_ok=True)
            told(engine, measured(engine, target, path))
        ours.send("counts")
        seen = ours.recv()
        if "starrocks" in engines and (seen["rows"], seen["ids"]) != (
            rows,
            rows * (rows - 1) // 2,
        ):
            message = f"the backend saw {seen}, which is not the file of {rows} rows"
            raise SystemExit(message)
    ours.send(None)
    server.join()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(load_one(sys.argv[2], sys.argv[3], Path(sys.argv[4]))))
    else:
        with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else None) as made:
            main(Path(made), tuple(sys.argv[2:]) or ("duckdb", "starrocks"))
