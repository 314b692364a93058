"""The company's days: who is active, who meets which experiment, and what that changes.

What belongs here: one pass over the days, because what a user does tomorrow depends on the arm met
today. What does not: the rows of those days (``behaviour.py``) and faults of the exposure rows
(``exposures.py``).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ab_assets.demo.assignment import NOT_INCLUDED, assign, id_matrix
from ab_assets.demo.blueprint import ExperimentPlan, Measure, PhasePlan
from ab_assets.demo.people import People

MEASURES: tuple[Measure, ...] = (
    "activity",
    "impressions",
    "impression_value",
    "click",
    "conversion",
    "attempt",
    "success",
    "chat_open",
)
REPEAT_CHANCE = 0.1
PAYWALL_CHANCE = 0.34
CONVERSION_CHANCE = 0.065
TRIAL_SHARE = 0.6
TRIAL, PURCHASE = 1, 2
_WEEKDAY_RHYTHM = (0.95, 0.93, 0.94, 0.97, 1.02, 1.12, 1.07)
_HIGHEST_CHANCE = 0.95


@dataclass(frozen=True)
class Sightings:
    """Who saw which experiment: one position a sighting.

    Attributes:
        experiment: Position of the experiment in the company's list.
        user: Position of the user.
        user_day: Position of the user's day.
        arm: The arm assigned; ``NOT_INCLUDED`` for users outside an experiment's coverage.
        first: Whether it is the user's first sighting in the phase.
    """

    experiment: NDArray[np.int64]
    user: NDArray[np.int64]
    user_day: NDArray[np.int64]
    arm: NDArray[np.int64]
    first: NDArray[np.bool_]


@dataclass(frozen=True)
class UserDays:
    """Every day on which a user was active, oldest first.

    Attributes:
        user: Position of the user.
        day: The day, 0 being the first day with exposures.
        paywall: Whether the user saw the paywall.
        store: Whether the user opened the store.
        conversion: ``TRIAL``, ``PURCHASE``, or 0 for neither.
        factors: For each measure, the product of the planted factors in force.
        sightings: The exposures of those days.
    """

    user: NDArray[np.int64]
    day: NDArray[np.int64]
    paywall: NDArray[np.bool_]
    store: NDArray[np.bool_]
    conversion: NDArray[np.int64]
    factors: dict[Measure, NDArray[np.float64]]
    sightings: Sightings


class _Progress:
    """Where one experiment stands while the days pass."""

    def __init__(self, plan: ExperimentPlan, matrix: NDArray[np.uint8]) -> None:
        self._plan = plan
        self._matrix = matrix
        self._phase: PhasePlan | None = None
        self.arm = np.full(len(matrix), NOT_INCLUDED, dtype=np.int8)
        self.seen = np.zeros(len(matrix), dtype=bool)

    def begin(self, day: int) -> None:
        """Enters the phase of the day; everyone is unseen again when it is another one."""
        phase = next((phase for phase in self._plan.phases if phase.covers(day)), None)
        if phase is not None and phase is not self._phase:
            self.arm = assign(
                self._matrix,
                seed=phase.seed,
                weights=phase.weights,
                coverage=phase.coverage,
                version=self._plan.hash_version,
            )
            self.seen = np.zeros(len(self.arm), dtype=bool)
        self._phase = phase

    @property
    def live(self) -> bool:
        """Whether users can meet the experiment now."""
        return self._phase is not None and self._plan.status != "draft"

    def multiply(self, factors: dict[Measure, NDArray[np.float64]]) -> None:
        """Applies the planted factors to the users who have seen their arm."""
        if self._phase is None or not self.live:
            return
        for arm, effects in enumerate(self._phase.effects):
            for measure, factor in effects.items():
                factors[measure][self.seen & (self.arm == arm)] *= factor


def live_through(
    seed: int,
    people: People,
    plans: tuple[ExperimentPlan, ...],
    *,
    first_day: date,
    days: int,
    history_days: int,
) -> UserDays:
    """Passes through all days, history first."""
    life = _Life(np.random.default_rng([seed, 2]), people, plans, first_day)
    return _joined([life.live(day) for day in range(-history_days, days)])


class _Life:
    """The state the days hand on: what was met, who subscribed, how many user-days there were."""

    def __init__(
        self,
        rng: np.random.Generator,
        people: People,
        plans: tuple[ExperimentPlan, ...],
        first_day: date,
    ) -> None:
        matrix = id_matrix(people.ids)
        self._rng = rng
        self._people = people
        self._first_day = first_day
        self._plans = plans
        self._experiments = [_Progress(plan, matrix) for plan in plans]
        self._subscribed = np.zeros(len(people), dtype=bool)
        self._user_days = 0

    def live(self, day: int) -> UserDays:
        """One day: who is active, what they meet, and who converts at the paywall."""
        users = len(self._people)
        for experiment in self._experiments:
            experiment.begin(day)
        inclined = _inclination(self._people, day, self._first_day)
        chance = np.minimum(inclined * self._factors()["activity"], _HIGHEST_CHANCE)
        active = (self._rng.random(users) < chance) | (self._people.signup_day == day)
        paywall = active & ~self._subscribed & (self._rng.random(users) < PAYWALL_CHANCE)
        store = active & (self._rng.random(users) < self._people.store_taste)
        triggers = {"session": active, "paywall": paywall, "store": store}
        sightings = _meet(
            self._rng,
            self._experiments,
            [triggers[plan.trigger] for plan in self._plans],
            np.cumsum(active) - 1 + self._user_days,
        )
        factors = self._factors()
        converts = paywall & (self._rng.random(users) < CONVERSION_CHANCE * factors["conversion"])
        kind = np.where(self._rng.random(users) < TRIAL_SHARE, TRIAL, PURCHASE) * converts
        self._subscribed |= converts
        self._user_days += int(active.sum())
        return UserDays(
            user=np.flatnonzero(active),
            day=np.full(int(active.sum()), day),
            paywall=paywall[active],
            store=store[active],
            conversion=kind[active],
            factors={measure: factors[measure][active] for measure in MEASURES},
            sightings=sightings,
        )

    def _factors(self) -> dict[Measure, NDArray[np.float64]]:
        factors: dict[Measure, NDArray[np.float64]] = {
            name: np.ones(len(self._people)) for name in MEASURES
        }
        for experiment in self._experiments:
            experiment.multiply(factors)
        return factors


def _inclination(people: People, day: int, first_day: date) -> NDArray[np.float64]:
    """The chance of being active: the user's own, the weekday's, and a new user's curiosity."""
    age = day - people.signup_day
    curiosity = 1 + 1.5 * np.exp(-np.maximum(age, 0) / 3)
    rhythm = _WEEKDAY_RHYTHM[(first_day + timedelta(days=day)).weekday()]
    return np.where(age < 0, 0.0, np.minimum(people.activity * curiosity, 0.7) * rhythm)


