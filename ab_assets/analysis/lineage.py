"""From which columns of which assets each column is made: the chain from source to dashboard.

What belongs here: that chain, read from the module files and the tables' definitions. What does
not: showing it (:mod:`ab_assets.assets.describing`), the statements themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlglot import exp

from ab_assets.analysis.columns import DIMENSIONS
from ab_assets.modules.expressions import read_column
from ab_assets.modules.measures import EVENTS_AFTER, Measure, measures_of
from ab_assets.modules.model import Module
from ab_assets.modules.variables import plan_variables
from ab_assets.warehouse.schema import fixed_table, report_columns

AssetPath = tuple[str, ...]

SOURCE_EXPOSURES: AssetPath = ("source", "exposures")
SOURCE_EVENTS: AssetPath = ("source", "events")
GROWTHBOOK_EXPERIMENTS: AssetPath = ("growthbook", "experiments")
EXPERIMENT_DATA: AssetPath = ("experiment_data",)


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A column that another one is made of."""

    asset: AssetPath
    column: str


Lineage = Mapping[str, tuple[ColumnSource, ...]]

_PHASE_COLUMNS = ("phase_index", "phase_name", "phase_start", "phase_end", "coverage", "reseeded")
_EXPERIMENT_COLUMNS = ("experiment_id", "experiment_key", "experiment_name")
_SEEN = ("variation_key", "variations_seen", "is_known")
_ASSIGNED = ("experiment_id", *_SEEN)
_DISTRUSTED = ("status", "distrust", "message")

# What report columns are made of besides the measures: of the wide table, of GrowthBook, of health.
_REPORT_OF_WIDE: Mapping[str, tuple[str, ...]] = {
    "tag": ("tag",),
    "event_date": ("event_date",),
    "experiment_id": ("experiment_id",),
    "experiment_key": ("experiment_key",),
    "phase_index": ("phase_index",),
    "variation_key": ("variation_key",),
    "control_key": ("variation_key",),
    "users": ("user_id", "first_exposed_at", *_SEEN),
    "control_users": ("user_id", "first_exposed_at", *_SEEN),
    "crossover_users": ("user_id", "variations_seen"),
    "users_needed": ("first_exposed_at",),
    "days_needed": ("first_exposed_at",),
}
_REPORT_OF_GROWTHBOOK: Mapping[str, tuple[str, ...]] = {
    "experiment_name": ("experiment_name",),
    "phase_name": ("phase_name",),
    "phase_start": ("phase_start",),
    "role": ("raw",),
    "variation_name": ("variations",),
    "is_control": ("variations",),
    "weight": ("weights",),
    "config_hash": ("config_hash",),
}
_REPORT_OF_HEALTH: Mapping[str, tuple[str, ...]] = {
    "srm_p_value": ("p_value",),
    "srm_seq_p_value": ("p_value",),
    "trust": _DISTRUSTED,
    "decision": _DISTRUSTED,
    "decision_reason": _DISTRUSTED,
}
# Made of the outcomes' sums alone; the other numbers of a comparison may be adjusted by covariates.
_OUTCOME_NUMBERS = ("mean", "control_mean", "stddev", "control_stddev", "cap_value")
_COMPARISON_NUMBERS = (
    "abs_diff",
    "abs_ci_low",
    "abs_ci_high",
    "rel_uplift",
    "rel_ci_low",
    "rel_ci_high",
    "statistic",
    "df",
    "p_value",
    "p_value_adjusted",
    "significant",
    "seq_ci_low",
    "seq_ci_high",
    "seq_p_value",
    "posterior_mean",
    "posterior_ci_low",
    "posterior_ci_high",
    "chance_to_win",
    "expected_loss",
    "incremental_total",
    "incremental_ci_low",
    "incremental_ci_high",
    "variance_reduction",
    "power",
    "mde",
    "users_needed",
    "days_needed",
    "decision",
    "decision_reason",
    "cuped_theta",
    "fcr_ci_low",
    "fcr_ci_high",
    "fcr_rel_ci_low",
    "fcr_rel_ci_high",
)


