"""Every number of a report, held against the same number computed from the unit rows."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tests.reporting.direct import Beta, Choices, is_small, second_opinion
from tests.reporting.seeded import METRICS, SPECS, Seeded, build, the_module
from tests.reporting.worlds import everyone

NUMBERS = (
    "users",
    "control_users",
    "mean",
    "control_mean",
    "stddev",
    "control_stddev",
    "abs_diff",
    "abs_ci_low",
    "abs_ci_high",
    "rel_uplift",
    "rel_ci_low",
    "rel_ci_high",
    "method",
    "statistic",
    "df",
    "p_value",
    "seq_ci_low",
    "seq_ci_high",
    "seq_p_value",
    "posterior_mean",
    "posterior_ci_low",
    "posterior_ci_high",
    "chance_to_win",
    "expected_loss",
    "incremental_total",
    "incremental_ci_low",
    "incremental_ci_high",
    "cuped",
    "cuped_theta",
    "variance_reduction",
)
PLANNED = ("power", "mde", "users_needed", "days_needed")
SEGMENTS = ("", "(unknown)", "c00", "c09", "(other)")

Pairs = list[tuple[dict[str, object], dict[str, object]]]


def pairs_of(seeded: Seeded, choices: Choices, segments: tuple[str, ...]) -> Pairs:
    rows = seeded.report.filter(
        ~pl.col("is_control") & pl.col("dimension_value").is_in(list(segments))
    ).iter_rows(named=True)
    return [(row, seeded.expected(row, choices)) for row in rows if seeded.is_comparable(row)]


@pytest.fixture(scope="module")
def pairs(seeded: Seeded) -> Pairs:
    return pairs_of(seeded, Choices(), SEGMENTS)


def same(found: object, wanted: object) -> bool:
    if wanted is None or isinstance(wanted, str | bool):
        return found == wanted
    return found == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def differences(pairs: Pairs, column: str) -> Iterator[str]:
    for found, wanted in pairs:
        if column in wanted and not same(found[column], wanted[column]):
            place = (found["experiment_id"], found["metric"], found["dimension_value"])
            yield f"{place}: {found[column]} instead of {wanted[column]}"


@pytest.mark.parametrize("column", NUMBERS + PLANNED)
def test_a_column_is_what_the_unit_rows_say(pairs: Pairs, column: str) -> None:
    assert list(differences(pairs, column)) == []
    assert any(wanted.get(column) is not None for _, wanted in pairs)


def test_every_kind_of_metric_is_compared_in_every_segment(pairs: Pairs) -> None:
    seen = {(found["metric"], found["dimension_value"]) for found, _ in pairs}
    assert len(pairs) > 180
    assert {name for name, _ in seen} == set(METRICS)
    assert {segment for _, segment in seen} == set(SEGMENTS)


def test_small_counts_take_fishers_test_and_large_ones_welchs(pairs: Pairs) -> None:
    assert {wanted["method"] for _, wanted in pairs} == {
        "fisher-exact",
        "welch-t",
        "welch-t after CUPED",
        "delta-method welch-t",
        "delta-method welch-t after CUPED",
    }


@pytest.mark.parametrize(("a", "b"), [(1, 1), (1, 3), (5, 1400), (600, 900), (1450, 2)])
def test_the_expected_shares_come_from_scipys_beta_distribution(a: float, b: float) -> None:
    points = np.linspace(0.0005, 0.9995, 60)
    ours, theirs = Beta(a, b), stats.beta(a, b)
    for name in ("pdf", "cdf", "sf"):
        found = [getattr(ours, name)(point) for point in points]
        assert found == pytest.approx(getattr(theirs, name)(points), rel=1e-11, abs=1e-250), name
    assert (ours.mean(), ours.std()) == pytest.approx((theirs.mean(), theirs.std()), rel=1e-12)


def test_statsmodels_agrees_with_scipy_about_the_test(seeded: Seeded, pairs: Pairs) -> None:
    checked = 0
    for found, _ in pairs:
        spec = SPECS[str(found["metric"])]
        if spec.covariates or found["method"] == "fisher-exact" or found["dimension"]:
            continue
        wanted = second_opinion(
            seeded.values(found, "0"), seeded.values(found, found["variation_key"]), spec
        )
        assert {name: found[name] for name in wanted} == pytest.approx(wanted, rel=1e-8)
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("metric", list(METRICS))
def test_the_cap_is_that_of_all_compared_units_of_the_experiment(
    seeded: Seeded, metric: str
) -> None:
    rows = seeded.report.filter(pl.col("metric") == metric)
    for experiment, own in rows.group_by("experiment_id"):
        (cap,) = own["cap_value"].unique().to_list()
        assert cap == pytest.approx(seeded.cap(own.row(0, named=True))), experiment


def test_p_values_are_adjusted_over_metrics_and_variations_of_one_role(seeded: Seeded) -> None:
    tested = seeded.report.filter(
        pl.col("p_value").is_not_null() & pl.col("dimension").is_in(["", "platform"])
    )
    families = 0
    for (_, _, role), own in tested.group_by("experiment_id", "dimension", "role"):
        wanted = multipletests(own["p_value"].to_numpy(), method="holm")[1]
        if role == "guardrail":
            wanted = own["p_value"].to_numpy()
        np.testing.assert_allclose(own["p_value_adjusted"].to_numpy(), wanted, rtol=1e-12)
        families += 1
    assert families == 2 * 2 * 3


def test_a_family_over_all_users_holds_every_goal_of_every_variation(seeded: Seeded) -> None:
    goals = seeded.report.filter(
        (pl.col("role") == "goal") & (pl.col("dimension") == ""), pl.col("p_value").is_not_null()
    )
    sizes = dict(goals.group_by("experiment_id").len().iter_rows())
    assert sizes == {"exp_two": 5, "exp_three": 10}


def test_intervals_of_selected_rows_allow_for_having_been_picked(seeded: Seeded) -> None:
    tested = seeded.report.filter(
        pl.col("p_value").is_not_null() & pl.col("dimension").is_in(["", "platform"])
    )
    shown = 0
    for _, own in tested.group_by("experiment_id", "dimension", "role"):
        selected = own.filter(pl.col("significant"))
        for found in selected.iter_rows(named=True):
            choices = Choices(alpha=0.05 * selected.height / own.height)
            wanted = seeded.expected(found, choices)
            for plain in ("abs_ci_low", "abs_ci_high", "rel_ci_low", "rel_ci_high"):
                name = plain.replace("abs_ci", "fcr_ci").replace("rel_ci", "fcr_rel_ci")
                assert same(found[name], wanted[plain]), (found["metric"], name)
                shown += found[name] is not None
        picked = own.filter(~pl.col("significant"))["fcr_ci_low", "fcr_rel_ci_high"]
        assert picked.null_count().row(0) == (picked.height, picked.height)
    assert shown > 20


def test_crossovers_are_counted_per_segment_and_compared_nowhere(seeded: Seeded) -> None:
    written = seeded.world.warehouse.fetch(
        seeded.world.library.render(
            "health/assigned.sql",
            {"tag": "checkout", "event_date": seeded.world.day.event_date},
            table=seeded.world.wide,
            finds_repeated=False,
        )
    )
    crossed = written.filter(pl.col("is_crossover"))
    wanted = dict(crossed.group_by("experiment_id").agg(pl.col("units").sum()).iter_rows())
    everyone_ = seeded.report.filter(pl.col("dimension") == "")
    assert dict(everyone_.select("experiment_id", "crossover_users").iter_rows()) == wanted
    assert min(wanted.values()) > 10
    platforms = seeded.report.filter(
        (pl.col("dimension") == "platform") & (pl.col("metric") == "revenue_per_user"),
        pl.col("variation_key") == "1",
    )
    by_platform = platforms.group_by("experiment_id").agg(pl.col("crossover_users").sum())
    assert dict(by_platform.iter_rows()) == wanted


def test_no_row_holds_nan_or_infinity(seeded: Seeded) -> None:
    floats = seeded.report.select(pl.col(pl.Float64))
    assert not floats.select(pl.any_horizontal(~pl.all().is_finite())).to_series().any()


def test_whatever_is_missing_has_a_reason(seeded: Seeded) -> None:
    fine = seeded.report.filter((pl.col("trust") == "ok") & ~pl.col("is_control"))
    never = {"srm_p_value", "srm_seq_p_value"}  # there is no finding here
    only_means = {"incremental_total", "incremental_ci_low", "incremental_ci_high"}
    only_welch = {"statistic", "df"}
    only_adjusted = {"cuped_theta", "variance_reduction"}
    only_selected = {"fcr_ci_low", "fcr_ci_high", "fcr_rel_ci_low", "fcr_rel_ci_high"}
    for row in fine.iter_rows(named=True):
        allowed = set(never)
        allowed |= only_means if row["metric_type"] == "ratio" else set()
        allowed |= only_welch if row["method"] == "fisher-exact" else set()
        allowed |= set() if row["cuped"] else only_adjusted
        allowed |= set() if row["significant"] else only_selected
        allowed |= set() if "cap" in METRICS[row["metric"]] else {"cap_value"}
        assert {name for name, value in row.items() if value is None} == allowed


def test_most_rows_over_all_users_are_fine(seeded: Seeded) -> None:
    everyone_ = seeded.report.filter((pl.col("dimension") == "") & ~pl.col("is_control"))
    assert everyone_["trust"].unique().to_list() == ["ok"]


def test_segments_show_reasons_of_their_own(seeded: Seeded) -> None:
    reasons = set(seeded.report["trust"])
    assert "too few units or events yet for an always-valid answer" in reasons
    assert any("unbounded" in reason for reason in reasons)


def test_small_means_fewer_than_ten_in_a_cell() -> None:
    assert is_small(np.repeat([1.0, 0.0], [9, 90]), np.repeat([1.0, 0.0], [50, 50]))
    assert not is_small(np.repeat([1.0, 0.0], [10, 90]), np.repeat([1.0, 0.0], [50, 10]))


def test_the_choices_of_a_module_change_every_number_they_should(tmp_path: Path) -> None:
    choices = Choices(
        alpha=0.1,
        power=0.9,
        minimum_effect=0.03,
        planned=20_000,
        prior_mean=0.01,
        prior_deviation=0.2,
        corrected=False,
    )
    engine = {
        "alpha": 0.1,
        "correction": "benjamini_hochberg",
        "power": 0.9,
        "minimum_effect": 0.03,
        "planned_units": 20_000,
        "prior": {"mean": 0.01, "deviation": 0.2},
    }
    other = build(tmp_path, the_module(engine=engine))
    pairs = pairs_of(other, choices, ("",))
    wrong = {
        column: found for column in NUMBERS + PLANNED if (found := list(differences(pairs, column)))
    }
    assert wrong == {}
    assert len(pairs) > 30


def test_an_absolute_prior_is_not_scaled_by_the_controls_mean(tmp_path: Path) -> None:
    engine = {"prior": {"mean": 0.5, "deviation": 0.4, "scale": "absolute"}}
    other = build(tmp_path, the_module(engine=engine))
    choices = Choices(prior_mean=0.5, prior_deviation=0.4, prior_scale="absolute")
    pairs = pairs_of(other, choices, ("",))
    assert list(differences(pairs, "posterior_mean")) == []
    assert list(differences(pairs, "expected_loss")) == []


def test_chance_to_win_of_a_metric_that_should_fall_is_about_its_fall(seeded: Seeded) -> None:
    row = everyone(seeded.report.filter(pl.col("experiment_id") == "exp_two"), "rounds_per_session")
    error = (row["abs_ci_high"] - row["abs_ci_low"]) / 2 / stats.t.isf(0.025, row["df"])
    assert row["direction"] == "down"
    assert row["chance_to_win"] == pytest.approx(stats.norm.cdf(-row["abs_diff"] / error))
    assert not math.isclose(row["chance_to_win"], 0.5, abs_tol=0.1)
