"""Forest plots of characters."""

import pytest

from ab_assets.reporting.text_forest_plot import Effect, text_forest_plot


def plot(*effects: Effect) -> list[str]:
    return text_forest_plot(effects).splitlines()


def test_all_pictures_are_drawn_to_one_scale_that_is_told_above() -> None:
    head, small, large = plot(
        Effect("a", -0.01, 0.0, 0.01), Effect("long name", -0.02, 0.0, 0.02, is_significant=True)
    )
    assert head.strip() == "-2.0 … +2.0 %"
    assert small.index("●") == large.index("●") == 11 + 9
    assert small.index("├") - large.index("├") == 5


def test_an_uplift_stands_behind_its_picture_with_a_mark_where_it_is_significant() -> None:
    _, plain, marked = plot(Effect("a", 0.1, 0.2, 0.3), Effect("b", 0.1, 0.2, 0.3, True))
    assert plain.endswith("+20.0 %")
    assert marked.endswith("+20.0 %*")


def test_an_interval_without_an_end_is_said_to_be_unbounded() -> None:
    _, line = plot(Effect("a", None, 0.2, None))
    assert line.endswith("+20.0 %   unbounded")
    assert "◄" in line
    assert "►" in line


def test_what_was_not_computed_is_a_dash_beside_zero() -> None:
    _, line = plot(Effect("a", None, None, None))
    assert line.split() == ["a", "│", "–"]


def test_a_group_is_named_once_above_its_first_line() -> None:
    lines = plot(
        Effect("a", -1.0, 0.0, 1.0, group="Arm 1"),
        Effect("b", -1.0, 0.0, 1.0, group="Arm 1"),
        Effect("a", -1.0, 0.0, 1.0, group="Arm 2"),
    )
    assert [line.split()[0] for line in lines[1:]] == ["Arm", "a", "b", "Arm", "a"]
    assert lines[4] == "Arm 2"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Complaints per session of a day", "Complaints per sess…"),
        ("每位用户平均会话次数和时长", "每位用户平均会话次…"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_label_is_one_line_of_at_most_twenty_columns(label: str, shown: str) -> None:
    _, line = plot(Effect(label, -1.0, 0.0, 1.0))
    assert line.startswith(f"{shown}  ├")


def test_chinese_labels_take_two_columns_a_character() -> None:
    _, chinese, english = plot(Effect("留存", -1.0, 0.0, 1.0), Effect("kept", -1.0, 0.0, 1.0))
    assert chinese.index("├") == english.index("├") - 2


def test_a_line_has_room_on_the_page_of_a_partition() -> None:
    effects = [Effect("★ Complaints per session", -0.11, 0.105, 0.315, is_significant=True)]
    assert max(map(len, text_forest_plot(effects).splitlines())) <= 52


def test_without_effects_there_is_nothing() -> None:
    assert text_forest_plot([]) == ""
