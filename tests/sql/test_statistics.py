"""Rules 4, 6, 7, 8 and 9: which units a metric compares, and the sums of their numbers."""

from datetime import date

import pytest

from tests.experiments.builders import utc
from tests.sql.bench import RICH, Bench, a_module, gate
from tests.sql.rows import Exposure, exposed, pay, visit

DAY_1, DAY_2, DAY_3 = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)
DAY_4 = date(2024, 3, 4)
COLUMNS = ("visits", "amount", "active_days", "largest")
METRICS = {
    name: metric
    for name, metric in RICH.items()
    if "lookback" not in metric and metric.get("column", "visits") in COLUMNS
}


@pytest.fixture(autouse=True)
def _all_metrics(bench: Bench) -> None:
    bench.module = a_module(METRICS, COLUMNS, dimensions=("country", "platform"))


def cap_of(bench: Bench, day: date, metric: str) -> float | None:
    query, frame = bench.sums(day)
    place = query.plan.of_metric[bench.metric(day, metric)].outcomes[0]
    value: float | None = frame[f"cap_{query.cap_of[place]}"].unique().item()
    return value


def test_every_exposed_unit_is_in_the_denominator_and_no_event_means_0(bench: Bench) -> None:
    bench.load(
        exposed("a", "0", "03-01 10:00"),
        exposed("b", "0", "03-01 10:00"),
        exposed("c", "0", "03-01 10:00"),
        visit("a", "03-01 11:00"),
        visit("a", "03-01 12:00"),
    )
    bench.full(DAY_1)
    assert bench.compared(DAY_1, "visits", "0") == (3, 2.0)
    assert bench.compared(DAY_1, "payers", "0") == (3, 0.0)
    assert bench.compared(DAY_1, "largest", "0") == (3, 0.0)


def test_a_variation_nobody_saw_has_no_row(bench: Bench) -> None:
    bench.load(exposed("a", "0", "03-01 10:00"))
    bench.full(DAY_1)
    assert bench.compared(DAY_1, "visits", "1") == (0, 0.0)


def test_each_variation_sums_its_own_units(bench: Bench) -> None:
    bench.load(
        exposed("a", "0", "03-01 10:00"),
        exposed("b", "1", "03-01 10:00"),
        pay("a", "03-01 11:00", 5),
        pay("b", "03-01 11:00", 7),
    )
    bench.full(DAY_1)
    assert bench.compared(DAY_1, "amount", "0") == (1, 5.0)
    assert bench.compared(DAY_1, "amount", "1") == (1, 7.0)


def test_a_crossover_is_in_no_sum_and_is_counted_apart(bench: Bench) -> None:
    bench.load(
        exposed("a", "0", "03-01 10:00"),
        exposed("x", "0", "03-01 10:00"),
        exposed("x", "1", "03-01 11:00"),
        pay("a", "03-01 11:00", 5),
        pay("x", "03-01 12:00", 1000),
    )
    _, frame = bench.full(DAY_1).sums(DAY_1)
    assert bench.compared(DAY_1, "amount", "0") == (1, 5.0)
    everyone = frame.filter(frame["dimension"] == "")
    assert everyone.select("variation_key", "is_crossover", "units").sort(
        "is_crossover"
    ).rows() == [
        ("0", False, 1),
        ("0", True, 1),
    ]


def test_a_proportion_counts_units_at_or_above_its_threshold(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abcd"),
        pay("a", "03-01 11:00", 49.999),
        pay("b", "03-01 11:00", 25),
        pay("b", "03-01 12:00", 25),
        pay("c", "03-01 11:00", 0.5),
    )
    bench.full(DAY_1)
    assert bench.compared(DAY_1, "payers", "0") == (4, 2.0)
    assert bench.compared(DAY_1, "big_payers", "0") == (4, 1.0)


