"""Rules 1, 2 and 5: who is in, who crossed over, and what was known first."""

from datetime import date

import pytest

from ab_assets.experiments import Variation
from tests.experiments.builders import a_phase, utc
from tests.sql.bench import Bench, gate
from tests.sql.rows import Exposure, exposed, visit

DAY_1, DAY_2, DAY_3 = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)


def users(bench: Bench, day: date) -> list[str]:
    return bench.full(day).wide(day)["user_id"].to_list()


def test_an_exposure_in_the_first_microsecond_of_the_phase_is_in(bench: Bench) -> None:
    bench.experiments = (gate("2024-03-01T10:00:00.000001"),)
    bench.load(
        exposed("early", "0", "03-01 10:00:00"),
        exposed("in", "0", "03-01 10:00:00.000001"),
    )
    assert users(bench, DAY_1) == ["in"]


def test_an_exposure_in_the_last_microsecond_of_the_day_is_in(bench: Bench) -> None:
    bench.load(
        exposed("in", "0", "03-01 23:59:59.999999"),
        exposed("tomorrow", "0", "03-02 00:00:00"),
    )
    assert users(bench, DAY_1) == ["in"]


def test_an_exposure_at_the_very_end_of_the_phase_is_in_and_one_microsecond_later_is_not(
    bench: Bench,
) -> None:
    bench.experiments = (gate(ended="2024-03-02T12:00"),)
    bench.load(
        exposed("in", "0", "03-02 12:00:00"),
        exposed("late", "0", "03-02 12:00:00.000001"),
    )
    assert users(bench, DAY_3) == ["in"]


def test_an_exposure_on_the_border_of_two_phases_counts_in_both(bench: Bench) -> None:
    border = utc("2024-03-02T12:00")
    first = a_phase("2024-03-01T00:00", ended_at=border)
    second = a_phase("2024-03-02T12:00", index=1)
    bench.load(exposed("border", "0", "03-02 12:00:00"))
    bench.experiments = (gate(phases=(first,)),)
    assert users(bench, DAY_2) == ["border"]
    bench.experiments = (gate(phases=(first, second)),)
    assert users(bench, DAY_2) == ["border"]


def test_an_older_phase_is_never_mixed_in(bench: Bench) -> None:
    first = a_phase("2024-03-01T00:00", ended_at=utc("2024-03-02T00:00"))
    second = a_phase("2024-03-02T00:00:00.000001", index=1)
    bench.experiments = (gate(phases=(first, second)),)
    bench.load(
        exposed("only_before", "1", "03-01 10:00"),
        exposed("both", "1", "03-01 10:00", country="DE"),
        exposed("both", "0", "03-02 10:00", country="FR"),
        visit("both", "03-01 11:00"),
        visit("both", "03-02 11:00"),
    )
    assert users(bench, DAY_2) == ["both"]
    row = bench.unit(DAY_2, "both")
    assert (row["variation_key"], row["country"], row["visits"]) == ("0", "FR", 1.0)
    assert (row["variations_seen"], row["phase_index"], row["exposures"]) == (1, 1, 1)


def test_exposures_of_another_experiment_are_not_seen(bench: Bench) -> None:
    bench.load(exposed("other", "0", "03-01 10:00", experiment="another"))
    assert users(bench, DAY_1) == []


def test_two_experiments_of_one_tag_each_have_their_own_row_of_a_unit_that_is_in_both(
    bench: Bench,
) -> None:
    bench.experiments = (gate(), gate(id="exp_2", key="other"))
    bench.load(
        exposed("both", "0", "03-01 10:00"),
        exposed("both", "1", "03-01 12:00", experiment="other"),
        visit("both", "03-01 11:00"),
        visit("both", "03-01 13:00"),
    )
    bench.full(DAY_1)
    first, second = (bench.unit(DAY_1, "both", experiment) for experiment in ("exp_1", "exp_2"))
    assert (first["variation_key"], first["variations_seen"], first["visits"]) == ("0", 1, 2.0)
    assert (second["variation_key"], second["variations_seen"], second["visits"]) == ("1", 1, 1.0)


def test_the_first_exposure_is_the_earliest_and_duplicates_do_no_harm(bench: Bench) -> None:
    bench.load(
        exposed("u", "1", "03-01 12:00", country="FR"),
        exposed("u", "1", "03-01 10:00:00.000002", country="DE"),
        exposed("u", "1", "03-01 10:00:00.000002", country="DE"),
    )
    row = bench.full(DAY_1).unit(DAY_1, "u")
    assert row["first_exposed_at"].isoformat() == "2024-03-01T10:00:00.000002"
    assert (row["country"], row["exposures"], row["variations_seen"]) == ("DE", 3, 1)


