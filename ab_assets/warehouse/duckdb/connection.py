"""Opening a DuckDB file that other threads and other processes open too.

What belongs here: connections, their settings, the bounded wait for the file's lock, and what is
said when it does not open. What does not: what is done with a connection.

The file is attached under a name of ours instead of being opened: a file ab.duckdb would
otherwise be a catalogue ab beside the schema ab, and DuckDB refuses every name that starts with
ab as ambiguous.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import tenacity

from ab_assets.errors import WarehouseError, WarehouseLockedError
from ab_assets.warehouse.duckdb.explaining import explained
from ab_assets.warehouse.duckdb.limits import DEFAULT_LIMITS, Limits

_CATALOGUE = "warehouse"
_SETTINGS = (
    f"USE {_CATALOGUE}",
    "SET TimeZone = 'UTC'",
    "SET python_enable_replacements = false",  # an unknown table must not become a Python variable
    "SET error_on_division_by_zero = false",  # StarRocks: NULL
    # Rows have no order of their own here, and keeping one takes memory and a core.
    "SET preserve_insertion_order = false",
)
_NO_NETWORK = (
    # json, icu and parquet are built in; nothing is fetched
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
)
_HOLDER = re.compile(r"PID (\d+)")
_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@\s]*@")
_LONGEST_COMMAND = 200


@dataclass
class _SharedFile:
    """A file as this process has it open: one instance, however many threads use it.

    Attributes:
        guard: Held while the file is opened or closed, so that no thread opens what another is
            closing.
        writing: Held while a transaction writes: DuckDB would abort the second one.
        root: The connection that keeps the file attached.
        users: How many connections there are besides it.
    """

    guard: threading.Lock = field(default_factory=threading.Lock)
    writing: threading.RLock = field(default_factory=threading.RLock)
    root: duckdb.DuckDBPyConnection | None = None
    users: int = 0


_files: dict[Path, _SharedFile] = {}
_files_guard = threading.Lock()


@contextmanager
def connected(
    path: Path, lock_seconds: float, limits: Limits = DEFAULT_LIMITS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file, which is made with its folder when it is missing.

    Args:
        path: The file.
        lock_seconds: How long to wait while another process has it open.
        limits: What this process may take, if it has not got the file open already.

    Raises:
        WarehouseLockedError: It was open elsewhere for longer than that.
        WarehouseError: The file cannot be opened or made.
    """
    file = _shared(path)
    with file.guard:
        if file.root is None:
            file.root = _attach(path, lock_seconds, limits)
        connection = file.root.cursor()
        file.users += 1
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        yield connection
    finally:
        connection.close()
        with file.guard:
            file.users -= 1
            if file.users == 0:
                file.root.close()
                file.root = None


def writing(path: Path) -> threading.RLock:
    """The lock that lets one thread of this process write at a time."""
    return _shared(path).writing


def _shared(path: Path) -> _SharedFile:
    with _files_guard:
        return _files.setdefault(path.absolute(), _SharedFile())


def _attach(path: Path, lock_seconds: float, limits: Limits) -> duckdb.DuckDBPyConnection:
    _make_folder(path)
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_is_lock),
        stop=tenacity.stop_after_delay(lock_seconds),
        wait=tenacity.wait_random_exponential(multiplier=0.02, min=0.01, max=1.0),
        reraise=True,
    )
    root = duckdb.connect(":memory:", config=limits.config(path))
    try:
        for setting in _NO_NETWORK:
            root.execute(setting)
        quoted = str(path).replace("'", "''")
        retrying(root.execute, f"ATTACH '{quoted}' AS {_CATALOGUE} (TYPE duckdb)")
    except duckdb.Error as error:
        root.close()
        if _is_lock(error):
            raise WarehouseLockedError(_locked(path, str(error), lock_seconds)) from None
        raise WarehouseError(_unusable(path, str(error))) from None
    return root


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_folder = path.is_dir()
    except OSError as error:
        message = (
            f"the warehouse file {path} cannot be made: {error}; point AB_WAREHOUSE_URL at a "
            "folder you may write"
        )
        raise WarehouseError(message) from None
    if is_folder:
        message = (
            f"the warehouse {path} is a folder; AB_WAREHOUSE_URL has to name a file in it, as "
            f"in duckdb://{path}/ab.duckdb"
        )
        raise WarehouseError(message)


def _is_lock(error: BaseException) -> bool:
    return isinstance(error, duckdb.IOException) and "Could not set lock" in str(error)


def _locked(path: Path, text: str, seconds: float) -> str:
    found = _HOLDER.search(text)
    holder = _describe_process(int(found.group(1))) if found else "another process"
    return (
        f"the warehouse file {path} is open in {holder}, and it stayed so for {seconds:g} s; wait "
        "for that process or end it, or raise AB_WAREHOUSE_LOCK_SECONDS (DuckDB lets one process "
        "at a time open a file)"
    )


def _describe_process(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return f"process {pid}"
    command = " ".join(word.decode(errors="replace") for word in words if word)
    command = _PASSWORD.sub(r"\1:***@", command)[:_LONGEST_COMMAND]
    return f"process {pid} ({command})" if command else f"process {pid}"


def _unusable(path: Path, text: str) -> str:
    first = text.strip().splitlines()[0]
    told = explained(first)
    if told == first:
        told = f"{first}; mend it, or point AB_WAREHOUSE_URL elsewhere"
    return f"the warehouse file {path} cannot be opened: {told}"
