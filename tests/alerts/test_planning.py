"""Which messages follow from what is seen, look after look."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from ab_assets.alerts.message import Kind, Message
from ab_assets.alerts.planning import Episode, Observation, episodes_after, plan_messages
from ab_assets.alerts.problem import Identity, Severity
from tests.alerts.builders import DAY, NOW, TAG, a_failed_run, a_problem, later, seen

NEXT = DAY + timedelta(days=1)


class Story:
    """Looks one after the other; remembers what was told."""

    def __init__(self) -> None:
        self.episodes: dict[Identity, Episode] = {}
        self.told: list[Message] = []
        self.hours = 0

    def look(self, observation: Observation) -> list[tuple[Kind, str]]:
        self.hours += 1
        messages = plan_messages(self.episodes, observation, later(hours=self.hours))
        self.episodes = episodes_after(self.episodes, messages)
        self.told += messages
        return [(item.kind, item.identity.subject if item.identity else "") for item in messages]


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_problem_is_told_once(story: Story) -> None:
    assert story.look(seen(a_problem())) == [(Kind.OPENED, "exp_basket")]
    assert story.look(seen(a_problem())) == []
    newer = a_problem(day=NEXT)
    assert story.look(seen(newer, days={TAG: NEXT})) == []


def test_it_is_told_again_when_it_worsens_by_a_class_and_only_then(story: Story) -> None:
    story.look(seen(a_problem()))
    worse = a_problem(severity=Severity.FAIL)
    assert story.look(seen(worse)) == [(Kind.WORSENED, "exp_basket")]
    assert story.look(seen(a_problem())) == []
    assert story.look(seen(worse)) == []


@pytest.mark.parametrize("day", [DAY, NEXT])
def test_its_end_is_told_when_the_tag_was_computed_without_it(story: Story, day: date) -> None:
    problem = a_problem()
    story.look(seen(problem))
    clean = seen(days={TAG: day}, passing=[problem.identity])
    assert story.look(clean) == [(Kind.RECOVERED, "exp_basket")]
    assert f"the check passes on {day}" in story.told[-1].text
    assert story.told[-1].event_date == day
    assert story.look(clean) == []


@pytest.mark.parametrize("days", [{}, {"habit": NEXT}, {TAG: DAY - timedelta(days=1)}])
def test_silence_of_a_tag_that_was_not_computed_is_no_recovery(
    story: Story, days: dict[str, date]
) -> None:
    story.look(seen(a_problem()))
    assert story.look(seen(days=days)) == []


def test_a_recovery_is_held_against_the_newest_day_it_was_told_for(story: Story) -> None:
    story.look(seen(a_problem()))
    story.look(seen(a_problem(severity=Severity.FAIL, day=NEXT), days={TAG: NEXT}))
    assert story.look(seen(days={TAG: DAY})) == []


def test_an_experiment_that_is_over_ends_its_problems(story: Story) -> None:
    story.look(seen(a_problem()))
    story.look(seen(days={TAG: NEXT}))
    assert "is no longer checked" in story.told[-1].text


def test_a_tag_that_no_module_has_any_more_ends_its_problems(story: Story) -> None:
    story.look(seen(a_problem()))
    assert story.look(seen(days={}, tags=["habit"])) == [(Kind.RECOVERED, "exp_basket")]
    assert "no module has the tag shop any more" in story.told[-1].text


def test_a_problem_that_comes_back_is_told_again(story: Story) -> None:
    for _ in range(3):
        assert story.look(seen(a_problem())) == [(Kind.OPENED, "exp_basket")]
        assert story.look(seen()) == [(Kind.RECOVERED, "exp_basket")]
    assert len({message.id for message in story.told}) == 6


def test_another_phase_or_check_is_another_problem(story: Story) -> None:
    story.look(seen(a_problem()))
    others = [a_problem(), a_problem(phase=1), a_problem(check="crossovers")]
    assert len(story.look(seen(*others))) == 2


def test_the_worst_is_told_first(story: Story) -> None:
    mild, bad = a_problem("mild"), a_problem("bad", severity=Severity.FAIL)
    subjects = [subject for _, subject in story.look(seen(mild, bad, a_failed_run()))]
    assert subjects == ["tag:shop", "exp_bad", "exp_mild"]
    assert [message.ordinal for message in story.told] == [0, 1, 2]


def test_a_failed_run_ends_when_it_is_no_longer_seen(story: Story) -> None:
    story.look(seen(a_failed_run()))
    assert story.look(seen(days={})) == [(Kind.RECOVERED, "tag:shop")]
    assert story.told[-1].event_date == DAY


def test_the_same_state_plans_the_same_ids() -> None:
    one, other = (plan_messages({}, seen(a_problem()), at)[0] for at in (NOW, later(hours=1)))
    assert one.id == other.id
    assert one.created_at != other.created_at


def test_a_message_without_a_problem_changes_no_episode(story: Story) -> None:
    story.look(seen(a_problem()))
    digest = replace(story.told[0], identity=None, kind=Kind.DIGEST)
    assert episodes_after({}, [digest]) == {}


def test_ids_of_random_stories_never_repeat_and_every_open_problem_was_told() -> None:
    random = Random(3)  # noqa: S311 (data)
    for _ in range(60):
        story, day = Story(), DAY
        for _ in range(12):
            day += timedelta(days=random.randrange(2))
            problems = [
                a_problem(key, severity=random.choice([Severity.WARN, Severity.FAIL]), day=day)
                for key in ("a", "b", "c")
                if random.random() < 0.5
            ]
            story.look(seen(*problems, days={TAG: day}))
            open_now = {identity for identity, episode in story.episodes.items() if episode.is_open}
            assert open_now == {problem.identity for problem in problems}
            for problem in problems:
                worst = story.episodes[problem.identity].worst
                assert worst.rank >= problem.severity.rank
        ids = [message.id for message in story.told]
        assert len(ids) == len(set(ids))


def test_a_problem_without_a_day_ends_when_its_tag_is_computed(story: Story) -> None:
    story.look(seen(a_problem(day=None)))
    assert story.look(seen()) == [(Kind.RECOVERED, "exp_basket")]
