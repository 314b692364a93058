"""The rule table: one test a rule, its borders, and the order of rules."""

from dataclasses import replace
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_assets.modules.model import Direction, Role
from ab_assets.reporting.decision import Decided, Decision, Evidence, decide

MICROSECOND = 1e-6 / 86_400


def a_goal(**changes: object) -> Evidence:
    """A goal that has all its users and found nothing."""
    values: dict[str, object] = {
        "metric": "revenue",
        "role": Role.GOAL,
        "direction": Direction.UP,
        "effect": 1.0,
        "p_value": 0.5,
        "sequential_p_value": 1.0,
        "margin_p_value": 0.5,
        "beyond_margin": False,
        "users": 1000.0,
        "users_needed": 800.0,
        "days_needed": 8.0,
        "enough": True,
    }
    return Evidence(**(values | changes))


def a_guardrail(**changes: object) -> Evidence:
    """A guardrail proven harmless."""
    values = {"metric": "crashes", "role": Role.GUARDRAIL, "margin_p_value": 0.001}
    return a_goal(**(values | changes))


WINNER = a_goal(p_value=0.001)
LOSER = a_goal(metric="loser", p_value=0.001, effect=-1.0)
BREACHED = a_guardrail(effect=-1.0, margin_p_value=0.999)
YOUNG = {"users": 100.0, "users_needed": 1000.0, "days_needed": 20.0}


def decided(
    *evidence: Evidence,
    distrust: str = "",
    days: float = 14.0,
    alpha: float = 0.05,
    ended: bool = False,
) -> Decided:
    return decide(evidence, distrust=distrust, days=days, alpha=alpha, ended=ended)


def test_an_ended_phase_is_not_extended_but_stopped() -> None:
    found = decided(a_goal(**YOUNG), days=9.0, ended=True)
    assert found == Decided(Decision.STOP, "the phase ended before its planned size: revenue")


def test_a_phase_that_ended_within_a_week_decides_nothing() -> None:
    found = decided(WINNER, days=4.0, ended=True)
    reason = "the phase ended after 4.0 days, less than a whole week"
    assert found == Decided(Decision.NONE, reason)


def test_an_ended_phase_with_an_established_goal_still_ships() -> None:
    assert decided(WINNER, days=14.0, ended=True).decision is Decision.SHIP


def test_rule_1_what_is_not_trusted_is_not_decided() -> None:
    found = decided(WINNER, distrust="sample-ratio mismatch")
    assert found == Decided(Decision.NONE, "not trusted: sample-ratio mismatch")


def test_rule_2_a_guardrail_worse_than_its_margin_rolls_back() -> None:
    found = decided(a_goal(), BREACHED)
    assert found == Decided(Decision.ROLLBACK, "guardrail worse than its margin: crashes")


def test_rule_3_a_goal_that_is_worse_rolls_back() -> None:
    assert decided(a_goal(), LOSER) == Decided(Decision.ROLLBACK, "goal worse: loser")


def test_rule_4_without_a_number_nothing_is_decided() -> None:
    nothing = a_goal(p_value=nan, effect=nan, users=0.0, enough=False)
    assert decided(nothing) == Decided(Decision.NONE, "no goal has a number yet")


def test_rule_4_without_a_goal_nothing_is_decided() -> None:
    assert decided(a_guardrail()) == Decided(Decision.NONE, "no goal has a number yet")


def test_rule_5_less_than_a_week_is_extended_to_the_week() -> None:
    found = decided(WINNER, days=4.0)
    assert found == Decided(Decision.EXTEND, "3 more days make a whole week")


def test_rule_6_a_goal_that_is_better_ships() -> None:
    assert decided(WINNER) == Decided(Decision.SHIP, "goal better: revenue")


def test_rule_7_at_the_planned_size_without_an_effect_it_stops() -> None:
    found = decided(a_goal())
    assert found == Decided(Decision.STOP, "the planned size is reached and no goal moved")


def test_rule_8_otherwise_it_goes_on_in_whole_weeks() -> None:
    found = decided(a_goal(**YOUNG), days=9.0)
    assert found == Decided(
        Decision.EXTEND, "12 more days until revenue has 1,000 users"
    )  # 20 days are three weeks, 9 are over


def test_distrust_comes_before_a_breach() -> None:
    assert decided(WINNER, BREACHED, distrust="crossovers").decision is Decision.NONE


def test_a_breach_rolls_back_even_if_a_goal_wins() -> None:
    assert decided(WINNER, BREACHED).reason == "guardrail worse than its margin: crashes"


def test_a_breach_comes_before_a_worse_goal() -> None:
    assert decided(LOSER, BREACHED).reason == "guardrail worse than its margin: crashes"


def test_a_breach_does_not_wait_for_a_number_of_a_goal() -> None:
    assert decided(a_goal(p_value=nan), BREACHED).decision is Decision.ROLLBACK


