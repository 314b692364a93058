"""What a replay found beside what was logged, and in words why they can differ.

What belongs here: counts by kind and one sentence. What does not: whether that is bad
(:mod:`ab_assets.health.replay`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.errors import ConfigurationError
from ab_assets.replay.replay import ReplayPhase, replay_in_parts
from ab_assets.replay.text import text_column


class Mismatch(StrEnum):
    """How a logged unit can differ from its replay.

    Attributes:
        OTHER_VARIATION: The hash gives another variation than the one logged.
        NOT_COVERED: The hash falls outside the coverage: the unit would not be in the experiment.
        FILTERED_OUT: The unit's variation is right, but its namespace leaves it out.
        UNKNOWN_KEY: The logged key is no variation of the experiment; not judged.
        NO_ID: The logged id is NULL or empty; not judged.
    """

    OTHER_VARIATION = "other_variation"
    NOT_COVERED = "not_covered"
    FILTERED_OUT = "filtered_out"
    UNKNOWN_KEY = "unknown_key"
    NO_ID = "no_id"

    @property
    def is_judged(self) -> bool:
        """Whether a unit of this kind has a known key and an id, so that it could have agreed."""
        return self not in _NOT_JUDGED


_NOT_JUDGED = (Mismatch.UNKNOWN_KEY, Mismatch.NO_ID)
_TOLD = {
    Mismatch.OTHER_VARIATION: "were logged with another variation than their id hashes to",
    Mismatch.NOT_COVERED: "hash to no variation, as if they were not in the experiment",
    Mismatch.FILTERED_OUT: "are outside the experiment's namespace",
}
# What is no fault of the hash, so that nobody looks for one before having thought of these.
_KNOWN_REASONS = {
    Mismatch.OTHER_VARIATION: (
        "sticky bucketing (units keep a variation given before the seed, the split or the coverage "
        "changed)",
        "forced variations (a URL parameter, an override in the SDK, QA)",
        "a fallback attribute hashed in place of the missing hash attribute",
    ),
    Mismatch.NOT_COVERED: (
        "sticky bucketing (units stay in after the coverage was lowered)",
        "forced variations (a URL parameter, an override in the SDK, QA)",
        "a fallback attribute hashed in place of the missing hash attribute",
    ),
    Mismatch.FILTERED_OUT: (
        "sticky bucketing (units stay in after the namespace changed)",
        "forced variations (a URL parameter, an override in the SDK, QA)",
        "a namespace with a hash attribute of its own",
    ),
}


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """How many logged units replay, and how the others differ.

    Attributes:
        units: Units with a known key and an id: those that are judged.
        by_kind: Units that differ, by how; kinds nobody shows are left out.
    """

    units: int
    by_kind: Mapping[Mismatch, int] = field(default_factory=dict, hash=False)

    @property
    def mismatches(self) -> int:
        """Judged units that differ."""
        return sum(count for kind, count in self.by_kind.items() if kind.is_judged)

    @property
    def share(self) -> float:
        """Mismatches of the judged units; 0 where nobody is judged."""
        return self.mismatches / self.units if self.units else 0.0

    @property
    def main_kind(self) -> Mismatch | None:
        """The kind most mismatches are of."""
        judged = {kind: count for kind, count in self.by_kind.items() if kind.is_judged}
        return max(judged, key=lambda kind: judged[kind]) if judged else None

    @property
    def known_reasons(self) -> tuple[str, ...]:
        """What makes units differ so although the hash is right."""
        return () if self.main_kind is None else _KNOWN_REASONS[self.main_kind]

    @property
    def sentence(self) -> str:
        """What was found, in one plain sentence."""
        left_out = ", ".join(
            f"{self.by_kind[kind]:,} {words}"
            for kind, words in zip(
                _NOT_JUDGED, ("with an unknown key", "without an id"), strict=True
            )
            if kind in self.by_kind
        )
        aside = f" (not judged: {left_out})" if left_out else ""
        if not self.units:
            return f"no unit could be replayed{aside}"
        if not self.mismatches:
            return f"all {self.units:,} units replay to the variation that was logged{aside}"
        parts = "; ".join(
            f"{self.by_kind[kind]:,} {words}"
            for kind, words in _TOLD.items()
            if kind in self.by_kind
        )
        return (
            f"{self.mismatches:,} of {self.units:,} units ({self.share:.2%}) do not replay: "
            f"{parts}{aside}"
        )


def hold_against(
    user_ids: pl.Series | Sequence[str | None],
    logged_keys: pl.Series | Sequence[str | None],
    phase: ReplayPhase,
) -> ReplayOutcome:
    """Replays every user and counts who was logged with something else.

    Args:
        user_ids: The units.
        logged_keys: The variation key each was logged with.
        phase: The phase to replay.

    Raises:
        ConfigurationError: There are more ids than keys, or fewer.

    >>> phase = ReplayPhase(variations=("0", "1"), seed="s", weights=(0.5, 0.5))
    >>> hold_against(["u0000001", "u0000002"], ["1", "1"], phase).sentence[:41]
    '1 of 2 units (50.00%) do not replay: 1 we'
    """
    kinds = _rows_by_kind(user_ids, logged_keys, phase)
    counts = {kind: int(np.count_nonzero(rows)) for kind, rows in kinds.items()}
    not_judged = sum(counts[kind] for kind in _NOT_JUDGED)
    rows = len(next(iter(kinds.values())))
    return ReplayOutcome(
        rows - not_judged, {kind: count for kind, count in counts.items() if count}
    )


def rows_that_differ(
    user_ids: pl.Series | Sequence[str | None],
    logged_keys: pl.Series | Sequence[str | None],
    phase: ReplayPhase,
) -> NDArray[np.bool_]:
    """Which rows :func:`hold_against` counts as mismatches, to look at them by themselves."""
    kinds = _rows_by_kind(user_ids, logged_keys, phase)
    judged = [rows for kind, rows in kinds.items() if kind.is_judged]
    found: NDArray[np.bool_] = np.logical_or.reduce(judged)
    return found


def _rows_by_kind(
    user_ids: pl.Series | Sequence[str | None],
    logged_keys: pl.Series | Sequence[str | None],
    phase: ReplayPhase,
) -> dict[Mismatch, NDArray[np.bool_]]:
    if len(user_ids) != len(logged_keys):
        message = (
            f"{len(user_ids):,} ids cannot be held against {len(logged_keys):,} logged keys: "
            "give one key an id"
        )
        raise ConfigurationError(message)
    replayed = replay_in_parts(user_ids, phase)
    logged = _indices(text_column(logged_keys), phase.variations)
    known = logged >= 0
    judged = known & replayed.has_id
    differs = replayed.bucketed != logged
    outside = replayed.bucketed < 0
    return {
        Mismatch.OTHER_VARIATION: judged & differs & ~outside,
        Mismatch.NOT_COVERED: judged & outside,
        Mismatch.FILTERED_OUT: judged & ~differs & ~replayed.let_through,
        Mismatch.UNKNOWN_KEY: ~known & replayed.has_id,
        Mismatch.NO_ID: ~replayed.has_id,
    }


def _indices(logged: pl.Series, keys: Sequence[str]) -> NDArray[np.int16]:
    places = pl.Series(range(len(keys)), dtype=pl.Int16)
    found = logged.replace_strict(
        pl.Series(keys, dtype=pl.String), places, default=-1, return_dtype=pl.Int16
    )
    result: NDArray[np.int16] = found.to_numpy()
    return result
