"""The exposure rows: sightings as rows of ``ab_source.exposures``, with their faults.

What belongs here: the time and key of each exposure, and the planted faults (lost units,
crossovers, unknown keys, testers of a draft). What does not: who meets an experiment, which
``days.py`` decides.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.demo.assignment import NOT_INCLUDED
from ab_assets.demo.blueprint import ExperimentPlan
from ab_assets.demo.days import Sightings, UserDays
from ab_assets.demo.events import app_versions, moment
from ab_assets.demo.people import People
from ab_assets.demo.sessions import DAY, HOUR, MINUTE, SECOND, Sessions, whole_milliseconds

UNKNOWN_KEY = "holdout"
_AT_SESSION_START = 0.3


def make_exposures(
    seed: int,
    people: People,
    days: UserDays,
    sessions: Sessions,
    plans: tuple[ExperimentPlan, ...],
    *,
    first_day: date,
) -> pl.DataFrame:
    """The exposure rows of all experiments, oldest first."""
    rng = np.random.default_rng([seed, 6])
    android = (people.attributes["platform"] == "android").to_numpy()
    parts = [
        _testers(days, sessions, plan)
        if plan.faults.testers_only
        else _Log(rng, plan, _of(days.sightings, index), sessions, android).rows()
        for index, plan in enumerate(plans)
    ]
    rows = pl.concat(
        part.with_columns(experiment_key=pl.lit(plan.key))
        for plan, part in zip(plans, parts, strict=True)
    ).sort("time", "experiment_key", "user_day", "variation_key")
    user_day = rows["user_day"].to_numpy()
    who: pl.DataFrame = people.attributes[days.user[user_day]]
    version = app_versions(people, days)[user_day].alias("app_version").to_frame()
    return pl.concat([rows, who, version], how="horizontal").select(
        "user_id",
        "experiment_key",
        "variation_key",
        moment(pl.col("time"), first_day).alias("exposed_at"),
        "country",
        "platform",
        "app_version",
        "channel",
    )


class _Log:
    """The exposure rows of one live experiment."""

    def __init__(
        self,
        rng: np.random.Generator,
        plan: ExperimentPlan,
        sightings: Sightings,
        sessions: Sessions,
        android: NDArray[np.bool_],
    ) -> None:
        self._rng = rng
        self._plan = plan
        self._sightings = sightings
        self._android = android
        self._keys = np.array([arm.key for arm in plan.arms], dtype=object)
        start = sessions.start[sessions.first_of[sightings.user_day]]
        wait = rng.random(len(start)) * 2 * SECOND
        wait[rng.random(len(start)) < _AT_SESSION_START] = 0
        self._time = start + whole_milliseconds(wait)

    def rows(self) -> pl.DataFrame:
        """Sightings of assigned users, without the lost ones, with the faulty ones added."""
        seen = self._sightings
        kept = (seen.arm != NOT_INCLUDED) & ~self._lost()
        usual = _frame(seen.user_day[kept], self._time[kept], self._keys[seen.arm[kept]])
        first = np.flatnonzero(kept & seen.first)
        outside = np.flatnonzero((seen.arm == NOT_INCLUDED) & seen.first)
        faults = self._plan.faults
        return pl.concat(
            [
                usual,
                self._crossovers(first),
                self._unknown(outside[: faults.unknown_only], delay=0),
                self._unknown(first[: faults.unknown_beside], delay=MINUTE),
            ]
        )

    def _lost(self) -> NDArray[np.bool_]:
        """Rows of the treatment units whose client crashed before it could report them."""
        seen = self._sightings
        unlucky = self._rng.random(len(self._android)) < self._plan.faults.lost_treatment_rate
        return (seen.arm > 0) & (unlucky & self._android)[seen.user]

    def _crossovers(self, first: NDArray[np.int64]) -> pl.DataFrame:
        """A second arm for some units, later on the day of their first; once at the same moment."""
        chosen = first[self._rng.random(len(first)) < self._plan.faults.crossover_rate]
        arm = (self._sightings.arm[chosen] + 1) % len(self._keys)
        day_end = (self._time[chosen] // DAY + 1) * DAY - SECOND
        later = self._time[chosen] + whole_milliseconds(
            self._rng.uniform(MINUTE, 6 * HOUR, len(chosen))
        )
        time = np.minimum(later, day_end)
        time[:1] = self._time[chosen[:1]]
        return _frame(self._sightings.user_day[chosen], time, self._keys[arm])

    def _unknown(self, chosen: NDArray[np.int64], *, delay: int) -> pl.DataFrame:
        keys = np.full(len(chosen), UNKNOWN_KEY, dtype=object)
        return _frame(self._sightings.user_day[chosen], self._time[chosen] + delay, keys)


def _testers(days: UserDays, sessions: Sessions, plan: ExperimentPlan) -> pl.DataFrame:
    """The first users of the first day, as if they were the people who try a draft out."""
    user_day = np.flatnonzero(days.day == 0)[: plan.faults.testers_only]
    keys = np.array([arm.key for arm in plan.arms], dtype=object)
    time = sessions.start[sessions.first_of[user_day]]
    return _frame(user_day, time, keys[np.arange(len(user_day)) % len(keys)])


def _of(sightings: Sightings, experiment: int) -> Sightings:
    """The sightings of one experiment."""
    mine = sightings.experiment == experiment
    return Sightings(
        experiment=sightings.experiment[mine],
        user=sightings.user[mine],
        user_day=sightings.user_day[mine],
        arm=sightings.arm[mine],
        first=sightings.first[mine],
    )


def _frame(
    user_day: NDArray[np.int64], time: NDArray[np.int64], keys: NDArray[np.object_]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "user_day": user_day.astype(np.int64),
            "time": time.astype(np.int64),
            "variation_key": pl.Series(keys.tolist(), dtype=pl.String),
        }
    )
