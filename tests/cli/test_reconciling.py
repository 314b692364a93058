import pytest

from tests.small_world import World, day

DAY = str(day(2))


def test_a_partition_that_is_right_is_said_to_be(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made.ab("check", "--reconcile", "--tag", "habit", "--date", DAY, "--share", "1") == 0
    told = capsys.readouterr().out
    assert f"ok  habit {DAY}: " in told
    assert "rows of 100.00% of the units are what the source rows give" in told


def test_a_difference_ends_with_exit_code_3_and_names_the_unit(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    where = f"event_date = '{DAY}' AND experiment_key = 'streak' AND user_id = 'u001'"
    made.execute(f"DELETE FROM ab.tbl_wide_user_habits_habit WHERE {where}")
    assert made.ab("check", "--reconcile", "--tag", "habit", "--date", DAY, "--share", "1") == 3
    told = capsys.readouterr()
    assert f"bad habit {DAY}: 1 of" in told.out
    assert "streak, unit u001: not in the wide table" in told.err


def test_every_tag_is_compared_without_one(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.ab("check", "--reconcile", "--date", str(day(1))) == 0
    told = capsys.readouterr().out
    assert f"ok  habit {day(1)}: " in told
    assert f"ok  quiet {day(1)}: nothing to compare: no experiment with the tag 'quiet'" in told
    assert f"ok  shop {day(1)}: nothing to compare: the partition was never made" in told


def test_a_comparison_that_cannot_be_made_ends_with_exit_code_1(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made.execute("DROP TABLE ab_source.events")
    assert made.ab("check", "--reconcile", "--tag", "habit", "--date", DAY) == 1
    assert f"failed: habit {DAY}: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tag", "habit"), "--tag: only with --reconcile"),
        (("--share", "0"), "--share: only with --reconcile"),
        (("--reconcile", "--share", "0"), "give a share from 0.0001 to 1"),
        (("--reconcile", "--tag", "nobody"), "nobody"),
        (("--reconcile", "--date", "soon"), "--date 'soon' is no date"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    loaded: World,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    assert loaded.ab("check", *arguments) == 2
    assert message in capsys.readouterr().err
