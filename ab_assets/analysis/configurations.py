"""What GrowthBook said, kept in the warehouse with its history.

What belongs here: recording a snapshot and reading the newest one back. What does not: talking to
GrowthBook.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ab_assets.errors import GrowthBookError
from ab_assets.experiments import Snapshot, config_hash
from ab_assets.growthbook.building import build_snapshot
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import StatementLibrary

_EXPERIMENTS = "ab.growthbook_experiments"
_PAYLOADS = "ab.growthbook_payloads"
_PULLS = "ab.growthbook_pulls"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a snapshot added."""

    configurations: int
    new_configurations: int
    new_payloads: int


def record_snapshot(
    warehouse: Warehouse, library: StatementLibrary, snapshot: Snapshot, run_id: str
) -> Recorded:
    """Keeps a snapshot: each new configuration once, and one row for the pull.

    The pull's row goes last: a crash before it leaves history that the next pull finds already
    there, and the newest pull still is the one before.
    """
    # One session: on the embedded warehouse nobody else records between the question and the rows.
    with warehouse.session():
        return _record(warehouse, library, snapshot, run_id)


def _record(
    warehouse: Warehouse, library: StatementLibrary, snapshot: Snapshot, run_id: str
) -> Recorded:
    tables = {name: fixed_table(name) for name in (_EXPERIMENTS, _PAYLOADS, _PULLS)}
    for table in tables.values():
        warehouse.ensure(table)
    snapshot = replace(snapshot, pulled_at=_after_newest(warehouse, library, snapshot.pulled_at))
    known = set(
        warehouse.fetch(library.render("growthbook/known_configurations.sql", {})).iter_rows()
    )
    configurations = [
        row
        for row in _configuration_rows(snapshot)
        if (row["experiment_id"], row["phase_index"], row["config_hash"]) not in known
    ]
    hashes = {_payload_hash(text): text for text in snapshot.payloads.values()}
    kept = set(
        warehouse.fetch(library.render("growthbook/known_payloads.sql", {})).to_series().to_list()
    )
    payloads = [
        {"payload_hash": key, "payload": text, "first_seen_at": _naive(snapshot.pulled_at)}
        for key, text in hashes.items()
        if key not in kept
    ]
    for name, rows in (
        (_EXPERIMENTS, configurations),
        (_PAYLOADS, payloads),
        (_PULLS, [_pull_row(snapshot, hashes, run_id)]),
    ):
        if rows:
            warehouse.append(tables[name], frame_of(tables[name], rows))
    total = sum(len(item.phases) for item in snapshot.experiments)
    return Recorded(total, len(configurations), len(payloads))


def _after_newest(warehouse: Warehouse, library: StatementLibrary, pulled_at: datetime) -> datetime:
    """When a pull counts as made: after the newest there is, also when the clock was set back."""
    newest = warehouse.fetch(library.render("growthbook/newest_pull.sql", {}))
    if newest.is_empty():
        return pulled_at
    last: datetime = newest["pulled_at"].item()
    return max(pulled_at, last.replace(tzinfo=UTC) + timedelta(microseconds=1))


def _pull_row(snapshot: Snapshot, hashes: Iterable[str], run_id: str) -> dict[str, object]:
    return {
        "pulled_at": _naive(snapshot.pulled_at),
        "source": snapshot.source,
        "experiments": len(snapshot.experiments),
        "refused": json.dumps([_refusal(item) for item in snapshot.refused]),
        "contents": json.dumps(sorted(hashes)),
        "run_id": run_id,
    }


def stored_snapshot(warehouse: Warehouse, library: StatementLibrary) -> Snapshot | None:
    """The newest recorded snapshot, or ``None`` before the first pull.

    Raises:
        GrowthBookError: The pull that holds its content is gone.
    """
    if not warehouse.columns(_PULLS):
        return None
    newest = warehouse.fetch(library.render("growthbook/newest_pull.sql", {}))
    if newest.is_empty():
        return None
    row = newest.row(0, named=True)
    hashes = json.loads(row["contents"])
    texts = _payload_texts(warehouse, library, hashes)
    missing = [key for key in hashes if key not in texts]
    if missing:
        message = f"{_PAYLOADS} lost {len(missing)} answers of the newest pull; pull again"
        raise GrowthBookError(message)
    return build_snapshot(
        [json.loads(texts[key]) for key in hashes],
        source=row["source"],
        pulled_at=row["pulled_at"].replace(tzinfo=UTC),
    )


def required_snapshot(warehouse: Warehouse, library: StatementLibrary) -> Snapshot:
    """The newest recorded snapshot.

    Raises:
        GrowthBookError: Nothing was pulled yet.
    """
    snapshot = stored_snapshot(warehouse, library)
    if snapshot is None:
        message = (
            "no experiments are known yet; run `ab-assets growthbook pull` "
            "(or materialise growthbook/experiments)"
        )
        raise GrowthBookError(message)
    return snapshot


def _configuration_rows(snapshot: Snapshot) -> list[dict[str, object]]:
    first_seen = _naive(snapshot.pulled_at)
    return [
        {
            "experiment_id": item.id,
            "experiment_key": item.key,
            "experiment_name": item.name,
            "phase_index": phase.index,
            "config_hash": config_hash(item, phase),
            "status": item.status,
            "archived": item.archived,
            "tags": json.dumps(item.tags),
            "hash_attribute": item.hash_attribute,
            "phase_name": phase.name,
            "phase_start": _naive(phase.started_at),
            "phase_end": _naive(phase.ended_at) if phase.ended_at else None,
            "seed": phase.seed,
            "coverage": phase.coverage,
            "weights": json.dumps(phase.weights),
            "variations": json.dumps(
                [{"id": v.id, "key": v.key, "name": v.name} for v in item.variations]
            ),
            "reseeded": phase.reseeded,
            "first_seen_at": first_seen,
            "raw": snapshot.payloads[item.id],
        }
        for item in snapshot.experiments
        for phase in item.phases
    ]


def _payload_texts(
    warehouse: Warehouse, library: StatementLibrary, hashes: list[str]
) -> dict[str, str]:
    if not hashes:
        return {}
    statement = library.render(
        "growthbook/payloads.sql",
        {f"payload_hash_{number}": key for number, key in enumerate(hashes)},
        hashes=range(len(hashes)),
    )
    return dict(warehouse.fetch(statement).iter_rows())


def _payload_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _refusal(item: object) -> Mapping[str, object]:
    return {name: getattr(item, name) for name in ("id", "name", "reason", "is_draft")}


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
