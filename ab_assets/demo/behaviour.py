"""What happens on an active day: one function for each thing people do.

What belongs here: how often, when and with which value each kind of event happens, given a user's
inclinations and the planted factors. What does not: the columns of an event row (``events.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ab_assets.demo.days import PURCHASE, TRIAL, UserDays
from ab_assets.demo.people import People
from ab_assets.demo.sessions import DAY, HOUR, MINUTE, SECOND, Sessions, whole_milliseconds

NO_SESSION = -1
_PLAN_PRICES = np.array([3.99, 9.99, 49.99])
_PLAN_SHARES = (0.15, 0.7, 0.15)
_SUCCESS_CHANCE = 0.85
_REFUND_CHANCE = (
    0.06  # the same for every payment: an arm that sells more subscriptions is no worse
)
_RARE_CHANCES = (("app_crash", 0.05), ("complaint", 0.025), ("push_opt_out", 0.02))


@dataclass(frozen=True)
class Happenings:
    """Events of one name, one position each.

    Attributes:
        name: The event's name.
        user_day: The user-day whose user and app version they carry.
        session: The session they happened in, or ``NO_SESSION`` when a server sent them.
        time: Microseconds since the company's first midnight.
        value: The event's value; NaN where it has none.
    """

    name: str
    user_day: NDArray[np.int64]
    session: NDArray[np.int64]
    time: NDArray[np.int64]
    value: NDArray[np.float64]


class Behaviour:
    """Draws everything that happens on the given days."""

    def __init__(self, seed: int, people: People, days: UserDays, sessions: Sessions) -> None:
        self._rng = np.random.default_rng([seed, 4])
        self._people = people
        self._days = days
        self._sessions = sessions
        self._everyone = np.arange(len(days.user))

    def everything(self) -> Iterator[Happenings]:
        """All events of all names, in no order."""
        yield from self._app()
        yield from self._ads()
        yield from self._subscription()
        yield from self._store()
        yield from self._chat()
        for name, chance in _RARE_CHANCES:
            yield self._inside(name, self._some(np.full(len(self._everyone), chance)))

    def _app(self) -> Iterator[Happenings]:
        sessions = self._sessions
        every = np.arange(len(sessions.start))
        slowness = self._people.slowness[self._days.user[sessions.user_day]]
        load = np.round(slowness * self._rng.lognormal(6.8, 0.45, len(every)))
        yield Happenings("session_start", sessions.user_day, every, sessions.start, load)
        minutes = np.round((sessions.end - sessions.start) / MINUTE, 3)
        yield Happenings("session_end", sessions.user_day, every, sessions.end, minutes)

    def _ads(self) -> Iterator[Happenings]:
        factors = self._days.factors
        sessions = self._sessions.count
        taste = self._people.ad_taste[self._days.user]
        rate = 1.35 * taste * sessions * factors["impressions"]
        shown = self._inside("ad_impression", np.repeat(self._everyone, self._rng.poisson(rate)))
        worth = self._people.ad_value[self._days.user] * factors["impression_value"]
        worth = 0.004 * worth[shown.user_day]
        worth *= self._rng.lognormal(-0.32, 0.8, len(shown.time))
        yield _valued(shown, np.round(worth, 6))
        click_chance = 0.065 * factors["click"][shown.user_day]
        yield self._after("ad_click", shown, self._happens(shown, click_chance))
        yield self._after("ad_hide", shown, self._happens(shown, 0.02))

    def _subscription(self) -> Iterator[Happenings]:
        days = self._days
        views = self._inside("paywall_view", np.flatnonzero(days.paywall))
        yield views
        kind = days.conversion[views.user_day]
        trials = self._after("trial_start", views, kind == TRIAL)
        yield trials
        bought = self._after("subscription_start", views, kind == PURCHASE)
        bought = _valued(bought, self._rng.choice(_PLAN_PRICES, len(bought.time), p=_PLAN_SHARES))
        yield bought
        convinced = self._happens(trials, 0.55)
        paid = self._later("trial_converted", trials, convinced, 3 * DAY, 3 * DAY + 10 * MINUTE)
        paid = _valued(paid, self._rng.choice(_PLAN_PRICES, len(paid.time), p=_PLAN_SHARES))
        yield paid
        for payment in (bought, paid):
            leaves = self._happens(payment, 0.2)
            yield self._later("subscription_cancel", payment, leaves, 2 * HOUR, 8 * DAY)
            returned = self._happens(payment, _REFUND_CHANCE)
            refund = self._later("refund", payment, returned, HOUR, 4 * DAY)
            yield _valued(refund, payment.value[returned])

    def _store(self) -> Iterator[Happenings]:
        days, people = self._days, self._people
        views = self._inside("store_view", np.flatnonzero(days.store))
        yield views
        purse = people.purse[days.user[views.user_day]]
        rate = 0.24 * np.exp(0.5 * purse - 0.125) * days.factors["attempt"][views.user_day]
        tries = self._after("recharge_attempt", views, self._rng.poisson(rate))
        purse = people.purse[days.user[tries.user_day]]
        amount = np.exp(1.5 + 0.8 * purse + 0.5 * self._rng.normal(size=len(tries.time)))
        tries = _valued(tries, np.maximum(np.round(amount), 1) - 0.01)
        yield tries
        chance = _SUCCESS_CHANCE * days.factors["success"][tries.user_day]
        through = self._happens(tries, chance)
        paid = _valued(self._after("recharge_success", tries, through), tries.value[through])
        yield paid
        returned = self._happens(paid, _REFUND_CHANCE)
        refund = self._later("refund", paid, returned, HOUR, 4 * DAY)
        yield _valued(refund, paid.value[returned])

    def _chat(self) -> Iterator[Happenings]:
        days, people = self._days, self._people
        chance = people.chat_taste[days.user] * days.factors["chat_open"]
        opens = self._inside("chat_open", self._some(np.minimum(chance, 1.0)))
        yield opens
        depth = people.chat_depth[days.user[opens.user_day]]
        rounds = self._after("chat_round", opens, 1 + self._rng.poisson(1.1 * depth))
        messages = 1 + self._rng.geometric(0.25, len(rounds.time))
        yield _valued(rounds, messages.astype(np.float64))
        yield self._after("chat_report", rounds, self._happens(rounds, 0.015))

    def _happens(self, cause: Happenings, chance: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        return self._rng.random(len(cause.time)) < chance

    def _some(self, chance: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.flatnonzero(self._rng.random(len(chance)) < chance)

    def _inside(self, name: str, user_day: NDArray[np.int64]) -> Happenings:
        """Events somewhere in a session of their user-day."""
        session = self._sessions.pick(self._rng, user_day)
        time = self._sessions.moment(self._rng, session)
        return Happenings(name, user_day, session, time, np.full(len(time), np.nan))

    def _after(
        self, name: str, cause: Happenings, times: NDArray[np.bool_] | NDArray[np.int64]
    ) -> Happenings:
        """Events that follow a cause within its session, each cause the given number of times."""
        source = np.repeat(np.arange(len(cause.time)), times.astype(np.int64))
        session = cause.session[source]
        start = cause.time[source]
        left = self._sessions.end[session] - start
        wait = np.minimum(self._rng.random(len(source)) * left, 5 * MINUTE)
        time = start + whole_milliseconds(wait)
        return Happenings(name, cause.user_day[source], session, time, np.full(len(time), np.nan))

    def _later(
        self,
        name: str,
        cause: Happenings,
        chosen: NDArray[np.bool_],
        shortest: int,
        longest: int,
    ) -> Happenings:
        """Events a server sends some time after a cause, with no session of their own."""
        size = int(chosen.sum())
        wait = self._rng.integers(shortest // SECOND, longest // SECOND, size, endpoint=True)
        return Happenings(
            name,
            cause.user_day[chosen],
            np.full(size, NO_SESSION),
            cause.time[chosen] + wait * SECOND,
            np.full(size, np.nan),
        )


def _valued(happenings: Happenings, value: NDArray[np.float64]) -> Happenings:
    return Happenings(
        happenings.name, happenings.user_day, happenings.session, happenings.time, value
    )
