"""Conservation between health and report: the units counted are the units compared.

What belongs here: that comparison. What does not: the one between source and wide table
(:mod:`ab_assets.health.conservation`).
"""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from ab_assets.analysis.tag_day import TagDay
from ab_assets.health.finding import Check, Finding
from ab_assets.modules.variables import EligibilityKind, eligibility_of


def conservation_problems(
    report: pl.DataFrame, findings: Iterable[Finding], day: TagDay | None = None
) -> list[str]:
    """What does not add up between the report and the units the health check saw.

    Over all users a metric without a window counts every compared unit: each must agree, in every
    variation. A windowed metric counts at most them. The values of a dimension add up to all users.

    Args:
        report: The rows of one partition.
        findings: Its health.
        day: Says which metrics have a window; without it only too many units are noticed.
    """
    counted = {
        finding.experiment_id: finding.detail.get("wide")
        for finding in findings
        if finding.check is Check.CONSERVATION
    }
    problems = []
    for (_, experiment_id), own in report.group_by(
        "experiment_key", "experiment_id", maintain_order=True
    ):
        wide = counted.get(str(experiment_id))
        if isinstance(wide, Mapping):
            complete = _complete_metrics(day, str(experiment_id))
            problems += list(_against_wide(own, wide, complete))
        else:
            problems.append(f"{own['experiment_key'][0]}: health has not counted its units")
        problems += list(_against_segments(own))
    missing = sorted(set(counted) - set(report["experiment_id"]))
    return problems + [f"{experiment_id}: no row in the report" for experiment_id in missing]


def _complete_metrics(day: TagDay | None, experiment_id: str) -> set[str]:
    """The metrics that count every compared unit."""
    items = [] if day is None else day.experiments
    return {
        name
        for item in items
        if item.experiment.id == experiment_id
        for name, metric in item.metrics.items()
        if eligibility_of(metric).kind is EligibilityKind.EVERYONE
    }


def _against_wide(own: pl.DataFrame, wide: Mapping[str, int], complete: set[str]) -> Iterator[str]:
    key = own["experiment_key"][0]
    everyone = own.filter(pl.col("dimension") == "")
    wrong: dict[str, int] = {}
    for row in everyone.iter_rows(named=True):
        have, expected = row["users"], wide.get(row["variation_key"], 0)
        if have > expected or (have < expected and row["metric"] in complete):
            wrong.setdefault(row["variation_key"], have)
    for variation, have in sorted(wrong.items()):
        yield (
            f"{key}: {have:,} users of {variation!r} in the report, "
            f"{wide.get(variation, 0):,} units in the wide table"
        )
    for variation in sorted(set(wide) - set(everyone["variation_key"])):
        yield f"{key}: variation {variation!r} has no row"


def _against_segments(own: pl.DataFrame) -> Iterator[str]:
    sizes = own.group_by("metric", "variation_key", "dimension").agg(pl.col("users").sum())
    everyone = sizes.filter(pl.col("dimension") == "").drop("dimension")
    joined = sizes.filter(pl.col("dimension") != "").join(
        everyone, on=["metric", "variation_key"], suffix="_of_all"
    )
    broken = joined.filter(pl.col("users") != pl.col("users_of_all"))
    for row in broken.sort("dimension", "variation_key", "metric").iter_rows(named=True):
        yield (
            f"{own['experiment_key'][0]}: {row['metric']} of {row['variation_key']!r} has "
            f"{row['users']:,} users by {row['dimension']}, {row['users_of_all']:,} in all"
        )
