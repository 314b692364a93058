"""What the client does when the network and the server are not as they should be."""

import logging
import time as real_time
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook.client import GrowthBookClient
from ab_assets.growthbook.limits import Limits
from tests.growthbook.conftest import Time
from tests.growthbook.payloads import a_payload
from tests.growthbook.server import (
    KEY,
    GrowthBookServer,
    Script,
    answers,
    breaks_off,
    drops_the_connection,
    limits_requests,
    never_answers,
    trickles,
)

Build = Callable[..., GrowthBookClient]
FAILS = answers(500, {"message": "boom"})


@pytest.fixture(autouse=True)
def one_experiment(server: GrowthBookServer) -> None:
    server.experiments = [a_payload()]


def test_the_wait_after_too_many_requests_is_ratelimit_reset(
    server: GrowthBookServer, client: Build, time: Time
) -> None:
    server.script = [limits_requests(RateLimit_Reset="18", Retry_After="60")]
    assert len(client().pull().experiments) == 1
    assert time.waits == [18]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "7"}, 7),
        ({"RateLimit_Reset": "soon", "Retry_After": "7"}, 7),
        ({"RateLimit_Reset": "1790000000", "Retry_After": "60"}, 60),  # a time, not a wait
        ({"RateLimit_Reset": "3601", "Retry_After": "60"}, 60),
        ({"Retry_After": "86400"}, 120),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        ({}, 60),
        ({"RateLimit_Reset": "0"}, 1),
        ({"RateLimit_Reset": "-5"}, 60),
    ],
)
def test_without_a_usable_reset_the_wait_falls_back_and_is_bounded(
    server: GrowthBookServer, client: Build, time: Time, headers: dict[str, str], wait: float
) -> None:
    server.script = [limits_requests(**headers)]
    client().pull()
    assert time.waits == [wait]


def test_a_wait_beyond_the_time_budget_is_not_begun(
    server: GrowthBookServer, client: Build, time: Time
) -> None:
    server.script = [limits_requests(RateLimit_Reset="61")]
    with pytest.raises(GrowthBookError, match=r"limits requests.*gave up after 1 try\)"):
        client(total_seconds=60).pull()
    assert time.waits == []


def test_a_server_that_always_limits_is_given_up(
    server: GrowthBookServer, client: Build, time: Time
) -> None:
    server.script = [limits_requests(RateLimit_Reset="1")] * 20
    with pytest.raises(GrowthBookError, match=r"limits requests.*gave up after 4 tries"):
        client(rate_limit_attempts=4).pull()
    assert time.waits == [1, 1, 1]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again_with_growing_waits(
    server: GrowthBookServer, client: Build, time: Time, status: int
) -> None:
    server.script = [answers(status, {"message": "boom"})] * 3
    assert len(client().pull().experiments) == 1
    assert time.waits == [0.5, 1, 2]


def test_a_server_that_keeps_failing_is_given_up_with_its_own_words(
    server: GrowthBookServer, client: Build
) -> None:
    server.script = [FAILS] * 5
    with pytest.raises(GrowthBookError, match=r"HTTP 500 boom.*gave up after 5 tries"):
        client().pull()


def test_waits_between_tries_stop_growing(
    server: GrowthBookServer, client: Build, time: Time
) -> None:
    server.script = [FAILS] * 4
    client(longest_wait_seconds=1).pull()
    assert time.waits == [0.5, 1, 1, 1]


@pytest.mark.parametrize("fault", [drops_the_connection, breaks_off])
def test_a_lost_connection_is_tried_again(
    server: GrowthBookServer, client: Build, time: Time, fault: Script
) -> None:
    server.script = [fault, fault]
    assert len(client().pull().experiments) == 1
    assert time.waits == [0.5, 1]


def test_a_server_that_is_not_there_is_named_with_the_variable_to_look_at(client: Build) -> None:
    with GrowthBookServer() as gone:
        url = gone.url
    with pytest.raises(GrowthBookError, match=rf"{url}.* cannot be reached.*GROWTHBOOK_API_URL"):
        client(url).pull()


def test_an_untrusted_certificate_is_named_and_not_tried_again(
    server: GrowthBookServer, client: Build, time: Time
) -> None:
    with pytest.raises(GrowthBookError, match=r"certificate of https://127.*REQUESTS_CA_BUNDLE"):
        client(server.url.replace("http:", "https:")).pull()
    assert time.waits == []


def test_a_host_name_nobody_can_have_is_not_tried_again(client: Build, time: Time) -> None:
    with pytest.raises(GrowthBookError, match=r"cannot be asked .InvalidURL.*GROWTHBOOK_API_URL"):
        client("http://*.example.com").pull()
    assert time.waits == []


