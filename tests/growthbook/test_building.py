"""Experiments of one snapshot that contradict each other, and what a person is told."""

import json

import pytest

from tests.growthbook.payloads import (
    NOW,
    a_payload,
    a_phase_payload,
    snapshot_of,
    some_settings,
)


def ids(snapshot_part: tuple[object, ...]) -> list[str]:
    return [item.id for item in snapshot_part]  # type: ignore[attr-defined]


def test_a_wrong_experiment_does_not_spoil_the_others() -> None:
    snapshot = snapshot_of(
        a_payload(), a_payload(id="exp_2", variations=[]), a_payload(id="exp_3", trackingKey="c")
    )
    assert ids(snapshot.experiments) == ["exp_3", "exp_1"]
    assert ids(snapshot.refused) == ["exp_2"]


def test_copies_of_one_experiment_count_once() -> None:
    snapshot = snapshot_of(a_payload(), a_payload())
    assert ids(snapshot.experiments) == ["exp_1"]
    assert snapshot.refused == ()


def test_two_versions_of_one_id_are_both_refused() -> None:
    snapshot = snapshot_of(a_payload(), a_payload(name="Other"), a_payload(id="x", trackingKey="x"))
    assert ids(snapshot.experiments) == ["x"]
    assert [item.name for item in snapshot.refused] == ["Gate", "Other"]
    assert "two different experiments with this id" in snapshot.refused[0].reason
    assert list(snapshot.payloads) == ["x"]


def created(identity: str, date: str | None, **changes: object) -> dict[str, object]:
    return a_payload(id=identity, name=f"Name of {identity}", dateCreated=date, **changes)


def test_of_two_running_experiments_with_one_key_the_later_created_is_refused() -> None:
    snapshot = snapshot_of(
        created("late", "2026-09-02T00:00:00Z"), created("early", "2026-09-01T00:00:00Z")
    )
    assert ids(snapshot.experiments) == ["early"]
    assert "'gate' with 'Name of early' (early)" in snapshot.refused[0].reason
    assert snapshot.refused[0].tags == ("retention",)
    assert not snapshot.refused[0].is_quiet


def test_without_a_creation_date_an_experiment_counts_as_the_later_one() -> None:
    snapshot = snapshot_of(created("a", None), created("b", "2026-09-02T00:00:00Z"))
    assert ids(snapshot.refused) == ["a"]


def test_created_at_the_same_time_the_smaller_id_stays() -> None:
    snapshot = snapshot_of(created("b", None), created("a", None))
    assert ids(snapshot.experiments) == ["a"]


def test_drafts_and_archived_experiments_may_share_a_key() -> None:
    snapshot = snapshot_of(
        created("a", None, status="draft"), created("b", None, archived=True), created("c", None)
    )
    assert ids(snapshot.experiments) == ["a", "b", "c"]


def test_experiments_that_used_a_key_one_after_the_other_both_stay() -> None:
    first = a_phase_payload(
        dateStarted="2026-01-01T00:00:00Z", dateEnded="2026-09-30T23:59:59.999Z"
    )
    snapshot = snapshot_of(
        created("first", "2026-01-01T00:00:00Z", status="stopped", phases=[first]),
        created("second", "2026-09-01T00:00:00Z"),
    )
    assert ids(snapshot.experiments) == ["first", "second"]


@pytest.mark.parametrize(
    ("first_created", "second_created", "left_out"),
    [
        ("2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z", "second"),
        ("2026-09-01T00:00:00Z", "2026-01-01T00:00:00Z", "first"),
    ],
)
def test_experiments_that_share_only_the_border_of_their_phases_clash(
    first_created: str, second_created: str, left_out: str
) -> None:
    first = a_phase_payload(
        dateStarted="2026-01-01T00:00:00Z", dateEnded="2026-10-01T00:00:00.000Z"
    )
    snapshot = snapshot_of(
        created("first", first_created, status="stopped", phases=[first]),
        created("second", second_created),
    )
    assert ids(snapshot.refused) == [left_out]


def test_a_refused_rival_frees_the_key_for_the_next() -> None:
    wide = a_phase_payload(dateStarted="2026-01-01T00:00:00Z")
    early = a_phase_payload(dateStarted="2026-01-01T00:00:00Z", dateEnded="2026-02-01T00:00:00Z")
    late = a_phase_payload(dateStarted="2026-03-01T00:00:00Z")
    snapshot = snapshot_of(
        created("a", "2026-01-01T00:00:00Z", phases=[early]),
        created("b", "2026-01-02T00:00:00Z", phases=[wide]),
        created("c", "2026-01-03T00:00:00Z", phases=[late]),
    )
    assert ids(snapshot.experiments) == ["a", "c"]


def test_keys_that_differ_only_in_case_are_different_keys() -> None:
    snapshot = snapshot_of(a_payload(), a_payload(id="exp_2", trackingKey="Gate"))
    assert len(snapshot.experiments) == 2


def test_the_payload_of_every_experiment_with_an_id_is_kept() -> None:
    wrong = a_payload(id="exp_2", variations=[])
    snapshot = snapshot_of(a_payload(), wrong, {"name": "no id"})
    assert {key: json.loads(text) for key, text in snapshot.payloads.items()} == {
        "exp_1": a_payload(),
        "exp_2": wrong,
    }


def test_the_same_payload_gives_the_same_text_whatever_the_order_of_its_fields() -> None:
    turned = dict(reversed(a_payload().items()))
    assert snapshot_of(a_payload()).payloads == snapshot_of(turned).payloads


def test_a_snapshot_built_again_from_its_payloads_is_the_same() -> None:
    snapshot = snapshot_of(
        a_payload(),
        a_payload(id="exp_2"),
        a_payload(id="exp_3", variations=[]),
        a_payload(id="exp_4", name="one"),
        a_payload(id="exp_4", name="other", trackingKey="d"),
    )
    again = snapshot_of(*map(json.loads, snapshot.payloads.values()))
    assert again.experiments == snapshot.experiments
    assert again.payloads == snapshot.payloads


def test_a_payload_json_cannot_hold_is_refused() -> None:
    snapshot = snapshot_of(a_payload(customFields={"x": float("inf")}))
    assert "it has no JSON form (ValueError)" in snapshot.refused[0].reason


def test_a_filter_only_growthbook_applies_is_a_notice() -> None:
    snapshot = snapshot_of(
        a_payload(settings=some_settings(segmentId="seg_1")),
        a_payload(id="exp_2", trackingKey="b", settings=some_settings(queryFilter="a = 1")),
        a_payload(id="exp_3", trackingKey="c"),
    )
    assert [notice.partition(":")[0] for notice in snapshot.notices] == [
        "experiment 'Gate' (exp_2)",
        "experiment 'Gate' (exp_1)",
    ]


def test_a_snapshot_says_where_it_came_from_and_when() -> None:
    snapshot = snapshot_of()
    assert (snapshot.source, snapshot.pulled_at) == ("test", NOW)
