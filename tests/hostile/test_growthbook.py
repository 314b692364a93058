"""A GrowthBook, or whatever answers in its place, that wants to exhaust or to mislead us."""

import gzip
import json
import tracemalloc
import zlib

import pytest
from pydantic import SecretStr

from ab_assets.errors import GrowthBookError
from ab_assets.growthbook.client import GrowthBookClient
from ab_assets.growthbook.fields import clean_text
from ab_assets.growthbook.limits import Limits
from tests.growthbook.payloads import a_payload, snapshot_of
from tests.growthbook.server import GrowthBookServer, answers
from tests.hostile.corpus import TEXTS, TWINS, UNPRINTED

MEGABYTE = 2**20


def bomb(levels: int, megabytes: int) -> bytes:
    """A few kilobytes that unpack to very many."""
    packed = zlib.compressobj(9, wbits=31)
    body = b"".join(packed.compress(b"[" * MEGABYTE) for _ in range(megabytes)) + packed.flush()
    for _ in range(levels - 1):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize(("levels", "megabytes"), [(1, 20), (2, 40)])
def test_an_answer_that_unpacks_without_end_is_refused_before_it_fills_the_memory(
    levels: int, megabytes: int
) -> None:
    headers = {"Content-Encoding": ", ".join(["gzip"] * levels)}
    limits = Limits(answer_bytes=MEGABYTE, attempts=1)
    with GrowthBookServer() as server:
        server.script = [answers(200, bomb(levels, megabytes), headers)]
        client = GrowthBookClient(server.url, SecretStr("key"), limits=limits)
        tracemalloc.start()
        try:
            with pytest.raises(GrowthBookError, match="is longer than 1048576 bytes"):
                client.pull()
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert most < 16 * MEGABYTE


def test_a_name_of_any_text_is_kept_as_it_is_or_refused() -> None:
    for text in TEXTS:
        payload = json.loads(json.dumps(a_payload(name=text, tags=[text], description=text)))
        snapshot = snapshot_of(payload)
        assert len(snapshot.experiments) + len(snapshot.refused) == 1
        for experiment in snapshot.experiments:
            assert experiment.name == (clean_text(text) or experiment.key)
        for refused in snapshot.refused:
            assert not UNPRINTED & set(str(refused))


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_keys_that_only_look_alike_are_two(one: str, other: str) -> None:
    payloads = [a_payload(id=f"exp_{key!r}", trackingKey=key) for key in (one, other)]
    assert {item.key for item in snapshot_of(*payloads).experiments} == {one, other}
