"""Numbers as people read them, and text from outside that stays text."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.reporting.formatting import (
    chance,
    interval,
    markdown_code,
    markdown_table,
    markdown_text,
    number,
    p_value,
    plain_text,
    quantity,
    quantity_interval,
    share,
    signed_quantity,
)

HOSTILE = (
    "a|b",
    "a\\|b",
    "a\\\\|b",
    "line\nbreak",
    "line\r\nbreak",
    "para\u2029graph",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "`code` ``more``",
    "**bold** _it_ ~~gone~~",
    "# heading\n## another",
    "\x1b[31mred\x07",
    "\u202egnp.exe",
)


def unescaped_pipes(line: str) -> int:
    """Pipes that Markdown takes for a cell's border: after an even number of backslashes."""
    count, slashes = 0, 0
    for character in line:
        if character == "|" and slashes % 2 == 0:
            count += 1
        slashes = slashes + 1 if character == "\\" else 0
    return count


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_cell(text: str) -> None:
    lines = markdown_table(["a", "b"], [[text, "x"]]).split("\n")
    assert len(lines) == 3
    assert [unescaped_pipes(line) for line in lines] == [3, 3, 3]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_no_text_leaves_its_cell(text: str) -> None:
    lines = markdown_table(["a"], [[text]]).splitlines()
    assert len(lines) == 3
    assert unescaped_pipes(lines[2]) == 2


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>&|[]()!`*_~#\\ab:/.@w", max_size=30))
def test_no_text_becomes_markup(text: str) -> None:
    escaped = markdown_text(text)
    assert "<" not in escaped
    assert ">" not in escaped
    for place, character in enumerate(escaped):
        if character in "[]`*~|#":
            slashes = len(escaped[:place]) - len(escaped[:place].rstrip("\\"))
            assert slashes % 2 == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example",
        "HTTP://evil.example",
        "ftp://evil.example",
        "www.evil.example",
        "see xwww.evil.example",
        "someone@evil.example",
        "mailto:someone@evil.example",
    ],
)
def test_bare_links_are_broken_by_a_character_nobody_sees(link: str) -> None:
    shown = markdown_text(link)
    assert "\u2060" in shown
    assert shown.replace("\u2060", "") == link


def test_names_of_metrics_are_left_alone() -> None:
    assert markdown_text("retention_d1 (14 %), 3.5 – ok!") == "retention_d1 (14 %), 3.5 – ok!"


def test_a_backslash_before_a_pipe_does_not_free_it() -> None:
    assert markdown_text("a\\|b") == r"a\\\|b"


def test_code_cannot_be_ended_from_inside() -> None:
    assert markdown_code("a`<b>\n`") == "`a'<b> '`"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert plain_text("\x1b[2Jgate\x9b\u202e\t 40") == "[2Jgate 40"


def test_no_rows_are_nothing() -> None:
    assert markdown_table(["a"], []) == "nothing"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05, "+5.0 %"),
        (-0.05, "-5.0 %"),
        (0.0, "0.0 %"),
        (-0.0004, "0.0 %"),
        (12.5, "+1,250.0 %"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_share_is_a_signed_percentage(value: float | None, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "50 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.9951, ">99 %"),
        (0.9949, "99 %"),
        (0.0049, "<1 %"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_a_chance_is_certain_only_when_it_is(value: float | None, text: str) -> None:
    assert chance(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.000123456, "0.0001235"),
        (12.3456, "12.35"),
        (-12.3456, "-12.35"),
        (999.94, "999.9"),
        (999.96, "1,000"),
        (1234567.8, "1,234,568"),
        (None, "–"),
        (math.inf, "–"),
        (math.nan, "–"),
    ],
)
def test_a_number_has_four_digits_or_thousands(value: float | None, text: str) -> None:
    assert number(value) == text


def test_an_interval_with_an_open_end_is_not_shown() -> None:
    assert interval(-0.1, None) == "–"
    assert interval(None, 0.1) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.448188, "percent", "44.82 %"),
        (0.0, "percent", "0.00 %"),
        (0.448188, "", "0.4482"),
        (1234.5, "milliseconds", "1,234 ms"),
        (0.5, "minutes", "0.5 min"),
        (3.0, "rounds", "3 rounds"),
        (1234.567, "USD", "$1,234.57"),
        (-1234.567, "USD", "-$1,234.57"),
        (0.0, "USD", "$0.00"),
        (0.0123, "USD", "$0.0123"),
        (12.3, "CHF", "CHF 12.30"),
        (12.3, "CNY", "CN¥12.30"),
        (None, "percent", "–"),
        (math.inf, "USD", "–"),
        (math.nan, "", "–"),
    ],
)
def test_a_quantity_says_what_it_is_in(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_three_capitals_that_are_no_currency_are_a_word() -> None:
    assert quantity(60.0, "FPS") == "60 FPS"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0052, "percent", "+0.52 pp"),
        (-0.0052, "percent", "-0.52 pp"),
        (0.0, "percent", "0.00 pp"),
        (1.2, "USD", "+$1.20"),
        (-1.2, "USD", "-$1.20"),
        (0.0, "", "0"),
        (None, "percent", "–"),
        (math.inf, "minutes", "–"),
        (None, "", "–"),
    ],
)
def test_a_difference_has_its_sign(value: float | None, unit: str, text: str) -> None:
    assert signed_quantity(value, unit) == text


def test_an_interval_of_differences_names_its_unit_once_for_points() -> None:
    assert quantity_interval(-0.001, 0.0123, "percent") == "-0.10 … +1.23 pp"
    assert quantity_interval(-1.0, 2.5, "USD") == "-$1.00 … +$2.50"


@pytest.mark.parametrize("ends", [(None, 1.0), (1.0, None), (-math.inf, 1.0)])
def test_an_unbounded_interval_of_differences_is_not_shown(
    ends: tuple[float | None, float | None],
) -> None:
    assert quantity_interval(*ends, "percent") == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05, "0.050"),
        (0.001, "0.001"),
        (0.00099, "9.9e-04"),
        (1.0, "1.000"),
        (1e-320, "<1e-300"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_a_p_value_keeps_its_size(value: float | None, text: str) -> None:
    assert p_value(value) == text
