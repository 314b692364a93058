"""A saved answer of the API, in the three shapes people save."""

import json
from pathlib import Path

import pytest

from ab_assets.errors import ConfigurationError, GrowthBookError
from ab_assets.growthbook.snapshot_file import read_catalogue_file, read_snapshot_file
from tests.growthbook.payloads import a_payload


def saved(folder: Path, content: object) -> Path:
    path = folder / "growthbook.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(
    "content", [{"experiments": [a_payload()]}, [a_payload()], {"experiment": a_payload()}]
)
def test_a_page_a_list_and_a_single_experiment_are_read(tmp_path: Path, content: object) -> None:
    path = saved(tmp_path, content)
    snapshot = read_snapshot_file(path)
    assert [experiment.id for experiment in snapshot.experiments] == ["exp_1"]
    assert snapshot.source == str(path)
    assert snapshot.pulled_at.tzinfo is not None
    assert snapshot.notices == ()


@pytest.mark.parametrize("content", [[], {"experiments": []}])
def test_an_empty_list_is_an_empty_snapshot(tmp_path: Path, content: object) -> None:
    assert read_snapshot_file(saved(tmp_path, content)).experiments == ()


def test_one_page_of_several_is_read_and_called_incomplete(tmp_path: Path) -> None:
    page = {"experiments": [a_payload()], "count": 1, "total": 14, "hasMore": True}
    snapshot = read_snapshot_file(saved(tmp_path, page))
    assert len(snapshot.experiments) == 1
    assert "one page of several (1 of 14 experiments)" in snapshot.notices[0]


def test_an_incomplete_page_without_numbers_is_called_incomplete_too(tmp_path: Path) -> None:
    snapshot = read_snapshot_file(saved(tmp_path, {"experiments": [], "hasMore": True}))
    assert "(? of ? experiments)" in snapshot.notices[0]


def test_fact_metrics_beside_the_experiments_are_read_too(tmp_path: Path) -> None:
    metrics = [{"id": "fact__1", "metricType": "mean"}, {"id": ""}]
    path = saved(tmp_path, {"experiments": [], "factMetrics": metrics})
    snapshot = read_snapshot_file(path)
    assert [metric.id for metric in snapshot.fact_metrics] == ["fact__1"]
    assert len(snapshot.notices) == 1
    assert read_catalogue_file(path).metrics == snapshot.fact_metrics


@pytest.mark.parametrize("content", [[], {"experiments": []}, {"factMetrics": 7}])
def test_a_file_without_fact_metrics_has_an_empty_catalogue(
    tmp_path: Path, content: object
) -> None:
    assert read_catalogue_file(saved(tmp_path, content)).metrics == ()


def test_a_missing_file_is_named_with_the_variable_to_set(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.json"
    with pytest.raises(ConfigurationError, match=rf"no file {missing}; GROWTHBOOK_SNAPSHOT"):
        read_snapshot_file(missing)


@pytest.mark.parametrize("path", ["", "a\x00b"])
def test_what_is_no_file_is_named_with_the_variable_to_set(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read .*GROWTHBOOK_SNAPSHOT"):
        read_snapshot_file(tmp_path / path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no JSON: Expecting value at line 1, column 1"),
        (b'{\n  "experiments": [,]\n}', "is no JSON: Expecting value at line 2, column 19"),
        (b"\xff\xfe{}", "is no JSON: byte 0 is not UTF-8"),
        (b'{"experiments": [NaN]}', "is no JSON: NaN is no JSON number"),
        (b"[" * 100_000, "is no JSON: it is nested too deeply"),
    ],
)
def test_what_is_no_json_says_where(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(GrowthBookError, match=why):
        read_snapshot_file(saved(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (7, "holds a JSON int"),
        ("text", "holds a JSON str"),
        (None, "holds a JSON NoneType"),
        ({}, "holds an object with nothing in it"),
        ({"features": [], "limit": 5}, "holds an object with 'features', 'limit'"),
        ({"experiments": {}}, "holds an object with 'experiments'"),
        ({"experiment": []}, "holds an object with 'experiment'"),
        ({"message": "Invalid API key"}, "holds an error of GrowthBook, 'Invalid API key'"),
    ],
)
def test_another_shape_says_what_it_is_and_what_was_expected(
    tmp_path: Path, content: object, what: str
) -> None:
    with pytest.raises(GrowthBookError, match=f"{what}.*expected a saved answer of GET"):
        read_snapshot_file(saved(tmp_path, content))
