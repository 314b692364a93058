"""Rows of the health table, written as the assets write them."""

import json
from datetime import UTC, date, datetime

from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.interface import Provenance, Warehouse
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table
from tests.alerts.builders import DAY, TAG


def a_row(**changes: object) -> dict[str, object]:
    return {
        "module": "shop_module",
        "experiment_id": "exp_basket",
        "experiment_key": "basket",
        "experiment_name": "Basket",
        "phase_index": 0,
        "check_name": "sample_ratio",
        "dimension": "",
        "dimension_value": "",
        "status": "fail",
        "value": 0.0001,
        "threshold": 0.001,
        "p_value": 0.0001,
        "detail": json.dumps({"observed": {"0": 160, "1": 40}}),
        "message": "too few units in variation 1",
        **changes,
    }


def write(
    warehouse: Warehouse,
    *rows: dict[str, object],
    tag: str = TAG,
    day: date = DAY,
    path: str = "full",
) -> None:
    """One partition of health, as the asset writes it."""
    table = fixed_table(HEALTH_TABLE)
    warehouse.ensure(table)
    partition: dict[str, str | date] = {"tag": tag, "event_date": day}
    frame = frame_of(table, [{**row, **partition} for row in rows])
    record = Provenance(tag, day, "c", "s", "r", path, datetime.now(UTC))
    warehouse.overwrite_rows(table, partition, frame, record)
