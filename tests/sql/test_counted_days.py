"""Columns that count a unit's days, over any number of them."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from ab_assets.analysis.branches import branches_of
from ab_assets.analysis.wide_user import measures_hash
from tests.sql.bench import Bench, a_module, gate
from tests.sql.rows import exposed, pay, visit

FIRST = date(2024, 1, 1)
DAYS = ("active_days", "paying_days")


def counting(bench: Bench, *more: str, **metric: object) -> None:
    columns = (*DAYS, *more)
    bench.experiments = (gate("2024-01-01T00:00"),)
    bench.module = a_module(
        {name: {"type": "mean", "column": name} | metric for name in columns}, columns
    )


def summed_by_day(bench: Bench) -> set[bool]:
    measures = bench.day(FIRST).measures
    return {branch.by_day for branch in branches_of(measures, is_incremental=False)}


@pytest.mark.parametrize("more", [(), ("fewest_a_day",)])
def test_each_day_is_counted_once_whatever_the_length_of_the_phase(
    bench: Bench, more: tuple[str, ...]
) -> None:
    counting(bench, *more)
    assert summed_by_day(bench) == {bool(more)}
    active = (0, 1, 60, 61, 62, 63, 64, 124, 125, 126, 127, 188, 189, 190, 300)
    paying = (1, 61, 62, 63, 125, 126, 127, 300)
    when = {day: f"{FIRST + timedelta(days=day)}" for day in active}
    bench.load(
        exposed("u", "0", "01-01 00:00"),
        *(visit("u", f"{when[day]} {hour}:00") for day in active for hour in (11, 12)),
        *(pay("u", f"{when[day]} 13:00", 1) for day in paying),
    )
    last = FIRST + timedelta(days=300)
    row = bench.full(last).unit(last, "u")
    assert (row["active_days"], row["paying_days"]) == (len(active), len(paying))


def test_every_day_of_a_long_phase_counts(bench: Bench) -> None:
    counting(bench)
    days = [FIRST + timedelta(days=number) for number in range(200)]
    bench.load(exposed("u", "0", "01-01 00:00"), *(visit("u", f"{day} 11:00") for day in days))
    assert bench.full(days[-1]).unit(days[-1], "u")["active_days"] == len(days)


def test_how_long_a_phase_runs_does_not_change_what_rows_are_made_of(bench: Bench) -> None:
    counting(bench)
    hashes = set()
    for number in (0, 100, 200):
        day = bench.day(FIRST + timedelta(days=number))
        hashes.add(measures_hash(bench.library, day, bench.table(day)))
    assert len(hashes) == 1


def test_days_of_an_experiment_that_began_later_are_counted_from_its_own_first(
    bench: Bench,
) -> None:
    counting(bench)
    later = gate("2024-04-01T00:00", id="exp_2", key="later")
    bench.experiments = (*bench.experiments, later)
    bench.load(
        exposed("u", "0", "01-01 00:00"),
        exposed("u", "0", "04-01 00:00", experiment="later"),
        *(visit("u", f"{when} 10:00") for when in ("01-01", "03-30", "04-01", "04-02", "04-03")),
    )
    last = date(2024, 4, 3)
    made = bench.full(last)
    assert made.unit(last, "u")["active_days"] == 5
    assert made.unit(last, "u", "exp_2")["active_days"] == 3


def test_days_before_exposure_are_counted_alike(bench: Bench) -> None:
    counting(bench, cuped={"days": 3})
    bench.load(
        exposed("u", "0", "02-10 10:00"),
        *(
            visit("u", f"02-{day} {hour}:00")
            for day in ("06", "07", "08", "10")
            for hour in ("09", "11")
        ),
        pay("u", "02-08 12:00", 1),
    )
    day = date(2024, 2, 10)
    row = bench.full(day).unit(day, "u")
    # From 10:00 on the 7th to 10:00 on the 10th.
    assert (row["active_days_before_3d"], row["paying_days_before_3d"]) == (3, 1)


def test_a_day_on_which_nothing_of_the_kind_happened_does_not_count(bench: Bench) -> None:
    counting(bench)
    bench.load(exposed("u", "0", "01-01 00:00"), visit("u", "01-02 10:00"))
    day = date(2024, 1, 3)
    row = bench.full(day).unit(day, "u")
    assert (row["active_days"], row["paying_days"]) == (1, 0)


def test_where_clocks_go_back_over_midnight_the_day_before_comes_again(bench: Bench) -> None:
    counting(bench)
    bench.zone = ZoneInfo("America/St_Johns")
    # The 7th of November began at 02:30 UTC; a minute later it was 23:01 of the 6th.
    bench.experiments = (gate("2010-11-07T02:30"),)
    bench.load(
        exposed("u", "0", "2010-11-07 02:30"),
        visit("u", "2010-11-07 02:45"),
        visit("u", "2010-11-07 12:00"),
    )
    day = date(2010, 11, 7)
    assert bench.full(day).unit(day, "u")["active_days"] == 2
