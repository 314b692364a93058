from pathlib import Path

import pytest

from tests.small_world import World

EXPOSURES = """user_id,experiment_key,variation_key,exposed_at,country,shoe_size
u1,streak,0,2025-03-03 10:00:00,AT,44
u2,streak,1,yesterday,AT,45
,streak,1,2025-03-03 11:00:00,AT,46
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "more [of them].csv"
    path.write_text(EXPOSURES, encoding="utf-8")
    return path


def test_rows_that_cannot_be_read_are_kept_counted_and_told(
    loaded: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = loaded.table("ab_source.exposures").height
    assert loaded.ab("load", "exposures", str(file)) == 0
    assert loaded.table("ab_source.exposures").height == before + 1
    rejected = loaded.query("SELECT row_number, reason FROM ab_source.rejected ORDER BY row_number")
    assert rejected["row_number"].to_list() == [2, 3]
    assert "exposed_at" in rejected["reason"][0]
    told = capsys.readouterr().err
    assert "ab_source.rejected" in told
    assert "more [of them].csv: columns shoe_size" in told


def test_the_same_content_again_adds_nothing(
    loaded: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded.ab("load", "exposures", str(file))
    before = loaded.tables()
    assert loaded.ab("load", "exposures", str(file)) == 0
    assert "nothing added" in " ".join(capsys.readouterr().err.split())
    after = loaded.tables()
    assert all(after[name].equals(frame) for name, frame in before.items())


def test_events_that_share_an_id_are_told_and_kept(
    loaded: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.csv"
    row = "e,visit,u1,2025-03-03 10:00:00\n"
    path.write_text("event_id,event_name,user_id,event_time\n" + row * 3, encoding="utf-8")
    before = loaded.table("ab_source.events").height
    assert loaded.ab("load", "events", str(path)) == 0
    assert "share an event_id; all are kept" in " ".join(capsys.readouterr().err.split())
    assert loaded.table("ab_source.events").height == before + 3


def test_events_go_to_the_events(loaded: World, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    line = '{"event_name": "visit", "user_id": "u1", "event_time": "2025-03-03T10:00:00Z"}\n'
    path.write_text(line * 2, encoding="utf-8")
    before = loaded.table("ab_source.events").height
    assert loaded.ab("load", "events", str(path)) == 0
    assert loaded.table("ab_source.events").height == before + 2


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("wrong.csv", "user,experiment_key\nu1,streak\n", "missing: user_id"),
        ("empty.csv", "", "no rows"),
        ("what.xlsx", "x", "suffix"),
        ("broken.parquet", "x", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_and_changes_nothing(  # noqa: PLR0917
    loaded: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
    told: str,
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    before = loaded.table("ab_source.exposures").height
    assert loaded.ab("load", "exposures", str(path)) == 1
    shown = capsys.readouterr().err
    assert str(path) in shown
    assert told in shown
    assert loaded.table("ab_source.exposures").height == before


def test_one_wrong_file_keeps_the_others_out_too(loaded: World, file: Path, tmp_path: Path) -> None:
    before = loaded.table("ab_source.exposures").height
    assert loaded.ab("load", "exposures", str(file), str(tmp_path / "none.csv")) == 1
    assert loaded.table("ab_source.exposures").height == before
