"""StarRocks's errors in words that say what to do.

What belongs here: what is added to an answer of the cluster, and what is taken out. What does not:
whether to try again (errors.py).
"""

import re

from pymysql.constants import CR

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.connection import StarRocksConnection
from ab_assets.warehouse.starrocks.errors import Kind, StarRocksError
from ab_assets.warehouse.starrocks.location import StarRocksLocation

_TRACKING = re.compile(r"load_tracking_logs where job_id\s*=\s*(\d+)", re.IGNORECASE)
_LOG = (
    "SELECT TRACKING_LOG FROM information_schema.load_tracking_logs WHERE JOB_ID = %(job)s LIMIT 1"
)
_LONGEST_LOG = 1000
_SHORTEST_SECRET = 4  # a shorter password is found in ordinary words


def explained(
    error: StarRocksError, location: StarRocksLocation, connection: StarRocksConnection
) -> str:
    """The error as a sentence, with what StarRocks says elsewhere about it and a remedy."""
    parts = [str(error), _remedy(error, location), _rows(error, connection)]
    text = "; ".join(part for part in parts if part)
    if len(location.password) >= _SHORTEST_SECRET:
        text = text.replace(location.password, "***")
    return text


def _remedy(error: StarRocksError, location: StarRocksLocation) -> str:
    place = f"{location.host}:{location.port}"
    if error.code == CR.CR_SSL_CONNECTION_ERROR or "certificate" in error.text.lower():
        return f"check ssl_ca in AB_WAREHOUSE_URL, and the certificate of {place}"
    if error.kind is Kind.UNREACHABLE:
        return f"nothing answers at {place}: check the cluster, and the address in AB_WAREHOUSE_URL"
    if error.kind is Kind.DENIED:
        return f"check host, user and password of {place} in AB_WAREHOUSE_URL, and its grants"
    if error.kind is Kind.UNKNOWN:
        return "the connection was lost and the cluster did not come back in time"
    if error.timed_out:
        return (
            f"raise query_timeout in AB_WAREHOUSE_URL (it is {location.query_timeout} s) when the "
            "work takes longer"
        )
    return ""


def _rows(error: StarRocksError, connection: StarRocksConnection) -> str:
    """What the cluster kept of the rows it refused: the error itself says only that there were."""
    found = _TRACKING.search(error.text)
    if found is None:
        return ""
    try:
        answer = connection.query(_LOG, {"job": int(found[1])})
    except WarehouseError as failed:
        return f"the log of the refused rows cannot be read ({failed})"
    log = str(answer.rows[0][0]).strip() if answer.rows else ""
    return f"refused rows: {log[:_LONGEST_LOG]}" if log else ""
