"""A little of each of ``python -m tests.faults``; most of it takes minutes and is run by hand."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import (
    beside,
    corruption,
    disk_full,
    killed_loads,
    kills,
    lost_home,
    pauses,
    races,
)
from tests.faults.boundaries import Stop
from tests.faults.forked import ForkServer, scratch
from tests.faults.states import State, overwritten
from tests.faults.tally import Tally


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer() as running:
        yield running


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with scratch() as found:
        yield found


@pytest.fixture(scope="module")
def state(server: ForkServer, folder: Path) -> State:
    """A day is there; rows arrived late, and it is made again."""
    return overwritten(server, folder / "overwritten", days=1)


@pytest.fixture(scope="module")
def loading(server: ForkServer, folder: Path) -> State:
    """Two files are to be loaded."""
    return killed_loads.loading(server, folder / "loading")


def number_of(state: State, start: str, place: int = 0) -> int:
    """The number of a statement that begins so."""
    found = [n for n, text in enumerate(state.statements, start=1) if text.startswith(start)]
    return found[place]


def insert_of(state: State) -> int:
    """Where the new rows of the wide table are written."""
    return number_of(state, 'INSERT INTO "ab"."tbl_wide_user_shop_shop"')


def commit_of(state: State) -> int:
    """Where they become visible."""
    insert = insert_of(state)
    return insert + state.statements[insert - 1 :].index("COMMIT")


def assert_nothing_lost(tally: Tally, injected: int) -> None:
    assert tally.differences == []
    assert tally.injected == injected
    assert tally.comparisons >= injected


def test_a_run_killed_in_the_middle_of_a_write_leaves_whole_partitions(
    server: ForkServer, state: State, folder: Path
) -> None:
    stops = [Stop(insert_of(state), "after"), Stop(commit_of(state), "after")]
    tally = kills.kill_at_statements(server, state, stops, folder, complete_every=0)
    assert_nothing_lost(tally, 2)
    assert tally.details["partitions old"] > 0
    assert tally.details["partitions new"] > 0


def test_a_killed_run_whose_home_is_lost_is_made_by_the_next(
    server: ForkServer, state: State, folder: Path
) -> None:
    killed_at = Stop(commit_of(state), "before")
    tally = lost_home.lose(server, state, ["history/runs.db"], folder, killed_at)
    assert_nothing_lost(tally, 1)


def test_every_statement_of_a_run_is_a_moment_to_be_killed_at(state: State) -> None:
    before = {stop.statement for stop in kills.boundaries_of(state) if stop.side == "before"}
    assert before == set(range(1, len(state.statements) + 1))


def test_a_killed_load_is_repeated_and_every_row_is_there_once(
    server: ForkServer, loading: State, folder: Path
) -> None:
    commit = number_of(loading, "COMMIT", -2)
    stops = [Stop(commit, "before"), Stop(commit, "after"), Stop(commit, "within", 0.0005)]
    assert_nothing_lost(killed_loads.kill_loads(server, loading, stops, folder), 3)


def test_a_second_command_is_told_who_holds_the_file_and_the_first_goes_on(
    server: ForkServer, loading: State, folder: Path
) -> None:
    statements = [number_of(loading, "INSERT INTO")]
    tally = pauses.pause(server, loading, statements, folder)
    assert_nothing_lost(tally, 1)
    assert tally.details["second run refused with the holder named"] == 1


def test_two_loads_of_the_same_files_at_once_are_one(
    server: ForkServer, loading: State, folder: Path
) -> None:
    assert_nothing_lost(races.race(server, loading, [0.0], folder), 1)


def test_without_room_a_load_says_so_loses_nothing_and_is_made_later(
    server: ForkServer, loading: State, folder: Path
) -> None:
    tally = disk_full.limit_file(server, loading, [4096], folder)
    assert_nothing_lost(tally, 1)
    assert tally.details["failed"] == 1


def test_a_damaged_file_is_an_error_or_the_right_numbers(
    server: ForkServer, state: State, folder: Path
) -> None:
    tally = corruption.damage(server, state, 3, 2, folder)
    assert_nothing_lost(tally, 3)
    assert tally.details["refused"] > 0


def test_readers_beside_a_run_see_whole_partitions(
    server: ForkServer, state: State, folder: Path
) -> None:
    tally = beside.live_beside(server, state, 0.0, folder)
    assert tally.differences == []
    assert tally.details["plain reader: read"] > 0
    assert tally.details["report: ended"] > 0
    shutil.rmtree(folder / "beside")
