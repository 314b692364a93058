from tests.small_world import World, basket, broken_split, day, streak

TABLE = "flow_report_app.tbl_report_ab_testing_result"


def _newest(world: World, tag: str) -> list[object]:
    return world.query(f"SELECT DISTINCT event_date FROM {TABLE} WHERE tag = '{tag}'").rows()


def test_it_holds_the_newest_report_of_each_tag_and_nothing_else(made: World) -> None:
    assert _newest(made, "habit") == [(day(2),)]
    assert _newest(made, "shop") == [(day(4),)]
    newest = made.table("ab.tbl_report_user_shop_shop").filter(event_date=day(4))
    assert made.table(TABLE).filter(tag="shop").equals(newest)


def test_it_keeps_the_newest_day_after_an_older_one_is_made_again(made: World) -> None:
    before = made.table(TABLE)
    made.make_days("shop", day(3))
    assert made.table(TABLE).equals(before)


def test_an_archived_experiment_leaves_it(made: World) -> None:
    made.say(streak(), broken_split(archived=True), basket())
    assert made.make("growthbook/experiments").succeeded
    made.make_days("habit", day(2))
    shown = made.query(f"SELECT DISTINCT experiment_key FROM {TABLE} WHERE tag = 'habit'")
    assert shown["experiment_key"].to_list() == ["streak"]


def test_a_tag_whose_last_experiment_is_archived_leaves_it_whole(made: World) -> None:
    made.say(streak(), broken_split(), basket(archived=True))
    assert made.make("growthbook/experiments").succeeded
    made.make_days("shop", day(4))
    assert _newest(made, "shop") == []
    assert _newest(made, "habit") == [(day(2),)]


def test_a_tag_that_was_never_reported_is_refused_with_the_remedy(loaded: World) -> None:
    outcome = loaded.make("flow_report_app/ab_testing_result", tag="shop")
    assert not outcome.succeeded
    assert "no report of 'shop' was ever made" in outcome.failure
    assert "report_user" in outcome.failure
