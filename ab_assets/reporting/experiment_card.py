"""One experiment at a glance: the verdict first, its goals, and a picture of the effects.

What belongs here: choosing the few numbers an experiment's page in the UI opens with. What does
not: every number (``summary``), computing any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.reporting.formatting import (
    markdown_code,
    markdown_table,
    markdown_text,
    p_value,
    quantity,
    signed_quantity,
)
from ab_assets.reporting.headline import Headline, headline_of
from ab_assets.reporting.text_forest_plot import Effect, text_forest_plot

# Dagster's UI shows shorter Markdown in place, longer only after a click.
SHOWN_IN_PLACE = 1000
_HEADER = ("goal", "variation", "control", "mean", "difference", "p")
_MARKS = {"goal": "★ ", "guardrail": "◆ "}
_PLOTTED = ("goal", "guardrail")
_LEGEND = (
    "Relative to the control, with intervals (◄ ► go on). ★ goal, ◆ guardrail, \\* significant "
    "after the correction."
)


@dataclass(frozen=True, slots=True)
class ExperimentCard:
    """The two entries of one experiment on a partition's page.

    Attributes:
        verdict: What was decided, of whom, and the goals' numbers; Markdown.
        effects: The forest plot of goals and guardrails; Markdown.
    """

    key: str
    verdict: str
    effects: str


def experiment_card(rows: pl.DataFrame, zone: ZoneInfo) -> ExperimentCard:
    """Reads the card from the rows of one experiment.

    Args:
        rows: Its report rows; at least one.
        zone: Times are told in it.
    """
    headline = headline_of(rows, zone)
    everyone = rows.filter(pl.col("dimension") == "")
    compared = everyone.filter(~pl.col("is_control"))
    goals = compared.filter(pl.col("role") == "goal")
    parts = [
        *_verdict(headline),
        f"{_named(headline)}, {_units(everyone):,} units, "
        f"{headline.crossovers:,} crossovers left out",
        _table(goals) if goals.height else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    return ExperimentCard(headline.key, text, _effects(compared))


def _verdict(headline: Headline) -> Iterator[str]:
    if headline.distrust:
        yield f"**NOT TRUSTED** {markdown_text(headline.distrust)}"
        return
    for item in headline.decisions:
        yield (
            f"**{markdown_text(item.decision.upper())}** {markdown_text(item.variation)}: "
            f"{markdown_text(item.reason)}"
        )


def _named(headline: Headline) -> str:
    return (
        f"{markdown_text(headline.name)} ({markdown_code(headline.key)}), "
        f"{markdown_text(headline.phase)}"
    )


def _units(everyone: pl.DataFrame) -> int:
    """How many were compared: of each variation the largest number any metric counts."""
    largest = everyone.group_by("variation_key").agg(pl.col("users").max())
    return int(largest["users"].sum())


def _table(goals: pl.DataFrame) -> str:
    """The goals; which variation a line is about is said only where there are several."""
    several = goals["variation_key"].n_unique() > 1
    header = [name for name in _HEADER if several or name != "variation"]
    return markdown_table(header, (_goal(row, header) for row in goals.iter_rows(named=True)))


def _goal(row: dict[str, Any], header: list[str]) -> list[str]:
    unit = row["unit"]
    mark = "*" if row["significant"] else ""
    cells = {
        "goal": row["metric_title"],
        "variation": row["variation_name"],
        "control": _unbroken(quantity(row["control_mean"], unit)),
        "mean": _unbroken(quantity(row["mean"], unit)),
        "difference": _unbroken(signed_quantity(row["abs_diff"], unit) + mark),
        "p": _unbroken(p_value(row["p_value_adjusted"])),
    }
    return [cells[name] for name in header]


def _unbroken(text: str) -> str:
    """A number that stays on one line: neither its unit nor its exponent goes on the next."""
    return text.replace(" ", "\u00a0").replace("-", "\u2011")


def _effects(compared: pl.DataFrame) -> str:
    several = compared["variation_key"].n_unique() > 1
    effects = [
        Effect(
            f"{_MARKS[role]}{row['metric_title']}",
            row["rel_ci_low"],
            row["rel_uplift"],
            row["rel_ci_high"],
            is_significant=bool(row["significant"]),
            group=row["variation_name"] if several else "",
        )
        for _, rows in compared.group_by("variation_key", maintain_order=True)
        for role in _PLOTTED
        for row in rows.filter(pl.col("role") == role).iter_rows(named=True)
    ]
    if not effects:
        return "nothing to compare"
    return f"```\n{text_forest_plot(effects)}\n```\n\n{_LEGEND}"
