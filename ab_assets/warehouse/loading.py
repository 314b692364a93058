"""Files into ``ab_source``: the whole way.

What belongs here: targets, content labels, checking headers before anything is written, the
report. What does not: formats (loading_sources.py), rows (loading_rows.py), writing (the
warehouse).
"""

import difflib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from ab_assets.errors import ConfigurationError, LoadError
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.loading_rows import Target, clean
from ab_assets.warehouse.loading_sources import Source, open_source
from ab_assets.warehouse.loading_types import Chunk, FileRows
from ab_assets.warehouse.schema import fixed_table

TargetName = Literal["exposures", "events"]
_REASONS_SHOWN = 3


@dataclass(frozen=True)
class FileReport:
    """What became of one file.

    Attributes:
        path: The file.
        label: The hash of target and content.
        rows_read: Rows in the file.
        rows_loaded: Rows added.
        rows_rejected: Rows in ``ab_source.rejected``.
        already_loaded: The same content was loaded before; nothing was added, the counts are those
            of then.
        unknown_columns: Columns of the file that the table does not have; they were left out.
        absent_columns: Columns of the table that the file does not have; they are NULL.
        repeated_ids: Events whose id another row of the file has; all are kept.
        known_ids: Events whose id was in the table before; all are kept.
        reasons: The first reasons of rejected rows.
    """

    path: Path
    label: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    already_loaded: bool
    unknown_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]
    repeated_ids: int
    known_ids: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class LoadReport:
    """What became of the files of one load."""

    target: TargetName
    files: tuple[FileReport, ...]

    @property
    def rows_loaded(self) -> int:
        """Rows this load added."""
        return sum(file.rows_loaded for file in self.files if not file.already_loaded)

    @property
    def rows_rejected(self) -> int:
        """Rows this load put aside."""
        return sum(file.rows_rejected for file in self.files if not file.already_loaded)


def target_named(name: str) -> Target:
    """The target of that name.

    Raises:
        ConfigurationError: There is none.
    """
    if name == "exposures":
        ids = frozenset(["user_id", "experiment_key", "variation_key"])
        needed = ("user_id", "experiment_key", "variation_key", "exposed_at")
        return Target(name, fixed_table("ab_source.exposures"), needed, ids, None)
    if name == "events":
        ids = frozenset(["event_id", "user_id", "session_id", "device_id"])
        required = ("event_name", "user_id", "event_time")
        return Target(name, fixed_table("ab_source.events"), required, ids, "event_id")
    message = f"{name!r} cannot be loaded; load 'exposures' or 'events'"
    raise ConfigurationError(message)


def load_files(
    warehouse: Warehouse,
    target: TargetName,
    paths: Sequence[Path],
    now: datetime,
    progress: Callable[[Path, int], None] | None = None,
) -> LoadReport:
    """Loads files, each in one transaction, each content once.

    All files are looked at before the first is written, so that a wrong name or header changes
    nothing.

    Args:
        warehouse: Where to.
        target: ``exposures`` or ``events``.
        paths: Parquet, CSV or NDJSON files.
        now: The (aware) time the load is booked under.
        progress: Told the file and the rows read of it so far.

    Raises:
        LoadError: A file cannot be loaded at all; files before it stay loaded.
    """
    wanted = target_named(target)
    sources = [(Path(path), _checked(Path(path), wanted)) for path in paths]
    files = [
        _load(warehouse, _Watched(source, wanted, path, progress), now) for path, source in sources
    ]
    return LoadReport(target, tuple(files))


def content_label(target: str, path: Path) -> str:
    """The hash of a target and the bytes of a file: what makes a load happen once."""
    digest = hashlib.sha256(target.encode() + b"\0")
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:32]


def _checked(path: Path, target: Target) -> Source:
    source = open_source(path, target.ids)
    missing = [name for name in target.required if name not in source.columns]
    if missing:
        hints = [_hint(name, source.columns) for name in missing]
        message = (
            f"{path}: {target.name} need the columns {', '.join(target.required)}; missing: "
            f"{', '.join(hints)}; found: {', '.join(source.columns) or 'none'}"
        )
        raise LoadError(message)
    return source


def _hint(name: str, columns: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, columns, n=1, cutoff=0.6)
    return f"{name} (is it {near[0]!r}?)" if near else name


def _load(warehouse: Warehouse, file: "_Watched", now: datetime) -> FileReport:
    target, path = file.target, file.path
    label = content_label(target.name, path)
    rows = FileRows(
        label, str(path), target.name, target.table, file.chunks(), now, target.identity
    )
    done = warehouse.load_file(rows)
    return FileReport(
        path=path,
        label=label,
        rows_read=done.rows_read,
        rows_loaded=done.rows_loaded,
        rows_rejected=done.rows_rejected,
        already_loaded=done.already_loaded,
        unknown_columns=file.unknown,
        absent_columns=file.absent,
        repeated_ids=done.repeated_ids,
        known_ids=done.known_ids,
        reasons=file.reasons,
    )


class _Watched:
    """The cleaned chunks of a file, and what was seen in passing."""

    def __init__(
        self,
        source: Source,
        target: Target,
        path: Path,
        progress: Callable[[Path, int], None] | None,
    ) -> None:
        self._source = source
        self.target = target
        self.path = path
        self._progress = progress
        self._columns = dict.fromkeys(source.columns)
        self._reasons: dict[str, None] = {}

    @property
    def unknown(self) -> tuple[str, ...]:
        known = self.target.table.column_names
        return tuple(name for name in self._columns if name not in known)

    @property
    def absent(self) -> tuple[str, ...]:
        return tuple(name for name in self.target.table.column_names if name not in self._columns)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(self._reasons)[:_REASONS_SHOWN]

    def chunks(self) -> Iterator[Chunk]:
        read = 0
        for raw in self._source.chunks():
            try:
                chunk = clean(raw, self.target)
            except LoadError as error:
                message = f"{self.path}: {error}"
                raise LoadError(message) from None
            self._columns.update(
                dict.fromkeys(name for name in raw.rows.columns if name != "row_number")
            )
            if len(self._reasons) < _REASONS_SHOWN:
                self._reasons.update(dict.fromkeys(chunk.rejects["reason"].head(_REASONS_SHOWN)))
            read += chunk.rows.height + chunk.rejects.height
            if self._progress is not None:
                self._progress(self.path, read)
            yield chunk
