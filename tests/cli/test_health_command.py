"""Every open problem in one place, and an exit code a scheduler can rely on."""

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from ab_assets.cli import health_command
from tests.alerts.health_rows import a_row, write
from tests.small_world import World, day
from tests.small_world_copies import made_world

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _on_day_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon of day 3: the report of day 2 is the one to have."""
    monkeypatch.setattr(health_command, "_now", lambda: datetime(2025, 3, 5, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    with pytest.MonkeyPatch.context() as patch:
        world = made_world(tmp_path_factory.mktemp("world"), patch)
        world.make_days("quiet", day(2))
    for tag, when in (("habit", day(2)), ("shop", day(4))):
        write(world.warehouse, a_row(status="pass"), tag=tag, day=when)
    return world


@pytest.fixture
def clean(built: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A company in which every check passed and every report is there."""
    return built.copy_to(tmp_path).enter(monkeypatch)


def test_all_in_order_is_exit_code_0(clean: World, capsys: Captured) -> None:
    assert clean.ab("health") == 0
    assert capsys.readouterr().out == "nothing is wrong\n"


def test_a_failed_check_is_exit_code_3_and_one_line(clean: World, capsys: Captured) -> None:
    write(clean.warehouse, a_row(), tag="shop", day=day(4))
    assert clean.ab("health") == 3
    told = capsys.readouterr()
    assert told.out == (
        "fail\tshop\tbasket · phase 0\tsample_ratio\t2025-03-06\ttoo few units in variation 1\n"
    )
    assert "1 problem open" in told.err


def test_a_warning_is_shown_and_fails_nothing(clean: World, capsys: Captured) -> None:
    write(clean.warehouse, a_row(status="warn"), tag="shop", day=day(4))
    assert clean.ab("health") == 0
    assert capsys.readouterr().out.startswith("warn\tshop\t")


def test_a_tag_shows_its_own_problems_alone(clean: World, capsys: Captured) -> None:
    write(clean.warehouse, a_row(), tag="shop", day=day(4))
    assert clean.ab("health", "--tag", "habit") == 0
    assert capsys.readouterr().out == "nothing is wrong with habit\n"
    assert clean.ab("health", "--tag", "shop") == 3


def test_json_is_an_array_and_nothing_else(clean: World, capsys: Captured) -> None:
    assert clean.ab("health", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    write(clean.warehouse, a_row(), tag="shop", day=day(4))
    assert clean.ab("health", "--json") == 3
    (problem,) = json.loads(capsys.readouterr().out)
    assert problem["severity"] == "fail"
    assert (problem["tag"], problem["experiment"], problem["phase"]) == ("shop", "basket", 0)
    assert (problem["check"], problem["day"]) == ("sample_ratio", "2025-03-06")
    assert problem["numbers"]
    assert problem["place"].endswith("partition 2025-03-06|shop")


def test_a_run_that_failed_is_open_until_it_is_made_again(clean: World, capsys: Captured) -> None:
    clean.execute("DROP TABLE ab.tbl_wide_user_shop_shop")
    clean.spoil_wide_table("shop")
    with clean.instance() as instance:
        assert not clean.make(
            "shop/wide_user", tag="shop", when=day(2), instance=instance
        ).succeeded
    assert clean.ab("health") == 3
    assert capsys.readouterr().out.startswith("run failed\tshop\t\trun\t2025-03-04\t")
    clean.execute("DROP TABLE ab.tbl_wide_user_shop_shop")
    with clean.instance() as instance:
        assert clean.make("shop/wide_user", tag="shop", when=day(2), instance=instance).succeeded
    assert clean.ab("health") == 0


def test_a_check_of_a_source_that_failed_is_a_problem_of_no_tag(
    clean: World, capsys: Captured
) -> None:
    with clean.instance() as instance:
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(["source", "events"]),
                check_name="volume",
                passed=False,
                severity=dg.AssetCheckSeverity.ERROR,
                description="no events on 2025-03-04",
                metadata={},
            )
        )
    assert clean.ab("health") == 3
    assert capsys.readouterr().out == "fail\t\t\tvolume\t\tno events on 2025-03-04\n"
    assert clean.ab("health", "--tag", "habit") == 0


def test_a_late_report_fails_and_one_that_never_was_is_a_warning(
    clean: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(health_command, "_now", lambda: datetime(2025, 3, 6, 12, tzinfo=UTC))
    clean.execute(
        "DELETE FROM ab.partition_provenance WHERE tag = 'quiet' AND table_name LIKE '%report%'"
    )
    assert clean.ab("health") == 3
    late, never = capsys.readouterr().out.splitlines()
    assert late == (
        "fail\thabit\t\treport\t2025-03-04\t"
        "the newest report of tag 'habit' is of 2025-03-04, 1 day late"
    )
    assert never == "warn\tquiet\t\treport\t\ttag 'quiet' has no report yet"


def test_silent_automation_is_a_problem_of_no_tag(
    clean: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    told = "sensor alerts_sensor has completed no tick since 2025-03-05 10:00 UTC"
    monkeypatch.setattr(health_command, "ticking_problems", lambda *_: [told])
    assert clean.ab("health") == 3
    assert capsys.readouterr().out == f"fail\t\t\tautomation\t\t{told}\n"
    assert clean.ab("health", "--tag", "habit") == 0


def test_a_terminal_gets_a_table(
    clean: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    write(clean.warehouse, a_row(experiment_key="[red]b"), tag="shop", day=day(4))
    monkeypatch.setattr(health_command.output, "_force_terminal", True)
    assert clean.ab("health") == 3
    shown = capsys.readouterr().out
    assert "what is wrong" in shown
    assert "[red]b" in shown


def test_an_unknown_tag_is_wrong_usage(clean: World, capsys: Captured) -> None:
    assert clean.ab("health", "--tag", "habbit") == 2
    assert "did you mean 'habit'" in capsys.readouterr().err


def test_before_anything_was_made_only_reports_are_missing(loaded: World, capsys: Captured) -> None:
    assert loaded.ab("health") == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["warn"] * 3
