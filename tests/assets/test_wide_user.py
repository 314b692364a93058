from collections.abc import Callable
from datetime import date

import dagster as dg

from tests.small_world import World, day

Build = Callable[..., World]
TABLE = "ab.tbl_wide_user_shop_shop"


def _days(world: World) -> list[date]:
    frame = world.query(f"SELECT DISTINCT event_date FROM {TABLE} ORDER BY event_date")
    return frame["event_date"].to_list()


def test_partitions_too_far_behind_the_newest_are_dropped(build_made: Build) -> None:
    world = build_made(AB_WIDE_KEEP_DAYS="1")
    assert world.make("experiment_data", tag="shop", when=day(5)).succeeded
    assert world.make("shop/wide_user", tag="shop", when=day(5)).succeeded
    assert _days(world) == [day(4), day(5)]


def test_an_old_partition_stays_while_it_is_the_one_being_made(build_made: Build) -> None:
    world = build_made(AB_WIDE_KEEP_DAYS="1")
    assert world.make("shop/wide_user", tag="shop", when=day(1)).succeeded
    assert _days(world) == [day(1), day(3), day(4)]


def test_dropped_partitions_are_of_one_tag_alone(build_made: Build) -> None:
    world = build_made(AB_WIDE_KEEP_DAYS="1")
    before = world.table("ab.tbl_wide_user_habits_habit")
    assert world.make("shop/wide_user", tag="shop", when=day(6)).succeeded
    assert world.table("ab.tbl_wide_user_habits_habit").equals(before)


def test_the_second_day_is_built_on_the_first(made: World) -> None:
    path = made.query(
        "SELECT path FROM ab.partition_provenance WHERE table_name = "
        f"'ab.tbl_wide_user_habits_habit' AND event_date = '{day(2)}'"
    ).item()
    assert path == "incremental"


def test_asked_for_in_full_a_day_is_made_from_the_sources(made: World) -> None:
    outcome = made.make("habits/wide_user", tag="habit", when=day(2), config={"full": True})
    assert outcome.succeeded
    recorded = made.query(
        "SELECT path, reason FROM ab.partition_provenance WHERE table_name = "
        f"'ab.tbl_wide_user_habits_habit' AND event_date = '{day(2)}'"
    )
    assert recorded.rows() == [("full", "broken_split: asked for; streak: asked for")]


def test_rows_hold_the_phase_in_force_alone(made: World) -> None:
    phases = made.query(
        f"SELECT DISTINCT event_date, phase_index FROM {TABLE} ORDER BY event_date, phase_index"
    )
    assert phases.rows() == [(day(3), 0), (day(4), 1)]


def test_it_needs_no_earlier_partition_of_anything(loaded: World) -> None:
    assert loaded.make("shop/wide_user", tag="shop", when=day(3)).succeeded
    assert _days(loaded) == [day(3)]


def test_without_a_snapshot_it_says_what_to_do(loaded: World) -> None:
    loaded.execute("DELETE FROM ab.growthbook_pulls WHERE TRUE")
    outcome = loaded.make("shop/wide_user", tag="shop", when=day(3))
    assert not outcome.succeeded
    assert "ab-assets growthbook pull" in outcome.failure


def test_the_page_of_a_partition_counts_units_by_arm(made: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert made.make("shop/wide_user", tag="shop", when=day(4), instance=instance).succeeded
        event = instance.get_latest_materialization_event(dg.AssetKey(["shop", "wide_user"]))
    assert event is not None
    assert event.asset_materialization is not None
    told = {name: item.value for name, item in event.asset_materialization.metadata.items()}
    counted = made.query(
        "SELECT count(*) AS row_count, count_if(variations_seen > 1) AS crossed "
        f"FROM {TABLE} WHERE event_date = '{day(4)}'"
    ).row(0)
    assert told["dagster/row_count"] == counted[0]
    assert (told["units"], told["crossovers"]) == (counted[0] - counted[1], counted[1])
    assert str(told["arms"]).startswith("`basket`")
    assert f"| all |  | {told['units']:,} |" in str(told["arms"])
