"""Small random worlds: units, exposures, events, experiments and metrics with every option.

Times are drawn so that they fall on borders often, to the microsecond: of days, phases, windows.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from ab_assets.experiments import Experiment, Phase, Variation
from ab_assets.modules.model import Module
from tests.experiments.builders import a_phase, an_experiment
from tests.sql.bench import a_module
from tests.sql.oracle import COLUMNS
from tests.sql.rows import Event, Exposure, at

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin")
MODULES = 3  # each costs the time to translate its statements
_MICROSECOND = timedelta(microseconds=1)
_COUNTRIES = (None, "AT", "DE", "FR", "日本")
_PLATFORMS = (None, "ios", "web")
_VALUES = (-3.5, 0.0, 1.0, 2.25, 10.0, 49.99, 50.0, 1e6)


@dataclass(frozen=True)
class World:
    """Everything a tag's partitions depend on."""

    zone: ZoneInfo
    module: Module
    experiments: tuple[Experiment, ...]
    exposures: tuple[Exposure, ...]
    events: tuple[Event, ...]
    days: tuple[date, ...]


def a_world(seed: int) -> World:
    """The world of a seed."""
    random = Random(seed)  # noqa: S311
    zone = ZoneInfo(random.choice(ZONES))
    # Around a change of the clocks in New York and in Berlin, so that days of 23 hours are in it.
    start = at(random.choice(("03-09 00:00", "03-29 00:00", "05-01 00:00")))
    length = 4
    experiments = tuple(_experiment(random, start, length, number) for number in range(2))
    borders = [
        moment
        for experiment in experiments
        for phase in experiment.phases
        for moment in (phase.started_at, phase.ended_at)
        if moment is not None
    ]
    users = [f"u{number:02d}" for number in range(random.randint(30, 60))]
    exposures = tuple(
        exposure
        for user in users
        for experiment in experiments
        if random.random() < 0.85
        for exposure in _exposures(random, user, experiment, start, length, borders)
    )
    events = tuple(
        event
        for user in users
        for event in _events(
            random, user, start, length, [e.at for e in exposures if e.user == user]
        )
    )
    first = start.astimezone(zone).date()
    days = tuple(first + timedelta(days=number) for number in range(length))
    return World(zone, _module(seed % MODULES), experiments, exposures, events, days)


def _experiment(random: Random, start: datetime, length: int, number: int) -> Experiment:
    arms = tuple(
        Variation(id=f"var_{place}", key=str(place), name=f"Arm {place}")
        for place in range(2 + number)
    )
    weights = tuple(1 / len(arms) for _ in arms)
    first = start + random.choice((timedelta(), timedelta(hours=7, microseconds=1)))
    middle = start + timedelta(days=length // 2, hours=random.choice((0, 5, 13)))
    kind = random.choice(("open", "ended", "two phases"))
    phases: tuple[Phase, ...] = (a_phase(started_at=first, weights=weights),)
    if kind == "ended":
        phases = (a_phase(started_at=first, ended_at=middle, weights=weights),)
    if kind == "two phases":
        phases = (
            a_phase(started_at=first, ended_at=middle, weights=weights),
            a_phase(started_at=middle, weights=weights, index=1, seed="second", reseeded=True),
        )
    key = ("gate", "other")[number]
    return an_experiment(id=f"exp_{number}", key=key, variations=arms, phases=phases)


def _moment(random: Random, start: datetime, length: int, borders: list[datetime]) -> datetime:
    if borders and random.random() < 0.25:
        return random.choice(borders) + random.choice((-1, 0, 1)) * _MICROSECOND
    if random.random() < 0.2:  # whole hours: midnights of our zones, and ends of windows
        return start + timedelta(hours=random.randint(-72, 24 * length))
    seconds = random.randint(-3 * 86_400, length * 86_400)
    return start + timedelta(seconds=seconds, microseconds=random.choice((0, 1, 999_999)))


def _exposures(  # noqa: PLR0917
    random: Random,
    user: str,
    experiment: Experiment,
    start: datetime,
    length: int,
    borders: list[datetime],
) -> list[Exposure]:
    keys = [variation.key for variation in experiment.variations]
    key = random.choice(keys) if random.random() < 0.95 else "unknown"
    found = []
    moment = _moment(random, start, length, borders)
    for _ in range(random.choice((1, 1, 2, 4))):
        shown = key if random.random() < 0.95 else random.choice([*keys, "unknown", ""])
        country, platform = random.choice(_COUNTRIES), random.choice(_PLATFORMS)
        found.append(
            Exposure(user, shown, moment, experiment.key, country=country, platform=platform)
        )
        close = random.random() < 0.4
        moment = (
            moment + random.choice((0, 1, 400_000)) * _MICROSECOND
            if close
            else _moment(random, start, length, borders)
        )
    return found


def _events(
    random: Random, user: str, start: datetime, length: int, exposures: list[datetime]
) -> list[Event]:
    borders = [
        moment + timedelta(hours=hours)
        for moment in exposures
        for hours in (-48, -24, 0, 0, 12, 24, 36, 48)
    ]
    found: dict[datetime, Event] = {}
    for _ in range(random.choice((0, 3, 10, 20))):
        moment = _moment(random, start, length, borders)
        is_pay = random.random() < 0.4
        session = random.choice((None, "s1", "s2"))
        value = random.choice((None, *_VALUES)) if is_pay else None
        found[moment] = Event(user, moment, "pay" if is_pay else "visit", value, session)
    return list(found.values())


def _module(number: int) -> Module:
    """Metrics with random options; between them the modules have every column."""
    random = Random(number)  # noqa: S311
    columns = sorted(COLUMNS)[number % MODULES :: MODULES]
    metrics = {f"m{place}": _metric(random, columns) for place in range(7)}
    return a_module(metrics, columns, dimensions=("country", "platform"))


def _metric(random: Random, columns: list[str]) -> dict[str, object]:
    kind = random.choice(("mean", "mean", "proportion", "ratio", "retention"))
    metric: dict[str, object] = {"type": kind}
    if kind == "ratio":
        metric["numerator"], metric["denominator"] = random.sample(columns, 2)
    else:
        metric["column"] = random.choice(columns)
    if kind == "retention":
        metric["day"] = random.randint(0, 2)
    else:
        scope = random.choice((None, "window", "lookback"))
        if scope:
            metric[scope] = {"hours": random.choice((12, 24, 48))}
        if random.random() < 0.3:
            metric["delay"] = {"hours": 12}
    if random.random() < 0.5:
        metric["cuped"] = {"days": random.choice((1, 2))}
    if random.random() < 0.3:
        metric["in_progress"] = "include"
    if kind in {"proportion", "retention"} and random.random() < 0.5:
        metric["threshold"] = 2
    if kind in {"mean", "ratio"} and random.random() < 0.6:
        metric["cap"] = random.choice(
            (
                {"absolute": 2.5},
                {"percentile": 0.8},
                {"percentile": 0.5, "ignore_zeros": True},
            )
        )
    return metric
