"""The command from its arguments to what it prints."""

import json
from pathlib import Path
from typing import Any

import pytest

from ab_assets.cli.plan_arguments import read_share, read_split
from ab_assets.errors import ConfigurationError
from tests.planning.conftest import tamper
from tests.small_world import World

Captured = pytest.CaptureFixture[str]
RATE = ("plan", "--baseline", "10%", "--effect", "5%", "--looks", "4", "--design", "always-valid")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An environment without a warehouse: numbers alone need none."""
    return World(tmp_path).enter(monkeypatch)


def _json(world: World, capsys: Captured, *arguments: str) -> list[dict[str, Any]]:
    assert world.ab("plan", *arguments, "--json") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    answers: list[dict[str, Any]] = json.loads(shown.out)
    return answers


def test_numbers_need_no_warehouse(nowhere: World, capsys: Captured) -> None:
    assert nowhere.ab("plan", "--baseline", "10%", "--effect", "5%") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("To find +5.0 % of the rate (10.00 % → 10.50 %) with 80 % power you")
    assert not (nowhere.root / "ab.duckdb").exists()


def test_every_argument_reaches_the_plan(nowhere: World, capsys: Captured) -> None:
    (told,) = _json(
        nowhere, capsys, "--baseline", "12.5", "--type", "ratio", "--stddev", "30",
        "--effect-absolute", "0.5", "--split", "90/10", "--power", "90%", "--alpha", "0.01",
        "--comparisons", "3", "--variance-reduction", "30%", "--units-per-day", "5000",
        "--coverage", "50%", "--design", "group-sequential", "--looks", "3", "--spending", "pocock",
    )  # fmt: skip
    assert told["type"] == "ratio"
    assert told["weights"] == [0.9, 0.1]
    assert (told["target_power"], told["alpha"], told["comparisons"]) == (0.9, 0.01, 3)
    assert (told["variance_reduction"], told["users_a_day"]) == (0.3, 2500)
    assert (told["test"], told["looks"], told["effect"]) == ("group-sequential", 3, 0.5)
    assert told["tests"][1]["inflation"] > 1.1


def test_days_and_users_turn_the_question_round(nowhere: World, capsys: Captured) -> None:
    (by_days,) = _json(
        nowhere, capsys, "--baseline", "10%", "--days", "14", "--units-per-day", "100"
    )
    (by_users,) = _json(nowhere, capsys, "--baseline", "10%", "--users", "1400")
    assert by_days["solved_for"] == by_users["solved_for"] == "effect"
    assert by_days["effect"] == by_users["effect"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "say what the metric is now"),
        (("--baseline", "10%"), "say what has to be found"),
        (("--baseline", "ten", "--effect", "1%"), "--baseline wants a number like 2% or 0.02"),
        (("--baseline", "10%", "--effect", "1pp"), "--effect wants a number"),
        (("--baseline", "10%", "--effect", "950%"), "beyond what a share can be"),
        (("--metric", "m", "--baseline", "1"), "--metric is of a tag's history"),
        (("--experiment", "e"), "--experiment is of a tag's history"),
        (("--tag", "habit", "--baseline", "1"), "--baseline is known from the history"),
        (("--tag", "habit", "--type", "mean"), "--type is known from the history"),
        (("--baseline", "1%", "--effect", "2%", "--spending", "pocock"), "--spending is about"),
        (("--tag", "nope"), "no module claims tag 'nope'"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_code_2(
    made: World, capsys: Captured, arguments: tuple[str, ...], sentence: str
) -> None:
    assert made.ab("plan", *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert sentence in shown.err
    assert "Traceback" not in shown.err


def test_a_tag_has_a_line_a_metric(made: World, capsys: Captured) -> None:
    assert made.ab("plan", "--tag", "habit") == 0
    shown = capsys.readouterr().out
    assert "from the control of streak at the end of 2025-03-04" in shown
    assert [line.split()[0] for line in shown.splitlines() if "+5.0 %" in line] == [
        "visits_per_user",
        "retention_d1",
    ]


def test_a_tags_metric_has_the_whole_plan(made: World, capsys: Captured) -> None:
    assert made.ab("plan", "--tag", "habit", "--metric", "retention_d1", "--looks", "4",
                   "--design", "always-valid") == 0  # fmt: skip
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("To find +5.0 % of retention_d1 (32.69 % →")
    assert "a user counts 1 day after exposure" in shown


def test_json_of_a_tag_is_an_array_of_its_metrics(made: World, capsys: Captured) -> None:
    told = _json(made, capsys, "--tag", "habit", "--days", "14")
    assert [(item["tag"], item["metric"], item["days"]) for item in told] == [
        ("habit", "visits_per_user", 14),
        ("habit", "retention_d1", 14),
    ]
    assert told[0]["as_of"] == "2025-03-04"


def test_another_experiment_of_the_tag_can_be_named(made: World, capsys: Captured) -> None:
    arguments = ("--tag", "habit", "--experiment", "broken_split", "--metric", "retention_d1")
    assert made.ab("plan", *arguments) == 0
    assert "which is not trusted" in " ".join(capsys.readouterr().out.split())


def test_what_is_wrong_with_every_metric_is_said_once(made: World, capsys: Captured) -> None:
    assert made.ab("plan", "--tag", "habit", "--users", "3") == 2
    assert capsys.readouterr().err.count("3 users are fewer than two") == 1


def test_what_is_wrong_with_each_metric_is_said_of_each(made: World, capsys: Captured) -> None:
    report = "UPDATE ab.tbl_report_user_habits_habit"
    tamper(made, f"{report} SET stddev = 0 WHERE metric = 'visits_per_user'")
    tamper(made, f"{report} SET mean = NULL WHERE metric = 'retention_d1'")
    assert made.ab("plan", "--tag", "habit") == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert "visits_per_user: a standard deviation of 0" in shown
    assert "retention_d1: no unit is counted yet" in shown


def test_a_tag_without_history_fails_with_what_else_to_do(made: World, capsys: Captured) -> None:
    assert made.ab("plan", "--tag", "quiet") == 1
    assert "give numbers instead" in " ".join(capsys.readouterr().err.split())


def test_piped_output_is_plain(made: World, capsys: Captured) -> None:
    assert made.ab(*RATE) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2%", 0.02),
        ("+2 %", 0.02),
        ("−1.5%", -0.015),
        ("1,000", 1000.0),
        (".5", 0.5),
        ("1e-3", 1e-3),
    ],
)
def test_shares_are_read_the_way_people_write_them(text: str, value: float) -> None:
    assert read_share(text, "--effect") == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["", "%", "2%%", "two", "nan", "inf", "1e999", "1 2", "0x10", "2pp"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--effect"):
        read_share(text, "--effect")


@pytest.mark.parametrize(
    ("text", "arms", "weights"),
    [
        (None, None, (0.5, 0.5)),
        ("50/50", 2, (0.5, 0.5)),
        ("0.8/0.2", None, (0.8, 0.2)),
        ("80%/20%", None, (0.8, 0.2)),
        ("33.3/33.3/33.4", None, (0.333, 0.333, 0.334)),
    ],
)
def test_splits_are_read_as_shares(
    text: str | None, arms: int | None, weights: tuple[float, ...]
) -> None:
    assert read_split(text, arms) == pytest.approx(weights)


@pytest.mark.parametrize(
    ("text", "arms", "sentence"),
    [
        ("60/30", None, "sums to 90"),
        ("50/50", 3, "has 2 arms, but --arms says 3"),
        ("a/b", None, "--split wants a number"),
        (None, 1, "from 2"),
        (None, 101, "to 100"),
    ],
)
def test_wrong_splits_are_refused(text: str | None, arms: int | None, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        read_split(text, arms)
