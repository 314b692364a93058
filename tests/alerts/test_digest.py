"""What the daily digest holds and when it is due."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ab_assets.alerts.digest import (
    MOST_CHARACTERS,
    MOST_MENTIONS,
    digest_moment,
    plan_digest,
    with_mentions,
)
from ab_assets.alerts.message import Message
from ab_assets.alerts.planning import Observation, episodes_after
from ab_assets.alerts.problem import Problem, Severity
from tests.alerts.builders import NOW, a_message, a_problem, later, messages_of, seen

YESTERDAY = later(days=-1)
MOMENT = digest_moment(NOW, 9)


def digest(
    *problems: Problem,
    observation: Observation | None = None,
    uncertain: tuple[Message, ...] = (),
    at: datetime = NOW,
    opened_at: datetime = YESTERDAY,
) -> tuple[Message, ...]:
    episodes = episodes_after({}, messages_of(*problems, at=opened_at))
    return plan_digest(
        episodes, observation or seen(*problems), uncertain, at, digest_moment(at, 9)
    )


def test_it_lists_what_is_open_the_worst_first() -> None:
    (message,) = digest(a_problem("mild"), a_problem("bad", severity=Severity.FAIL))
    assert message.title == "2 problems are open on 2025-03-10"
    assert message.text.index("Failed: sample ratio · Bad (bad)") < message.text.index("Mild")
    assert [problem.experiment_key for problem in message.problems] == ["bad", "mild"]


def test_there_is_none_before_its_hour() -> None:
    assert digest(a_problem(), at=MOMENT.replace(hour=8)) == ()


def test_there_is_none_when_nothing_is_open() -> None:
    assert digest() == ()


def test_what_opened_after_its_hour_waits_for_tomorrow() -> None:
    assert digest(a_problem(), opened_at=MOMENT.replace(minute=1)) == ()


def test_it_is_made_up_for_later_on_the_same_day() -> None:
    assert len(digest(a_problem(), at=later(hours=9))) == 1


def test_its_hour_is_that_of_the_business() -> None:
    local = datetime(2025, 3, 10, 2, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    assert digest_moment(local, 9).astimezone(UTC) == datetime(2025, 3, 10, 1, tzinfo=UTC)


def test_it_shows_the_newest_numbers() -> None:
    told = a_problem()
    newer = a_problem(sentence="it is worse now")
    (message,) = digest(told, observation=seen(newer))
    assert "it is worse now" in message.text


def test_what_is_open_but_was_not_computed_is_shown_as_it_was_told() -> None:
    (message,) = digest(a_problem(), observation=seen(days={}))
    assert "the arms are not as the weights say" in message.text


def test_nothing_is_cut_off_it_comes_in_parts() -> None:
    problems = [a_problem(f"number_{place:02d}", sentence="x" * 500) for place in range(30)]
    parts = digest(*problems)
    assert len(parts) > 1
    told = "".join(part.text for part in parts)
    assert all(f"number_{place:02d}" in told for place in range(30))
    assert all(len(part.text) < MOST_CHARACTERS + 500 for part in parts)
    assert parts[0].title.endswith(f"(part 1 of {len(parts)})")
    assert len({part.id for part in parts}) == len(parts)


def test_it_repeats_messages_of_unknown_fate_even_when_nothing_is_open() -> None:
    lost = a_message("lost", at=YESTERDAY)
    (message,) = digest(uncertain=(lost,))
    assert message.mentions == (lost.id,)
    assert "unknown whether this earlier message arrived" in message.text
    assert lost.title in message.text
    assert message.title.startswith("0 problems are open")


def test_a_message_repeats_some_of_unknown_fate_but_not_itself() -> None:
    lost = [a_message(f"lost_{place}") for place in range(8)]
    message = with_mentions(lost[0], lost)
    assert message.mentions == tuple(item.id for item in lost[1 : MOST_MENTIONS + 1])
    assert message.id == lost[0].id
