"""The event rows: happenings turned into the columns of ``ab_source.events``.

What belongs here: ids, texts, late arrival and order of the rows. What does not: how often
something happens. Strings are gathered from small tables, because a million rows built one by one
take minutes.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ab_assets.demo.behaviour import NO_SESSION, Happenings
from ab_assets.demo.days import UserDays
from ab_assets.demo.people import People
from ab_assets.demo.places import RELEASES
from ab_assets.demo.sessions import DAY, HOUR, SECOND, whole_milliseconds

LATE_SHARE = 0.008
LATEST = 3 * DAY
_UNKNOWN_VERSION_SHARE = 0.01
_PLAIN = ("{}",)
_PROPERTIES: dict[str, tuple[str, ...]] = {
    "session_start": ('{"source":"icon"}', '{"source":"push"}', '{"source":"link","utm":null}'),
    "ad_impression": (
        '{"placement":"feed","format":"banner"}',
        '{"placement":"chat","format":"banner"}',
        '{"placement":"feed","format":"rewarded"}',
    ),
    "trial_start": ('{"plan":"monthly"}', '{"plan":"yearly","offer":"−50 %"}'),
    "recharge_attempt": ('{"method":"card"}', '{"method":"wallet"}', '{"method":"carrier"}'),
    "chat_round": ('{"persona":"coach"}', '{"persona":"小助手"}', '{"persona":"d\'Artagnan"}'),
    "app_crash": ('{"signal":"SIGSEGV","thread":0}', '{"signal":"SIGABRT","thread":3}'),
    "complaint": ('{"text":"it says \\"try again\\""}', '{"text":"too slow"}'),
}
_PAGES = {
    "paywall_view": "/paywall",
    "trial_start": "/paywall",
    "subscription_start": "/paywall",
    "store_view": "/store",
    "recharge_attempt": "/store/checkout",
    "recharge_success": "/store/checkout",
    "chat_open": "/chat",
    "chat_round": "/chat",
    "chat_report": "/chat",
}


def make_events(
    seed: int,
    people: People,
    days: UserDays,
    happenings: Iterable[Happenings],
    *,
    first_day: date,
    last_day_number: int,
) -> pl.DataFrame:
    """The event rows of all happenings up to the end of the last day, oldest first."""
    rng = np.random.default_rng([seed, 5])
    parts = list(happenings)
    rows = _rows(parts).sort("time", maintain_order=True)
    rows = rows.filter(pl.col("time") < (last_day_number + 1) * DAY)
    session = rows["session"].to_numpy()
    user_day = rows["user_day"].to_numpy()
    who: pl.DataFrame = people.attributes[days.user[user_day]]
    columns = (
        rows.with_row_index("number").with_columns(late=pl.Series(_delay(rng, session))),
        _texts(rng, [part.name for part in parts], rows["name"].to_numpy()),
        who,
        app_versions(people, days)[user_day].alias("app_version").to_frame(),
    )
    sent_by_app = pl.col("session") != NO_SESSION
    return pl.concat(columns, how="horizontal").select(
        pl.format("e{}", _eight_digits("number")).alias("event_id"),
        "event_name",
        "user_id",
        moment(pl.col("time"), first_day).alias("event_time"),
        moment(pl.col("time") + pl.col("late"), first_day).alias("received_at"),
        pl.when(sent_by_app).then(pl.format("s{}", _eight_digits("session"))).alias("session_id"),
        pl.when(sent_by_app).then(pl.col("device_id")).alias("device_id"),
        "country",
        "region",
        "city",
        "platform",
        "device_model",
        "os_version",
        "app_version",
        pl.when(sent_by_app).then(pl.col("page_url")).alias("page_url"),
        pl.col("value").fill_nan(None),
        "properties",
    )


def _rows(parts: list[Happenings]) -> pl.DataFrame:
    """All happenings, one below the other; ``name`` is the position of the part they are from."""
    return pl.DataFrame(
        {
            "name": np.repeat(np.arange(len(parts)), [len(part.time) for part in parts]),
            "user_day": np.concatenate([part.user_day for part in parts]),
            "session": np.concatenate([part.session for part in parts]),
            "time": np.concatenate([part.time for part in parts]),
            "value": np.concatenate([part.value for part in parts]),
        }
    )


def _eight_digits(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(8)


def app_versions(people: People, days: UserDays) -> pl.Series:
    """The app version of each user-day; a small share of users sends none."""
    releases = np.array([release.day for release in RELEASES])
    newest = np.searchsorted(releases, days.day - people.version_lag[days.user], side="right") - 1
    silent = people.version_lag >= np.quantile(people.version_lag, 1 - _UNKNOWN_VERSION_SHARE)
    names = pl.Series([release.version for release in RELEASES] + [None], dtype=pl.String)
    return names[np.where(silent[days.user], len(RELEASES), np.maximum(newest, 0))]


def moment(microseconds: pl.Expr, first_day: date) -> pl.Expr:
    """Microseconds since the first day's midnight as a naive UTC time."""
    return pl.lit(first_day).cast(pl.Datetime("us")) + microseconds.cast(pl.Duration("us"))


def _delay(rng: np.random.Generator, session: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds on the way for most rows, up to three days when a phone had no network."""
    usual = rng.exponential(2 * SECOND, len(session))
    late = (rng.random(len(session)) < LATE_SHARE) & (session != NO_SESSION)
    return whole_milliseconds(
        np.where(late, rng.uniform(HOUR, LATEST, len(session)), np.minimum(usual, HOUR))
    )


def _texts(rng: np.random.Generator, names: list[str], position: NDArray[np.int64]) -> pl.DataFrame:
    """Name, page and properties of each row, out of one small table of the combinations."""
    choices = [_PROPERTIES.get(name, _PLAIN) for name in names]
    table = pl.DataFrame(
        [
            (name, _PAGES.get(name, "/home"), text)
            for name, texts in zip(names, choices, strict=True)
            for text in texts
        ],
        schema={"event_name": pl.String, "page_url": pl.String, "properties": pl.String},
        orient="row",
    )
    size = np.array([len(texts) for texts in choices])
    first = np.cumsum(size) - size
    offset = (rng.random(len(position)) * size[position]).astype(np.int64)
    chosen: pl.DataFrame = table[first[position] + offset]
    return chosen
