"""Logged variations beside replayed ones: every way to differ is counted once, and told."""

from collections import Counter

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.replay import (
    Mismatch,
    ReplayOutcome,
    ReplayPhase,
    hold_against,
    namespace_filter,
    replay,
    rows_that_differ,
)

USERS = [f"user-{number}" for number in range(2000)]
PHASE = ReplayPhase(variations=("control", "blue"), seed="s", weights=(0.5, 0.5))
FORCED = "forced variations (a URL parameter, an override in the SDK, QA)"


def logged_by(phase: ReplayPhase) -> list[str | None]:
    """What an SDK would have logged: the key, or nothing where the user is not in."""
    return [
        phase.variations[variation] if variation >= 0 else None
        for variation in replay(USERS, phase).tolist()
    ]


def test_what_was_logged_as_hashed_replays_without_exception() -> None:
    outcome = hold_against(USERS, logged_by(PHASE), PHASE)
    assert (outcome.units, outcome.mismatches, outcome.share) == (2000, 0, 0.0)
    assert outcome.sentence == "all 2,000 units replay to the variation that was logged"
    assert (outcome.main_kind, outcome.known_reasons) == (None, ())


def test_another_variation_is_told_from_no_variation_at_all() -> None:
    swapped = {"control": "blue", "blue": "control"}
    narrow = ReplayPhase(variations=PHASE.variations, seed="s", coverage=0.4)
    inside = Counter(logged_by(narrow))
    wrong = [swapped[key or ""] for key in logged_by(PHASE)]
    outcome = hold_against(USERS, wrong, narrow)
    assert outcome.by_kind == {
        Mismatch.OTHER_VARIATION: 2000 - inside[None],
        Mismatch.NOT_COVERED: inside[None],
    }
    assert outcome.share == 1.0
    assert outcome.main_kind is Mismatch.NOT_COVERED


def test_a_unit_outside_the_namespace_is_told_apart_when_its_variation_is_right() -> None:
    filtered = ReplayPhase(
        variations=PHASE.variations, seed="s", filters=(namespace_filter("ns", 0.0, 0.7),)
    )
    outside = Counter(logged_by(filtered))[None]
    outcome = hold_against(USERS, logged_by(PHASE), filtered)
    assert outcome.by_kind == {Mismatch.FILTERED_OUT: outside}
    assert "are outside the experiment's namespace" in outcome.sentence


def test_unknown_keys_and_missing_ids_are_counted_and_not_judged() -> None:
    keys = logged_by(PHASE)
    ids: list[str | None] = [None, "", *USERS[2:]]
    outcome = hold_against(ids, [*keys[:2], "beta", None, "", *keys[5:]], PHASE)
    assert outcome.by_kind == {Mismatch.UNKNOWN_KEY: 3, Mismatch.NO_ID: 2}
    assert (outcome.units, outcome.mismatches) == (1995, 0)
    assert outcome.sentence.endswith("(not judged: 3 with an unknown key, 2 without an id)")


def test_a_missing_id_with_an_unknown_key_is_counted_once() -> None:
    assert hold_against([None], ["beta"], PHASE).by_kind == {Mismatch.NO_ID: 1}


def test_the_rows_that_differ_are_those_that_are_counted() -> None:
    keys = [*logged_by(PHASE)[:1990], *["beta"] * 10]
    keys[3] = "blue" if keys[3] == "control" else "control"
    differing = rows_that_differ([*USERS[:7], None, *USERS[8:]], keys, PHASE)
    assert differing.nonzero()[0].tolist() == [3]


def test_ids_without_a_key_of_their_own_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"3 ids cannot be held against 1 logged keys"):
        hold_against(["a", "b", "c"], ["0"], PHASE)


def test_nobody_to_judge_is_said() -> None:
    assert hold_against([], [], PHASE).sentence == "no unit could be replayed"
    outcome = hold_against(["u"], ["beta"], PHASE)
    assert outcome.sentence == "no unit could be replayed (not judged: 1 with an unknown key)"
    assert outcome.share == 0.0


def test_the_sentence_has_share_and_kinds() -> None:
    outcome = ReplayOutcome(
        1000, {Mismatch.OTHER_VARIATION: 7, Mismatch.NOT_COVERED: 5, Mismatch.NO_ID: 1}
    )
    assert outcome.sentence == (
        "12 of 1,000 units (1.20%) do not replay: 7 were logged with another variation than their "
        "id hashes to; 5 hash to no variation, as if they were not in the experiment "
        "(not judged: 1 without an id)"
    )


@pytest.mark.parametrize("kind", [kind for kind in Mismatch if kind.is_judged])
def test_every_judged_kind_knows_sticky_buckets_and_forced_variations(kind: Mismatch) -> None:
    reasons = ReplayOutcome(10, {kind: 1}).known_reasons
    assert FORCED in reasons
    assert any(reason.startswith("sticky bucketing") for reason in reasons)


def test_a_fallback_attribute_is_a_known_reason_of_another_variation() -> None:
    reasons = ReplayOutcome(10, {Mismatch.OTHER_VARIATION: 1}).known_reasons
    assert any("fallback attribute" in reason for reason in reasons)
