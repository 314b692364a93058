import json

import pytest

from ab_assets.warehouse.schema import report_columns
from tests.small_world import World, day


@pytest.fixture
def rows(made: World, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert made.ab("report", "--tag", "habit", "--json") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    found: list[dict[str, object]] = json.loads(shown.out)
    return found


def test_json_is_an_array_of_the_newest_rows_with_every_column(
    rows: list[dict[str, object]],
) -> None:
    assert {row["event_date"] for row in rows} == {str(day(2))}
    assert list(rows[0]) == [column.name for column in report_columns()]


def test_what_could_not_be_computed_is_null(rows: list[dict[str, object]]) -> None:
    control = next(row for row in rows if row["is_control"])
    assert control["p_value"] is None
    assert control["mean"] is not None


def test_times_are_iso_8601(rows: list[dict[str, object]]) -> None:
    assert rows[0]["phase_start"] == "2025-03-03T00:00:00Z"


def test_a_day_can_be_asked_for(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.ab("report", "--tag", "habit", "--date", str(day(1)), "--json") == 0
    assert {row["event_date"] for row in json.loads(capsys.readouterr().out)} == {str(day(1))}


def test_an_empty_report_is_an_empty_array(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.ab("report", "--tag", "quiet", "--json") == 0
    assert capsys.readouterr().out == "[]\n"


def test_an_empty_report_says_why(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.ab("report", "--tag", "quiet") == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert f"quiet on {day(1)}: nothing to report; no experiment with the tag 'quiet'" in shown


def test_a_person_sees_each_experiment(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.ab("report", "--tag", "habit") == 0
    shown = capsys.readouterr().out
    assert "Streak" in shown
    assert "Broken_Split" in shown


def test_segments_are_shown_when_asked_for(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.ab("report", "--tag", "habit") == 0
    without = capsys.readouterr().out
    assert made.ab("report", "--tag", "habit", "--dimensions") == 0
    assert len(capsys.readouterr().out) > len(without)


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["person", "program"])
def test_before_any_run_it_says_which_command_makes_one(
    loaded: World, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert loaded.ab("report", "--tag", "shop", *more) == 1
    shown = capsys.readouterr()
    assert "run `ab-assets run --tag shop`" in shown.err
    assert shown.out == ""


def test_a_day_that_was_not_made_is_told_with_its_command(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made.ab("report", "--tag", "shop", "--date", str(day(7))) == 1
    assert f"run `ab-assets run --tag shop --date {day(7)}`" in capsys.readouterr().err


def test_a_date_that_is_none_is_wrong_usage(made: World) -> None:
    assert made.ab("report", "--tag", "shop", "--date", "today") == 2


def test_html_is_written_to_the_file_and_told(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made.root / "page.html"
    assert made.ab("report", "--tag", "habit", "--html", str(path), "--language", "zh") == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert str(path) in shown.err.replace("\n", "")
    assert 'lang="zh-Hans"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [["--html", "a.html", "--json"], ["--html", "a.html", "--language", "fr"], ["--html", "/"]],
    ids=["two formats", "language", "folder"],
)
def test_html_asked_for_wrongly_is_wrong_usage(made: World, wrong: list[str]) -> None:
    assert made.ab("report", "--tag", "habit", *wrong) == 2


def test_one_experiment_or_metric_can_be_asked_for(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made.ab("report", "--tag", "habit", "--experiment", "streak", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["experiment_key"] for row in rows} == {"streak"}
    name = rows[0]["metric"]
    assert made.ab("report", "--tag", "habit", "--metric", name, "--json") == 0
    assert {row["metric"] for row in json.loads(capsys.readouterr().out)} == {name}


@pytest.mark.parametrize("option", ["experiment", "metric"])
def test_what_the_report_does_not_have_is_refused_with_what_it_has(
    made: World, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    assert made.ab("report", "--tag", "habit", f"--{option}", "nothing") == 2
    told = " ".join(capsys.readouterr().err.split())
    assert f"the report has no {option} 'nothing'; it has " in told


def test_a_name_that_is_nearly_one_is_guessed(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made.ab("report", "--tag", "habit", "--experiment", "streek") == 2
    assert "did you mean 'streak'?" in " ".join(capsys.readouterr().err.split())
