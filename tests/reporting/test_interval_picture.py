"""Intervals drawn with characters."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.reporting.interval_picture import Scale, interval_picture, scale_over

SCALE = Scale(-0.1, 0.1, 21)
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


def test_ends_point_and_zero_stand_where_the_scale_says() -> None:
    line = interval_picture(-0.05, 0.0, 0.05, SCALE)
    assert (line.index("├"), line.index("●"), line.index("┤")) == (5, 10, 15)


def test_zero_shows_through_an_interval_that_holds_it() -> None:
    assert interval_picture(-0.05, 0.03, 0.05, SCALE)[10] == "┼"
    assert interval_picture(0.02, 0.03, 0.05, SCALE)[10] == "│"


def test_what_goes_on_beyond_the_scale_has_an_arrow_there() -> None:
    assert interval_picture(-0.5, 0.0, 0.05, SCALE)[0] == "◄"
    assert interval_picture(-0.05, 0.0, 0.5, SCALE)[-1] == "►"


@pytest.mark.parametrize("nothing", [None, math.nan, -math.inf])
def test_an_interval_without_an_end_goes_on_to_the_edge(nothing: float | None) -> None:
    assert interval_picture(nothing, 0.0, 0.05, SCALE).startswith("◄───")


def test_a_point_beyond_the_scale_is_not_drawn_at_its_edge() -> None:
    assert "●" not in interval_picture(-0.05, 0.4, 0.9, SCALE)


def test_without_a_point_only_zero_is_drawn() -> None:
    assert interval_picture(-0.05, None, 0.05, SCALE).strip() == "│"


def test_a_scale_without_zero_draws_none() -> None:
    assert interval_picture(2.0, 3.0, 4.0, Scale(1.0, 5.0, 9)) == "  ├─●─┤  "


def test_an_interval_of_one_value_is_its_point() -> None:
    assert interval_picture(0.02, 0.02, 0.02, SCALE).strip(" │") == "●"


def test_one_wide_interval_does_not_squeeze_the_others() -> None:
    scale = scale_over([(-1.0, 1.0), (0.0, 2.0), (-1e6, 1e6)], 31)
    assert (scale.low, scale.high) == (-6.0, 6.0)


def test_intervals_on_one_side_still_show_zero() -> None:
    assert scale_over([(2.0, 4.0)], 31) == Scale(0.0, 4.0, 31)


def test_only_zeros_have_a_scale_too() -> None:
    assert scale_over([(0.0, 0.0), (None, math.nan)], 31) == Scale(-1.0, 1.0, 31)


@given(low=NUMBERS, point=NUMBERS, high=NUMBERS, width=st.integers(3, 60))
def test_a_line_always_has_the_width_of_the_scale(
    low: float | None, point: float | None, high: float | None, width: int
) -> None:
    assert len(interval_picture(low, point, high, Scale(-2.0, 3.0, width))) == width


@given(st.lists(st.tuples(NUMBERS, NUMBERS)))
def test_every_scale_has_a_length_and_holds_zero(
    intervals: list[tuple[float | None, float | None]],
) -> None:
    scale = scale_over(intervals, 9)
    assert scale.low <= 0 <= scale.high
    assert scale.low < scale.high