def wide_user_path(module: str) -> AssetPath:
    """The asset of a module's wide table."""
    return (module, "wide_user")


def health_path(module: str) -> AssetPath:
    """The asset of a module's health."""
    return (module, "health")


def report_user_path(module: str) -> AssetPath:
    """The asset of a module's report."""
    return (module, "report_user")


def columns_of(asset: AssetPath, *names: str) -> tuple[ColumnSource, ...]:
    """Columns of one asset as sources."""
    return tuple(ColumnSource(asset, name) for name in names)


def same_columns(assets: Iterable[AssetPath], columns: Iterable[str]) -> Lineage:
    """Columns that are taken over as they are, from any of these assets.

    Examples:
        >>> same_columns([("a",)], ["x"])
        {'x': (ColumnSource(asset=('a',), column='x'),)}
    """
    known = tuple(assets)
    return {name: tuple(ColumnSource(asset, name) for asset in known) for name in columns}


def experiment_data_lineage() -> Lineage:
    """The columns of ``experiment_data``, from the exposures and GrowthBook's configuration."""
    exposed = partial(columns_of, SOURCE_EXPOSURES)
    configured = partial(columns_of, GROWTHBOOK_EXPERIMENTS)
    return {
        "tag": configured("tags"),
        "event_date": exposed("exposed_at"),
        **same_columns([GROWTHBOOK_EXPERIMENTS], [*_EXPERIMENT_COLUMNS, *_PHASE_COLUMNS]),
        "config_hash": configured("config_hash"),
        "user_id": exposed("user_id"),
        "variation_key": exposed("variation_key"),
        "variation_id": configured("variations"),
        "variation_name": configured("variations"),
        "weight": configured("weights"),
        "is_control": configured("variations"),
        "is_known": (*exposed("variation_key"), *configured("variations")),
        "first_exposed_at": exposed("exposed_at"),
        "exposures": exposed("exposed_at"),
        **same_columns([SOURCE_EXPOSURES], DIMENSIONS),
    }


def wide_lineage(measures: Iterable[Measure]) -> Lineage:
    """The columns of a wide table: who was exposed, and each measure from the events its SQL reads.

    When an event counts depends on its time and the unit's first exposure, so every measure is made
    of both besides.
    """
    exposed = partial(columns_of, EXPERIMENT_DATA)
    taken_over = (
        "event_date",
        "experiment_id",
        "user_id",
        "tag",
        "experiment_key",
        "phase_index",
        "variation_key",
        "is_known",
        "first_exposed_at",
        "exposures",
        "config_hash",
        *DIMENSIONS,
    )
    return {
        **same_columns([EXPERIMENT_DATA], taken_over),
        "variation_key_lowest": exposed("variation_key"),
        "variation_key_highest": exposed("variation_key"),
        "variations_seen": exposed("variation_key"),
        "exposed_on": exposed("first_exposed_at"),
        "day_closed": exposed("event_date"),
        **{
            measure.name: (
                *columns_of(SOURCE_EVENTS, *events_read(measure)),
                *exposed("user_id", "first_exposed_at"),
            )
            for measure in measures
        },
    }


def events_read(measure: Measure) -> tuple[str, ...]:
    """The columns of the events that a measure reads, those that every measure reads last.

    Examples:
        >>> from ab_assets.modules.measures import Merge, Scope
        >>> clicks = "count_if(event_name = 'click')"
        >>> events_read(Measure("clicks", "clicks", clicks, Merge.SUM, Scope(), ""))
        ('event_name', 'user_id', 'event_time')
    """
    named = (column.name for column in read_column(measure.sql).find_all(exp.Column))
    own = sorted(set(named) - {"user_id", "event_time"})
    return (*own, "user_id", "event_time")


