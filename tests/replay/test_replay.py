"""Whole phases, beside GrowthBook's own SDK run user by user through its public API."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError
from ab_assets.replay import (
    HashFilter,
    ReplayPhase,
    namespace_filter,
    replay,
    replay_in_parts,
)
from tests.replay.sdk import assigned

USERS = [f"user-{number}" for number in range(2000)]
ALPHABET = "abcXYZ019-_ éßДя日本語한😀🌱\u200b\x00"
SPLITS = st.lists(st.integers(1, 20), min_size=2, max_size=5).map(
    lambda parts: [part / sum(parts) for part in parts]
)
RANGES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: tuple(sorted(pair)))
IDS = st.lists(st.text(st.characters(codec="utf-8"), max_size=12) | st.none(), max_size=20)


def keys(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("coverage", [1.0, 0.35])
@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.1, 0.2, 0.7), (0.9, 0.05)])
def test_thousands_of_users_get_the_variation_the_sdk_gives_them(
    version: int, coverage: float, weights: tuple[float, ...]
) -> None:
    expected = assigned(
        USERS,
        variations=list(range(len(weights))),
        seed="a seed",
        hashVersion=version,
        coverage=coverage,
        weights=list(weights),
    )
    phase = ReplayPhase(
        variations=keys(len(weights)),
        seed="a seed",
        hash_version=version,
        coverage=coverage,
        weights=weights,
    )
    assert replay(USERS, phase).tolist() == expected


@pytest.mark.parametrize("version", [1, 2])
def test_ids_in_any_script_get_the_variation_the_sdk_gives_them(version: int) -> None:
    rng = random.Random(version)  # noqa: S311 (ids, not secrets)
    ids = ["".join(rng.choices(ALPHABET, k=rng.randint(0, 20))) for _ in range(2000)]
    expected = assigned(ids, variations=[0, 1, 2], seed="🌱seed", hashVersion=version)
    phase = ReplayPhase(variations=keys(3), seed="🌱seed", hash_version=version)
    assert replay(ids, phase).tolist() == expected


@settings(deadline=None, max_examples=60)
@given(
    data=st.data(), ids=IDS, split=SPLITS, seed=st.text(max_size=8), version=st.sampled_from([1, 2])
)
def test_any_phase_of_any_users_replays_as_the_sdk_has_it(
    data: st.DataObject, ids: list[str | None], split: list[float], seed: str, version: int
) -> None:
    coverage = data.draw(st.none() | st.floats(-0.2, 1.2))
    weights = data.draw(st.none() | st.just(split) | st.just([*split, 0.5]) | st.just(split[:-1]))
    named = data.draw(st.none() | st.tuples(st.text(max_size=6), RANGES))
    experiment: dict[str, Any] = {
        "variations": list(range(len(split))),
        "seed": seed,
        "hashVersion": version,
        "coverage": coverage,
        "weights": weights,
        "namespace": named and (named[0], *named[1]),
    }
    phase = ReplayPhase(
        variations=keys(len(split)),
        seed=seed or "tracking-key",
        hash_version=version,
        coverage=1.0 if coverage is None else coverage,
        weights=None if weights is None else tuple(weights),
        filters=() if named is None else (namespace_filter(named[0], *named[1]),),
    )
    assert replay(ids, phase).tolist() == assigned(ids, **experiment)


def test_a_namespace_keeps_the_users_the_sdk_keeps() -> None:
    expected = assigned(
        USERS, variations=[0, 1], seed="s", hashVersion=2, namespace=("checkout", 0.2, 0.7)
    )
    phase = ReplayPhase(
        variations=keys(2), seed="s", filters=(namespace_filter("checkout", 0.2, 0.7),)
    )
    assert replay(USERS, phase).tolist() == expected
    assert 0.4 < sum(variation >= 0 for variation in expected) / len(USERS) < 0.6


def test_filters_of_several_ranges_and_versions_keep_the_users_the_sdk_keeps() -> None:
    filters = (
        HashFilter(seed="exclusion", ranges=((0.0, 0.3), (0.55, 0.9))),
        HashFilter(seed="holdout", ranges=((0.1, 1.0),), hash_version=1),
    )
    expected = assigned(
        USERS,
        variations=[0, 1],
        seed="s",
        hashVersion=2,
        filters=[
            {"seed": item.seed, "ranges": list(item.ranges), "hashVersion": item.hash_version}
            for item in filters
        ],
    )
    phase = ReplayPhase(variations=keys(2), seed="s", filters=filters)
    assert replay(USERS, phase).tolist() == expected


def test_explicit_ranges_stand_in_for_coverage_and_weights() -> None:
    ranges = ((0.0, 0.1), (0.5, 0.8))
    expected = assigned(
        USERS, variations=[0, 1], seed="s", hashVersion=2, ranges=list(ranges), coverage=0.1
    )
    phase = ReplayPhase(variations=keys(2), seed="s", ranges=ranges, coverage=0.1)
    assert replay(USERS, phase).tolist() == expected


def test_an_experiment_of_one_variation_runs_for_nobody() -> None:
    assert set(assigned(USERS[:20], variations=[0], seed="s")) == {-1}
    assert set(replay(USERS[:20], ReplayPhase(variations=("0",), seed="s")).tolist()) == {-1}


def test_no_id_is_in_no_experiment() -> None:
    phase = ReplayPhase(variations=keys(2), seed="s")
    assert replay(["", None], phase).tolist() == assigned(["", None], variations=[0, 1]) == [-1, -1]


def test_the_parts_tell_why_a_user_is_left_out() -> None:
    phase = ReplayPhase(
        variations=keys(2), seed="s", coverage=0.5, filters=(namespace_filter("ns", 0.0, 0.5),)
    )
    parts = replay_in_parts([*USERS, None], phase)
    reasons = {
        (bool(bucketed >= 0), bool(through), bool(has_id))
        for bucketed, through, has_id in zip(
            parts.bucketed, parts.let_through, parts.has_id, strict=True
        )
    }
    assert {(True, True, True), (False, True, True), (True, False, True)} <= reasons
    assert not parts.has_id[-1]
    assert parts.variation[-1] == -1


def test_a_phase_or_filter_of_an_unknown_hash_version_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="hash version 3 cannot be replayed"):
        ReplayPhase(variations=keys(2), seed="s", hash_version=3)
    with pytest.raises(ConfigurationError, match="hash version 0 cannot be replayed"):
        HashFilter(seed="s", ranges=((0, 1),), hash_version=0)


def test_variations_that_share_a_key_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="share a key"):
        ReplayPhase(variations=("0", "1", "0"), seed="s")


def test_more_ranges_than_variations_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="3 ranges cannot be replayed for 2 variations"):
        ReplayPhase(variations=keys(2), seed="s", ranges=((0, 0.1), (0.1, 0.2), (0.2, 0.3)))
