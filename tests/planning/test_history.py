"""History against the rows it is read from."""

import pytest

from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.errors import ConfigurationError, UnknownTagError
from ab_assets.modules.model import Metric
from ab_assets.planning.history import History, closing_days
from ab_assets.reporting.reading import NoReportError
from tests.planning.conftest import history_of, tamper
from tests.small_world import World, broken_split, day, streak
from tests.small_world_copies import loaded_world

WIDE = "ab.tbl_wide_user_habits_habit"
REPORT = "ab.tbl_report_user_habits_habit"


def test_the_trusted_experiment_is_taken_and_its_control_is_the_baseline(streak: History) -> None:
    assert (streak.experiment_key, streak.event_date, streak.distrust) == ("streak", day(2), "")
    visits = streak.metric("visits_per_user")
    assert visits.planned is not None
    assert (visits.planned.kind, visits.planned.closing_days) == ("mean", 0)
    assert 0 < visits.planned.variance_reduction < 1
    retention = streak.metric("retention_d1")
    assert retention.planned is not None
    assert (retention.planned.kind, retention.planned.unit) == ("proportion", "percent")
    assert retention.planned.closing_days == 1


def test_baseline_and_spread_are_those_of_the_controls_units(made: World) -> None:
    planned = history_of(open_project(), "habit").metric("visits_per_user").planned
    units = made.query(
        f"SELECT avg(visits) AS mean, stddev_samp(visits) AS deviation FROM {WIDE} "
        f"WHERE event_date = '{day(2)}' AND experiment_key = 'streak' AND variation_key = '0' "
        "AND is_known AND variations_seen = 1"
    )
    assert planned is not None
    assert planned.baseline == pytest.approx(units["mean"].item())
    assert planned.stddev == pytest.approx(units["deviation"].item())


def test_users_by_day_are_first_exposures_of_known_variations(streak: History, made: World) -> None:
    counted = made.query(
        "SELECT CAST(exposed_at AS DATE) AS seen_on, user_id FROM ab_source.exposures "
        "WHERE experiment_key = 'streak' AND variation_key IN ('0', '1') "
        f"AND exposed_at < '{day(3)}'"
    )
    first = counted.group_by("user_id").min()["seen_on"].value_counts()
    units = dict(first.iter_rows())
    assert streak.traffic.first_days == (units[day(1)], units[day(2)])
    assert streak.traffic.pace == sum(streak.traffic.first_days) / 2
    assert "first 2 days, then the mean of those: not a week" in streak.traffic.source


def test_one_day_of_history_is_called_hardly_a_guess(opened: OpenedProject) -> None:
    assert "hardly a guess" in history_of(opened, "shop").traffic.source


def test_eight_days_are_followed_by_the_mean_of_the_last_seven(
    made: World, opened: OpenedProject
) -> None:
    for table in (WIDE, REPORT):
        tamper(made, f"UPDATE {table} SET event_date = '{day(8)}' WHERE event_date = '{day(2)}'")
    provenance = f"UPDATE ab.partition_provenance SET event_date = '{day(8)}'"
    tamper(made, f"{provenance} WHERE table_name = '{REPORT}' AND event_date = '{day(2)}'")
    traffic = history_of(opened, "habit").traffic
    assert len(traffic.first_days) == 8
    assert traffic.first_days[2:4] == (0.0, 0.0)
    assert traffic.pace == pytest.approx(sum(traffic.first_days[1:]) / 7)
    assert traffic.source == "as streak saw them in its first 8 days, then the mean of its last 7"


@pytest.mark.parametrize("tampering", [f"DELETE FROM {WIDE}", f"DROP TABLE {WIDE}"])
def test_without_wide_rows_the_pace_is_users_over_days(
    made: World, opened: OpenedProject, tampering: str
) -> None:
    made.execute(tampering)
    traffic = history_of(opened, "habit").traffic
    users = made.query(
        f"SELECT sum(users) AS users FROM {REPORT} WHERE event_date = '{day(2)}' "
        "AND experiment_key = 'streak' AND metric = 'visits_per_user' AND dimension = ''"
    )
    assert (traffic.first_days, traffic.pace) == ((), users.item() / 2)
    assert traffic.source == "the mean of the 2 days of streak"


