import json
from datetime import timedelta

import polars as pl
import pytest

from ab_assets.demo import Company

SERVER_EVENTS = ("trial_converted", "subscription_cancel", "refund")
APP_VERSIONS = {"5.0.2", "5.1.0", "5.1.1", "5.2.0"}


def test_event_ids_are_unique(company: Company) -> None:
    assert company.events["event_id"].n_unique() == company.events.height


def test_rows_are_in_the_order_of_their_times(company: Company) -> None:
    assert company.events["event_time"].is_sorted()
    assert company.exposures["exposed_at"].is_sorted()


def test_no_row_is_received_before_it_happened(company: Company) -> None:
    assert company.events.filter(pl.col("received_at") < pl.col("event_time")).is_empty()


def test_some_rows_arrive_late_and_none_later_than_three_days(company: Company) -> None:
    delay = company.events["received_at"] - company.events["event_time"]
    late = (delay >= timedelta(hours=1)).mean()
    assert 0.005 < late < 0.012
    assert timedelta(days=2, hours=20) < delay.max() <= timedelta(days=3)


def test_some_rows_are_still_on_their_way_when_the_last_day_ends(company: Company) -> None:
    received = company.events["received_at"].dt.date()
    assert (received > company.last_day).sum() > 100


def test_the_properties_of_every_row_are_a_json_object(company: Company) -> None:
    for text in company.events["properties"].unique():
        assert isinstance(json.loads(text), dict)


def test_server_events_have_no_session_no_device_and_no_page(company: Company) -> None:
    server = company.events.filter(pl.col("event_name").is_in(SERVER_EVENTS))
    assert server.height > 0
    assert server.select("session_id", "device_id", "page_url").null_count().row(0) == (
        (server.height,) * 3
    )


def test_app_events_have_a_session_a_device_and_a_page(company: Company) -> None:
    app = company.events.filter(~pl.col("event_name").is_in(SERVER_EVENTS))
    assert app.select("session_id", "device_id", "page_url").null_count().row(0) == (0, 0, 0)


def test_a_session_belongs_to_one_user_on_one_day(small: Company) -> None:
    sessions = (
        small.events.filter(pl.col("session_id").is_not_null())
        .group_by("session_id")
        .agg(pl.col("user_id").n_unique(), pl.col("event_time").dt.date().n_unique())
    )
    assert sessions["user_id"].max() == 1
    assert sessions["event_time"].max() == 1


def test_a_session_starts_first_and_ends_last(small: Company) -> None:
    ends = (
        small.events.filter(pl.col("session_id").is_not_null())
        .group_by("session_id")
        .agg(
            first=pl.col("event_time").min(),
            last=pl.col("event_time").max(),
            start=pl.col("event_time").filter(pl.col("event_name") == "session_start").first(),
            end=pl.col("event_time").filter(pl.col("event_name") == "session_end").first(),
        )
    )
    assert ends.filter(
        (pl.col("first") != pl.col("start")) | (pl.col("last") != pl.col("end"))
    ).is_empty()


@pytest.mark.parametrize(
    ("cause", "consequence"),
    [("ad_impression", "ad_click"), ("paywall_view", "trial_start"), ("chat_open", "chat_round")],
)
def test_a_consequence_follows_its_cause_within_the_session(
    small: Company, cause: str, consequence: str
) -> None:
    def first(name: str) -> pl.DataFrame:
        return (
            small.events.filter(pl.col("event_name") == name)
            .group_by("session_id")
            .agg(pl.col("event_time").min().alias(name))
        )

    joined = first(consequence).join(first(cause), on="session_id", how="left")
    assert joined.height > 0
    assert joined.filter(pl.col(consequence) < pl.col(cause).fill_null(pl.datetime(9999, 1, 1)))[
        "session_id"
    ].is_empty()


def test_a_user_converts_at_most_once(company: Company) -> None:
    conversions = company.events.filter(
        pl.col("event_name").is_in(["trial_start", "subscription_start"])
    )
    assert conversions["user_id"].is_unique().all()


def test_recharge_revenue_has_a_heavy_tail(company: Company) -> None:
    spent = (
        company.events.filter(pl.col("event_name") == "recharge_success")
        .group_by("user_id")
        .agg(pl.col("value").sum())["value"]
        .sort(descending=True)
    )
    top = spent.head(spent.len() // 10).sum() / spent.sum()
    assert 0.35 < top < 0.7


def test_the_weekend_is_busier_than_tuesday(company: Company) -> None:
    starts = company.events.filter(pl.col("event_name") == "session_start")
    by_day = starts.group_by(pl.col("event_time").dt.weekday().alias("weekday")).len()
    count = dict(by_day.iter_rows())
    assert count[6] > 1.1 * count[2]


def test_some_dimension_values_are_missing(company: Company) -> None:
    missing = {
        name: company.exposures[name].null_count() / company.exposures.height
        for name in ("country", "channel", "app_version", "platform")
    }
    assert 0.01 < missing["country"] < 0.05
    assert 0.03 < missing["channel"] < 0.10
    assert 0.001 < missing["app_version"] < 0.03
    assert missing["platform"] == 0


def test_there_are_more_countries_than_a_report_shows(company: Company) -> None:
    assert company.exposures["country"].drop_nulls().n_unique() > 20


def test_users_move_to_newer_app_versions(company: Company) -> None:
    assert set(company.events["app_version"].drop_nulls().unique()) == APP_VERSIONS
    on_the_first_day = company.exposures.filter(pl.col("exposed_at").dt.date() == company.first_day)
    assert "5.2.0" not in set(on_the_first_day["app_version"])
