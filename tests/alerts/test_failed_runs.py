"""Which failures are open, run after run, and through a cursor."""

from datetime import date, datetime, timedelta

import pytest

from ab_assets.alerts.failed_runs import FOLLOWED, FailedRuns, FinishedRun, read_failed_runs
from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.problem import Severity
from tests.alerts.builders import NOW, later

LINKS = DagsterLinks("https://dagster.example")
HEALTH, REPORT = "shop/health", "shop/report_user"


def a_run(
    run_id: str,
    sentence: str = "",
    *assets: str,
    at: datetime = NOW,
    partition: str = "2025-03-09|shop",
    tag: str = "shop",
    job: str = "__ASSET_JOB",
) -> FinishedRun:
    day = date.fromisoformat(partition[:10]) if "|" in partition else None
    return FinishedRun(run_id, job, partition, tag, "shop", day, assets, at, sentence)


@pytest.fixture
def start() -> FailedRuns:
    return read_failed_runs(None, NOW)


def told(state: FailedRuns) -> list[str]:
    return [problem.sentence for problem in state.problems(LINKS).values()]


def test_a_failed_run_is_a_problem_of_its_tag_with_a_link_to_the_run(start: FailedRuns) -> None:
    state = start.after([a_run("r1", "no disk", HEALTH)], NOW)
    (problem,) = state.problems(LINKS).values()
    assert problem.severity is Severity.RUN_FAILED
    assert (problem.identity.subject, problem.event_date) == ("tag:shop", date(2025, 3, 9))
    assert problem.link == "https://dagster.example/runs/r1"
    assert dict(problem.numbers) == {"partition": "2025-03-09|shop", "failed assets": HEALTH}


def test_it_is_over_when_what_failed_was_made_for_the_partition(start: FailedRuns) -> None:
    failed = a_run("r1", "no disk", HEALTH, REPORT)
    other = a_run("r2", "", HEALTH, REPORT, at=later(minutes=1), partition="2025-03-08|shop")
    half = a_run("r3", "", HEALTH, at=later(minutes=2))
    rest = a_run("r4", "", REPORT, at=later(minutes=3))
    assert told(start.after([failed, other, half], NOW)) == ["no disk"]
    assert told(start.after([failed, other, half, rest], NOW)) == []


def test_runs_count_in_the_order_in_which_they_ended(start: FailedRuns) -> None:
    made = a_run("r1", "", HEALTH, at=NOW)
    failed = a_run("r2", "no disk", HEALTH, at=later(minutes=1))
    assert told(start.after([failed, made], NOW)) == ["no disk"]


def test_the_newest_failure_of_a_partition_speaks_for_all_that_is_unmade(
    start: FailedRuns,
) -> None:
    state = start.after(
        [a_run("r1", "one", HEALTH), a_run("r2", "two", REPORT, at=later(minutes=1))], NOW
    )
    assert told(state) == ["two"]
    assert state.failures[0].assets == (HEALTH, REPORT)


def test_several_partitions_of_a_tag_are_one_problem(start: FailedRuns) -> None:
    days = ["2025-03-08|shop", "2025-03-09|shop"]
    runs = [
        a_run(day, day, HEALTH, partition=day, at=later(minutes=n)) for n, day in enumerate(days)
    ]
    (problem,) = start.after(runs, NOW).problems(LINKS).values()
    assert problem.sentence == days[1]
    assert dict(problem.numbers)["partitions that failed"] == "2"


def test_a_run_of_no_tag_is_a_problem_of_its_job(start: FailedRuns) -> None:
    failed = a_run("r1", "no answer", partition="", tag="", job="growthbook")
    state = start.after([failed], NOW)
    assert [identity.subject for identity in state.problems(LINKS)] == ["job:growthbook"]
    elsewhere = a_run("r2", partition="", tag="", job="other", at=later(minutes=1))
    again = a_run("r3", partition="", tag="", job="growthbook", at=later(minutes=2))
    assert told(state.after([elsewhere], NOW)) == ["no answer"]
    assert told(state.after([elsewhere, again], NOW)) == []


def test_a_failure_that_nobody_makes_again_is_followed_for_a_week(start: FailedRuns) -> None:
    state = start.after([a_run("r1", "no disk", HEALTH)], NOW)
    assert told(state.after([], NOW + FOLLOWED - timedelta(seconds=1))) == ["no disk"]
    assert told(state.after([], NOW + FOLLOWED)) == []


def test_a_run_that_is_read_again_changes_nothing(start: FailedRuns) -> None:
    failed, made = a_run("r1", "no disk", HEALTH), a_run("r2", "", HEALTH, at=later(minutes=1))
    state = start.after([failed, made], NOW)
    assert told(state.after([failed], NOW)) == []
    much_later = state.after([a_run("r3", "", at=later(hours=5))], NOW)
    assert told(much_later.after([failed], NOW)) == []
    assert len(much_later.recent) == 1


def test_the_state_survives_the_cursor(start: FailedRuns) -> None:
    failed = [a_run("r1", "no disk", HEALTH), a_run("r2", "x", partition="", tag="", job="j")]
    state = start.after(failed, NOW)
    assert read_failed_runs(state.to_text(), NOW) == state


@pytest.mark.parametrize(
    "cursor", ["", "no json", "{}", "[]", '{"seen_until": "x", "failures": [], "recent": []}']
)
def test_a_cursor_that_is_none_of_ours_begins_a_week_ago(cursor: str) -> None:
    assert read_failed_runs(cursor, NOW) == FailedRuns(NOW - FOLLOWED)


def test_a_cursor_with_a_failure_that_cannot_be_read_begins_anew(start: FailedRuns) -> None:
    text = start.after([a_run("r1", "no disk", HEALTH)], NOW).to_text()
    broken = text.replace(f'["{HEALTH}"]', "7")
    assert broken != text
    assert read_failed_runs(broken, NOW) == FailedRuns(NOW - FOLLOWED)


def test_a_long_error_is_cut(start: FailedRuns) -> None:
    state = start.after([a_run("r1", "x" * 100_000, HEALTH)], NOW)
    assert len(state.to_text()) < 2000
