"""What the reports say beside what was planted.

What belongs here: looking up each planted fact's decision, and the table of both. What does not:
planting (``truth.py``), deciding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from rich.markup import escape
from rich.table import Table

from ab_assets.demo.truth import PlantedTruth

_ABSENT = "no report"


@dataclass(frozen=True)
class Verdict:
    """One planted fact and what the report made of it.

    Attributes:
        found: The decisions of the arms concerned, or that there is no report.
        reason: The first decision's reason.
        agrees: Whether every decision is one the fact deserves.
    """

    truth: PlantedTruth
    found: str
    reason: str
    agrees: bool


def verdicts(truths: Iterable[PlantedTruth], reports: Mapping[str, pl.DataFrame]) -> list[Verdict]:
    """Each planted fact's verdict.

    Args:
        truths: What was planted.
        reports: The last day's report of each tag.
    """
    return [_verdict(truth, reports.get(truth.tag)) for truth in truths]


def verdict_table(found: Iterable[Verdict]) -> Table:
    """The verdicts beside the truth."""
    table = Table(title="What was planted, and what the reports decided", title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("experiment", no_wrap=True)
    table.add_column("planted, and decided")
    for item in found:
        truth = item.truth
        arm = f" · arm {truth.variation_key}" if truth.variation_key else ""
        reason = f": {escape(item.reason)}" if item.reason else ""
        table.add_row(
            "[green]✓[/]" if item.agrees else "[red]✗[/]",
            f"{escape(truth.experiment_key)}\n[dim]{escape(truth.tag + arm)}[/]",
            f"{truth.verdict}: {escape(truth.sentence)}\n→ [bold]{escape(item.found)}[/]{reason}",
            end_section=True,
        )
    return table


def _verdict(truth: PlantedTruth, report: pl.DataFrame | None) -> Verdict:
    rows = _rows(truth, report)
    if rows is None or rows.is_empty():
        return Verdict(truth, _ABSENT, "", truth.verdict == "absent")
    decisions = rows["decision"].unique(maintain_order=True).to_list()
    return Verdict(
        truth,
        ", ".join(decisions),
        rows["decision_reason"][0],
        all(decision in truth.expected_decisions for decision in decisions),
    )


def _rows(truth: PlantedTruth, report: pl.DataFrame | None) -> pl.DataFrame | None:
    if report is None:
        return None
    rows = report.filter(
        (pl.col("experiment_key") == truth.experiment_key)
        & (pl.col("dimension") == "")
        & ~pl.col("is_control")
    )
    if truth.variation_key:
        rows = rows.filter(pl.col("variation_key") == truth.variation_key)
    return rows
