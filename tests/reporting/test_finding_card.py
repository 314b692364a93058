"""One finding at a glance."""

from collections.abc import Mapping

import pytest

from ab_assets.health.assignment import Assignment
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.sample_ratio import check_sample_ratio
from ab_assets.health.sample_ratio_by_dimension import Segment, check_sample_ratio_by_dimension
from ab_assets.reporting.finding_card import bar, finding_markdown
from ab_assets.reporting.sparkline import sparkline


def card(detail: Mapping[str, object] | None = None, message: str = "told") -> list[str]:
    finding = Finding("exp_1", Check.DESIGN, Status.PASS, message, detail=detail or {})
    return finding_markdown(finding).splitlines()


def test_a_sample_ratio_shows_observed_beside_expected_with_its_p_value() -> None:
    finding = check_sample_ratio("exp_1", Assignment({"0": 600, "1": 400}), {"0": 1, "1": 1})
    assert finding_markdown(finding).splitlines() == [
        "**✗ fail** sample-ratio mismatch: 600 / 400 units where 500 / 500 were expected "
        "(p = 2.5e-10)",
        "",
        "value 2.54e-10, threshold 0.001, p 2.5e-10",
        "",
        "| key | observed | expected | weights |  |",
        "|---|---|---|---|---|",
        "| 0 | 600 | 500 | 1 | ████████████████████ |",
        "| 1 | 400 | 500 | 1 | █████████████▍ |",
    ]


def test_segments_are_a_table() -> None:
    segment = Segment("platform", "web|x", {"0": 60, "1": 40})
    finding = check_sample_ratio_by_dimension("exp_1", [segment], {"0": 1, "1": 1})
    assert finding_markdown(finding).splitlines()[-3:] == [
        "| segment | observed | expected | p |",
        "|---|---|---|---|",
        r"| platform=web\|x | 60 / 40 | 50 / 50 | 0.046 |",
    ]


def test_numbers_by_measure_and_arm_are_a_table_of_their_own() -> None:
    lines = card({"units_with_some": {"visits": {"0": 5, "1": 1234}, "amount": {"0": 1}}})
    assert lines[2:] == [
        "| units with some | 0 | 1 |",
        "|---|---|---|",
        "| visits | 5 | 1,234 |",
        "| amount | 1 | – |",
    ]


def test_days_are_a_line_of_small_bars() -> None:
    assert card({"units_by_day": {"2024-03-01": 10, "2024-03-02": 0, "2024-03-03": 5}})[-1] == (
        "units by day: `█▁▅` (0 … 10, last 5)"
    )
    assert card({"changes": [0.5, -0.5]})[-1] == "changes: `█▁` (-0.5 … 0.5, last -0.5)"


def test_what_is_kept_for_other_days_is_not_shown() -> None:
    assert card({"totals": {"visits": {"0": 5.0}}, "tests": 4, "measure": "visits"}) == [
        "**✓ pass** told"
    ]


def test_a_message_from_outside_stays_text() -> None:
    assert card(message="saw <b>x|y") == [r"**✓ pass** saw &lt;b&gt;x\|y"]


@pytest.mark.parametrize("value", [None, 0])
def test_what_is_not_there_has_no_bar(value: int | None) -> None:
    assert card({"observed": {"0": value}})[-1].endswith("|  |")


def test_bars_and_sparklines_survive_any_numbers() -> None:
    assert bar(5, 0) == bar(-1, 5) == ""
    assert bar(9, 5) == "█" * 20
    assert sparkline([]) == ""
