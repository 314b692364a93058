from datetime import date, timedelta

import pytest

from ab_assets.cli.days import check_day, day_range, days_in_force, read_date
from ab_assets.errors import ConfigurationError
from ab_assets.settings import Settings
from tests.experiments.builders import a_phase, an_experiment
from tests.small_world import midnight

SETTINGS = Settings(start_date=date(2025, 3, 3))


def test_a_date_is_written_like_the_message_says() -> None:
    assert read_date("2025-03-03", "--date") == date(2025, 3, 3)
    assert read_date(None, "--date") is None


@pytest.mark.parametrize(
    "text",
    ["", "today", "2025-13-01", "2025-02-30", "20250303", "2025-W10-1", "2025-3-3", "3.3.25"],
)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--from .* is no date; write it like 2026"):
        read_date(text, "--from")


def test_the_first_and_the_newest_day_can_be_made() -> None:
    assert check_day(SETTINGS.start_date, SETTINGS, "--date") == SETTINGS.start_date
    assert check_day(SETTINGS.yesterday(), SETTINGS, "--date") == SETTINGS.yesterday()


def test_a_day_before_the_first_partition_is_refused_with_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="first partition, 2025-03-03; set AB_START_DATE"):
        check_day(date(2025, 3, 2), SETTINGS, "--date")


def test_a_day_that_has_not_ended_is_refused_with_the_newest_that_has() -> None:
    newest = SETTINGS.yesterday()
    with pytest.raises(
        ConfigurationError, match=f"not ended yet in UTC; the newest day is {newest}"
    ):
        check_day(SETTINGS.today(), SETTINGS, "--date")


def test_a_range_holds_both_its_ends() -> None:
    assert day_range(date(2025, 3, 3), date(2025, 3, 5)) == [
        date(2025, 3, 3),
        date(2025, 3, 4),
        date(2025, 3, 5),
    ]


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="--to 2025-03-03 lies before --from 2025-03-04"):
        day_range(date(2025, 3, 4), date(2025, 3, 3))


def test_every_day_since_the_oldest_phase_in_force_began() -> None:
    younger = an_experiment(
        id="exp_2", key="other", phases=(a_phase(started_at=midnight(date(2025, 3, 6))),)
    )
    older = an_experiment(phases=(a_phase(started_at=midnight(date(2025, 3, 5))),))
    tag = older.tags[0]
    found = days_in_force([younger, older], tag, SETTINGS, date(2025, 3, 7))
    assert found == [date(2025, 3, 5) + timedelta(days=place) for place in range(3)]


def test_days_before_the_first_partition_are_left_out() -> None:
    older = an_experiment(phases=(a_phase(started_at=midnight(date(2024, 3, 5))),))
    found = days_in_force([older], older.tags[0], SETTINGS, date(2025, 3, 4))
    assert found == [date(2025, 3, 3), date(2025, 3, 4)]


def test_without_an_experiment_in_force_the_newest_day_alone() -> None:
    assert days_in_force([], "habit", SETTINGS, date(2025, 3, 7)) == [date(2025, 3, 7)]
