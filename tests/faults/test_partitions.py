"""The rules that are held against a warehouse after a fault: each of them can fail."""

from dataclasses import replace

import polars as pl
import pytest

from tests.faults.partitions import Contents, Recorded, check_equal, check_whole
from tests.faults.tally import Tally, table_of

KEY = ("ab.experiment_data", "shop", "2025-03-03")
GONE = ("ab.experiment_data", "shop", "2025-03-04")


def rows_of(*users: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "tag": ["shop"] * len(users),
            "event_date": ["2025-03-03"] * len(users),
            "experiment_id": ["basket"] * len(users),
            "user_id": list(users),
            "variation_key": ["0"] * len(users),
        }
    )


def contents_of(run: str, *users: str) -> Contents:
    rows = rows_of(*users)
    others = {"ab_source.exposures": rows}
    return Contents({KEY: rows}, {}, {KEY: [Recorded(rows.height, run)]}, others, pulls=1)


OLD, NEW = contents_of("first", "a", "b"), contents_of("second", "a", "b", "c")
PARTIAL = replace(OLD, partitions={KEY: rows_of("a")})


def differences(now: Contents) -> list[str]:
    tally = Tally("a test")
    check_whole(now, OLD, replace(NEW, others=OLD.others), tally, "here")
    return tally.differences


@pytest.mark.parametrize("now", [OLD, replace(NEW, others=OLD.others)])
def test_the_old_and_the_new_partition_are_right(now: Contents) -> None:
    assert differences(now) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (PARTIAL, "neither old nor new"),
        (replace(OLD, partitions={}, recorded={}), "neither old nor new"),
        (replace(OLD, partitions={KEY: rows_of("a", "b", "b")}), "rows twice"),
        (replace(OLD, recorded={KEY: [Recorded(3, "first")]}), "disagree"),
        (replace(OLD, recorded={KEY: []}), "disagree"),
        (replace(OLD, recorded={KEY: [Recorded(2, "first")] * 2}), "disagree"),
        (replace(OLD, recorded={KEY: [Recorded(2, "second")]}), "is old, its provenance is not"),
        (replace(OLD, runs={KEY: frozenset(["second"])}), "of other runs than is recorded"),
        (replace(OLD, others={}), "neither as before nor as after"),
        (replace(OLD, pulls=3), "3 pulls, 1 before"),
    ],
)
def test_what_is_partial_missing_doubled_or_recorded_wrongly_is_seen(
    now: Contents, told: str
) -> None:
    assert any(told in sentence for sentence in differences(now))


def test_new_rows_beside_old_provenance_are_seen() -> None:
    new = replace(NEW, recorded={KEY: [Recorded(3, "second")]}, others=OLD.others)
    old = replace(OLD, recorded={KEY: [Recorded(3, "first")]})
    now = replace(new, recorded=old.recorded)
    tally = Tally("a test")
    check_whole(now, old, new, tally, "here")
    assert any("is new, its provenance is old" in sentence for sentence in tally.differences)


@pytest.mark.parametrize(
    "now",
    [
        OLD,
        PARTIAL,
        replace(NEW, others={}),
        replace(NEW, recorded={**NEW.recorded, GONE: [Recorded(1, "second")]}),
    ],
)
def test_anything_other_than_a_run_without_faults_is_seen(now: Contents) -> None:
    tally = Tally("a test")
    check_equal(now, NEW, tally, "here")
    assert tally.differences


def test_a_difference_is_printed_with_its_fault() -> None:
    tally = Tally("killed", injected=1)
    tally.expect(holds=True, sentence="fine")
    tally.expect(holds=False, sentence="a row is gone")
    assert tally.comparisons == 2
    assert "killed: DIFFERENCE: a row is gone" in table_of([tally])
