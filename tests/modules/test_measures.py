"""Measures: which columns a wide table needs, and what they are called."""

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.modules.measures import (
    EVENTS_AFTER,
    EVENTS_BEFORE,
    Scope,
    ScopeKind,
    measures_of,
    scope_of,
)
from tests.modules.builders import a_metric, a_module


def names(*metrics: dict[str, object]) -> list[str]:
    """The measures a module's metrics ask for, without the counts every wide table has."""
    found = measures_of(a_module(), [a_metric(**said) for said in metrics])
    return [item.name for item in found if item.name not in {EVENTS_AFTER, EVENTS_BEFORE}]


def test_every_column_since_exposure_is_a_measure_whether_a_metric_asks_or_not() -> None:
    assert names() == ["visits", "amount"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"window": {"hours": 72}}, "visits_within_3d"),
        ({"window": {"days": 3}}, "visits_within_3d"),
        ({"window": {"hours": 36}}, "visits_within_36h"),
        ({"delay": {"hours": 12}}, "visits_after_12h"),
        ({"delay": {"hours": 24}, "window": {"days": 7}}, "visits_after_1d_within_7d"),
        ({"lookback": {"hours": 72}}, "visits_last_3d"),
        ({"delay": {"hours": 1}, "lookback": {"days": 1}}, "visits_after_1h_last_1d"),
        ({"type": "retention", "day": 7}, "visits_day_7"),
        ({"type": "retention", "day": 0}, "visits_day_0"),
        ({"cuped": {"days": 14}}, "visits_before_14d"),
        ({"type": "proportion", "window": {"days": 1}}, "visits_within_1d"),
    ],
)
def test_a_metric_adds_its_window_under_a_name_that_says_it(
    said: dict[str, object], name: str
) -> None:
    assert names(said) == ["visits", "amount", name]


def test_all_events_since_exposure_are_counted_whatever_the_module_asks_for() -> None:
    (first, *_) = measures_of(a_module(), [])
    assert (first.name, first.sql, first.merge, first.scope) == (
        EVENTS_AFTER,
        "count(*)",
        "sum",
        Scope(),
    )


def test_all_events_before_exposure_are_counted_over_the_days_of_the_longest_covariate() -> None:
    metrics = [a_metric(cuped={"days": 7}), a_metric(column="amount", cuped={"days": 14})]
    counts = [item for item in measures_of(a_module(), metrics) if item.name == EVENTS_BEFORE]
    assert [item.scope for item in counts] == [Scope(ScopeKind.BEFORE_EXPOSURE, days=14)]


def test_without_a_covariate_nothing_is_counted_before_exposure() -> None:
    assert EVENTS_BEFORE not in {item.name for item in measures_of(a_module(), [a_metric()])}


def test_a_ratio_adds_its_window_of_both_columns() -> None:
    said = {
        "type": "ratio",
        "column": None,
        "numerator": "amount",
        "denominator": "visits",
        "window": {"days": 1},
    }
    assert names(said) == ["visits", "amount", "visits_within_1d", "amount_within_1d"]


def test_metrics_share_a_measure() -> None:
    assert names({"window": {"days": 1}}, {"type": "proportion", "window": {"hours": 24}}) == [
        "visits",
        "amount",
        "visits_within_1d",
    ]


def test_the_covariate_of_a_windowed_metric_has_no_window() -> None:
    assert names({"window": {"days": 1}, "cuped": {"days": 7}}) == [
        "visits",
        "amount",
        "visits_before_7d",
        "visits_within_1d",
    ]


def test_the_order_of_the_metrics_changes_nothing() -> None:
    one, other = {"window": {"days": 1}}, {"type": "retention", "day": 3}
    assert names(one, other) == names(other, one)


def test_a_measure_knows_its_column_its_merge_and_its_scope() -> None:
    (*_, measure) = measures_of(a_module(), [a_metric(window={"days": 1})])
    assert (measure.column, measure.merge, measure.is_covariate) == ("visits", "sum", False)
    assert measure.sql == "count_if(event_name = 'visit')"
    assert measure.scope == Scope(ScopeKind.WINDOW, hours=24)


def test_a_metric_without_options_counts_since_exposure() -> None:
    assert scope_of(a_metric()) == Scope()


def test_a_column_that_is_named_like_a_window_of_another_is_refused() -> None:
    module = a_module(columns={"visits": "count(*)", "visits_within_1d": "count(*)"})
    with pytest.raises(
        ConfigurationError,
        match=r"columns\.visits_within_1d: .*a window of 'visits'; rename the column",
    ):
        measures_of(module, [a_metric(window={"days": 1})])


@pytest.mark.parametrize(
    "name",
    ["user_id", "exposures", "country", "tag", "window_end", "is_new", EVENTS_AFTER, EVENTS_BEFORE],
)
def test_a_column_that_is_named_like_a_column_of_every_wide_table_is_refused(name: str) -> None:
    module = a_module(columns={"visits": "count(*)", name: "count(*)"})
    with pytest.raises(ConfigurationError, match=rf"columns\.{name}: every wide table already has"):
        measures_of(module, [])
