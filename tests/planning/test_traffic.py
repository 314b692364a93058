from itertools import pairwise

import pytest

from ab_assets.planning.traffic import Traffic, whole_weeks

FRONT_LOADED = Traffic(100.0, (500.0, 200.0, 0.0))


def test_first_days_count_as_they_were_and_then_the_pace() -> None:
    users = [FRONT_LOADED.users_by(day) for day in range(-1, 6)]
    assert users == [0, 0, 500, 700, 700, 800, 900]


@pytest.mark.parametrize("users", [1, 500, 501, 700, 701, 800, 5000.5])
@pytest.mark.parametrize("traffic", [FRONT_LOADED, Traffic(33.3)])
def test_the_days_for_users_are_the_first_that_have_them(traffic: Traffic, users: float) -> None:
    days = traffic.days_for(users)
    assert days is not None
    assert traffic.users_by(days) >= users > traffic.users_by(days - 1)


def test_rounding_adds_no_day() -> None:
    assert Traffic(0.1).days_for(0.1 * 3) == 3


def test_users_who_never_come_take_no_number_of_days() -> None:
    assert Traffic(0.0, (10.0,)).days_for(11) is None
    assert Traffic(0.0, (10.0,)).days_for(10) == 1
    assert Traffic(1.0).days_for(1e6) is None


def test_another_share_of_users_scales_every_day() -> None:
    half = FRONT_LOADED.scaled(0.5)
    assert [half.users_by(day) * 2 for day in (1, 2, 9)] == [
        FRONT_LOADED.users_by(day) for day in (1, 2, 9)
    ]


def test_whole_weeks_are_rounded_up() -> None:
    assert [whole_weeks(days) for days in (1, 7, 8)] == [7, 7, 14]
    assert all(b >= a for a, b in pairwise(map(whole_weeks, range(1, 40))))
