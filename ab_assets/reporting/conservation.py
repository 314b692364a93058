"""Conservation between health and report: the units counted are the units compared.

What belongs here: that comparison. What does not: the one between source and wide table
(:mod:`ab_assets.health.conservation`).
"""

from collections.abc import Iterable

import polars as pl

from ab_assets.health.finding import Check, Finding


def conservation_problems(report: pl.DataFrame, findings: Iterable[Finding]) -> list[str]:
    """What does not add up between the report's all-users rows and the units the health check saw.

    A metric without a window counts every compared unit; each must agree, in every variation. A
    windowed metric counts at most them.
    """
    everyone = report.filter(pl.col("dimension") == "")
    problems = []
    for finding in findings:
        if finding.check is not Check.CONSERVATION:
            continue
        wide = finding.detail["wide"]
        if not isinstance(wide, dict):
            continue
        own = everyone.filter(pl.col("experiment_id") == finding.experiment_id)
        most = dict(own.group_by("variation_key").agg(pl.col("users").max()).iter_rows())
        problems += [
            f"{own['experiment_key'][0]}: {most[key]:,} users of {key!r} in the report, "
            f"{wide.get(key, 0):,} units in the wide table"
            for key in sorted(most)
            if most[key] > wide.get(key, 0)
        ]
        lost = [key for key in sorted(wide) if key not in most]
        problems += [f"{finding.experiment_id}: variation {key!r} has no row" for key in lost]
    return problems
