"""The servers a Stream Load is sent on to, by addresses that come from outside.

What belongs here: which address may have the password, and reading the log of refused rows, which
needs none. What does not: the load itself.
"""

import http.client
import ipaddress
import ssl
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.exchange import Times, exchange

_LOG_BYTES = 1 << 16
_LOG_SECONDS = 10.0
_LINES_SHOWN = 5
_LONGEST_LINE = 300


def backend(front: SplitResult, target: str | None) -> SplitResult:
    """Where the body goes: an address of data from outside, which the password is sent to.

    A backend that calls itself 127.0.0.1 shares the frontend's machine or container, as in
    StarRocks's all-in-one image: it is reached by the frontend's name.

    Raises:
        WarehouseError: It is not the load of a backend, or less protected than the frontend.
    """
    try:
        back = urlsplit(target or "")
        known = (back.scheme in ("http", "https")) and back.hostname and back.port
    except ValueError:
        known = False
    if not known or back.path != front.path:
        message = (
            f"{front.netloc} points to no backend's Stream Load; check that http_port in "
            "AB_WAREHOUSE_URL is a StarRocks frontend's HTTP port"
        )
        raise WarehouseError(message)
    if front.scheme == "https" and back.scheme != "https":
        message = (
            f"{front.netloc} points from https to http, where the password would be readable; "
            "nothing was sent"
        )
        raise WarehouseError(message)
    netloc = back.netloc.rpartition("@")[2]  # user information there is none of ours to use
    if _is_loopback(back.hostname) and not _is_loopback(front.hostname):
        netloc = f"{front.netloc.rpartition(':')[0]}:{back.port}"
    return back._replace(netloc=netloc)


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def row_log(url: str, tls: ssl.SSLContext | None) -> list[str]:
    """The first lines of what StarRocks says of each row it refused; in words when there are none.

    Args:
        url: As the answer to the load gave it; empty for none.
        tls: How certificates are checked.
    """
    if not url:
        return []
    try:
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            return ["StarRocks named no address of its log of rows that can be read"]
        found = exchange(
            "GET",
            address,
            {"Connection": "close"},
            b"",
            times=Times(connect=_LOG_SECONDS, answer=_LOG_SECONDS),
            tls=tls,
            most_bytes=_LOG_BYTES,
        )
    except (OSError, ValueError, http.client.HTTPException) as error:
        return [f"its log of rows could not be read ({type(error).__name__})"]
    if found.status != HTTPStatus.OK:
        return [f"its log of rows could not be read (HTTP {found.status})"]
    return _first_lines(found.body)


def _first_lines(log: bytes) -> list[str]:
    lines = [line.strip() for line in log.decode(errors="replace").splitlines()]
    shown = [line[:_LONGEST_LINE] for line in lines if line]
    more = [f"and {len(shown) - _LINES_SHOWN} more lines"] if len(shown) > _LINES_SHOWN else []
    return [*shown[:_LINES_SHOWN], *more]
