"""Replaying a phase: the variation that each user would be given.

What belongs here: a phase as the SDKs see it, and that one question. What does not: what was
logged (``outcome``).

Not replayed, because the user's id does not tell: targeting conditions, prerequisites, sticky
buckets, forced variations. Whoever has an exposure passed the first two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.errors import ConfigurationError
from ab_assets.replay.buckets import (
    NOT_INCLUDED,
    BucketRange,
    bucket_ranges,
    variation_of_bucket,
)
from ab_assets.replay.hashing import check_version, hash_buckets
from ab_assets.replay.text import TextUnits, text_column

_FEWEST_VARIATIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HashFilter:
    """Lets the users through whose own hash is in one of some ranges.

    Attributes:
        seed: What the filter hashes with.
        ranges: Half-open ranges within [0, 1).
        hash_version: Version of the hash; the SDKs take 2 where a filter names none.
    """

    seed: str
    ranges: tuple[BucketRange, ...]
    hash_version: int = 2

    def __post_init__(self) -> None:
        """Checks the version."""
        check_version(self.hash_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPhase:
    """What decides about a user's variation, as an SDK has it.

    Attributes:
        variations: The variation keys, in order.
        seed: What users are hashed with; an SDK takes the tracking key where there is none.
        hash_version: 1 or 2; an SDK takes 1 where the experiment names none.
        coverage: The share of users that is in the experiment at all.
        weights: The split; ``None``, a wrong number of weights or a sum that is not 1 splits
            equally, as in the SDKs.
        ranges: Explicit ranges, one a variation, in place of coverage and weights.
        filters: All of these must let a user through: namespaces.
        units: Which SDK is followed for ids that are not ASCII.
    """

    variations: tuple[str, ...]
    seed: str
    hash_version: int = 2
    coverage: float = 1.0
    weights: tuple[float, ...] | None = None
    ranges: tuple[BucketRange, ...] = ()
    filters: tuple[HashFilter, ...] = ()
    units: TextUnits = TextUnits.UTF16

    def __post_init__(self) -> None:
        """Checks what would silently replay something else."""
        check_version(self.hash_version)
        if len(set(self.variations)) < len(self.variations):
            message = f"variations that share a key cannot be replayed: {self.variations!r}"
            raise ConfigurationError(message)
        if len(self.ranges) > len(self.variations):
            message = (
                f"{len(self.ranges)} ranges cannot be replayed for {len(self.variations)} "
                "variations: give one a variation"
            )
            raise ConfigurationError(message)

    @property
    def bucket_ranges(self) -> tuple[BucketRange, ...]:
        """The range of each variation; none where the SDKs run no experiment."""
        if len(self.variations) < _FEWEST_VARIATIONS:
            return ()
        return self.ranges or bucket_ranges(len(self.variations), self.coverage, self.weights)


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """What a replay gave, one entry a user.

    Attributes:
        bucketed: The variation by its bucket alone, -1 outside the coverage.
        let_through: Whether every filter lets the user through.
        has_id: Whether there is anything to hash.
    """

    bucketed: NDArray[np.int16]
    let_through: NDArray[np.bool_]
    has_id: NDArray[np.bool_]

    @property
    def variation(self) -> NDArray[np.int16]:
        """The variation, -1 for who would not be in the experiment."""
        inside = self.let_through & self.has_id
        return np.where(inside, self.bucketed, np.int16(NOT_INCLUDED))


def namespace_filter(namespace_id: str, low: float, high: float) -> HashFilter:
    """A namespace of the older format: one range of a version-1 hash of its id.

    A namespace of the newer format (several ranges) reaches the SDKs as a filter of its own: a
    version-2 hash with a seed that only the namespace knows.
    """
    return HashFilter(seed=f"__{namespace_id}", ranges=((low, high),), hash_version=1)


def replay(user_ids: pl.Series | Sequence[str | None], phase: ReplayPhase) -> NDArray[np.int16]:
    """The index of each user's variation, -1 for who would not be in the experiment.

    A NULL or empty id is never in an experiment.

    >>> phase = ReplayPhase(variations=("0", "1"), seed="s", weights=(0.5, 0.5))
    >>> replay(["u0000001", "u0000002", "", None], phase).tolist()
    [1, 0, -1, -1]
    """
    return replay_in_parts(user_ids, phase).variation


def replay_in_parts(user_ids: pl.Series | Sequence[str | None], phase: ReplayPhase) -> Replayed:
    """The same, with the reason why a user would not be in the experiment."""
    column = text_column(user_ids)
    variations = variation_of_bucket(phase.hash_version, phase.bucket_ranges)
    buckets = hash_buckets(column, seed=phase.seed, version=phase.hash_version, units=phase.units)
    let_through = np.ones(len(column), dtype=np.bool_)
    for item in phase.filters:
        let_through &= _lets_through(column, item, phase.units)
    return Replayed(variations.take(buckets), let_through, (column != "").to_numpy())


def _lets_through(column: pl.Series, item: HashFilter, units: TextUnits) -> NDArray[np.bool_]:
    inside = variation_of_bucket(item.hash_version, item.ranges) != NOT_INCLUDED
    buckets = hash_buckets(column, seed=item.seed, version=item.hash_version, units=units)
    found: NDArray[np.bool_] = inside.take(buckets)
    return found