def health_lineage(module: str) -> Lineage:
    """The columns of health: what is counted is the wide table's, held against the source."""
    wide, configured = (
        partial(columns_of, wide_user_path(module)),
        partial(columns_of, GROWTHBOOK_EXPERIMENTS),
    )
    checked = (
        *wide(*_ASSIGNED, EVENTS_AFTER, "exposures"),
        *configured("weights", "variations"),
        *columns_of(SOURCE_EXPOSURES, "user_id", "experiment_key", "variation_key", "exposed_at"),
    )
    identity = ("tag", "event_date", "experiment_id", "experiment_key", "phase_index")
    numbers = ("status", "value", "threshold", "p_value", "detail", "message", "distrust")
    return {
        **same_columns([wide_user_path(module)], identity),
        "experiment_name": configured("experiment_name"),
        "dimension_value": wide(*DIMENSIONS),
        **dict.fromkeys(numbers, checked),
    }


def report_lineage(module: Module) -> Lineage:
    """The columns of a module's reports, from its wide tables, its health and GrowthBook."""
    metrics = tuple(module.metrics.values())
    plan = plan_variables(metrics)
    positions = tuple(plan.of_metric.values())
    outcomes = {plan.variables[i].measure for item in positions for i in item.outcomes}
    covariates = {plan.variables[i].measure for item in positions for i in item.covariates}
    ordered = [measure.name for measure in measures_of(module, metrics)]
    wide = partial(columns_of, wide_user_path(module.module))
    made: dict[str, tuple[ColumnSource, ...]] = {
        name: (
            *wide(*_REPORT_OF_WIDE.get(name, ())),
            *columns_of(GROWTHBOOK_EXPERIMENTS, *_REPORT_OF_GROWTHBOOK.get(name, ())),
            *columns_of(health_path(module.module), *_REPORT_OF_HEALTH.get(name, ())),
        )
        for name in (column.name for column in report_columns())
    }
    of_outcomes = wide(*(name for name in ordered if name in outcomes))
    of_both = wide(*(name for name in ordered if name in outcomes | covariates))
    for name in _OUTCOME_NUMBERS:
        made[name] += of_outcomes
    for name in _COMPARISON_NUMBERS:
        made[name] += of_both
    made["dimension_value"] = wide(*module.dimensions)
    return {name: sources for name, sources in made.items() if sources}


_PLAN_OF_REPORT: Mapping[str, tuple[str, ...]] = {
    "tag": ("tag",),
    "module": ("module",),
    "metric": ("metric",),
    "metric_title": ("metric_title",),
    "metric_type": ("metric_type",),
    "unit": ("unit",),
    "role": ("role",),
    "experiment_key": ("experiment_key",),
    "event_date": ("event_date",),
    "baseline": ("mean",),
    "stddev": ("stddev",),
    "variance_reduction": ("variance_reduction",),
}
_PLANNED = (
    "mde",
    "mde_cuped",
    "mde_always_valid",
    "mde_group_sequential",
    "power",
    "users_needed",
    "days_needed",
)


def plan_lineage(module: str) -> Lineage:
    """The columns of a plan: what its newest report saw, and who came on which day."""
    report, wide = report_user_path(module), wide_user_path(module)
    traffic = columns_of(wide, "exposed_on", "user_id")
    seen = columns_of(report, "mean", "stddev", "variance_reduction")
    return {
        **{name: columns_of(report, *read) for name, read in _PLAN_OF_REPORT.items()},
        "users_a_day": traffic,
        "users": traffic,
        **dict.fromkeys(_PLANNED, (*seen, *traffic)),
    }


def shown_health_lineage(modules: Iterable[str]) -> Lineage:
    """The columns of the dashboard's health table: those of the modules' health."""
    table = fixed_table("flow_report_app.tbl_experiment_health")
    return same_columns([health_path(name) for name in modules], table.column_names)


def dashboard_lineage(modules: Iterable[Module]) -> Lineage:
    """The columns of the dashboard table: those of the modules' reports."""
    reports = [report_user_path(module.module) for module in modules]
    return same_columns(reports, (column.name for column in report_columns()))