def test_retention_counts_units_with_anything_on_the_day_or_with_its_threshold(
    bench: Bench,
) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abc"),
        visit("a", "03-02 11:00"),
        visit("b", "03-03 11:00"),
        visit("c", "03-03 11:00"),
        visit("c", "03-03 12:00"),
    )
    bench.full(DAY_3)
    assert bench.compared(DAY_3, "retention_d1", "0") == (3, 1.0)
    assert bench.compared(DAY_3, "retention_d2_twice", "0") == (3, 1.0)


def test_a_ratio_sums_numerator_and_denominator_of_every_unit(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abc"),
        pay("a", "03-01 11:00", 10),
        visit("a", "03-01 12:00"),
        visit("b", "03-01 12:00"),
        visit("b", "03-01 13:00"),
    )
    bench.full(DAY_1)
    assert bench.numbers(DAY_1, "pay_a_visit", "0") == (3, [10.0, 3.0])


def test_only_units_whose_window_has_closed_are_compared(bench: Bench) -> None:
    bench.load(
        exposed("closed", "0", "03-01 23:59:59.999999"),
        exposed("open", "0", "03-02 00:00:00"),
        visit("closed", "03-02 10:00"),
        visit("open", "03-02 10:00"),
    )
    bench.full(DAY_2)
    assert bench.compared(DAY_2, "visits_1d", "0") == (1, 1.0)
    assert bench.compared(DAY_2, "visits", "0") == (2, 2.0)


def test_in_progress_include_compares_units_whose_window_is_open_too(bench: Bench) -> None:
    bench.load(exposed("open", "0", "03-02 00:00:00"), visit("open", "03-02 10:00"))
    bench.full(DAY_2)
    assert bench.compared(DAY_2, "visits_1d_open", "0") == (1, 1.0)
    assert bench.compared(DAY_2, "retention_d1_open", "0") == (1, 0.0)


def test_a_window_behind_a_delay_closes_later(bench: Bench) -> None:
    bench.load(
        exposed("closed", "0", "03-01 11:59:59.999999"),
        exposed("open", "0", "03-01 12:00:00"),
    )
    bench.full(DAY_2)
    assert bench.compared(DAY_2, "visits_later_1d", "0")[0] == 1
    assert bench.compared(DAY_2, "visits_later", "0")[0] == 2


def test_a_window_still_closes_after_the_phase_has_ended(bench: Bench) -> None:
    bench.experiments = (gate(ended="2024-03-01T12:00"),)
    bench.load(exposed("u", "0", "03-01 11:00"), visit("u", "03-02 10:00"))
    assert bench.full(DAY_1).compared(DAY_1, "visits_1d", "0") == (0, 0.0)
    assert bench.full(DAY_2).compared(DAY_2, "visits_1d", "0") == (1, 1.0)


def test_only_units_whose_retention_day_is_over_are_compared(bench: Bench) -> None:
    bench.load(
        exposed("over", "0", "03-01 23:59"),
        exposed("not yet", "0", "03-02 00:00"),
        visit("over", "03-02 10:00"),
        visit("not yet", "03-02 10:00"),
    )
    bench.full(DAY_2)
    assert bench.compared(DAY_2, "retention_d1", "0") == (1, 1.0)
    assert bench.compared(DAY_2, "retention_d0", "0") == (2, 1.0)


def test_an_absolute_cap_holds_for_the_metric_and_for_its_covariate(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "ab"),
        pay("a", "02-28 11:00", 300),
        pay("a", "03-01 11:00", 101),
        pay("b", "02-28 11:00", 20),
        pay("b", "03-01 11:00", 99),
    )
    bench.full(DAY_1)
    assert bench.numbers(DAY_1, "amount_at_most_100", "0") == (2, [199.0, 120.0])
    assert bench.numbers(DAY_1, "amount", "0") == (2, [200.0, 320.0])


