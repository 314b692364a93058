from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.experiments import all_tags, day_bounds, experiments_in_force, phase_in_force
from tests.experiments.builders import a_phase, an_experiment, utc

UTC_ZONE = ZoneInfo("UTC")
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 10, 10)


def test_a_phase_started_in_the_middle_of_the_day_is_in_force_on_that_day() -> None:
    experiment = an_experiment(phases=(a_phase("2026-10-10T13:37:00.000001"),))
    assert phase_in_force(experiment, DAY, UTC_ZONE) == experiment.phases[0]


def test_a_phase_started_at_the_last_microsecond_of_the_day_is_in_force_on_it() -> None:
    experiment = an_experiment(phases=(a_phase("2026-10-10T23:59:59.999999"),))
    assert phase_in_force(experiment, DAY, UTC_ZONE) == experiment.phases[0]


def test_a_phase_started_a_microsecond_after_the_day_is_not_in_force_on_it() -> None:
    experiment = an_experiment(phases=(a_phase("2026-10-11T00:00"),))
    assert phase_in_force(experiment, DAY, UTC_ZONE) is None


def test_the_business_zone_decides_when_the_day_is_over() -> None:
    experiment = an_experiment(phases=(a_phase("2026-10-10T16:00"),))
    assert phase_in_force(experiment, DAY, SHANGHAI) is None
    assert phase_in_force(experiment, DAY + timedelta(days=1), SHANGHAI) is not None


def test_on_the_day_of_a_new_phase_the_new_one_is_in_force() -> None:
    old = a_phase("2026-10-01T00:00", ended_at=utc("2026-10-10T09:00"))
    new = a_phase("2026-10-10T09:00", index=1)
    experiment = an_experiment(phases=(old, new))
    assert phase_in_force(experiment, DAY, UTC_ZONE) == new
    assert phase_in_force(experiment, DAY - timedelta(days=1), UTC_ZONE) == old


def test_of_phases_started_together_the_last_in_the_list_is_in_force() -> None:
    phases = (
        a_phase(index=0),
        a_phase(index=1, seed="again"),
        a_phase("2026-09-01T00:00", index=2),
    )
    assert phase_in_force(an_experiment(phases=phases), DAY, UTC_ZONE) == phases[1]


def test_a_phase_that_ended_stays_in_force_until_a_newer_one_starts() -> None:
    experiment = an_experiment(
        status="stopped", phases=(a_phase(ended_at=utc("2026-10-02T00:00")),)
    )
    assert phase_in_force(experiment, DAY, UTC_ZONE) == experiment.phases[0]


def test_a_draft_has_no_phase_in_force_though_it_has_a_dated_phase() -> None:
    assert phase_in_force(an_experiment(status="draft"), DAY, UTC_ZONE) is None


def test_an_archived_experiment_has_no_phase_in_force() -> None:
    assert phase_in_force(an_experiment(archived=True), DAY, UTC_ZONE) is None


def test_an_experiment_without_phases_has_none_in_force() -> None:
    assert phase_in_force(an_experiment(phases=()), DAY, UTC_ZONE) is None


def test_a_phase_that_cannot_be_analysed_does_not_give_way_to_the_one_before_it() -> None:
    phases = (
        a_phase("2026-09-01T00:00"),
        a_phase("2026-10-01T00:00", index=1, problem="its weights are all 0"),
        a_phase("2026-11-01T00:00", index=2),
    )
    experiment = an_experiment(phases=phases)
    assert phase_in_force(experiment, date(2026, 9, 15), UTC_ZONE) == phases[0]
    assert phase_in_force(experiment, DAY, UTC_ZONE) is None
    assert phase_in_force(experiment, date(2026, 11, 1), UTC_ZONE) == phases[2]


@given(
    starts=st.lists(
        st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 1)),  # noqa: DTZ001
        max_size=6,
    ),
    day=st.dates(date(2026, 8, 30), date(2026, 11, 3)),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin"]),
    order=st.randoms(use_true_random=False),
)
def test_the_phase_in_force_does_not_depend_on_the_order_of_the_list(
    starts: list[datetime], day: date, zone: str, order: object
) -> None:
    phases = [
        a_phase(index=index, started_at=start.replace(tzinfo=UTC))
        for index, start in enumerate(starts)
    ]
    shuffled = sorted(phases, key=lambda _: order.random())
    found = phase_in_force(an_experiment(phases=tuple(shuffled)), day, ZoneInfo(zone))
    assert found == phase_in_force(an_experiment(phases=tuple(phases)), day, ZoneInfo(zone))
    _, last = day_bounds(day, ZoneInfo(zone))
    started = [phase.started_at for phase in phases if phase.started_at <= last]
    assert (found.started_at if found else None) == max(started, default=None)


def test_an_experiment_with_several_tags_appears_under_each() -> None:
    experiment = an_experiment(tags=("subscribe", "paywall"))
    for tag in experiment.tags:
        assert [pair.experiment for pair in experiments_in_force([experiment], tag, DAY, UTC_ZONE)]


@pytest.mark.parametrize("tag", ["Retention", "retentio", "retention2", "", "other"])
def test_a_tag_matches_exactly(tag: str) -> None:
    assert experiments_in_force([an_experiment()], tag, DAY, UTC_ZONE) == ()


def test_blanks_around_the_tag_that_is_asked_for_do_not_count() -> None:
    assert len(experiments_in_force([an_experiment()], " retention ", DAY, UTC_ZONE)) == 1


def test_experiments_come_sorted_by_key_and_id_whatever_their_order() -> None:
    experiments = [
        an_experiment(id="exp_3", key="b"),
        an_experiment(id="exp_2", key="a"),
        an_experiment(id="exp_1", key="b"),
    ]
    expected = ["exp_2", "exp_1", "exp_3"]
    for order in (experiments, experiments[::-1]):
        found = experiments_in_force(order, "retention", DAY, UTC_ZONE)
        assert [pair.experiment.id for pair in found] == expected


def test_each_experiment_comes_with_its_phase_in_force() -> None:
    phases = (a_phase("2026-10-01T00:00"), a_phase("2026-10-20T00:00", index=1))
    experiment = an_experiment(phases=phases)
    assert experiments_in_force([experiment], "retention", DAY, UTC_ZONE) == (
        (experiment, phases[0]),
    )


def test_all_tags_are_those_of_experiments_that_can_be_in_force() -> None:
    experiments = [
        an_experiment(tags=("b", "a")),
        an_experiment(tags=("a", "c"), status="stopped"),
        an_experiment(tags=("draft",), status="draft"),
        an_experiment(tags=("old",), archived=True),
    ]
    assert all_tags(experiments) == ("a", "b", "c")
