"""Whatever JSON arrives, it becomes a snapshot or an error of ours."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.errors import AbAssetsError
from ab_assets.experiments import Snapshot, config_hash
from ab_assets.growthbook.catalogue import build_catalogue
from ab_assets.growthbook.snapshot_file import read_snapshot_file
from tests.growthbook.payloads import a_payload, a_phase_payload, snapshot_of, some_settings

ANY_TEXT = st.text(st.characters(), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT
    | st.sampled_from(["", "draft", "2026-10-01T00:00:00Z", "9999-12-31T23:59:59Z", "0", "{}"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


def check(snapshot: Snapshot, count: int) -> None:
    assert len(snapshot.experiments) + len(snapshot.refused) <= count
    for experiment in snapshot.experiments:
        assert len(experiment.variations) >= 2
        experiment.name.encode()
        for phase in experiment.phases:
            assert len(phase.weights) == len(experiment.variations)
            assert len(config_hash(experiment, phase)) == 16
    for refused in snapshot.refused:
        refused.reason.encode()
    for text in snapshot.payloads.values():
        json.loads(text)


@given(st.lists(JSON, max_size=3))
def test_any_json_becomes_refusals(payloads: list[object]) -> None:
    check(snapshot_of(*payloads), len(payloads))


def with_one_field_replaced(make: Callable[..., dict[str, object]]) -> st.SearchStrategy[object]:
    return st.sampled_from(sorted(make())).flatmap(
        lambda name: JSON.map(lambda value: make(**{name: value}))
    )


@settings(max_examples=300)
@given(
    payload=with_one_field_replaced(a_payload),
    phase=with_one_field_replaced(a_phase_payload),
    engine=with_one_field_replaced(some_settings),
)
def test_an_experiment_with_any_json_in_any_field_is_taken_or_refused(
    payload: object, phase: object, engine: object
) -> None:
    payloads = [
        payload,
        a_payload(id="exp_2", trackingKey="b", phases=[phase]),
        a_payload(id="exp_3", trackingKey="c", phases=[phase, a_phase_payload()]),
        a_payload(id="exp_4", trackingKey="d", settings=engine),
        a_payload(
            id="exp_5",
            trackingKey="e",
            phases=[a_phase_payload(namespace=phase, trafficSplit=[phase, engine])],
            settings=some_settings(goals=[engine], metricOverrides=[phase]),
        ),
    ]
    check(snapshot_of(*payloads), len(payloads))


@given(st.lists(JSON | st.fixed_dictionaries({"id": JSON, "windowSettings": JSON}), max_size=3))
def test_any_json_becomes_a_catalogue(payloads: list[object]) -> None:
    catalogue = build_catalogue(payloads)
    assert len(catalogue.metrics) + len(catalogue.refused) <= len(payloads)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "snapshot.json"


@given(content=st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_file_is_a_snapshot_or_an_error_of_ours(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with contextlib.suppress(AbAssetsError):
        read_snapshot_file(file)
