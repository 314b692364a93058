"""The people: who they are, where they came from and how they are inclined to behave.

What belongs here: everything about a user that no experiment changes. What does not: days,
exposures, events. The inclinations are the same before and after exposure, which is why a user's
history predicts the rest and CUPED has something to work with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.demo.places import CHANNELS, COUNTRIES, DEVICES

NEW_USER_SHARE = 0.25
_KNUTH = 2654435761


@dataclass(frozen=True)
class People:
    """All users, one position each in every array.

    Attributes:
        ids: User ids of one length.
        signup_day: The day a user joined; very early for those who were there from the start.
        activity: The chance of being active on an ordinary day.
        ad_taste: How many ads a user scrolls past, relative to the average.
        ad_value: What an impression of this user is worth, relative to the average.
        chat_taste: The chance of opening the chat on an active day.
        chat_depth: How long a user's chats are, relative to the average.
        purse: A user's spending power on a log scale.
        store_taste: The chance of opening the store on an active day.
        slowness: How slowly the device starts the app.
        version_lag: Days after a release until the user has it.
        attributes: What event and exposure rows repeat of a user, one row a user.
    """

    ids: NDArray[np.str_]
    signup_day: NDArray[np.int64]
    activity: NDArray[np.float64]
    ad_taste: NDArray[np.float64]
    ad_value: NDArray[np.float64]
    chat_taste: NDArray[np.float64]
    chat_depth: NDArray[np.float64]
    purse: NDArray[np.float64]
    store_taste: NDArray[np.float64]
    slowness: NDArray[np.float64]
    version_lag: NDArray[np.int64]
    attributes: pl.DataFrame

    def __len__(self) -> int:
        return len(self.ids)


def make_people(seed: int, *, users: int, days: int, history_days: int) -> People:
    """Draws the people.

    Args:
        seed: The company's seed.
        users: How many.
        days: Days with exposures; new users arrive evenly over the days before and in them.
        history_days: Days before the first day.
    """
    rng = np.random.default_rng([seed, 1])
    ids = _user_ids(rng, users)
    joins_late = rng.random(users) < NEW_USER_SHARE
    arrival = rng.integers(-history_days, days, users)
    country = _choose(rng, [country.share for country in COUNTRIES], users)
    device = _choose(rng, [device.share for device in DEVICES], users)
    channel = _choose(rng, [share for _, share in CHANNELS], users)
    ad_value = np.array([country.ad_value for country in COUNTRIES])[country]
    slowness = np.array([device.slowness for device in DEVICES])[device]
    return People(
        ids=ids,
        signup_day=np.where(joins_late, arrival, -1000),
        activity=rng.beta(0.9, 4.6, users),
        ad_taste=rng.lognormal(-0.125, 0.5, users),
        ad_value=ad_value * rng.lognormal(-0.18, 0.6, users),
        chat_taste=rng.beta(0.8, 3.2, users),
        chat_depth=rng.lognormal(-0.125, 0.5, users),
        purse=rng.normal(0.0, 1.0, users),
        store_taste=rng.beta(2.0, 5.0, users),
        slowness=slowness,
        version_lag=rng.geometric(0.25, users) - 1,
        attributes=_attributes(rng, ids, country, device, channel),
    )


def _user_ids(rng: np.random.Generator, users: int) -> NDArray[np.str_]:
    """Ids that differ between seeds and never repeat: an odd factor permutes the 32-bit numbers."""
    numbers = (np.arange(users, dtype=np.uint64) * np.uint64(_KNUTH)) + rng.integers(
        0, 2**32, dtype=np.uint64
    )
    return np.array([f"u{number & 0xFFFFFFFF:08x}" for number in numbers.tolist()])


def _choose(rng: np.random.Generator, shares: Sequence[float], size: int) -> NDArray[np.int64]:
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(shares) - 1)


def _attributes(
    rng: np.random.Generator,
    ids: NDArray[np.str_],
    country: NDArray[np.int64],
    device: NDArray[np.int64],
    channel: NDArray[np.int64],
) -> pl.DataFrame:
    places = [(code.code, *place) for code in COUNTRIES for place in code.places]
    first = np.cumsum([0, *(len(code.places) for code in COUNTRIES)])
    offset = (rng.random(len(ids)) * np.diff(first)[country]).astype(np.int64)
    where = first[country] + offset
    channels = [name for name, _ in CHANNELS]
    tables = (
        pl.DataFrame(places, schema=["country", "region", "city"], orient="row")[where],
        pl.DataFrame(
            [(item.platform, item.model, item.os_version) for item in DEVICES],
            schema=["platform", "device_model", "os_version"],
            orient="row",
        )[device],
        pl.DataFrame({"channel": channels})[channel],
    )
    names = pl.DataFrame({"user_id": pl.Series(ids.tolist(), dtype=pl.String)})
    devices = names.select(device_id=pl.format("d{}", pl.col("user_id").str.slice(1)))
    return pl.concat([names, devices, *tables], how="horizontal")
