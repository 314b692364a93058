"""What stands above an experiment's numbers: the verdict, then how far and how sound it is.

What belongs here: those lines. What does not: the numbers (``blocks``).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from rich.text import Text

from ab_assets.health.finding import Finding, Status
from ab_assets.reporting.formatting import chance, plain_text
from ab_assets.reporting.headline import Headline

Row = Mapping[str, Any]
_STYLES = {Status.WARN: "yellow", Status.FAIL: "red"}
_MARKS = {Status.PASS: "✓", Status.WARN: "!", Status.FAIL: "✗"}
_DECISION_STYLES = {"ship": "bold green", "rollback": "bold red"}


def head_lines(headline: Headline, rows: pl.DataFrame, findings: Sequence[Finding]) -> list[Text]:
    """Every line above the numbers, the verdict first.

    Args:
        headline: What is said once of the experiment.
        rows: Its report rows.
        findings: Its health; none where it is not known.
    """
    return [
        Text.assemble(
            (plain_text(headline.name), "bold"),
            f"  {plain_text(headline.key)} · {headline.tag} · "
            f"as of the end of {headline.event_date}",
        ),
        *_verdict(headline),
        Text(
            f"{plain_text(headline.phase)}; {_users(rows):,} users, "
            f"{headline.crossovers:,} crossovers left out"
        ),
        *_progress(rows),
        *_health(findings),
    ]


def _verdict(headline: Headline) -> Iterator[Text]:
    if headline.distrust:
        yield Text(f"NOT TRUSTED: {plain_text(headline.distrust)}", style="bold red")
        return
    for item in headline.decisions:
        yield Text.assemble(
            f"{plain_text(item.variation)}: ",
            (item.decision.upper(), _DECISION_STYLES.get(item.decision, "bold")),
            f", {plain_text(item.reason)}",
        )


def _users(rows: pl.DataFrame) -> int:
    """How many were compared: of each variation the largest number any metric counts."""
    everyone = rows.filter(pl.col("dimension") == "")
    return int(everyone.group_by("variation_key").agg(pl.col("users").max())["users"].sum())


def _progress(rows: pl.DataFrame) -> Iterator[Text]:
    """Of each goal that has not the users it needs, how far it is."""
    goals = rows.filter(
        (pl.col("dimension") == "") & (pl.col("role") == "goal") & ~pl.col("is_control")
    )
    several = goals["variation_key"].n_unique() > 1
    for row in goals.iter_rows(named=True):
        needed = row["users_needed"]
        users = (row["users"] or 0) + (row["control_users"] or 0)
        if needed is None or users >= needed:
            continue
        whose = f" of {plain_text(row['variation_name'])}" if several else ""
        size = f"{users:,} of {math.ceil(needed):,} users of the planned size"
        told = f"{plain_text(row['metric_title'])}{whose}: {size} ({chance(users / needed)})"
        yield Text(told, style="dim")


def _health(findings: Sequence[Finding]) -> Iterator[Text]:
    if not findings:
        return
    counts = {status: _count(findings, status) for status in Status}
    told = f"{counts[Status.PASS]} of {len(findings)} checks pass"
    worst = next(status for status in reversed(Status) if counts[status])
    yield Text(f"{_MARKS[worst]} {told}", style=_STYLES.get(worst, ""))
    for status in (Status.FAIL, Status.WARN):
        for item in findings:
            if item.status is status:
                name = item.check.value.replace("_", " ")
                yield Text(
                    f"  {_MARKS[status]} {name}: {plain_text(item.message)}", _STYLES[status]
                )


def _count(findings: Iterable[Finding], status: Status) -> int:
    return sum(item.status is status for item in findings)
