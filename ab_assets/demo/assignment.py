"""Who is assigned to which arm: GrowthBook's hash over all users at once.

What belongs here: the hash and the bucket ranges, as array operations over a matrix of user ids.
What does not: exposure rows; being assigned to an arm does not yet mean to have seen it.

References:
    - [GrowthBook SDK specification](https://docs.growthbook.io/lib/build-your-own#hash)
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

NOT_INCLUDED = -1
_OFFSET_BASIS = 2166136261
_PRIME = 16777619
_MASK = np.uint64(0xFFFFFFFF)
_DIGITS = 10


def id_matrix(ids: NDArray[np.str_]) -> NDArray[np.uint8]:
    """The bytes of ids of one length, one row an id."""
    encoded = np.char.encode(ids, "ascii")
    return np.frombuffer(encoded.tobytes(), dtype=np.uint8).reshape(len(ids), -1)


def assign(
    ids: NDArray[np.uint8],
    *,
    seed: str,
    weights: tuple[float, ...],
    coverage: float = 1.0,
    version: Literal[1, 2] = 2,
) -> NDArray[np.int8]:
    """The arm of each user, or ``NOT_INCLUDED`` outside the coverage.

    >>> assign(id_matrix(np.array(["u0000001", "u0000002"])), seed="s", weights=(0.5, 0.5))
    array([1, 0], dtype=int8)
    """
    hashed = hash_ids(ids, seed=seed, version=version)
    arms = np.full(len(ids), NOT_INCLUDED, dtype=np.int8)
    start = 0.0
    for index, weight in enumerate(weights):
        arms[(hashed >= start) & (hashed < start + coverage * weight)] = index
        start += weight
    return arms


def hash_ids(ids: NDArray[np.uint8], *, seed: str, version: Literal[1, 2]) -> NDArray[np.float64]:
    """A number in [0, 1) for each id, as GrowthBook's SDKs compute it."""
    text = np.frombuffer(seed.encode(), dtype=np.uint8)
    start = np.full(len(ids), _OFFSET_BASIS, dtype=np.uint64)
    if version == 1:
        once = _absorb(_absorb(start, ids), np.broadcast_to(text, (len(ids), len(text))))
        return (once % np.uint64(1000)).astype(np.float64) / 1000
    once = _absorb(_absorb(start, np.broadcast_to(text, (len(ids), len(text)))), ids)
    return (_hash_decimal(once) % np.uint64(10000)).astype(np.float64) / 10000


def _absorb(state: NDArray[np.uint64], columns: NDArray[np.uint8]) -> NDArray[np.uint64]:
    for index in range(columns.shape[1]):
        state = ((state ^ columns[:, index]) * np.uint64(_PRIME)) & _MASK
    return state


def _hash_decimal(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """FNV-1a of the numbers written in decimal, without leading zeros."""
    state = np.full(len(numbers), _OFFSET_BASIS, dtype=np.uint64)
    started = np.zeros(len(numbers), dtype=bool)
    for place in range(_DIGITS - 1, -1, -1):
        digit = numbers // np.uint64(10**place) % np.uint64(10)
        started |= (digit > 0) | (place == 0)
        absorbed = ((state ^ (digit + np.uint64(ord("0")))) * np.uint64(_PRIME)) & _MASK
        state = np.where(started, absorbed, state)
    return state
