import numpy as np
import pytest
from scipy import stats

from ab_assets.demo.assignment import NOT_INCLUDED, assign, hash_ids, id_matrix


@pytest.mark.parametrize(
    ("value", "seed", "version", "expected"),
    [
        ("a", "", 1, 0.22),
        ("b", "", 1, 0.077),
        ("a", "b", 1, 0.946),
        ("d", "ef", 1, 0.652),
        ("8952klfjas09ujk", "asdf", 1, 0.549),
        ("123", "", 1, 0.011),
        ("a", "seed", 2, 0.0505),
        ("b", "seed", 2, 0.2696),
    ],
)
def test_the_hash_gives_the_published_values(
    value: str, seed: str, version: int, expected: float
) -> None:
    assert hash_ids(id_matrix(np.array([value])), seed=seed, version=version) == [expected]


def test_the_hash_agrees_with_a_loop_over_bytes() -> None:
    ids = np.array([f"u{number:08x}" for number in range(0, 2**32, 2**24 + 77)])

    def fnv(text: str) -> int:
        state = 2166136261
        for byte in text.encode():
            state = (state ^ byte) * 16777619 % 2**32
        return state

    expected = [fnv(str(fnv("some-seed" + name))) % 10000 / 10000 for name in ids]
    assert hash_ids(id_matrix(ids), seed="some-seed", version=2).tolist() == expected


def _many_ids() -> np.ndarray:
    return id_matrix(np.array([f"u{number:08x}" for number in range(30_000)]))


def test_arms_follow_their_weights() -> None:
    arms = assign(_many_ids(), seed="s", weights=(0.2, 0.5, 0.3))
    counts = np.bincount(arms, minlength=3)
    assert stats.chisquare(counts, np.array([0.2, 0.5, 0.3]) * 30_000).pvalue > 0.001


def test_users_outside_the_coverage_have_no_arm() -> None:
    arms = assign(_many_ids(), seed="s", weights=(0.5, 0.5), coverage=0.4)
    assert np.mean(arms != NOT_INCLUDED) == pytest.approx(0.4, abs=0.01)


def test_less_coverage_moves_nobody_to_another_arm() -> None:
    everyone = assign(_many_ids(), seed="s", weights=(0.5, 0.5))
    some = assign(_many_ids(), seed="s", weights=(0.5, 0.5), coverage=0.4)
    assert np.array_equal(everyone[some != NOT_INCLUDED], some[some != NOT_INCLUDED])


def test_another_seed_is_another_independent_assignment() -> None:
    one = assign(_many_ids(), seed="one", weights=(0.5, 0.5))
    two = assign(_many_ids(), seed="two", weights=(0.5, 0.5))
    table = [[np.sum((one == a) & (two == b)) for b in (0, 1)] for a in (0, 1)]
    assert stats.chi2_contingency(table).pvalue > 0.001
