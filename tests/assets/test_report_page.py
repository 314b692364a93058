"""The HTML pages of a tag, as an asset."""

from tests.small_world import World


def test_a_page_in_each_language_is_written(made: World) -> None:
    assert made.make("flow_report_app/report_page", tag="habit").succeeded
    folder = made.root / "reports"
    assert sorted(path.name for path in folder.iterdir()) == ["habit.html", "habit.zh.html"]
    assert "Streak" in (folder / "habit.html").read_text(encoding="utf-8")
    assert "实验报告" in (folder / "habit.zh.html").read_text(encoding="utf-8")


def test_a_tag_with_nothing_in_force_gets_a_page_that_says_so(made: World) -> None:
    assert made.make("flow_report_app/report_page", tag="quiet").succeeded
    assert "no experiment with the tag" in (made.root / "reports/quiet.html").read_text("utf-8")


def test_a_tag_that_was_never_reported_is_refused_with_the_remedy(loaded: World) -> None:
    outcome = loaded.make("flow_report_app/report_page", tag="shop")
    assert not outcome.succeeded
    assert "no report of 'shop' was ever made" in outcome.failure