def test_a_day_that_was_not_over_is_no_day_of_the_history(
    made: World, opened: OpenedProject
) -> None:
    tamper(made, f"UPDATE {WIDE} SET day_closed = FALSE")
    assert len(history_of(opened, "habit").traffic.first_days) == 1


def test_another_experiment_can_be_named_and_its_distrust_is_told(opened: OpenedProject) -> None:
    named = history_of(opened, "habit", "broken_split")
    assert named.experiment_key == "broken_split"
    assert "sample" in named.distrust
    assert history_of(opened, "habit", "exp_streak").experiment_key == "streak"


def test_an_unknown_experiment_is_refused_with_those_there_are(opened: OpenedProject) -> None:
    with pytest.raises(ConfigurationError, match="no experiment 'gate'; it has broken_split, str"):
        history_of(opened, "habit", "gate")


def test_an_unknown_metric_is_refused_with_those_there_are(streak: History) -> None:
    with pytest.raises(ConfigurationError, match=r"no metric 'x' .* visits_per_user, retention_d1"):
        streak.metric("x")


def test_a_metric_without_spread_or_units_is_refused_with_the_reason(
    made: World, opened: OpenedProject
) -> None:
    tamper(made, f"UPDATE {REPORT} SET stddev = 0 WHERE metric = 'visits_per_user'")
    tamper(made, f"UPDATE {REPORT} SET mean = NULL, users = 0 WHERE metric = 'retention_d1'")
    history = history_of(opened, "habit")
    with pytest.raises(
        ConfigurationError, match=r"visits_per_user cannot .*every user has the sam"
    ):
        history.metric("visits_per_user")
    with pytest.raises(ConfigurationError, match=r"retention_d1 cannot .*no unit is counted yet"):
        history.metric("retention_d1")


def test_a_metric_the_module_no_longer_has_is_left_out(made: World, opened: OpenedProject) -> None:
    tamper(made, f"UPDATE {REPORT} SET metric = 'gone' WHERE metric = 'retention_d1'")
    assert [item.name for item in history_of(opened, "habit").metrics] == ["visits_per_user"]


def test_the_error_rate_is_shared_as_the_reports_correction_does(streak: History) -> None:
    assert [item.comparisons(3) for item in streak.metrics] == [2, 2]


def test_guardrails_share_no_error_rate_and_are_watched_for_harm(
    made: World, opened: OpenedProject
) -> None:
    tamper(made, f"UPDATE {REPORT} SET role = 'guardrail'")
    history = history_of(opened, "habit")
    assert [item.family for item in history.metrics] == [1, 1]
    assert all(item.planned and item.planned.fall for item in history.metrics)


def test_without_a_report_the_remedy_is_told(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded_world(tmp_path_factory.mktemp("bare"), monkeypatch)
    with pytest.raises(NoReportError, match="run `ab-assets run --tag habit`"):
        history_of(open_project(), "habit")


def test_an_empty_report_says_why_and_what_else_can_be_done(opened: OpenedProject) -> None:
    with pytest.raises(NoReportError, match=r"no experiment with the tag 'quiet'.*--baseline 10%"):
        history_of(opened, "quiet")


def test_an_unknown_tag_is_refused(opened: OpenedProject) -> None:
    with pytest.raises(UnknownTagError):
        history_of(opened, "habits")


def test_experiments_growthbook_no_longer_has_give_no_history(
    made: World, opened: OpenedProject
) -> None:
    made.say(streak_of_another_tag(), broken_split(tags=["shop"]))
    assert made.make("growthbook/experiments").succeeded
    with pytest.raises(NoReportError, match="GrowthBook no longer has the experiments"):
        history_of(opened, "habit")


def streak_of_another_tag() -> dict[str, object]:
    return streak(tags=["shop"])


@pytest.mark.parametrize(
    ("metric", "days"),
    [
        (Metric(type="retention", day=7, column="active"), 7),
        (Metric(type="mean", column="visits", window={"hours": 72}, delay={"hours": 12}), 4),
        (Metric(type="mean", column="visits", window={"days": 7}, in_progress="include"), 0),
        (Metric(type="mean", column="visits", lookback={"days": 7}), 0),
    ],
)
def test_a_unit_counts_once_its_window_or_day_is_over(metric: Metric, days: int) -> None:
    assert closing_days(metric) == days
