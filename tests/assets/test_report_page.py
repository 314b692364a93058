"""The HTML pages of a tag, as an asset."""

from pathlib import Path

import pytest

from tests.small_world import World, day


@pytest.fixture
def pages(made: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pages of the company go."""
    folder = made.root / "reports"
    monkeypatch.setenv("AB_REPORTS_DIR", str(folder))
    return folder


def test_a_run_writes_a_page_in_each_language(made: World, pages: Path) -> None:
    assert made.ab("run", "--tag", "habit", "--date", str(day(2))) in {0, 3}
    assert sorted(path.name for path in pages.iterdir()) == ["habit.html", "habit.zh.html"]
    assert "Streak" in (pages / "habit.html").read_text(encoding="utf-8")
    assert "实验报告" in (pages / "habit.zh.html").read_text(encoding="utf-8")


def test_a_tag_with_nothing_in_force_gets_a_page_that_says_so(made: World, pages: Path) -> None:
    assert made.make("flow_report_app/report_page", tag="quiet").succeeded
    assert "no experiment with the tag" in (pages / "quiet.html").read_text("utf-8")


def test_where_no_pages_are_wanted_none_are_written(made: World, pages: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AB_REPORTS_DIR", "")
        assert made.make("flow_report_app/report_page", tag="habit").succeeded
    assert not pages.exists()


def test_a_tag_that_was_never_reported_is_refused_with_the_remedy(loaded: World) -> None:
    outcome = loaded.make("flow_report_app/report_page", tag="shop")
    assert not outcome.succeeded
    assert "no report of 'shop' was ever made" in outcome.failure
