"""GrowthBook's hash of many users at once: FNV-1a and the buckets made of it.

What belongs here: the hash, version 1 and 2. What does not: which variation a bucket is
(``buckets``).

FNV-1a takes one unit of the text after another, so rows are walked together, unit by unit: rows
are ordered by length, the longest first, so that those with a unit left are always the first ones.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.errors import ConfigurationError
from ab_assets.replay.text import TextUnits, UnitColumn, text_column, text_units, unit_chunks

HashVersion = Literal[1, 2]
BUCKETS: dict[int, int] = {1: 1_000, 2: 10_000}
_OFFSET_BASIS = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF
# Rows worked on together: their state stays in a core's cache, and numpy's calls weigh little.
_ROWS = 1 << 15
# The decimals hashed by table at once; the digits after them are hashed one by one.
_TAIL_DIGITS = 5
_TAIL = 10**_TAIL_DIGITS


def hash_buckets(
    texts: pl.Series | Sequence[str | None],
    *,
    seed: str,
    version: int,
    units: TextUnits = TextUnits.UTF16,
) -> NDArray[np.uint16]:
    """The bucket of each text: GrowthBook's hash times the number of buckets, a whole number.

    Version 1 hashes text + seed into 1,000 buckets, with a bias that version 2 does not have: it
    hashes seed + text, hashes the decimal digits of that, and has 10,000 buckets.

    Args:
        texts: What is hashed; a NULL is hashed as the empty text.
        seed: The seed.
        version: 1 or 2.
        units: Which SDK is followed for texts that are not ASCII.

    Raises:
        ConfigurationError: There is no such version, or the column holds no texts.

    >>> hash_buckets(["a", "b"], seed="seed", version=2).tolist()
    [505, 2696]
    """
    check_version(version)
    column = text_column(texts)
    buckets = np.empty(len(column), dtype=np.uint16)
    of_seed = text_units(seed, units)
    first = 0
    for chunk in unit_chunks(column, units, _ROWS):
        last = first + len(chunk.starts)
        buckets[first:last] = _hash_1(chunk, of_seed) if version == 1 else _hash_2(chunk, of_seed)
        first = last
    return buckets


def fnv1a_32(
    texts: pl.Series | Sequence[str | None], units: TextUnits = TextUnits.UTF16
) -> NDArray[np.uint32]:
    """FNV-1a, 32 bits, of each text.

    >>> [hex(number) for number in fnv1a_32(["", "foobar"]).tolist()]
    ['0x811c9dc5', '0xbf9cf968']
    """
    parts = [
        _absorb_column(_OFFSET_BASIS, chunk)
        for chunk in unit_chunks(text_column(texts), units, _ROWS)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint32)


def check_version(version: int) -> None:
    """Refuses a version of the hash that does not exist.

    Raises:
        ConfigurationError: It is neither 1 nor 2.
    """
    if version not in get_args(HashVersion):
        message = f"hash version {version} cannot be replayed: GrowthBook's SDKs know 1 and 2"
        raise ConfigurationError(message)


def _hash_1(chunk: UnitColumn, seed: Iterable[int]) -> NDArray[np.uint32]:
    state = _absorb_column(_OFFSET_BASIS, chunk)
    for unit in seed:
        state ^= np.uint32(unit)
        state *= np.uint32(_PRIME)
    return state % np.uint32(BUCKETS[1])


def _hash_2(chunk: UnitColumn, seed: Iterable[int]) -> NDArray[np.uint32]:
    once = _absorb_column(_absorb(_OFFSET_BASIS, seed), chunk)
    return _hash_decimals(once) % np.uint32(BUCKETS[2])


def _absorb(state: int, units: Iterable[int]) -> int:
    for unit in units:
        state = (state ^ unit) * _PRIME & _MASK
    return state


def _absorb_column(state: int, chunk: UnitColumn) -> NDArray[np.uint32]:
    """The hash of every row, from a state that its units go on from."""
    found = np.full(len(chunk.starts), state, dtype=np.uint32)
    longest = int(chunk.lengths.max(initial=0))
    if longest == int(chunk.lengths.min(initial=longest)):
        _walk(found, chunk.units, chunk.starts, [len(found)] * longest)
        return found
    order = np.argsort(-chunk.lengths, kind="stable")
    # left[j]: how many rows are longer than j units.
    left = len(found) - np.cumsum(np.bincount(chunk.lengths))[:longest]
    _walk(found, chunk.units, chunk.starts[order], left.tolist())
    result = np.empty_like(found)
    result[order] = found
    return result


def _walk(
    state: NDArray[np.uint32],
    units: NDArray[Any],
    starts: NDArray[np.int64],
    left: Sequence[int],
) -> None:
    """Takes unit after unit into the states of the rows that have one left, the first ``left``."""
    prime = np.uint32(_PRIME)
    for place, rows in enumerate(left):
        part = state[:rows]
        part ^= units[place:].take(starts[:rows])
        part *= prime


def _hash_decimals(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """FNV-1a of numbers written in decimal digits."""
    head, rest = np.divmod(numbers, np.uint32(_TAIL))
    state = _states_of_heads().take(head)
    for place in range(_TAIL_DIGITS - 1, -1, -1):
        digit, rest = np.divmod(rest, np.uint32(10**place))
        state ^= digit + np.uint32(ord("0"))
        state *= np.uint32(_PRIME)
    # Without leading digits there would be leading zeros; one number in 43,000 is so small.
    for row in np.flatnonzero(head == 0).tolist():
        state[row] = _absorb(_OFFSET_BASIS, str(numbers[row]).encode())
    return state


@cache
def _states_of_heads() -> NDArray[np.uint32]:
    """The state after the leading digits of a number, by those digits."""
    heads = range(_MASK // _TAIL + 1)
    return np.array([_absorb(_OFFSET_BASIS, str(head).encode()) for head in heads], np.uint32)