def test_a_worse_goal_outweighs_a_better_one() -> None:
    assert decided(WINNER, LOSER).decision is Decision.ROLLBACK


def test_harm_does_not_wait_for_the_week() -> None:
    assert decided(LOSER, days=1.0).decision is Decision.ROLLBACK
    assert decided(a_goal(), BREACHED, days=1.0).decision is Decision.ROLLBACK


def test_a_missing_number_comes_before_the_week() -> None:
    assert decided(a_goal(p_value=nan, enough=False), days=1.0).decision is Decision.NONE


def test_a_win_comes_before_goals_that_still_need_users() -> None:
    assert decided(WINNER, a_goal(metric="slow", **YOUNG)).decision is Decision.SHIP


def test_secondary_metrics_decide_nothing() -> None:
    secondary = replace(LOSER, role=Role.SECONDARY)
    assert decided(WINNER, secondary).decision is Decision.SHIP
    assert decided(replace(WINNER, role=Role.SECONDARY)).decision is Decision.NONE


def test_a_p_value_of_alpha_itself_is_not_significant() -> None:
    assert decided(a_goal(p_value=0.05)).decision is Decision.STOP
    assert decided(a_goal(p_value=0.0499999)).decision is Decision.SHIP


def test_alpha_is_the_modules_own() -> None:
    assert decided(a_goal(p_value=0.08), alpha=0.1).decision is Decision.SHIP
    assert decided(a_goal(p_value=0.03), alpha=0.01).decision is Decision.STOP


def test_before_the_planned_size_only_the_always_valid_test_establishes() -> None:
    early = a_goal(p_value=0.001, **YOUNG)
    assert decided(early).decision is Decision.EXTEND
    assert decided(replace(early, sequential_p_value=0.04)).decision is Decision.SHIP
    assert decided(replace(early, sequential_p_value=0.05)).decision is Decision.EXTEND
    assert decided(replace(early, sequential_p_value=nan)).decision is Decision.EXTEND


def test_an_always_valid_result_needs_the_usual_one_too() -> None:
    early = a_goal(p_value=0.06, sequential_p_value=0.01, **YOUNG)
    assert decided(early).decision is Decision.EXTEND


def test_the_planned_size_itself_is_enough() -> None:
    at = a_goal(p_value=0.01, users=800.0, users_needed=800.0)
    assert decided(at).decision is Decision.SHIP
    assert decided(replace(at, users=799.0)).decision is Decision.EXTEND


def test_below_the_minimum_sample_nothing_is_established() -> None:
    assert decided(replace(WINNER, enough=False)).decision is Decision.EXTEND
    assert decided(replace(LOSER, enough=False)).decision is Decision.EXTEND
    assert decided(a_goal(), replace(BREACHED, enough=False)).decision is Decision.STOP


def test_exactly_a_week_is_a_week() -> None:
    assert decided(WINNER, days=7.0).decision is Decision.SHIP


def test_a_week_that_ends_with_its_last_microsecond_is_a_week() -> None:
    assert decided(WINNER, days=7.0 - MICROSECOND).decision is Decision.SHIP


def test_a_second_less_than_a_week_is_not_a_week() -> None:
    found = decided(WINNER, days=7.0 - 1 / 86_400)
    assert found == Decided(Decision.EXTEND, "1 more day makes a whole week")


def test_the_first_day_leaves_six() -> None:
    found = decided(WINNER, days=1.0 - MICROSECOND)
    assert found.reason == "6 more days make a whole week"


def test_days_left_do_not_count_the_last_microsecond() -> None:
    found = decided(a_goal(**YOUNG), days=9.0 - MICROSECOND)
    assert found.reason.startswith("12 more days")


def test_at_least_one_more_day_is_asked_for() -> None:
    found = decided(a_goal(**(YOUNG | {"days_needed": 14.0})), days=14.0)
    assert found.reason == "1 more day until revenue has 1,000 users"


def test_the_slowest_goal_says_how_long() -> None:
    slow = a_goal(metric="slow", **(YOUNG | {"days_needed": 50.0, "users_needed": 5000.0}))
    found = decided(a_goal(**YOUNG), slow)
    assert found.reason == "42 more days until slow has 5,000 users"


def test_a_goal_at_its_size_does_not_say_how_long() -> None:
    found = decided(a_goal(days_needed=99.0), a_goal(metric="slow", **YOUNG))
    assert "until slow has" in found.reason


def test_a_goal_that_cannot_be_planned_is_named() -> None:
    unplanned = a_goal(users_needed=nan, days_needed=nan)
    found = decided(unplanned)
    assert found == Decided(Decision.EXTEND, "too few users to plan with: revenue")


