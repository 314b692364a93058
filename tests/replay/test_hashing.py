"""FNV-1a and GrowthBook's two hash versions, against their definition and published values."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError
from ab_assets.replay import TextUnits, fnv1a_32, hash_buckets
from ab_assets.replay import hashing as hashing_module

# (seed, text, version, hash): the published conformance values of GrowthBook's SDKs.
PUBLISHED = [
    ("", "a", 1, 0.22),
    ("", "b", 1, 0.077),
    ("b", "a", 1, 0.946),
    ("ef", "d", 1, 0.652),
    ("asdf", "8952klfjas09ujk", 1, 0.549),
    ("", "123", 1, 0.011),
    ("", '___)((*":&', 1, 0.563),
    ("seed", "a", 2, 0.0505),
    ("seed", "b", 2, 0.2696),
    ("foo", "ab", 2, 0.2575),
    ("foo", "def", 2, 0.2019),
    ("89123klj", "8952klfjas09ujkasdf", 2, 0.124),
    ("90850943850283058242805", "123", 2, 0.7516),
    ("()**(%$##$%#$#", '___)((*":&', 2, 0.0128),
]
TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=40) | st.none(), max_size=30)
CODECS = {TextUnits.UTF8: ("utf-8", 1), TextUnits.UTF16: ("utf-16-be", 2)}


def units_of(text: str, units: TextUnits) -> list[int]:
    if units is TextUnits.CODE_POINTS:
        return [ord(character) for character in text]
    codec, size = CODECS[units]
    data = text.encode(codec)
    return [int.from_bytes(data[at : at + size]) for at in range(0, len(data), size)]


def defined(units: Sequence[int]) -> int:
    """FNV-1a as its definition reads."""
    state = 0x811C9DC5
    for unit in units:
        state = ((state ^ unit) * 0x01000193) % 2**32
    return state


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0x811C9DC5),
        ("a", 0xE40C292C),
        ("foobar", 0xBF9CF968),
        ("chongo was here!\n", 0xD49930D5),
    ],
)
def test_fnv1a_gives_its_published_values(text: str, expected: int) -> None:
    assert fnv1a_32([text]).tolist() == [expected]


@pytest.mark.parametrize(("seed", "text", "version", "expected"), PUBLISHED)
def test_both_versions_give_growthbooks_published_values(
    seed: str, text: str, version: int, expected: float
) -> None:
    (bucket,) = hash_buckets([text], seed=seed, version=version)
    assert bucket / {1: 1000, 2: 10_000}[version] == expected


@pytest.mark.parametrize("units", TextUnits)
@settings(deadline=None, max_examples=50)
@given(texts=TEXTS)
def test_every_text_hashes_as_defined_whatever_it_is_made_of(
    units: TextUnits, texts: list[str | None]
) -> None:
    expected = [defined(units_of(text or "", units)) for text in texts]
    assert fnv1a_32(texts, units).tolist() == expected


@pytest.mark.parametrize("units", TextUnits)
@settings(deadline=None, max_examples=50)
@given(texts=TEXTS, seed=st.text(st.characters(codec="utf-8"), max_size=10))
def test_version_2_hashes_the_decimal_digits_of_the_hash_of_seed_and_text(
    units: TextUnits, texts: list[str | None], seed: str
) -> None:
    once = [defined(units_of(seed + (text or ""), units)) for text in texts]
    expected = [defined(str(number).encode()) % 10_000 for number in once]
    assert hash_buckets(texts, seed=seed, version=2, units=units).tolist() == expected


@pytest.mark.parametrize("units", TextUnits)
@settings(deadline=None, max_examples=50)
@given(texts=TEXTS, seed=st.text(st.characters(codec="utf-8"), max_size=10))
def test_version_1_hashes_text_and_seed(
    units: TextUnits, texts: list[str | None], seed: str
) -> None:
    expected = [defined(units_of((text or "") + seed, units)) % 1000 for text in texts]
    assert hash_buckets(texts, seed=seed, version=1, units=units).tolist() == expected


@pytest.mark.parametrize(
    "number", [0, 7, 10, 99_999, 100_000, 100_001, 999_999_999, 1_000_000_000, 2**32 - 1]
)
def test_numbers_of_any_size_are_hashed_without_leading_zeros(number: int) -> None:
    (found,) = hashing_module._hash_decimals(np.array([number], np.uint32)).tolist()
    assert found == defined(str(number).encode())


def test_the_three_kinds_of_sdk_agree_on_ascii_alone() -> None:
    by_units = [fnv1a_32(["user-1", "é", "日本", "😀"], units).tolist() for units in TextUnits]
    assert [len(set(column)) for column in zip(*by_units, strict=True)] == [1, 2, 2, 3]


def test_a_seed_that_is_not_ascii_counts_by_the_same_units() -> None:
    found = {
        units: hash_buckets(["u"], seed="🌱", version=2, units=units)[0] for units in TextUnits
    }
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("units", TextUnits)
@pytest.mark.parametrize("rows", [1, 3, 7])
def test_where_a_column_is_cut_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch, units: TextUnits, rows: int
) -> None:
    texts = ["a", "日本語", "", "user-22", None, "😀 face", "ééé", "x" * 300, "b", "plain"]
    whole = hash_buckets(texts, seed="s", version=2, units=units).tolist()
    monkeypatch.setattr(hashing_module, "_ROWS", rows)
    assert hash_buckets(texts, seed="s", version=2, units=units).tolist() == whole


def test_a_column_of_several_parts_and_a_slice_of_one_hash_row_by_row() -> None:
    one = pl.Series("user_id", ["a", "bb", "日本", None])
    column = pl.concat([one, pl.Series("user_id", ["dd", "e"])], rechunk=False)[1:5]
    found = fnv1a_32(column).tolist()
    assert found == [defined(units_of(text, TextUnits.UTF16)) for text in ("bb", "日本", "", "dd")]


@pytest.mark.parametrize("empty", [[], pl.Series([], dtype=pl.String)])
def test_no_rows_give_no_hashes(empty: list[str] | pl.Series) -> None:
    assert fnv1a_32(empty).tolist() == []
    assert hash_buckets(empty, seed="s", version=2).tolist() == []


@pytest.mark.parametrize("version", [0, 3, -1])
def test_a_version_that_does_not_exist_is_refused(version: int) -> None:
    with pytest.raises(ConfigurationError, match=f"hash version {version} cannot be replayed"):
        hash_buckets(["a"], seed="s", version=version)


def test_a_column_of_nothing_but_nulls_is_one_of_empty_texts() -> None:
    assert fnv1a_32(pl.Series([None, None])).tolist() == [0x811C9DC5] * 2


def test_a_column_of_numbers_is_refused_for_which_text_they_are_is_unknown() -> None:
    with pytest.raises(ConfigurationError, match=r"'user_id' is Int64: cast it to VARCHAR"):
        hash_buckets(pl.Series("user_id", [1, 2]), seed="s", version=2)