def test_a_silent_server_is_tried_again(
    server: GrowthBookServer, client: Build, time: Time
) -> None:
    server.script = [never_answers]
    assert len(client(read_seconds=0.05).pull().experiments) == 1
    assert time.waits == [0.5]


def test_a_server_that_stays_silent_is_given_up(server: GrowthBookServer, client: Build) -> None:
    server.script = [never_answers] * 2
    with pytest.raises(GrowthBookError, match=r"did not answer within 0\.05 s .gave up after 2"):
        client(read_seconds=0.05, attempts=2).pull()


def test_a_trickling_answer_does_not_outlast_the_time_budget(server: GrowthBookServer) -> None:
    server.script = [trickles]
    client = GrowthBookClient(server.url, SecretStr(KEY), Limits(total_seconds=0.2))
    started = real_time.monotonic()
    with pytest.raises(GrowthBookError, match=r"longer than 0\.2 s altogether"):
        client.pull()
    assert real_time.monotonic() - started < 5


def test_an_answer_without_an_end_is_refused(server: GrowthBookServer, client: Build) -> None:
    server.script = [answers(200, b" " * 5000)]
    with pytest.raises(GrowthBookError, match="longer than 4096 bytes"):
        client(answer_bytes=4096).pull()


@pytest.mark.parametrize("seconds", [30, 31])
def test_the_time_budget_covers_all_requests_of_a_pull(
    server: GrowthBookServer, client: Build, time: Time, seconds: float
) -> None:
    def take_long(_: GrowthBookServer) -> None:
        time.now += seconds

    server.experiments = [a_payload(id=f"exp_{n}", trackingKey=f"k{n}") for n in range(9)]
    server.after_page = take_long
    with pytest.raises(GrowthBookError, match="longer than 60 s altogether"):
        client(total_seconds=60, page_size=3).pull()


def test_a_gzipped_answer_is_read(server: GrowthBookServer, client: Build) -> None:
    import gzip
    import json

    body = gzip.compress(json.dumps({"experiments": [a_payload()], "total": 1}).encode())
    server.script = [answers(200, body, {"Content-Encoding": "gzip"})]
    assert len(client().pull().experiments) == 1


def test_a_redirect_is_not_followed_and_the_other_host_never_sees_the_key(
    server: GrowthBookServer, client: Build
) -> None:
    with GrowthBookServer(experiments=[a_payload()]) as other:
        server.script = [answers(302, b"", {"Location": f"{other.url}/api/v1/experiments"})]
        with pytest.raises(GrowthBookError, match=r"redirects to http://127\.0\.0\.1:.*final"):
            client().pull()
        assert other.requests == []


def test_a_redirect_within_the_host_is_not_followed_either(
    server: GrowthBookServer, client: Build
) -> None:
    server.script = [answers(301, b"", {"Location": "/login?next=/api"})]
    with pytest.raises(GrowthBookError, match="redirects to another path"):
        client().pull()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location", ["http://[::1", "http://evil\x1b[31m/", "//", "javascript:alert(1)"]
)
def test_a_nonsensical_redirect_is_still_a_sentence(
    server: GrowthBookServer, client: Build, location: str
) -> None:
    server.script = [answers(302, b"", {"Location": location})]
    with pytest.raises(GrowthBookError, match="redirects to") as caught:
        client().pull()
    assert "\x1b" not in str(caught.value)


def test_a_netrc_file_does_not_replace_the_key(
    server: GrowthBookServer,
    client: Build,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client().pull()
    assert server.authorizations == [f"Bearer {KEY}"]


def test_the_key_appears_in_no_error_log_or_repr(
    server: GrowthBookServer, client: Build, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"message": f"Invalid API key {KEY}"}
    said = [repr(client()), str(vars(client()))]
    for fault in (
        answers(401, echo),
        answers(400, echo),
        answers(404, echo),
        answers(418, KEY.encode()),
        answers(200, KEY.encode()),
        answers(200, [KEY]),
        answers(302, b"", {"Location": f"http://{KEY}/"}),
    ):
        server.script = [fault]
        with pytest.raises(GrowthBookError) as caught:
            client().pull()
        said += [str(caught.value), repr(caught.value), repr(caught.value.__context__)]
    server.script = [answers(500, echo)] * 2
    with pytest.raises(GrowthBookError, match=r"\*\*\*") as caught:
        client(attempts=2).pull()
    said += [str(caught.value), caplog.text]
    assert KEY not in "".join(said)