def test_a_unit_without_an_id_is_no_unit(bench: Bench) -> None:
    bench.load(exposed("", "0", "03-01 10:00"), exposed("u", "0", "03-01 10:00"))
    assert users(bench, DAY_1) == ["u"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("0", "1"), ("0", "beta"), ("beta", "1"), ("0", "")],
    ids=["two known keys", "known, then unknown", "unknown, then known", "known and empty"],
)
def test_a_unit_with_two_keys_is_a_crossover(bench: Bench, first: str, second: str) -> None:
    bench.load(exposed("u", first, "03-01 10:00"), exposed("u", second, "03-01 11:00"))
    row = bench.full(DAY_1).unit(DAY_1, "u")
    assert (row["variations_seen"], row["variation_key"]) == (2, first)
    assert bench.compared(DAY_1, "visits", first) == (0, 0.0)


def test_two_keys_in_the_same_microsecond_make_a_crossover(bench: Bench) -> None:
    bench.load(exposed("u", "1", "03-01 10:00"), exposed("u", "0", "03-01 10:00"))
    row = bench.full(DAY_1).unit(DAY_1, "u")
    assert (row["variations_seen"], row["variation_key"]) == (2, "0")


def test_a_crossover_stays_one_for_the_rest_of_the_phase(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        exposed("u", "1", "03-02 10:00"),
        exposed("u", "0", "03-03 10:00"),
    )
    seen = [bench.full(day).unit(day, "u")["variations_seen"] for day in (DAY_1, DAY_2, DAY_3)]
    assert seen == [1, 2, 2]


def test_a_unit_seen_only_with_an_unknown_key_is_out_of_every_comparison(bench: Bench) -> None:
    bench.load(exposed("u", "beta", "03-01 10:00"), exposed("in", "0", "03-01 10:00"))
    row = bench.full(DAY_1).unit(DAY_1, "u")
    assert (row["is_known"], row["variations_seen"]) == (False, 1)
    _, frame = bench.sums(DAY_1)
    assert frame["variation_key"].to_list() == ["0"]


def test_a_key_added_to_the_experiment_is_known_from_then_on(bench: Bench) -> None:
    bench.load(exposed("u", "beta", "03-01 10:00"))
    assert bench.full(DAY_1).unit(DAY_1, "u")["is_known"] is False
    arms = (*gate().variations, Variation(id="var_2", key="beta", name="Beta"))
    bench.experiments = (
        gate(variations=arms, phases=(a_phase("2024-03-01T00:00", weights=(0.4, 0.3, 0.3)),)),
    )
    assert bench.full(DAY_1).unit(DAY_1, "u")["is_known"] is True


def test_of_values_of_the_first_instant_the_smallest_counts(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00:00.000001", country="FR", platform="ios"),
        exposed("u", "0", "03-01 10:00:00.000001", country="DE", platform="web"),
        exposed("u", "0", "03-01 10:00:00.000002", country="AT", platform="android"),
    )
    row = bench.full(DAY_1).unit(DAY_1, "u")
    assert (row["country"], row["platform"]) == ("DE", "ios")


def test_at_the_first_instant_a_known_value_beats_an_unknown_one(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00:00.1"),
        exposed("u", "0", "03-01 10:00:00.1", country="FR"),
    )
    assert bench.full(DAY_1).unit(DAY_1, "u")["country"] == "FR"


def test_ties_of_one_instant_are_broken_over_all_keys_of_a_crossover(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00:00.1", country="FR"),
        exposed("u", "1", "03-01 10:00:00.1", country="DE"),
    )
    assert bench.full(DAY_1).unit(DAY_1, "u")["country"] == "DE"


def test_what_a_microsecond_later_is_known_is_not_used(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00:00.100000"),
        exposed("u", "0", "03-01 10:00:00.100001", country="DE"),
    )
    assert bench.full(DAY_1).unit(DAY_1, "u")["country"] is None


def test_what_later_exposures_know_is_not_used(bench: Bench) -> None:
    bench.load(
        exposed("u", "0", "03-01 10:00"),
        exposed("u", "0", "03-01 10:05", country="DE"),
        exposed("u", "0", "03-02 10:00", country="FR"),
    )
    assert bench.full(DAY_2).unit(DAY_2, "u")["country"] is None
    bench.make(DAY_1)
    assert bench.make(DAY_2) == {"gate": ""}
    assert bench.unit(DAY_2, "u")["country"] is None


@pytest.mark.parametrize("value", ["", "0", "1", "'; DROP TABLE x; --", "日本", "a b"])
def test_any_text_of_a_dimension_survives(bench: Bench, value: str) -> None:
    bench.load(exposed("u", "0", "03-01 10:00", channel=value))
    assert bench.full(DAY_1).unit(DAY_1, "u")["channel"] == value


def test_hostile_keys_are_only_values(bench: Bench) -> None:
    key = "x'); DELETE FROM ab_source.exposures; --"
    arms = (
        Variation(id="var_0", key=key, name="`Control`"),
        Variation(id="var_1", key=":tag", name="{{ 1 }}"),
    )
    bench.experiments = (gate(key=key, variations=arms),)
    bench.load(
        Exposure("'u'", key, utc("2024-03-01T10:00"), experiment=key),
        Exposure("u:1", ":tag", utc("2024-03-01T10:00"), experiment=key),
    )
    bench.make(DAY_1)
    assert bench.compared(DAY_1, "visits", key) == (1, 0.0)
    assert bench.compared(DAY_1, "visits", ":tag") == (1, 0.0)
