"""What changed is named, and touches the days it is about and no other."""

import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from ab_assets.experiments import Experiment, Namespace
from ab_assets.experiments.changes import Change, ChangeKind, compare
from ab_assets.experiments.known import KnownExperiment, known_from_json, known_of
from tests.experiments.builders import a_phase, an_experiment, utc

ZONE = ZoneInfo("UTC")
NEWEST = date(2026, 11, 20)
START = date(2026, 1, 1)
FIRST = a_phase("2026-11-10T00:00")
CLOSED = replace(FIRST, ended_at=utc("2026-11-18T12:00"))
SECOND = a_phase("2026-11-18T12:00", index=1, seed="other", name="Again")
RUNNING = an_experiment(phases=(FIRST,))


def changed(before: Experiment | None, now: Experiment, zone: ZoneInfo = ZONE) -> list[Change]:
    known = {} if before is None else {before.id: known_of(before)}
    return compare(known, [known_of(now)], NEWEST, zone)


def only(before: Experiment | None, now: Experiment) -> Change:
    (change,) = changed(before, now)
    return change


def span(change: Change) -> tuple[str, str] | None:
    days = change.days(START, NEWEST)
    return (days[0].isoformat(), days[-1].isoformat()) if days else None


def test_nothing_changed_is_no_change() -> None:
    assert changed(RUNNING, RUNNING) == []


def test_a_new_name_is_no_change() -> None:
    renamed = replace(RUNNING, name="Other", phases=(replace(FIRST, name="Other"),))
    assert changed(RUNNING, renamed) == []


def test_a_new_experiment_touches_its_tags_from_its_newest_phase_on() -> None:
    change = only(None, replace(RUNNING, phases=(CLOSED, SECOND)))
    assert (change.kind, change.phase_index, change.tags) == (
        ChangeKind.NEW_EXPERIMENT,
        1,
        ("retention",),
    )
    assert span(change) == ("2026-11-18", "2026-11-20")
    assert change.sentence == "experiment 'gate' (exp_1): it is new, phase 1 since 2026-11-18"


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"archived": True}, {"phases": ()}])
def test_a_new_experiment_that_is_not_in_force_touches_nothing(changes: dict[str, object]) -> None:
    assert changed(None, an_experiment(**changes)) == []


def test_a_draft_that_starts_touches_its_phase() -> None:
    change = only(replace(RUNNING, status="draft"), RUNNING)
    assert (change.kind, span(change)) == (ChangeKind.STARTED, ("2026-11-10", "2026-11-20"))
    assert "it was draft and is in force" in change.sentence


@pytest.mark.parametrize(
    ("seed", "told"),
    [("other", "users were randomised again"), ("gate", "users keep their places")],
)
def test_a_new_phase_touches_the_days_from_its_start_on(seed: str, told: str) -> None:
    change = only(RUNNING, replace(RUNNING, phases=(CLOSED, replace(SECOND, seed=seed))))
    assert (change.kind, change.phase_index) == (ChangeKind.NEW_PHASE, 1)
    assert span(change) == ("2026-11-18", "2026-11-20")
    assert told in change.sentence


def test_the_days_between_the_end_of_a_phase_and_the_next_are_touched_too() -> None:
    early = replace(FIRST, ended_at=utc("2026-11-14T00:00"))
    end, new = changed(RUNNING, replace(RUNNING, phases=(early, SECOND)))
    assert (end.kind, span(end)) == (ChangeKind.PHASE_END, ("2026-11-14", "2026-11-17"))
    assert (new.kind, span(new)) == (ChangeKind.NEW_PHASE, ("2026-11-18", "2026-11-20"))


def test_a_phase_put_before_the_others_touches_its_own_days() -> None:
    late = replace(FIRST, started_at=utc("2026-11-15T00:00"))
    before = replace(RUNNING, phases=(late,))
    change = only(before, replace(RUNNING, phases=(late, a_phase("2026-11-12T00:00", index=1))))
    assert span(change) == ("2026-11-12", "2026-11-14")
    assert "it is the first in time" in change.sentence


