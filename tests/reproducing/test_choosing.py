"""Which row is doubted, and what is said when there is none."""

from typing import Any

import polars as pl
import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.reproducing.choosing import Question, find_row, reported_columns

ROW: dict[str, Any] = {
    "experiment_key": "button",
    "experiment_id": "exp_1",
    "metric": "sales",
    "dimension": "",
    "dimension_value": "",
    "variation_key": "1",
    "variation_name": "Blue",
    "is_control": False,
    "method": "welch-t",
    "trust": "ok",
    "users": 10,
    "control_users": 12,
    "mean": 2.0,
    "control_mean": 1.0,
    "abs_diff": 1.0,
    "abs_ci_low": 0.5,
    "abs_ci_high": 1.5,
    "rel_uplift": 1.0,
    "rel_ci_low": None,
    "rel_ci_high": None,
    "p_value": 0.01,
    "cap_value": None,
    "cuped_theta": None,
    "statistic": None,
}
ROWS = [
    ROW | {"variation_key": "0", "variation_name": "Grey", "is_control": True},
    ROW,
    ROW | {"variation_key": "2", "variation_name": "Red"},
    ROW | {"dimension": "country", "dimension_value": "US"},
    ROW | {"experiment_key": "twin", "experiment_id": "exp_2"},
    ROW | {"experiment_key": "twin", "experiment_id": "exp_3"},
]
REPORT = pl.DataFrame(ROWS)


def test_the_first_variation_after_the_control_is_the_default() -> None:
    assert find_row(REPORT, Question("button", "sales"))["variation_key"] == "1"


def test_an_experiment_may_be_named_by_its_id() -> None:
    assert find_row(REPORT, Question("exp_3", "sales"))["experiment_id"] == "exp_3"


def test_a_segment_and_a_variation_can_be_chosen() -> None:
    assert find_row(REPORT, Question("button", "sales", "2"))["variation_name"] == "Red"
    found = find_row(REPORT, Question("button", "sales", dimension="country=US"))
    assert found["dimension_value"] == "US"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Question("buton", "sales"), "--experiment 'buton' .* did you mean 'button'"),
        (Question("x\x1b[2J", "sales"), "--experiment 'x .2J' .* experiments of this report"),
        (Question("twin", "sales"), "several have this key; their ids are: exp_2, exp_3"),
        (Question("button", "sale"), "--metric 'sale' .* did you mean 'sales'"),
        (Question("button", "sales", "7"), r"--variation '7' .* 0 \(Grey\), 1 \(Blue\)"),
        (Question("button", "sales", dimension="US"), "write it like country=US"),
        (Question("button", "sales", dimension="land=US"), "dimensions of this report: country"),
        (Question("button", "sales", dimension="country=FR"), "values of this report: US"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(question: Question, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        find_row(REPORT, question)


def test_by_default_columns_without_a_number_are_left_out_with_the_reason() -> None:
    row = ROW | {"trust": "the interval is unbounded"}
    found = reported_columns(row, ())
    assert "rel_ci_low" not in found.values
    assert found.values["p_value"] == 0.01
    told = "rel_ci_low, rel_ci_high: is NULL in the report: the interval is unbounded"
    assert found.notes == (told,)


@pytest.mark.parametrize(
    ("changes", "column", "told"),
    [
        ({}, "rel_ci_low", "is NULL in the report: no reason is given"),
        ({}, "cap_value", "the metric is not capped"),
        ({}, "cuped_theta", "the comparison is not adjusted"),
        ({"method": "fisher-exact"}, "statistic", "an exact test has none"),
        (
            {"method": "growthbook relative t"},
            "p_value",
            "GrowthBook's t-test of the relative effect",
        ),
        ({"method": "growthbook relative t"}, "rel_uplift", "GrowthBook's relative effect"),
        ({"is_control": True}, "p_value", "the control is compared with nobody"),
        ({"users": 0, "trust": "no unit is counted yet"}, "users", "no unit is counted yet"),
    ],
)
def test_a_column_that_has_no_number_is_refused_with_the_reason(
    changes: dict[str, object], column: str, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        reported_columns(ROW | changes, (column,))


def test_of_the_control_its_own_numbers_are_computed() -> None:
    assert set(reported_columns(ROW | {"is_control": True}, ()).values) == {"users", "mean"}
