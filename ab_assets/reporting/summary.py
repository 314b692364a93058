"""A report as Markdown, for the materialisation's page in the UI.

What belongs here: every comparison over all users as a table. What does not: the few numbers that
matter (``experiment_card``), computing any.
"""

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.reporting.formatting import (
    chance,
    interval,
    markdown_code,
    markdown_table,
    markdown_text,
    p_value,
    quantity,
    share,
)
from ab_assets.reporting.headline import Headline, headline_of

_HEADER = (
    "metric",
    "role",
    "variation",
    "users",
    "control",
    "variation's mean",
    "uplift",
    "{confidence:g} % interval",
    "p",
    "p adjusted",
    "chance to win",
)


def report_markdown(day: TagDay, report: pl.DataFrame) -> str:
    """Every experiment of the day: trust and decisions, then each metric over all users."""
    if not day.experiments:
        return f"No experiment with the tag `{day.tag}` was in force on {day.event_date}."
    confidence = round(100 * (1 - day.module.engine.alpha), 6)
    header = [name.format(confidence=confidence) for name in _HEADER]
    return "\n\n".join(_experiment(item, report, header, day.zone) for item in day.experiments)


def _experiment(
    item: ExperimentDay, report: pl.DataFrame, header: list[str], zone: ZoneInfo
) -> str:
    rows = report.filter(pl.col("experiment_id") == item.experiment.id)
    headline = headline_of(rows, zone)
    compared = rows.filter((pl.col("dimension") == "") & ~pl.col("is_control"))
    table = markdown_table(header, (_line(row) for row in compared.iter_rows(named=True)))
    return "\n\n".join([*_head(headline), table])


def _head(headline: Headline) -> list[str]:
    title = f"### {markdown_text(headline.name)} ({markdown_code(headline.key)})"
    told = f"{markdown_text(headline.phase)}; {headline.crossovers:,} crossovers left out"
    if headline.distrust:
        return [title, told, f"**Not trusted: {markdown_text(headline.distrust)}**"]
    decisions = [
        f"- {markdown_text(item.variation)}: **{markdown_text(item.decision)}**, "
        f"{markdown_text(item.reason)}"
        for item in headline.decisions
    ]
    return [title, told, *(["\n".join(decisions)] if decisions else [])]


def _line(row: dict[str, Any]) -> list[str]:
    return [
        row["metric_title"],
        row["role"],
        row["variation_name"],
        f"{row['users']:,}",
        quantity(row["control_mean"], row["unit"]),
        quantity(row["mean"], row["unit"]),
        share(row["rel_uplift"]),
        interval(row["rel_ci_low"], row["rel_ci_high"]),
        p_value(row["p_value"]),
        p_value(row["p_value_adjusted"]),
        chance(row["chance_to_win"]),
    ]
