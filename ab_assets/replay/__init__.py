"""Assignment replay: which variation GrowthBook's SDKs give each user, for whole columns of users.

What belongs here: hashes, buckets and what a comparison with logged variations found, as array
operations. What does not: anything that knows an experiment's configuration, a table or another
package of this project but its errors; numpy, polars and the buffers they exchange are all it
needs.

GrowthBook keeps no assignments: an exposure row is the only trace of one. But an assignment is a
pure function of the user's id and the phase, so it can be computed again and held against the row.

References:
    - [GrowthBook SDK specification](https://docs.growthbook.io/lib/build-your-own)
    - [FNV-1a](https://datatracker.ietf.org/doc/html/rfc9923)
"""

from ab_assets.replay.buckets import (
    NOT_INCLUDED,
    BucketRange,
    bucket_ranges,
    choose_variation,
    usable_weights,
    variation_of_bucket,
)
from ab_assets.replay.hashing import HashVersion, fnv1a_32, hash_buckets
from ab_assets.replay.outcome import Mismatch, ReplayOutcome, hold_against, rows_that_differ
from ab_assets.replay.replay import (
    HashFilter,
    Replayed,
    ReplayPhase,
    namespace_filter,
    replay,
    replay_in_parts,
)
from ab_assets.replay.text import TextUnits

__all__ = [
    "NOT_INCLUDED",
    "BucketRange",
    "HashFilter",
    "HashVersion",
    "Mismatch",
    "ReplayOutcome",
    "ReplayPhase",
    "Replayed",
    "TextUnits",
    "bucket_ranges",
    "choose_variation",
    "fnv1a_32",
    "hash_buckets",
    "hold_against",
    "namespace_filter",
    "replay",
    "replay_in_parts",
    "rows_that_differ",
    "usable_weights",
    "variation_of_bucket",
]
