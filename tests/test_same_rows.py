"""Rows are the same but for the last bits of sums."""

import polars as pl
import pytest

from tests.same_rows import assert_same_rows


def _rows(detail: str | None, value: float = 1.5) -> pl.DataFrame:
    return pl.DataFrame({"check_name": ["jump"], "detail": [detail], "value": [value]})


def test_last_bits_of_sums_are_no_difference() -> None:
    assert_same_rows(
        _rows('{"totals": {"0": 499.9276859999992, "1": [0.1]}}', 0.1 + 0.2),
        _rows('{"totals": {"0": 499.9276860000001, "1": [0.1]}}', 0.3),
    )


def test_what_is_left_of_two_equal_sums_is_nothing() -> None:
    left = _rows(None, 0.1 + 0.2 - 0.3)
    assert_same_rows(left, _rows(None, 0.0), next_to_nothing=1e-12)
    with pytest.raises(AssertionError):
        assert_same_rows(left, _rows(None, 0.0))


@pytest.mark.parametrize(
    "other",
    [
        _rows('{"totals": {"0": 499.92769}}'),
        _rows('{"totals": {"1": 499.9276859999992}}'),
        _rows('{"totals": {"0": "a fraction"}}'),
        _rows('{"totals": {"0": 499.9276859999992}, "units": 3}'),
        _rows("{not JSON"),
        _rows(None),
        _rows('{"totals": {"0": 499.9276859999992}}', 1.50001),
        _rows('{"totals": {"0": 499.9276859999992}}').drop("value"),
    ],
)
def test_anything_more_is_a_difference(other: pl.DataFrame) -> None:
    with pytest.raises(AssertionError):
        assert_same_rows(_rows('{"totals": {"0": 499.9276859999992}}'), other)


def test_whole_numbers_within_json_are_compared_exactly() -> None:
    with pytest.raises(AssertionError):
        assert_same_rows(_rows('{"units": 10000000000}'), _rows('{"units": 10000000001}'))
