import numpy as np
import pytest

from ab_assets.stats.arrays import floats, without_rounding_noise
from ab_assets.stats.reasons import (
    SENTENCES,
    Reason,
    describe,
    either,
    first_reason,
    only_where_valid,
)
from ab_assets.stats.search import smallest_sufficient


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(SENTENCES[reason] for reason in Reason if reason != Reason.NONE)


def test_codes_are_consecutive_so_that_sentences_are_looked_up_by_them() -> None:
    assert [int(reason) for reason in Reason] == list(range(len(Reason)))
    assert describe(Reason.NO_UNITS).item() == SENTENCES[Reason.NO_UNITS]


def test_the_first_check_that_holds_is_named() -> None:
    checks = (np.array([True, False, False]), Reason.NO_UNITS), (True, Reason.ZERO_VARIANCE)
    assert first_reason(*checks).tolist() == [Reason.NO_UNITS] + 2 * [Reason.ZERO_VARIANCE]
    assert first_reason(*checks).dtype == np.int8


def test_the_first_reason_given_wins() -> None:
    combined = either(np.array([0, 3, 0], np.int8), np.array([1, 1, 0], np.int8))
    assert combined.tolist() == [1, 3, 0]


def test_values_take_the_shape_of_their_reasons() -> None:
    (value,) = only_where_valid(np.zeros((2, 3), np.int8), np.array(1.0))
    assert value.shape == (2, 3)
    (value,) = only_where_valid(np.array([0, 5], np.int8), np.array(1.0))
    assert value.tolist() == [1.0, pytest.approx(np.nan, nan_ok=True)]


def test_only_what_is_lost_in_its_terms_counts_as_rounding() -> None:
    scale = np.array([1.0, 1.0, 0.0])
    cleaned = without_rounding_noise(np.array([1e-13, 1e-11, 0.0]), scale)
    assert cleaned.tolist() == [0.0, 1e-11, 0.0]


def test_arguments_meet_in_one_shape() -> None:
    one, two = floats(np.zeros((3, 1)), [1, 2])
    assert one.shape == two.shape == (3, 2)
    assert one.dtype == np.float64


def test_bisection_ends_at_the_first_value_that_is_enough() -> None:
    limits = np.array([0.25, 3.0, 7.5])
    found = smallest_sufficient(lambda x: x >= limits, np.zeros(3), np.full(3, 5.0))
    np.testing.assert_allclose(found, [0.25, 3.0, 5.0], rtol=1e-15)
