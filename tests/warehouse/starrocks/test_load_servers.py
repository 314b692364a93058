from urllib.parse import urlsplit

import pytest

from ab_assets.warehouse.starrocks.load_servers import backend

PATH = "/api/ab/t/_stream_load"


@pytest.mark.parametrize(
    ("front", "named", "reached"),
    [
        ("starrocks:8030", "127.0.0.1:8040", "starrocks:8040"),
        ("starrocks:8030", "localhost:8040", "starrocks:8040"),
        ("10.0.0.7:8030", "[::1]:8040", "10.0.0.7:8040"),
        ("[fd00::7]:8030", "127.0.0.1:8040", "[fd00::7]:8040"),
    ],
)
def test_a_backend_that_calls_itself_loopback_is_reached_at_the_frontend(
    front: str, named: str, reached: str
) -> None:
    assert backend(urlsplit(f"http://{front}{PATH}"), f"http://{named}{PATH}").netloc == reached


@pytest.mark.parametrize(
    ("front", "named"),
    [("127.0.0.1:8030", "127.0.0.1:8040"), ("starrocks:8030", "backend-2:8040")],
)
def test_any_other_backend_is_reached_at_the_address_it_has(front: str, named: str) -> None:
    assert backend(urlsplit(f"http://{front}{PATH}"), f"http://{named}{PATH}").netloc == named
