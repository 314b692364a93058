from dataclasses import replace

import pytest

from ab_assets.planning.request import Judgement, PlannedMetric
from ab_assets.planning.solving import solve
from ab_assets.planning.traffic import Traffic
from ab_assets.planning.wording import answer_sentence, change_text, notes, percent, value_text
from tests.planning.builders import MEAN, RATE, a_request

PRICE = PlannedMetric(kind="mean", baseline=2.5, stddev=4.0, title="Spend", unit="USD")


def test_users_are_answered_with_arms_and_days() -> None:
    assert answer_sentence(solve(a_request())) == (
        "To find +10.0 % of Buyers (10.00 % → 11.00 %) with 80 % power you need 29,498 users, "
        "14,749 in each arm: 30 days at 1,000 new users a day, so 35 days (5 weeks) in whole weeks."
    )


def test_an_effect_is_answered_with_what_is_missed() -> None:
    plan = solve(a_request(metric=PRICE, effect=None, days=28))
    assert answer_sentence(plan) == (
        "In 28 days (4 weeks) (28,000 users, 14,000 in each arm) the smallest change found with "
        "80 % power is +5.4 % of Spend ($2.50 → $2.63); smaller ones are missed more often."
    )
    without_days = solve(a_request(metric=PRICE, effect=None, users=28_000, traffic=None))
    assert answer_sentence(without_days).startswith("With 28,000 users, 14,000 in each arm the ")


@pytest.mark.parametrize(
    ("users", "ending"),
    [
        (4000, "is found with 18 % power: 82 of 100 such experiments miss it."),
        (400_000, "is found with >99 % power: it can hardly be missed."),
    ],
)
def test_power_is_answered_in_experiments(users: int, ending: str) -> None:
    plan = solve(a_request(users=users, traffic=None))
    assert answer_sentence(plan).endswith(ending)


def test_power_of_days_names_them() -> None:
    assert answer_sentence(solve(a_request(days=1))).startswith("In 1 day, with 1,000 users, 500")


def test_unequal_arms_are_told_apart() -> None:
    two = answer_sentence(solve(a_request(weights=(0.9, 0.1), traffic=None)))
    assert "in the control and 8," in two
    assert two.endswith("treated.")
    alike = answer_sentence(solve(a_request(weights=(0.5, 0.25, 0.25))))
    assert "treated each:" in alike
    apart = answer_sentence(solve(a_request(weights=(0.5, 0.3, 0.2), traffic=None)))
    assert "26,275 in the control and 15,765, 10,510 treated" in apart


def test_whole_weeks_are_said_once() -> None:
    exact = solve(a_request(traffic=Traffic(29_498 / 14)))
    assert answer_sentence(exact).endswith(": 14 days (2 weeks) at 2,107 new users a day.")
    assert not any("weekdays" in note for note in notes(exact))


def test_users_who_never_come_are_said() -> None:
    plan = solve(a_request(traffic=Traffic(0.5)))
    assert answer_sentence(plan).endswith("; so many will not have come in ten years.")


def test_notes_tell_what_the_answer_rests_on() -> None:
    metric = replace(RATE, variance_reduction=0.36, closing_days=7)
    traffic = Traffic(500.0, (900.0, 800.0), "as gate saw them")
    plan = solve(a_request(metric=metric, weights=(0.5, 0.3, 0.2), comparisons=2, traffic=traffic))
    assert list(notes(plan)) == [
        "users by day: as gate saw them (1,700 in all, then 500 a day)",
        "a user counts 7 days after exposure: those are in the days above",
        "whole weeks: weekdays differ, and each should weigh the same",
        "error rate: 5 % shared by 2 comparisons, 2.5 % each, two-sided",
        "split: 50 % / 30 % / 20 %, the control first; the smallest variation decides the size",
        "CUPED removes 36 % of the variance; without it the same effect would need 63,636 users",
    ]


def test_notes_tell_the_mean_pace_and_where_it_is_from() -> None:
    plan = solve(a_request(traffic=Traffic(1000.0, (), "the mean of the 9 days of gate")))
    assert next(notes(plan)) == "users by day: 1,000, the mean of the 9 days of gate"


def test_notes_say_which_power_of_an_always_valid_test_is_meant() -> None:
    told = list(notes(solve(a_request(test=Judgement("always-valid", 7)))))[-1]
    assert told.startswith("power counts a finding at any of 7 looks, evenly spaced")
    assert "a look at the planned size alone would have 77 %" in told
    assert "engine.planned_units: 53," in told
    told = list(notes(solve(a_request(test=Judgement("group-sequential")))))[-1]
    assert told == "the effect is looked for 5 times, at evenly spaced numbers of users"


def test_values_and_changes_are_in_the_metrics_unit() -> None:
    assert (value_text(PRICE, 2.5), value_text(RATE, 0.1)) == ("$2.50", "10.00 %")
    assert change_text(MEAN, 0.05) == "+0.50 %"
    assert change_text(MEAN, float("nan")) == "–"
    free = replace(PRICE, baseline=0.0)
    assert (change_text(free, 0.2), change_text(free, -0.2)) == ("+$0.2", "-$0.2")


def test_near_certainty_is_not_certain() -> None:
    assert [percent(value) for value in (0.994, 0.996, 1.0)] == ["99 %", ">99 %", ">99 %"]
    assert [percent(value) for value in (0.006, 0.004, 0.0)] == ["1 %", "<1 %", "<1 %"]


def test_titles_from_outside_stay_on_their_line() -> None:
    plan = solve(a_request(metric=replace(RATE, title="Buyers\n\x1b[31m")))
    assert "\n" not in answer_sentence(plan)
    assert "\x1b" not in answer_sentence(plan)
