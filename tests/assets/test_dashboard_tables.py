from tests.small_world import World, day

HEALTH = "flow_report_app.tbl_experiment_health"
TREND = "flow_report_app.tbl_report_trend"


def test_the_newest_findings_of_each_tag_are_shown(made: World) -> None:
    shown = made.table(HEALTH).filter(tag="habit")
    there = made.table("ab.experiment_health").filter(tag="habit", event_date=day(2))
    assert shown.height > 0
    assert shown.equals(there.select(shown.columns).sort(shown.columns, nulls_last=True))


def test_the_trend_has_the_days_of_the_phase_in_force_for_all_users(made: World) -> None:
    reports = made.table("ab.tbl_report_user_shop_shop")
    phases = reports.filter(event_date=day(4))["phase_index"].unique().to_list()
    assert phases == [1]
    there = reports.filter(dimension="", phase_index=1)
    shown = made.table(TREND).filter(tag="shop")
    assert set(shown["event_date"]) == set(there["event_date"])
    assert shown.equals(there.select(shown.columns).sort(shown.columns, nulls_last=True))


def test_an_older_day_made_again_changes_neither(made: World) -> None:
    before = made.table(HEALTH), made.table(TREND)
    made.make_days("shop", day(3))
    assert made.table(HEALTH).equals(before[0])
    assert made.table(TREND).equals(before[1])


def test_a_tag_without_findings_is_refused_with_the_remedy(loaded: World) -> None:
    outcome = loaded.make("flow_report_app/experiment_health", tag="shop")
    assert not outcome.succeeded
    assert "no health of 'shop' was ever made; materialise its health first" in outcome.failure
