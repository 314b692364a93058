from tests.small_world import World, day


def test_it_holds_the_units_exposed_on_that_day_and_no_others(made: World) -> None:
    exposed = made.query(
        "SELECT count(DISTINCT user_id) AS units FROM ab.experiment_data "
        f"WHERE tag = 'habit' AND event_date = '{day(2)}'"
    ).item()
    source = made.query(
        "SELECT count(DISTINCT user_id) AS units FROM ab_source.exposures "
        "WHERE experiment_key IN ('streak', 'broken_split') "
        f"AND exposed_at >= '{day(2)}' AND exposed_at < '{day(3)}'"
    ).item()
    assert exposed == source > 0


def test_a_unit_has_one_row_for_each_experiment_and_variation_of_a_day(made: World) -> None:
    doubled = made.query(
        "SELECT count(*) AS row_count FROM (SELECT tag, event_date, experiment_id, user_id, "
        "variation_key, count(*) AS times FROM ab.experiment_data GROUP BY tag, event_date, "
        "experiment_id, user_id, variation_key) AS counted WHERE times > 1"
    )
    assert doubled.item() == 0


def test_it_carries_the_phase_in_force(made: World) -> None:
    phases = made.query(
        "SELECT DISTINCT event_date, phase_index FROM ab.experiment_data WHERE tag = 'shop' "
        "ORDER BY event_date"
    )
    assert (day(4), 1) in phases.rows()
    assert (day(4), 0) not in phases.rows()


def test_making_a_partition_again_does_not_touch_the_others(made: World) -> None:
    before = made.table("ab.experiment_data")
    assert made.make("experiment_data", tag="shop", when=day(4)).succeeded
    assert made.table("ab.experiment_data").equals(before)
