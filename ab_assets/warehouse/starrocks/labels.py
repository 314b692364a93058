"""Labels: a load that is sent twice is done once.

What belongs here: labels, what became of them, and sending an INSERT again after its answer was
lost. What does not: the texts.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import NoReturn

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.connection import Answer, StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Patience, StarRocksError
from ab_assets.warehouse.starrocks.text import Text

_USED = re.compile(r"label\b.{0,200}\balready\b.{0,20}\b(?:used|exist)", re.IGNORECASE | re.DOTALL)
_LONGEST_NAME = 60
# All columns: the one that names the database is called otherwise since 3.4.
_LOADS = "SELECT * FROM information_schema.loads WHERE LABEL = %(label)s ORDER BY CREATE_TIME DESC"
_DATABASE = frozenset(["db_name", "database_name"])
_FINISHED = "FINISHED"
_CANCELLED = "CANCELLED"
_UNKNOWN = "UNKNOWN"
_MOST_LABELS = 10


def new_label(name: str) -> str:
    """A label nothing else has, with a name a person finds in ``information_schema.loads``."""
    return f"ab_{name[:_LONGEST_NAME]}_{uuid.uuid4().hex}"


def label_is_used(error: StarRocksError) -> bool:
    """Whether the cluster says that it had the label before."""
    return _USED.search(error.text) is not None


def insert_once(
    connection: StarRocksConnection,
    text_for: Callable[[str], str],
    values: Mapping[str, object],
    *,
    schema: str,
    name: str,
    patience: Patience,
) -> int:
    """Sends an INSERT INTO so that its rows are there once, and returns their number.

    When the answer is lost the text is sent again under the same label, which the cluster refuses
    when the first one counts.

    Raises:
        StarRocksError: The cluster refused it.
        WarehouseError: The load is still running after the whole patience, or nothing is known
            of it.
    """
    label = new_label(name)
    for _ in range(_MOST_LABELS):
        try:
            return connection.execute(text_for(label), values)
        except StarRocksError as error:
            if not label_is_used(error):
                raise
        state, rows = ended(connection, label, patience, schema)
        if state == _FINISHED:
            return rows
        if state != _CANCELLED:
            _refuse(label, f"the cluster has no state for it any more ({state})")
        label = new_label(name)
    message = f"{_MOST_LABELS} loads in a row were cancelled, the last one {label}"
    raise WarehouseError(message)


def overwrite_until_sure(
    connection: StarRocksConnection,
    text_for: Callable[[str], Text],
    *,
    schema: str,
    name: str,
    patience: Patience,
) -> None:
    """Sends an INSERT OVERWRITE until the cluster itself says that it is done.

    A label that is FINISHED is no proof here: it tells that the rows are in a temporary partition,
    and a frontend that restarts before the swap gives the overwrite up. So once nothing runs under
    the label any more, the overwrite is sent anew; doing it twice makes the same partition.

    Raises:
        StarRocksError: The cluster refused it.
        WarehouseError: An earlier attempt is still running after the whole patience.
    """
    label = new_label(name)
    for attempt in range(_MOST_LABELS):
        sent = text_for(label)
        try:
            connection.execute(sent.text, sent.values)
        except StarRocksError as error:
            error.in_doubt = error.in_doubt or attempt > 0
            if not label_is_used(error):
                raise
        else:
            return
        try:
            ended(connection, label, patience, schema)
        except StarRocksError as error:
            error.in_doubt = True
            raise
        label = new_label(name)
    message = f"{_MOST_LABELS} attempts in a row lost their answer, the last one {label}"
    raise WarehouseError(message)


def ended(
    connection: StarRocksConnection, label: str, patience: Patience, schema: str = ""
) -> tuple[str, int]:
    """The state a load came to, and its rows; waits while it runs.

    Args:
        connection: Asks.
        label: Which load.
        patience: How long to wait.
        schema: The database the label is of; empty for any.

    Raises:
        WarehouseError: It is still running after the whole patience.
    """
    started, wait = patience.clock(), patience.first_wait
    while True:
        state, rows = _newest(connection.query(_LOADS, {"label": label}), schema)
        if state in {_FINISHED, _CANCELLED, _UNKNOWN}:
            return state, rows
        if patience.clock() - started >= patience.seconds:
            _refuse(label, f"it is still {state} after {patience.seconds:g} s")
        patience.sleep(wait)
        wait = min(2 * wait, patience.longest_wait)


def _newest(answer: Answer, schema: str) -> tuple[str, int]:
    """The state and the rows of the newest load of a database."""
    names = [column[0].lower() for column in answer.description]
    for row in answer.rows:
        load = dict(zip(names, row, strict=True))
        if not schema or all(load[name] == schema for name in _DATABASE & load.keys()):
            return str(load["state"]), int(load["sink_rows"] or 0)
    return _UNKNOWN, 0


def _refuse(label: str, problem: str) -> NoReturn:
    message = (
        f"the answer to the load {label} was lost and {problem}; look into "
        "information_schema.loads before it is run again"
    )
    raise WarehouseError(message)
