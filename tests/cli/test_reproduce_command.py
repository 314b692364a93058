"""``ab-assets reproduce``, as a doubter calls it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.growthbook.payloads import a_phase_payload, a_split, some_variations
from tests.small_world import World, day, streak
from tests.small_world_copies import loaded_world, made_world

ASKED = ("reproduce", "--tag", "habit", "--experiment", "streak", "--metric", "visits_per_user")
Say = Callable[..., str]


@pytest.fixture(scope="module")
def habit(tmp_path_factory: pytest.TempPathFactory) -> World:
    with pytest.MonkeyPatch.context() as patch:
        return made_world(Path(tmp_path_factory.mktemp("reproduce")), patch)


@pytest.fixture(autouse=True)
def _entered(habit: World, monkeypatch: pytest.MonkeyPatch) -> None:
    habit.enter(monkeypatch)


def test_it_shows_where_the_number_stands_and_the_lines_that_give_it(
    habit: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert habit.ab(*ASKED) == 0
    shown = capsys.readouterr().out
    assert (
        f"table ab.tbl_report_user_habits_habit, partition tag = habit, event_date = {day(2)}"
        in shown
    )
    assert "by run " in shown
    assert "experiment_id = 'streak'" in shown or "experiment_id = '" in shown
    assert "import duckdb" in shown
    assert "ab_assets" not in shown


@pytest.mark.parametrize(
    "more", [[], ["--from-source", "--column", "abs_diff"]], ids=["wide rows", "source"]
)
def test_run_shows_both_numbers_and_ends_well_when_they_agree(
    habit: World, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert habit.ab(*ASKED, "--run", *more) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("# abs_diff ") for line in lines)
    assert "DIFFERS" not in "\n".join(lines)


def test_a_number_that_was_tampered_with_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = made_world(tmp_path, monkeypatch)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{world.root}/ab.duckdb' AS w")
        connection.execute("UPDATE w.ab.tbl_report_user_habits_habit SET mean = mean * 1.001")
    assert world.ab(*ASKED, "--column", "mean", "--run") == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_wide_rows_that_were_dropped_are_told_and_the_source_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = made_world(tmp_path, monkeypatch)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{world.root}/ab.duckdb' AS w")
        connection.execute("DELETE FROM w.ab.tbl_wide_user_habits_habit")
    assert world.ab(*ASKED, "--column", "mean", "--run") == 0
    shown = capsys.readouterr().out
    assert "no longer kept" in shown
    assert "exposures" in shown


def test_the_written_script_runs_alone(habit: World, tmp_path: Path) -> None:
    path = tmp_path / "check.py"
    columns = ("--column", "abs_diff", "--column", "users")
    assert habit.ab(*ASKED, *columns, "--output", str(path)) == 0
    ended = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["abs_diff", "users"]


def test_the_notebook_has_the_same_lines(habit: World, tmp_path: Path) -> None:
    path, script = tmp_path / "check.ipynb", tmp_path / "check.py"
    assert habit.ab(*ASKED, "--notebook", str(path), "--output", str(script)) == 0
    notebook = json.loads(path.read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(text in script.read_text() for text in code)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (["--tag", "habbit"], "did you mean 'habit'"),
        (["--experiment", "strek"], "did you mean 'streak'"),
        (["--metric", "visits_per_use"], "did you mean 'visits_per_user'"),
        (["--column", "colour"], "cannot be reproduced"),
        (["--date", "yesterday"], "is no date"),
        (["--output", "/no/such/folder/x.py"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    habit: World, capsys: pytest.CaptureFixture[str], changed: list[str], told: str
) -> None:
    assert habit.ab(*ASKED, *changed) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_the_variation_that_was_taken_is_told_apart_from_the_lines(
    habit: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert habit.ab(*ASKED) == 0
    shown = capsys.readouterr()
    assert "took variation '1'" in shown.err
    assert "--variation chooses another: '0'" in shown.err
    assert "took variation" not in shown.out
    assert habit.ab(*ASKED, "--variation", "1") == 0
    assert not capsys.readouterr().err


def test_a_report_without_rows_says_why(habit: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert habit.ab(*ASKED, "--tag", "quiet") == 2
    assert "has no rows" in capsys.readouterr().err


def test_hostile_names_and_values_are_only_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key, variation = 'st\'r;"""e*/ -- \\é🙂', "1'; DROP TABLE x; -- */"
    value = 'we\'b\n""" */ -- \\; é🙂'
    world = loaded_world(tmp_path, monkeypatch)
    world.say(streak(trackingKey=key, name=value, variations=some_variations("0", variation)))
    with duckdb.connect(str(world.root / "ab.duckdb")) as connection:
        connection.execute(
            "UPDATE ab_source.exposures SET experiment_key = ?, platform = ?, "
            "variation_key = CASE variation_key WHEN '1' THEN ? ELSE variation_key END "
            "WHERE experiment_key = 'streak'",
            [key, value, variation],
        )
    assert world.make("growthbook/experiments").succeeded
    world.make_days("habit", day(1))
    hostile = ("reproduce", "--tag", "habit", "--metric", "visits_per_user", "--experiment", key)
    chosen = ("--variation", variation, "--dimension", f"platform={value}")
    assert world.ab(*hostile, *chosen, "--column", "abs_diff", "--run", "--from-source") == 0
    shown = capsys.readouterr().out
    assert "# abs_diff " in shown
    assert "DIFFERS" not in shown


def test_a_configuration_that_has_changed_since_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = made_world(tmp_path, monkeypatch)
    phase = a_phase_payload(
        dateStarted=f"{day(1)}T00:00:00.000Z", seed="streak", trafficSplit=a_split(0.4, 0.6)
    )
    world.say(streak(phases=[phase]))
    assert world.make("growthbook/experiments").succeeded
    assert world.ab(*ASKED, "--column", "mean") == 0
    assert "configuration has changed since the report was made" in capsys.readouterr().out
    world.say()
    assert world.make("growthbook/experiments").succeeded
    assert world.ab(*ASKED, "--column", "mean") == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "make the report again with `ab-assets run --tag habit" in told
