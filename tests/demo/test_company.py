import json
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ab_assets.demo import Company, build_company

EXPOSURE_COLUMNS = [
    "user_id",
    "experiment_key",
    "variation_key",
    "exposed_at",
    "country",
    "platform",
    "app_version",
    "channel",
]
EVENT_COLUMNS = [
    "event_id",
    "event_name",
    "user_id",
    "event_time",
    "received_at",
    "session_id",
    "device_id",
    "country",
    "region",
    "city",
    "platform",
    "device_model",
    "os_version",
    "app_version",
    "page_url",
    "value",
    "properties",
]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def test_the_same_seed_makes_the_same_company(small: Company) -> None:
    again = build_company(seed=7, users=1_500, days=15)
    assert_frame_equal(again.events, small.events)
    assert_frame_equal(again.exposures, small.exposures)
    assert again.growthbook == small.growthbook


def test_another_seed_makes_other_people(small: Company) -> None:
    other = build_company(seed=8, users=1_500, days=15)
    shared = set(other.events["user_id"]) & set(small.events["user_id"])
    assert len(shared) < 15


def test_exposures_have_the_columns_of_the_source_table(small: Company) -> None:
    assert small.exposures.columns == EXPOSURE_COLUMNS
    assert small.exposures.schema["exposed_at"] == pl.Datetime("us")


def test_events_have_the_columns_of_the_source_table(small: Company) -> None:
    assert small.events.columns == EVENT_COLUMNS
    types = small.events.schema
    assert (types["event_time"], types["received_at"]) == (pl.Datetime("us"), pl.Datetime("us"))
    assert types["value"] == pl.Float64


def test_the_full_company_stays_within_its_row_budget(company: Company) -> None:
    assert 1_000_000 < company.events.height < 1_600_000
    assert company.exposures.height < 500_000


def test_a_small_company_has_the_same_experiments(company: Company, small: Company) -> None:
    assert small.growthbook["experiments"] == company.growthbook["experiments"]
    assert set(small.exposures["experiment_key"].unique()) == set(
        company.exposures["experiment_key"].unique()
    )


def test_exposures_lie_between_the_first_and_the_last_day(company: Company) -> None:
    times = company.exposures["exposed_at"]
    assert times.dt.date().min() == company.first_day == date(2026, 1, 5)
    assert times.dt.date().max() == company.last_day == date(2026, 1, 25)


def test_events_start_two_weeks_before_the_first_day(company: Company) -> None:
    days = company.events["event_time"].dt.date()
    assert days.min() == company.history_day == company.first_day - timedelta(days=14)
    assert days.max() == company.last_day


def test_the_company_moves_with_its_first_day(small: Company) -> None:
    moved = build_company(seed=7, users=1_500, days=15, first_day=date(2026, 1, 12))
    assert_frame_equal(
        moved.exposures.with_columns(pl.col("exposed_at") - timedelta(days=7)), small.exposures
    )


@pytest.mark.parametrize(("users", "days"), [(0, 21), (10, 0)])
def test_a_company_without_users_or_days_is_refused(users: int, days: int) -> None:
    with pytest.raises(ValueError, match=f"got users={users} and days={days}"):
        build_company(users=users, days=days)


def test_one_user_and_one_day_are_enough() -> None:
    tiny = build_company(users=1, days=1)
    assert tiny.last_day == tiny.first_day


def test_every_exposed_user_has_events(company: Company) -> None:
    orphans = company.exposures.join(company.events, on="user_id", how="anti")
    assert orphans.is_empty()


def test_every_exposure_names_an_experiment_of_growthbook(company: Company) -> None:
    keys = {answer["trackingKey"] for answer in company.growthbook["experiments"]}
    assert set(company.exposures["experiment_key"].unique()) == keys


def test_the_growthbook_answer_survives_json(company: Company) -> None:
    assert json.loads(json.dumps(company.growthbook)) == company.growthbook


def test_nobody_is_exposed_on_a_day_without_a_session(small: Company) -> None:
    active = small.events.filter(pl.col("event_name") == "session_start").select(
        "user_id", date=pl.col("event_time").dt.date()
    )
    exposed = small.exposures.with_columns(date=pl.col("exposed_at").dt.date())
    assert exposed.join(active, on=["user_id", "date"], how="anti").is_empty()


def test_history_has_no_exposures(company: Company) -> None:
    assert company.exposures["exposed_at"].min() >= _midnight(company.first_day)
