"""A partition is a function of the source rows up to its day and of the configuration in force."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import polars as pl
import pytest

from tests.same_rows import assert_same_rows
from tests.small_world import World, an_exposure, day, midnight

Build = Callable[..., World]


def assert_same_tables(one: World, other: World, *tags: str) -> None:
    """Every table of ``ab`` and of the dashboard, whole, over some tags."""
    left, right = one.tables(), other.tables()
    compared = 0
    for name in sorted(left.keys() & right.keys()):
        mine, others = (_of_tags(tables[name], tags) for tables in (left, right))
        if mine is not None and others is not None:
            assert_same_rows(mine, others)
            compared += mine.height
    assert compared > 0


def assert_frames_equal(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert_same_rows(one[name], other[name])


def _of_tags(frame: pl.DataFrame, tags: tuple[str, ...]) -> pl.DataFrame | None:
    return frame.filter(pl.col("tag").is_in(tags)) if "tag" in frame.columns else None


@pytest.fixture
def reference(made: World) -> World:
    return made


def test_days_made_in_another_order_are_the_same(reference: World, build_loaded: Build) -> None:
    world = build_loaded("other")
    world.make_days("habit", day(2), day(1))
    assert_same_tables(world, reference, "habit")


def test_a_single_day_made_alone_is_the_one_made_in_order(
    reference: World, build_loaded: Build
) -> None:
    world = build_loaded("other")
    world.make_days("shop", day(4))
    expected = reference.table("ab.tbl_report_user_shop_shop").filter(event_date=day(4))
    assert expected.height > 0
    assert_same_rows(world.table("ab.tbl_report_user_shop_shop"), expected)


def test_a_day_made_again_stays_the_same(reference: World) -> None:
    before = reference.tables()
    reference.make_days("habit", day(2))
    assert_frames_equal(reference.tables(), before)


def test_a_day_made_in_full_is_the_one_built_on_the_day_before(reference: World) -> None:
    before = reference.tables()
    reference.make_days("habit", day(2), full=True)
    paths = reference.query("SELECT path FROM ab.partition_provenance WHERE path = 'full'")
    assert paths.height > 0
    assert_frames_equal(reference.tables(), before)


def test_exposures_that_arrive_late_count_when_the_day_is_made_again(
    made: World, build_loaded: Build
) -> None:
    late = [
        an_exposure("late", "1", "streak", midnight(day(1)) + timedelta(hours=3)),
        # A unit of the first wave turns out to be a crossover.
        an_exposure("u001", "1", "streak", midnight(day(1)) + timedelta(hours=1)),
        an_exposure("u001", "0", "streak", midnight(day(1)) + timedelta(hours=2)),
    ]
    made.add_exposures(late)
    made.make_days("habit", day(2))
    there = build_loaded("other")
    there.add_exposures(late)
    there.make_days("habit", day(2))
    for name in ("tbl_wide_user_habits_habit", "tbl_report_user_habits_habit"):
        day_two = made.table(f"ab.{name}").filter(event_date=day(2))
        assert_same_rows(day_two, there.table(f"ab.{name}"))
    wide = made.table("ab.tbl_wide_user_habits_habit").filter(event_date=day(2))
    assert wide.filter(user_id="late", experiment_key="streak").height == 1
    told = made.query(
        "SELECT reason FROM ab.partition_provenance "
        f"WHERE table_name = 'ab.tbl_wide_user_habits_habit' AND event_date = '{day(2)}'"
    )
    assert "streak: exposures arrived late" in told.item()
