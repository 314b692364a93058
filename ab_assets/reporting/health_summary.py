"""Findings as people read them in the UI.

What belongs here: the Markdown table of a partition's health. What does not: the checks.
"""

from collections.abc import Iterable

from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.finding import Finding, Status
from ab_assets.reporting.formatting import markdown_table

_MARKS = {Status.PASS: "✓", Status.WARN: "!", Status.FAIL: "✗"}


def health_markdown(day: TagDay, findings: Iterable[Finding]) -> str:
    """One line a finding."""
    names = {item.experiment.id: item.experiment.key for item in day.experiments}
    rows = [
        [_MARKS[item.status], names[item.experiment_id], item.check.value, item.message]
        for item in findings
    ]
    return markdown_table(["", "experiment", "check", "finding"], rows)
