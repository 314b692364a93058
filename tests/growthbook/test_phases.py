"""Several phases of one experiment: splits, seeds, and an old one that makes no sense."""

import pytest

from ab_assets.experiments import phase_in_force
from tests.growthbook.payloads import (
    a_payload,
    a_phase_payload,
    a_split,
    accepted,
    refused,
    snapshot_of,
    some_variations,
)

THREE = some_variations("0", "1", "2")


def weights(split: object, variations: object = THREE) -> tuple[float, ...]:
    payload = a_payload(variations=variations, phases=[a_phase_payload(trafficSplit=split)])
    return accepted(payload).phases[0].weights


def test_a_split_in_another_order_is_matched_by_variation_id() -> None:
    assert weights(a_split(0.2, 0.3, 0.5)[::-1]) == (0.2, 0.3, 0.5)


def test_a_split_with_foreign_ids_is_matched_by_position() -> None:
    assert weights(a_split(0.2, 0.3, 0.5, ids=("var_a", "var_b", "var_c"))) == (0.2, 0.3, 0.5)


def test_a_split_with_some_foreign_ids_is_matched_by_position_if_the_others_stand_right() -> None:
    assert weights(a_split(0.2, 0.3, 0.5, ids=("var_0", "old", "var_2"))) == (0.2, 0.3, 0.5)


def test_an_arm_the_split_does_not_name_has_weight_zero() -> None:
    assert weights(a_split(0.4, 0.6)) == (0.4, 0.6, 0)


def test_all_users_in_one_arm_is_a_split() -> None:
    assert weights(a_split(1, 0, 0)) == (1, 0, 0)


@pytest.mark.parametrize(
    "split", [(0.33, 0.33, 0.33), (0.34, 0.33, 0.34), (0.3333, 0.3333, 0.3334)]
)
def test_a_sum_within_a_hundredth_of_one_is_rounding(split: tuple[float, ...]) -> None:
    assert weights(a_split(*split)) == split


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        (a_split(0.33, 0.33, 0.32), "its weights sum to 0.98, not 1 (0.33, 0.33, 0.32)"),
        (a_split(50, 50, 0), "its weights sum to 100, not 1"),
        (a_split(0, 0, 0), "all its weights are 0"),
        ([], "all its weights are 0"),
        (a_split(1.5, -0.5, 0), "its weights are negative (1.5, -0.5, 0)"),
        (a_split(0.5, 0.5, ids=("var_a", "var_b")), "does not fit the variations"),
        (a_split(0.5, 0.5, 0, ids=("var_1", "var_x", "var_0")), "does not fit the variations"),
        ([*a_split(0.5, 0.3, 0.1), {"variationId": "var_9", "weight": 0.1}], "does not fit"),
        ([{"variationId": "var_0"}], "phases[0].trafficSplit[0].weight: Field required"),
        ([{"variationId": "var_0", "weight": True}], "a number is expected"),
        ([{"variationId": "var_0", "weight": 10**400}], "trafficSplit[0].weight"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(split: object, reason: str) -> None:
    payload = a_payload(variations=THREE, phases=[a_phase_payload(trafficSplit=split)])
    assert reason in refused(payload).reason


def test_a_repeated_variation_id_in_the_split_leaves_only_the_position() -> None:
    variations = [{"variationId": "same", "key": key} for key in ("0", "1")]
    split = a_split(0.2, 0.8, ids=("same", "same"))
    assert weights(split, variations) == (0.2, 0.8)


def started(date: str, **changes: object) -> dict[str, object]:
    return a_phase_payload(dateStarted=f"{date}T00:00:00.000Z", **changes)


def test_a_phase_is_reseeded_when_its_seed_differs_from_the_phase_before_it() -> None:
    phases = [
        started("2026-10-01", seed="a"),
        started("2026-10-05", seed="a"),
        started("2026-10-09", seed="b"),
    ]
    experiment = accepted(a_payload(phases=phases))
    assert [phase.reseeded for phase in experiment.phases] == [False, False, True]


def test_the_phase_before_is_the_one_before_in_time_not_in_the_list() -> None:
    phases = [
        started("2026-10-09", seed="b"),
        started("2026-10-01", seed="a"),
        started("2026-10-05", seed="b"),
    ]
    experiment = accepted(a_payload(phases=phases))
    assert [phase.reseeded for phase in experiment.phases] == [False, False, True]
    assert [phase.index for phase in experiment.phases] == [0, 1, 2]


def test_a_missing_seed_is_the_tracking_key() -> None:
    phases = [started("2026-10-01", seed="gate"), started("2026-10-05", seed="")]
    experiment = accepted(a_payload(phases=phases))
    assert [phase.seed for phase in experiment.phases] == ["gate", "gate"]
    assert not experiment.phases[1].reseeded


@pytest.mark.parametrize(
    "changes",
    [
        {"trafficSplit": a_split(0, 0)},
        {"trafficSplit": a_split(0.4, 0.3, 0.3)},  # it had an arm that is gone
        {"coverage": 7},
        {"dateEnded": "2026-08-01T00:00:00.000Z"},
    ],
)
def test_an_old_phase_that_makes_no_sense_does_not_spoil_the_newest(
    changes: dict[str, object],
) -> None:
    old = a_phase_payload(name="Old", dateStarted="2026-09-01T00:00:00.000Z", **changes)
    snapshot = snapshot_of(a_payload(phases=[old, a_phase_payload()]))
    assert [phase.problem == "" for phase in snapshot.experiments[0].phases] == [False, True]
    assert snapshot.notices[0].startswith(
        "experiment 'Gate' (exp_1): days of its old phase 0 ('Old') cannot be analysed: "
    )


def test_an_old_phase_that_makes_no_sense_is_never_in_force() -> None:
    from datetime import date
    from zoneinfo import ZoneInfo

    old = a_phase_payload(dateStarted="2026-09-01T00:00:00.000Z", trafficSplit=a_split(0, 0))
    experiment = accepted(a_payload(phases=[old, a_phase_payload()]))
    assert phase_in_force(experiment, date(2026, 9, 15), ZoneInfo("UTC")) is None
    assert phase_in_force(experiment, date(2026, 10, 15), ZoneInfo("UTC")) == experiment.phases[1]


def test_the_newest_phase_decides_wherever_it_stands_in_the_list() -> None:
    broken = a_phase_payload(dateStarted="2026-11-01T00:00:00.000Z", trafficSplit=a_split(0, 0))
    assert "phase 0" in refused(a_payload(phases=[broken, a_phase_payload()])).reason


def test_an_old_phase_of_an_archived_experiment_is_no_notice() -> None:
    old = a_phase_payload(dateStarted="2026-09-01T00:00:00.000Z", coverage=7)
    assert snapshot_of(a_payload(archived=True, phases=[old, a_phase_payload()])).notices == ()
