"""All checks of all experiments of a tag on one day.

What belongs here: asking each check, in the order experiments and checks are shown. What does not:
fetching what they look at (``gathering``), writing the findings.
"""

from collections.abc import Iterable

import polars as pl

from ab_assets.analysis.tag_day import ExperimentDay, TagDay
from ab_assets.health.configuration import check_configuration, configurations_of
from ab_assets.health.conservation import check_conservation
from ab_assets.health.crossovers import check_crossovers, check_unknown_variations
from ab_assets.health.design import check_design, check_full_day
from ab_assets.health.enrolment import check_enrolment, enrolment_of
from ab_assets.health.event_join import check_event_join
from ab_assets.health.finding import Finding, Status
from ab_assets.health.gathering import Gathered, gather, rows_of
from ab_assets.health.metric_jump import check_metric_jump, earlier_totals
from ab_assets.health.metric_missing import check_metric_missing
from ab_assets.health.pre_exposure import check_covariate_coverage, check_pre_exposure_bias
from ab_assets.health.replay import check_replay
from ab_assets.health.sample_ratio import check_sample_ratio
from ab_assets.health.sample_ratio_by_dimension import (
    check_sample_ratio_by_dimension,
    segments_of,
)
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition


def check_experiments(
    warehouse: Warehouse, library: StatementLibrary, day: TagDay, wide: TableDefinition
) -> tuple[Finding, ...]:
    """Every finding of the day, in the order experiments and checks are shown."""
    if not day.experiments:
        return ()
    gathered = gather(warehouse, library, day, wide)
    return tuple(
        finding
        for item in day.experiments
        for part in (_of_assignment, _of_measures, _of_design)
        for finding in part(day, item, gathered)
    )


def _of_assignment(day: TagDay, item: ExperimentDay, gathered: Gathered) -> Iterable[Finding]:
    key, weights, limits = item.experiment.id, item.weights, day.module.health
    wide = gathered.assigned[key]
    segments = segments_of(
        gathered.segments.filter(pl.col("experiment_id") == key),
        day.module.dimensions,
        limits.sample_ratio_by_dimension.largest_values,
    )
    yield check_conservation(key, wide, gathered.source[key])
    whole = check_sample_ratio(key, wide, weights, limits.sample_ratio)
    yield whole
    yield check_sample_ratio_by_dimension(
        key,
        segments,
        weights,
        limits.sample_ratio_by_dimension,
        whole_fails=whole.status is Status.FAIL,
    )
    yield check_crossovers(key, wide, weights, limits.crossovers)
    yield check_unknown_variations(key, wide, limits.unknown_variations)


def _of_measures(day: TagDay, item: ExperimentDay, gathered: Gathered) -> Iterable[Finding]:
    key, limits = item.experiment.id, day.module.health
    found = gathered.arms.get(key, {})
    arms = {name: found[name] for name in item.weights if name in found}
    earlier = earlier_totals(rows_of(gathered.earlier, key), item)
    yield check_event_join(key, arms, limits.event_join)
    yield check_pre_exposure_bias(item, arms, limits.pre_exposure_bias)
    yield check_covariate_coverage(item, arms, limits.covariate_coverage)
    yield check_metric_missing(item, arms, limits.metric_missing)
    yield check_metric_jump(item, day.event_date, arms, earlier, limits.metric_jump)


def _of_design(day: TagDay, item: ExperimentDay, gathered: Gathered) -> Iterable[Finding]:
    key, limits = item.experiment.id, day.module.health
    enrolment = enrolment_of(rows_of(gathered.enrolment, key))
    configurations = configurations_of(rows_of(gathered.configurations, key), item)
    yield check_enrolment(item, day, enrolment, limits.enrolment)
    yield check_configuration(item, configurations, day.zone)
    yield check_full_day(item, limits.full_day)
    yield check_design(item)
    yield check_replay(item, gathered.exposed.filter(pl.col("experiment_id") == key))