def test_a_goal_whose_window_is_open_holds_the_stop_back() -> None:
    waiting = a_goal(
        metric="retention_d7",
        p_value=nan,
        users=0.0,
        users_needed=nan,
        days_needed=nan,
        enough=False,
    )
    found = decided(a_goal(), waiting)
    assert found == Decided(Decision.EXTEND, "too few users to plan with: retention_d7")


def test_a_goal_that_never_varies_does_not_hold_the_stop_back() -> None:
    constant = a_goal(metric="constant", p_value=nan, users_needed=nan, days_needed=nan)
    assert decided(a_goal(), constant).decision is Decision.STOP


def test_a_guardrail_not_proven_harmless_is_named_and_does_not_block() -> None:
    unproven = a_guardrail(margin_p_value=0.2)
    found = decided(WINNER, a_guardrail(metric="fine"), unproven)
    assert found == Decided(Decision.SHIP, "goal better: revenue; not yet proven harmless: crashes")


def test_a_guardrail_without_a_number_is_not_proven_harmless() -> None:
    found = decided(WINNER, a_guardrail(margin_p_value=nan, effect=nan))
    assert found.reason.endswith("not yet proven harmless: crashes")


def test_a_guardrail_read_before_its_planned_size_breaches_nothing() -> None:
    early = replace(BREACHED, **YOUNG)
    assert decided(WINNER, early).decision is Decision.SHIP


def test_a_guardrail_surely_beyond_its_margin_rolls_back_at_any_size() -> None:
    early = replace(BREACHED, **YOUNG, beyond_margin=True)
    assert decided(WINNER, early).decision is Decision.ROLLBACK


def test_a_margin_p_value_of_alpha_proves_harmlessness() -> None:
    assert "proven" not in decided(WINNER, a_guardrail(margin_p_value=0.05)).reason


def test_a_breach_must_be_certain() -> None:
    assert decided(WINNER, replace(BREACHED, margin_p_value=0.95)).decision is Decision.SHIP
    assert decided(WINNER, replace(BREACHED, margin_p_value=0.951)).decision is Decision.ROLLBACK


def test_a_guardrail_that_improved_is_never_breached() -> None:
    assert decided(WINNER, replace(BREACHED, effect=1.0)).decision is Decision.SHIP


def test_a_metric_that_should_fall_is_better_when_it_falls() -> None:
    falling = replace(WINNER, direction=Direction.DOWN, effect=-1.0)
    assert decided(falling).decision is Decision.SHIP
    assert decided(replace(falling, effect=1.0)).decision is Decision.ROLLBACK


def test_no_effect_at_all_is_never_established() -> None:
    assert decided(replace(WINNER, effect=0.0)).decision is Decision.STOP


NUMBERS = st.floats(0, 1) | st.just(nan)
EVIDENCE = st.builds(
    Evidence,
    metric=st.sampled_from(["a", "b", "c"]),
    role=st.sampled_from(Role),
    direction=st.sampled_from(Direction),
    effect=st.floats(-5, 5) | st.just(nan),
    p_value=NUMBERS,
    sequential_p_value=NUMBERS,
    margin_p_value=NUMBERS,
    beyond_margin=st.booleans(),
    users=st.floats(0, 1e6),
    users_needed=st.floats(2, 1e6) | st.just(nan),
    days_needed=st.floats(1, 1e4) | st.just(nan),
    enough=st.booleans(),
)
MIRROR = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP}


@settings(max_examples=150, deadline=None)
@given(st.lists(EVIDENCE, max_size=6), st.floats(0, 60))
def test_turning_direction_and_sign_round_changes_nothing(
    evidence: list[Evidence], days: float
) -> None:
    mirrored = [
        replace(item, direction=MIRROR[item.direction], effect=-item.effect) for item in evidence
    ]
    assert decided(*evidence, days=days) == decided(*mirrored, days=days)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVIDENCE, max_size=6), st.floats(0, 60))
def test_the_not_trusted_are_never_decided(evidence: list[Evidence], days: float) -> None:
    found = decided(*evidence, days=days, distrust="crossovers")
    assert found == Decided(Decision.NONE, "not trusted: crossovers")


@settings(max_examples=150, deadline=None)
@given(st.lists(EVIDENCE, max_size=6), st.floats(0, 60))
def test_every_decision_has_a_reason_and_the_evidence_it_needs(
    evidence: list[Evidence], days: float
) -> None:
    found = decided(*evidence, days=days)
    assert found.reason
    goals = [item for item in evidence if item.role is Role.GOAL]
    if found.decision is Decision.SHIP:
        assert round(days, 6) >= 7
        assert any(item.p_value < 0.05 and item.enough for item in goals)
    if found.decision is Decision.STOP:
        assert not any(item.is_open for item in goals)
    if found.decision is Decision.EXTEND:
        assert any(item.is_open for item in goals) or days < 7


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_is_written_as_its_word(decision: Decision) -> None:
    assert decision.value == decision.name.lower()
