"""Which rows a report has, and in what order."""

import polars as pl

from tests.reporting.seeded import METRICS, Seeded


def of_two_arms(seeded: Seeded) -> pl.DataFrame:
    return seeded.report.filter(pl.col("experiment_id") == "exp_two")


def test_all_users_come_first_then_each_dimension_in_the_modules_order(seeded: Seeded) -> None:
    order = of_two_arms(seeded)["dimension"].unique(maintain_order=True).to_list()
    assert order == ["", "country", "platform"]


def test_values_go_from_large_to_small_with_the_rest_last(seeded: Seeded) -> None:
    values = of_two_arms(seeded).filter(
        (pl.col("dimension") == "country") & (pl.col("metric") == "revenue_per_user")
    )
    sizes = values.group_by("dimension_value", maintain_order=True).agg(pl.col("users").sum())
    assert sizes["dimension_value"].to_list()[-1] == "(other)"
    without = sizes["users"].to_list()[:-1]
    assert without == sorted(without, reverse=True)
    assert len(without) == 20


def test_the_rest_is_last_even_where_it_is_large(seeded: Seeded) -> None:
    sizes = dict(
        of_two_arms(seeded)
        .filter((pl.col("dimension") == "country") & (pl.col("metric") == "revenue_per_user"))
        .group_by("dimension_value")
        .agg(pl.col("users").sum())
        .iter_rows()
    )
    assert sizes["(other)"] > min(sizes.values())


def test_units_without_a_value_are_a_value_of_their_own(seeded: Seeded) -> None:
    for dimension in ("country", "platform"):
        values = seeded.report.filter(pl.col("dimension") == dimension)["dimension_value"]
        assert "(unknown)" in values


def test_values_of_a_dimension_add_up_to_all_users(seeded: Seeded) -> None:
    sizes = seeded.report.group_by("experiment_id", "metric", "variation_key", "dimension").agg(
        pl.col("users").sum()
    )
    counts = sizes.group_by("experiment_id", "metric", "variation_key").agg(
        pl.col("users").n_unique()
    )
    assert counts["users"].unique().to_list() == [1]


def test_every_segment_has_every_metric_of_every_variation_once(seeded: Seeded) -> None:
    rows = seeded.report.group_by("experiment_id", "dimension", "dimension_value").agg(
        pl.len(), pl.struct("metric", "variation_key").n_unique().alias("pairs")
    )
    arms = pl.when(pl.col("experiment_id") == "exp_two").then(2).otherwise(3)
    assert rows.select((pl.col("len") == len(METRICS) * arms).all()).item()
    assert rows.select((pl.col("pairs") == pl.col("len")).all()).item()


def test_unknown_keys_are_in_no_row(seeded: Seeded) -> None:
    assert set(of_two_arms(seeded)["variation_key"]) == {"0", "1"}
