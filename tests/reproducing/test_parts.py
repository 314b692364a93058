"""Which columns can be had from one metric's rows, and why the others cannot."""

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.modules.engine import Correction
from ab_assets.reproducing.parts import DEFAULT, REPRODUCIBLE, columns_of, pieces_for
from ab_assets.warehouse.schema import report_columns

_NUMBERS = [
    column.name
    for column in report_columns()
    if column.type == "DOUBLE" and column.name != "weight"
]


def test_an_interval_stands_for_its_ends_and_nothing_comes_twice() -> None:
    assert columns_of(["seq_ci", "seq_ci_low"], "holm") == ("seq_ci_low", "seq_ci_high")
    assert columns_of(DEFAULT, "holm") == DEFAULT


@pytest.mark.parametrize(
    ("column", "correction", "told"),
    [
        ("p_value_adjusted", "holm", "Holm's step-down .* the p-values of all its goals"),
        ("p_value_adjusted", "benjamini_yekutieli", "Benjamini and Yekutieli"),
        ("p_value_adjusted", "none", "p_value itself"),
        ("significant", "bonferroni", "Bonferroni"),
        ("fcr_ci_low", "holm", "after selecting the significant ones"),
        ("posterior_mean", "holm", "comes from a posterior"),
        ("chance_to_win", "holm", "comes from a posterior"),
        ("users_needed", "holm", "ab-assets plan"),
        ("srm_p_value", "holm", "how the units of all variations were split"),
        ("decision", "holm", "is decided from"),
        ("colour", "holm", "what can: users, control_users"),
    ],
)
def test_what_cannot_be_had_is_refused_with_where_it_comes_from(
    column: str, correction: Correction, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        columns_of([column], correction)


@pytest.mark.parametrize("column", sorted(set(_NUMBERS) - set(REPRODUCIBLE)))
def test_every_number_of_a_report_is_computed_or_has_a_reason_of_its_own(column: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        columns_of([column], "holm")
    assert "what can" not in str(refused.value)


def test_only_what_is_asked_for_is_computed() -> None:
    pieces = pieces_for(["p_value"], is_ratio=False, adjusted=False, exact=False)
    assert pieces == ["mean", "units", "plain", "difference", "welch"]
