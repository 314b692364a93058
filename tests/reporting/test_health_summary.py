"""Findings as the UI shows them."""

from pathlib import Path

import pytest

from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.reporting.health_summary import health_in_short, health_markdown
from tests.reporting.worlds import a_module, a_world, an_experiment


@pytest.fixture
def day(tmp_path: Path) -> TagDay:
    metrics = {"sales": {"type": "mean", "column": "revenue"}}
    return a_world(tmp_path, a_module(metrics), [an_experiment()], []).day


@pytest.mark.parametrize(
    ("status", "mark"), [(Status.PASS, "✓"), (Status.WARN, "!"), (Status.FAIL, "✗")]
)
def test_each_finding_is_a_line_with_its_mark(day: TagDay, status: Status, mark: str) -> None:
    finding = Finding("exp_1", Check.CROSSOVERS, status, "3 of 900 units crossed over")
    line = health_markdown(day, [finding]).splitlines()[-1]
    assert line == f"| {mark} | key_exp_1 | crossovers | 3 of 900 units crossed over |"


def test_keys_from_outside_stay_in_their_cell(day: TagDay) -> None:
    message = "saw only '<b>x|y\n# z'"
    finding = Finding("exp_1", Check.UNKNOWN_VARIATIONS, Status.WARN, message)
    lines = health_markdown(day, [finding]).splitlines()
    assert len(lines) == 3
    assert lines[-1].endswith(r"| saw only '&lt;b&gt;x\|y \# z' |")


def test_without_findings_there_is_nothing(day: TagDay) -> None:
    assert health_markdown(day, []) == "nothing"


def test_in_short_the_worst_comes_first_and_the_rest_is_counted(day: TagDay) -> None:
    findings = [
        Finding("exp_1", Check.DESIGN, Status.PASS, "fine"),
        Finding("exp_1", Check.ENROLMENT, Status.WARN, "nobody *new*"),
        Finding("exp_1", Check.SAMPLE_RATIO, Status.FAIL, "mismatch"),
    ]
    assert health_in_short(day, findings).splitlines() == [
        "- **✗ sample_ratio** `key_exp_1`: mismatch",
        r"- **! enrolment** `key_exp_1`: nobody \*new\*",
        "- ✓ 1 of 3 checks passed",
    ]


def test_in_short_nothing_wrong_is_one_line(day: TagDay) -> None:
    findings = [Finding("exp_1", Check.DESIGN, Status.PASS, "fine")]
    assert health_in_short(day, findings) == "✓ 1 of 1 checks passed"
