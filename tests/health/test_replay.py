"""The replay check: its limits, and what the exposure log follows where it is not the phase."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from ab_assets.experiments import Experiment, Namespace, Phase
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.replay import check_replay
from ab_assets.health.replay_phase import replay_phase
from ab_assets.replay import HashFilter, ReplayPhase, TextUnits, namespace_filter, replay
from tests.experiments.builders import a_phase, utc
from tests.health.builders import an_item
from tests.sql.bench import gate

USERS = [f"user-{number}" for number in range(4000)]
UNICODE = [f"usér-日本{number}😀" for number in range(400)]
DISTRUST = "units are not in the variation they hash to"


def an_experiment(phase: Phase | None = None, **changes: object) -> Experiment:
    return gate(**({"phases": (phase or a_phase("2024-03-01T00:00"),)} | changes))


def as_replayed(experiment: Experiment) -> ReplayPhase:
    phase = replay_phase(experiment, experiment.phases[0])
    assert isinstance(phase, ReplayPhase)
    return phase


def exposed_by(phase: ReplayPhase, users: Sequence[str] = USERS) -> pl.DataFrame:
    """What an SDK on that phase would have logged: its users alone."""
    frame = pl.DataFrame(
        {
            "experiment_id": ["exp_1"] * len(users),
            "user_id": users,
            "place": replay(users, phase),
            "keys_seen": [1] * len(users),
        },
        schema_overrides={"place": pl.Int16, "keys_seen": pl.Int64},
    ).filter(pl.col("place") >= 0)
    keys = [phase.variations[place] for place in frame["place"]]
    return frame.with_columns(pl.Series("variation_key", keys, dtype=pl.String))


def with_wrong(frame: pl.DataFrame, wrong: int) -> pl.DataFrame:
    """The same, with the other variation logged for the first units."""
    other = pl.when(pl.col("variation_key") == "0").then(pl.lit("1")).otherwise(pl.lit("0"))
    row = pl.int_range(pl.len())
    return frame.with_columns(
        variation_key=pl.when(row < wrong).then(other).otherwise(pl.col("variation_key"))
    )


def check(experiment: Experiment, sample: pl.DataFrame) -> Finding:
    return check_replay(an_item(experiment), sample)


def test_units_logged_as_they_hash_pass() -> None:
    finding = check(an_experiment(), exposed_by(as_replayed(an_experiment())))
    assert (finding.check, finding.status, finding.value) == (Check.REPLAY, Status.PASS, 0.0)
    assert finding.message == "all 4,000 units replay to the variation that was logged"
    assert finding.detail["units"] == 4000
    assert finding.distrust == ""


@pytest.mark.parametrize(
    ("units", "wrong", "status"),
    [
        (1000, 10, Status.FAIL),  # 1 %
        (1001, 10, Status.WARN),  # just less
        (4000, 39, Status.WARN),
        (800, 9, Status.PASS),  # more than 1 %, but a handful
        (4000, 40, Status.FAIL),
        (4000, 9, Status.PASS),
    ],
)
def test_the_share_of_mismatches_has_two_limits(units: int, wrong: int, status: Status) -> None:
    sample = exposed_by(as_replayed(an_experiment())).head(units)
    finding = check(an_experiment(), with_wrong(sample, wrong))
    assert finding.status is status
    assert finding.value == wrong / units
    assert finding.distrust == (DISTRUST if status is Status.FAIL else "")


def test_ten_mismatches_below_a_tenth_of_a_percent_pass() -> None:
    users = [f"u{number}" for number in range(10_001)]
    sample = exposed_by(as_replayed(an_experiment()), users)
    assert check(an_experiment(), with_wrong(sample, 10)).status is Status.PASS


def test_a_mismatch_nothing_explains_names_what_can_make_it_so() -> None:
    sample = with_wrong(exposed_by(as_replayed(an_experiment())), 200)
    message = check(an_experiment(), sample).message
    assert message.startswith("200 of 4,000 units (5.00%) do not replay")
    for reason in ("sticky bucketing", "forced variations", "fallback attribute"):
        assert reason in message


def test_no_mismatch_names_no_reason() -> None:
    sample = with_wrong(exposed_by(as_replayed(an_experiment())), 9)
    assert "sticky" not in check(an_experiment(), sample).message


def test_units_with_several_keys_are_left_to_the_crossover_check() -> None:
    sample = with_wrong(exposed_by(as_replayed(an_experiment())), 200)
    crossed = pl.when(pl.int_range(pl.len()) < 200).then(2).otherwise(1)
    finding = check(an_experiment(), sample.with_columns(keys_seen=crossed))
    assert (finding.status, finding.detail["units"]) == (Status.PASS, 3800)
    assert finding.detail["crossed_over"] == 200


def test_unknown_keys_are_told_and_not_judged() -> None:
    sample = exposed_by(as_replayed(an_experiment())).with_columns(
        variation_key=pl.when(pl.int_range(pl.len()) < 500)
        .then(pl.lit("beta"))
        .otherwise(pl.col("variation_key"))
    )
    finding = check(an_experiment(), sample)
    assert (finding.status, finding.value) == (Status.PASS, 0.0)
    assert finding.message.endswith("(not judged: 500 with an unknown key)")
    assert finding.detail["mismatches"] == {"unknown_key": 500}


def test_nobody_exposed_passes_without_a_share() -> None:
    finding = check(an_experiment(), exposed_by(as_replayed(an_experiment()), []))
    assert (finding.status, finding.value) == (Status.PASS, None)
    assert finding.message == "no unit could be replayed"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "multi-armed-bandit"}, "a bandit's weights of the moment are not in"),
        ({"hash_version": 3}, "hash version 3 is not one of GrowthBook's"),
        (
            {"key": "", "phases": (a_phase("2024-03-01T00:00", seed=""),)},
            "GrowthBook gives no seed",
        ),
    ],
)
def test_what_cannot_be_replayed_passes_and_says_why(
    changes: dict[str, object], reason: str
) -> None:
    sample = exposed_by(as_replayed(an_experiment()))
    finding = check(an_experiment(**changes), sample)
    assert (finding.status, finding.value, finding.distrust) == (Status.PASS, None, "")
    assert finding.message.startswith(f"not replayed: {reason}")


def test_a_phase_with_a_problem_is_not_replayed() -> None:
    phase = a_phase("2024-03-01T00:00", problem="its coverage 7 is not within 0 to 1")
    assert replay_phase(an_experiment(), phase) == (
        "the phase cannot be analysed: its coverage 7 is not within 0 to 1"
    )


def test_a_phase_without_a_seed_hashes_with_the_tracking_key() -> None:
    assert as_replayed(an_experiment(a_phase(seed=""))).seed == "gate"


def test_a_phase_is_translated_with_all_that_decides_about_a_user() -> None:
    phase = a_phase(
        seed="s",
        coverage=0.4,
        weights=(0.3, 0.7),
        namespace=Namespace(id="ns", ranges=((0.2, 0.6),)),
    )
    assert as_replayed(an_experiment(phase, hash_version=1)) == ReplayPhase(
        variations=("0", "1"),
        seed="s",
        hash_version=1,
        coverage=0.4,
        weights=(0.3, 0.7),
        filters=(namespace_filter("ns", 0.2, 0.6),),
    )


def test_a_wrong_seed_fails() -> None:
    phase = replace(as_replayed(an_experiment()), seed="another")
    finding = check(an_experiment(), exposed_by(phase))
    assert (finding.status, finding.distrust) == (Status.FAIL, DISTRUST)


def test_the_other_hash_version_is_recognised_where_growthbook_stored_none() -> None:
    phase = replace(as_replayed(an_experiment()), hash_version=1)
    finding = check(an_experiment(), exposed_by(phase))
    assert (finding.status, finding.value) == (Status.PASS, 0.0)
    assert "they were hashed with version 1" in finding.message


def test_hash_version_2_where_1_is_stored_is_a_fault() -> None:
    phase = as_replayed(an_experiment())
    finding = check(an_experiment(hash_version=1), exposed_by(phase))
    assert finding.status is Status.FAIL
    assert finding.message.endswith("nearly all of them were hashed with version 2, not 1")


@pytest.mark.parametrize(
    ("units", "told"),
    [
        (TextUnits.UTF8, "UTF-8 bytes, as the Go, Ruby and PHP SDKs do"),
        (TextUnits.CODE_POINTS, "code points, as older Python SDKs do"),
    ],
)
def test_ids_hashed_as_another_sdk_does_are_recognised(units: TextUnits, told: str) -> None:
    phase = replace(as_replayed(an_experiment()), units=units)
    finding = check(an_experiment(), exposed_by(phase, [*USERS, *UNICODE]))
    assert (finding.status, finding.value) == (Status.PASS, 0.0)
    assert told in finding.message


def test_units_hashed_with_the_tracking_key_are_recognised() -> None:
    experiment = an_experiment(a_phase("2024-03-01T00:00", seed="the seed"))
    finding = check(experiment, exposed_by(replace(as_replayed(experiment), seed="gate")))
    assert finding.status is Status.FAIL
    assert finding.message.endswith("were hashed with the tracking key, not with 'the seed'")


def test_units_split_equally_are_recognised() -> None:
    experiment = an_experiment(a_phase("2024-03-01T00:00", weights=(0.9, 0.1)))
    finding = check(experiment, exposed_by(replace(as_replayed(experiment), weights=None)))
    assert finding.status is Status.FAIL
    assert finding.message.endswith("nearly all of them were split equally, not by weight")


def test_units_assigned_in_an_earlier_phase_are_recognised() -> None:
    first = a_phase("2024-02-01T00:00", name="Ramp", seed="old", ended_at=utc("2024-03-01T00:00"))
    second = a_phase("2024-03-01T00:00", index=1, seed="new")
    bad = a_phase("2024-01-01T00:00", index=2, problem="no weights", ended_at=utc("2024-01-02"))
    experiment = gate(phases=(first, second, bad))
    finding = check(experiment, exposed_by(as_replayed(experiment)))
    assert finding.status is Status.FAIL
    assert "were assigned as in phase 0 ('Ramp'): sticky bucketing" in finding.message


def test_old_units_in_sticky_buckets_are_recognised_among_new_ones() -> None:
    first = a_phase("2024-02-01T00:00", name="Ramp", seed="old", ended_at=utc("2024-03-01T00:00"))
    experiment = gate(phases=(first, a_phase("2024-03-01T00:00", index=1, seed="new")))
    old = as_replayed(experiment)
    sample = pl.concat(
        [exposed_by(old, USERS[:500]), exposed_by(replace(old, seed="new"), USERS[500:])]
    )
    finding = check(experiment, sample)
    assert finding.status is Status.FAIL
    assert "nearly all of them were assigned as in phase 0 ('Ramp')" in finding.message


def test_a_part_hashed_with_the_other_version_is_no_innocent_difference() -> None:
    phase = as_replayed(an_experiment())
    sample = pl.concat(
        [
            exposed_by(replace(phase, hash_version=1), USERS[:500]),
            exposed_by(phase, USERS[500:]),
        ]
    )
    finding = check(an_experiment(), sample)
    assert finding.status is Status.FAIL
    assert "they were hashed with version 1" in finding.message


def test_a_handful_of_units_does_not_make_another_phase_fit_by_chance() -> None:
    sample = with_wrong(exposed_by(as_replayed(an_experiment()), USERS[:14]), 10)
    finding = check(an_experiment(), sample)
    assert finding.status is Status.FAIL
    assert "what can make it so" in finding.message


def in_namespace(*ranges: tuple[float, float]) -> Experiment:
    namespace = Namespace(id="ns", ranges=ranges)
    return an_experiment(a_phase("2024-03-01T00:00", namespace=namespace))


def test_a_namespace_of_the_older_format_is_replayed() -> None:
    experiment = in_namespace((0.2, 0.6))
    sample = exposed_by(as_replayed(experiment))
    assert 1400 < sample.height < 1800
    finding = check(experiment, sample)
    assert (finding.status, finding.detail["notes"]) == (Status.PASS, [])


def test_units_from_outside_the_namespace_fail() -> None:
    experiment = in_namespace((0.2, 0.6))
    inside = exposed_by(as_replayed(experiment))
    everybody = exposed_by(as_replayed(an_experiment()))
    leaked = everybody.join(inside, on="user_id", how="anti").head(100)
    finding = check(experiment, pl.concat([inside, leaked]))
    assert finding.status is Status.FAIL
    assert finding.detail["mismatches"] == {"filtered_out": 100}
    assert "100 are outside the experiment's namespace" in finding.message


def test_a_namespace_moved_away_under_its_units_fails() -> None:
    sample = exposed_by(as_replayed(in_namespace((0.0, 0.5))))
    finding = check(in_namespace((0.5, 1.0)), sample)
    assert (finding.status, finding.value) == (Status.FAIL, 1.0)


def test_a_namespace_whose_seed_is_unknown_is_left_out_and_said_to_be() -> None:
    experiment = in_namespace((0.2, 0.6))
    newer = HashFilter(seed="of its own", ranges=((0.2, 0.6),))
    sample = exposed_by(replace(as_replayed(experiment), filters=(newer,)))
    finding = check(experiment, sample)
    assert (finding.status, finding.value) == (Status.PASS, 0.0)
    assert "units fall in and out of its range as by chance" in finding.message


def test_a_fault_shows_although_the_namespace_is_unknown() -> None:
    experiment = in_namespace((0.2, 0.6))
    newer = HashFilter(seed="of its own", ranges=((0.2, 0.6),))
    sample = exposed_by(replace(as_replayed(experiment), filters=(newer,)))
    finding = check(experiment, with_wrong(sample, 200))
    assert (finding.status, finding.detail["mismatches"]) == (Status.FAIL, {"other_variation": 200})
    assert "the namespace is left out" in finding.message


def test_a_namespace_of_several_ranges_is_left_out_and_said_to_be() -> None:
    experiment = in_namespace((0.0, 0.1), (0.5, 0.9))
    newer = HashFilter(seed="of its own", ranges=((0.0, 0.1), (0.5, 0.9)))
    finding = check(experiment, exposed_by(replace(as_replayed(experiment), filters=(newer,))))
    assert (finding.status, finding.value) == (Status.PASS, 0.0)
    assert "one of several ranges is hashed with a seed" in finding.message
