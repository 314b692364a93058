"""The sample of units to replay: who is drawn, with what, and that it is the same whoever asks."""

import hashlib
from datetime import date

import polars as pl
import pytest

from ab_assets.health.finding import Status
from ab_assets.health.replay import SAMPLE_SALT, UNITS_WANTED, check_replay
from ab_assets.replay import ReplayPhase, replay
from tests.experiments.builders import utc
from tests.sql.bench import TAG, Bench, gate
from tests.sql.rows import exposed

DAY, NEXT_DAY = date(2024, 3, 1), date(2024, 3, 2)
USERS = [f"user-{number}" for number in range(60)]


@pytest.fixture
def made(bench: Bench) -> Bench:
    """Two experiments; the users of the first as its hash has them."""
    bench.experiments = (gate(), gate(id="exp_2", key="other"))
    phase = ReplayPhase(variations=("0", "1"), seed="gate", weights=(0.5, 0.5))
    places = zip(USERS, replay(USERS, phase).tolist(), strict=True)
    bench.load(
        *(exposed(user, str(place), "03-01 10:00") for user, place in places),
        exposed("日本", "beta", "03-01 10:00"),
        exposed("crossed", "1", "03-01 11:00"),
        exposed("crossed", "0", "03-01 09:00"),
        exposed("tomorrow", "0", "03-02 09:00"),
        *(
            exposed(f"other-{number}", "0", "03-01 12:00", experiment="other")
            for number in range(5)
        ),
    )
    bench.make_experiment_data(DAY)
    bench.make_experiment_data(NEXT_DAY)
    return bench


def sample(bench: Bench, most: int = UNITS_WANTED, salt: str = SAMPLE_SALT) -> pl.DataFrame:
    values = {"tag": TAG, "event_date": DAY, "salt": salt, "units_wanted": most}
    return bench.warehouse.fetch(bench.library.render("health/replay_sample.sql", values))


def users(frame: pl.DataFrame, experiment_id: str = "exp_1") -> set[str]:
    return set(frame.filter(pl.col("experiment_id") == experiment_id)["user_id"])


def place(user: str, salt: str) -> float:
    """Where a unit's hash stands among all hashes, from 0 to 1."""
    return int(hashlib.md5(f"{salt}:{user}".encode()).hexdigest()[:8], 16) / 2**32  # noqa: S324


def test_a_limit_nobody_reaches_draws_every_unit_of_the_day_once(made: Bench) -> None:
    frame = sample(made)
    assert users(frame) == {*USERS, "日本", "crossed"}
    assert users(frame, "exp_2") == {f"other-{number}" for number in range(5)}
    assert frame.height == len(USERS) + 7


def test_a_unit_has_its_key_and_its_first_exposure(made: Bench) -> None:
    row = sample(made).filter(pl.col("user_id") == "日本").row(0, named=True)
    assert row["variation_key"] == "beta"
    assert row["keys_seen"] == 1
    assert row["first_exposed_at"] == utc("2024-03-01T10:00").replace(tzinfo=None)


def test_a_unit_with_two_keys_is_one_row_that_says_so(made: Bench) -> None:
    row = sample(made).filter(pl.col("user_id") == "crossed").row(0, named=True)
    assert row["keys_seen"] == 2
    assert row["first_exposed_at"] == utc("2024-03-01T09:00").replace(tzinfo=None)


@pytest.mark.parametrize("salt", [SAMPLE_SALT, "another"])
@pytest.mark.parametrize("wanted", [0, 1, 7, 30, 62])
def test_of_too_many_units_those_with_the_lowest_hashes_are_drawn(
    made: Bench, wanted: int, salt: str
) -> None:
    everybody = {*USERS, "日本", "crossed"}
    rows = len(everybody) + 1  # the crossed one has a row for each key
    assert users(sample(made, wanted, salt)) == {
        user for user in everybody if place(user, salt) < wanted / rows
    }


def test_about_as_many_units_are_drawn_as_are_wanted(made: Bench) -> None:
    assert 20 <= len(users(sample(made, 30))) <= 40


def test_an_experiment_with_fewer_units_is_drawn_whole(made: Bench) -> None:
    assert len(users(sample(made, 5), "exp_2")) == 5


def test_a_larger_sample_holds_the_smaller_one(made: Bench) -> None:
    assert users(sample(made, 10)) < users(sample(made, 25))


def test_the_sample_is_what_the_check_reads(made: Bench) -> None:
    drawn = sample(made)
    first, second = (
        check_replay(item, drawn.filter(pl.col("experiment_id") == item.experiment.id))
        for item in made.day(DAY).experiments
    )
    assert (first.status, first.detail["units"]) == (Status.PASS, len(USERS))
    assert first.detail["crossed_over"] == 1
    assert first.message == (
        "all 60 units replay to the variation that was logged (not judged: 1 with an unknown key)"
    )
    assert second.detail["units"] == 5
