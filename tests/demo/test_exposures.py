import numpy as np
import polars as pl
import pytest

from ab_assets.demo import Company
from ab_assets.demo.assignment import assign, id_matrix
from tests.demo import direct

MISMATCHED = "subscribe_trial_length"
MANY_CROSSOVERS = "chat_entry_sidebar"
LIVE = (
    "ads_feed_density",
    "ads_native_format",
    "retention_daily_streak",
    "retention_push_digest",
    "subscribe_paywall",
    "vip_home_card",
    "recharge_checkout",
    "recharge_first_bonus",
    "chat_entry_button",
    "chat_entry_sidebar",
    "push_opt_in",
)


def test_the_planted_mismatch_is_unmistakable(company: Company) -> None:
    assert direct.units(company, MISMATCHED).sample_ratio_p_value < 1e-6


def test_the_mismatch_is_one_of_android(company: Company) -> None:
    units = direct.units(company, MISMATCHED).frame
    platform = company.exposures.select("user_id", "platform").unique("user_id")
    split = (
        units.join(platform, on="user_id")
        .group_by("platform")
        .agg(share=(pl.col("arm") == "1").mean())
    )
    share = dict(split.iter_rows())
    assert share["android"] < 0.46
    assert share["ios"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("key", LIVE)
def test_every_other_experiment_has_the_sample_ratio_of_its_weights(
    company: Company, key: str
) -> None:
    assert direct.units(company, key).sample_ratio_p_value > 0.02


def test_crossovers_are_above_one_percent_where_they_are_planted(company: Company) -> None:
    assert 0.02 < direct.units(company, MANY_CROSSOVERS).crossover_rate < 0.03


@pytest.mark.parametrize("key", [key for key in LIVE if key != MANY_CROSSOVERS])
def test_crossovers_are_rare_elsewhere(company: Company, key: str) -> None:
    assert 0 < direct.units(company, key).crossover_rate < 0.001


def test_a_crossover_can_fall_on_the_same_moment(company: Company) -> None:
    keys = company.exposures.group_by("experiment_key", "user_id", "exposed_at").agg(
        pl.col("variation_key").n_unique()
    )
    assert (keys["variation_key"] > 1).sum() > 0


def test_fifteen_units_carry_only_an_unknown_key_and_six_carry_it_too(company: Company) -> None:
    mine = company.exposures.filter(pl.col("experiment_key") == "vip_home_card")
    keys = mine.group_by("user_id").agg(
        unknown=(pl.col("variation_key") == "holdout").any(),
        known=(pl.col("variation_key") != "holdout").any(),
    )
    assert keys.filter(pl.col("unknown") & ~pl.col("known")).height == 15
    assert keys.filter(pl.col("unknown") & pl.col("known")).height == 6
    assert direct.units(company, "vip_home_card").unknown == 15


def test_only_the_planted_experiment_has_unknown_keys(company: Company) -> None:
    known = {
        (answer["trackingKey"], variation["key"])
        for answer in company.growthbook["experiments"]
        for variation in answer["variations"]
    }
    seen = set(company.exposures.select("experiment_key", "variation_key").unique().iter_rows())
    assert seen - known == {("vip_home_card", "holdout")}


def test_a_draft_has_only_its_testers(company: Company) -> None:
    draft = company.exposures.filter(pl.col("experiment_key") == "chat_entry_voice")
    assert draft.height == 12


def test_a_stopped_experiment_has_no_exposure_after_its_end(company: Company) -> None:
    units = direct.units(company, "recharge_first_bonus")
    mine = company.exposures.filter(pl.col("experiment_key") == "recharge_first_bonus")
    assert mine["exposed_at"].max() < units.end


def test_the_second_phase_randomises_again(company: Company) -> None:
    first = direct.units(company, "retention_daily_streak", 0).frame
    second = direct.units(company, "retention_daily_streak", 1).frame
    both = first.join(second, on="user_id", suffix="_second")
    moved = both.filter(pl.col("arm") == "1")["arm_second"]
    assert (moved == "1").mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("phase", [0, 1])
def test_each_phase_has_the_sample_ratio_of_its_own_weights(company: Company, phase: int) -> None:
    units = direct.units(company, "retention_daily_streak", phase)
    assert units.sample_ratio_p_value > 0.02


@pytest.mark.parametrize("key", ["ads_native_format", "chat_entry_sidebar", "subscribe_paywall"])
def test_a_replay_of_the_hash_gives_the_arms_of_the_rows(company: Company, key: str) -> None:
    answer = direct.experiment(company, key)
    phase = answer["phases"][-1]
    units = direct.units(company, key)
    replayed = assign(
        id_matrix(units.frame["user_id"].to_numpy().astype(np.str_)),
        seed=phase["seed"],
        weights=units.weights,
        coverage=phase["coverage"],
        version=answer["hashVersion"],
    )
    assert [units.keys[arm] for arm in replayed] == units.frame["arm"].to_list()


def test_units_are_seen_again_on_later_days(company: Company) -> None:
    mine = company.exposures.filter(pl.col("experiment_key") == "ads_feed_density")
    days = mine.group_by("user_id").agg(pl.col("exposed_at").dt.date().n_unique())
    assert 0.1 < (days["exposed_at"] > 1).mean() < 0.5


def test_some_exposures_fall_exactly_on_the_start_of_a_session(company: Company) -> None:
    starts = company.events.filter(pl.col("event_name") == "session_start").select(
        "user_id", exposed_at="event_time"
    )
    exact = company.exposures.join(starts, on=["user_id", "exposed_at"], how="semi")
    assert 0.2 < exact.height / company.exposures.height < 0.4