def test_a_phase_of_tomorrow_touches_no_day_yet() -> None:
    tomorrow = a_phase("2026-11-22T00:00", index=1)
    assert span(only(RUNNING, replace(RUNNING, phases=(FIRST, tomorrow)))) is None


def test_a_phase_that_was_removed_touches_the_days_it_had() -> None:
    both = replace(RUNNING, phases=(CLOSED, SECOND))
    opened, removed = changed(both, RUNNING)
    assert (removed.kind, span(removed)) == (
        ChangeKind.PHASE_REMOVED,
        ("2026-11-18", "2026-11-20"),
    )
    assert opened.sentence.endswith("phase 0 is open again")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"weights": (0.9, 0.1)},
            "the weights of phase 0 went from 0.5/0.5 to 0.9/0.1; the seed stayed",
        ),
        ({"coverage": 0.5}, "the coverage of phase 0 went from 1 to 0.5"),
        ({"seed": "x"}, "the seed of phase 0 changed: users were randomised again"),
        ({"targeting_condition": '{"a":1}'}, "the audience of phase 0 changed"),
        ({"namespace": Namespace(id="n", ranges=((0.0, 0.5),))}, "the audience of phase 0"),
        ({"problem": "it is odd"}, "the audience of phase 0 changed"),
    ],
)
def test_a_phase_that_changed_touches_all_its_days(changes: dict[str, object], told: str) -> None:
    change = only(RUNNING, replace(RUNNING, phases=(replace(FIRST, **changes),)))
    assert change.kind is ChangeKind.PHASE
    assert told in change.sentence
    assert span(change) == ("2026-11-10", "2026-11-20")


@pytest.mark.parametrize("start", ["2026-11-08T00:00", "2026-11-12T00:00"])
def test_a_start_that_moved_touches_the_days_from_the_earlier_one(start: str) -> None:
    change = only(RUNNING, replace(RUNNING, phases=(replace(FIRST, started_at=utc(start)),)))
    assert f"phase 0 starts at {start.replace('T', ' ')} UTC" in change.sentence
    assert change.days(START, NEWEST)[0] == min(date(2026, 11, 10), utc(start).date())


def test_an_old_phase_that_was_corrected_touches_its_own_days() -> None:
    before = replace(RUNNING, phases=(CLOSED, SECOND))
    now = replace(RUNNING, phases=(replace(CLOSED, weights=(0.4, 0.6)), SECOND))
    assert span(only(before, now)) == ("2026-11-10", "2026-11-17")


def test_a_setting_of_the_experiment_touches_the_newest_phase_alone() -> None:
    before = replace(RUNNING, phases=(CLOSED, SECOND))
    change = only(before, replace(before, attribution_model="experimentDuration"))
    assert (change.kind, change.phase_index) == (ChangeKind.SETTINGS, 1)
    assert span(change) == ("2026-11-18", "2026-11-20")


def test_a_stop_touches_the_days_from_the_end_of_the_phase_on() -> None:
    now = replace(RUNNING, status="stopped", phases=(CLOSED,))
    change = only(RUNNING, now)
    assert (change.kind, span(change)) == (ChangeKind.STOPPED, ("2026-11-18", "2026-11-20"))
    again = only(now, RUNNING)
    assert (again.kind, span(again)) == (ChangeKind.PHASE_END, ("2026-11-18", "2026-11-20"))


def test_a_stop_of_today_touches_no_day_yet() -> None:
    ended = replace(FIRST, ended_at=utc("2026-11-21T09:00"))
    change = only(RUNNING, replace(RUNNING, status="stopped", phases=(ended,)))
    assert (change.kind, span(change)) == (ChangeKind.STOPPED, None)


def test_a_status_alone_touches_no_day_of_the_past() -> None:
    stopped = replace(RUNNING, status="stopped")
    for before, now, kind in (
        (RUNNING, stopped, ChangeKind.STOPPED),
        (stopped, RUNNING, ChangeKind.STARTED),
    ):
        change = only(before, now)
        assert (change.kind, span(change)) == (kind, None)


