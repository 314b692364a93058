"""A module with ``compat: growthbook`` shows the numbers a GrowthBook server shows.

The expected figures are those a GrowthBook 5.0.1 server gave for these counts, means and standard
deviations (571 units in the control, 856 in the treatment).
"""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.reporting.worlds import World, a_module, a_world, an_experiment, everyone, units_of

_PURCHASED, _REVENUE = "purchased", "revenue_per_user"
_METRICS = {
    _PURCHASED: {"type": "proportion", "column": "sessions", "direction": "up"},
    _REVENUE: {"type": "mean", "column": "revenue", "direction": "up"},
    "lost": {"type": "mean", "column": "revenue", "direction": "down"},
    "per_session": {"type": "ratio", "numerator": "revenue", "denominator": "sessions"},
}


def _values(size: int, mean: float, stddev: float, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(size)
    return mean + stddev * (drawn - drawn.mean()) / drawn.std(ddof=1)


def _world(folder: Path, compat: str | None) -> World:
    arms = [
        units_of(
            "exp_1",
            key,
            sessions=[1.0] * successes + [0.0] * (size - successes),
            revenue=_values(size, mean, stddev, seed),
        )
        for seed, (key, size, successes, mean, stddev) in enumerate(
            [
                ("0", 571, 68, 7.9859894921190895, 14.051527226475443),
                ("1", 856, 103, 8.311915887850468, 14.403772997343395),
            ]
        )
    ]
    return a_world(folder, a_module(_METRICS, compat=compat), [an_experiment()], arms)


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return _world(tmp_path_factory.mktemp("compat"), "growthbook").rows()


@pytest.mark.parametrize(
    ("metric", "uplift", "low", "high", "p_value"),
    [
        (
            _PURCHASED,
            0.010393760307861452,
            -0.2802342520018335,
            0.30102177261755636,
            0.9440748141702509,
        ),
        (
            _REVENUE,
            0.04081227455320548,
            -0.15214940536938676,
            0.23377395447579769,
            0.6782533712014864,
        ),
    ],
)
def test_uplift_interval_and_p_value_are_those_of_a_growthbook_server(  # noqa: PLR0917
    frame: pl.DataFrame, metric: str, uplift: float, low: float, high: float, p_value: float
) -> None:
    row = everyone(frame, metric)
    assert row["method"] == "growthbook relative t"
    assert row["rel_uplift"] == pytest.approx(uplift, rel=1e-9)
    assert row["rel_ci_low"] == pytest.approx(low, rel=1e-9)
    assert row["rel_ci_high"] == pytest.approx(high, rel=1e-9)
    assert row["p_value"] == pytest.approx(p_value, rel=1e-9)


def test_the_better_interval_stands_beside_them(frame: pl.DataFrame, tmp_path: Path) -> None:
    ours = everyone(_world(tmp_path, None).rows(), _REVENUE)
    compatible = everyone(frame, _REVENUE)
    assert compatible["abs_ci_low"] == pytest.approx(ours["abs_ci_low"], rel=1e-12)
    assert compatible["seq_p_value"] == pytest.approx(ours["seq_p_value"], rel=1e-12)
    assert compatible["rel_ci_low"] != pytest.approx(ours["rel_ci_low"], rel=1e-6)


def test_the_chance_to_win_of_a_metric_that_should_fall_is_turned_round(
    frame: pl.DataFrame,
) -> None:
    rising, falling = everyone(frame, _REVENUE), everyone(frame, "lost")
    assert falling["chance_to_win"] == pytest.approx(1 - rising["chance_to_win"])


def test_a_ratio_takes_its_conventions_too(frame: pl.DataFrame) -> None:
    row = everyone(frame, "per_session")
    assert row["method"] == "growthbook relative t"
    assert row["rel_ci_low"] < row["rel_uplift"] < row["rel_ci_high"]


def test_its_neutral_answer_is_no_answer_here(tmp_path: Path) -> None:
    arms = [units_of("exp_1", key, revenue=[2.0] * 200) for key in "01"]
    metrics = {"constant": {"type": "mean", "column": "revenue"}}
    module = a_module(metrics, compat="growthbook")
    row = everyone(a_world(tmp_path, module, [an_experiment()], arms).rows(), "constant")
    assert row["p_value"] is None
    assert row["chance_to_win"] is None
    assert "variance" in row["trust"]
