"""One file's rows into StarRocks, all or nothing and once.

What belongs here: the order in which a file is staged and booked, and what a second try of it
finds. What does not: the texts (``load_texts``), staging tables, Stream Load.

StarRocks has no transaction over several tables, so each step has a label made of the file's
content, which the cluster takes once: rows, then rejects, then the ledger. A load that was killed
between two of them is completed by loading the file again. The cluster forgets labels after three
days (``label_keep_max_second``): until then at the latest a killed load has to be run again.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import polars as pl

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.loading_types import ROW_NUMBER, Chunk, FileRows, LoadedFile
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.starrocks import load_texts
from ab_assets.warehouse.starrocks.connection import StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Patience, StarRocksError
from ab_assets.warehouse.starrocks.labels import ended, label_is_used
from ab_assets.warehouse.starrocks.load_fitting import fitting
from ab_assets.warehouse.starrocks.schema import read_tables
from ab_assets.warehouse.starrocks.staging import (
    Filling,
    Loads,
    Stage,
    drop_leftovers,
    made,
    staging_definition,
)
from ab_assets.warehouse.starrocks.text import Text
from ab_assets.warehouse.tables import Column, TableDefinition

_BUCKETS = 4
_FINISHED, _CANCELLED = "FINISHED", "CANCELLED"
_MOST_TRIES = 5


@dataclass(frozen=True)
class FileLoading:
    """What loads files.

    Attributes:
        connection: Sends statements.
        loader: Sends rows.
        ensure: Makes a table, or adds its new columns.
        patience: How long to wait for a load that still runs.
        replication_num: Copies StarRocks keeps of each tablet of a staging table.
    """

    connection: StarRocksConnection
    loader: Loads
    ensure: Callable[[TableDefinition], None]
    patience: Patience
    replication_num: int = 1

    def load(self, rows: FileRows) -> LoadedFile:
        """Loads one file; content that is in the ledger already adds nothing.

        Raises:
            LoadError: The file cannot be read to its end; nothing was added.
            WarehouseError: StarRocks refused something; loading the file again goes on from there.
        """
        rejected, ledger = fixed_table("ab_source.rejected"), fixed_table("ab_source.loads")
        for table in (rows.table, rejected, ledger):
            self.ensure(table)
        earlier = self._booked(rows.label)
        if earlier is not None:
            return earlier
        self._drop_leftovers({rows.table.schema, rejected.schema})
        with ExitStack() as stack:
            stage = _Staging(self, rows, rejected, stack)
            for chunk in rows.chunks:
                stage.add(chunk)
            return self._book(rows, stage.rows(), stage.rejects())

    def _book(self, rows: FileRows, stage: Stage, rejects: Stage | None) -> LoadedFile:
        label = f"ab_load_{rows.label}"
        nameless = bool(
            rows.identity and self._one(load_texts.count_nameless(rows.identity, stage))[0]
        )
        is_in = ended(self.connection, label, self.patience)[0] == _FINISHED
        repeated, known = self._ids(rows, stage, nameless=nameless, is_in=is_in)
        inserted = self._insert_once(
            label, load_texts.insert_rows(rows, stage, label, nameless=nameless)
        )
        if inserted is None and (earlier := self._booked(rows.label)):
            return earlier  # another process loaded the same file meanwhile
        if inserted not in (None, stage.rows):
            message = (
                f"{stage.rows} rows were staged, but StarRocks says it added {inserted} to "
                f"{rows.table.qualified} (label {label}); look at the table before going on"
            )
            raise WarehouseError(message)
        refused = rejects.rows if rejects else 0
        if rejects:
            label = f"ab_rejects_{rows.label}"
            self._insert_once(label, load_texts.insert_rejects(rejects, label))
        label = f"ab_ledger_{rows.label}"
        self._insert_once(label, load_texts.insert_ledger(rows, label, stage.rows, refused))
        return LoadedFile(
            stage.rows + refused, stage.rows, refused, repeated_ids=repeated, known_ids=known
        )

    def _booked(self, label: str) -> LoadedFile | None:
        found = self.connection.query(load_texts.LEDGER, {"label": label}).rows
        if not found:
            return None
        read, loaded, refused = found[0]
        return LoadedFile(int(read), int(loaded), int(refused), already_loaded=True)

    def _ids(self, rows: FileRows, stage: Stage, *, nameless: bool, is_in: bool) -> tuple[int, int]:
        if rows.identity is None:
            return 0, 0
        counted = load_texts.count_ids(rows, rows.identity, stage, nameless=nameless, is_in=is_in)
        repeated, known = self._one(counted.text, counted.values)
        return int(repeated or 0), int(known or 0)

    def _insert_once(self, label: str, text: Text) -> int | None:
        """The rows an INSERT added; None when the label says that an earlier one did."""
        for _ in range(_MOST_TRIES):
            try:
                return self.connection.execute(text.text, text.values)
            except StarRocksError as error:
                if not label_is_used(error):
                    raise
            state, _rows = ended(self.connection, label, self.patience)
            if state == _FINISHED:
                return None
            if state != _CANCELLED:
                break
        message = (
            f"the load {label} was begun before and the cluster does not say how it ended "
            f"({state}); look into information_schema.loads before it is run again"
        )
        raise WarehouseError(message)

    def _drop_leftovers(self, schemas: set[str]) -> None:
        for schema in sorted(schemas):
            drop_leftovers(self.connection, schema, read_tables(self.connection, schema))

    def _one(self, text: str, values: Mapping[str, object] | None = None) -> tuple[int | None, ...]:
        return self.connection.query(text, values).rows[0]


class _Staging:
    """The rows and the rejects of a file, each in a staging table of their own."""

    def __init__(
        self, loading: FileLoading, rows: FileRows, rejected: TableDefinition, stack: ExitStack
    ) -> None:
        self._loading = loading
        self._rows = rows
        self._rejected = rejected
        self._stack = stack
        number = Column(ROW_NUMBER, "BIGINT")
        self._stage = staging_definition(rows.table, extra=(number,), buckets=_BUCKETS)
        self._filling = self._begin(self._stage)
        self._rejects: tuple[TableDefinition, Filling] | None = None

    def add(self, chunk: Chunk) -> None:
        """Stages a chunk."""
        kept = fitting(chunk, self._rows.table)
        self._filling.add(kept.rows)
        if kept.rejects.is_empty():
            return
        if self._rejects is None:
            definition = staging_definition(self._rejected)
            self._rejects = definition, self._begin(definition)
        self._rejects[1].add(self._booked(kept.rejects))

    def rows(self) -> Stage:
        """The rows, all staged."""
        return Stage(self._stage, self._rows.table.columns, self._filling.end())

    def rejects(self) -> Stage | None:
        """The rejects, all staged; None when there are none."""
        if self._rejects is None:
            return None
        definition, filling = self._rejects
        return Stage(definition, self._rejected.columns, filling.end())

    def _begin(self, definition: TableDefinition) -> Filling:
        loading = self._loading
        self._stack.enter_context(made(loading.connection, definition, loading.replication_num))
        return Filling(loading.loader, definition)

    def _booked(self, rejects: pl.DataFrame) -> pl.DataFrame:
        rows = self._rows
        return rejects.select(
            load_label=pl.lit(rows.label),
            source_file=pl.lit(rows.source_file),
            target=pl.lit(rows.target),
            row_number=ROW_NUMBER,
            reason="reason",
            raw="raw",
            loaded_at=pl.lit(load_texts.naive(rows.loaded_at)),
        )
