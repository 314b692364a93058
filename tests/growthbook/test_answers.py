"""What each kind of answer says to the person who has to act on it."""

from collections.abc import Callable

import pytest

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook.client import GrowthBookClient
from tests.growthbook.payloads import a_payload
from tests.growthbook.server import GrowthBookServer, answers

Build = Callable[..., GrowthBookClient]


def test_a_wrong_key_is_explained_with_the_variable_to_set(client: Build) -> None:
    with pytest.raises(GrowthBookError, match=r"refused the key \(401 Invalid API key\).*API_KEY"):
        client(key="secret_wrong").pull()


def test_a_missing_key_on_the_way_points_at_a_proxy(
    server: GrowthBookServer, client: Build
) -> None:
    server.script = [answers(400, {"message": "Missing Authorization header"})]
    with pytest.raises(GrowthBookError, match=r"400 Missing Authorization header.*proxy"):
        client().pull()


def test_a_key_without_permission_is_explained_like_a_wrong_one(
    server: GrowthBookServer, client: Build
) -> None:
    server.script = [answers(403, {"message": "You do not have permission"})]
    with pytest.raises(GrowthBookError, match=r"refused the key \(403 You do not"):
        client().pull()


def test_a_wrong_address_is_explained_with_the_variable_to_set(
    server: GrowthBookServer, client: Build
) -> None:
    with pytest.raises(GrowthBookError, match=r"no GrowthBook API at .*API_URL.*not the app's"):
        client(f"{server.url}/somewhere").pull()


def test_a_login_page_is_recognised(server: GrowthBookServer, client: Build) -> None:
    server.script = [answers(200, b"\n<!DOCTYPE html><title>Sign in</title>")]
    with pytest.raises(GrowthBookError, match=r"a web page, not JSON.*login"):
        client().pull()


def test_an_error_page_is_quoted_without_its_markup(
    server: GrowthBookServer, client: Build
) -> None:
    server.script = [answers(451, b"<html><h1>Not\x07 for\n you</h1></html>")]
    with pytest.raises(GrowthBookError, match="HTTP 451 Not\ufffd for you; expected 200"):
        client().pull()


@pytest.mark.parametrize("body", [b"", b"null", b'"text"', b"{}", b"[]"])
def test_an_error_without_a_message_says_so(
    server: GrowthBookServer, client: Build, body: bytes
) -> None:
    server.script = [answers(401, body)]
    with pytest.raises(GrowthBookError, match=r"refused the key \(401"):
        client().pull()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON .Expecting value at line 1, column 1"),
        (b'{"experiments": [}', "no JSON .Expecting value at line 1, column 18"),
        (b"\xff\xfe", "no JSON .byte 0 is not UTF-8"),
        (b'{"experiments": NaN}', "NaN is no JSON number"),
        (b'{"experiments": 1e999}', "the number 1e999 is too large"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"x": ' + b"1" * 5000 + b"}", "no JSON"),
        (b"[1]", "a JSON list, not an object"),
        (b"null", "a JSON NoneType, not an object"),
        (b"{}", "without a list of 'experiments'"),
        (b'{"experiments": {"a": 1}}', "without a list of 'experiments'"),
    ],
)
def test_an_answer_of_the_wrong_shape_says_what_is_wrong(
    server: GrowthBookServer, client: Build, body: bytes, why: str
) -> None:
    server.script = [answers(200, body)]
    with pytest.raises(GrowthBookError, match=why):
        client().pull()


def test_an_answer_with_a_byte_order_mark_is_read(server: GrowthBookServer, client: Build) -> None:
    server.script = [answers(200, b'\xef\xbb\xbf{"experiments": []}')]
    assert client().pull().experiments == ()


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1", "/api/v1/", "//"])
def test_the_address_is_understood_with_and_without_its_end(
    server: GrowthBookServer, client: Build, suffix: str
) -> None:
    server.experiments = [a_payload()]
    snapshot = client(server.url + suffix).pull()
    assert server.requests[0]["path"] == "/api/v1/experiments"
    assert snapshot.source == f"{server.url}/api/v1"