def test_a_percentile_cap_is_over_the_compared_units_of_all_variations(bench: Bench) -> None:
    # amounts 0, 10, 20, 30, 40: the 75th percentile is 30. The crossover and the unknown key spend
    # more than all others and move nothing.
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abc"),
        *(exposed(user, "1", "03-01 10:00") for user in "de"),
        exposed("x", "0", "03-01 10:00"),
        exposed("x", "1", "03-01 10:01"),
        exposed("unknown", "beta", "03-01 10:00"),
        *(pay(user, "03-01 11:00", 10 * place) for place, user in enumerate("abcde")),
        pay("x", "03-01 11:00", 1000),
        pay("unknown", "03-01 11:00", 1000),
        pay("a", "02-29 11:00", 31),
    )
    bench.full(DAY_1)
    assert cap_of(bench, DAY_1, "amount_p75") == 30.0
    assert bench.numbers(DAY_1, "amount_p75", "0") == (3, [30.0, 30.0])
    assert bench.numbers(DAY_1, "amount_p75", "1") == (2, [60.0, 0.0])


def test_a_percentile_between_two_units_is_interpolated(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abcd"),
        *(
            pay(user, "03-01 11:00", value)
            for user, value in zip("abcd", (0, 10, 20, 40), strict=True)
        ),
    )
    bench.full(DAY_1)
    assert cap_of(bench, DAY_1, "amount_p75") == 25.0
    assert bench.compared(DAY_1, "amount_p75", "0") == (4, 55.0)


def test_a_percentile_that_ignores_zeros_is_over_those_who_have_any(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abcdef"),
        *(pay(user, "03-01 11:00", value) for user, value in zip("abc", (10, 20, 90), strict=True)),
    )
    bench.full(DAY_1)
    assert cap_of(bench, DAY_1, "amount_p50_of_payers") == 20.0
    assert bench.compared(DAY_1, "amount_p50_of_payers", "0") == (6, 50.0)


def test_a_percentile_that_falls_on_0_caps_nothing_and_is_recorded_as_no_cap(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abcde"),
        pay("a", "03-01 11:00", 70),
    )
    bench.full(DAY_1)
    assert cap_of(bench, DAY_1, "amount_p75") is None
    assert bench.compared(DAY_1, "amount_p75", "0") == (5, 70.0)


def test_a_percentile_below_0_caps_like_any_other(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abcde"),
        *(
            pay(user, "03-01 11:00", value)
            for user, value in zip("abcde", (-5, -4, -3, -2, -1), strict=True)
        ),
    )
    bench.full(DAY_1)
    assert cap_of(bench, DAY_1, "amount_p75") == -2.0
    assert bench.compared(DAY_1, "amount_p75", "0") == (5, -16.0)


def test_nobody_with_a_number_means_no_percentile_cap(bench: Bench) -> None:
    bench.load(exposed("a", "0", "03-01 10:00"))
    bench.full(DAY_1)
    assert cap_of(bench, DAY_1, "amount_p50_of_payers") is None
    assert bench.compared(DAY_1, "amount_p50_of_payers", "0") == (1, 0.0)


def test_each_experiment_has_its_own_percentile_cap(bench: Bench) -> None:
    bench.experiments = (gate(), gate(id="exp_2", key="other"))
    bench.load(
        exposed("a", "0", "03-01 10:00"),
        exposed("b", "0", "03-01 10:00", experiment="other"),
        pay("a", "03-01 11:00", 10),
        pay("b", "03-01 11:00", 1000),
    )
    bench.full(DAY_1)
    assert bench.compared(DAY_1, "amount_p75", "0") == (1, 10.0)
    assert bench.compared(DAY_1, "amount_p75", "0", experiment_id="exp_2") == (1, 1000.0)


def test_after_all_units_come_the_values_of_each_dimension(bench: Bench) -> None:
    bench.load(
        exposed("a", "0", "03-01 10:00", country="DE", platform="ios"),
        exposed("b", "0", "03-01 10:00", country="DE", platform="web"),
        exposed("c", "1", "03-01 10:00", country="FR", platform="web"),
        *(visit(user, "03-01 11:00") for user in "abc"),
    )
    _, frame = bench.full(DAY_1).sums(DAY_1)
    found = {
        row[:4]
        for row in frame.select("dimension", "dimension_value", "variation_key", "units").rows()
    }
    assert found == {
        ("", "", "0", 2),
        ("", "", "1", 1),
        ("country", "DE", "0", 2),
        ("country", "FR", "1", 1),
        ("platform", "ios", "0", 1),
        ("platform", "web", "0", 1),
        ("platform", "web", "1", 1),
    }
    assert bench.compared(DAY_1, "visits", "0", "country", "DE") == (2, 2.0)


