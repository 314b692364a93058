"""Labels: every load has one, and a database takes each only once.

What belongs here: the loads of a cluster and the states they are in. What does not: rows.
"""

import itertools
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from tests.starrocks.refusals import StarRocksRefusalError


class LabelState(StrEnum):
    """The states of ``information_schema.loads``."""

    PENDING = "PENDING"
    LOADING = "LOADING"
    PREPARED = "PREPARED"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"


class LabelAlreadyUsedError(StarRocksRefusalError):
    """A label that stands for another load already.

    Attributes:
        state: The state that load is in.
    """

    def __init__(self, label: str, state: LabelState) -> None:
        super().__init__(1064, f"Label [{label}] has already been used.")
        self.state = state


@dataclass(frozen=True)
class Load:
    """One load: a row of ``information_schema.loads``.

    Attributes:
        job: Its number, which is its transaction's number too.
        database: The database, which the label is unique in.
        table: The table without its database.
        label: What the client, or the cluster, called it.
        kind: ``INSERT`` or ``STREAM_LOAD``.
        state: Where it is.
        rows: The rows it added.
        filtered: The rows that did not fit.
        error: Why it was cancelled.
        log: What the tracking log says of the rows that did not fit.
        created_at: When it began, UTC.
        finished_at: When it ended, UTC.
    """

    job: int
    database: str
    table: str
    label: str
    kind: str
    state: LabelState
    created_at: datetime
    rows: int = 0
    filtered: int = 0
    error: str = ""
    log: str = ""
    finished_at: datetime | None = None


class LabelRegistry:
    """The loads of a cluster; safe to use from several threads."""

    def __init__(self) -> None:
        self._loads: list[Load] = []
        self._jobs = itertools.count(10001)
        self._guard = threading.Lock()

    def begin(self, database: str, table: str, label: str | None, kind: str) -> Load:
        """Notes a new load as LOADING; without a label it gets one of the cluster's making.

        Raises:
            LabelAlreadyUsedError: The label stands for a load that was not cancelled.
        """
        with self._guard:
            earlier = self._find(database, label) if label else None
            if label and earlier and earlier.state is not LabelState.CANCELLED:
                raise LabelAlreadyUsedError(label, earlier.state)
            job = next(self._jobs)
            load = Load(
                job=job,
                database=database,
                table=table,
                label=label or f"insert_{job}",
                kind=kind,
                state=LabelState.LOADING,
                created_at=_now(),
            )
            self._loads.append(load)
            return load

    def finish(self, load: Load, rows: int) -> None:
        """Notes that the load's rows can be seen."""
        self._change(load, state=LabelState.FINISHED, rows=rows, finished_at=_now())

    def cancel(self, load: Load, error: str, *, filtered: int = 0, log: str = "") -> None:
        """Notes that the load came to nothing; its label may be used again."""
        self._change(
            load,
            state=LabelState.CANCELLED,
            error=error,
            filtered=filtered,
            log=log,
            finished_at=_now(),
        )

    def set_state(self, database: str, label: str, state: LabelState, table: str = "") -> None:
        """Puts a label into a state, as a test wants it; an unknown label becomes known."""
        with self._guard:
            known = self._find(database, label)
        load = known or self.begin(database, table, label, "INSERT")
        self._change(load, state=state)

    def state(self, database: str, label: str) -> LabelState | None:
        """The state of the newest load of that label; None where there is none."""
        with self._guard:
            load = self._find(database, label)
        return load.state if load else None

    def loads(self) -> list[Load]:
        """Every load, oldest first."""
        with self._guard:
            return list(self._loads)

    def _find(self, database: str, label: str | None) -> Load | None:
        found = [load for load in self._loads if load.database == database and load.label == label]
        return found[-1] if found else None

    def _change(self, load: Load, **changes: object) -> None:
        with self._guard:
            index = next(i for i, item in enumerate(self._loads) if item.job == load.job)
            self._loads[index] = replace(self._loads[index], **changes)  # type: ignore[arg-type]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