def _meet(
    rng: np.random.Generator,
    experiments: list[_Progress],
    met: list[NDArray[np.bool_]],
    user_day: NDArray[np.int64],
) -> Sightings:
    """Marks those who meet an experiment for the first time, and some who meet it again."""
    parts: list[tuple[NDArray[np.int64], ...]] = []
    for index, (experiment, triggered) in enumerate(zip(experiments, met, strict=True)):
        if not experiment.live:
            continue
        again = experiment.seen & triggered & (rng.random(len(triggered)) < REPEAT_CHANCE)
        first = triggered & ~experiment.seen
        experiment.seen |= first
        users = np.flatnonzero(first | again)
        parts.append(
            (
                np.full(len(users), index),
                users,
                user_day[users],
                experiment.arm[users].astype(np.int64),
                first[users].astype(np.int64),
            )
        )
    if not parts:
        parts.append((np.zeros(0, dtype=np.int64),) * 5)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Sightings(columns[0], columns[1], columns[2], columns[3], columns[4].astype(bool))


def _joined(records: list[UserDays]) -> UserDays:
    sightings = [record.sightings for record in records]
    return UserDays(
        user=np.concatenate([record.user for record in records]),
        day=np.concatenate([record.day for record in records]),
        paywall=np.concatenate([record.paywall for record in records]),
        store=np.concatenate([record.store for record in records]),
        conversion=np.concatenate([record.conversion for record in records]),
        factors={
            measure: np.concatenate([record.factors[measure] for record in records])
            for measure in MEASURES
        },
        sightings=Sightings(
            experiment=np.concatenate([part.experiment for part in sightings]),
            user=np.concatenate([part.user for part in sightings]),
            user_day=np.concatenate([part.user_day for part in sightings]),
            arm=np.concatenate([part.arm for part in sightings]),
            first=np.concatenate([part.first for part in sightings]),
        ),
    )
