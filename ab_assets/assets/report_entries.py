"""What the page of a report's partition shows: verdicts first, then pictures, then every number.

What belongs here: the metadata entries and their order. What does not: their texts
(:mod:`ab_assets.reporting`).
"""

from itertools import chain
from typing import TYPE_CHECKING, Any

import dagster as dg

from ab_assets.analysis.tag_day import TagDay
from ab_assets.assets.describing import numbered
from ab_assets.deferred import deferred
from ab_assets.reporting.decision import NOT_TRUSTED

if TYPE_CHECKING:
    import polars as pl

    from ab_assets.reporting.experiment_card import experiment_card
    from ab_assets.reporting.summary import report_markdown
else:
    experiment_card = deferred("ab_assets.reporting.experiment_card:experiment_card")
    report_markdown = deferred("ab_assets.reporting.summary:report_markdown")
    pl = deferred("polars")


def report_entries(day: TagDay, frame: "pl.DataFrame") -> dict[str, Any]:
    """The entries of one materialisation.

    The UI shows short Markdown in place and hides long Markdown behind a click, so each experiment
    has short entries of its own. It plots whole numbers over the partitions.

    Args:
        day: The tag on its day.
        frame: Its report.
    """
    if not day.experiments:
        return {"experiments": 0}
    cards = [
        experiment_card(rows, day.zone)
        for item in day.experiments
        if (rows := frame.filter(pl.col("experiment_id") == item.experiment.id)).height
    ]
    verdicts = numbered("verdict", [card.verdict for card in cards])
    effects = numbered("effects", [card.effects for card in cards])
    beside_each_other = chain.from_iterable(zip(verdicts.items(), effects.items(), strict=True))
    return {
        **dict(beside_each_other),
        "every number": dg.MetadataValue.md(report_markdown(day, frame)),
        **_counts(frame),
    }


def _counts(frame: "pl.DataFrame") -> dict[str, int]:
    compared = frame.filter((pl.col("dimension") == "") & ~pl.col("is_control"))
    distrusted = compared.filter(pl.col("decision_reason").str.starts_with(NOT_TRUSTED))
    goals = compared.filter((pl.col("role") == "goal") & pl.col("significant"))
    return {
        "experiments": frame["experiment_id"].n_unique(),
        "not_trusted": distrusted["experiment_id"].n_unique(),
        "significant_goals": goals.height,
    }
