"""The split of a phase, aligned with the experiment's variations.

What belongs here: whose weight is whose, and whether the weights make sense. What does not: the
rest of a phase (``phases``).
"""

from collections.abc import Sequence

from ab_assets.growthbook.payloads import SharePayload

# GrowthBook's SDKs take weights whose sum is off by up to this; beyond, they split equally instead.
TOLERANCE = 0.01
_ROUNDING = 1e-9


def align_weights(split: Sequence[SharePayload], variation_ids: Sequence[str]) -> tuple[float, ...]:
    """The weight of each variation.

    Entries are matched by variation id. Where an id is unknown, they are matched by position
    instead: GrowthBook labels the split of every phase, old ones too, with the latest phase's
    variations. A variation the split does not name has weight 0; the sum shows whether anything is
    missing.

    Args:
        split: The phase's ``trafficSplit``.
        variation_ids: The experiment's variations, in order.

    Returns:
        One weight a variation.

    Raises:
        ValueError: The split fits the variations neither way, or its weights make no sense.
    """
    weights = _by_id(split, variation_ids) or _by_position(split, variation_ids)
    if weights is None:
        message = "its traffic split does not fit the variations"
        raise ValueError(message)
    shown = ", ".join(f"{weight:g}" for weight in weights)
    if any(weight < 0 for weight in weights):
        message = f"its weights are negative ({shown})"
        raise ValueError(message)
    if not any(weights):
        message = "all its weights are 0, so no arm gets users"
        raise ValueError(message)
    if abs(sum(weights) - 1) > TOLERANCE + _ROUNDING:
        message = f"its weights sum to {sum(weights):g}, not 1 ({shown})"
        raise ValueError(message)
    return weights


def _by_id(split: Sequence[SharePayload], variation_ids: Sequence[str]) -> tuple[float, ...] | None:
    shares = {share.variation_id: share.weight for share in split}
    known = set(variation_ids)
    distinct = len(shares) == len(split) and len(known) == len(variation_ids)
    if not distinct or not shares.keys() <= known:
        return None
    return tuple(shares.get(variation_id, 0.0) for variation_id in variation_ids)


def _by_position(
    split: Sequence[SharePayload], variation_ids: Sequence[str]
) -> tuple[float, ...] | None:
    if len(split) != len(variation_ids):
        return None
    known = set(variation_ids)
    for share, variation_id in zip(split, variation_ids, strict=True):
        if share.variation_id in known and share.variation_id != variation_id:
            return None
    return tuple(share.weight for share in split)
