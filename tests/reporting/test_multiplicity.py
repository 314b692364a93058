"""Which comparisons are one family, and every kind of correction."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from tests.reporting.worlds import World, a_module, a_world, an_experiment, everyone, units_of

METRICS = {
    f"{role}_{place}": {"type": "mean", "column": column, "role": role}
    for role in ("goal", "secondary", "guardrail")
    for place, column in enumerate(("revenue", "sessions", "rounds"))
}
SHIFTS = {"revenue": 0.25, "sessions": 0.18, "rounds": 0.1}


def a_day(folder: Path, correction: str) -> World:
    random = np.random.default_rng(3)
    arms = [
        units_of(
            identity,
            key,
            country=["fr", "de"] * 200,
            **{
                name: random.normal(5 + int(key) * shift, 1.0, 400)
                for name, shift in SHIFTS.items()
            },
        )
        for identity in ("exp_1", "exp_2")
        for key in "012"
    ]
    module = a_module(METRICS, dimensions=["country"], engine={"correction": correction})
    experiments = [an_experiment((0.4, 0.3, 0.3), identity) for identity in ("exp_1", "exp_2")]
    return a_world(folder, module, experiments, arms)


@pytest.mark.parametrize(
    ("correction", "method"),
    [
        ("holm", "holm"),
        ("bonferroni", "bonferroni"),
        ("benjamini_hochberg", "fdr_bh"),
        ("benjamini_yekutieli", "fdr_by"),
    ],
)
def test_a_family_is_adjusted_as_statsmodels_does(
    tmp_path: Path, correction: str, method: str
) -> None:
    rows = a_day(tmp_path, correction).rows()
    tested = rows.filter(pl.col("p_value").is_not_null() & (pl.col("experiment_id") == "exp_1"))
    for (_, dimension, role), own in tested.group_by("experiment_id", "dimension", "role"):
        wanted = own["p_value"].to_numpy()
        if role != "guardrail":
            wanted = multipletests(wanted, method=method)[1]
        assert own.height == (12 if dimension else 6)
        np.testing.assert_allclose(own["p_value_adjusted"].to_numpy(), wanted, rtol=1e-10)


def test_without_a_correction_p_values_stay_as_they_are(tmp_path: Path) -> None:
    frame = a_day(tmp_path, "none").rows()
    assert frame["p_value_adjusted"].to_list() == frame["p_value"].to_list()
    assert frame.filter(pl.col("significant"))["p_value"].max() < 0.05


def test_a_correction_can_take_significance_away(tmp_path: Path) -> None:
    plain = a_day(tmp_path / "a", "none").rows()
    corrected = a_day(tmp_path / "b", "bonferroni").rows()
    assert corrected["significant"].sum() < plain["significant"].sum()


def test_guardrails_are_never_adjusted(tmp_path: Path) -> None:
    frame = a_day(tmp_path, "bonferroni").rows().filter(pl.col("role") == "guardrail")
    assert frame["p_value_adjusted"].to_list() == frame["p_value"].to_list()
    assert frame["p_value"].null_count() < frame.height


def test_a_metric_without_a_number_does_not_make_the_others_pay(tmp_path: Path) -> None:
    metrics = {
        "sales": {"type": "mean", "column": "revenue", "role": "goal"},
        "constant": {"type": "mean", "column": "rounds", "role": "goal"},
    }
    arms = [
        units_of("exp_1", key, revenue=[1.0, 2.0, 4.0 + int(key)] * 60, rounds=[1.0] * 180)
        for key in "01"
    ]
    frame = a_world(tmp_path, a_module(metrics), [an_experiment()], arms).rows()
    row = everyone(frame, "sales")
    assert row["p_value_adjusted"] == pytest.approx(row["p_value"])
    assert everyone(frame, "constant")["p_value_adjusted"] is None