def test_an_archived_experiment_leaves_the_newest_day() -> None:
    change = only(RUNNING, replace(RUNNING, archived=True))
    assert (change.kind, span(change)) == (ChangeKind.ARCHIVED, ("2026-11-20", "2026-11-20"))


def test_an_experiment_that_is_a_draft_again_or_gone_leaves_the_newest_day() -> None:
    known = known_of(RUNNING)
    draft = known_of(replace(RUNNING, status="draft"))
    gone = replace(draft, state="gone")
    for now in (draft, gone):
        (change,) = compare({"exp_1": known}, [now], NEWEST, ZONE)
        assert (change.kind, span(change)) == (ChangeKind.WITHDRAWN, ("2026-11-20", "2026-11-20"))


def test_an_archived_experiment_that_comes_back_touches_its_phase() -> None:
    change = only(replace(RUNNING, archived=True), RUNNING)
    assert (change.kind, span(change)) == (ChangeKind.STARTED, ("2026-11-10", "2026-11-20"))


def test_a_tag_that_was_added_is_touched_from_the_phase_on_and_one_taken_away_on_one_day() -> None:
    added, removed = changed(RUNNING, replace(RUNNING, tags=("growth",)))
    assert (added.tags, span(added)) == (("growth",), ("2026-11-10", "2026-11-20"))
    assert (removed.tags, span(removed)) == (("retention",), ("2026-11-20", "2026-11-20"))


def test_the_order_of_tags_is_no_change() -> None:
    both = replace(RUNNING, tags=("a", "b"))
    assert changed(both, replace(both, tags=("b", "a"))) == []


def test_days_begin_where_the_business_s_day_begins() -> None:
    evening = replace(SECOND, started_at=utc("2026-11-18T17:00"))
    now = replace(RUNNING, phases=(CLOSED, evening))
    first = {
        name: changed(RUNNING, now, ZoneInfo(name))[-1].first for name in ("UTC", "Asia/Shanghai")
    }
    assert first == {"UTC": date(2026, 11, 18), "Asia/Shanghai": date(2026, 11, 19)}


def test_no_day_before_the_first_partition_is_touched() -> None:
    change = only(None, RUNNING)
    assert change.days(date(2026, 11, 19), NEWEST) == [date(2026, 11, 19), NEWEST]


def test_what_is_known_reads_back_from_its_text() -> None:
    for experiment in (
        replace(RUNNING, phases=(CLOSED, SECOND)),
        an_experiment(status="draft"),
        replace(RUNNING, archived=True),
    ):
        known = replace(known_of(experiment), revision=3)
        assert known_from_json(json.loads(json.dumps(known.to_json()))) == known


def test_what_is_known_is_small() -> None:
    assert len(json.dumps(known_of(replace(RUNNING, phases=(CLOSED, SECOND))).to_json())) < 350


def _random_phases(seed: int) -> KnownExperiment:
    random = Random(seed)  # noqa: S311 (data)
    phases = []
    for index in range(random.randrange(1, 4)):
        started = f"2026-11-{random.randrange(1, 20):02}T00:00"
        weights = random.choice([(0.5, 0.5), (0.9, 0.1)])
        phases.append(a_phase(started, index=index, weights=weights, seed=random.choice("ab")))
    return known_of(replace(RUNNING, phases=tuple(phases)))


def _in_force(experiment: KnownExperiment, day: date) -> str:
    started = [phase for phase in experiment.phases if phase.started_at.date() <= day]
    newest = max(started, key=lambda phase: (phase.started_at, phase.index), default=None)
    return newest.digest if newest else ""


@pytest.mark.parametrize("seed", range(100))
def test_every_day_whose_phase_in_force_differs_is_touched(seed: int) -> None:
    before, now = _random_phases(seed), _random_phases(seed + 1000)
    days = [date(2026, 11, 1) + timedelta(days=number) for number in range(20)]
    differing = {day for day in days if _in_force(before, day) != _in_force(now, day)}
    touched = {
        day
        for change in compare({"exp_1": before}, [now], NEWEST, ZONE)
        for day in change.days(START, NEWEST)
    }
    assert differing <= touched
