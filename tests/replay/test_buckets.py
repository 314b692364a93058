"""Ranges and buckets, against the SDK's own functions and published values."""

import pytest
from growthbook import core
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError
from ab_assets.replay import (
    NOT_INCLUDED,
    bucket_ranges,
    choose_variation,
    usable_weights,
    variation_of_bucket,
)

WEIGHTS = st.lists(st.floats(-0.1, 1.2), max_size=5) | st.lists(
    st.integers(1, 20), min_size=1, max_size=5
).map(lambda parts: [part / sum(parts) for part in parts])


@pytest.mark.parametrize(
    ("variations", "coverage", "weights", "expected"),
    [
        (2, 1, None, ((0, 0.5), (0.5, 1))),
        (2, 0.5, None, ((0, 0.25), (0.5, 0.75))),
        (2, 0, None, ((0, 0), (0.5, 0.5))),
        (4, 1, None, ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1))),
        (2, 1, (0.4, 0.6), ((0, 0.4), (0.4, 1))),
        (3, 0.2, (0.2, 0.3, 0.5), ((0, 0.04), (0.2, 0.26), (0.5, 0.6))),
        (2, -0.2, None, ((0, 0), (0.5, 0.5))),
        (2, 1.5, None, ((0, 0.5), (0.5, 1))),
        (2, 1, (0.4, 0.1), ((0, 0.5), (0.5, 1))),
        (2, 1, (0.7, 0.6), ((0, 0.5), (0.5, 1))),
        (2, 1, (0.5,), ((0, 0.5), (0.5, 1))),
        (2, 1, (1.0, 0.0), ((0, 1), (1, 1))),
    ],
)
def test_ranges_are_as_published(
    variations: int,
    coverage: float,
    weights: tuple[float, ...] | None,
    expected: tuple[tuple[float, float], ...],
) -> None:
    found = bucket_ranges(variations, coverage, weights)
    assert [pytest.approx(pair) for pair in found] == list(expected)


@settings(deadline=None)
@given(weights=WEIGHTS | st.none(), coverage=st.floats(-0.5, 1.5), variations=st.integers(0, 5))
def test_ranges_are_the_sdks_to_the_last_digit(
    weights: list[float] | None, coverage: float, variations: int
) -> None:
    expected = core.getBucketRanges(variations, coverage, weights)
    assert list(bucket_ranges(variations, coverage, weights)) == expected


@pytest.mark.parametrize(
    ("weights", "is_used"),
    [((0.5, 0.49), True), ((0.5, 0.48), False), ((0.5, 0.51), True), ((0.5, 0.52), False)],
)
def test_weights_off_by_up_to_a_hundredth_are_used_and_others_are_not(
    weights: tuple[float, float], *, is_used: bool
) -> None:
    assert (usable_weights(weights, 2) == weights) is is_used


def test_weights_that_are_negative_or_no_numbers_are_not_used() -> None:
    assert usable_weights((1.2, -0.2), 2) == (0.5, 0.5)
    assert usable_weights((float("nan"), 0.5), 2) == (0.5, 0.5)


def test_the_first_range_that_holds_a_number_wins_and_its_end_is_outside() -> None:
    ranges = [(0.0, 0.6), (0.4, 0.8)]
    assert [choose_variation(number, ranges) for number in (0.5, 0.6, 0.8)] == [0, 1, NOT_INCLUDED]


@pytest.mark.parametrize("version", [1, 2])
@settings(deadline=None, max_examples=15)
@given(weights=WEIGHTS, coverage=st.floats(0, 1))
def test_each_bucket_has_the_variation_the_sdk_chooses(
    version: int, weights: list[float], coverage: float
) -> None:
    ranges = bucket_ranges(len(weights), coverage, weights)
    count = {1: 1000, 2: 10_000}[version]
    expected = [core.chooseVariation(bucket / count, list(ranges)) for bucket in range(count)]
    assert variation_of_bucket(version, ranges).tolist() == expected


def test_a_version_without_buckets_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="hash version 3"):
        variation_of_bucket(3, [(0, 1)])
