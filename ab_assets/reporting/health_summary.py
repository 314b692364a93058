"""Findings as people read them in the UI.

What belongs here: the Markdown table of a partition's health. What does not: the checks.
"""

from collections.abc import Iterable

from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.finding import Finding, Status
from ab_assets.reporting.formatting import markdown_code, markdown_table, markdown_text

_MARKS = {Status.PASS: "✓", Status.WARN: "!", Status.FAIL: "✗"}


def health_in_short(day: TagDay, findings: Iterable[Finding]) -> str:
    """What did not pass, the worst first; how many checks passed."""
    names = {item.experiment.id: item.experiment.key for item in day.experiments}
    known = list(findings)
    bad = [item for item in known if item.status is not Status.PASS]
    bad.sort(key=lambda item: item.status is not Status.FAIL)
    lines = [
        f"- **{_MARKS[item.status]} {item.check.value}** "
        f"{markdown_code(names[item.experiment_id])}: {markdown_text(item.message)}"
        for item in bad
    ]
    passed = len(known) - len(bad)
    told = f"✓ {passed:,} of {len(known):,} checks passed"
    return "\n".join([*lines, f"- {told}"]) if lines else told


def health_markdown(day: TagDay, findings: Iterable[Finding]) -> str:
    """One line a finding."""
    names = {item.experiment.id: item.experiment.key for item in day.experiments}
    rows = [
        [_MARKS[item.status], names[item.experiment_id], item.check.value, item.message]
        for item in findings
    ]
    return markdown_table(["", "experiment", "check", "finding"], rows)
