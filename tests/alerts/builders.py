"""Problems, messages and days for tests of alerts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from ab_assets.alerts.message import Message
from ab_assets.alerts.planning import Observation, plan_messages
from ab_assets.alerts.problem import NO_PHASE, RUN_CHECK, Identity, Problem, Severity

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
DAY = date(2025, 3, 9)
TAG = "shop"


def later(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


def clock_at(**delta: float) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: later(**delta)


def a_problem(
    key: str = "basket",
    *,
    check: str = "sample_ratio",
    phase: int = 0,
    severity: Severity = Severity.WARN,
    tag: str = TAG,
    day: date | None = DAY,
    **more: str,
) -> Problem:
    return Problem(
        identity=Identity(f"exp_{key}", check, phase),
        severity=severity,
        tag=tag,
        module="shop",
        experiment_key=key,
        experiment_name=more.get("name", key.title()),
        event_date=day,
        sentence=more.get("sentence", "the arms are not as the weights say"),
        numbers=(("measured", "0.8"), ("p-value", "1e-09")),
        place=f"shop/health, partition {day}|{tag}",
        link=more.get(
            "link", f"https://dagster.example/assets/shop/health?partition={day}%7C{tag}"
        ),
    )


def a_failed_run(tag: str = TAG, day: date | None = DAY) -> Problem:
    return Problem(
        identity=Identity(f"tag:{tag}", RUN_CHECK, NO_PHASE),
        severity=Severity.RUN_FAILED,
        tag=tag,
        module="shop",
        experiment_key="",
        experiment_name="",
        event_date=day,
        sentence="the warehouse file is open elsewhere",
        place="run abc",
    )


def seen(
    *problems: Problem,
    days: Mapping[str, date] | None = None,
    passing: Iterable[Identity] = (),
    tags: Iterable[str] = (TAG, "habit"),
) -> Observation:
    return Observation(
        problems={problem.identity: problem for problem in problems},
        newest_days={TAG: DAY} if days is None else days,
        passing=frozenset(passing),
        tags=frozenset(tags),
    )


def messages_of(*problems: Problem, at: datetime = NOW) -> tuple[Message, ...]:
    """What is told when these problems are seen for the first time."""
    return plan_messages({}, seen(*problems), at)


def a_message(key: str = "basket", at: datetime = NOW) -> Message:
    return messages_of(a_problem(key), at=at)[0]