def test_units_without_a_value_are_a_segment_of_their_own(bench: Bench) -> None:
    bench.load(
        exposed("a", "0", "03-01 10:00", country="DE"),
        exposed("b", "0", "03-01 10:00"),
        exposed("b", "0", "03-01 10:01", country="FR"),
    )
    bench.full(DAY_1)
    assert bench.compared(DAY_1, "visits", "0", "country", "(unknown)") == (1, 0.0)
    assert bench.compared(DAY_1, "visits", "0", "country", "FR") == (0, 0.0)


def people(sizes: dict[str, int]) -> list[Exposure]:
    return [
        exposed(f"{country}-{number}", "0", "03-01 10:00", country=country)
        for country, size in sizes.items()
        for number in range(size)
    ]


def values_of(bench: Bench) -> dict[str, int]:
    _, frame = bench.full(DAY_1).sums(DAY_1)
    countries = frame.filter((frame["dimension"] == "country") & ~frame["is_crossover"])
    return dict(countries.select("dimension_value", "units").rows())


def test_a_dimension_of_20_values_keeps_them_all(bench: Bench) -> None:
    sizes = {f"C{number:02d}": 1 for number in range(20)}
    bench.load(*people(sizes))
    assert values_of(bench) == sizes


def test_a_dimension_of_more_than_20_values_keeps_the_20_largest_and_other(bench: Bench) -> None:
    # 19 large ones; of the five with one unit each the first by name is the 20th.
    large = {f"Z{number:02d}": 2 for number in range(19)}
    small = dict.fromkeys(("E", "A", "D", "B", "C"), 1)
    bench.load(*people(large | small))
    assert values_of(bench) == large | {"A": 1, "(other)": 4}


def test_crossovers_do_not_make_a_dimension_value_large(bench: Bench) -> None:
    sizes = {f"C{number:02d}": 1 for number in range(20)}
    bench.load(
        *people(sizes),
        *(
            exposed(f"x{number}", key, "03-01 10:00", country="XX")
            for number in range(5)
            for key in "01"
        ),
    )
    assert values_of(bench) == sizes


def test_the_largest_values_are_those_of_each_experiment(bench: Bench) -> None:
    bench.experiments = (gate(), gate(id="exp_2", key="other"))
    bench.load(
        *people({f"C{number:02d}": 1 for number in range(21)}),
        Exposure("u", "0", utc("2024-03-01T10:00"), "other", country="C20"),
    )
    _, frame = bench.full(DAY_1).sums(DAY_1)
    other = frame.filter((frame["experiment_id"] == "exp_2") & (frame["dimension"] == "country"))
    assert other["dimension_value"].to_list() == ["C20"]


def test_sums_are_centred_so_that_large_numbers_keep_their_variance(bench: Bench) -> None:
    bench.load(
        *(exposed(user, "0", "03-01 10:00") for user in "abcd"),
        *(
            pay(user, "03-01 11:00", 1e9 + value)
            for user, value in zip("abcd", (0, 1, 2, 3), strict=True)
        ),
    )
    query, frame = bench.full(DAY_1).sums(DAY_1)
    place = query.plan.of_metric[bench.metric(DAY_1, "amount")].outcomes[0]
    row = frame.filter(frame["dimension"] == "").row(0, named=True)
    assert row[f"shift_{place}"] == 1e9 + 1.5
    assert row[f"sum_{place}"] == 0.0
    assert row[f"product_{place}_{place}"] == 5.0


def test_an_empty_partition_gives_no_row(bench: Bench) -> None:
    bench.load(exposed("late", "0", "03-04 10:00"))
    _, frame = bench.full(DAY_1).sums(DAY_1)
    assert frame.height == 0
