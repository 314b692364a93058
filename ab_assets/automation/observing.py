"""Everything that is wrong now, whoever asks.

What belongs here: bringing together what the health tables, Dagster's checks and its runs say. What
does not: each of these, who is told of it (``alerts``), and what a command shows.
"""

from collections.abc import Iterable
from dataclasses import replace

from dagster import DagsterInstance

from ab_assets.alerts.failed_runs import FailedRuns
from ab_assets.alerts.health_problems import read_health
from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.planning import Observation
from ab_assets.automation.standing_checks import standing_checks
from ab_assets.project import Project
from ab_assets.warehouse.interface import Warehouse


def observe(
    project: Project,
    warehouse: Warehouse,
    instance: DagsterInstance,
    runs: FailedRuns,
    tags: Iterable[str],
) -> Observation:
    """The problems of now.

    Args:
        project: Its modules, statements and addresses.
        warehouse: Where health is.
        instance: Where checks that belong to no experiment are kept.
        runs: Failures that are still open.
        tags: Whose health is looked at; checks and runs are looked at whole.
    """
    links = DagsterLinks(project.settings.dagster_url or "")
    with warehouse.session():
        health = read_health(warehouse, project.library, tags, links)
    standing = standing_checks(instance, project.catalogue, links)
    return replace(
        health,
        problems={**health.problems, **standing.problems, **runs.problems(links)},
        passing=health.passing | standing.passing,
    )
